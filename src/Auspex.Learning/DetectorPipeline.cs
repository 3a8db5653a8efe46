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
using Auspex.Learning.Train.Detectors;
using Auspex.Models.Detectors;
using Auspex.Models.Onnx;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>The model line of anomalies, for who has no failures to learn from yet: rows taken as normal in, a detector out.</summary>
/// <param name="clock">Stamps packages; no feature or figure depends on it.</param>
/// <param name="progress">Told how far the run is.</param>
public sealed class DetectorPipeline(TimeProvider clock, Action<LearningProgress> progress)
{
    private const string FirstVersion = "v1.0.0";
    private const int ParitySampleRows = 256;

    /// <summary>Fits a detector on the training side and judges it on the test side. Nothing is written.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="options">Seed, threads, and whether a test side is kept. Without one, detectors of each asset are judged on the rows of the
    /// training side behind those they are fitted on, and a detector of all assets is not judged.</param>
    /// <param name="ct">Looked at between assets.</param>
    /// <exception cref="DatasetException">There is too little to fit on; the message says what is missing.</exception>
    public TrainedModel Train(Dataset dataset, TrainingOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        LabelDefinition label = LabelOf(dataset);
        DataSplit split = options.KeepTest ? DataSplit.Of(dataset, label.Horizon, options.Seed) : DataSplit.WithoutTest(dataset);
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => split.TrainAssets.Contains(asset.History.Asset))];
        var notes = new List<string>();
        FeaturePlan plan = FeaturePlan.Of(FeatureChoice.Definition(
            dataset, PredictionTask.Anomaly, [.. assets.Select(asset => asset.History)], split.TrainUntilUnixMs, notes));
        bool[] used = DetectorChoice.Used(plan.Definition);
        DetectorSettings settings = DetectorChoice.Of(dataset, options.Seed);
        NormalRows normal = Normal(plan, assets, settings, split.TrainUntilUnixMs, label, options.Threads, ct);
        AnomalyDetector fitted = Fit(normal, used, settings, dataset.Description.Name);

        progress(new LearningProgress("package", 0));
        string name = $"{dataset.Description.Name}-anomaly";
        byte[] onnx = OnnxDetectorWriter.Write(new OnnxDetector(fitted, name, FirstVersion));
        // What is judged is what will be loaded: the detector as read back from its file.
        AnomalyDetector detector = OnnxDetectorReader.Read(onnx).Detector;
        ParityResult parity = DetectorParityGate.Check(detector, onnx, Sample(normal.Rows));

        EvaluationContext context = Judging.Context(dataset, split, label, FirstVersion, parity.MaxDifference);
        (EvaluationReport report, IReadOnlyList<AssetAnomalies> said, IReadOnlyList<AnomalyDetector> own) = Judge(
            dataset, split, plan, detector, settings, context, normal.Raw, notes, options.Threads, ct);
        foreach (AnomalyDetector ofAsset in own)
        {
            // A detector of an asset's own is never a file, but must be able to be one.
            ParityResult same = DetectorParityGate.Check(
                ofAsset, OnnxDetectorWriter.Write(new OnnxDetector(ofAsset, name, FirstVersion)), Sample(normal.Rows));
            parity = new ParityResult(Math.Max(parity.MaxDifference, same.MaxDifference), parity.Rows + same.Rows, parity.HostileRows + same.HostileRows);
        }

        report = report with { Metrics = report.Metrics with { ParityMaxDifference = parity.MaxDifference } };
        ModelManifest manifest = TrainingRecord.OfDetector(
            name, FirstVersion, clock.GetUtcNow(), dataset, plan.Definition, label, split, settings, normal, detector, parity, report);
        return new TrainedModel(ModelPackage.Create(manifest, onnx, card: ModelCard.Write(manifest, report)), report, new Judged([], [], [], []) { Anomalies = said });
    }

    /// <summary>Judges a detector on the test side of a data set.</summary>
    /// <param name="dataset">The data, read by the model's schema.</param>
    /// <param name="package">The model, of task anomaly.</param>
    /// <param name="threads">Threads for the features.</param>
    /// <param name="judged">What the detector said, for the pictures of a report.</param>
    /// <param name="ct">Looked at between assets.</param>
    /// <exception cref="DatasetException">The test side would reach into the period the detector was fitted on.</exception>
    public EvaluationReport Evaluate(Dataset dataset, ModelPackage package, int threads, out Judged judged, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        (AnomalyDetector detector, DetectorSettings settings) = DetectorOf(package);
        ModelManifest manifest = package.Manifest;
        DataSplit split = DataSplit.Of(dataset, manifest.Label.Horizon, (int)manifest.Training.Seed);
        if (!settings.PerAsset)
        {
            LearningPipeline.RequireUnseen(dataset, split, manifest);
        }

        EvaluationContext context = Judging.Context(dataset, split, manifest.Label, manifest.Version, manifest.Parity.MaxDifference);
        (EvaluationReport report, IReadOnlyList<AssetAnomalies> said, _) = Judge(
            dataset, split, LearningPipeline.PlanOf(package), detector, settings, context, normalRows: null, [], threads, ct);
        judged = new Judged([], [], [], []) { Anomalies = said };
        return report;
    }

    /// <summary>Scores every row of a data set, asset by asset in its order.</summary>
    /// <param name="dataset">The data, read by the model's schema.</param>
    /// <param name="package">The model, of task anomaly.</param>
    /// <param name="ct">Looked at between assets.</param>
    public IEnumerable<ScoredAsset> Score(Dataset dataset, ModelPackage package, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        (AnomalyDetector detector, DetectorSettings settings) = DetectorOf(package);
        FeaturePlan plan = LearningPipeline.PlanOf(package);
        for (int i = 0; i < dataset.Assets.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            FeatureMatrix features = FeatureMatrix.Of(plan, dataset.Assets[i].History);
            yield return ScoredAsset.OfAnomaly(Follow(features, plan.Definition, detector, settings).Anomalies);
            progress(new LearningProgress("score", (i + 1.0) / dataset.Assets.Count));
        }
    }

    private static (AnomalyDetector Detector, DetectorSettings Settings) DetectorOf(ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.Detector is { } detector
            ? (detector, package.Manifest.Detector!)
            : throw new ArgumentException($"Package '{package.Manifest.Name}' tells {package.Manifest.Task}, not anomalies.", nameof(package));
    }

    // An anomaly is of the present: nothing is foretold, so there is no horizon to keep training and test apart by.
    private static LabelDefinition LabelOf(Dataset dataset) => new(
        PredictionTask.Anomaly, TimeSpan.Zero, TimeSpan.Zero,
        DurationText.TryParse(dataset.Description.Labels.Recovery, out TimeSpan recovery) ? recovery : TimeSpan.Zero, [], null, null, null);

    private NormalRows Normal(
        FeaturePlan plan, DatasetAsset[] assets, DetectorSettings settings, long untilUnixMs, LabelDefinition label, int threads, CancellationToken ct)
    {
        var own = new (AssetId Asset, long[] TimesUnixMs, double[][] Rows)[assets.Length];
        Teaching.ForEach(assets.Length, threads, "make features", progress, i =>
        {
            AssetHistory history = assets[i].History;
            int[] rows = settings.PerAsset
                ? [.. Enumerable.Range(0, Math.Min(settings.First, history.Count))]
                : NormalRowsOf(assets[i], untilUnixMs, label);
            double[][] values =
            [
                .. FeatureMatrix.InBlocks(plan, history, rows, ModelScoring.BlockRows)
                    .SelectMany(block => Enumerable.Range(0, block.Rows).Select(row => block.Row(row).ToArray())),
            ];
            own[i] = (history.Asset, [.. rows.Select(row => history.TimesUnixMs[row])], values);
        }, ct);
        return NormalRows.Of(own, (times, rows) => AssetDetection.Smoothed(times, rows, settings.Smoothing));
    }

    private static int[] NormalRowsOf(DatasetAsset asset, long untilUnixMs, LabelDefinition label)
    {
        AssetHistory history = asset.History;
        FailedPeriods labelled = FailedSpan.Join(history.Asset, asset.FailedSpans);
        var failed = new FailedPeriods(FailureEpisodes.Of(history.Asset, history.Events, label));
        long[] times = history.TimesUnixMs;
        return
        [
            .. Enumerable.Range(0, times.Length).Where(row => times[row] <= untilUnixMs && !labelled.Contains(times[row]) && !failed.Contains(times[row])),
        ];
    }

    private static AnomalyDetector Fit(NormalRows normal, bool[] used, DetectorSettings settings, string dataset)
    {
        try
        {
            return DetectorFit.Of(normal.Rows, used, settings);
        }
        catch (DetectorException refused)
        {
            throw new DatasetException($"Nothing to learn from in data set '{dataset}': {refused.Message}", refused);
        }
    }

    private static List<double[]> Sample(IReadOnlyList<double[]> rows)
    {
        int count = Math.Min(ParitySampleRows, rows.Count);
        return [.. Enumerable.Range(0, count).Select(i => rows[(int)((long)i * rows.Count / count)].ToArray())];
    }

    private (EvaluationReport Report, IReadOnlyList<AssetAnomalies> Said, IReadOnlyList<AnomalyDetector> Own) Judge(
        Dataset dataset, DataSplit split, FeaturePlan plan, AnomalyDetector detector, DetectorSettings settings, EvaluationContext context,
        IReadOnlyList<double[]>? normalRows, IReadOnlyList<string> notes, int threads, CancellationToken ct)
    {
        // Without a test side, what lies behind an asset's first rows is still unseen by its own detector.
        bool noTest = split.Kind == DataSplitKind.HeldOut;
        IReadOnlySet<AssetId> judged = noTest && settings.PerAsset ? split.TrainAssets : split.TestAssets;
        long fromUnixMs = noTest ? long.MinValue : split.TestFromUnixMs;
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => judged.Contains(asset.History.Asset))];
        bool labelled = dataset.Description.RowLabels.Count > 0;
        var anomalies = new AssetAnomalies[assets.Length];
        var own = new AnomalyDetector?[assets.Length];
        var noted = new string?[assets.Length];
        Teaching.ForEach(assets.Length, threads, "judge", progress, i =>
        {
            var features = FeatureMatrix.Of(plan, assets[i].History);
            (AssetAnomalies all, own[i], noted[i]) = Follow(features, plan.Definition, detector, settings);
            IReadOnlyList<double[]>? normal = settings.PerAsset
                ? [.. Enumerable.Range(0, Math.Min(settings.First, features.Rows)).Select(row => features.Row(row).ToArray())]
                : normalRows;
            bool[] threeSigma = normal is null ? [] : ThreeSigma(features, DetectorChoice.Used(plan.Definition), normal);
            FailedPeriods failed = FailedSpan.Join(all.Asset, assets[i].FailedSpans);
            int[] rows = [.. Enumerable.Range(0, all.TimesUnixMs.Length).Where(row => all.TimesUnixMs[row] >= fromUnixMs)];
            anomalies[i] = new AssetAnomalies(
                all.Asset, [.. rows.Select(row => all.TimesUnixMs[row])], [.. rows.Select(row => all.Scores[row])], [.. rows.Select(row => all.Flagged[row])],
                normal is null ? [] : [.. rows.Select(row => threeSigma[row])], labelled ? [.. rows.Select(row => failed.Contains(all.TimesUnixMs[row]))] : [])
            {
                Limit = all.Limit,
            };
        }, ct);

        long[] times = [.. anomalies.SelectMany(asset => asset.TimesUnixMs)];
        context = context with
        {
            Split = context.Split with
            {
                TestFrom = times.Length == 0 ? null : Judging.Instant(times.Min()),
                TestTo = times.Length == 0 ? null : Judging.Instant(times.Max()),
                TestAssets = assets.Length,
            },
        };
        AnomalyMeasures measures = AnomalyMeasures.Of(anomalies);
        if (assets.Length == 0)
        {
            measures = measures with { Notes = ["Nothing was judged: no test side was kept, and one detector of all assets holds no rows out."] };
        }

        EvaluationReport report = EvaluationReport.OfAnomaly(context, measures);
        return (report with { Notes = [.. notes, .. noted.OfType<string>(), .. report.Notes] }, anomalies, [.. own.OfType<AnomalyDetector>()]);
    }

    private static (AssetAnomalies Anomalies, AnomalyDetector? Own, string? Note) Follow(
        FeatureMatrix features, FeatureDefinition definition, AnomalyDetector detector, DetectorSettings settings)
    {
        var detection = new AssetDetection(settings.PerAsset ? null : detector, DetectorChoice.Used(definition), settings);
        var scores = new double[features.Rows];
        var flagged = new bool[features.Rows];
        for (int row = 0; row < features.Rows; row++)
        {
            (scores[row], flagged[row]) = detection.Next(features.TimesUnixMs[row], features.Row(row));
        }

        string? note = detection.Refusal is { } refusal
            ? $"Asset '{features.Asset}' is not judged: no detector can be fitted on its first {settings.First} rows. {refusal}"
            : settings.PerAsset && features.Rows <= settings.First
                ? $"Asset '{features.Asset}' has {features.Rows} rows; its detector is fitted on the first {settings.First}, so none is judged."
                : null;
        return (new AssetAnomalies(features.Asset, features.TimesUnixMs, scores, flagged, [], []) { Limit = detection.Detector?.Limit ?? double.NaN }, settings.PerAsset ? detection.Detector : null, note);
    }

    // The plain rule beside the detector: mean and deviation of the same rows, as they came.
    private static bool[] ThreeSigma(FeatureMatrix features, bool[] used, IReadOnlyList<double[]> normal)
    {
        var alarm = new bool[features.Rows];
        for (int column = 0; column < features.Columns; column++)
        {
            double[] values = used[column] ? [.. normal.Select(row => row[column]).Where(double.IsFinite)] : [];
            if (values.Length < 2)
            {
                continue;
            }

            double mean = values.Average();
            double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
            for (int row = 0; row < alarm.Length; row++)
            {
                alarm[row] |= Math.Abs(features.Row(row)[column] - mean) > 3 * deviation;
            }
        }

        return alarm;
    }
}
