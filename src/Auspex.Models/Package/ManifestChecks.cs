using System.Text.Json;
using System.Text.RegularExpressions;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Detectors;
using Auspex.Models.Intervals;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Package;

/// <summary>What must hold inside a manifest, and between it and its model.</summary>
internal static partial class ManifestChecks
{
    /// <exception cref="ModelPackageException">A rule is broken; names the field.</exception>
    public static void CheckAlone(ModelManifest manifest)
    {
        Require(manifest.FormatVersion == ModelManifest.CurrentFormat, "formatVersion",
            $"is {manifest.FormatVersion}; this Auspex reads {ModelManifest.CurrentFormat}. Use the Auspex that wrote it, or package the model again.");
        Require(NamePattern().IsMatch(manifest.Name), "name",
            $"is '{manifest.Name}'. Use 1 to 100 letters, digits, dashes, dots and underscores, the first a letter or digit.");
        Require(VersionPattern().IsMatch(manifest.Version), "version", $"is '{manifest.Version}'. Write it as v1.0.0.");
        CheckFeatures(manifest.Features);
        Require(manifest.Label.Task == manifest.Task, "label.task",
            $"is {manifest.Label.Task}, the model's task {manifest.Task}. They must be the same.");
        RequireNoNull(manifest.Schema.Signals, "schema.signals");
        RequireNoNull(manifest.Schema.Facts, "schema.facts");
        RequireNoNull(manifest.Schema.Components, "schema.components");
        RequireNoNull(manifest.Schema.ErrorCodes, "schema.errorCodes");
        RequireNoNull(manifest.Label.Components, "label.components");
        Require(manifest.Metrics.ValueKind == JsonValueKind.Object, "metrics", "is no object. Write the measures by name.");
        CheckThreshold(manifest);
        CheckDetectorSettings(manifest);
        int components = manifest.Task == PredictionTask.Failure ? Math.Max(1, manifest.Label.Components.Count) : 1;
        int targets = components + (manifest.Task == PredictionTask.Failure && manifest.Intervals is not null ? 1 : 0);
        CheckCalibration(manifest, components);
        CheckTraining(manifest, components, targets);
        CheckGoldenRows(manifest, targets);
        CheckBaseline(manifest);
        double difference = manifest.Parity.MaxDifference;
        Require(difference is >= 0 and <= ModelPackage.Tolerance && manifest.Parity.Rows >= 0, "parity",
            FormattableString.Invariant(
                $"says the scorers differ by {difference}, allowed is {ModelPackage.Tolerance}. Train and package the model again."));
    }

    /// <exception cref="ModelPackageException">The manifest tells of another model.</exception>
    public static void CheckModel(ModelManifest manifest, OnnxModel model)
    {
        TreeEnsemble ensemble = model.Ensemble;
        Require(model.Name == manifest.Name, "name",
            $"is '{manifest.Name}', that of {ModelPackage.ModelFileName} '{model.Name}'. {PackageAgain}");
        Require(model.Version == manifest.Version, "version",
            $"is {manifest.Version}, that of {ModelPackage.ModelFileName} {model.Version}. {PackageAgain}");
        Require(model.Task == manifest.Task, "task", $"is {manifest.Task}, that of {ModelPackage.ModelFileName} {model.Task}. {PackageAgain}");
        Require(ensemble.FeatureCount == manifest.Features.Names.Count, "features.names",
            $"has {manifest.Features.Names.Count} names, the model {ensemble.FeatureCount} features. {PackageAgain}");
        Require(ensemble.TargetCount == manifest.GoldenRows[0].Scores.Count, "label.components",
            $"calls for {manifest.GoldenRows[0].Scores.Count} targets, the model has {ensemble.TargetCount}. {PackageAgain}");
        CheckHead(manifest, model.Head);
        var scores = new double[ensemble.TargetCount];
        for (int row = 0; row < manifest.GoldenRows.Count; row++)
        {
            GoldenRow golden = manifest.GoldenRows[row];
            ensemble.Score([.. golden.Values], scores);
            for (int target = 0; target < scores.Length; target++)
            {
                double expected = golden.Scores[target];
                Require(Math.Abs(scores[target] - expected) <= ModelPackage.Tolerance * Math.Max(1, Math.Abs(expected)),
                    $"goldenRows[{row}].scores[{target}]",
                    FormattableString.Invariant(
                        $"is {expected}, the model gives {scores[target]}. Model and manifest do not belong together. {PackageAgain}"));
            }
        }
    }

