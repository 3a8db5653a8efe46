using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>One asset as the measures see it: predictions and events joined and checked, rows while it was failed left out.</summary>
internal sealed record JudgedAsset(
    AssetId Asset,
    long[] Times,
    double[][] Probabilities,
    double[][] Confidences,
    IReadOnlyList<AssetEvent> Events,
    long KnownUntilUnixMs,
    IReadOnlyList<FailureEpisode> Episodes,
    double Days)
{
    private const double MsPerDay = 86_400_000;

    /// <summary>Index of the first row at or after a time; the number of rows when there is none.</summary>
    internal int FirstRowAtOrAfter(long timeUnixMs)
    {
        int at = Array.BinarySearch(Times, timeUnixMs);
        return at >= 0 ? at : ~at;
    }

    /// <summary>Joins predictions and events, in ordinal order of the assets.</summary>
    internal static IReadOnlyList<JudgedAsset> Join(
        IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(label.Horizon, TimeSpan.Zero);
        Dictionary<AssetId, AssetEvents> eventsOf = [];
        foreach (AssetEvents entry in events)
        {
            if (!eventsOf.TryAdd(entry.Asset, entry))
            {
                throw new ArgumentException($"Events of asset '{entry.Asset}' were given twice.", nameof(events));
            }
        }

        List<JudgedAsset> joined = [];
        foreach (AssetPredictions asset in predictions.OrderBy(p => p.Asset))
        {
            if (!eventsOf.Remove(asset.Asset, out AssetEvents? known))
            {
                throw new ArgumentException($"Asset '{asset.Asset}' has predictions twice, or no events.", nameof(predictions));
            }

            joined.Add(Join(asset, known, label));
        }

        if (eventsOf.Count > 0)
        {
            throw new ArgumentException($"Asset '{eventsOf.Keys.Min()}' has events and no predictions.", nameof(events));
        }

        double[] periods = [.. joined.Select(a => Period(a.Times)).Where(p => !double.IsNaN(p)).Order()];
        double usual = Quantile.OfSorted(periods, 0.5);
        return [.. joined.Select(a => a with { Days = DaysOf(a.Times, usual) })];
    }

    private static JudgedAsset Join(AssetPredictions asset, AssetEvents known, LabelDefinition label)
    {
        int outputs = Math.Max(1, label.Components.Count);
        if (asset.Probabilities.Length != outputs || asset.Probabilities.Any(p => p.Length != asset.TimesUnixMs.Length))
        {
            throw new ArgumentException(
                $"Asset '{asset.Asset}' needs {outputs} arrays of {asset.TimesUnixMs.Length} probabilities.", nameof(asset));
        }

        if (asset.Confidences.Length > 0 && (asset.Confidences.Length != outputs || asset.Confidences.Any(c => c.Length != asset.TimesUnixMs.Length)))
        {
            throw new ArgumentException(
                $"Asset '{asset.Asset}' needs {outputs} arrays of {asset.TimesUnixMs.Length} confidences, or none.", nameof(asset));
        }

        for (int row = 0; row < asset.TimesUnixMs.Length; row++)
        {
            if (row > 0 && asset.TimesUnixMs[row] <= asset.TimesUnixMs[row - 1])
            {
                throw new ArgumentException($"Times of asset '{asset.Asset}' do not increase at row {row}.", nameof(asset));
            }

            for (int component = 0; component < outputs; component++)
            {
                if (asset.Probabilities[component][row] is < 0 or > 1)
                {
                    throw new ArgumentException(
                        $"Probability of asset '{asset.Asset}', component {component}, row {row} is not in 0 to 1.", nameof(asset));
                }
            }
        }

        AssetEvent[] happened = [.. known.Events.Where(e => e.TimeUnixMs <= known.KnownUntilUnixMs)];
        IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(asset.Asset, happened, label);
        var failed = new FailedPeriods(episodes);
        int[] kept = [.. Enumerable.Range(0, asset.TimesUnixMs.Length).Where(row => !failed.Contains(asset.TimesUnixMs[row]))];
        bool all = kept.Length == asset.TimesUnixMs.Length;
        return new JudgedAsset(
            asset.Asset,
            all ? asset.TimesUnixMs : [.. kept.Select(row => asset.TimesUnixMs[row])],
            all ? asset.Probabilities : [.. asset.Probabilities.Select(p => kept.Select(row => p[row]).ToArray())],
            all ? asset.Confidences : [.. asset.Confidences.Select(c => kept.Select(row => c[row]).ToArray())],
            happened, known.KnownUntilUnixMs, episodes, double.NaN);
    }

    // Rows x usual period, not last - first: a gap is time in which nobody was told anything, so it must not thin out the false alerts.
    private static double DaysOf(long[] times, double usualPeriod)
    {
        double own = Period(times);
        double period = double.IsNaN(own) ? usualPeriod : own;
        return double.IsNaN(period) ? 0 : times.Length * period / MsPerDay;
    }

    private static double Period(long[] times)
    {
        double[] gaps = new double[Math.Max(0, times.Length - 1)];
        for (int i = 0; i < gaps.Length; i++)
        {
            gaps[i] = times[i + 1] - times[i];
        }

        Array.Sort(gaps);
        return Quantile.OfSorted(gaps, 0.5);
    }
}
