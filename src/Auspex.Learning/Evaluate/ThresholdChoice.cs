using System.Globalization;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>The probability from which a model raises alerts, and where it comes from.</summary>
/// <param name="Threshold">0 to 1; compared with ≥.</param>
/// <param name="Source">In words, for manifest and report.</param>
public sealed record ThresholdChoice(double Threshold, string Source)
{
    /// <summary>The failure threshold that users know, for a model with nothing better to go by.</summary>
    public const double Default = 0.85;

    /// <summary>What a missed failure costs, in false alerts, until an organization states its own prices: a stop that was not planned for
    /// against a look at a machine that is well.</summary>
    public const double MissedFailureCost = 5;

    /// <summary>The threshold at which held-out predictions would have cost least: missed failures at <see cref="MissedFailureCost"/>, false
    /// alerts at 1, and those that maintenance ended at 1 too, since nobody knows that they were right; in the middle of the thresholds that cost the same. Never sees the test side.</summary>
    /// <param name="heldOut">Predictions of training rows by models that had not seen them.</param>
    /// <param name="events">What happened, as far as training knew.</param>
    /// <param name="label">What is predicted.</param>
    /// <param name="threads">Thresholds tried side by side.</param>
    /// <param name="ct">Looked at between thresholds.</param>
    public static ThresholdChoice HeldOut(
        IReadOnlyList<AssetPredictions> heldOut, IReadOnlyList<AssetEvents> events, LabelDefinition label, int threads, CancellationToken ct)
    {
        double[] candidates = [.. Enumerable.Range(1, 98).Select(i => i / 100.0)];
        IReadOnlyList<ThresholdCounts> sweep = EventMeasures.Sweep(heldOut, events, label, candidates, threads, ct);
        double[] costs = [.. sweep.Select(entry => (MissedFailureCost * entry.Counts.Missed) + entry.Counts.FalseAlerts + entry.Counts.Averted)];
        int first = Array.IndexOf(costs, costs.Min());
        int last = first;
        while (last + 1 < costs.Length && costs[last + 1] == costs[first])
        {
            last++;
        }

        int chosen = (first + last) / 2;
        EventCounts counts = sweep[chosen].Counts;
        return counts.Caught == 0
            ? new ThresholdChoice(Default, "default: no threshold at which a held-out failure is caught is worth its false alerts")
            : new ThresholdChoice(candidates[chosen], string.Create(CultureInfo.InvariantCulture,
                $"held out: least cost with a missed failure at {MissedFailureCost} false alerts; {counts.Caught} of {counts.Failures} failures caught with {counts.FalseAlerts} false alerts"));
    }
}
