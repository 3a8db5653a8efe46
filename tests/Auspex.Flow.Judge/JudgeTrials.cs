using System.Diagnostics;
using System.Globalization;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Flow.Predict;
using Auspex.Models.Package;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests;

/// <summary>What a number of kills did to the live line.</summary>
/// <param name="Kills">How often the process was killed.</param>
/// <param name="Acknowledged">Frames it was told were stored.</param>
/// <param name="Judged">Frames that are stored, each with its one prediction.</param>
internal sealed record JudgeReport(int Kills, long Acknowledged, long Judged);

/// <summary>A process appends frames while the line judges them, packs, stores cursors and checkpoints, and is killed at a random moment, again and again. In the end every
/// acknowledged frame must be there, and each stored frame must have exactly the prediction that a run without kills gives it, to the bit.</summary>
internal static class JudgeTrials
{
    private const int Assets = 24;
    private const int Killed = 128 + 9;
    private const long Start = 1_767_225_600_000;
    private static readonly string[] Signals = ["heat", "load", "door"];
    private static readonly TelemetryOptions Storing = new() { ChunkFrames = 128, PackAtValues = 3_000, SegmentsAMerge = 3 };
    private static readonly LineOptions Judging = new() { CheckpointFrames = 50, CursorEvery = TimeSpan.FromMilliseconds(20), PredictionsAWrite = 200 };

    /// <summary>Kills the process again and again, over SQLite files.</summary>
    /// <param name="kills">How often.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="folder">Where the files are made; the caller deletes it.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="InvalidOperationException">A frame or a prediction was lost, doubled or changed, or the process ended before it was killed; the message says which.</exception>
    public static async Task<JudgeReport> RunAsync(int kills, int seed, string folder, CancellationToken ct)
    {
        var random = new Random(seed);
        var acknowledged = new HashSet<long>();
        await using (LineFixture fixture = await LineFixture.StartAsync(Storing, folder))
        {
            await fixture.DeployAsync(OvenPackage.Make(wholeLife: true));
            await fixture.EnablePredictionsAsync();
        }

        for (int kill = 0; kill < kills; kill++)
        {
            using Process judge = Process.Start(new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                [typeof(JudgeTrials).Assembly.Location, folder, (seed + kill).ToString(CultureInfo.InvariantCulture)])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string? line = await judge.StandardOutput.ReadLineAsync(ct);
            if (line != "ready")
            {
                throw new InvalidOperationException($"Trial {kill}: the line did not start: {line} {await judge.StandardError.ReadToEndAsync(ct)}");
            }

            var said = new StringBuilder();
            for (int answers = random.Next(0, 800); answers > 0 && await judge.StandardOutput.ReadLineAsync(ct) is { } answer; answers--)
            {
                said.Append(answer).Append('\n');
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 30)), TimeProvider.System, ct);
            judge.Kill();
            said.Append(await judge.StandardOutput.ReadToEndAsync(ct));
            await judge.WaitForExitAsync(ct);
            if (judge.ExitCode != Killed)
            {
                throw new InvalidOperationException($"Trial {kill}: it failed before the kill: {await judge.StandardError.ReadToEndAsync(ct)}");
            }

