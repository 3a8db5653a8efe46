using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>Gives the frames of one partition in the order of their arrival, each commit's once it is durable, to the one who judges them. What it has not passed stays in journal and
/// memory. Not for use from several threads.</summary>
public sealed class JournalReader
{
    private readonly OrganizationTelemetry _telemetry;
    private long _given;

    internal JournalReader(OrganizationTelemetry telemetry, int part, long passed)
    {
        (_telemetry, Part, _given, Passed) = (telemetry, part, passed, passed);
    }

    /// <summary>Which partition.</summary>
    public int Part { get; }

    /// <summary>Sequence of the last journal row whose effects are stored.</summary>
    public long Passed { get; private set; }

    /// <summary>Sequence of the last committed row, passed or not.</summary>
    public long Committed => _telemetry.SequenceOf(Part);

    /// <summary>Waits for the next committed row.</summary>
    public async ValueTask<ArrivedFrames> NextAsync(CancellationToken ct)
    {
        JournalBlock block = await _telemetry.NextBlockAsync(Part, _given, ct).ConfigureAwait(false);
        _given = block.Sequence;
        return new ArrivedFrames(block);
    }

    /// <summary>The next committed row, where there is one already.</summary>
    public bool TryNext(out ArrivedFrames rows)
    {
        if (_telemetry.BlockAfter(Part, _given) is not { } block)
        {
            rows = default;
            return false;
        }

        _given = block.Sequence;
        rows = new ArrivedFrames(block);
        return true;
    }

    /// <summary>Says that what follows from all rows up to one is stored: they may be packed.</summary>
    /// <param name="sequence">Of a row that was given.</param>
    public void Pass(long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence, _given);
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, Passed);
        Passed = sequence;
        _telemetry.Passed(Part, sequence);
    }
}

/// <summary>Frames of one journal row.</summary>
public readonly struct ArrivedFrames
{
    private readonly JournalBlock _block;

    internal ArrivedFrames(JournalBlock block) => _block = block;

    /// <summary>The row's sequence.</summary>
    public long Sequence => _block.Sequence;

    /// <summary>How many.</summary>
    public int Count => _block.Frames;

    /// <summary>Assets they are of, each once; <see cref="ArrivedFrame.Asset"/> is an index into it.</summary>
    public IReadOnlyList<AssetId> Assets => _block.Assets;

    /// <summary>The frames in arrival order.</summary>
    public FrameEnumerator GetEnumerator() => new(_block);
}

/// <summary>A frame as it stands in its row.</summary>
/// <param name="asset">Index of its asset.</param>
/// <param name="order">Its place in the order of arrival of its partition.</param>
/// <param name="frame">Time, values and qualities.</param>
public readonly ref struct ArrivedFrame(int asset, long order, FrameView frame)
{
    /// <summary>Index of its asset.</summary>
    public int Asset { get; } = asset;

    /// <summary>Its place in the order of arrival of its partition.</summary>
    public long Order { get; } = order;

    /// <summary>Time, values and qualities.</summary>
    public FrameView Frame { get; } = frame;
}

/// <summary>Walks the frames of a journal row.</summary>
public ref struct FrameEnumerator
{
    private readonly JournalBlock _block;
    private BodyReader _rows;
    private long _time;
    private int _index = -1;
    private int _asset;
    private int _place;

    internal FrameEnumerator(JournalBlock block)
    {
        _block = block;
        _rows = block.Rows();
    }

    /// <summary>The present frame.</summary>
    public readonly ArrivedFrame Current => new(_asset, StoredFrame.OrderOf(_block.Sequence, _index), _block.At(_place, _time));

    internal readonly (int Asset, int Index, long TimeMs, int Place) Row => (_asset, _index, _time, _place);

    /// <summary>Goes to the next frame.</summary>
    public bool MoveNext()
    {
        if (_index + 1 >= _block.Frames)
        {
            return false;
        }

        _index++;
        (_asset, _place) = _block.Skip(ref _rows, ref _time);
        return true;
    }
}
