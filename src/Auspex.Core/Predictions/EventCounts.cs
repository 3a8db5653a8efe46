namespace Auspex.Core.Predictions;

/// <summary>Failures and alerts of a fleet, a component or an asset, counted; <c>docs/measures.md</c> has the definitions.</summary>
/// <param name="Failures">Failures that count: caught + missed.</param>
/// <param name="Caught">Failures with an alert raised in [start − horizon, start).</param>
/// <param name="Missed">Failures that could have been foretold and were not.</param>
/// <param name="CaughtOnlyByClosedAlert">Of the caught, those whose alerts had all been closed before by an earlier failure or maintenance.</param>
/// <param name="NotJudgeable">Failures without a judged row in the horizon before them; not counted as failures.</param>
/// <param name="OutsidePeriod">Failures before the first judged row or more than the horizon after the last; not counted as failures.</param>
/// <param name="Recall">Caught / failures, Wilson 95 %.</param>
/// <param name="Alerts">Alerts raised: hits + false + averted + late + open.</param>
/// <param name="Hits">Alerts with a failure inside the horizon.</param>
/// <param name="FalseAlerts">Alerts with neither failure nor maintenance until horizon and grace had passed.</param>
/// <param name="Averted">Alerts with maintenance and without failure.</param>
/// <param name="Late">Alerts with a failure after the horizon, within the grace.</param>
/// <param name="Open">Alerts near the end of what is known.</param>
/// <param name="Precision">Hits / (hits + false), Wilson 95 %.</param>
/// <param name="PrecisionIfAvertedWereFalse">Hits / (hits + false + averted): the lower bound, had no maintenance averted anything.</param>
/// <param name="AssetDays">Days judged, summed over assets.</param>
/// <param name="FalseAlertsPerAssetDay">False alerts / asset-days, Poisson 95 %.</param>
/// <param name="FalseAlertsPerShift">False alerts that a person watching all these assets sees in 8 hours.</param>
/// <param name="LeadMedianSeconds">Median time from the first catching alert to its failure, over caught failures; NaN without one.</param>
/// <param name="LeadP10Seconds">10 % quantile of the same, the short end: nine of ten warnings came at least this early.</param>
public sealed record EventCounts(
    int Failures,
    int Caught,
    int Missed,
    int CaughtOnlyByClosedAlert,
    int NotJudgeable,
    int OutsidePeriod,
    Estimate Recall,
    int Alerts,
    int Hits,
    int FalseAlerts,
    int Averted,
    int Late,
    int Open,
    Estimate Precision,
    Estimate PrecisionIfAvertedWereFalse,
    double AssetDays,
    Estimate FalseAlertsPerAssetDay,
    double FalseAlertsPerShift,
    double LeadMedianSeconds,
    double LeadP10Seconds)
{
    /// <summary>What the mistakes cost.</summary>
    public static double Cost(AlertPrices prices, EventCounts counts)
    {
        ArgumentNullException.ThrowIfNull(prices);
        ArgumentNullException.ThrowIfNull(counts);
        return prices.Cost(counts.Missed, counts.FalseAlerts, counts.Averted);
    }

    /// <summary>An operator's shift of 8 hours, in days.</summary>
    private const double ShiftDays = 8.0 / 24;

    /// <summary>Counts judged failures and settled alerts.</summary>
    /// <param name="failures">Judgements of the failures.</param>
    /// <param name="alerts">Settled alerts.</param>
    /// <param name="assetDays">Days judged, summed over <paramref name="assets"/>.</param>
    /// <param name="assets">Number of assets watched together.</param>
    public static EventCounts Of(
        IReadOnlyCollection<FailureJudgement> failures, IReadOnlyCollection<PredictiveAlert> alerts, double assetDays, int assets)
    {
        ArgumentNullException.ThrowIfNull(failures);
        ArgumentNullException.ThrowIfNull(alerts);
        int Verdicts(FailureVerdict verdict) => failures.Count(f => f.Verdict == verdict);
        int Outcomes(PredictiveAlertOutcome outcome) => alerts.Count(a => a.Outcome == outcome);
        int caught = Verdicts(FailureVerdict.Caught);
        int missed = Verdicts(FailureVerdict.Missed);
        int hits = Outcomes(PredictiveAlertOutcome.Hit);
        int wrong = Outcomes(PredictiveAlertOutcome.False);
        int averted = Outcomes(PredictiveAlertOutcome.Averted);
        double[] leads = [.. failures.Where(f => f.LeadTimeMs is not null).Select(f => f.LeadTimeMs!.Value / 1000.0).Order()];
        Estimate perAssetDay = Estimate.Rate(wrong, assetDays);
        return new EventCounts(
            caught + missed, caught, missed, failures.Count(f => f.OnlyByClosedAlert),
            Verdicts(FailureVerdict.NotJudgeable), Verdicts(FailureVerdict.OutsidePeriod), Estimate.Share(caught, caught + missed),
            alerts.Count, hits, wrong, averted, Outcomes(PredictiveAlertOutcome.Late), Outcomes(PredictiveAlertOutcome.Open),
            Estimate.Share(hits, hits + wrong), Estimate.Share(hits, hits + wrong + averted),
            assetDays, perAssetDay, perAssetDay.Value * assets * ShiftDays,
            Quantile.OfSorted(leads, 0.5), Quantile.OfSorted(leads, 0.1));
    }
}

/// <summary>The counts of one component or one asset.</summary>
/// <param name="Name">Name of the component or asset; empty for failures that name no component.</param>
/// <param name="Counts">Its counts.</param>
public sealed record NamedEventCounts(string Name, EventCounts Counts);
