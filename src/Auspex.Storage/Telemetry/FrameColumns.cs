using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames of one asset in columns, by time, each time once.</summary>
/// <param name="Times">n times, milliseconds since 1970, rising.</param>
/// <param name="Arrived">n arrivals, milliseconds since 1970.</param>
/// <param name="Signals">m names: those asked for in their order, or all that occur.</param>
/// <param name="Values">m columns of n values; NaN where there is none.</param>
/// <param name="Qualities">m columns of n qualities; a column is null where all are good.</param>
/// <param name="More">Whether frames of the range are left behind the last one.</param>
public sealed record FrameColumns(long[] Times, long[] Arrived, string[] Signals, double[][] Values, Quality[]?[] Qualities, bool More)
{
    /// <summary>Joins blocks that may overlap: a frame that stands in two is taken once, and of several at one time the last that arrived.</summary>
    internal static FrameColumns Join(IReadOnlyList<ChunkColumns> blocks, IReadOnlyList<string>? asked, long fromMs, long toMs, int most, bool more)
    {
        string[] signals = asked is null ? [.. blocks.SelectMany(block => block.Signals).Distinct(StringComparer.Ordinal)] : [.. asked];
        List<(ChunkColumns Block, int From, int Count)> parts = [];
        int n = 0;
        bool rising = true;
        long last = long.MinValue;
        foreach (ChunkColumns block in blocks)
        {
            int from = LowerBound(block.Times, fromMs);
            int count = LowerBound(block.Times, toMs) - from;
            for (int i = from; i < from + count; i++)
            {
                rising &= block.Times[i] > last;
                last = block.Times[i];
            }

            n += count;
            parts.Add((block, from, count));
        }

        long[] times = Copy(parts, n, block => block.Times);
        long[] arrived = Copy(parts, n, block => block.Arrived);
        double[][] values = [.. signals.Select(signal => CopyValues(parts, n, signal))];
        Quality[]?[] qualities = [.. signals.Select(signal => CopyQualities(parts, n, signal))];
        if (!rising)
        {
            int[] kept = LastOfEach(times, Copy(parts, n, block => block.Orders));
            times = Pick(times, kept);
            arrived = Pick(arrived, kept);
            values = [.. values.Select(column => Pick(column, kept))];
            qualities = [.. qualities.Select(column => column is null ? null : Pick(column, kept))];
        }

        return times.Length <= most
            ? new FrameColumns(times, arrived, signals, values, qualities, more)
            : new FrameColumns(
                times[..most], arrived[..most], signals, [.. values.Select(column => column[..most])], [.. qualities.Select(column => column?[..most])], More: true);
    }

    /// <summary>Index of the first time that is not before one.</summary>
    internal static int LowerBound(ReadOnlySpan<long> times, long time)
    {
        int low = 0;
        int high = times.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = times[middle] < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int[] LastOfEach(long[] times, long[] orders)
    {
        int[] rows = [.. Enumerable.Range(0, times.Length)];
        Array.Sort(rows, (x, y) => times[x] != times[y] ? times[x].CompareTo(times[y]) : orders[x].CompareTo(orders[y]));
        return [.. rows.Where((row, i) => i + 1 == rows.Length || times[rows[i + 1]] != times[row])];
    }

    private static T[] Pick<T>(T[] column, int[] rows) => Array.ConvertAll(rows, row => column[row]);

    private static long[] Copy(List<(ChunkColumns Block, int From, int Count)> parts, int n, Func<ChunkColumns, long[]> column)
    {
        long[] all = GC.AllocateUninitializedArray<long>(n);
        int at = 0;
        foreach ((ChunkColumns block, int from, int count) in parts)
        {
            column(block).AsSpan(from, count).CopyTo(all.AsSpan(at));
            at += count;
        }

        return all;
    }

    private static double[] CopyValues(List<(ChunkColumns Block, int From, int Count)> parts, int n, string signal)
    {
        double[] all = GC.AllocateUninitializedArray<double>(n);
        int at = 0;
        foreach ((ChunkColumns block, int from, int count) in parts)
        {
            int column = Array.IndexOf(block.Signals, signal);
            if (column < 0)
            {
                all.AsSpan(at, count).Fill(double.NaN);
            }
            else
            {
                block.Values[column].AsSpan(from, count).CopyTo(all.AsSpan(at));
            }

            at += count;
        }

        return all;
    }

    private static Quality[]? CopyQualities(List<(ChunkColumns Block, int From, int Count)> parts, int n, string signal)
    {
        if (parts.TrueForAll(part => Array.IndexOf(part.Block.Signals, signal) is >= 0 and var column && part.Block.Qualities[column] is null))
        {
            return null;
        }

        var all = new Quality[n];
        int at = 0;
        foreach ((ChunkColumns block, int from, int count) in parts)
        {
            int column = Array.IndexOf(block.Signals, signal);
            if (column < 0)
            {
                all.AsSpan(at, count).Fill(Quality.Absent);
            }
            else
            {
                block.Qualities[column]?.AsSpan(from, count).CopyTo(all.AsSpan(at));
            }

            at += count;
        }

        return all;
    }
}
