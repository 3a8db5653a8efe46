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
        List<(double Hours, double Value)> Samples(long afterMs, long untilMs)
        {
            var samples = new List<(double, double)>();
            for (int i = 0; i <= row; i++)
            {
                double value = Value(definition, history, signal, i, column);
                if (history.TimesUnixMs[i] > afterMs && history.TimesUnixMs[i] <= untilMs && double.IsFinite(value))
                {
                    samples.Add(((history.TimesUnixMs[i] - now) / 3_600_000.0, value));
                }
            }

            return samples;
        }

        List<(double Hours, double Value)> window = signal >= 0 ? Samples(now - column.WindowMs, now) : [];
        return column.Kind switch
        {
            FeatureKind.Value or FeatureKind.State => Finite(Value(definition, history, signal, row, column)),
            FeatureKind.Lag => Samples(now - (2 * column.WindowMs), now - column.WindowMs) is { Count: > 0 } old ? old[^1].Value : double.NaN,
            FeatureKind.RollingMean => window.Count == 0 ? double.NaN : window.Average(s => s.Value),
            FeatureKind.RollingMin => window.Count == 0 ? double.NaN : window.Min(s => s.Value),
            FeatureKind.RollingMax => window.Count == 0 ? double.NaN : window.Max(s => s.Value),
            FeatureKind.RollingStandardDeviation => StandardDeviation([.. window.Select(s => s.Value)]),
            FeatureKind.RollingSlope => Slope(window),
            FeatureKind.ErrorCount => history.Events.Count(e => e.Kind == AssetEventKind.Error && e.Name == column.Source
                && e.TimeUnixMs > now - column.WindowMs && e.TimeUnixMs <= now),
            FeatureKind.SinceMaintenance => history.Events.Where(e => e.Kind == AssetEventKind.Maintenance && e.Name == column.Source
                && e.TimeUnixMs <= now).Select(e => (now - e.TimeUnixMs) / 3_600_000.0).DefaultIfEmpty(double.NaN).Min(),
            FeatureKind.Fact => history.Facts[0],
            FeatureKind.FactState => column.State == "m2" ? 1 : 0,
            FeatureKind.RunningAge => (now - history.TimesUnixMs[0]) / 3_600_000.0,
            _ => throw new ArgumentOutOfRangeException(nameof(column)),
        };
    }

    private static double Value(FeatureDefinition definition, AssetHistory history, int signal, int row, FeatureColumn column)
    {
        double value = history.Values[signal][row];
        return column.State is null || double.IsNaN(value) ? value : definition.Schema.Signals[signal].States[(int)value] == column.State ? 1 : 0;
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    private static double StandardDeviation(double[] values)
    {
        if (values.Length < 2)
        {
            return double.NaN;
        }

        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    private static double Slope(List<(double Hours, double Value)> samples)
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
