using Auspex.Core.Assets;
using Auspex.Core.Failures;

namespace Auspex.Core.Predictions;

/// <summary>Says what became of alerts and which failures were foretold: pure, and the same live and over history. A settled alert stays as it
/// is, whatever is recorded later; only <see cref="PredictiveAlertOutcome.Open"/> changes.</summary>
public static class AlertSettlement
{
    /// <summary>Settles one alert by what is known of its asset.</summary>
    /// <param name="alert">The alert; its present outcome is not looked at.</param>
    /// <param name="episodes">Failures of its asset, by start (<see cref="FailureEpisodes.Of"/>).</param>
    /// <param name="maintenance">Events of its asset in any order; those that are not maintenance are passed over.</param>
    /// <param name="knownUntilUnixMs">The last instant at which failures and maintenance are known; what lies later is passed over.</param>
    /// <param name="label">Horizon and grace.</param>
    /// <returns>The alert with outcome, failure start and lead time.</returns>
    public static PredictiveAlert Settle(
        PredictiveAlert alert, IReadOnlyList<FailureEpisode> episodes, IEnumerable<AssetEvent> maintenance, long knownUntilUnixMs,
        LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(maintenance);
        Check(label);
        long raised = alert.RaisedAtUnixMs;
        long horizonEnd = raised + (long)label.Horizon.TotalMilliseconds;
        long graceEnd = horizonEnd + (long)label.Grace.TotalMilliseconds;
        foreach (FailureEpisode failure in episodes)
        {
            long start = failure.StartUnixMs;
            if (start > raised && start <= Math.Min(graceEnd, knownUntilUnixMs)
                && FailureMatch.Concerns(alert.Component, failure.Component))
            {
                return alert with
                {
                    Outcome = start <= horizonEnd ? PredictiveAlertOutcome.Hit : PredictiveAlertOutcome.Late,
                    FailureStartUnixMs = start,
                    LeadTimeMs = start - raised,
                };
            }
        }

        bool maintained = maintenance.Any(e => e.Kind == AssetEventKind.Maintenance
            && e.TimeUnixMs > raised && e.TimeUnixMs <= graceEnd
            && FailureMatch.Concerns(alert.Component, e.Name));
        return alert with
        {
            Outcome = knownUntilUnixMs < graceEnd ? PredictiveAlertOutcome.Open
                : maintained ? PredictiveAlertOutcome.Averted
                : PredictiveAlertOutcome.False,
            FailureStartUnixMs = null,
            LeadTimeMs = null,
        };
    }

    /// <summary>Says of each failure of one asset whether it was foretold.</summary>
    /// <param name="episodes">Failures of the asset.</param>
    /// <param name="alerts">All alerts of the asset by raise; outcomes are not looked at.</param>
    /// <param name="judgedTimesUnixMs">Times of the rows that could have raised an alert, increasing.</param>
    /// <param name="label">The horizon.</param>
    /// <returns>One judgement a failure, in the order of <paramref name="episodes"/>.</returns>
    public static IReadOnlyList<FailureJudgement> Judge(
        IReadOnlyList<FailureEpisode> episodes, IReadOnlyList<PredictiveAlert> alerts, ReadOnlySpan<long> judgedTimesUnixMs,
        LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(alerts);
        Check(label);
        long horizon = (long)label.Horizon.TotalMilliseconds;
        var judgements = new FailureJudgement[episodes.Count];
        for (int i = 0; i < judgements.Length; i++)
        {
            FailureEpisode failure = episodes[i];
            long start = failure.StartUnixMs;
            PredictiveAlert? first = null;
            bool onlyClosed = true;
            foreach (PredictiveAlert alert in alerts)
            {
                if (alert.RaisedAtUnixMs >= start - horizon && alert.RaisedAtUnixMs < start
                    && FailureMatch.Concerns(alert.Component, failure.Component))
                {
                    first = first is null || alert.RaisedAtUnixMs < first.RaisedAtUnixMs ? alert : first;
                    onlyClosed &= alert.ClosedAtUnixMs < start;
                }
            }

            judgements[i] = first is null
                ? new FailureJudgement(failure, WithoutAlert(start, horizon, judgedTimesUnixMs), null, null, false)
                : new FailureJudgement(failure, FailureVerdict.Caught, first.RaisedAtUnixMs, start - first.RaisedAtUnixMs, onlyClosed);
        }

        return judgements;
    }

    internal static void Check(LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(label.Horizon, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(label.Grace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(label.Recovery, TimeSpan.Zero);
    }

    private static FailureVerdict WithoutAlert(long start, long horizon, ReadOnlySpan<long> times)
    {
        int at = times.BinarySearch(start - horizon);
        int firstInside = at >= 0 ? at : ~at;
        if (firstInside < times.Length && times[firstInside] < start)
        {
            return FailureVerdict.Missed;
        }

        return firstInside == 0 || firstInside == times.Length ? FailureVerdict.OutsidePeriod : FailureVerdict.NotJudgeable;
    }
}
