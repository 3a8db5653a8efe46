using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation.Tests;

public sealed class LivePlantTests
{
    public static TheoryData<string> Kinds => [LivePlants.Line, LivePlants.Shop];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_EqualOptions_GiveEqualBytesHoweverStepped(string kind)
    {
        var options = new LivePlantOptions { Seed = 5, Assets = 3 };
        LivePlant whole = LivePlants.Make(kind, options);
        LivePlant piecewise = LivePlants.Make(kind, options);

        byte[] atOnce = Bytes(whole, 5_760);
        byte[] inPieces = [.. Bytes(piecewise, 1_000), .. Bytes(piecewise, 4_760)];

        Assert.True(atOnce.AsSpan().SequenceEqual(inPieces));
        Assert.Equal(whole.Truth.Failures, piecewise.Truth.Failures);
        Assert.Equal(whole.Truth.Precursors, piecewise.Truth.Precursors);
        Assert.False(atOnce.AsSpan().SequenceEqual(Bytes(LivePlants.Make(kind, options with { Seed = 6 }), 5_760)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_OneAssetMore_ChangesNoneOfTheOthers(string kind)
    {
        LivePlant few = LivePlants.Make(kind, new LivePlantOptions { Seed = 5, Assets = 2 });
        LivePlant more = LivePlants.Make(kind, new LivePlantOptions { Seed = 5, Assets = 3 });

        for (int i = 0; i < 500; i++)
        {
            SimulatedStep step = few.Step();
            SimulatedFrame[] same = [.. more.Step().Frames.Where(frame => few.Assets.Contains(frame.Asset))];
            Assert.Equal(step.Frames.Select(frame => frame.Values), same.Select(frame => frame.Values));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Frames_AreOfTheSchema(string kind)
    {
        foreach (LivePlantHistory history in LivePlants.Of(kind))
        {
            AssetSchema schema = history.Recorded.Schema;
            Assert.Equal(schema.Components.Order(StringComparer.Ordinal), schema.Components);
            Assert.Equal(schema.ErrorCodes.Order(StringComparer.Ordinal), schema.ErrorCodes);
            Assert.True(schema.Components.Count >= 3);
            bool[] changes = new bool[schema.Signals.Count];
            foreach (AssetHistory asset in history.Recorded.Assets)
            {
                Assert.Equal(schema.Facts.Count, asset.Facts.Length);
                for (int signal = 0; signal < schema.Signals.Count; signal++)
                {
                    double[] values = [.. asset.Values[signal].Where(double.IsFinite)];
                    SignalDefinition definition = schema.Signals[signal];
                    Assert.True(values.Length > asset.Count * 0.95, $"{definition.Name}: {values.Length} of {asset.Count}");
                    changes[signal] |= values.Distinct().Skip(1).Any();
                    Assert.True(definition.Kind switch
                    {
                        SignalKind.Boolean => values.All(value => value is 0 or 1),
                        SignalKind.State => values.All(value => value >= 0 && value < definition.States.Count && value == Math.Floor(value)),
                        SignalKind.Counter => values.SequenceEqual(values.Order()),
                        _ => true,
                    }, definition.Name);
                }

                Assert.All(asset.Events, happened => Assert.Contains(happened.Name, happened.Kind == AssetEventKind.Error ? schema.ErrorCodes : schema.Components));
            }

            Assert.All(changes, Assert.True);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Truth_SharesAndLengths_AreThoseMeant(string kind)
    {
        LivePlantHistory[] histories = LivePlants.Of(kind);
        SimulatedFailure[] failures = [.. histories.SelectMany(history => history.Truth.Failures)];
        SimulatedPrecursor[] precursors = [.. histories.SelectMany(history => history.Truth.Precursors)];
        SimulatedPrecursor[] failed = [.. precursors.Where(one => one.End == PrecursorEnd.Failed)];
        double perWeek = failures.Length / histories.Sum(history => history.AssetDays) * 7;
        double sudden = failures.Count(failure => failure.Sudden) / (double)failures.Length;
        double healed = precursors.Count(one => one.End == PrecursorEnd.Healed) / (double)precursors.Length;
        double[] minutes = [.. failed.Select(one => (one.EndUnixMs - one.OnsetUnixMs) / 60_000.0).Order()];
        double within = minutes.Count(length => length is >= 5 and <= 30) / (double)minutes.Length;
        string told = string.Create(CultureInfo.InvariantCulture,
            $"{kind}: {failures.Length} failures, {perWeek:0.0} an asset-week; sudden {sudden:0.00}; {precursors.Length} precursors, healed {healed:0.00}; "
            + $"onset to failure {minutes[minutes.Length / 10]:0.0} / {minutes[minutes.Length / 2]:0.0} / {minutes[minutes.Length * 9 / 10]:0.0} min (p10/50/90), {within:0.00} in 5 to 30");
        TestContext.Current.TestOutputHelper?.WriteLine(told);

        Assert.True(perWeek is > 2.5 and < 8, told);
        Assert.True(sudden >= 0.25, told);
        Assert.True(healed >= 0.25, told);
        Assert.True(within > 0.9, told);
        Assert.Equal(failures.Count(failure => !failure.Sudden), failed.Length);
        Assert.All(failures, failure => Assert.Equal(failure.Sudden, failure.OnsetUnixMs is null));
        foreach (string component in histories[0].Recorded.Schema.Components)
        {
            Assert.True(failures.Count(failure => failure.Component == component) > failures.Length / 6, $"{component}: {told}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Failures_AreRecordedAndStopTheAsset(string kind)
    {
        foreach (LivePlantHistory history in LivePlants.Of(kind))
        {
            Assert.Equal(
                history.Truth.Failures.Select(failure => (failure.Asset, failure.TimeUnixMs, failure.Component)).Order(),
                history.Recorded.Assets.SelectMany(asset => asset.Events).Where(happened => happened.Kind == AssetEventKind.Failure)
                    .Select(happened => (happened.Asset, happened.TimeUnixMs, happened.Name)).Order());
            int mode = IndexOf(history.Recorded.Schema, "mode");
            foreach (AssetHistory asset in history.Recorded.Assets)
            {
                foreach (AssetEvent failure in asset.Events.Where(happened => happened.Kind == AssetEventKind.Failure))
                {
                    // Five minutes behind it, beyond the worst skew, until half an hour after: repair takes three quarters of an hour at least.
                    double[] modes = [.. Enumerable.Range(0, asset.Count)
                        .Where(row => asset.TimesUnixMs[row] - failure.TimeUnixMs is > 300_000 and < 1_800_000)
                        .Select(row => asset.Values[mode][row]).Where(double.IsFinite)];
                    Assert.All(modes, value => Assert.Equal(0, value));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Maintenance_OnlyInPeoplesHours_RoutineAndAfterFailures(string kind)
    {
        int routine = 0, corrective = 0;
        foreach (AssetHistory asset in LivePlants.Of(kind).SelectMany(history => history.Recorded.Assets))
        {
            bool isFailed = false;
            foreach (AssetEvent happened in asset.Events.Where(happened => happened.Kind != AssetEventKind.Error))
            {
                if (happened.Kind == AssetEventKind.Failure)
                {
                    Assert.False(isFailed, $"{asset.Asset} failed again before it was mended");
                    isFailed = true;
                    continue;
                }

                Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(happened.TimeUnixMs).Hour, 6, 17);
                _ = isFailed ? corrective++ : routine++;
                isFailed = false;
            }
        }

        Assert.True(routine > 20 && corrective > 20, $"{routine} routine, {corrective} corrective");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SensorFaults_AllKinds_ArePresentAndCanBeTurnedOff(string kind)
    {
        SimulatedPlant plant = LivePlants.Of(kind)[0].Recorded;
        AssetHistory[] assets = [.. plant.Assets];
        long[] gaps = [.. assets.SelectMany(asset => asset.TimesUnixMs.Zip(asset.TimesUnixMs.Skip(1), (a, b) => b - a))];
        double missing = assets.Average(asset => asset.Values.Average(column => column.Count(double.IsNaN) / (double)asset.Count));
        bool skewed = assets.Any(asset => asset.TimesUnixMs.Any(time => time % 30_000 != 0));
        int[] continuous = [.. Enumerable.Range(0, plant.Schema.Signals.Count)
            .Where(i => plant.Schema.Signals[i] is { Kind: SignalKind.Continuous, Role: SignalRole.Reading })];
        int stuck = assets.Sum(asset => continuous.Count(signal => LongestRun(asset.Values[signal].Where(value => value > 1)) >= 12));

        Assert.Contains(gaps, gap => gap is > 120_000 and < 1_300_000);
        Assert.InRange(missing, 0.001, 0.02);
        Assert.True(skewed);
        Assert.True(stuck > 0);

        LivePlant clean = LivePlants.Make(kind, new LivePlantOptions { Seed = 1, Assets = 2, SensorFaultRate = 0 });
        SimulatedStep[] steps = [.. Enumerable.Range(0, 2_000).Select(_ => clean.Step())];
        Assert.All(steps, step => Assert.All(step.Frames, frame => Assert.Equal(step.Time.ToUnixTimeMilliseconds(), frame.TimeUnixMs)));
        Assert.All(steps, step => Assert.All(step.Frames, frame => Assert.All(frame.Values, value => Assert.True(double.IsFinite(value)))));

        static int LongestRun(IEnumerable<double> values)
        {
            int longest = 0, run = 0;
            double last = double.NaN;
            foreach (double value in values)
            {
                run = value == last ? run + 1 : 1;
                last = value;
                longest = Math.Max(longest, run);
            }

            return longest;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneSignal_NoThresholdCatchesMostFailuresFiveMinutesAhead(string kind)
    {
        SingleSignalJudge judge = new(LivePlants.Of(kind));

        (string Told, double Caught)[] best = [.. judge.Signals.Select(signal => judge.BestThreshold(signal, component: null)).OrderByDescending(one => one.Caught)];
        string told = string.Join('\n', best.Take(5).Select(one => one.Told))
            + "\nof one component:\n" + string.Join('\n', judge.Components.Select(component => judge.Signals
                .Select(signal => judge.BestThreshold(signal, component)).MaxBy(one => one.Caught).Told));
        TestContext.Current.TestOutputHelper?.WriteLine(told);

        Assert.True(best[0].Caught <= 0.60, told);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneSignal_NoStumpTellsTheRowsBeforeFailures(string kind)
    {
        SingleSignalJudge judge = new(LivePlants.Of(kind));

        (string Told, double Stump, double Ranks)[] best =
            [.. judge.Signals.Select(judge.Areas).OrderByDescending(one => Math.Max(one.Stump, one.Ranks))];
        string told = string.Join('\n', best.Take(5).Select(one => one.Told));
        TestContext.Current.TestOutputHelper?.WriteLine(told);

        Assert.All(best, one => Assert.True(one.Stump < 0.95 && one.Ranks < 0.95, told));
    }

    [Fact]
    public void Of_TwoPlantsOfOneName_IsRefused()
    {
        LivePlant Plant(string prefix) => LivePlants.Make(LivePlants.Line, new LivePlantOptions { Assets = 1, AssetPrefix = prefix });

        Assert.Throws<ArgumentException>(() => PlantHistory.Of([Plant(""), Plant("")], new LivePlantOptions().Start.AddHours(1)));
        Assert.Throws<ArgumentException>(() => PlantHistory.Of([], new LivePlantOptions().Start));
        Assert.Equal(["a-furnace-1", "b-furnace-1"],
            PlantHistory.Of([Plant("b-"), Plant("a-")], new LivePlantOptions().Start.AddHours(1)).Assets.Select(asset => asset.Asset.Value));
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        LivePlantOptions[] wrong =
        [
            new() { Seed = -1 }, new() { Assets = 0 }, new() { FailuresPerAssetWeek = 0 }, new() { SuddenShare = 1.1 },
            new() { HealedShare = 0.95 }, new() { SensorFaultRate = double.NaN }, new() { AssetPrefix = new string('x', 51) },
        ];

        Assert.All(wrong, options => Assert.Throws<ArgumentException>(() => LivePlants.Make(LivePlants.Line, options)));
    }

    private static int IndexOf(AssetSchema schema, string name) => schema.Signals.Select((signal, i) => (signal.Name, i)).Single(pair => pair.Name == name).i;

    private static byte[] Bytes(LivePlant plant, int steps)
    {
        var bytes = new MemoryStream();
        for (int i = 0; i < steps; i++)
        {
            SimulatedStep step = plant.Step();
            foreach (SimulatedFrame frame in step.Frames)
            {
                bytes.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{frame.Asset} {frame.TimeUnixMs} ")));
                bytes.Write(MemoryMarshal.AsBytes(frame.Values.AsSpan()));
            }

            bytes.Write(Encoding.UTF8.GetBytes(string.Join('\n', step.Events)));
        }

        return bytes.ToArray();
    }
}
