using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Learning;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;

namespace Auspex.Bench.Train;

/// <summary>A large fleet through the whole model line, for its peak of memory.</summary>
internal static class MemoryBench
{
    private const long Minute = 60_000;
    private const int FailureEvery = 20_000; // minutes
    private const int WarningMinutes = 720;

    /// <summary>ASSETS FRAMES SIGNALS: trains a failure model with the defaults; one line of key=value.</summary>
    internal static void Run(string[] arguments)
    {
        int[] sizes = [.. arguments.Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        Dataset dataset = Fleet(sizes[0], sizes[1], sizes[2]);
        double generated = PeakMemory.MiB();
        string step = "";
        var watch = Stopwatch.StartNew();
        var pipeline = new LearningPipeline(TimeProvider.System, progress =>
        {
            if (Interlocked.Exchange(ref step, progress.Step) != progress.Step)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{watch.Elapsed.TotalSeconds:0} s, peak {PeakMemory.MiB():0} MiB: {progress.Step}"));
            }
        });
        TrainedModel trained = pipeline.Train(
            dataset, PredictionTask.Failure, horizon: null, threshold: null, new TrainingOptions(), CancellationToken.None);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"rows={(long)sizes[0] * sizes[1]} signals={sizes[2]} features={trained.Package.Manifest.Features.Names.Count}"
            + $" taught={trained.Package.Manifest.Training.Rows} data_mib={generated:0} peak_mib={PeakMemory.MiB():0} seconds={watch.Elapsed.TotalSeconds:0}"));
    }

    // Signals wander; in the half day before each failure the first of them climbs.
    private static Dataset Fleet(int assets, int frames, int signals)
    {
        string[] names = [.. Enumerable.Range(0, signals).Select(i => $"s{i}")];
        return new Dataset(
            new DatasetDescription
            {
                Name = "fleet",
                Frames = [new FrameFile { File = "frames.csv", Asset = new AssetColumn { Column = "asset" }, Time = new TimeColumn { Column = "time" } }],
                Signals = [.. names.Select(name => new SignalColumn { Name = name })],
                Labels = new LabelSettings { Horizon = "12h" },
            },
            new AssetSchema([.. names.Select(name => new SignalDefinition(name, SignalKind.Continuous, null, SignalRole.Reading, []))], [], [], []),
            [.. Enumerable.Range(0, assets).Select(i => new DatasetAsset(History(i, frames, signals), DatasetPart.Unassigned))],
            TimeSpan.FromMinutes(1), new DatasetReadReport([], []));
    }

    private static AssetHistory History(int number, int frames, int signals)
    {
        var random = new Random(number);
        var asset = new AssetId($"asset{number:0000}");
        long[] times = [.. Enumerable.Range(1, frames).Select(frame => frame * Minute)];
        double[][] values = [.. Enumerable.Range(0, signals).Select(_ => new double[frames])];
        AssetEvent[] failures =
        [
            .. Enumerable.Range(0, (frames / FailureEvery) + 1).Select(i => (i * FailureEvery) + random.Next(FailureEvery / 2, FailureEvery))
                .Where(frame => frame < frames).Select(frame => new AssetEvent(asset, times[frame], AssetEventKind.Failure, "")),
        ];
        int next = 0;
        for (int frame = 0; frame < frames; frame++)
        {
            next += next < failures.Length && failures[next].TimeUnixMs < times[frame] ? 1 : 0;
            double left = next < failures.Length ? (failures[next].TimeUnixMs - times[frame]) / (double)Minute : double.PositiveInfinity;
            for (int signal = 0; signal < signals; signal++)
            {
                double before = frame == 0 ? 0 : values[signal][frame - 1];
                values[signal][frame] = (0.99 * before) + random.NextDouble() - 0.5;
            }

            values[0][frame] += left < WarningMinutes ? 0.1 * (1 - (left / WarningMinutes)) : 0;
        }

        return new AssetHistory(asset, times, values, [], failures);
    }
}
