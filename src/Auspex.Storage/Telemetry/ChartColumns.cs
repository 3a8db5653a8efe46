using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>A picture of frames: buckets of equal length, each with the extremes of its values.</summary>
/// <param name="Times">n starts of buckets, milliseconds since 1970.</param>
/// <param name="BucketMs">Length of a bucket.</param>
/// <param name="Signals">m names.</param>
/// <param name="Least">m columns of n least values; NaN where the bucket has none.</param>
/// <param name="Greatest">m columns of n greatest values; NaN where the bucket has none.</param>
/// <param name="Counts">m columns of how many values a bucket has, NaN not counted.</param>
/// <param name="Worst">m columns of the worst quality a bucket has; Absent where it holds no frame with the signal.</param>
public sealed record ChartColumns(
    long[] Times, long BucketMs, string[] Signals, double[][] Least, double[][] Greatest, int[][] Counts, Quality[][] Worst);

/// <summary>Gathers frames into buckets.</summary>
internal sealed class ChartBuilder
{
    private const int MostPoints = 100_000;

    private readonly long _fromMs;
    private readonly long _bucketMs;
    private readonly int _points;
    private readonly Dictionary<string, Column> _columns = new(StringComparer.Ordinal);

    internal ChartBuilder(long fromMs, long toMs, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, MostPoints);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(toMs, fromMs);
        _fromMs = fromMs;
        _bucketMs = (toMs - fromMs + points - 1) / points;
        _points = (int)((toMs - fromMs + _bucketMs - 1) / _bucketMs);
    }

    internal void Add(FrameColumns frames)
    {
        for (int signal = 0; signal < frames.Signals.Length; signal++)
        {
            if (!_columns.TryGetValue(frames.Signals[signal], out Column? column))
            {
                _columns.Add(frames.Signals[signal], column = new Column(_points));
            }

            for (int i = 0; i < frames.Times.Length; i++)
            {
                column.Add((int)((frames.Times[i] - _fromMs) / _bucketMs), frames.Values[signal][i], frames.Qualities[signal]?[i] ?? Quality.Good);
            }
        }
    }

    internal ChartColumns Columns()
    {
        Column[] columns = [.. _columns.Values];
        return new ChartColumns(
            [.. Enumerable.Range(0, _points).Select(i => _fromMs + (i * _bucketMs))],
            _bucketMs,
            [.. _columns.Keys],
            Array.ConvertAll(columns, column => column.Least),
            Array.ConvertAll(columns, column => column.Greatest),
            Array.ConvertAll(columns, column => column.Counts),
            Array.ConvertAll(columns, column => column.Worst));
    }

    private sealed class Column
    {
        internal Column(int points)
        {
            Least = new double[points];
            Greatest = new double[points];
            Counts = new int[points];
            Worst = new Quality[points];
            Array.Fill(Least, double.NaN);
            Array.Fill(Greatest, double.NaN);
            Array.Fill(Worst, Quality.Absent);
        }

        internal double[] Least { get; }

        internal double[] Greatest { get; }

        internal int[] Counts { get; }

        internal Quality[] Worst { get; }

        internal void Add(int bucket, double value, Quality quality)
        {
            if (quality == Quality.Absent)
            {
                return;
            }

            Worst[bucket] = Worst[bucket] == Quality.Absent || quality > Worst[bucket] ? quality : Worst[bucket];
            if (double.IsNaN(value))
            {
                return;
            }

            Least[bucket] = Counts[bucket] == 0 ? value : Math.Min(Least[bucket], value);
            Greatest[bucket] = Counts[bucket] == 0 ? value : Math.Max(Greatest[bucket], value);
            Counts[bucket]++;
        }
    }
}
