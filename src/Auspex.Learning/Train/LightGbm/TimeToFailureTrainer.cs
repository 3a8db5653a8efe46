using System.Globalization;
using Auspex.Native.LightGbm;

namespace Auspex.Learning.Train.LightGbm;

/// <summary>How long until the failure, if one comes within the horizon: the median, in minutes, taught on the rows that a failure followed.</summary>
public static class TimeToFailureTrainer
{
    // Few rows teach it, so its trees are small and its steps long.
    private const double LearningRate = 0.1;
    private const int LeavesAtMost = 15;

    /// <summary>Trains a bag on the same folds as the probabilities.</summary>
    /// <param name="table">Rows within the horizon before a failure; one label, minutes to it.</param>
    /// <param name="folds">The folds of these rows; none is without rows.</param>
    /// <param name="mostPerMember">Most trees of a member.</param>
    /// <param name="options">Seed and threads.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="ct">Looked at between iterations.</param>
    public static FoldBag Train(TrainingTable table, Folds folds, int mostPerMember, TrainingOptions options, Action<LearningProgress> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        Hyperparameters chosen = options.Hyperparameters ?? new Hyperparameters();
        var parameters = new LightGbmParameters
        {
            Objective = LightGbmObjective.Quantile,
            Alpha = 0.5,
            Metric = LightGbmMetric.PinballLoss,
            NumLeaves = Math.Min(LeavesAtMost, chosen.NumLeaves),
            MaxDepth = chosen.MaxDepth,
            LearningRate = LearningRate,
            FeatureFraction = chosen.FeatureFraction,
            BaggingFraction = chosen.BaggingFraction,
            BaggingFreq = chosen.BaggingFreq,
            MinDataInLeaf = Math.Min(chosen.MinDataInLeaf, Math.Max(1, table.Rows / 10)),
            LambdaL2 = chosen.LambdaL2,
            Seed = options.Seed,
            Threads = options.Threads,
        };
        using LightGbmDataset binned = FoldGrowth.Bin(table, parameters);
        return FoldGrowth.Run(binned, table, table.Labels[0], folds, mostPerMember, parameters, options,
            (share, detail) => progress(new LearningProgress("train", share, "time to failure: " + detail)), ct);
    }

    /// <summary>Rows that a failure followed, with the minutes to it.</summary>
    /// <param name="table">All rows.</param>
    /// <param name="minutes">Minutes to the next failure of each row; NaN where none is known.</param>
    /// <param name="horizonMinutes">Rows farther from it do not teach.</param>
    public static (int[] Rows, TrainingTable Table) RowsBefore(TrainingTable table, double[] minutes, double horizonMinutes)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(minutes);
        if (minutes.Length != table.Rows)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{minutes.Length} times for {table.Rows} rows."), nameof(minutes));
        }

        int[] rows = [.. Enumerable.Range(0, table.Rows).Where(row => minutes[row] <= horizonMinutes)];
        return (rows, new TrainingTable(
            table.FeatureNames, table.Take(rows), [.. rows.Select(row => table.Assets[row])], [.. rows.Select(row => table.TimesUnixMs[row])],
            [[.. rows.Select(row => (float)minutes[row])]])
        {
            Weights = table.Weights.Length == 0 ? [] : [.. rows.Select(row => table.Weights[row])],
        });
    }
}
