using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Storage.Alerts;
using Auspex.Storage.Db;

namespace Auspex.Server.Capabilities.PredictiveAlerts;

/// <summary>A figure with the interval in which its true value lies with 95 % confidence; null where there was nothing to count.</summary>
public sealed record Figure(double? Value, double? Lower, double? Upper)
{
    internal static Figure Of(Estimate estimate) => new(Number(estimate.Value), Number(estimate.Lower), Number(estimate.Upper));

    // JSON has no word for what is not finite.
    internal static double? Number(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>What predictions were worth, by the measures of an evaluation; <c>docs/measures.md</c> has the definitions.</summary>
/// <param name="Alerts">Raised.</param>
/// <param name="ByOutcome">Alerts by outcome: open, hit, late, false, averted; and failures that were missed.</param>
/// <param name="Failures">Caught + missed.</param>
/// <param name="Recall">Caught / failures.</param>
/// <param name="Precision">Hits / (hits + false alerts).</param>
/// <param name="FalseAlertsPerAssetDay">False alerts / asset-days.</param>
/// <param name="AssetDays">Days judged, summed over assets, by whole days of UTC.</param>
/// <param name="LeadMedianSeconds">From the first alert that caught a failure to it; null without one.</param>
/// <param name="LeadP10Seconds">Nine of ten warnings came at least this early.</param>
public sealed record AlertFigures(
    int Alerts, IReadOnlyDictionary<string, int> ByOutcome, int Failures, int Caught, int Missed, Figure Recall, Figure Precision, Figure FalseAlertsPerAssetDay, double AssetDays,
    double? LeadMedianSeconds, double? LeadP10Seconds)
{
    private const double MsPerDay = 86_400_000;

    // As many as any screen counts; a period of more is asked for in parts.
    private const int Most = 1_000_000;

    /// <summary>Everything settled in a period.</summary>
    /// <param name="Raised">Alerts raised in it.</param>
    /// <param name="Failed">Failures that started in it.</param>
    /// <param name="Judged">Time judged on its days.</param>
    internal sealed record Period(IReadOnlyList<StoredAlert> Raised, IReadOnlyList<FailureOutcome> Failed, IReadOnlyList<JudgedDay> Judged);

    internal static async Task<Period> ReadAsync(OrganizationDb db, long fromMs, long toMs, string? version, CancellationToken ct) => new(
        await PredictiveAlertStore.ListAsync(db, new AlertFilter(null, null, null, version, fromMs, toMs), null, Most, ct).ConfigureAwait(false),
        await PredictiveAlertStore.FailuresAsync(db, fromMs, toMs, version, ct).ConfigureAwait(false),
        await PredictiveAlertStore.JudgedAsync(db, fromMs / (long)MsPerDay, (toMs - 1) / (long)MsPerDay, version, ct).ConfigureAwait(false));

    internal static AlertFigures Of(IReadOnlyCollection<StoredAlert> raised, IReadOnlyCollection<FailureOutcome> failed, double judgedMs)
    {
        FailureJudgement[] judgements =
        [
            .. failed.Where(failure => failure.Verdict is not null).Select(failure => new FailureJudgement(
                new FailureEpisode(new AssetId(failure.Asset), failure.Component, failure.StartedAtUnixMs, failure.StartedAtUnixMs), failure.Verdict!.Value, failure.AlertRaisedAtUnixMs,
                failure.StartedAtUnixMs - failure.AlertRaisedAtUnixMs, false)),
        ];
        EventCounts counts = EventCounts.Of(judgements, [.. raised.Select(alert => alert.Alert)], judgedMs / MsPerDay, assets: 1);
        return new AlertFigures(
            counts.Alerts,
            new Dictionary<string, int>
            {
                ["open"] = counts.Open,
                ["hit"] = counts.Hits,
                ["late"] = counts.Late,
                ["false"] = counts.FalseAlerts,
                ["averted"] = counts.Averted,
                ["missed"] = counts.Missed,
            },
            counts.Failures, counts.Caught, counts.Missed, Figure.Of(counts.Recall), Figure.Of(counts.Precision), Figure.Of(counts.FalseAlertsPerAssetDay), counts.AssetDays,
            Figure.Number(counts.LeadMedianSeconds), Figure.Number(counts.LeadP10Seconds));
    }
}
