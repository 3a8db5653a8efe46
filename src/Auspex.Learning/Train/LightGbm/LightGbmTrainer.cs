using Auspex.Core.Predictions;
using Auspex.Native.LightGbm;

namespace Auspex.Learning.Train.LightGbm;

/// <summary>What one output of a model was trained to.</summary>
/// <param name="ModelText">LightGBM's own text of the final booster.</param>
/// <param name="Iterations">Trees of it: the count with the lowest held-out loss, or fewer where no more could be grown.</param>
/// <param name="HeldOutScores">Raw score of each row by the fold model that did not see it.</param>
/// <param name="HeldOutLoss">Lowest loss of the fold models, over all held-out rows: log loss, or root mean square error.</param>
public sealed record TrainedTarget(string ModelText, int Iterations, double[] HeldOutScores, double HeldOutLoss);

/// <summary>Gradient-boosted trees by LightGBM: the number of trees is found on folds that grow side by side, then one booster is grown on
/// all rows.</summary>
public static class LightGbmTrainer
{
    // How far a target is when its folds are grown: about that share of the time, for the progress bar only.
    private const double FoldsShare = 0.85;

    /// <summary>Trains one target.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="target">Which labels of the table.</param>
    /// <param name="task">Failure trains a probability, remaining useful life a number.</param>
    /// <param name="folds">Held-out parts of the rows.</param>
    /// <param name="maxIterations">Most trees.</param>
    /// <param name="options">Seed, threads, patience.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="ct">Looked at between iterations; nothing is left behind.</param>
    public static TrainedTarget Train(TrainingTable table, int target, PredictionTask task, Folds folds, int maxIterations,
        TrainingOptions options, Action<LearningProgress> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        LightGbmParameters parameters = Parameters(task, options);
        (int iterations, double[] heldOut, double loss) = FoldGrowth.Run(
            table, target, task, folds, maxIterations, parameters, options,
            (share, detail) => progress(new LearningProgress("train", share * FoldsShare, detail)), ct);

        using LightGbmDataset all = LightGbmDataset.Create(
            table.Values, table.Rows, table.Columns, table.Labels[target], [], table.FeatureNames, parameters);
        using var booster = LightGbmBooster.Create(all, parameters);
        for (int i = 0; i < iterations; i++)
        {
            ct.ThrowIfCancellationRequested();
            bool isFinished = booster.Update();
            progress(new LearningProgress("train", FoldsShare + ((1 - FoldsShare) * (isFinished ? iterations : i + 1) / iterations), "on all rows"));
            if (isFinished)
            {
                break;
            }
        }

        // No booster grows on when nothing can be split any more; a constant counts as one tree.
        return new TrainedTarget(booster.SaveModelText(), Math.Clamp(booster.Iterations, 1, iterations), heldOut, loss);
    }

    /// <summary>The parameters of a task. Few columns a tree, fewer rows, larger leaves and an L2 penalty, against the defaults of the training
    /// request: with a dozen failures, single rows must not be learned by heart. Chosen on held-out rows of training sides only
    /// (<c>docs/decisions/0008-trainer-defaults.md</c>).</summary>
    public static LightGbmParameters Parameters(PredictionTask task, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new LightGbmParameters
        {
            Objective = task == PredictionTask.Failure ? LightGbmObjective.Binary : LightGbmObjective.Regression,
            Metric = task == PredictionTask.Failure ? LightGbmMetric.LogLoss : LightGbmMetric.RootMeanSquareError,
            LearningRate = TrainingOptions.LearningRate(task),
            FeatureFraction = 0.4,
            BaggingFraction = 0.7,
            MinDataInLeaf = 30,
            LambdaL2 = 5,
            Seed = options.Seed,
            Threads = options.Threads,
        };
    }

    /// <summary>The same by LightGBM's own names, without the number of threads: it changes no tree, and without it the same training is
    /// described alike on every machine.</summary>
    public static IEnumerable<(string Name, string Value)> ParametersByName(PredictionTask task, TrainingOptions options) =>
        Parameters(task, options).ToParameterText().Split(' ')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair[0] != "num_threads")
            .Select(pair => (pair[0], pair[1]));
}
