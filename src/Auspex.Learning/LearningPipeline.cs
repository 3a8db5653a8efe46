using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Deploy;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Package;
using Auspex.Learning.Train;
using Auspex.Models;
using Auspex.Models.Calibration;
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
        DataSplit split = options.KeepTest ? DataSplit.Of(dataset, label.Horizon, options.Seed) : DataSplit.WithoutTest(dataset);
        var notes = new List<string>();
        Taught taught = new Teaching(progress, clock).Teach(dataset, label, split, threshold, options, notes, ct);
        label = taught.Label;

        IReadOnlyList<(string Feature, string Text)> leaks = TrainingFindings.Leaks(taught);
        notes.AddRange(leaks.Select(leak => leak.Text));

        progress(new LearningProgress("package", 0));
        string name = $"{dataset.Description.Name}-{task.Word()}";
        byte[] onnx = OnnxModelWriter.Write(new OnnxModel(taught.Ensemble, taught.Head.Head, name, FirstVersion));
        // What is judged is what will be loaded: the model as read back from its file.
        OnnxModel model = OnnxModelReader.Read(onnx);
        TreeEnsemble ensemble = model.Ensemble;
        double[] sample = Sample(taught.Table);
        ParityResult parity = ParityGate.Check(
            model, onnx, taught.ModelTexts, taught.Threshold.Threshold, sample, options.Threads);

        EvaluationContext context = Judging.Context(dataset, split, label, FirstVersion, parity.MaxDifference);
        Judged judged = taught.HeldOut;
        EvaluationReport report = Judging.Report(context, judged, taught.Threshold.Threshold, options.ConfidenceThreshold, options.Prices, options.Threads, notes, ct);
        if (split.Kind != DataSplitKind.HeldOut)
        {
            EvaluationMetrics outOfFold = report.Metrics;
            judged = new Judging(progress).Judge(
                dataset, split, taught.Plan, ensemble, model.Head, ManifestCalibration.Confidence(taught.Head.Calibration), label, options.Threads, ct);
            report = Judging.Report(context, judged, taught.Threshold.Threshold, options.ConfidenceThreshold, options.Prices, options.Threads, notes, ct);
            report = report with { Metrics = report.Metrics with { OutOfFold = outOfFold } };
            if (judged.Predictions.Count > 0 && TrainingFindings.BestLimit(dataset, taught, judged, options, notes, ct) is { } limit)
            {
                report = report with { Baselines = [.. report.Baselines, limit] };
            }
        }

        report = report with { Importance = TrainingFindings.Importance(ensemble, taught.Plan.Definition.Names, sample) };
        // A leak that no tree asks about is no reason for anything.
        HashSet<string> asked = [.. Enumerable.Range(0, ensemble.TreeCount).SelectMany(tree => ensemble.GetTree(tree).Nodes).Select(node => node.Feature).Distinct()
            .Select(feature => taught.Plan.Definition.Names[feature])];
        if (options.ExportFolder is { } folder)
        {
            RowExport.Write(folder, taught, dataset, split.Kind == DataSplitKind.HeldOut ? null : judged);
        }

        ModelManifest manifest = TrainingRecord.Manifest(
            name, FirstVersion, clock.GetUtcNow(), dataset, taught, split, parity, report, taught.Options, ensemble, sample);
        return new TrainedModel(ModelPackage.Create(manifest, onnx, card: ModelCard.Write(manifest, report)), report, judged)
        {
            Leaks = [.. leaks.Where(leak => asked.Contains(leak.Feature)).Select(leak => leak.Text)],
        };
    }

    /// <summary>Whether a model that was just trained should take the champion's place: both are judged on the rows of its test side that neither learned
    /// from.</summary>
    /// <param name="dataset">The data that the candidate was trained with.</param>
    /// <param name="candidate">The model just trained, with a test side.</param>
    /// <param name="championData">The same data, read by the champion's schema.</param>
    /// <param name="champion">The present model.</param>
    /// <param name="options">Those of the candidate's training: prices, seed, threads.</param>
    /// <param name="ct">Looked at between assets.</param>
    /// <exception cref="DatasetException">The split of the candidate cannot be made.</exception>
    public PromotionVerdict Compare(
        Dataset dataset, TrainedModel candidate, Dataset championData, ModelPackage champion, TrainingOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(championData);
        ArgumentNullException.ThrowIfNull(champion);
        ArgumentNullException.ThrowIfNull(options);
        ModelManifest manifest = champion.Manifest;
        if (champion.Detector is not null || manifest.Task != candidate.Package.Manifest.Task)
        {
            throw new DatasetException($"The champion tells {manifest.Task}, the candidate {candidate.Package.Manifest.Task}; give a champion of the same task, failure or remaining useful life.");
        }

        DataSplit split = DataSplit.Of(dataset, candidate.Package.Manifest.Label.Horizon, options.Seed);
        Judged said = new Judging(progress).Judge(
            championData, split, PlanOf(champion), champion.Ensemble, champion.Head, manifest.Confidence, manifest.Label, options.Threads, ct);
        return PromotionGate.Decide(
            ChampionComparison.Of(split, candidate.Package.Manifest, candidate.Judged, candidate.Leaks, manifest, said, options.Prices), options.Seed);
    }

    /// <summary>Judges a model on the test side of a data set.</summary>
    /// <param name="dataset">The data, read by the model's schema.</param>
    /// <param name="package">The model.</param>
    /// <param name="threshold">Overrides the package's threshold.</param>
    /// <param name="confidence">Overrides the package's threshold of confidence; 0 asks for none.</param>
    /// <param name="threads">Threads for the features.</param>
    /// <param name="judged">What the model said, for the pictures of a report.</param>
    /// <param name="ct">Looked at between assets.</param>
    /// <exception cref="DatasetException">The test side would reach into the period the model was trained on.</exception>
    public EvaluationReport Evaluate(
        Dataset dataset, ModelPackage package, double? threshold, double? confidence, int threads, out Judged judged, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(package);
        ModelManifest manifest = package.Manifest;
        DataSplit split = DataSplit.Of(dataset, manifest.Label.Horizon, (int)manifest.Training.Seed);
        RequireUnseen(dataset, split, manifest);
        judged = new Judging(progress).Judge(dataset, split, PlanOf(package), package.Ensemble, package.Head, manifest.Confidence, manifest.Label, threads, ct);
        EvaluationReport report = Judging.Report(Judging.Context(dataset, split, manifest.Label, manifest.Version, manifest.Parity.MaxDifference), judged,
            threshold ?? ThresholdOf(manifest), confidence is 0 ? null : confidence ?? manifest.Thresholds.ConfidenceThreshold, AlertPrices.Default, threads, [], ct);
        return report with { Metrics = report.Metrics with { OutOfFold = OutOfFold(manifest) } };
    }

    // A package of an earlier version may hold figures that are named otherwise now: its model is still worth judging.
    private static EvaluationMetrics? OutOfFold(ModelManifest manifest)
    {
        try
        {
            return EvaluationJson.ReadMetrics(manifest.Metrics).OutOfFold;
        }
        catch (JsonException)
        {
            return null;
        }
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
        IReadOnlyList<VennAbers>? confidence = package.Manifest.Confidence;
        for (int i = 0; i < dataset.Assets.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            AssetHistory history = dataset.Assets[i].History;
            int[] rows = [.. Enumerable.Range(0, history.Count)];
            yield return package.Head is FailureHead failure
                ? ScoredAsset.OfFailure(ModelScoring.Failure(package.Ensemble, failure, plan, history, rows, confidence), history.Events,
                    dataset.Assets[i].FailedSpans, label, ThresholdOf(package.Manifest), package.Manifest.Thresholds.ConfidenceThreshold)
                : ScoredAsset.OfLife(ModelScoring.Life(package.Ensemble, (LifeHead)package.Head, plan, history, rows, _ => double.NaN), package.Manifest.Intervals);
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

    private static double[] Sample(TrainingTable table)
    {
        int count = Math.Min(ParitySampleRows, table.Rows);
        return table.Take([.. Enumerable.Range(0, count).Select(i => (int)((long)i * table.Rows / count))]);
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

    private static DateTimeOffset Instant(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
