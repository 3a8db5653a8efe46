using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Features;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>What a training side taught, before anything is packaged.</summary>
/// <param name="Label">What was taught, with the components that could be.</param>
/// <param name="Options">How, with the hyperparameters that were used.</param>
/// <param name="Plan">The features.</param>
/// <param name="Table">The rows.</param>
/// <param name="Folds">How rows were held out.</param>
/// <param name="Targets">The bag of each output.</param>
/// <param name="Time">The time to failure; null where it is not told.</param>
/// <param name="Ensemble">The means of the bags, one target each; that of the time to failure comes last.</param>
/// <param name="Head">Calibration and intervals.</param>
/// <param name="HeldOut">What members said of rows they had not seen.</param>
/// <param name="Threshold">Where alerts begin.</param>
internal sealed record Taught(
    LabelDefinition Label, TrainingOptions Options, FeaturePlan Plan, TrainingTable Table, Folds Folds, IReadOnlyList<TrainedTarget> Targets, TaughtTime? Time, TreeEnsemble Ensemble,
    FittedHead Head, Judged HeldOut, ThresholdChoice Threshold)
{
    /// <summary>LightGBM's own texts of the members of each target of the ensemble.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ModelTexts =>
        [.. Targets.Select(target => target.ModelTexts), .. Time is null ? [] : (IReadOnlyList<string>[])[Time.Bag.ModelTexts]];
}

