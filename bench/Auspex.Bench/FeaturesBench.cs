using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Learning.Train;

namespace Auspex.Bench;

/// <summary>The window features of default use over a fleet, on one thread: what each of them costs, and their values for a peer to compare.</summary>
internal static class FeaturesBench
{
    private const int Repetitions = 3;
    private const long Start = 1_700_000_012_345; // aligned to no window
    private const double LongTolerance = 1e-9;

    private static readonly AssetSchema Schema = new(
        [new SignalDefinition("x", SignalKind.Continuous, null, SignalRole.Reading, [])], [], [], []);

    /// <summary>FOLDER ASSETS FRAMES: writes the frames (times, values) and the features of each, asset by asset, as arrays; prints for each feature,
    /// then for all of them and for all of a default failure model, its columns, nanoseconds of processor time a value live and in batch, and bytes allocated a row live.</summary>
    internal static void Run(string[] arguments)
    {
        (string folder, int assets, int frames) = (arguments[0], Number(arguments[1]), Number(arguments[2]));
        AssetHistory[] fleet = [.. Enumerable.Range(0, assets).Select(asset => History(asset, frames))];
        Arrival[] arrivals =
        [
            .. Enumerable.Range(0, assets).SelectMany(asset => Enumerable.Range(0, frames)
                .Select(row => new Arrival(asset, row, fleet[asset].TimesUnixMs[row], fleet[asset].Values[0][row]))).OrderBy(arrival => arrival.TimeUnixMs),
        ];
        FeatureOptions usual = FeatureOptions.ForSamplingPeriod(TimeSpan.FromMinutes(1), runningAge: true);
        FeatureOptions windows = usual with { Lags = [], RunningAge = false };
        FeaturePlan together = Plan(windows);
        int[] rolling = [.. Enumerable.Range(0, together.Definition.Columns.Count).Where(c => together.Definition.Columns[c].Kind != FeatureKind.Value)];

        Write(folder, fleet, together, rolling);
        CheckLiveIsBatch(together, fleet, arrivals);
        foreach (int column in rolling)
        {
            FeatureColumn alone = together.Definition.Columns[column];
            var window = new FeatureWindow(TimeSpan.FromMilliseconds(alone.WindowMs), Statistic(alone.Kind));
            Measure(alone.Name, 1, Plan(windows with { Windows = [], ChosenWindows = [window] }), fleet, arrivals);
        }

        Measure("together", rolling.Length, together, fleet, arrivals);
        FeaturePlan whole = Plan(usual);
        Measure("default", whole.Definition.Columns.Count, whole, fleet, arrivals);
    }

    /// <summary>UPDATES: streams that many samples a second apart, near 0 and near 1e6 with noise 1, and compares windows with a recomputation in two passes;
    /// prints the largest difference of each statistic as a share of the largest absolute value in the window, and fails above 1e-9.</summary>
    internal static void RunLong(string[] arguments)
    {
        int updates = Number(arguments[0]);
        foreach (double level in (double[])[0, 1e6])
        {
            double worst = Stream(updates, level);
            if (!(worst <= LongTolerance))
            {
                throw new InvalidOperationException($"A window near {level:G} is off by {worst:G3} of its largest value; at most {LongTolerance:G} is allowed.");
            }
        }
    }

    private static double Stream(int updates, double level)
    {
        FeaturePlan plan = Plan(new FeatureOptions([], [TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(600)], RunningAge: false));
        IReadOnlyList<FeatureColumn> columns = plan.Definition.Columns;
        var features = new AssetFeatures(plan, []);
        var random = new Random(3);
        var row = new double[columns.Count];
        var largest = new double[columns.Count];
        var recent = new (long Time, double Value)[600];
        int compared = 0;
        for (int i = 0; i < updates; i++)
        {
            long time = Start + (i * 1000L);
            double value = level + Normal(random);
            recent[i % recent.Length] = (time, value);
            features.Next(time, [value], row);
            // A step that shares no divisor with the windows meets them in every position.
            if (i < recent.Length || (i % 97 != 0 && i != updates - 1))
            {
                continue;
            }

            compared++;
            for (int c = 1; c < columns.Count; c++)
            {
                (double expected, double scale) = Recomputed(columns[c], recent, i);
                largest[c] = Math.Max(largest[c], double.IsNaN(row[c]) ? double.PositiveInfinity : Math.Abs(row[c] - expected) / scale);
            }
        }

        foreach (IGrouping<FeatureKind, int> kind in Enumerable.Range(1, columns.Count - 1).GroupBy(c => columns[c].Kind))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{updates} updates near {level:G}, {compared} windows of each length recomputed: {kind.Key} off by at most {kind.Max(c => largest[c]):G3} of the largest value"));
        }

