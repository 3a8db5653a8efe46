using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>Which side of the split an asset's file was given to by the description.</summary>
public enum DatasetPart
{
    /// <summary>Not said: the split is made by time or by assets.</summary>
    Unassigned,

    /// <summary>Training only.</summary>
    Train,

    /// <summary>Test only.</summary>
    Test,
}

/// <summary>One asset of a data set.</summary>
/// <param name="History">Frames, facts and events. A failure known from a label file lies after the last frame.</param>
/// <param name="Part">The side of the split its file was given to.</param>
public sealed record DatasetAsset(AssetHistory History, DatasetPart Part)
{
    /// <summary>Spans in which a row label was true, in order of their starts; each start is also a failure event of the history.
    /// Empty when the description has no row labels.</summary>
    public IReadOnlyList<FailedSpan> FailedSpans { get; init; } = [];

    /// <summary>How many rows each frame counts for in training; empty where all count for one.</summary>
    public float[] Weights { get; init; } = [];
}

/// <summary>A span in which an asset, or a component of it, was failed: its frames in it are neither taught nor judged.</summary>
/// <param name="Component">The component; empty for the whole asset.</param>
/// <param name="StartUnixMs">Time of the first failed frame.</param>
/// <param name="EndUnixMs">Time of the last failed frame, itself failed.</param>
public readonly record struct FailedSpan(string Component, long StartUnixMs, long EndUnixMs)
{
    /// <summary>Both ends count.</summary>
    public bool Contains(long timeUnixMs) => timeUnixMs >= StartUnixMs && timeUnixMs <= EndUnixMs;

    /// <summary>The same spans, of any component and in any order, to be asked many times.</summary>
    public static FailedPeriods Join(AssetId asset, IEnumerable<FailedSpan> spans) =>
        new(spans.Select(span => new FailureEpisode(asset, span.Component, span.StartUnixMs, span.EndUnixMs)));
}

/// <summary>A described data set, read: what training, evaluation and scoring start from.</summary>
/// <param name="Description">The description it was read by.</param>
/// <param name="Schema">Signals, facts, components and error codes, in the order of all value arrays.</param>
/// <param name="Assets">Assets in ordinal order of their names.</param>
/// <param name="SamplingPeriod">Median time between two frames of an asset (the lower one of an even number). Zero when no asset has two frames.</param>
/// <param name="Report">What was read, and which rows were set aside and why.</param>
public sealed record Dataset(
    DatasetDescription Description,
    AssetSchema Schema,
    IReadOnlyList<DatasetAsset> Assets,
    TimeSpan SamplingPeriod,
    DatasetReadReport Report);