    /// <exception cref="ModelPackageException">The manifest tells of another detector.</exception>
    public static void CheckDetector(ModelManifest manifest, OnnxDetector model)
    {
        AnomalyDetector detector = model.Detector;
        Require(model.Name == manifest.Name, "name",
            $"is '{manifest.Name}', that of {ModelPackage.ModelFileName} '{model.Name}'. {PackageAgain}");
        Require(model.Version == manifest.Version, "version",
            $"is {manifest.Version}, that of {ModelPackage.ModelFileName} {model.Version}. {PackageAgain}");
        Require(detector.Kind == manifest.Detector!.Kind, "detector.kind",
            $"is {manifest.Detector.Kind}, that of {ModelPackage.ModelFileName} {detector.Kind}. {PackageAgain}");
        Require(detector.FeatureCount == manifest.Features.Names.Count, "features.names",
            $"has {manifest.Features.Names.Count} names, the model {detector.FeatureCount} features. {PackageAgain}");
        for (int row = 0; row < manifest.GoldenRows.Count; row++)
        {
            double expected = manifest.GoldenRows[row].Scores[0];
            double score = detector.Score([.. manifest.GoldenRows[row].Values]);
            Require(Math.Abs(score - expected) <= ModelPackage.Tolerance * Math.Max(1, Math.Abs(expected)), $"goldenRows[{row}].scores[0]",
                FormattableString.Invariant($"is {expected}, the model gives {score}. Model and manifest do not belong together. {PackageAgain}"));
        }
    }

    private const string PackageAgain = "Package the model again.";

