using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>Judges models: on the test side of a split, or by what folds held out.</summary>
/// <param name="progress">Told how far the run is.</param>
internal sealed class Judging(Action<LearningProgress> progress)
{
    /// <summary>What a model says of the test side of a split.</summary>
    public Judged Judge(
        Dataset dataset, DataSplit split, FeaturePlan plan, TreeEnsemble ensemble, ModelHead head, IReadOnlyList<VennAbers>? confidence, LabelDefinition label,
        int threads, CancellationToken ct)
    {
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => split.TestAssets.Contains(asset.History.Asset))];
        int[][] rows = [.. assets.Select(asset => JudgedRows(asset, split.TestFromUnixMs, label))];
        if (label.Task == PredictionTask.RemainingUsefulLife)
        {
            var lives = new AssetLifePredictions[assets.Length];
            Teaching.ForEach(assets.Length, threads, "judge", progress, i =>
            {
                AssetHistory history = assets[i].History;
                IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(history.Asset, history.Events, label);
                lives[i] = ModelScoring.Life(ensemble, (LifeHead)head, plan, history, rows[i], time => LabelledRows.Life(time, episodes, label));
            }, ct);
            return new Judged(lives);
        }

        if (label.Horizon == TimeSpan.Zero)
        {
            var conditions = new AssetConditions[assets.Length];
            Teaching.ForEach(assets.Length, threads, "judge", progress, i =>
            {
                long[] times = assets[i].History.TimesUnixMs;
                var labelled = LabelledRows.Of(assets[i], label, long.MaxValue);
                int[] kept = [.. Enumerable.Range(0, labelled.Rows.Length).Where(row => times[labelled.Rows[row]] >= split.TestFromUnixMs)];
                AssetPredictions said = ModelScoring.Failure(
                    ensemble, (FailureHead)head, plan, assets[i].History, [.. kept.Select(row => labelled.Rows[row])], confidence: null);
                conditions[i] = new AssetConditions(
                    said.Asset, said.TimesUnixMs, said.Probabilities, [.. labelled.Labels.Select(labels => kept.Select(row => (double)labels[row]).ToArray())]);
            }, ct);
            return new Judged([.. conditions.Where(asset => asset.TimesUnixMs.Length > 0)]);
        }

        var predictions = new AssetPredictions[assets.Length];
        Teaching.ForEach(assets.Length, threads, "judge", progress,
            i => predictions[i] = ModelScoring.Failure(ensemble, (FailureHead)head, plan, assets[i].History, rows[i], confidence), ct);
        Func<AssetHistory, long> knownUntil = KnownUntil(dataset);
        return new Judged(
            predictions, [.. assets.Select(asset => new AssetEvents(asset.History.Asset, asset.History.Events, knownUntil(asset.History)))]);
    }

    /// <summary>What an evaluation is made of, before its rows are known.</summary>
    public static EvaluationContext Context(Dataset dataset, DataSplit split, LabelDefinition label, string version, double parity) => new(
        dataset.Description.Name, dataset.Description.Title, version,
        new EvaluationSplit(
            split.Kind switch
            {
                DataSplitKind.Time => SplitKind.Time,
                DataSplitKind.Files => SplitKind.Files,
                DataSplitKind.HeldOut => SplitKind.HeldOut,
                _ => SplitKind.Assets,
            },
            split.Kind == DataSplitKind.Time ? Instant(split.TrainUntilUnixMs) : null, null, null,
            split.Kind == DataSplitKind.Time ? label.Horizon : TimeSpan.Zero, split.TrainAssets.Count, split.TestAssets.Count),
        label, ReadingSummary.Of(dataset.Report), parity);

    /// <summary>All measures of what was said.</summary>
    public static EvaluationReport Report(
        EvaluationContext context, Judged judged, double threshold, double? confidence, AlertPrices prices, int threads, IReadOnlyList<string> notes,
        CancellationToken ct)
    {
        long[] times = [.. judged.Predictions.SelectMany(asset => asset.TimesUnixMs), .. judged.Lives.SelectMany(asset => asset.TimesUnixMs),
            .. judged.Conditions.SelectMany(asset => asset.TimesUnixMs)];
        LabelDefinition label = context.Label;
        context = context with
        {
            Split = context.Split with
            {
                TestFrom = times.Length == 0 ? null : Instant(times.Min()),
                TestTo = times.Length == 0 ? null : Instant(times.Max()),
            },
        };
        EvaluationReport report = label.Task == PredictionTask.RemainingUsefulLife
            ? EvaluationReport.OfLife(context, LifeMeasures.Of(judged.Lives, label))
            : label.Horizon == TimeSpan.Zero
            ? EvaluationReport.OfCondition(context, ConditionMeasures.Of(judged.Conditions, label, threshold))
            : EvaluationReport.OfFailures(
                context,
                EventMeasures.Of(judged.Predictions, judged.Events, label, threshold, confidence),
                RowMeasures.Of(judged.Predictions, judged.Events, label, threshold),
                EventMeasures.Sweep(
                    judged.Predictions, judged.Events, label, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95], confidence, threads, ct),
                prices);
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