            foreach (string number in said.ToString().Split('\n')[..^1]) // the last one may be cut off
            {
                acknowledged.Add(long.Parse(number, CultureInfo.InvariantCulture));
            }
        }

        return new JudgeReport(kills, acknowledged.Count, await CheckAsync(folder, acknowledged, ct));
    }

    /// <summary>Goes on behind the newest stored frame of each asset, and prints each number after its append has ended.</summary>
    public static async Task RunUntilKilledAsync(string folder, int seed)
    {
        await using LineFixture fixture = await LineFixture.StartAsync(Storing, folder);
        await using LivePipeline line = fixture.Line(Judging);
        await line.LookAsync(CancellationToken.None);
        long next = 0;
        for (int asset = 0; asset < Assets; asset++)
        {
            Frame? newest = await fixture.Telemetry.NewestAsync(LineFixture.Organization, new AssetId($"oven {asset}"), CancellationToken.None);
            next = Math.Max(next, newest is null ? 0 : NumberOf(newest.TimeUnixMs, asset) + 1);
        }

        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync("ready\n"u8.ToArray());
        var random = new Random(seed);
        while (true)
        {
            // What was sent and not answered is sent again, as a gateway does.
            long[] numbers = [.. Enumerable.Range(0, random.Next(1, 40)).Select(i => Math.Max(0, next - 20) + i)];
            await fixture.Telemetry.AppendAsync(LineFixture.Organization, [.. numbers.Select(FrameOf)], CancellationToken.None);
            next = Math.Max(next, numbers[^1] + 1);
            await output.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{number}\n")))));
            if (random.Next(50) == 0)
            {
                await fixture.Telemetry.PackAsync(CancellationToken.None);
            }
        }
    }

    private static long NumberOf(long timeMs, int asset) => ((timeMs - Start) / 30_000 * Assets) + asset;

    private static Frame FrameOf(long number)
    {
        var random = new Random((int)(number * 7919 % int.MaxValue));
        return new Frame(
            new AssetId($"oven {number % Assets}"), Start + (number / Assets * 30_000), Start + number, Signals,
            [60 + (40 * random.NextDouble()), 50 * random.NextDouble(), number % 3 == 0 ? 1 : 0]);
    }

    private static async Task<long> CheckAsync(string folder, HashSet<long> acknowledged, CancellationToken ct)
    {
        await using LineFixture fixture = await LineFixture.StartAsync(Storing, folder);
        ModelPackage package = OvenPackage.Make(wholeLife: true);
        await using (LivePipeline line = fixture.Line(Judging))
        {
            await line.LookAsync(ct);
            for (int quiet = 0; quiet < 5;)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
                quiet = line.BehindOf(LineFixture.Organization) == 0 ? quiet + 1 : 0;
            }
        }

        long judged = 0;
        LiveModel model = LiveModel.Open((await Auspex.Storage.Models.ModelStore.ActiveAsync(fixture.Db, ct))[0], package.ToArchive());
        for (int asset = 0; asset < Assets; asset++)
        {
            var key = new AssetId($"oven {asset}");
            FrameColumns frames = await fixture.Telemetry.ReadAsync(LineFixture.Organization, key, 0, long.MaxValue, Signals, int.MaxValue, ct);
            FrameColumns said = await fixture.Telemetry.ReadAsync(
                LineFixture.Organization, Series.PredictionsOf(key, PredictionTask.Failure), 0, long.MaxValue, model.Columns.Signals, int.MaxValue, ct);
            foreach (long number in acknowledged.Where(number => number % Assets == asset))
            {
                if (Array.BinarySearch(frames.Times, FrameOf(number).TimeUnixMs) < 0)
                {
                    throw new InvalidOperationException($"Frame {number} was acknowledged and is lost.");
                }
            }

            if (!frames.Times.AsSpan().SequenceEqual(said.Times))
            {
                throw new InvalidOperationException($"{key} has {frames.Times.Length} frames and {said.Times.Length} predictions, or not of the same times.");
            }

            judged += frames.Times.Length;
            Compare(model, key, frames, said);
        }

        return judged;
    }

    // The same frames in order, without a line.
    private static void Compare(LiveModel model, AssetId key, FrameColumns frames, FrameColumns said)
    {
        var features = new AssetFeatures(model.Plan, [double.NaN]);
        var row = new double[model.Plan.Definition.Columns.Count];
        var scores = new double[model.TargetCount];
        var expected = new double[model.Columns.Signals.Length];
        for (int i = 0; i < frames.Times.Length; i++)
        {
            features.Next(frames.Times[i], [.. frames.Values.Select(column => column[i])], row);
            model.Score(row, scores, expected, degraded: false);
            for (int column = 0; column < expected.Length; column++)
            {
                if (BitConverter.DoubleToInt64Bits(expected[column]) != BitConverter.DoubleToInt64Bits(said.Values[column][i]))
                {
                    throw new InvalidOperationException(string.Create(
                        CultureInfo.InvariantCulture, $"{key}, frame {i} of {frames.Times.Length}: {model.Columns.Signals[column]} is {said.Values[column][i]}, without kills {expected[column]}."));
                }
            }
        }
    }
}
