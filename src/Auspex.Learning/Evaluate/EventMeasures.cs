using System.Globalization;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Core.Time;

namespace Auspex.Learning.Evaluate;

/// <summary>How well alerts foretold failures: the measures Auspex lives by.</summary>
/// <param name="Threshold">Probability from which alerts were raised.</param>
/// <param name="Fleet">All assets and components.</param>
/// <param name="Components">One entry a component of the label, in its order; then components that only failures name.</param>
/// <param name="Assets">One entry an asset, in ordinal order.</param>
/// <param name="Failures">All failures of the judged assets, by asset and start.</param>
/// <param name="Alerts">All alerts, settled, by asset and raise.</param>
public sealed record EventMeasures(
    double Threshold,
    EventCounts Fleet,
    IReadOnlyList<NamedEventCounts> Components,
    IReadOnlyList<NamedEventCounts> Assets,
    IReadOnlyList<FailureFinding> Failures,
    IReadOnlyList<PredictiveAlert> Alerts)
{
    /// <summary>Confidence that was asked for too; null for none.</summary>
    public double? ConfidenceThreshold { get; init; }

    /// <summary>Raises alerts over the predictions, settles them and judges every failure.</summary>
    /// <param name="predictions">One entry an asset.</param>
    /// <param name="events">One entry for each asset of <paramref name="predictions"/>; further assets are refused.</param>
    /// <param name="label">What the model was taught to tell.</param>
    /// <param name="threshold">Probability from which an alert is raised, compared with ≥.</param>
    /// <param name="confidenceThreshold">Confidence that is asked for too, compared with ≥; null for none.</param>
    /// <exception cref="ArgumentException">Assets differ or repeat, arrays do not fit, times are not increasing or a probability is not
    /// in 0 to 1.</exception>
    public static EventMeasures Of(
        IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events, LabelDefinition label, double threshold,
        double? confidenceThreshold = null) =>
        Of(JudgedAsset.Join(predictions, events, label), label, threshold, confidenceThreshold);

    /// <summary>The fleet's counts at each of several thresholds, to show what a threshold buys and costs.</summary>
    /// <param name="predictions">One entry an asset.</param>
    /// <param name="events">One entry for each asset of <paramref name="predictions"/>.</param>
    /// <param name="label">What the model was taught to tell.</param>
    /// <param name="thresholds">Probabilities from which alerts are raised.</param>
    /// <param name="confidenceThreshold">Confidence that is asked for too; null for none.</param>
    /// <param name="threads">Thresholds judged side by side, at least 1; the result is the same for any number.</param>
    /// <param name="ct">Looked at between thresholds.</param>
    /// <returns>One entry a threshold, in the given order.</returns>
    public static IReadOnlyList<ThresholdCounts> Sweep(
        IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events, LabelDefinition label,
        IReadOnlyList<double> thresholds, double? confidenceThreshold, int threads, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        IReadOnlyList<JudgedAsset> assets = JudgedAsset.Join(predictions, events, label);
        var counts = new ThresholdCounts[thresholds.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(0, counts.Length, options, i => counts[i] = new ThresholdCounts(thresholds[i], Count(assets, label, thresholds[i], confidenceThreshold)));
        return counts;
    }

    private static EventCounts Count(IReadOnlyList<JudgedAsset> assets, LabelDefinition label, double threshold, double? confidenceThreshold)
    {
        List<FailureJudgement> failures = [];
        List<PredictiveAlert> alerts = [];
        foreach (JudgedAsset asset in assets)
        {
            (IReadOnlyList<PredictiveAlert> settled, IReadOnlyList<FailureJudgement> judged) = Judge(asset, label, threshold, confidenceThreshold);
            alerts.AddRange(settled);
            failures.AddRange(judged);
        }

        return EventCounts.Of(failures, alerts, assets.Sum(a => a.Days), assets.Count);
    }

    private static (IReadOnlyList<PredictiveAlert> Settled, IReadOnlyList<FailureJudgement> Judged) Judge(
        JudgedAsset asset, LabelDefinition label, double threshold, double? confidenceThreshold)
    {
        IReadOnlyList<PredictiveAlert> settled = [.. PredictiveAlertRule
            .Replay(asset.Asset, asset.Times, asset.Probabilities, asset.Events, asset.KnownUntilUnixMs, label, threshold, asset.Confidences, confidenceThreshold)
            .Select(alert => AlertSettlement.Settle(alert, asset.Episodes, asset.Events, asset.KnownUntilUnixMs, label))];
        return (settled, AlertSettlement.Judge(asset.Episodes, settled, asset.Times, label));
    }

    private static EventMeasures Of(IReadOnlyList<JudgedAsset> assets, LabelDefinition label, double threshold, double? confidenceThreshold)
    {
        List<NamedEventCounts> byAsset = [];
        List<FailureFinding> failures = [];
        List<PredictiveAlert> alerts = [];
        foreach (JudgedAsset asset in assets)
        {
            (IReadOnlyList<PredictiveAlert> settled, IReadOnlyList<FailureJudgement> judged) = Judge(asset, label, threshold, confidenceThreshold);
            byAsset.Add(new NamedEventCounts(asset.Asset.Value, EventCounts.Of(judged, settled, asset.Days, assets: 1)));
            failures.AddRange(judged.Select(judgement => Finding(asset, judgement, settled, label, threshold, confidenceThreshold)));
            alerts.AddRange(settled);
        }

        double days = assets.Sum(a => a.Days);
        IEnumerable<string> components = label.Components.Count == 0
            ? []
            : label.Components.Concat(failures
                .Select(f => f.Judgement.Failure.Component)
                .Except(label.Components, StringComparer.Ordinal)
                .Order(StringComparer.Ordinal));
        return new EventMeasures(
            threshold,
            EventCounts.Of([.. failures.Select(f => f.Judgement)], alerts, days, assets.Count),
            [.. components.Select(component => new NamedEventCounts(component, EventCounts.Of(
                [.. failures.Select(f => f.Judgement).Where(f => f.Failure.Component == component)],
                [.. alerts.Where(a => a.Component == component)], days, assets.Count)))],
            byAsset, failures, alerts)
        {
            ConfidenceThreshold = confidenceThreshold,
        };
    }

    private static FailureFinding Finding(
        JudgedAsset asset, FailureJudgement judgement, IReadOnlyList<PredictiveAlert> alerts, LabelDefinition label, double threshold,
        double? confidenceThreshold)
    {
        FailureEpisode failure = judgement.Failure;
        long horizonMs = (long)label.Horizon.TotalMilliseconds;
        double highest = double.NaN;
        double surest = double.NaN; // of the rows that met the threshold
        bool anyConcerned = false;
        for (int component = 0; component < asset.Probabilities.Length; component++)
        {
            if (!FailureMatch.Concerns(label.Components.Count == 0 ? "" : label.Components[component], failure.Component))
            {
                continue;
            }

            anyConcerned = true;
            for (int row = asset.FirstRowAtOrAfter(failure.StartUnixMs - horizonMs);
                row < asset.Times.Length && asset.Times[row] < failure.StartUnixMs; row++)
            {
                double probability = asset.Probabilities[component][row];
                highest = probability > highest || double.IsNaN(highest) ? probability : highest;
                if (probability >= threshold && asset.Confidences.Length > 0)
                {
                    surest = double.MaxNumber(surest, asset.Confidences[component][row]);
                }
            }
        }

        return new FailureFinding(judgement, highest, judgement.Verdict switch
        {
            FailureVerdict.Caught => null,
            FailureVerdict.NotJudgeable => "No row of the asset in the horizon before it.",
            FailureVerdict.OutsidePeriod => "Outside the rows that are judged.",
            _ when !anyConcerned => "The model does not know this component.",
            _ when double.IsNaN(highest) => "The model gave no probability in the horizon before it.",
            _ when EarlierAlert(failure, alerts, horizonMs) is { } earlier =>
                $"Its alert was raised {DurationText.Format(TimeSpan.FromMilliseconds(failure.StartUnixMs - earlier.RaisedAtUnixMs))} before, "
                    + "earlier than the horizon.",
            _ when highest >= threshold && confidenceThreshold is { } least && !(surest >= least) => string.Create(CultureInfo.InvariantCulture,
                $"The threshold was met with a confidence of {surest:0.###} at most, {least:0.###} is asked for."),
            _ when highest >= threshold => "The threshold was met while an alert raised before the horizon was open, and not after that one ended.",
            _ => string.Create(CultureInfo.InvariantCulture,
                $"The highest probability in the horizon before it was {highest:0.###}, the threshold is {threshold:0.###}."),
        });
    }

    /// <summary>The alert that stood when the failure came, raised too early to have foretold it.</summary>
    private static PredictiveAlert? EarlierAlert(FailureEpisode failure, IReadOnlyList<PredictiveAlert> alerts, long horizonMs) =>
        alerts.LastOrDefault(a => a.RaisedAtUnixMs < failure.StartUnixMs - horizonMs
            && (a.ClosedAtUnixMs is null || a.ClosedAtUnixMs >= failure.StartUnixMs)
            && FailureMatch.Concerns(a.Component, failure.Component));
}

/// <summary>The fleet's counts at one threshold.</summary>
public sealed record ThresholdCounts(double Threshold, EventCounts Counts);
