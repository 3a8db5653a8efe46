using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Package;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>The model line, in its order: label, train, package, evaluate. The one place that knows all stages.</summary>
/// <param name="clock">Stamps packages; no feature or figure depends on it.</param>
/// <param name="progress">Told how far the run is.</param>
public sealed class LearningPipeline(TimeProvider clock, Action<LearningProgress> progress)
{
    private const string FirstVersion = "v1.0.0";
    private const int ParitySampleRows = 512;

    /// <summary>Trains a model on the training side and judges it on the test side. Nothing is written.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="task">Failure within a horizon, or remaining useful life.</param>
    /// <param name="horizon">Overrides the description's horizon.</param>
    /// <param name="threshold">Overrides the threshold found on held-out predictions.</param>
    /// <param name="options">Seed, threads, budget.</param>
    /// <param name="ct">Looked at between training iterations and between assets.</param>
    /// <exception cref="DatasetException">There is too little to learn from; the message says what is missing.</exception>
    public TrainedModel Train(
        Dataset dataset, PredictionTask task, TimeSpan? horizon, double? threshold, TrainingOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        if (task == PredictionTask.Anomaly)
        {
            throw new ArgumentOutOfRangeException(nameof(task), task, "Anomalies are the work of DetectorPipeline.");
        }

        LabelDefinition label = LabelChoice.Of(dataset, task, horizon);
        DataSplit split = DataSplit.Of(dataset, label.Horizon, options.Seed);
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => split.TrainAssets.Contains(asset.History.Asset))];
        var notes = new List<string>();
        label = LabelChoice.Taught(label, assets, split.TrainUntilUnixMs, notes);

        FeaturePlan plan = FeaturePlan.Of(FeatureChoice.Definition(dataset, task));
        FeatureMatrix[] features = Features(plan, assets, options.Threads, "make features", ct);
        TrainingTable table = Table(assets, features, plan.Definition, label, split.TrainUntilUnixMs);
        RequireTeachable(table, label, dataset.Description.Name);

        var folds = Folds.Of(table, options.FoldCount, label.Horizon);
        var trained = new TrainedTarget[table.Labels.Length];
        for (int target = 0; target < trained.Length; target++)
        {
            string component = label.Components.Count == 0 ? "" : label.Components[target] + ": ";
            int done = target;
            trained[target] = LightGbmTrainer.Train(table, target, task, folds, Math.Max(1, options.LiveBudgetTrees / trained.Length), options,
                step => progress(step with { Done = (done + step.Done) / trained.Length, Detail = component + step.Detail }), ct);
        }

        progress(new LearningProgress("package", 0));
        string name = $"{dataset.Description.Name}-{(task == PredictionTask.Failure ? "failure" : "rul")}";
        string[] texts = [.. trained.Select(target => target.ModelText)];
        LightGbmModel[] members = [.. texts.Select(text => LightGbmModelText.Parse(text))];
        Array.ForEach(members, member => member.RequireObjectiveFor(task));
        var grown = TreeEnsemble.Combine([.. members.Select(member => member.Ensemble)]);
        byte[] onnx = OnnxModelWriter.Write(new OnnxModel(grown, task, name, FirstVersion));
        // What is judged is what will be loaded: the model as read back from its file.
        TreeEnsemble ensemble = OnnxModelReader.Read(onnx).Ensemble;
        ThresholdChoice choice = threshold is { } given ? new ThresholdChoice(given, "given")
            : task == PredictionTask.Failure ? ThresholdOf(dataset, assets, table, trained, label, options.Threads, ct)
            : new ThresholdChoice(ThresholdChoice.Default, "default");
        double[] sample = Sample(table);
        ParityResult parity = ParityGate.Check(ensemble, onnx, texts, label, choice.Threshold, sample, options.Threads);

        EvaluationReport report = Judge(
            dataset, split, plan, ensemble, label, choice.Threshold, FirstVersion, parity.MaxDifference, options.Threads, notes, ct,
            out Judged judged);
        ModelManifest manifest = TrainingRecord.Manifest(
            name, FirstVersion, clock.GetUtcNow(), dataset, plan.Definition, label, split, table, trained, choice, parity, report, folds, options, ensemble, sample);
        return new TrainedModel(ModelPackage.Create(manifest, onnx), report, judged);
    }

    /// <summary>Judges a model on the test side of a data set.</summary>
    /// <param name="dataset">The data, read by the model's schema.</param>
    /// <param name="package">The model.</param>
    /// <param name="threshold">Overrides the package's threshold.</param>
    /// <param name="threads">Threads for the features.</param>
    /// <param name="judged">What the model said, for the pictures of a report.</param>
    /// <param name="ct">Looked at between assets.</param>
    /// <exception cref="DatasetException">The test side would reach into the period the model was trained on.</exception>
    public EvaluationReport Evaluate(
        Dataset dataset, ModelPackage package, double? threshold, int threads, out Judged judged, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(package);
        ModelManifest manifest = package.Manifest;
        DataSplit split = DataSplit.Of(dataset, manifest.Label.Horizon, (int)manifest.Training.Seed);
        RequireUnseen(dataset, split, manifest);
        return Judge(dataset, split, PlanOf(package), package.Ensemble, manifest.Label, threshold ?? ThresholdOf(manifest),
            manifest.Version, manifest.Parity.MaxDifference, threads, [], ct, out judged);
    }

    /// <summary>Scores every row of a data set, asset by asset in its order.</summary>
    /// <param name="dataset">The data, read by the model's schema.</param>
    /// <param name="package">The model.</param>
    /// <param name="ct">Looked at between assets.</param>
    public IEnumerable<ScoredAsset> Score(Dataset dataset, ModelPackage package, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(package);
        FeaturePlan plan = PlanOf(package);
        LabelDefinition label = package.Manifest.Label;
        for (int i = 0; i < dataset.Assets.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            AssetHistory history = dataset.Assets[i].History;
            FeatureMatrix features = FeatureMatrix.Of(plan, history);
            int[] rows = [.. Enumerable.Range(0, features.Rows)];
            yield return label.Task == PredictionTask.Failure
                ? ScoredAsset.OfFailure(ModelScoring.Failure(package.Ensemble, features, rows), history.Events, dataset.Assets[i].FailedSpans, label,
                    ThresholdOf(package.Manifest))
                : ScoredAsset.OfLife(ModelScoring.Life(package.Ensemble, features, rows, _ => double.NaN));
            progress(new LearningProgress("score", (i + 1.0) / dataset.Assets.Count));
        }
    }

    /// <summary>The features a package was trained on.</summary>
    /// <exception cref="ModelPackageException">The definition in the manifest is not one, or not the one its hash and names tell of.</exception>
    public static FeaturePlan PlanOf(ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        try
        {
            var definition = FeatureDefinition.FromJson(package.Manifest.Features.Definition.GetRawText());
            package.RequireFeatures(definition.Names, definition.Hash);
            return FeaturePlan.Of(definition);
        }
        catch (FormatException e)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "features.definition", $"{e.Message} Package the model again.", e);
        }
    }

    private static double ThresholdOf(ModelManifest manifest) => manifest.Thresholds.FailureProbability ?? ThresholdChoice.Default;

    private FeatureMatrix[] Features(FeaturePlan plan, DatasetAsset[] assets, int threads, string step, CancellationToken ct)
    {
        progress(new LearningProgress(step, 0));
        return FeatureMatrix.OfAll(plan, [.. assets.Select(asset => asset.History)], threads,
            made => progress(new LearningProgress(step, (double)made / assets.Length)), ct);
    }

    private static TrainingTable Table(
        DatasetAsset[] assets, FeatureMatrix[] features, FeatureDefinition definition, LabelDefinition label, long knownUntilUnixMs)
    {
        LabelledRows[] labelled = [.. assets.Select(asset => LabelledRows.Of(asset.History, label, knownUntilUnixMs).Without(asset.FailedSpans, asset.History))];
        int columns = definition.Columns.Count;
        long rows = labelled.Sum(asset => (long)asset.Rows.Length);
        if (rows * columns > Array.MaxLength)
        {
            throw new DatasetException(
                $"{rows} training rows of {columns} features are {rows * columns} values; at most {Array.MaxLength} can be trained on at once. "
                + "Give fewer windows and lags, fewer signals, or a longer sampling period.");
        }

        var table = new TrainingTable(
            definition.Names, new double[rows * columns], new AssetId[rows], new long[rows],
            [.. Enumerable.Range(0, Math.Max(1, label.Components.Count)).Select(_ => new float[rows])]);
        int at = 0;
        for (int i = 0; i < assets.Length; i++)
        {
            for (int j = 0; j < labelled[i].Rows.Length; j++, at++)
            {
                int row = labelled[i].Rows[j];
                features[i].Row(row).CopyTo(table.Values.AsSpan(at * columns));
                table.Assets[at] = features[i].Asset;
                table.TimesUnixMs[at] = features[i].TimesUnixMs[row];
                for (int target = 0; target < table.Labels.Length; target++)
                {
                    table.Labels[target][at] = labelled[i].Labels[target][j];
                }
            }
        }

        return table;
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

    private static ThresholdChoice ThresholdOf(
        Dataset dataset, DatasetAsset[] assets, TrainingTable table, TrainedTarget[] trained, LabelDefinition label, int threads,
        CancellationToken ct)
    {
        var heldOut = new List<AssetPredictions>();
        int first = 0;
        while (first < table.Rows)
        {
            int end = first;
            while (end < table.Rows && table.Assets[end] == table.Assets[first])
            {
                end++;
            }

            double[][] probabilities = [.. trained.Select(target => target.HeldOutScores[first..end].Select(ModelOutputs.Probability).ToArray())];
            heldOut.Add(new AssetPredictions(table.Assets[first], table.TimesUnixMs[first..end], probabilities));
            first = end;
        }

        Dictionary<AssetId, AssetHistory> histories = assets.ToDictionary(asset => asset.History.Asset, asset => asset.History);
        AssetEvents[] events =
        [
            .. heldOut.Select(asset => new AssetEvents(
                asset.Asset, histories[asset.Asset].Events, LastJudged(asset.TimesUnixMs[^1], histories[asset.Asset], dataset.SamplingPeriod))),
        ];
        return ThresholdChoice.HeldOut(heldOut, events, label, threads, ct);
    }

    // A failure right behind the last row that was scored was foretold or not; before one further on, most of the horizon was never scored.
    private static long LastJudged(long lastRow, AssetHistory history, TimeSpan samplingPeriod)
    {
        long near = lastRow + (2 * (long)samplingPeriod.TotalMilliseconds);
        return history.Events
            .Where(happened => happened.Kind == AssetEventKind.Failure && happened.TimeUnixMs > lastRow && happened.TimeUnixMs <= near)
            .Select(happened => happened.TimeUnixMs).DefaultIfEmpty(lastRow).Max();
    }

    // What training knew is no test: rows of its assets count from one horizon after the last instant it knew, and never where it knew all.
    internal static void RequireUnseen(Dataset dataset, DataSplit split, ModelManifest manifest)
    {
        if (manifest.Dataset != dataset.Description.Name)
        {
            return;
        }

        HashSet<string> taught = [.. manifest.Training.Assets];
        DateTimeOffset? earliest = manifest.Training.KnownUntil + manifest.Label.Horizon;
        foreach (AssetHistory history in dataset.Assets.Select(asset => asset.History)
            .Where(history => split.TestAssets.Contains(history.Asset) && taught.Contains(history.Asset.Value) && history.Count > 0))
        {
            long first = Math.Max(split.TestFromUnixMs, history.TimesUnixMs[0]);
            if (earliest is null)
            {
                throw new DatasetException($"The test side has asset '{history.Asset}', and this model was trained on all of it. "
                    + "Give the split of the description as it was in training, or data of other assets.");
            }

            if (first < earliest.Value.ToUnixTimeMilliseconds())
            {
                throw new DatasetException(
                    $"The test would begin at {Instant(first):u} on asset '{history.Asset}', but this model knew data set '{manifest.Dataset}' until "
                    + $"{manifest.Training.KnownUntil:u}; with its horizon the earliest honest test begins at {earliest:u}. "
                    + "Set split.at of the description to that or a later instant.");
            }
        }
    }

    private static double[] Sample(TrainingTable table)
    {
        int count = Math.Min(ParitySampleRows, table.Rows);
        return table.Take([.. Enumerable.Range(0, count).Select(i => (int)((long)i * table.Rows / count))]);
    }

    private EvaluationReport Judge(
        Dataset dataset, DataSplit split, FeaturePlan plan, TreeEnsemble ensemble, LabelDefinition label, double threshold, string version,
        double parity, int threads, List<string> notes, CancellationToken ct, out Judged judged)
    {
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => split.TestAssets.Contains(asset.History.Asset))];
        FeatureMatrix[] features = Features(plan, assets, threads, "judge", ct);
        int[][] rows = [.. assets.Select(asset => JudgedRows(asset, split.TestFromUnixMs, label))];
        long[] times = [.. assets.Zip(rows).SelectMany(pair => pair.Second.Select(row => pair.First.History.TimesUnixMs[row]))];
        var context = new EvaluationContext(
            dataset.Description.Name, dataset.Description.Title, version,
            new EvaluationSplit(
                split.Kind switch { DataSplitKind.Time => SplitKind.Time, DataSplitKind.Files => SplitKind.Files, _ => SplitKind.Assets },
                split.Kind == DataSplitKind.Time ? Instant(split.TrainUntilUnixMs) : null,
                times.Length == 0 ? null : Instant(times.Min()), times.Length == 0 ? null : Instant(times.Max()),
                split.Kind == DataSplitKind.Time ? label.Horizon : TimeSpan.Zero, split.TrainAssets.Count, split.TestAssets.Count),
            label, ReadingSummary.Of(dataset.Report), parity);
        if (label.Task == PredictionTask.RemainingUsefulLife)
        {
            AssetLifePredictions[] lives =
            [
                .. Enumerable.Range(0, assets.Length).Select(i =>
                {
                    IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(assets[i].History.Asset, assets[i].History.Events, label);
                    return ModelScoring.Life(ensemble, features[i], rows[i], time => LabelledRows.Life(time, episodes, label));
                }),
            ];
            judged = new Judged([], [], lives);
            EvaluationReport life = EvaluationReport.OfLife(context, LifeMeasures.Of(lives, label));
            return life with { Notes = [.. notes, .. life.Notes] };
        }

        Func<AssetHistory, long> knownUntil = KnownUntil(dataset);
        AssetPredictions[] predictions = [.. Enumerable.Range(0, assets.Length).Select(i => ModelScoring.Failure(ensemble, features[i], rows[i]))];
        AssetEvents[] events = [.. assets.Select(asset => new AssetEvents(asset.History.Asset, asset.History.Events, knownUntil(asset.History)))];
        judged = new Judged(predictions, events, []);
        EvaluationReport report = EvaluationReport.OfFailures(
            context,
            EventMeasures.Of(predictions, events, label, threshold),
            RowMeasures.Of(predictions, events, label),
            EventMeasures.Sweep(predictions, events, label, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95], threads, ct));
        return report with { Notes = [.. notes, .. report.Notes] };
    }

    // Rows in which the asset is failed are not judged: by row labels, and for remaining useful life those of the repair behind a failure.
    // (Rows of failed periods of a failure model are left out where its alerts are raised.)
    private static int[] JudgedRows(DatasetAsset asset, long fromUnixMs, LabelDefinition label)
    {
        AssetHistory history = asset.History;
        FailedPeriods failed = FailedSpan.Join(history.Asset, asset.FailedSpans);
        IReadOnlyList<FailureEpisode> episodes = label.Task == PredictionTask.RemainingUsefulLife
            ? FailureEpisodes.Of(history.Asset, history.Events, label)
            : [];
        var repaired = new FailedPeriods(episodes);
        HashSet<long> ends = [.. episodes.Select(episode => episode.StartUnixMs)];
        long[] times = history.TimesUnixMs;
        return
        [
            .. Enumerable.Range(0, times.Length).Where(row => times[row] >= fromUnixMs && !failed.Contains(times[row])
                && (ends.Contains(times[row]) || !repaired.Contains(times[row]))),
        ];
    }

    // On a common clock the sources were recording until the last frame or failure that any asset has. Where each asset counts its own time,
    // only its own record tells how far it is known.
    private static Func<AssetHistory, long> KnownUntil(Dataset dataset)
    {
        if (!dataset.Description.Frames.All(file => file.Time.Column is not null))
        {
            return history => AssetEvents.Of(history).KnownUntilUnixMs;
        }

        long fleet = dataset.Assets.Max(asset => AssetEvents.Of(asset.History).KnownUntilUnixMs);
        return _ => fleet;
    }

    internal static DateTimeOffset Instant(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
