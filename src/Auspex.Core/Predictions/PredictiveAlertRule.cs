using Auspex.Core.Assets;
using Auspex.Core.Failures;

namespace Auspex.Core.Predictions;

/// <summary>Decides when the probabilities of one asset become alerts: at most one open alert a component, so that a wrong prediction that
/// stays costs one false alert a horizon and not one a row. The same class runs live, sample by sample, and over history.
/// <para>Event time must not go back. At one instant, events come before the row: a failure at t is told before the row of t.</para>
/// <para>An open alert takes further exceedances in and is closed by a failure or maintenance it concerns
/// (<see cref="FailureMatch"/>), or when horizon and grace have passed; a probability that is still high then raises the next one. A
/// failure or maintenance at the last instant, raise + horizon + grace, still closes it. Rows while the asset is failed
/// (<see cref="FailedPeriods"/>) raise nothing and join nothing.</para>
/// <para>Memory: one alert a component, and the last failure of each component. Not thread-safe: an asset has one owner.</para></summary>
public sealed class PredictiveAlertRule
{
    private readonly AssetId _asset;
    private readonly double _threshold;
    private readonly double? _confidenceThreshold;
    private readonly long _lifetimeMs;
    private readonly long _recoveryMs;
    private readonly string[] _components;
    private readonly PredictiveAlert?[] _open;
    private readonly Dictionary<string, long> _recoveredAt = new(StringComparer.Ordinal);
    private readonly bool _tellsComponents;
    private long _failedUntil = long.MinValue;
    private long _now = long.MinValue;

