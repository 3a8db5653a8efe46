using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Storage.Alerts;

namespace Auspex.Flow.Settle;

/// <summary>What the predictions of one asset claimed and what became of it: a function of what is stored, however often it is asked.</summary>
public static class AssetClaims
{
    /// <summary>Alerts that are new or went on.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="stretches">Its predictions since an instant at which none of its alerts was open, by time.</param>
    /// <param name="events">All its failures and maintenance.</param>
    /// <param name="stored">Its alerts since that instant, and those of before whose outcome is open.</param>
    /// <param name="present">What the version of its newest prediction was taught.</param>
    /// <param name="nowUnixMs">Events are told until then, and predictions are there until then.</param>
    /// <param name="knownUntilUnixMs">People have recorded what happened until then: an alert that nothing followed is not false before.</param>
    /// <param name="now">When they are settled.</param>
    public static IReadOnlyList<StoredAlert> Alerts(
        AssetId asset, IReadOnlyList<JudgedRows> stretches, IReadOnlyCollection<AssetEvent> events, IReadOnlyCollection<StoredAlert> stored, LabelDefinition present, long nowUnixMs,
        long knownUntilUnixMs, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(present);
        var there = stored.Where(alert => alert.Alert.Outcome == PredictiveAlertOutcome.Open)
            .ToDictionary(alert => (alert.Alert.Component, alert.Alert.RaisedAtUnixMs));
        List<StoredAlert> kept = [.. stored];
        var changed = new List<StoredAlert>();
        foreach (JudgedRows rows in stretches)
        {
            LabelDefinition label = rows.Claims.Label;
            double[][] confidences = Array.TrueForAll(rows.Confidences, double.IsNaN) ? [] : [.. rows.Probabilities.Select(_ => rows.Confidences)];
            foreach (PredictiveAlert alert in PredictiveAlertRule.Replay(
                asset, rows.Times, rows.Probabilities, events, nowUnixMs, label, rows.Claims.Threshold, confidences, rows.Claims.ConfidenceThreshold))
            {
                if (there.Remove((alert.Component, alert.RaisedAtUnixMs), out StoredAlert? known))
                {
                    kept[kept.IndexOf(known)] = known with { Alert = alert };
                    Settle(known with { Alert = alert }, label);
                }
                else if (!kept.Exists(other => Overlaps(other.Alert, alert)))
                {
                    int row = Array.BinarySearch(rows.Times, alert.RaisedAtUnixMs);
                    double minutes = rows.TimesToFailure[row];
                    var raised = new StoredAlert(Guid.CreateVersion7(now), alert, rows.Claims.Version, double.IsNaN(minutes) ? null : minutes, null, null);
                    kept.Add(raised);
                    Settle(raised, label);
                }
            }
        }

        // Closed before, or raised at another threshold or by a version whose predictions are gone: those end by their own time.
        foreach (StoredAlert alert in there.Values)
        {
            long end = alert.Alert.RaisedAtUnixMs + (long)(present.Horizon + present.Grace).TotalMilliseconds;
            Settle(alert with { Alert = alert.Alert with { ClosedAtUnixMs = alert.Alert.ClosedAtUnixMs ?? (end < nowUnixMs ? end : null) } }, present);
        }

        return changed;

        void Settle(StoredAlert alert, LabelDefinition label)
        {
            IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(asset, events, label);
            PredictiveAlert settled = AlertSettlement.Settle(alert.Alert, episodes, events, nowUnixMs, label);
            if (settled.Outcome is PredictiveAlertOutcome.False or PredictiveAlertOutcome.Averted)
            {
                // What is not recorded yet may still be.
                settled = AlertSettlement.Settle(alert.Alert, episodes, events, knownUntilUnixMs, label);
            }

            changed.Add(alert with { Alert = settled, SettledAt = settled.Outcome == PredictiveAlertOutcome.Open ? null : now });
        }
    }

    /// <summary>Verdicts on failures that have none.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="due">Failures without a verdict, by time.</param>
    /// <param name="events">All its failures.</param>
    /// <param name="firstUnixMs">Time of its first prediction.</param>
    /// <param name="seenUntilUnixMs">Time of its last.</param>
    /// <param name="before">For a failure: the version that judged last inside the horizon before it, with the alerts raised there; null where none judged.</param>
    /// <param name="label">Tells which failures are one.</param>
    public static IEnumerable<FailureOutcome> Failures(
        AssetId asset, IEnumerable<AssetEvent> due, IReadOnlyCollection<AssetEvent> events, long firstUnixMs, long seenUntilUnixMs,
        Func<AssetEvent, (VersionClaims Version, IReadOnlyList<StoredAlert> Alerts)?> before, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(due);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(label);
        HashSet<(string, long)> starts = [.. FailureEpisodes.Of(asset, events, label).Select(episode => (episode.Component, episode.StartUnixMs))];
        foreach (AssetEvent failure in due)
        {
            FailureOutcome Told(FailureVerdict? verdict, string? version = null, long? raised = null) => new(asset.Value, failure.Name, failure.TimeUnixMs, verdict, version, raised);
            if (!starts.Contains((failure.Name, failure.TimeUnixMs)))
            {
                yield return Told(null);
            }
            else if (before(failure) is { } judged)
            {
                StoredAlert? first = judged.Alerts.Where(alert => FailureMatch.Concerns(alert.Alert.Component, failure.Name)).MinBy(alert => alert.Alert.RaisedAtUnixMs);
                yield return first is null
                    ? Told(FailureVerdict.Missed, judged.Version.Version)
                    : Told(FailureVerdict.Caught, first.ModelVersion, first.Alert.RaisedAtUnixMs);
            }
            else
            {
                yield return Told(firstUnixMs < failure.TimeUnixMs && seenUntilUnixMs >= failure.TimeUnixMs ? FailureVerdict.NotJudgeable : FailureVerdict.OutsidePeriod);
            }
        }
    }

    private static bool Overlaps(PredictiveAlert known, PredictiveAlert raised) =>
        known.Component == raised.Component && known.RaisedAtUnixMs <= raised.RaisedAtUnixMs && !(known.ClosedAtUnixMs <= raised.RaisedAtUnixMs);
}
