using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Learning.Train.LightGbm;
using Auspex.Native.LightGbm;

namespace Auspex.Learning.Train;

/// <summary>How long a search may go on.</summary>
/// <param name="Trials">Settings tried, the defaults among them; 2 to 1,000. Default 27.</param>
/// <param name="Time">No new trial begins after this; null for no limit.</param>
public sealed record SearchLimits(int Trials = 27, TimeSpan? Time = null);

/// <summary>One setting that was tried.</summary>
/// <param name="Number">From 0, the defaults.</param>
/// <param name="Hyperparameters">The setting.</param>
/// <param name="Rungs">How many rungs it reached, at least 1.</param>
/// <param name="Loss">Held-out loss where it stood last: mean over the targets of log loss, or root mean square error.</param>
/// <param name="StartedAt">When it was first grown.</param>
/// <param name="Seconds">How long it was grown in all.</param>
/// <param name="IsFinal">Whether it was grown until its loss stopped falling, and not given up before.</param>
public sealed record SearchTrial(
    int Number, Hyperparameters Hyperparameters, int Rungs, double Loss, DateTimeOffset StartedAt, double Seconds, bool IsFinal);

/// <summary>Looks for better hyperparameters on the folds of the training side by successive halving (Jamieson and Talwalkar, "Non-stochastic
/// Best Arm Identification and Hyperparameter Optimization", AISTATS 2016): all settings are grown a little, the better third of them further,
/// until the last ones are grown out. The defaults always stay to the end, so that what is found is never worse than they on the held-out rows.</summary>
/// <remarks>How far a setting is grown is counted in steps x learning rate: short steps are not judged before they have gone as far as long
/// ones. The loss of the best of many is a little too good to be true; the test side says how much.</remarks>
public sealed class HyperparameterSearch
{
    private const int Keep = 3;
    private const double FirstDistance = 2;

    private readonly Func<double, TrainingTable> _tableOf;
    private readonly Func<TrainingTable, Folds> _foldsOf;
    private readonly PredictionTask _task;
    private readonly TrainingOptions _options;
    private readonly TimeProvider _clock;

    /// <param name="tableOf">The training rows with all windows scaled by a factor; asked for each factor once at a time.</param>
    /// <param name="foldsOf">The folds of such a table.</param>
    /// <param name="task">Decides the loss.</param>
    /// <param name="options">Seed, threads, budget, and the defaults to start from.</param>
    /// <param name="clock">Measures the time that is used.</param>
    public HyperparameterSearch(
        Func<double, TrainingTable> tableOf, Func<TrainingTable, Folds> foldsOf, PredictionTask task, TrainingOptions options, TimeProvider clock)
    {
        _tableOf = tableOf;
        _foldsOf = foldsOf;
        _task = task;
        _options = options;
        _clock = clock;
    }

    /// <summary>Searches.</summary>
    /// <param name="limits">How long.</param>
    /// <param name="tried">Told of each setting when it is given up or grown out.</param>
    /// <param name="progress">Told after each trial.</param>
    /// <param name="ct">Looked at between iterations.</param>
    /// <returns>The setting with the lowest held-out loss.</returns>
    public Hyperparameters Run(SearchLimits limits, Action<SearchTrial> tried, Action<LearningProgress> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(tried);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.Trials, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limits.Trials, 1_000);
        long start = _clock.GetTimestamp();
        List<SearchTrial> alive = [.. Settings(limits.Trials).Select((setting, i) => new SearchTrial(i, setting, 0, double.NaN, default, 0, false))];
        int rungs = Math.Max(1, (int)Math.Ceiling(Math.Log(alive.Count, Keep)));
        int all = Enumerable.Range(0, rungs).Sum(rung => 1 + (alive.Count / (int)Math.Pow(Keep, rung)));
        int done = 0;
        double distance = FirstDistance;
        for (int rung = 0; rung < rungs; rung++, distance *= Keep)
        {
            bool last = rung == rungs - 1;
            var grown = new List<SearchTrial>();
            // Settings of one window scale one after the other: their table is made once.
            foreach (IGrouping<double, SearchTrial> scale in alive.GroupBy(trial => trial.Hyperparameters.WindowScale))
            {
                TrainingTable? table = null;
                Folds? folds = null;
                foreach (SearchTrial trial in scale)
                {
                    ct.ThrowIfCancellationRequested();
                    bool isLate = limits.Time is { } time && _clock.GetElapsedTime(start) > time;
                    if (isLate && grown.Count > 0)
                    {
                        tried(trial);
                        continue;
                    }

                    table ??= _tableOf(scale.Key);
                    folds ??= _foldsOf(table);
                    SearchTrial further = Grow(trial, table, folds, last ? null : distance, ct);
                    grown.Add(further);
                    progress(new LearningProgress("tune", Math.Min(1, (double)++done / all),
                        string.Create(CultureInfo.InvariantCulture, $"lowest held-out loss {grown.Min(one => one.Loss):0.#####} in rung {rung + 1} of {rungs}")));
                }
            }

            SearchTrial[] ranked = [.. grown.OrderBy(trial => trial.Loss).ThenBy(trial => trial.Number)];
            int kept = last ? 0 : Math.Max(1, ranked.Length / Keep);
            foreach (SearchTrial given in ranked.Skip(kept).Where(trial => last || trial.Number > 0))
            {
                tried(given);
            }

            if (last)
            {
                progress(new LearningProgress("tune", 1));
                return ranked[0].Hyperparameters;
            }

            alive = [.. ranked.Take(kept), .. ranked.Skip(kept).Where(trial => trial.Number == 0)];
        }

