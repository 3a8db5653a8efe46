using Auspex.Core.Assets;

namespace Auspex.Features;

/// <summary>The features of a whole history, one row a frame.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event times of the rows, strictly increasing.</param>
/// <param name="Values">rows x columns, row-major.</param>
/// <param name="Columns">Number of columns.</param>
public sealed record FeatureMatrix(AssetId Asset, long[] TimesUnixMs, double[] Values, int Columns)
{
    /// <summary>Number of rows.</summary>
    public int Rows => TimesUnixMs.Length;

    /// <summary>One row.</summary>
    public ReadOnlySpan<double> Row(int row) => Values.AsSpan(row * Columns, Columns);

    /// <summary>Runs one asset's history through <see cref="AssetFeatures"/>, frame by frame, as live does.</summary>
    public static FeatureMatrix Of(FeaturePlan plan, AssetHistory history)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(history);
        return history.Count == 0
            ? new FeatureMatrix(history.Asset, [], [], plan.Definition.Columns.Count)
            : InBlocks(plan, history, [.. Enumerable.Range(0, history.Count)], history.Count).Single();
    }

    /// <summary>Runs one asset's history and gives some of its rows, block by block: a long history as features need not fit into memory.</summary>
    /// <param name="plan">The features to make.</param>
    /// <param name="history">The history; it is run through from its first frame whatever rows are wanted.</param>
    /// <param name="rows">Rows wanted, strictly ascending.</param>
    /// <param name="most">Most rows of a block, at least 1.</param>
    /// <returns>The rows in their order. Blocks share their arrays: one is gone when the next is asked for.</returns>
    /// <exception cref="ArgumentException">The history has no such row, or the order is not ascending.</exception>
    public static IEnumerable<FeatureMatrix> InBlocks(FeaturePlan plan, AssetHistory history, IReadOnlyList<int> rows, int most)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Blocks();

        IEnumerable<FeatureMatrix> Blocks()
        {
            int columns = plan.Definition.Columns.Count;
            var features = new AssetFeatures(plan, history.Facts);
            foreach (AssetEvent happened in history.Events)
            {
                features.Add(happened);
            }

            var frame = new double[history.Values.Length];
            var unwanted = new double[columns];
            var times = new long[Math.Min(most, rows.Count)];
            var values = new double[checked((long)times.Length * columns)];
            int next = 0;
            int filled = 0;
            for (int row = 0; row < history.Count && next < rows.Count; row++)
            {
                for (int signal = 0; signal < frame.Length; signal++)
                {
                    frame[signal] = history.Values[signal][row];
                }

                bool isWanted = rows[next] == row;
                features.Next(history.TimesUnixMs[row], frame, isWanted ? values.AsSpan(filled * columns, columns) : unwanted);
                if (!isWanted)
                {
                    continue;
                }

                times[filled++] = history.TimesUnixMs[row];
                next++;
                if (filled == times.Length)
                {
                    yield return new FeatureMatrix(history.Asset, times, values, columns);
                    filled = 0;
                }
            }

            if (next < rows.Count)
            {
                throw new ArgumentException(
                    $"rows must be strictly ascending, from 0 to {history.Count - 1}; entry {next} is {rows[next]}{(next > 0 ? $" after {rows[next - 1]}" : "")}.",
                    nameof(rows));
            }

            if (filled > 0)
            {
                yield return new FeatureMatrix(history.Asset, times[..filled], values[..(filled * columns)], columns);
            }
        }
    }
}
