using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Evaluate;

/// <summary>All rows of one asset, scored.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event time of each row.</param>
/// <param name="Probabilities">[component][row] of a failure model; empty for remaining useful life.</param>
/// <param name="Raised">Alerts raised, by raise; not settled: the future is not looked at.</param>
/// <param name="RemainingUsefulLife">Of each row, in the label's unit; empty for a failure model.</param>
public sealed record ScoredAsset(
    AssetId Asset, long[] TimesUnixMs, double[][] Probabilities, IReadOnlyList<PredictiveAlert> Raised, double[] RemainingUsefulLife)
{
    /// <summary>[component][row] confidence of each probability, or [0][row] of each life; empty when the model tells none.</summary>
    public double[][] Confidences { get; init; } = [];

    /// <summary>[row] confidence that any component fails; empty when the model tells none, or no probability.</summary>
    public double[] ConfidenceOfAny { get; init; } = [];

    /// <summary>Anomaly score of each row, NaN where it was not judged; empty for other tasks.</summary>
    public double[] AnomalyScores { get; init; } = [];

    /// <summary>Whether each row is an anomaly; empty for other tasks.</summary>
    public bool[] Anomalies { get; init; } = [];

    /// <summary>What a detector said of each row.</summary>
    public static ScoredAsset OfAnomaly(AssetAnomalies anomalies)
    {
        ArgumentNullException.ThrowIfNull(anomalies);
        return new ScoredAsset(anomalies.Asset, anomalies.TimesUnixMs, [], [], []) { AnomalyScores = anomalies.Scores, Anomalies = anomalies.Flagged };
    }

    /// <summary>Probabilities, and the alerts that live would have raised on them.</summary>
    /// <param name="predictions">The model's probabilities.</param>
    /// <param name="events">Failures and maintenance end open alerts.</param>
    /// <param name="failedSpans">Spans in which a row label says that the asset is failed: its rows there raise nothing.</param>
    /// <param name="label">What is predicted.</param>
    /// <param name="threshold">Probability from which an alert is raised.</param>
    /// <param name="confidenceThreshold">Confidence that is asked for too; null for none.</param>
    public static ScoredAsset OfFailure(
        AssetPredictions predictions, IReadOnlyList<AssetEvent> events, IReadOnlyList<FailedSpan> failedSpans, LabelDefinition label, double threshold,
        double? confidenceThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        long[] times = predictions.TimesUnixMs;
        long until = times.Length == 0 ? long.MinValue : times[^1];
        FailedPeriods failed = FailedSpan.Join(predictions.Asset, failedSpans);
        int[] running = [.. Enumerable.Range(0, times.Length).Where(row => !failed.Contains(times[row]))];
        return new ScoredAsset(predictions.Asset, times, predictions.Probabilities,
            PredictiveAlertRule.Replay(
                predictions.Asset, [.. running.Select(row => times[row])],
                [.. predictions.Probabilities.Select(column => running.Select(row => column[row]).ToArray())], events, until, label, threshold,
                [.. predictions.Confidences.Select(column => running.Select(row => column[row]).ToArray())], confidenceThreshold),
            [])
        {
            Confidences = predictions.Confidences,
            ConfidenceOfAny = predictions.ConfidenceOfAny,
        };
    }

    /// <summary>Remaining useful life.</summary>
    /// <param name="predictions">The model's lives.</param>
    /// <param name="intervals">What their confidence is read off; null when the model has none.</param>
    public static ScoredAsset OfLife(AssetLifePredictions predictions, Models.Intervals.LifeIntervals? intervals = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        return new ScoredAsset(predictions.Asset, predictions.TimesUnixMs, [], [], predictions.Predicted)
        {
            Confidences = intervals?.Cap is null ? [] : [[.. predictions.Predicted.Select(life => intervals.Confidence(life)!.Value)]],
        };
    }
}
