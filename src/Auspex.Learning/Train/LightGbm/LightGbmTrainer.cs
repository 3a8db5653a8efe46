using Auspex.Core.Predictions;
using Auspex.Native.LightGbm;

namespace Auspex.Learning.Train.LightGbm;

/// <summary>What one output of a model was trained to: the mean of one booster a fold.</summary>
/// <param name="Bag">The boosters that are kept, with what they said of the rows they had not seen.</param>
/// <param name="LearningRate">Step of their trees.</param>
/// <param name="FreeIterations">Trees a fold would have wanted without the live budget.</param>
/// <param name="FreeHeldOutLoss">Lowest held-out loss without the live budget: what the budget cost is the difference to the bag's own.</param>
/// <param name="FreeHeldOutScores">Held-out raw scores without the live budget; those of the bag where it costs nothing.</param>
public sealed record TrainedTarget(FoldBag Bag, double LearningRate, int FreeIterations, double FreeHeldOutLoss, double[] FreeHeldOutScores)
{
    /// <summary>LightGBM's own text of each member.</summary>
    public IReadOnlyList<string> ModelTexts => Bag.ModelTexts;

    /// <summary>Trees of each member.</summary>
    public int Iterations => Bag.Iterations;

    /// <summary>Raw score of each row by the member that did not see it.</summary>
    public double[] HeldOutScores => Bag.HeldOutScores;

    /// <summary>Loss over all held-out rows: log loss, or root mean square error.</summary>
    public double HeldOutLoss => Bag.HeldOutLoss;
}

/// <summary>Gradient-boosted trees by LightGBM: one booster a fold, all stopped where the loss over all held-out rows is lowest, their mean the
/// model. What does not fit the live budget is grown once more with fewer trees and longer steps.</summary>
public static class LightGbmTrainer
{
    /// <summary>Longest step that fewer trees are made up for with.</summary>
    public const double LongestStep = 0.25;

    // Trees an output below which the mean of five members is a worse model than that of two with more.
    private const int FewestTrees = 50;

    /// <summary>Trains all targets.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="task">Failure trains probabilities, remaining useful life a number.</param>
    /// <param name="folds">Held-out parts of the rows.</param>
    /// <param name="names">What each target is called, for the progress; empty where there is only one.</param>
    /// <param name="options">Seed, threads, patience, budget.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="ct">Looked at between iterations; nothing is left behind.</param>
    public static TrainedTarget[] Train(TrainingTable table, PredictionTask task, Folds folds, IReadOnlyList<string> names,
        TrainingOptions options, Action<LearningProgress> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        LightGbmParameters parameters = Parameters(task, options, table);
        ct.ThrowIfCancellationRequested();
        using LightGbmDataset binned = FoldGrowth.Bin(table, parameters);
        bool exclusive = table.Classes.Length > 0;
        int targets = exclusive ? 1 : table.Labels.Length;
        int runs = options.LiveBudgetTrees is null ? targets : 2 * targets;
        int run = 0;
        FoldBag Grow(int target, int most, LightGbmParameters with, string how)
        {
            int before = run++;
            string name = !exclusive && target < names.Count && names[target].Length > 0 ? names[target] + ": " : "";
            return FoldGrowth.Run(binned, table, exclusive ? table.Classes : table.Labels[target], folds, most, with, options,
                (share, detail) => progress(new LearningProgress("train", (before + share) / runs, name + how + detail)), ct);
        }

        FoldBag[] free = [.. Enumerable.Range(0, targets).Select(target => Grow(target, options.MaxIterations, parameters, ""))];
        int wanted = free.Sum(bag => bag.Iterations);
        // The score of an exclusive component is that of its class less that of no failure: two trees for each of its steps.
        int budget = (options.LiveBudgetTrees ?? int.MaxValue) / (exclusive ? 2 * table.Labels.Length : 1);
        int members = Members(wanted, targets, budget, folds.Count);
        int perMember = budget / members;
        int[] shares = Shares([.. free.Select(bag => bag.Iterations)], perMember);
        var trained = new TrainedTarget[targets];
        for (int target = 0; target < targets; target++)
        {
            FoldBag bag = free[target];
            LightGbmParameters with = parameters;
            if (wanted > perMember && shares[target] < bag.Iterations)
            {
                // Fewer trees make longer steps; those of a forest make none.
                int most = Math.Max(1, shares[target]);
                with = parameters.Boosting == LightGbmBoosting.RandomForest ? parameters : parameters with
                {
                    LearningRate = Math.Max(parameters.LearningRate, Math.Min(LongestStep, parameters.LearningRate * bag.Iterations / most)),
                };
                bag = Grow(target, most, with, "inside the live budget: ");
            }

            trained[target] = new TrainedTarget(bag.Of(members), with.LearningRate, free[target].Iterations, free[target].HeldOutLoss, free[target].HeldOutScores);
        }

        progress(new LearningProgress("train", 1));
        return exclusive ? [.. Enumerable.Range(1, table.Labels.Length).Select(of => AgainstNone(trained[0], of, parameters.ClassCount))] : trained;
    }