/// <summary>Teaches a model the training side of a split: labels, features, folds, trees, and all that is chosen on held-out predictions.</summary>
/// <param name="progress">Told how far the run is.</param>
/// <param name="clock">Measures the time of a search.</param>
internal sealed class Teaching(Action<LearningProgress> progress, TimeProvider clock)
{
    /// <param name="dataset">The data; only the training side of the split is looked at.</param>
    /// <param name="label">What is to be taught, with all components.</param>
    /// <param name="split">Which assets teach, and until when.</param>
    /// <param name="threshold">Overrides the threshold found on held-out predictions.</param>
    /// <param name="options">Seed, threads, budget.</param>
    /// <param name="notes">Receives what a reader must know.</param>
    /// <param name="ct">Looked at between training iterations and between assets.</param>
    /// <exception cref="DatasetException">There is too little to learn from; the message says what is missing.</exception>
    public Taught Teach(Dataset dataset, LabelDefinition label, DataSplit split, double? threshold, TrainingOptions options,
        ICollection<string> notes, CancellationToken ct)
    {
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => split.TrainAssets.Contains(asset.History.Asset))];
        label = LabelChoice.Taught(label, assets, split.TrainUntilUnixMs, notes);
        options = Checked(options.For(label), label, dataset.Description.Signals);
        AssetHistory[] histories = [.. assets.Select(asset => asset.History)];
        FeaturePlan Plan(double windowScale, ICollection<string> said) =>
            FeaturePlan.Of(FeatureChoice.Definition(dataset, label.Task, histories, split.TrainUntilUnixMs, said, windowScale));
        if (options.Search is { } limits)
        {
            var search = new HyperparameterSearch(
                scale => Table(assets, Plan(scale, []), dataset.Description.Signals, label, split.TrainUntilUnixMs, options, [], ct),
                rows => Folds.Of(rows, options.FoldCount, label.Horizon), label.Task, options, clock);
            Hyperparameters found = search.Run(limits, options.Tried, progress, ct);
            options = options with { Hyperparameters = found };
            notes.Add("Hyperparameters are the best of a search on the folds of the training side, so held-out figures are a little too good: "
                + string.Join(", ", found.Named().Select(one => $"{one.Name} {one.Value}")) + ".");
        }

        FeaturePlan plan = Plan(options.Hyperparameters!.WindowScale, notes);
        TrainingTable table = Table(assets, plan, dataset.Description.Signals, label, split.TrainUntilUnixMs, options, notes, ct);
        RequireTeachable(table, label, dataset.Description.Name);

        var folds = Folds.Of(table, options.FoldCount, label.Horizon);
        bool tellsTime = label.Task == PredictionTask.Failure && label.Horizon > TimeSpan.Zero;
        TaughtTime? time = tellsTime ? TimeToFailure.Teach(table, folds, assets, label, options, notes, progress, ct) : null;
        TrainingOptions rest = time is null ? options
            : options with { LiveBudgetTrees = options.LiveBudgetTrees - TimeToFailure.BudgetOf(options.LiveBudgetTrees) };
        TrainedTarget[] trained = LightGbmTrainer.Train(table, label.Task, folds, label.Components, rest, progress, ct);
        bool exclusive = table.Classes.Length > 0;
        IReadOnlyList<TreeEnsemble> means = exclusive ? ClassMeans(trained[0].ModelTexts) : [.. trained.Select(target => Mean(target.ModelTexts, label.Task))];
        var ensemble = TreeEnsemble.Combine(time is null ? means : [.. means, Mean(time.Bag.ModelTexts, PredictionTask.RemainingUsefulLife)]);
        double[][] scores = [.. trained.Select(target => target.HeldOutScores)];
        FittedHead head = exclusive ? HeadFit.OfExclusive(table, scores, folds, time?.Intervals)
            : label.Task == PredictionTask.Failure
            ? HeadFit.OfFailure(table, scores, folds, time?.Intervals)
            : HeadFit.OfLife(table, scores[0], folds, label, notes);
        Judged heldOut = HeldOutPredictions.Of(
            table, scores, HeadFit.FoldsOf(table, folds), head, assets, label, dataset.SamplingPeriod);
        ThresholdChoice choice = threshold is { } given ? new ThresholdChoice(given, "given") : Threshold(heldOut, label, options, ct);
        return new Taught(label, options, plan, table, folds, trained, time, ensemble, head, heldOut, choice);
    }

    private static TrainingOptions Checked(TrainingOptions options, LabelDefinition label, IReadOnlyList<SignalColumn> signals)
    {
        if (options.Hyperparameters!.ExclusiveComponents)
        {
            if (label.Task != PredictionTask.Failure || label.Components.Count < 2)
            {
                throw new DatasetException("components=exclusive needs failures of at least 2 components that can be taught; "
                    + $"there are {(label.Task == PredictionTask.Failure ? label.Components.Count : 0)}. Leave it out.");
            }

            if (MonotoneColumns.All(signals, options.Monotone).Select(one => one.Signal).ToArray() is { Length: > 0 } bound)
            {
                throw new DatasetException("components=exclusive does not go with --monotone, nor with monotone signals of the description "
                    + $"({string.Join(", ", bound)}): what raises one component's odds lowers the probability of the others. Leave one of the two out.");
            }
        }

        try
        {
            LightGbmTrainer.Parameters(label.Task, options, label.Components.Count).Validate();
            return options;
        }
        catch (ArgumentException refused)
        {
            throw new DatasetException($"These hyperparameters do not go together: {refused.Message.Split(" (Parameter", 2)[0]}", refused);
        }
    }

    private static ThresholdChoice Threshold(Judged heldOut, LabelDefinition label, TrainingOptions options, CancellationToken ct) =>
        label.Task != PredictionTask.Failure ? new ThresholdChoice(ThresholdChoice.Default, "default")
        : label.Horizon == TimeSpan.Zero ? ThresholdChoice.ByRows(heldOut.Conditions)
        : options.LeastPrecision is { } atLeast
            ? ThresholdChoice.ByPrecision(heldOut.Predictions, heldOut.Events, label, atLeast, options.ConfidenceThreshold, options.Threads, ct)
            : ThresholdChoice.ByCost(heldOut.Predictions, heldOut.Events, label, options.Prices, options.MostFalseAlertsPerAssetDay, options.ConfidenceThreshold, options.Threads, ct);

    /// <summary>Does something for each of many assets, in parallel.</summary>
    internal static void ForEach(int assets, int threads, string step, Action<LearningProgress> progress, Action<int> work, CancellationToken ct)
    {
        progress(new LearningProgress(step, 0));
        var oneAtATime = new Lock();
        int done = 0;
        Parallel.For(0, assets, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, asset =>
        {
            work(asset);
            lock (oneAtATime)
            {
                progress(new LearningProgress(step, (double)++done / assets));
            }
        });
    }

    private TrainingTable Table(DatasetAsset[] assets, FeaturePlan plan, IReadOnlyList<SignalColumn> signals, LabelDefinition label, long knownUntilUnixMs,
        TrainingOptions options, ICollection<string> notes, CancellationToken ct)
    {
        int columns = plan.Definition.Columns.Count;
        AssetHistory[] histories = [.. assets.Select(asset => asset.History)];
        ThinnedRows taught = ThinnedRows.Of(
            histories, [.. assets.Select(asset => LabelledRows.Of(asset, label, knownUntilUnixMs))],
            label, Math.Max(2, options.MostValues / columns));
        if (taught.Note is { } note)
        {
            notes.Add(note);
        }

        int[] first = new int[assets.Length + 1];
        for (int i = 0; i < assets.Length; i++)
        {
            first[i + 1] = first[i] + taught.Assets[i].Rows.Length;
        }

        int rows = first[^1];
        bool riseIsBad = label.Task == PredictionTask.Failure; // of a life the risk falls as it rises
        var table = new TrainingTable(
            plan.Definition.Names, new double[rows * columns], new AssetId[rows], new long[rows],
            [.. Enumerable.Range(0, Math.Max(1, label.Components.Count)).Select(target => taught.Assets.SelectMany(asset => asset.Labels[target]).ToArray())])
        {
            Weights = Weights(assets, taught, notes),
            Monotone = MonotoneColumns.Of(plan.Definition, signals, options.Monotone, riseIsBad),
        };
        ForEach(assets.Length, options.Threads, "make features", progress, i =>
        {
            int at = first[i];
            Array.Fill(table.Assets, histories[i].Asset, at, first[i + 1] - at);
            foreach (FeatureMatrix block in FeatureMatrix.InBlocks(plan, histories[i], taught.Assets[i].Rows, ModelScoring.BlockRows))
            {
                block.TimesUnixMs.CopyTo(table.TimesUnixMs.AsSpan(at));
                block.Values.CopyTo(table.Values.AsSpan(at * columns));
                at += block.Rows;
            }
        }, ct);
        return options.Hyperparameters!.ExclusiveComponents ? table with { Classes = Classes(table, assets, label) } : table;
    }

    // Rows that stay of thinned ones count for those that went; weights of the data count on top, against their mean: whether they are told as 1 and 2 or as
    // 10 and 20 teaches the same trees.
    private static float[] Weights(DatasetAsset[] assets, ThinnedRows taught, ICollection<string> notes)
    {
        float[] thinned = [.. taught.Weights.SelectMany(weights => weights)];
        if (Array.TrueForAll(assets, asset => asset.Weights.Length == 0))
        {
            return thinned;
        }

        float[] given = [.. assets.SelectMany((asset, i) => taught.Assets[i].Rows.Select(row => asset.Weights.Length == 0 ? 1 : asset.Weights[row]))];
        if (given.Length == 0)
        {
            return thinned;
        }

        double mean = given.Average(weight => (double)weight);
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"Rows are weighted by the data: {given.Min():0.####} to {given.Max():0.####}, mean {mean:0.####}. Trees and probabilities are those of the weighted rows; measures count every row once."));
        return [.. given.Select((weight, row) => (float)(weight / mean * (thinned.Length == 0 ? 1 : thinned[row])))];
    }

    // The component that fails first; where rows are labelled by their own condition, the first that is failed.
    private static float[] Classes(TrainingTable table, DatasetAsset[] assets, LabelDefinition label)
    {
        Dictionary<AssetId, FailureEpisode[]> episodes = assets.ToDictionary(
            asset => asset.History.Asset,
            asset => FailureEpisodes.Of(asset.History.Asset, asset.History.Events, label).OrderBy(episode => episode.StartUnixMs).ToArray());
        var classes = new float[table.Rows];
        for (int row = 0; row < classes.Length; row++)
        {
            int[] failing = [.. Enumerable.Range(0, table.Labels.Length).Where(component => table.Labels[component][row] > 0)];
            if (failing.Length > 1 && episodes[table.Assets[row]].FirstOrDefault(episode => episode.StartUnixMs > table.TimesUnixMs[row]
                && failing.Any(component => label.Components[component] == episode.Component)) is { } first)
            {
                failing = [Enumerable.Range(0, table.Labels.Length).First(component => label.Components[component] == first.Component)];
            }

            classes[row] = failing.Length == 0 ? 0 : failing[0] + 1;
        }

        return classes;
    }

    private static void RequireTeachable(TrainingTable table, LabelDefinition label, string dataset)
    {
        if (table.Rows < 2)
        {
            throw new DatasetException($"Nothing to learn from: data set '{dataset}' has {table.Rows} rows on the training side whose outcome is known.");
        }

        for (int target = 0; label.Task == PredictionTask.Failure && target < table.Labels.Length; target++)
        {
            int positive = table.Labels[target].Count(value => value > 0);
            string what = label.Components.Count == 0 ? "" : $" of component '{label.Components[target]}'";
            if (positive == 0 || positive == table.Rows)
            {
                throw new DatasetException(
                    $"Nothing to learn from: {positive} of {table.Rows} training rows of data set '{dataset}' lie within the horizon of "
                    + $"{DurationText.Format(label.Horizon)} before a failure{what}; both kinds of rows are needed.");
            }
        }
    }

    private static TreeEnsemble Mean(IReadOnlyList<string> texts, PredictionTask task) => TreeEnsemble.Mean([.. texts.Select(text => Member(text, task))]);

    // Log odds of each class against that of no failure.
    private static List<TreeEnsemble> ClassMeans(IReadOnlyList<string> texts)
    {
        IReadOnlyList<TreeEnsemble>[] members = [.. texts.Select(text => LightGbmModelText.Parse(text).Ensemble.AgainstFirst())];
        return [.. members[0].Select((_, component) => TreeEnsemble.Mean([.. members.Select(member => member[component])]))];
    }

    private static TreeEnsemble Member(string text, PredictionTask task)
    {
        LightGbmModel member = LightGbmModelText.Parse(text);
        member.RequireObjectiveFor(task);
        return member.Ensemble;
    }
}
