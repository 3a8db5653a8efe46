using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>Row-level quality, pooled, per component and per asset.</summary>
/// <param name="Threshold">Probability from which a row counts as said (≥): that of the alerts.</param>
/// <param name="Pooled">All components' rows together, as one threshold serves them all.</param>
/// <param name="Components">One entry a component of the label, in its order; empty when it tells none apart.</param>
/// <param name="Assets">One entry an asset, in ordinal order, its components pooled; without calibration and curve.</param>
public sealed record RowMeasures(
    double Threshold, RowQuality Pooled, IReadOnlyList<RowQuality> Components, IReadOnlyList<RowQuality> Assets)
{
    /// <summary>Labels every judged row by the horizon rule and compares it with its probability.</summary>
    /// <param name="predictions">One entry an asset.</param>
    /// <param name="events">One entry for each asset of <paramref name="predictions"/>.</param>
    /// <param name="label">What the model was taught to tell.</param>
    /// <param name="threshold">Probability from which a row counts as said (≥).</param>
    /// <exception cref="ArgumentException">Assets differ or repeat, arrays do not fit, times are not increasing or a probability is not
    /// in 0 to 1.</exception>
    public static RowMeasures Of(
        IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events, LabelDefinition label,
        double threshold = ThresholdChoice.Default)
    {
        IReadOnlyList<JudgedAsset> assets = JudgedAsset.Join(predictions, events, label);
        return Of(
            [.. assets.Select(asset => asset.Asset.Value)],
            [.. assets.Select(asset => Enumerable.Range(0, Math.Max(1, label.Components.Count))
                .Select(component => RowsOf(asset, component, label)).ToArray())],
            label, threshold);
    }

    /// <summary>Pools rows the three ways.</summary>
    /// <param name="names">Names of the assets.</param>
    /// <param name="rows">[asset][component].</param>
    /// <param name="label">Names the components.</param>
    /// <param name="threshold">Probability from which a row counts as said (≥).</param>
    internal static RowMeasures Of(IReadOnlyList<string> names, ScoredRows[][] rows, LabelDefinition label, double threshold) => new(
        threshold,
        RowQuality.Of("", [.. rows.SelectMany(asset => asset)], threshold),
        [.. label.Components.Select((name, component) => RowQuality.Of(name, [.. rows.Select(asset => asset[component])], threshold))],
        [.. names.Select((name, asset) => RowQuality.Of(name, rows[asset], threshold) with { Calibration = [], Curve = [] })]);

    private static ScoredRows RowsOf(JudgedAsset asset, int component, LabelDefinition label)
    {
        string name = label.Components.Count == 0 ? "" : label.Components[component];
        long horizon = (long)label.Horizon.TotalMilliseconds;
        var rows = new ScoredRows();
        FailureEpisode[] concerned = [.. asset.Episodes.Where(e => FailureMatch.Concerns(name, e.Component))];
        int next = 0;
        for (int row = 0; row < asset.Times.Length; row++)
        {
            long time = asset.Times[row];
            while (next < concerned.Length && concerned[next].StartUnixMs <= time)
            {
                next++;
            }

            bool positive = false;
            bool unnamed = false;
            for (int i = next; i < concerned.Length && concerned[i].StartUnixMs <= time + horizon; i++)
            {
                bool known = name.Length == 0 || concerned[i].Component.Length > 0;
                positive |= known;
                unnamed |= !known;
            }

            bool unknown = !positive && (unnamed || time + horizon > asset.KnownUntilUnixMs);
            rows.Add(asset.Probabilities[component][row], unknown ? null : positive);
        }

        return rows;
    }
}
