using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>One round of a cross-validation: every asset judged once, by a model that had not seen it.</summary>
/// <param name="Report">All measures; alerts and rows by the threshold of the fold's own model, which stands at 0.5 here.</param>
/// <param name="Folds">Number of folds.</param>
public sealed record CrossValidatedRound(EvaluationReport Report, int Folds);

/// <summary>Teaches the whole line (features, trees, calibration, threshold) on all folds of assets but one and judges it on that one, in turn;
/// all that is chosen is chosen inside, on the folds that teach.</summary>
/// <param name="progress">Told how far the run is.</param>
public sealed class CrossValidation(Action<LearningProgress> progress)
{
    /// <summary>The threshold at which all rounds are reported; each fold's probabilities are stretched so that its own threshold comes to lie here.</summary>
    public const double Threshold = 0.5;

    /// <summary>Runs it over all assets that are not for the test.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="task">Failure (with a horizon of 0: the present condition), or remaining useful life.</param>
    /// <param name="horizon">Overrides the description's horizon.</param>
    /// <param name="folds">At least 2, at most the number of assets; 0 for one a asset: leave one out.</param>
    /// <param name="rounds">How often the assets are dealt out anew, at least 1.</param>
    /// <param name="options">Seed, threads, budget.</param>
    /// <param name="export">Where rows, folds and predictions of each round are written as NumPy arrays; null for nowhere.</param>
    /// <param name="ct">Looked at between training iterations.</param>
    /// <exception cref="DatasetException">There are too few assets, or a fold has too little to learn from.</exception>
    public IReadOnlyList<CrossValidatedRound> Run(Dataset dataset, PredictionTask task, TimeSpan? horizon, int folds, int rounds, TrainingOptions options,
        string? export, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        if (task == PredictionTask.Anomaly)
        {
            throw new DatasetException("Detectors of anomalies are not cross-validated: each is judged on rows that it was not fitted on. Use auspex train or evaluate.");
        }

        LabelDefinition label = LabelChoice.Of(dataset, task, horizon);
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => asset.Part != DatasetPart.Test)];
        int count = folds == 0 ? assets.Length : folds;
        if (count < 2 || count > assets.Length)
        {
            throw new DatasetException($"{count} folds cannot be made of {assets.Length} assets of data set '{dataset.Description.Name}': "
                + "at least 2 folds are needed and an asset for each.");
        }

        LabelledRows[] labelled = [.. assets.Select(asset => LabelledRows.Of(asset, label, long.MaxValue))];
        double[] positives = [.. labelled.Select(rows => task == PredictionTask.Failure ? rows.Labels.Sum(output => output.Sum()) : 0)];
        var done = new List<CrossValidatedRound>();
        for (int round = 0; round < rounds; round++)
        {
            int seed = options.Seed + round;
            int[] order = [.. Enumerable.Range(0, assets.Length).OrderBy(asset => Draw(assets[asset].History.Asset, seed), StringComparer.Ordinal)];
            int[] foldOf = AssetDeal.Deal(positives, [.. labelled.Select(rows => rows.Rows.Length)], order, count);
            var parts = new List<(Judged Judged, double Threshold)>();
            for (int fold = 0; fold < count; fold++)
            {
                double before = ((round * count) + fold) / ((double)rounds * count);
                string where = string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}, fold {fold + 1} of {count}");
                progress(new LearningProgress("cross-validate", before, where));
                parts.Add(Judge(dataset, assets, foldOf, fold, label, options with { Seed = seed }, ct));
            }

            done.Add(new CrossValidatedRound(Report(dataset, assets.Length, label, parts, options, ct), count));
            if (export is not null)
            {
                Export(Path.Combine(export, $"round-{round + 1}"), dataset, assets, labelled, foldOf, label, parts);
            }
        }

        progress(new LearningProgress("cross-validate", 1));
        return done;
    }

    private static (Judged Judged, double Threshold) Judge(
        Dataset dataset, DatasetAsset[] assets, int[] foldOf, int fold, LabelDefinition label, TrainingOptions options, CancellationToken ct)
    {
        HashSet<AssetId> Side(bool test) => [.. assets.Where((_, i) => foldOf[i] == fold == test).Select(asset => asset.History.Asset)];
        var split = new DataSplit(DataSplitKind.Assets, Side(test: false), Side(test: true), long.MaxValue, long.MinValue, "one fold of a cross-validation");
        Taught taught = new Teaching(_ => { }, TimeProvider.System).Teach(dataset, label, split, threshold: null, options, [], ct);
        if (!taught.Label.Components.SequenceEqual(label.Components))
        {
            throw new DatasetException("A component fails too seldom to be taught in every fold: "
                + $"{string.Join(", ", label.Components.Except(taught.Label.Components))}. Give fewer folds, or more history.");
        }

        return (new Judging(_ => { }).Judge(dataset, split, taught.Plan, taught.Ensemble, taught.Head.Head,
                ManifestCalibration.Confidence(taught.Head.Calibration), taught.Label, options.Threads, ct),
            taught.Threshold.Threshold);
    }

    private static EvaluationReport Report(Dataset dataset, int assets, LabelDefinition label, List<(Judged Judged, double Threshold)> parts, TrainingOptions options,
        CancellationToken ct)
    {
        EvaluationContext context = Judging.Context(dataset, DataSplit.WithoutTest(dataset), label, "v0.0.0", double.NaN);
        context = context with { Split = context.Split with { TrainAssets = assets } };
        EvaluationReport Of(Func<(Judged Judged, double Threshold), Judged> part)
        {
            Judged[] all = [.. parts.Select(part)];
            return Judging.Report(context, new Judged(
                [.. all.SelectMany(one => one.Predictions)], [.. all.SelectMany(one => one.Events)], [.. all.SelectMany(one => one.Lives)],
                [.. all.SelectMany(one => one.Conditions)]), Threshold, options.ConfidenceThreshold, options.Prices, options.Threads, [], ct);
        }

        EvaluationReport report = Of(part => Stretched(part.Judged, part.Threshold));
        if (label.Task != PredictionTask.Failure)
        {
            return report;
        }

        // What looks at the probabilities themselves takes them as they were said.
        EvaluationMetrics said = Of(part => part.Judged).Metrics;
        return report with
        {
            Metrics = report.Metrics with { RocAuc = said.RocAuc, PrAuc = said.PrAuc, LogLoss = said.LogLoss, Brier = said.Brier, Ece = said.Ece },
        };
    }

    private static Judged Stretched(Judged judged, double threshold)
    {
        double Stretch(double p) => p >= threshold
            ? Threshold + (threshold < 1 ? (1 - Threshold) * (p - threshold) / (1 - threshold) : 0)
            : Math.Min(Threshold * p / threshold, Math.BitDecrement(Threshold));
        double[][] All(double[][] outputs) => [.. outputs.Select(output => Array.ConvertAll(output, Stretch))];
        return judged with
        {
            Predictions = [.. judged.Predictions.Select(asset => asset with { Probabilities = All(asset.Probabilities) })],
            Conditions = [.. judged.Conditions.Select(asset => asset with { Probabilities = All(asset.Probabilities) })],
        };
    }

    private static void Export(string folder, Dataset dataset, DatasetAsset[] assets, LabelledRows[] labelled, int[] foldOf, LabelDefinition label,
        List<(Judged Judged, double Threshold)> parts)
    {
        Directory.CreateDirectory(folder);
        var plan = FeaturePlan.Of(FeatureChoice.Definition(dataset, label.Task, [.. assets.Select(asset => asset.History)], long.MaxValue, []));
        int columns = plan.Definition.Columns.Count;
        int count = labelled.Sum(rows => rows.Rows.Length);
        int outputs = Math.Max(1, label.Components.Count);
        using (var rows = new NpyWriter<double>(Path.Combine(folder, "rows.npy"), [columns]))
        {
            for (int i = 0; i < assets.Length; i++)
            {
                foreach (FeatureMatrix block in FeatureMatrix.InBlocks(plan, assets[i].History, labelled[i].Rows, ModelScoring.BlockRows))
                {
                    rows.Append(block.Values);
                }
            }

            rows.Complete();
        }

        var said = parts.SelectMany(part => part.Judged.Conditions.Select(asset => (asset.Asset, asset.TimesUnixMs, asset.Probabilities, part.Threshold))
                .Concat(part.Judged.Predictions.Select(asset => (asset.Asset, asset.TimesUnixMs, asset.Probabilities, part.Threshold)))
                .Concat(part.Judged.Lives.Select(asset => (asset.Asset, asset.TimesUnixMs, new[] { asset.Predicted }, part.Threshold))))
            .ToDictionary(asset => asset.Asset);
        var predictions = new double[count * outputs];
        var decisions = new double[count * outputs];
        int at = 0;
        for (int i = 0; i < assets.Length; i++)
        {
            (_, long[] times, double[][] values, double threshold) = said[assets[i].History.Asset];
            foreach (int row in labelled[i].Rows)
            {
                int place = Array.BinarySearch(times, assets[i].History.TimesUnixMs[row]);
                for (int output = 0; output < outputs; output++, at++)
                {
                    predictions[at] = place >= 0 ? values[output][place] : double.NaN;
                    decisions[at] = predictions[at] >= threshold ? 1 : 0;
                }
            }
        }

        NpyFile.Write<double>(Path.Combine(folder, "labels.npy"),
            [.. labelled.SelectMany(rows => Enumerable.Range(0, rows.Rows.Length).SelectMany(row => rows.Labels.Select(output => (double)output[row])))], count, outputs);
        NpyFile.Write<long>(Path.Combine(folder, "assets.npy"), [.. labelled.SelectMany((rows, i) => Enumerable.Repeat((long)i, rows.Rows.Length))], count);
        NpyFile.Write<long>(Path.Combine(folder, "folds.npy"), [.. labelled.SelectMany((rows, i) => Enumerable.Repeat((long)foldOf[i], rows.Rows.Length))], count);
        NpyFile.Write<double>(Path.Combine(folder, "predictions.npy"), predictions, count, outputs);
        NpyFile.Write<double>(Path.Combine(folder, "decisions.npy"), decisions, count, outputs);
        File.WriteAllBytes(Path.Combine(folder, "names.json"), JsonSerializer.SerializeToUtf8Bytes(new
        {
            columns = plan.Definition.Names,
            assets = assets.Select(asset => asset.History.Asset.Value),
        }));
    }

    private static string Draw(AssetId asset, int seed) => Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}:{asset.Value}"))));
}
