using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Package;
using Auspex.Learning.Train;
using Auspex.Learning.Train.Detectors;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models;
using Auspex.Models.Detectors;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>Writes down in a manifest how a model came to be.</summary>
internal static class TrainingRecord
{
    private const int GoldenRowCount = 8;

    private static string AuspexVersion =>
        typeof(TrainingRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The manifest of a trained model; the package adds its files.</summary>
    public static ModelManifest Manifest(
        string name, string version, DateTimeOffset createdAt, Dataset dataset, Taught taught, DataSplit split, ParityResult parity,
        EvaluationReport report, TrainingOptions options, TreeEnsemble ensemble, double[] sampleRows)
    {
        LabelDefinition label = taught.Label;
        FeatureDefinition definition = taught.Plan.Definition;
        TrainingTable table = taught.Table;
        bool isFailure = label.Task == PredictionTask.Failure;
        return new ModelManifest
        {
            FormatVersion = ModelManifest.CurrentFormat,
            Name = name,
            Version = version,
            Task = label.Task,
            CreatedAt = createdAt,
            AuspexVersion = AuspexVersion,
            Dataset = dataset.Description.Name,
            Features = new ManifestFeatures(definition.Hash, definition.Names, JsonSerializer.Deserialize<JsonElement>(definition.ToJson())),
            Schema = dataset.Schema,
            Label = label,
            Training = new ManifestTraining(
                DateTimeOffset.FromUnixTimeMilliseconds(table.TimesUnixMs.Min()),
                DateTimeOffset.FromUnixTimeMilliseconds(table.TimesUnixMs.Max()),
                split.Kind == DataSplitKind.Time ? DateTimeOffset.FromUnixTimeMilliseconds(split.TrainUntilUnixMs) : null,
                table.Rows, [.. table.Assets.Distinct().Order().Select(asset => asset.Value)],
                isFailure ? [.. table.Labels.Select(target => (long)target.Count(value => value > 0))] : [],
                Trees(taught),
                Parameters(label.Task, taught.Targets, taught.Folds, options, dataset.Description), options.Seed, taught.Threshold.Source),
            Thresholds = new ManifestThresholds(
                isFailure ? taught.Threshold.Threshold : null, isFailure && label.Horizon > TimeSpan.Zero ? options.ConfidenceThreshold : null),
            Calibration = taught.Head.Calibration,
            ExclusiveComponents = taught.Head.Head is FailureHead { IsExclusive: true },
            Intervals = taught.Head.Head switch
            {
                FailureHead failure => failure.TimeToFailureIntervals,
                LifeHead life => life.Intervals,
                _ => null,
            },
            Metrics = JsonSerializer.Deserialize<JsonElement>(EvaluationJson.Write(report)).GetProperty("metrics"),
            Baseline = FeatureBaselines.Of(table, label, options.Threads),
            GoldenRows = Golden(ensemble, sampleRows),
            Parity = new ManifestParity(parity.MaxDifference, parity.Rows),
        };
    }

    private static int[] Trees(Taught taught)
    {
        IEnumerable<FoldBag> bags = taught.Targets.Select(target => target.Bag);
        return [.. (taught.Time is { } time ? bags.Append(time.Bag) : bags).Select(bag => bag.ModelTexts.Count * bag.Iterations)];
    }

    /// <summary>The manifest of a detector; the package adds its files.</summary>
    public static ModelManifest OfDetector(
        string name, string version, DateTimeOffset createdAt, Dataset dataset, FeatureDefinition definition, LabelDefinition label, DataSplit split,
        DetectorSettings settings, NormalRows normal, AnomalyDetector detector, ParityResult parity, EvaluationReport report) => new()
        {
            FormatVersion = ModelManifest.CurrentFormat,
            Name = name,
            Version = version,
            Task = PredictionTask.Anomaly,
            CreatedAt = createdAt,
            AuspexVersion = AuspexVersion,
            Dataset = dataset.Description.Name,
            Features = new ManifestFeatures(definition.Hash, definition.Names, JsonSerializer.Deserialize<JsonElement>(definition.ToJson())),
            Schema = dataset.Schema,
            Label = label,
            Training = new ManifestTraining(
                DateTimeOffset.FromUnixTimeMilliseconds(normal.FromUnixMs),
                DateTimeOffset.FromUnixTimeMilliseconds(normal.ToUnixMs),
                split.Kind == DataSplitKind.Time ? DateTimeOffset.FromUnixTimeMilliseconds(split.TrainUntilUnixMs) : null,
                normal.Rows.Count, [.. normal.Assets.Order().Select(asset => asset.Value)], [], [],
                new SortedDictionary<string, string>(StringComparer.Ordinal) { ["trainer"] = "Auspex detectors" }, settings.Seed,
                string.Create(CultureInfo.InvariantCulture, $"false-alarm rate {settings.FalseAlarmRate} on normal rows, margin {settings.Margin}")),
            Thresholds = new ManifestThresholds(null),
            Detector = settings,
            Metrics = JsonSerializer.Deserialize<JsonElement>(EvaluationJson.Write(report)).GetProperty("metrics"),
            Baseline = FeatureBaselines.OfNormal(normal.Rows, settings.PerAsset),
            GoldenRows =
            [
                .. Enumerable.Range(0, GoldenRowCount).Select(i => normal.Rows[(int)((long)i * normal.Rows.Count / GoldenRowCount)])
                    .Select(row => new GoldenRow(row, [detector.Score(row)])),
            ],
            Parity = new ManifestParity(parity.MaxDifference, parity.Rows),
        };

    private static SortedDictionary<string, string> Parameters(
        PredictionTask task, IReadOnlyList<TrainedTarget> trained, Folds folds, TrainingOptions options, DatasetDescription description)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["trainer"] = "LightGBM",
            ["folds"] = folds.Text,
            ["live_budget_trees"] = options.LiveBudgetTrees?.ToString(CultureInfo.InvariantCulture) ?? "off",
            ["free_iterations"] = Each(target => target.FreeIterations),
            ["free_held_out_loss"] = Each(target => target.FreeHeldOutLoss),
            ["patience"] = options.Patience.ToString(CultureInfo.InvariantCulture),
            ["held_out_loss"] = Each(target => target.HeldOutLoss),
        };
        foreach ((string name, string value) in LightGbmTrainer.ParametersByName(task, options, trained.Count).Concat(options.Hyperparameters!.Recorded()))
        {
            all[name] = value;
        }

        string[] bound = [.. MonotoneColumns.All(description.Signals, options.Monotone).Select(one => $"{one.Signal}={(one.Up ? "up" : "down")}")];
        string[] weights = [.. description.Frames.Select(file => file.WeightColumn).OfType<string>().Distinct()];
        foreach ((string name, string[] values) in new[] { ("monotone", bound), ("row_weights", weights) })
        {
            if (values.Length > 0)
            {
                all[name] = string.Join(' ', values);
            }
        }

        all["learning_rate"] = Each(target => target.LearningRate);
        return all;

        string Each(Func<TrainedTarget, double> of) =>
            string.Join(' ', trained.Select(target => of(target).ToString("R", CultureInfo.InvariantCulture)));
    }

    private static GoldenRow[] Golden(TreeEnsemble ensemble, double[] sampleRows)
    {
        int columns = ensemble.FeatureCount;
        int rows = sampleRows.Length / columns;
        int count = Math.Min(GoldenRowCount, rows);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                double[] values = sampleRows.AsSpan((int)((long)i * rows / count) * columns, columns).ToArray();
                var scores = new double[ensemble.TargetCount];
                ensemble.Score(values, scores);
                return new GoldenRow(values, scores);
            }),
        ];
    }
}