    private static TrainedTarget AgainstNone(TrainedTarget classes, int of, int count)
    {
        double[] Odds(double[] scores) => [.. Enumerable.Range(0, scores.Length / count).Select(row => scores[(row * count) + of] - scores[row * count])];
        return classes with { Bag = classes.Bag with { HeldOutScores = Odds(classes.HeldOutScores) }, FreeHeldOutScores = Odds(classes.FreeHeldOutScores) };
    }

    /// <summary>How many folds' boosters the model is the mean of: all, where they fit or each has trees enough; else as many as have, and two at least, for
    /// one alone would not have seen the assets that its fold held out.</summary>
    /// <param name="wanted">Trees a member wants, over all outputs.</param>
    /// <param name="outputs">Outputs that share the budget.</param>
    /// <param name="budget">Trees in all.</param>
    /// <param name="folds">Boosters there are; 2 or more.</param>
    public static int Members(int wanted, int outputs, int budget, int folds) =>
        (long)wanted * folds <= budget ? folds : Math.Clamp(budget / (FewestTrees * outputs), Math.Min(2, folds), folds);

    /// <summary>Shares a budget out: equal shares, and what one does not want goes to the others. In proportion to what each wants, a target that is easy
    /// to the last digit would take the trees of those that are hard.</summary>
    /// <param name="wanted">Of each target.</param>
    /// <param name="budget">In all.</param>
    public static int[] Shares(IReadOnlyList<int> wanted, int budget)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var shares = new int[wanted.Count];
        int left = budget;
        int open = wanted.Count;
        foreach ((int want, int target) in wanted.Select((want, target) => (want, target)).OrderBy(pair => pair.want).ThenBy(pair => pair.target))
        {
            shares[target] = Math.Min(want, left / open);
            left -= shares[target];
            open--;
        }

        return shares;
    }

    /// <summary>The parameters of a task over a table.</summary>
    public static LightGbmParameters Parameters(PredictionTask task, TrainingOptions options, TrainingTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Parameters(task, options, table.Labels.Length) with { MonotoneConstraints = table.Monotone };
    }

    /// <summary>The parameters of a task.</summary>
    /// <param name="task">What is taught.</param>
    /// <param name="options">How.</param>
    /// <param name="components">Of a failure model.</param>
    public static LightGbmParameters Parameters(PredictionTask task, TrainingOptions options, int components)
    {
        ArgumentNullException.ThrowIfNull(options);
        Hyperparameters chosen = options.Hyperparameters ?? new Hyperparameters();
        return new LightGbmParameters
        {
            Objective = task != PredictionTask.Failure ? LightGbmObjective.Regression
                : chosen.ExclusiveComponents ? LightGbmObjective.Multiclass : LightGbmObjective.Binary,
            Metric = task != PredictionTask.Failure ? LightGbmMetric.RootMeanSquareError
                : chosen.ExclusiveComponents ? LightGbmMetric.MulticlassLogLoss : LightGbmMetric.LogLoss,
            ClassCount = task == PredictionTask.Failure && chosen.ExclusiveComponents ? components + 1 : 1,
            NumLeaves = chosen.NumLeaves,
            MaxDepth = chosen.MaxDepth,
            LearningRate = chosen.LearningRate,
            FeatureFraction = chosen.FeatureFraction,
            BaggingFraction = chosen.BaggingFraction,
            BaggingFreq = chosen.BaggingFreq,
            MinDataInLeaf = chosen.MinDataInLeaf,
            LambdaL2 = chosen.LambdaL2,
            Boosting = chosen.Boosting,
            ScalePosWeight = chosen.ScalePosWeight,
            IsUnbalance = chosen.IsUnbalance,
            Seed = options.Seed,
            Threads = options.Threads,
        };
    }

    /// <summary>The same by LightGBM's own names, without the number of threads: it changes no tree, and without it the same training is
    /// described alike on every machine.</summary>
    public static IEnumerable<(string Name, string Value)> ParametersByName(PredictionTask task, TrainingOptions options, int components) =>
        Parameters(task, options, components).ToParameterText().Split(' ')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair[0] != "num_threads")
            .Select(pair => (pair[0], pair[1]));
}
