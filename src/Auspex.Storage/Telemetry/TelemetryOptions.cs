namespace Auspex.Storage.Telemetry;

/// <summary>How much telemetry is held in memory, and how it is packed.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Values of one organization that wait to be packed before packing begins by itself. A value takes about 12 bytes of memory.</summary>
    public long PackAtValues { get; init; } = 2_000_000;

    /// <summary>Values of one organization that may wait at most; beyond it an append waits until they are packed.</summary>
    public long MostUnpackedValues { get; init; } = 8_000_000;

    /// <summary>Bytes of a partition's frames that may wait to be judged, where they are; beyond it measured frames are refused.</summary>
    public long MostUnjudgedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Frames of a full chunk; 2 to 32,768. An asset with less than an eighth of it is packed into segments, together with others.</summary>
    public int ChunkFrames { get; init; } = 2_048;

    /// <summary>Segments of one size that are merged into a larger one; 2 to 64.</summary>
    public int SegmentsAMerge { get; init; } = 8;
}