        return largest.Max();
    }

    // From the definition, about the newest sample, so that nothing large cancels.
    private static (double Value, double Scale) Recomputed(FeatureColumn column, (long Time, double Value)[] recent, int newest)
    {
        int count = (int)(column.WindowMs / 1000);
        (long now, double about) = recent[newest % recent.Length];
        (double hours, double sum, double min, double max, double scale) = (0, 0, double.PositiveInfinity, double.NegativeInfinity, 0);
        for (int i = newest - count + 1; i <= newest; i++)
        {
            (long time, double value) = recent[i % recent.Length];
            hours += (time - now) / 3_600_000.0;
            sum += value - about;
            (min, max, scale) = (Math.Min(min, value), Math.Max(max, value), Math.Max(scale, Math.Abs(value)));
        }

        (double meanHours, double mean) = (hours / count, sum / count);
        (double squares, double squaredHours, double products) = (0, 0, 0);
        for (int i = newest - count + 1; i <= newest; i++)
        {
            (long time, double value) = recent[i % recent.Length];
            double away = ((time - now) / 3_600_000.0) - meanHours;
            double off = value - about - mean;
            (squares, squaredHours, products) = (squares + (off * off), squaredHours + (away * away), products + (away * off));
        }

        return (column.Kind switch
        {
            FeatureKind.RollingMean => about + mean,
            FeatureKind.RollingStandardDeviation => Math.Sqrt(squares / (count - 1)),
            FeatureKind.RollingMin => min,
            FeatureKind.RollingMax => max,
            _ => products / squaredHours,
        }, scale);
    }

    private static void Write(string folder, AssetHistory[] fleet, FeaturePlan plan, int[] columns)
    {
        using var times = new NpyWriter<long>(Path.Combine(folder, "times.npy"));
        using var values = new NpyWriter<double>(Path.Combine(folder, "values.npy"));
        using var features = new NpyWriter<double>(Path.Combine(folder, "features.npy"), columns.Length);
        foreach (AssetHistory history in fleet)
        {
            FeatureMatrix matrix = FeatureMatrix.Of(plan, history);
            times.Append(history.TimesUnixMs);
            values.Append(history.Values[0]);
            for (int row = 0; row < matrix.Rows; row++)
            {
                features.Append([.. columns.Select(column => matrix.Row(row)[column])]);
            }
        }

        times.Complete();
        values.Complete();
        features.Complete();
    }

    private static void CheckLiveIsBatch(FeaturePlan plan, AssetHistory[] fleet, Arrival[] arrivals)
    {
        FeatureMatrix[] batch = [.. fleet.Select(history => FeatureMatrix.Of(plan, history))];
        Live(plan, fleet.Length, arrivals, (arrival, row) =>
        {
            ReadOnlySpan<double> expected = batch[arrival.Asset].Row(arrival.Row);
            for (int c = 0; c < row.Length; c++)
            {
                if (BitConverter.DoubleToInt64Bits(row[c]) != BitConverter.DoubleToInt64Bits(expected[c]))
                {
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                        $"{plan.Definition.Names[c]} of frame {arrival.Row} of {fleet[arrival.Asset].Asset} is {row[c]:R} live and {expected[c]:R} in batch."));
                }
            }
        });
    }

    // Frames of all assets in the order they arrive, as the live line takes them.
    private static void Live(FeaturePlan plan, int assets, Arrival[] arrivals, Action<Arrival, double[]>? look = null)
    {
        AssetFeatures[] features = [.. Enumerable.Range(0, assets).Select(_ => new AssetFeatures(plan, []))];
        var row = new double[plan.Definition.Columns.Count];
        foreach (Arrival arrival in arrivals)
        {
            features[arrival.Asset].Next(arrival.TimeUnixMs, [arrival.Value], row);
            look?.Invoke(arrival, row);
        }
    }

    private static void Measure(string name, int columns, FeaturePlan plan, AssetHistory[] fleet, Arrival[] arrivals)
    {
        double values = (double)arrivals.Length * columns;
        double live = Nanoseconds(() => Live(plan, fleet.Length, arrivals)) / values;
        long allocated = Allocated(plan, fleet.Length, arrivals);
        double batch = Nanoseconds(() => Array.ForEach(fleet, history => FeatureMatrix.Of(plan, history))) / values;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {columns} {live:F1} {batch:F1} {(double)allocated / arrivals.Length:F0}"));
    }

    private static long Allocated(FeaturePlan plan, int assets, Arrival[] arrivals)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Live(plan, assets, arrivals);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // Processor time, so that what else the machine does counts little; the least of some repetitions.
    private static double Nanoseconds(Action run)
    {
        double least = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            run();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - before).TotalNanoseconds);
        }

        return least;
    }

    private static FeaturePlan Plan(FeatureOptions options) => FeaturePlan.Of(FeatureDefinition.Build(Schema, options));

    private static WindowStatistics Statistic(FeatureKind kind) => kind switch
    {
        FeatureKind.RollingMean => WindowStatistics.Mean,
        FeatureKind.RollingStandardDeviation => WindowStatistics.StandardDeviation,
        FeatureKind.RollingMin => WindowStatistics.Min,
        FeatureKind.RollingMax => WindowStatistics.Max,
        _ => WindowStatistics.Slope,
    };

    // A frame a minute, half of them off by up to 20 s; one in a hundred after a gap longer than most windows; one value in fifty missing. Steps are whole
    // seconds and values multiples of 1/1024, of which sums of products are exact.
    private static AssetHistory History(int number, int frames)
    {
        var random = new Random(number);
        var times = new long[frames];
        var values = new double[frames];
        long time = Start + random.Next(60_000);
        double level = 50;
        for (int i = 0; i < frames; i++)
        {
            time += random.Next(100) == 0 ? 1000 * random.Next(300, 1800) : random.Next(2) == 0 ? 60_000 : 1000 * random.Next(40, 80);
            level += 0.1 * (50 - level) + Normal(random);
            times[i] = time;
            values[i] = random.Next(50) == 0 ? double.NaN : Math.Round(1024 * (level + Normal(random))) / 1024;
        }

        return new AssetHistory(new AssetId($"asset{number:0000}"), times, [values], [], []);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private readonly record struct Arrival(int Asset, int Row, long TimeUnixMs, double Value);
}
