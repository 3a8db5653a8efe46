using Auspex.Core.Assets;
using Auspex.Features.Definitions;

namespace Auspex.Features.Tests;

/// <summary>Every feature worked out from scratch from its definition, in two passes over the samples: slow, and no line of it shared with
/// the code under test.</summary>
internal static class BruteForce
{
    public static double Feature(FeatureDefinition definition, AssetHistory history, int row, FeatureColumn column)
    {
        long now = history.TimesUnixMs[row];
        int signal = definition.Schema.Signals.ToList().FindIndex(s => s.Name == column.Source);
        List<(long Time, double Hours, double Value)> Samples(long afterMs, long untilMs)
        {
            var samples = new List<(long, double, double)>();
            for (int i = 0; i <= row; i++)
            {
                double value = Value(definition, history, signal, i, column);
                if (history.TimesUnixMs[i] > afterMs && history.TimesUnixMs[i] <= untilMs && double.IsFinite(value))
                {
                    samples.Add((history.TimesUnixMs[i], (history.TimesUnixMs[i] - now) / 3_600_000.0, value));
                }
            }

            return samples;
        }

        List<(long Time, double Hours, double Value)> window = signal >= 0 ? Samples(now - column.WindowMs, now) : [];
        return column.Kind switch
        {
            FeatureKind.Value or FeatureKind.State => Finite(Value(definition, history, signal, row, column)),
            FeatureKind.Lag => Samples(now - (2 * column.WindowMs), now - column.WindowMs) is { Count: > 0 } old ? old[^1].Value : double.NaN,
            FeatureKind.RollingMean => Mean(window),
            FeatureKind.RollingMin => window.Count == 0 ? double.NaN : window.Min(s => s.Value),
            FeatureKind.RollingMax => window.Count == 0 ? double.NaN : window.Max(s => s.Value),
            FeatureKind.RollingStandardDeviation => StandardDeviation([.. window.Select(s => s.Value)]),
            FeatureKind.RollingSlope => Slope(window),
            FeatureKind.RollingGrowth => window.Count < 2 ? double.NaN
                : window.Zip(window.Skip(1)).Sum(pair => pair.Second.Value < pair.First.Value ? pair.Second.Value : pair.Second.Value - pair.First.Value),
            FeatureKind.RollingFromStart => window.Count == 0 ? double.NaN : Mean(window) - StartMean(Samples(long.MinValue, now), column.WindowMs),
            FeatureKind.Ewma => Ewma(Samples(long.MinValue, now), now, column.WindowMs),
            FeatureKind.ErrorCount => history.Events.Count(e => e.Kind == AssetEventKind.Error && e.Name == column.Source
                && e.TimeUnixMs > now - column.WindowMs && e.TimeUnixMs <= now),
            FeatureKind.SinceMaintenance => history.Events.Where(e => e.Kind == AssetEventKind.Maintenance && e.Name == column.Source
                && e.TimeUnixMs <= now).Select(e => (now - e.TimeUnixMs) / 3_600_000.0).DefaultIfEmpty(double.NaN).Min(),
            FeatureKind.Fact => history.Facts[0],
            FeatureKind.FactState => column.State == "m2" ? 1 : 0,
            FeatureKind.RunningAge => (now - history.TimesUnixMs[0]) / 3_600_000.0,
            FeatureKind.HourSin => Math.Sin(Time(now).TimeOfDay.TotalDays * 2 * Math.PI),
            FeatureKind.HourCos => Math.Cos(Time(now).TimeOfDay.TotalDays * 2 * Math.PI),
            FeatureKind.DayOfWeekSin => Math.Sin(((int)Time(now).DayOfWeek + 6) % 7 * 2 * Math.PI / 7),
            FeatureKind.DayOfWeekCos => Math.Cos(((int)Time(now).DayOfWeek + 6) % 7 * 2 * Math.PI / 7),
            _ => throw new ArgumentOutOfRangeException(nameof(column)),
        };
    }

    private static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static double Value(FeatureDefinition definition, AssetHistory history, int signal, int row, FeatureColumn column)
    {
        double value = history.Values[signal][row];
        return column.State is null || double.IsNaN(value) ? value : definition.Schema.Signals[signal].States[(int)value] == column.State ? 1 : 0;
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    private static double Mean(List<(long Time, double Hours, double Value)> samples) =>
        samples.Count == 0 ? double.NaN : samples.Average(s => s.Value);

    private static double StartMean(List<(long Time, double Hours, double Value)> all, long lengthMs) =>
        Mean([.. all.Where(s => s.Time < all[0].Time + lengthMs)]);

    // Each sample's own weight times what all later ones left of it.
    private static double Ewma(List<(long Time, double Hours, double Value)> all, long now, long constantMs)
    {
        if (all.Count == 0 || now - all[^1].Time > 5 * constantMs)
        {
            return double.NaN;
        }

        double sum = 0;
        double left = 1;
        for (int i = all.Count - 1; i >= 0; i--)
        {
            double keeps = i == 0 || all[i].Time - all[i - 1].Time > 5 * constantMs ? 0 : Math.Exp((all[i - 1].Time - all[i].Time) / (double)constantMs);
            sum += all[i].Value * left * (1 - keeps);
            left *= keeps;
        }

        return sum;
    }

    private static double StandardDeviation(double[] values)
    {
        if (values.Length < 2)
        {
            return double.NaN;
        }

        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    private static double Slope(List<(long Time, double Hours, double Value)> samples)
    {
        if (samples.Count < 2)
        {
            return double.NaN;
        }

        double meanHours = samples.Average(s => s.Hours);
        double meanValue = samples.Average(s => s.Value);
        return samples.Sum(s => (s.Hours - meanHours) * (s.Value - meanValue)) / samples.Sum(s => (s.Hours - meanHours) * (s.Hours - meanHours));
    }
}
