using Auspex.Core.Assets;

namespace Auspex.Learning.Datasets;

/// <summary>The frames of one asset while files are read: columns that grow.</summary>
internal sealed class AssetFrames
{
    private readonly IReadOnlyList<string> _labelComponents;
    private readonly long[] _failedSince; // by label; -1 while not failed
    private readonly long[] _failedUntil;
    private readonly bool[] _isTold; // by label: rows have said something of it
    private readonly List<FailedSpan> _spans = [];
    private long[] _times = new long[8];
    private float[]? _weights; // null while every row counts for one

    /// <param name="labelComponents">Component of each row label; empty for the whole asset.</param>
    internal AssetFrames(string name, DatasetPart part, int signals, int facts, IReadOnlyList<string> labelComponents)
    {
        Asset = new AssetId(name);
        Part = part;
        Values = [.. Enumerable.Range(0, signals).Select(_ => new double[_times.Length])];
        Facts = [.. Enumerable.Repeat(double.NaN, facts)];
        _labelComponents = labelComponents;
        _failedSince = [.. Enumerable.Repeat(-1L, labelComponents.Count)];
        _failedUntil = new long[labelComponents.Count];
        _isTold = new bool[labelComponents.Count];
    }

    internal AssetId Asset { get; }

    internal DatasetPart Part { get; }

    internal bool EndsInFailure { get; set; }

    /// <summary>Index of the entry of <see cref="DatasetDescription.Frames"/> last read into this.</summary>
    internal int Entry { get; set; } = -1;

    /// <summary>Rows met, good and bad.</summary>
    internal long RowsSeen { get; set; }

    /// <summary>Latest time of a row, also of one set aside for another cell: where the file ends for this asset.</summary>
    internal long EndUnixMs { get; set; } = long.MinValue;

    internal int Count { get; private set; }

    internal long LastUnixMs => Count == 0 ? long.MinValue : _times[Count - 1];

    /// <summary>[signal][row]; longer than <see cref="Count"/> until <see cref="Trim"/>.</summary>
    internal double[][] Values { get; }

    internal double[] Facts { get; }

    /// <summary>How many rows each counts for, as long as the columns are; empty where all count for one.</summary>
    internal float[] Weights => _weights ?? [];

    internal List<AssetEvent> Events { get; } = [];

    /// <summary>Failed spans in order of their starts; whole after <see cref="Trim"/>.</summary>
    internal IReadOnlyList<FailedSpan> Spans => _spans;

    /// <param name="values">One for each signal.</param>
    /// <param name="facts">One for each fact; the first that is not NaN stays.</param>
    /// <param name="labels">One for each row label: 0, 1 or NaN for "not said", which changes nothing.</param>
    /// <param name="weight">How many rows it counts for.</param>
    internal void Add(long timeUnixMs, ReadOnlySpan<double> values, ReadOnlySpan<double> facts, ReadOnlySpan<double> labels, float weight)
    {
        if (Count == _times.Length)
        {
            Resize(2 * Count);
        }

        if (weight != 1 && _weights is null)
        {
            _weights = new float[_times.Length];
            Array.Fill(_weights, 1);
        }

        if (_weights is not null)
        {
            _weights[Count] = weight;
        }

        _times[Count] = timeUnixMs;
        for (int i = 0; i < values.Length; i++)
        {
            Values[i][Count] = values[i];
        }

        Count++;
        for (int i = 0; i < facts.Length; i++)
        {
            if (double.IsNaN(Facts[i]))
            {
                Facts[i] = facts[i];
            }
        }

        for (int i = 0; i < labels.Length; i++)
        {
            _isTold[i] |= !double.IsNaN(labels[i]);
            if (labels[i] == 1)
            {
                _failedSince[i] = _failedSince[i] < 0 ? timeUnixMs : _failedSince[i];
                _failedUntil[i] = timeUnixMs;
            }
            else if (labels[i] == 0)
            {
                EndSpan(i);
            }
        }
    }

    /// <summary>Takes labels that hold for the whole asset, where its rows say nothing of their own.</summary>
    /// <param name="labels">As in <see cref="Add"/>.</param>
    internal void FailThroughout(ReadOnlySpan<double> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == 1 && !_isTold[i])
            {
                (_failedSince[i], _failedUntil[i]) = (_times[0], LastUnixMs);
            }
        }
    }

    /// <summary>Ends the growing: columns are as long as <see cref="Count"/>, each failed span is a failure event.</summary>
    internal long[] Trim()
    {
        Resize(Count);
        for (int i = 0; i < _failedSince.Length; i++)
        {
            EndSpan(i);
        }

        _spans.Sort((a, b) =>
            a.StartUnixMs != b.StartUnixMs ? a.StartUnixMs.CompareTo(b.StartUnixMs) : string.CompareOrdinal(a.Component, b.Component));
        Events.AddRange(_spans.Select(s => new AssetEvent(Asset, s.StartUnixMs, AssetEventKind.Failure, s.Component)));
        return _times;
    }

    private void EndSpan(int label)
    {
        if (_failedSince[label] >= 0)
        {
            _spans.Add(new FailedSpan(_labelComponents[label], _failedSince[label], _failedUntil[label]));
            _failedSince[label] = -1;
        }
    }

    private void Resize(int length)
    {
        if (length == _times.Length)
        {
            return;
        }

        Array.Resize(ref _times, length);
        if (_weights is not null)
        {
            Array.Resize(ref _weights, length);
        }

        for (int i = 0; i < Values.Length; i++)
        {
            Array.Resize(ref Values[i], length);
        }
    }
}
