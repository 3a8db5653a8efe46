using Auspex.Core.Assets;
using Auspex.Core.Predictions;

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
    /// <summary>Probabilities, and the alerts that live would have raised on them.</summary>
    /// <param name="predictions">The model's probabilities of all rows.</param>
    /// <param name="judged">The same without the rows in which the asset is failed: these raise nothing.</param>
    /// <param name="events">Failures and maintenance end open alerts.</param>
    /// <param name="label">What is predicted.</param>
    /// <param name="threshold">Probability from which an alert is raised.</param>
    public static ScoredAsset OfFailure(
        AssetPredictions predictions, AssetPredictions judged, IReadOnlyList<AssetEvent> events, LabelDefinition label, double threshold)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(judged);
        long until = predictions.TimesUnixMs.Length == 0 ? long.MinValue : predictions.TimesUnixMs[^1];
        return new ScoredAsset(predictions.Asset, predictions.TimesUnixMs, predictions.Probabilities,
            PredictiveAlertRule.Replay(
                judged.Asset, judged.TimesUnixMs, judged.Probabilities, events, until, label, threshold),
            []);
    }

    /// <summary>Remaining useful life.</summary>
    public static ScoredAsset OfLife(AssetLifePredictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        return new ScoredAsset(predictions.Asset, predictions.TimesUnixMs, [], [], predictions.Predicted);
    }
}