    private static void CheckFeatures(ManifestFeatures features)
    {
        Require(!string.IsNullOrWhiteSpace(features.Hash), "features.hash", "is empty. " + PackageAgain);
        Require(features.Definition.ValueKind == JsonValueKind.Object, "features.definition", "is no object. " + PackageAgain);
        Require(features.Names.Count > 0, "features.names", "is empty. A model needs features.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < features.Names.Count; i++)
        {
            Require(!string.IsNullOrWhiteSpace(features.Names[i]) && seen.Add(features.Names[i]), $"features.names[{i}]",
                $"is '{features.Names[i]}', empty or the name of an earlier feature. Name each feature once.");
        }
    }

    private static void CheckCalibration(ModelManifest manifest, int components)
    {
        if (manifest.Calibration is { } calibration)
        {
            RequireNoNull(calibration, "calibration");
            Require(manifest.Task == PredictionTask.Failure && calibration.Count == components, "calibration",
                $"has {calibration.Count} entries for {components} components of task {manifest.Task}. {PackageAgain}");
        }

        Require(manifest.Task != PredictionTask.Anomaly || manifest.Intervals is null, "intervals",
            $"are given; a model of anomalies has none. {PackageAgain}");
        if (manifest.Intervals is { } intervals && manifest.Task == PredictionTask.Failure)
        {
            double horizon = manifest.Label.Horizon.TotalMinutes;
            Require(intervals.Cap == horizon, "intervals.cap",
                FormattableString.Invariant($"is {intervals.Cap}, the horizon {horizon} minutes. They must be the same. {PackageAgain}"));
        }
    }

    // The graph does what its own head says; the manifest repeats it for who reads only that.
    private static void CheckHead(ModelManifest manifest, ModelHead head)
    {
        LifeIntervals? intervals = head is FailureHead { TimeToFailureIntervals: var time } ? time : ((LifeHead)head).Intervals;
        Require(OnnxHeadText.IsSame(manifest.Intervals, intervals), "intervals", $"are not those of {ModelPackage.ModelFileName}. {PackageAgain}");
        bool exclusive = head is FailureHead { IsExclusive: true };
        Require(manifest.ExclusiveComponents == exclusive, "exclusiveComponents",
            $"is {manifest.ExclusiveComponents}, that of {ModelPackage.ModelFileName} {exclusive}. {PackageAgain}");
        if (head is FailureHead failure)
        {
            IEnumerable<ScoreCalibration> said = manifest.Calibration?.Select(calibration => calibration.Probability)
                ?? Enumerable.Repeat(new NoCalibration(), failure.Calibrations.Count);
            Require(said.Zip(failure.Calibrations).All(pair => OnnxHeadText.IsSame(pair.First, pair.Second)), "calibration",
                $"is not that of {ModelPackage.ModelFileName}. {PackageAgain}");
        }
    }

    private static void CheckThreshold(ModelManifest manifest)
    {
        double? threshold = manifest.Thresholds.FailureProbability;
        Require(manifest.Task == PredictionTask.Failure ? threshold is >= 0 and <= 1 : threshold is null or >= 0 and <= 1,
            "thresholds.failureProbability",
            FormattableString.Invariant($"is {threshold}. A failure model needs a probability, 0 to 1."));
        if (manifest.Thresholds.ConfidenceThreshold is { } confidence)
        {
            Require(manifest.Task == PredictionTask.Failure && confidence is >= 0 and <= 1, "thresholds.confidenceThreshold",
                FormattableString.Invariant($"is {confidence} for task {manifest.Task}. It is for models of failures, 0 to 1. {PackageAgain}"));
            Require(manifest.Confidence is not null, "thresholds.confidenceThreshold",
                FormattableString.Invariant($"is {confidence}, but a component has no Venn-Abers tables: no alert would ever be raised. Leave it out, or calibrate again."));
        }
    }

    private static void CheckDetectorSettings(ModelManifest manifest)
    {
        Require(manifest.Task == PredictionTask.Anomaly == (manifest.Detector is not null), "detector",
            $"is {(manifest.Detector is null ? "missing" : "given")}. Models of anomalies have one, others none. {PackageAgain}");
        if (manifest.Detector is not { } detector)
        {
            return;
        }

        Require(detector.PerAsset ? detector.First >= DetectorSettings.FewestRows : detector.First == 0, "detector.first",
            $"is {detector.First}. A detector of each asset takes at least {DetectorSettings.FewestRows} first rows, one of all assets 0. {PackageAgain}");
        Require(detector.FalseAlarmRate is > 0 and < 1, "detector.falseAlarmRate",
            FormattableString.Invariant($"is {detector.FalseAlarmRate}. It is a share, above 0 and below 1. {PackageAgain}"));
        Require(detector.Margin >= 1 && double.IsFinite(detector.Margin), "detector.margin",
            FormattableString.Invariant($"is {detector.Margin}. It is 1 or more. {PackageAgain}"));
        Require(detector.ExplainedVariance is > 0 and <= 1, "detector.explainedVariance",
            FormattableString.Invariant($"is {detector.ExplainedVariance}. It is a share, above 0 and at most 1. {PackageAgain}"));
    }

    private static void CheckTraining(ModelManifest manifest, int components, int targets)
    {
        ManifestTraining training = manifest.Training;
        Require(training.Start <= training.End, "training.end", $"lies before training.start. {PackageAgain}");
        Require(training.KnownUntil is null || training.KnownUntil >= training.End, "training.knownUntil", $"lies before training.end. {PackageAgain}");
        Require(training.Rows >= 0, "training.rows", $"is negative. {PackageAgain}");
        RequireNoNull(training.Assets, "training.assets");
        int expected = manifest.Task == PredictionTask.Failure ? components : 0;
        Require(training.Positives.Count == expected, "training.positives",
            $"has {training.Positives.Count} numbers for {expected} components. {PackageAgain}");
        int grown = manifest.Task == PredictionTask.Anomaly ? 0 : targets;
        Require(training.Iterations.Count == grown, "training.iterations",
            $"has {training.Iterations.Count} numbers for {grown} targets. {PackageAgain}");
    }

    private static void CheckGoldenRows(ModelManifest manifest, int targets)
    {
        Require(manifest.GoldenRows.Count > 0, "goldenRows", "is empty. Without a row to score, nothing shows that the model is the one meant.");
        RequireNoNull(manifest.GoldenRows, "goldenRows");
        for (int row = 0; row < manifest.GoldenRows.Count; row++)
        {
            GoldenRow golden = manifest.GoldenRows[row];
            Require(golden.Values.Count == manifest.Features.Names.Count, $"goldenRows[{row}].values",
                $"has {golden.Values.Count} values for {manifest.Features.Names.Count} features. {PackageAgain}");
            Require(golden.Scores.Count == targets && golden.Scores.All(double.IsFinite), $"goldenRows[{row}].scores",
                $"must have {targets} finite scores. {PackageAgain}");
        }
    }

    private static void CheckBaseline(ModelManifest manifest)
    {
        if (manifest.Baseline is not { } baseline)
        {
            return;
        }

        Require(double.IsFinite(baseline.Rows) && baseline.NormalRows >= 0 && baseline.NormalRows <= baseline.Rows, "baseline.normalRows",
            FormattableString.Invariant($"is {baseline.NormalRows} of {baseline.Rows} rows. It lies from 0 to baseline.rows. {PackageAgain}"));
        Require(!string.IsNullOrWhiteSpace(baseline.NormalMeans) && baseline.NormalMeans.Length <= ManifestBaseline.MaxWords, "baseline.normalMeans",
            $"has {baseline.NormalMeans.Length} characters. Say which rows are normal in 1 to {ManifestBaseline.MaxWords}.");
        Require(baseline.Features.Count == manifest.Features.Names.Count, "baseline.features",
            $"has {baseline.Features.Count} entries for {manifest.Features.Names.Count} features. {PackageAgain}");
        RequireNoNull(baseline.Features, "baseline.features");
        for (int i = 0; i < baseline.Features.Count; i++)
        {
            CheckBaseline(baseline.Features[i], $"baseline.features[{i}]");
        }
    }

    private static void CheckBaseline(FeatureBaseline feature, string field)
    {
        Require(feature.Missing is >= 0 and <= 1, $"{field}.missing", FormattableString.Invariant($"is {feature.Missing}. It is a share, 0 to 1. {PackageAgain}"));
        bool known = feature.Least is not null;
        Require(known ? feature.Least <= feature.Most && double.IsFinite(feature.Least!.Value) && double.IsFinite(feature.Most!.Value) : feature.Most is null,
            $"{field}.least", FormattableString.Invariant($"is {feature.Least}, most {feature.Most}. Needed are two finite numbers, the least first, or neither. {PackageAgain}"));
        Require(feature.Edges.Count < FeatureBaseline.MaxBins && (known || feature.Edges.Count == 0), $"{field}.edges",
            $"has {feature.Edges.Count} edges; at most {FeatureBaseline.MaxBins - 1} are possible, and none without values. {PackageAgain}");
        for (int edge = 0; edge < feature.Edges.Count; edge++)
        {
            Require(double.IsFinite(feature.Edges[edge]) && (edge == 0 || feature.Edges[edge] > feature.Edges[edge - 1]), $"{field}.edges[{edge}]",
                FormattableString.Invariant($"is {feature.Edges[edge]}. Edges are finite and ascend. {PackageAgain}"));
        }

        int bins = known ? feature.Edges.Count + 1 : 0;
        Require(feature.Shares.Count == bins && feature.Shares.All(share => share is >= 0 and <= 1), $"{field}.shares",
            $"must have {bins} shares, each 0 to 1. {PackageAgain}");
        Require(!known || Math.Abs(feature.Shares.Sum() - 1) <= 1e-3, $"{field}.shares",
            FormattableString.Invariant($"add up to {feature.Shares.Sum()}, not to 1. {PackageAgain}"));
        Require(feature.Normal is not { } normal || (double.IsFinite(normal.Low) && double.IsFinite(normal.High) && normal.Low <= normal.High), $"{field}.normal",
            FormattableString.Invariant($"is {feature.Normal?.Low} to {feature.Normal?.High}. Needed are two finite numbers, the low one first. {PackageAgain}"));
    }

    private static void RequireNoNull<T>(IReadOnlyList<T> list, string field)
        where T : class => Require(!list.Contains(null!), field, "has an entry that is null. Remove it.");

    private static void Require(bool holds, string field, string problem)
    {
        if (!holds)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, field, problem);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^v(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\z")]
    private static partial Regex VersionPattern();
}