    /// <summary>Starts with no open alert.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="label">Horizon, grace, recovery and components.</param>
    /// <param name="threshold">Probability that raises an alert, 0 to 1; compared with ≥.</param>
    /// <param name="confidenceThreshold">Confidence that the row must have too, 0 to 1; compared with ≥, and a row without one never has it. Null: none is
    /// asked for.</param>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is not in 0 to 1, the horizon is not positive, or grace or recovery is
    /// negative.</exception>
    public PredictiveAlertRule(AssetId asset, LabelDefinition label, double threshold, double? confidenceThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(label);
        AlertSettlement.Check(label);
        if (!(threshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a probability from 0 to 1.");
        }

        if (confidenceThreshold is not (null or (>= 0 and <= 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(confidenceThreshold), confidenceThreshold, "A confidence lies from 0 to 1; give null to ask for none.");
        }

        _asset = asset;
        _threshold = threshold;
        _confidenceThreshold = confidenceThreshold;
        _lifetimeMs = (long)label.Horizon.TotalMilliseconds + (long)label.Grace.TotalMilliseconds;
        _recoveryMs = (long)label.Recovery.TotalMilliseconds;
        _tellsComponents = label.Components.Count > 0;
        _components = _tellsComponents ? [.. label.Components] : [""];
        _open = new PredictiveAlert?[_components.Length];
    }

    /// <summary>The comparison of every predictive threshold, live and over history: equal is enough, and NaN never is.</summary>
    public static bool IsMet(double value, double threshold) => value >= threshold;

    /// <summary>The open alert of a component, or null.</summary>
    /// <param name="component">Index into the label's components; 0 when it tells none apart.</param>
    public PredictiveAlert? Open(int component) => _open[component];

    /// <summary>A judged row of a model that tells no confidence.</summary>
    public void ObserveRow(long timeUnixMs, ReadOnlySpan<double> probabilities, ICollection<PredictiveAlertChange> changes) =>
        ObserveRow(timeUnixMs, probabilities, [], changes);

    /// <summary>A judged row.</summary>
    /// <param name="timeUnixMs">Its event time.</param>
    /// <param name="probabilities">One for each component of the label, in its order, one in all when it tells none apart; NaN where the
    /// model could not tell.</param>
    /// <param name="confidences">Confidence of each probability; empty when the model tells none.</param>
    /// <param name="changes">Changes are added to it: first what ended, then what began.</param>
    /// <exception cref="ArgumentException">Time goes back, or the number of probabilities or confidences is not that of the components.</exception>
    public void ObserveRow(
        long timeUnixMs, ReadOnlySpan<double> probabilities, ReadOnlySpan<double> confidences, ICollection<PredictiveAlertChange> changes)
    {
        if (probabilities.Length != _open.Length || (!confidences.IsEmpty && confidences.Length != _open.Length))
        {
            throw new ArgumentException(
                $"Asset '{_asset}' has {probabilities.Length} probabilities and {confidences.Length} confidences for {_open.Length} components.",
                nameof(probabilities));
        }

        ObserveTime(timeUnixMs, changes);
        if (timeUnixMs <= _failedUntil)
        {
            return;
        }

        for (int component = 0; component < _open.Length; component++)
        {
            double probability = probabilities[component];
            double confidence = confidences.IsEmpty ? double.NaN : confidences[component];
            if (!IsMet(probability, _threshold) || (_confidenceThreshold is { } least && !IsMet(confidence, least)))
            {
                continue;
            }

            if (_open[component] is not { } open)
            {
                var raised = new PredictiveAlert(_asset, _components[component], timeUnixMs, probability, probability, null,
                    PredictiveAlertOutcome.Open, null, null)
                {
                    ConfidenceAtRaise = double.IsNaN(confidence) ? null : confidence,
                };
                _open[component] = raised;
                changes.Add(new PredictiveAlertChange(PredictiveAlertChangeKind.Raised, raised));
            }
            else if (probability > open.HighestProbability)
            {
                PredictiveAlert higher = open with { HighestProbability = probability };
                _open[component] = higher;
                changes.Add(new PredictiveAlertChange(PredictiveAlertChangeKind.Heightened, higher));
            }
        }
    }

    /// <summary>A failure event. One that repeats a failure inside its recovery changes nothing.</summary>
    /// <param name="timeUnixMs">When it happened.</param>
    /// <param name="component">The component that failed; empty when not named.</param>
    /// <param name="changes">Changes are added to it.</param>
    /// <exception cref="ArgumentException">Time goes back.</exception>
    public void ObserveFailure(long timeUnixMs, string component, ICollection<PredictiveAlertChange> changes)
    {
        ArgumentNullException.ThrowIfNull(component);
        MoveTo(timeUnixMs, lastInstantIsOver: false, changes);
        string kind = _tellsComponents ? component : "";
        if (_recoveredAt.TryGetValue(kind, out long recovered) && timeUnixMs <= recovered)
        {
            return;
        }

        _recoveredAt[kind] = timeUnixMs + _recoveryMs;
        _failedUntil = Math.Max(_failedUntil, timeUnixMs + _recoveryMs);
        Close(timeUnixMs, component, PredictiveAlertChangeKind.ClosedByFailure, changes);
    }

    /// <summary>A maintenance event.</summary>
    /// <param name="timeUnixMs">When it was done.</param>
    /// <param name="component">The component maintained; empty when not named.</param>
    /// <param name="changes">Changes are added to it.</param>
    /// <exception cref="ArgumentException">Time goes back.</exception>
    public void ObserveMaintenance(long timeUnixMs, string component, ICollection<PredictiveAlertChange> changes)
    {
        ArgumentNullException.ThrowIfNull(component);
        MoveTo(timeUnixMs, lastInstantIsOver: false, changes);
        Close(timeUnixMs, component, PredictiveAlertChangeKind.ClosedByMaintenance, changes);
    }

    /// <summary>Time passed and all events up to and at <paramref name="timeUnixMs"/> have been told.</summary>
    /// <param name="timeUnixMs">Event time now.</param>
    /// <param name="changes">Changes are added to it.</param>
    /// <exception cref="ArgumentException">Time goes back.</exception>
    public void ObserveTime(long timeUnixMs, ICollection<PredictiveAlertChange> changes) =>
        MoveTo(timeUnixMs, lastInstantIsOver: true, changes);

    /// <summary>Runs the rule over the history of one asset.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="timesUnixMs">Event times of the judged rows, increasing.</param>
    /// <param name="probabilities">[component][row], NaN where the model could not tell.</param>
    /// <param name="events">Events of the asset in any order; errors are passed over.</param>
    /// <param name="knownUntilUnixMs">The last instant at which failures and maintenance are known; later events are passed over.</param>
    /// <param name="label">Horizon, grace, recovery and components.</param>
    /// <param name="threshold">Probability that raises an alert.</param>
    /// <param name="confidences">[component][row]; null or empty when the model tells none.</param>
    /// <param name="confidenceThreshold">Confidence that the row must have too; null: none is asked for.</param>
    /// <returns>All alerts by raise, then in the order of the components; closed where they were, not settled.</returns>
    /// <exception cref="ArgumentException">Times are not in order, or there is not one row of probabilities, or confidences, a component.</exception>
    public static IReadOnlyList<PredictiveAlert> Replay(
        AssetId asset, ReadOnlySpan<long> timesUnixMs, IReadOnlyList<double[]> probabilities, IEnumerable<AssetEvent> events,
        long knownUntilUnixMs, LabelDefinition label, double threshold, IReadOnlyList<double[]>? confidences = null, double? confidenceThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(events);
        confidences ??= [];
        var rule = new PredictiveAlertRule(asset, label, threshold, confidenceThreshold);
        List<PredictiveAlertChange> changes = [];
        List<PredictiveAlert> alerts = [];
        int[] place = new int[rule._open.Length]; // where the open alert of a component stands in alerts
        AssetEvent[] known = [.. events
            .Where(e => e.Kind is AssetEventKind.Failure or AssetEventKind.Maintenance && e.TimeUnixMs <= knownUntilUnixMs)
            .OrderBy(e => e.TimeUnixMs)
            .ThenBy(e => e.Kind)];
        double[] row = new double[probabilities.Count];
        double[] sure = new double[confidences.Count];
        int next = 0;
        for (int i = 0; i < timesUnixMs.Length; i++)
        {
            for (; next < known.Length && known[next].TimeUnixMs <= timesUnixMs[i]; next++)
            {
                rule.Observe(known[next], changes);
            }

            for (int component = 0; component < row.Length; component++)
            {
                row[component] = probabilities[component][i];
            }

            for (int component = 0; component < sure.Length; component++)
            {
                sure[component] = confidences[component][i];
            }

            rule.ObserveRow(timesUnixMs[i], row, sure, changes);
            rule.Keep(changes, alerts, place);
        }

        for (; next < known.Length; next++)
        {
            rule.Observe(known[next], changes);
        }

        rule.ObserveTime(Math.Max(rule._now, knownUntilUnixMs), changes);
        rule.Keep(changes, alerts, place);
        return alerts;
    }

    private void Observe(AssetEvent happened, List<PredictiveAlertChange> changes)
    {
        if (happened.Kind == AssetEventKind.Failure)
        {
            ObserveFailure(happened.TimeUnixMs, happened.Name, changes);
        }
        else
        {
            ObserveMaintenance(happened.TimeUnixMs, happened.Name, changes);
        }
    }

    private void Keep(List<PredictiveAlertChange> changes, List<PredictiveAlert> alerts, int[] place)
    {
        foreach (PredictiveAlertChange change in changes)
        {
            int component = Array.IndexOf(_components, change.Alert.Component);
            if (change.Kind == PredictiveAlertChangeKind.Raised)
            {
                place[component] = alerts.Count;
                alerts.Add(change.Alert);
            }
            else
            {
                alerts[place[component]] = change.Alert;
            }
        }

        changes.Clear();
    }

    private void MoveTo(long timeUnixMs, bool lastInstantIsOver, ICollection<PredictiveAlertChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (timeUnixMs < _now)
        {
            throw new ArgumentException($"Time of asset '{_asset}' goes back from {_now} to {timeUnixMs}.", nameof(timeUnixMs));
        }

        _now = timeUnixMs;
        for (int component = 0; component < _open.Length; component++)
        {
            if (_open[component] is { } open)
            {
                long last = open.RaisedAtUnixMs + _lifetimeMs;
                if (timeUnixMs > last || (lastInstantIsOver && timeUnixMs == last))
                {
                    Close(component, open, last, PredictiveAlertChangeKind.Expired, changes);
                }
            }
        }
    }

    private void Close(long timeUnixMs, string eventComponent, PredictiveAlertChangeKind kind, ICollection<PredictiveAlertChange> changes)
    {
        for (int component = 0; component < _open.Length; component++)
        {
            // An event told after the row of its own instant is not "after the raise": the claim begins behind the raise.
            if (_open[component] is { } open
                && timeUnixMs > open.RaisedAtUnixMs
                && FailureMatch.Concerns(_components[component], eventComponent))
            {
                Close(component, open, timeUnixMs, kind, changes);
            }
        }
    }

    private void Close(
        int component, PredictiveAlert open, long atUnixMs, PredictiveAlertChangeKind kind, ICollection<PredictiveAlertChange> changes)
    {
        _open[component] = null;
        changes.Add(new PredictiveAlertChange(kind, open with { ClosedAtUnixMs = atUnixMs }));
    }
}
