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

    /// <summary>The threshold with the best balance of failures caught and alerts that are right (harmonic mean of recall and precision by
    /// event) on held-out predictions; in the middle of the thresholds that are equally good. Never sees the test side.</summary>
    /// <param name="heldOut">Predictions of training rows by models that had not seen them.</param>
    /// <param name="events">What happened, as far as training knew.</param>
    /// <param name="label">What is predicted.</param>
    public static ThresholdChoice HeldOut(IReadOnlyList<AssetPredictions> heldOut, IReadOnlyList<AssetEvents> events, LabelDefinition label)
    {
        double[] candidates = [.. Enumerable.Range(1, 98).Select(i => i / 100.0)];
        IReadOnlyList<ThresholdCounts> sweep = EventMeasures.Sweep(heldOut, events, label, candidates);
        double[] balance = [.. sweep.Select(entry => Balance(entry.Counts))];
        double best = balance.Max();
        if (!(best > 0))
        {
            return new ThresholdChoice(Default, "default: no held-out failure was caught at any threshold");
        }

        int first = Array.IndexOf(balance, best);
        int last = first;
        while (last + 1 < balance.Length && balance[last + 1] == best)
        {
            last++;
        }

        EventCounts chosen = sweep[(first + last) / 2].Counts;
        return new ThresholdChoice(candidates[(first + last) / 2], string.Create(CultureInfo.InvariantCulture,
            $"held out: best balance of recall and precision by event, {chosen.Caught} of {chosen.Failures} failures caught with {chosen.FalseAlerts} false alerts"));
    }

    private static double Balance(EventCounts counts)
    {
        double settled = counts.Hits + counts.FalseAlerts;
        double recall = counts.Failures == 0 ? 0 : (double)counts.Caught / counts.Failures;
        double precision = settled == 0 ? 0 : counts.Hits / settled;
        return recall + precision == 0 ? 0 : 2 * recall * precision / (recall + precision);
    }
}
