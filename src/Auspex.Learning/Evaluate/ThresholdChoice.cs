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

    /// <summary>The confidence that users know an alert to ask for beside the probability.</summary>
    public const double DefaultConfidence = 0.7;

    /// <summary>The threshold at which held-out predictions would have cost least, in the middle of the thresholds that cost the same, among those that send people for nothing
    /// seldom enough to be believed. Never sees the test side.</summary>
    /// <param name="heldOut">Predictions of training rows by models that had not seen them.</param>
    /// <param name="events">What happened, as far as training knew.</param>
    /// <param name="label">What is predicted.</param>
    /// <param name="prices">What mistakes cost.</param>
    /// <param name="mostFalse">Most false alerts an asset-day, above 0; a threshold that catches something within it is taken before all that do not. Null for any number.</param>
    /// <param name="confidence">Confidence that alerts ask for too, at every threshold; null for none.</param>
    /// <param name="threads">Thresholds tried side by side.</param>
    /// <param name="ct">Looked at between thresholds.</param>
    /// <exception cref="ArgumentOutOfRangeException">A price, or the number of false alerts, is not above 0.</exception>
    public static ThresholdChoice ByCost(
        IReadOnlyList<AssetPredictions> heldOut, IReadOnlyList<AssetEvents> events, LabelDefinition label, AlertPrices prices, double? mostFalse, double? confidence,
        int threads, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(prices);
        prices.Check();
        if (!(mostFalse is null or > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(mostFalse), mostFalse, "The number of false alerts an asset-day is above 0; give null for any number.");
        }

        IReadOnlyList<ThresholdCounts> sweep = Sweep(heldOut, events, label, confidence, threads, ct);
        ThresholdCounts[] believed = [.. sweep.Where(entry => !(entry.Counts.FalseAlertsPerAssetDay.Value > mostFalse))];
        bool within = believed.Any(entry => entry.Counts.Caught > 0);
        sweep = within ? believed : sweep;
        double[] costs = [.. sweep.Select(entry => EventCounts.Cost(prices, entry.Counts))];
        int first = Array.IndexOf(costs, costs.Min());
        int last = first;
        while (last + 1 < costs.Length && costs[last + 1] == costs[first])
        {
            last++;
        }

        ThresholdCounts chosen = sweep[(first + last) / 2];
        return chosen.Counts.Caught == 0
            ? new ThresholdChoice(Default, "default: no threshold at which a held-out failure is caught is worth its false alerts")
            : new ThresholdChoice(chosen.Threshold, string.Create(CultureInfo.InvariantCulture,
                $"held out: least cost with a missed failure at {prices.MissedFailure / prices.FalseAlert:0.##} false alerts{Asked()}; {Caught(chosen.Counts)}"));

        string Asked() => mostFalse is not { } most ? ""
            : string.Create(CultureInfo.InvariantCulture, $" and {(within ? "at most" : "none within")} {most:0.##} false alerts an asset-day");
    }

    /// <summary>The threshold that catches most held-out failures among those at which the alerts are right often enough; of several the
    /// highest, which sends people for nothing least. Never sees the test side.</summary>
    /// <param name="heldOut">Predictions of training rows by models that had not seen them.</param>
    /// <param name="events">What happened, as far as training knew.</param>
    /// <param name="label">What is predicted.</param>
    /// <param name="atLeast">Hits / (hits + false alerts) that is asked for, above 0 to 1.</param>
    /// <param name="confidence">Confidence that alerts ask for too, at every threshold; null for none.</param>
    /// <param name="threads">Thresholds tried side by side.</param>
    /// <param name="ct">Looked at between thresholds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The precision is not above 0 and at most 1.</exception>
    public static ThresholdChoice ByPrecision(
        IReadOnlyList<AssetPredictions> heldOut, IReadOnlyList<AssetEvents> events, LabelDefinition label, double atLeast, double? confidence,
        int threads, CancellationToken ct)
    {
        if (!(atLeast is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(atLeast), atLeast, "A precision is above 0 and at most 1; give the share of alerts that must be right.");
        }

        ThresholdCounts? chosen = Sweep(heldOut, events, label, confidence, threads, ct)
            .Where(entry => entry.Counts.Caught > 0 && entry.Counts.Precision.Value >= atLeast)
            .OrderByDescending(entry => entry.Counts.Caught).ThenByDescending(entry => entry.Threshold)
            .FirstOrDefault();
        return chosen is null
            ? new ThresholdChoice(Default, string.Create(CultureInfo.InvariantCulture,
                $"default: no threshold reaches a precision of {atLeast:0.##} on held-out failures"))
            : new ThresholdChoice(chosen.Threshold, string.Create(CultureInfo.InvariantCulture,
                $"held out: most failures caught at a precision of at least {atLeast:0.##}; {Caught(chosen.Counts)}"));
    }

    /// <summary>The threshold at which held-out rows of a present condition have the highest F1, halfway to the next lower probability; of several the
    /// highest. Never sees the test side.</summary>
    /// <param name="heldOut">Training rows, told by models that had not seen them.</param>
    public static ThresholdChoice ByRows(IReadOnlyList<AssetConditions> heldOut)
    {
        ArgumentNullException.ThrowIfNull(heldOut);
        (double Probability, bool Positive)[] rows =
        [
            .. heldOut.SelectMany(asset => asset.Probabilities.SelectMany((output, component) => output
                    .Select((probability, row) => (Probability: probability, True: asset.True[component][row]))))
                .Where(row => !double.IsNaN(row.True)).Select(row => (row.Probability, row.True > 0)).OrderByDescending(row => row.Probability),
        ];
        int positives = rows.Count(row => row.Positive);
        (double best, double threshold) = (0, Default);
        int hits = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            hits += rows[i].Positive ? 1 : 0;
            double next = i + 1 < rows.Length ? rows[i + 1].Probability : 0;
            double f1 = 2.0 * hits / (i + 1 + positives);
            if (next < rows[i].Probability && f1 > best)
            {
                (best, threshold) = (f1, (rows[i].Probability + next) / 2);
            }
        }

        return best == 0
            ? new ThresholdChoice(Default, "default: no held-out row has the condition")
            : new ThresholdChoice(threshold, string.Create(CultureInfo.InvariantCulture, $"held out: highest F1 over rows, {best:0.###}"));
    }

    private static IReadOnlyList<ThresholdCounts> Sweep(
        IReadOnlyList<AssetPredictions> heldOut, IReadOnlyList<AssetEvents> events, LabelDefinition label, double? confidence, int threads,
        CancellationToken ct) =>
        EventMeasures.Sweep(heldOut, events, label, [.. Enumerable.Range(1, 99).Select(i => i / 100.0)], confidence, threads, ct);

    private static string Caught(EventCounts counts) =>
        $"{counts.Caught} of {counts.Failures} failures caught with {counts.FalseAlerts} false alerts";
}