        throw new System.Diagnostics.UnreachableException("bug: the last rung did not end the search");
    }

    private SearchTrial Grow(SearchTrial trial, TrainingTable table, Folds folds, double? distance, CancellationToken ct)
    {
        DateTimeOffset startedAt = _clock.GetUtcNow();
        long start = _clock.GetTimestamp();
        Hyperparameters setting = trial.Hyperparameters;
        TrainingOptions options = _options with
        {
            Hyperparameters = setting,
            MaxIterations = distance is { } far ? Math.Max(1, (int)Math.Round(far / setting.LearningRate)) : _options.MaxIterations,
        };
        LightGbmParameters parameters = LightGbmTrainer.Parameters(_task, options, table);
        using LightGbmDataset binned = FoldGrowth.Bin(table, parameters);
        double loss = (table.Classes.Length > 0 ? [table.Classes] : table.Labels).Average(labels =>
            FoldGrowth.Run(binned, table, labels, folds, options.MaxIterations, parameters, options, (_, _) => { }, ct).HeldOutLoss);
        return trial with
        {
            Rungs = trial.Rungs + 1,
            Loss = loss,
            StartedAt = trial.Rungs == 0 ? startedAt : trial.StartedAt,
            Seconds = trial.Seconds + _clock.GetElapsedTime(start).TotalSeconds,
            IsFinal = distance is null,
        };
    }

    // The defaults first, then draws; inside a live budget trees stay at the leaves that it is counted in.
    private List<Hyperparameters> Settings(int count)
    {
        var random = new Random(_options.Seed);
        Hyperparameters defaults = _options.Hyperparameters ?? new Hyperparameters();
        var settings = new List<Hyperparameters> { defaults };
        // The trees of a forest differ by what they draw alone.
        double[] bagging = defaults.Boosting == LightGbmBoosting.RandomForest ? [0.5, 0.6, 0.7, 0.8, 0.9] : [0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        int[] leaves = _options.LiveBudgetTrees is null ? [7, 15, 31, 63, 127] : [7, 15, 31];
        while (settings.Count < count)
        {
            settings.Add(defaults with
            {
                NumLeaves = Draw(random, leaves),
                MaxDepth = Draw(random, [3, 4, 6, 8, 10]),
                LearningRate = Math.Round(0.02 * Math.Pow(7.5, random.NextDouble()), 3),
                FeatureFraction = Draw(random, [0.2, 0.3, 0.4, 0.6, 0.8, 1.0]),
                BaggingFraction = Draw(random, bagging),
                BaggingFreq = 1,
                MinDataInLeaf = Draw(random, [5, 10, 20, 30, 50, 100, 200]),
                LambdaL2 = Draw(random, [0.0, 0.5, 1, 5, 20, 50]),
                WindowScale = Draw(random, [0.5, 1.0, 1.0, 2.0]),
            });
        }

        return settings;
    }

    private static T Draw<T>(Random random, T[] from) => from[random.Next(from.Length)];
}
