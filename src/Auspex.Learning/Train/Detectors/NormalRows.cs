using Auspex.Core.Assets;

namespace Auspex.Learning.Train.Detectors;

/// <summary>The rows a detector is fitted on.</summary>
/// <param name="Rows">Smoothed, one value a feature; NaN for missing.</param>
/// <param name="Raw">The same rows as they came.</param>
/// <param name="Assets">The assets they come from.</param>
/// <param name="FromUnixMs">Time of the earliest.</param>
/// <param name="ToUnixMs">Time of the latest.</param>
public sealed record NormalRows(IReadOnlyList<double[]> Rows, IReadOnlyList<double[]> Raw, IReadOnlyList<AssetId> Assets, long FromUnixMs, long ToUnixMs)
{
    /// <summary>Most rows a detector is fitted on; of more, as many are taken evenly.</summary>
    public const int Most = 200_000;

    /// <summary>Smooths and pools the normal rows of assets.</summary>
    /// <param name="assets">Features of each asset, and which of its rows are normal, ascending.</param>
    /// <param name="smooth">Smooths the rows of one asset.</param>
    public static NormalRows Of(
        IReadOnlyList<(AssetId Asset, long[] TimesUnixMs, double[][] Rows)> assets, Func<long[], double[][], IReadOnlyList<double[]>> smooth)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(smooth);
        long total = assets.Sum(asset => (long)asset.Rows.Length);
        var rows = new List<double[]>();
        var raw = new List<double[]>();
        long at = 0;
        foreach ((_, long[] times, double[][] own) in assets)
        {
            IReadOnlyList<double[]> smoothed = smooth(times, own);
            for (int i = 0; i < own.Length; i++, at++)
            {
                if (total <= Most || at * Most / total != (at + 1) * Most / total)
                {
                    rows.Add(smoothed[i]);
                    raw.Add(own[i]);
                }
            }
        }

        long[] times2 = [.. assets.Where(asset => asset.TimesUnixMs.Length > 0).SelectMany(asset => new[] { asset.TimesUnixMs[0], asset.TimesUnixMs[^1] })];
        return new NormalRows(rows, raw, [.. assets.Where(asset => asset.Rows.Length > 0).Select(asset => asset.Asset)],
            times2.DefaultIfEmpty(0).Min(), times2.DefaultIfEmpty(0).Max());
    }
}
