using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation.Tests;

/// <summary>How well one signal alone tells failures with a precursor: the simplest rivals of a model. Rows in the hour after a failure are left out.
/// A threshold is tried on the readings and, as an operator would who knows spikes, on their running median over five frames.</summary>
internal sealed class SingleSignalJudge
{
    private const long HorizonMs = 600_000;
    private const long AheadMs = 300_000;
    private const long RecoveryMs = 3_600_000;
    private const double FalsePerAssetDay = 0.05;

    private readonly AssetSchema _schema;
    private readonly double _assetDays;
    private readonly Dictionary<(AssetHistory, int), double[]> _medians = [];
    private readonly List<(AssetHistory History, int[] Rows, (long Time, string Component)[] Told, long[] All)> _assets = [];

    internal SingleSignalJudge(IReadOnlyList<LivePlantHistory> plants)
    {
        _schema = plants[0].Recorded.Schema;
        _assetDays = plants.Sum(plant => plant.AssetDays);
        foreach (LivePlantHistory plant in plants)
        {
            foreach (AssetHistory history in plant.Recorded.Assets)
            {
                SimulatedFailure[] failures = [.. plant.Truth.Failures.Where(failure => failure.Asset == history.Asset)];
                int[] rows = [.. Enumerable.Range(0, history.Count).Where(row =>
                    !failures.Any(failure => history.TimesUnixMs[row] >= failure.TimeUnixMs && history.TimesUnixMs[row] <= failure.TimeUnixMs + RecoveryMs))];
                _assets.Add((history, rows, [.. failures.Where(failure => !failure.Sudden).Select(failure => (failure.TimeUnixMs, failure.Component))],
                    [.. failures.Select(failure => failure.TimeUnixMs)]));
            }
        }

        Signals = [.. Enumerable.Range(0, _schema.Signals.Count).Where(i => _schema.Signals[i].Kind is SignalKind.Continuous or SignalKind.Boolean)];
    }

    /// <summary>Places of the signals that can have a threshold.</summary>
    internal int[] Signals { get; }

    internal IReadOnlyList<string> Components => _schema.Components;

    /// <summary>Largest share of failures caught five to ten minutes ahead at no more than 0.05 false alerts an asset-day. An alert stays for ten
    /// minutes, and is false when nothing fails while it stays.</summary>
    internal (string Told, double Caught) BestThreshold(int signal, string? component)
    {
        (string Told, double Caught) raw = BestThreshold(signal, component, (history, of) => history.Values[of], "");
        (string Told, double Caught) smooth = BestThreshold(signal, component, Medians, "median of ");
        return raw.Caught >= smooth.Caught ? raw : smooth;
    }

    private (string Told, double Caught) BestThreshold(int signal, string? component, Func<AssetHistory, int, double[]> values, string prefix)
    {
        double[] ascending = [.. _assets.SelectMany(asset => asset.Rows.Select(row => values(asset.History, signal)[row])).Where(double.IsFinite).Order()];
        (double Caught, double Limit, bool Above, double False) best = (0, double.NaN, true, 0);
        foreach (bool above in (bool[])[true, false])
        {
            double last = double.NaN;
            for (double share = 1.0 / ascending.Length; share < 0.3; share *= 1.35)
            {
                int place = (int)(share * ascending.Length);
                double limit = above ? ascending[^(place + 1)] : ascending[place];
                if (limit == last)
                {
                    continue;
                }

                last = limit;
                (double caught, double falseRate) = Judge(signal, limit, above, component, values);
                if (falseRate > FalsePerAssetDay)
                {
                    break; // more rows break a looser limit
                }

                if (caught > best.Caught)
                {
                    best = (caught, limit, above, falseRate);
                }
            }
        }

        return (string.Create(CultureInfo.InvariantCulture,
            $"{prefix}{_schema.Signals[signal].Name} {(best.Above ? "≥" : "≤")} {best.Limit:0.###}: {best.Caught:0.00} of {component ?? "failures with precursor"} caught, {best.False:0.000} false an asset-day"),
            best.Caught);
    }

    /// <summary>Balanced accuracy of the best stump (the area under its two-point curve) and area under the curve of the signal's own order.</summary>
    internal (string Told, double Stump, double Ranks) Areas(int signal)
    {
        var rows = new List<(double Value, bool Positive)>();
        foreach ((AssetHistory history, int[] kept, (long Time, string Component)[] told, _) in _assets)
        {
            foreach (int row in kept)
            {
                double value = history.Values[signal][row];
                if (double.IsFinite(value))
                {
                    long time = history.TimesUnixMs[row];
                    rows.Add((value, told.Any(failure => failure.Time > time && failure.Time <= time + HorizonMs)));
                }
            }
        }

        rows.Sort((a, b) => a.Value.CompareTo(b.Value));
        double positives = rows.Count(row => row.Positive), negatives = rows.Count - positives;
        double below = 0, belowNegative = 0, area = 0, stump = 0.5;
        for (int i = 0; i < rows.Count;)
        {
            int end = i, here = 0;
            for (; end < rows.Count && rows[end].Value == rows[i].Value; end++)
            {
                here += rows[end].Positive ? 1 : 0;
            }

            double hereNegative = end - i - here;
            area += here * (belowNegative + (hereNegative / 2));
            below += here;
            belowNegative += hereNegative;
            double balanced = ((below / positives) + (1 - (belowNegative / negatives))) / 2;
            stump = Math.Max(stump, Math.Max(balanced, 1 - balanced));
            i = end;
        }

        double ranks = area / (positives * negatives);
        ranks = Math.Max(ranks, 1 - ranks);
        return (string.Create(CultureInfo.InvariantCulture, $"{_schema.Signals[signal].Name}: stump {stump:0.000}, ranks {ranks:0.000}"), stump, ranks);
    }

    private double[] Medians(AssetHistory history, int signal)
    {
        if (!_medians.TryGetValue((history, signal), out double[]? medians))
        {
            double[] values = history.Values[signal];
            Span<double> five = stackalloc double[5];
            medians = new double[values.Length];
            for (int row = 0; row < values.Length; row++)
            {
                int count = 0;
                for (int back = Math.Max(0, row - 4); back <= row; back++)
                {
                    if (double.IsFinite(values[back]))
                    {
                        five[count++] = values[back];
                    }
                }

                five[..count].Sort();
                medians[row] = count == 0 ? double.NaN : five[count / 2];
            }

            _medians.Add((history, signal), medians);
        }

        return medians;
    }

    private (double Caught, double FalsePerAssetDay) Judge(
        int signal, double limit, bool above, string? component, Func<AssetHistory, int, double[]> read)
    {
        int caught = 0, failures = 0, wrong = 0;
        foreach ((AssetHistory history, int[] rows, (long Time, string Component)[] told, long[] all) in _assets)
        {
            var alerts = new List<long>();
            double[] values = read(history, signal);
            foreach (int row in rows)
            {
                long time = history.TimesUnixMs[row];
                if ((above ? values[row] >= limit : values[row] <= limit) && (alerts.Count == 0 || time >= alerts[^1] + HorizonMs))
                {
                    alerts.Add(time);
                }
            }

            wrong += alerts.Count(alert => !all.Any(failure => failure > alert && failure <= alert + HorizonMs));
            foreach ((long time, string name) in told)
            {
                if (component is null || component == name)
                {
                    failures++;
                    caught += alerts.Any(alert => alert >= time - HorizonMs && alert <= time - AheadMs) ? 1 : 0;
                }
            }
        }

        return (caught / (double)failures, wrong / _assetDays);
    }
}
