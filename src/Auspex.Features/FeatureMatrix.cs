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
        int columns = plan.Definition.Columns.Count;
        var values = new double[checked((long)history.Count * columns)];
        var features = new AssetFeatures(plan, history.Facts);
        foreach (AssetEvent happened in history.Events)
        {
            features.Add(happened);
        }

        var frame = new double[history.Values.Length];
        for (int row = 0; row < history.Count; row++)
        {
            for (int signal = 0; signal < frame.Length; signal++)
            {
                frame[signal] = history.Values[signal][row];
            }

            features.Next(history.TimesUnixMs[row], frame, values.AsSpan(row * columns, columns));
        }

        return new FeatureMatrix(history.Asset, history.TimesUnixMs, values, columns);
    }

    /// <summary>Runs many histories, in parallel over the assets; the result is the same for any number of threads.</summary>
    /// <param name="plan">The features to make.</param>
    /// <param name="histories">The histories; the result keeps their order.</param>
    /// <param name="threads">Threads to use, at least 1.</param>
    /// <param name="made">Told how many are made, never by two threads at once.</param>
    /// <param name="ct">Stops between two assets.</param>
    public static FeatureMatrix[] OfAll(
        FeaturePlan plan, IReadOnlyList<AssetHistory> histories, int threads, Action<int> made, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(made);
        var matrices = new FeatureMatrix[histories.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        var oneAtATime = new Lock();
        int count = 0;
        Parallel.For(0, histories.Count, options, i =>
        {
            matrices[i] = Of(plan, histories[i]);
            lock (oneAtATime)
            {
                made(++count);
            }
        });
        return matrices;
    }
}
