using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Simulation.Furnace;

namespace Auspex.Simulation.Tests.Furnace;

public sealed class FurnacePlantTests
{
    private const double Hour = 3_600_000;
    private const double Day = 24 * Hour;

    private static readonly SimulatedPlant Default = FurnacePlant.Generate(new FurnacePlantOptions());
    private static readonly SimulatedPlant Gradual = FurnacePlant.Generate(new FurnacePlantOptions { Furnaces = 12, SuddenShare = 0 });
    private static readonly Dictionary<string, int> SignalIndex =
        FurnacePlant.Schema.Signals.Select((signal, i) => (signal.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i);

    private static readonly SimulatedPlant Sudden = FurnacePlant.Generate(new FurnacePlantOptions { Furnaces = 12, SuddenShare = 1 });

    [Fact]
    public void Generate_EqualOptions_GiveEqualPlants()
    {
        SimulatedPlant again = FurnacePlant.Generate(new FurnacePlantOptions());

        Assert.Equal(Fingerprint(Default), Fingerprint(again));
        Assert.NotEqual(Fingerprint(Default), Fingerprint(FurnacePlant.Generate(new FurnacePlantOptions { Seed = 2 })));
    }

    [Fact]
    public void Generate_OneMoreFurnace_LeavesTheOthersAsTheyWere()
    {
        SimulatedPlant more = FurnacePlant.Generate(new FurnacePlantOptions { Furnaces = 7 });

        Assert.Equal(Fingerprint(Default), Fingerprint(more with { Assets = [.. more.Assets.Take(6)] }));
    }

    [Fact]
    public void Generate_MovedStart_MovesEveryTimeByWholeWeeks()
    {
        DateTimeOffset start = new FurnacePlantOptions().Start;

        SimulatedPlant later = FurnacePlant.Generate(new FurnacePlantOptions { Start = start.AddDays(70) }); // ten weeks: the same weekdays

        Assert.Equal(Default.Assets[0].TimesUnixMs.Select(time => time + (long)(70 * Day)), later.Assets[0].TimesUnixMs);
        Assert.Equal(Default.Failures.Select(f => f.TimeUnixMs + (long)(70 * Day)), later.Failures.Select(f => f.TimeUnixMs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Generate_DefaultSize_FailsOftenEnoughToLearnAndToTest(int seed)
    {
        SimulatedPlant plant = FurnacePlant.Generate(new FurnacePlantOptions { Seed = seed });
        long split = plant.Description.SplitAt.ToUnixTimeMilliseconds();
        SimulatedFailure[] train = [.. plant.Failures.Where(failure => failure.TimeUnixMs < split)];
        SimulatedFailure[] test = [.. plant.Failures.Where(failure => failure.TimeUnixMs >= split)];

        Assert.Equal(6, plant.Assets.Count);
        Assert.InRange(train.Length, 25, 45);
        Assert.InRange(test.Length, 12, 24);
        Assert.Equal(plant.Schema.Components, train.Select(failure => failure.Component).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(plant.Schema.Components, test.Select(failure => failure.Component).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(plant.Failures.Count(failure => failure.Sudden) / (double)plant.Failures.Count, 0.05, 0.35);
    }

    [Fact]
    public void Generate_History_HasTheShapeOfItsSchema()
    {
        Assert.All(Default.Assets, history =>
        {
            Assert.Equal(Default.Schema.Signals.Count, history.Values.Length);
            Assert.Equal(Default.Schema.Facts.Count, history.Facts.Length);
            Assert.All(history.TimesUnixMs, time => Assert.Equal(0, time % 600_000));
            Assert.All(history.Events, happened => Assert.Contains(happened.Name,
                happened.Kind == AssetEventKind.Error ? Default.Schema.ErrorCodes : Default.Schema.Components));
        });
        Assert.Equal(Default.Schema.ErrorCodes.Order(StringComparer.Ordinal), Default.Schema.ErrorCodes);
        Assert.Equal(Default.Assets.Select(history => history.Asset).Order(), Default.Assets.Select(history => history.Asset));
        Assert.Equal(
            Default.Failures.Select(failure => (failure.Asset, failure.TimeUnixMs, failure.Component)).Order(),
            Default.Assets.SelectMany(history => history.Events).Where(happened => happened.Kind == AssetEventKind.Failure)
                .Select(happened => (happened.Asset, happened.TimeUnixMs, happened.Name)).Order());
    }

    [Fact]
    public void Generate_FanFailsGradually_VibrationRisesBefore()
    {
        double[] ratios = Ratios(Gradual, FurnacePlant.Fan, "fan_vibration");

        Assert.True(ratios.Length >= 20, $"{ratios.Length} failures to judge by");
        Assert.True(ratios.Count(ratio => ratio > 1.8) >= 0.9 * ratios.Length, Text(ratios));
    }

    [Fact]
    public void Generate_BeltFailsGradually_CurrentRisesMoreUnderLoad()
    {
        double[] ratios = Ratios(Gradual, FurnacePlant.BeltDrive, "belt_current");

        Assert.True(ratios.Length >= 20, $"{ratios.Length} failures to judge by");
        Assert.True(ratios.Count(ratio => ratio > 1.15) >= 0.9 * ratios.Length, Text(ratios));

        // One ampere is not like another: the same wear adds more of them under high load than under low load.
        double low = MeanRise(Gradual, FurnacePlant.BeltDrive, "belt_current", share => share < 0.6);
        double high = MeanRise(Gradual, FurnacePlant.BeltDrive, "belt_current", share => share > 0.8);
        Assert.True(high > 1.3 * low && low > 0, $"{low} A under low load, {high} A under high load");
    }

    [Fact]
    public void Generate_HeatingFailsGradually_PowerRisesAndFullLoadIsNotHeatedThrough()
    {
        double powerAtLowLoad = MeanRise(Gradual, FurnacePlant.HeatingSystem, "hz1_power", share => share < 0.6);
        double temperatureAtLowLoad = MeanRise(Gradual, FurnacePlant.HeatingSystem, "hz1_temperature", share => share < 0.6);
        double temperatureAtFullLoad = MeanRise(Gradual, FurnacePlant.HeatingSystem, "hz1_temperature", share => share > 0.85);

        Assert.True(powerAtLowLoad > 3, $"{powerAtLowLoad} kW more under low load");
        Assert.True(temperatureAtFullLoad < temperatureAtLowLoad - 10,
            $"{temperatureAtFullLoad} K under full load, {temperatureAtLowLoad} K under low");
    }

    [Theory]
    [InlineData(FurnacePlant.Fan, "fan_vibration", 0.03)]
    [InlineData(FurnacePlant.BeltDrive, "belt_current", 0.03)]
    [InlineData(FurnacePlant.HeatingSystem, "hz1_power", 0.04)]
    public void Generate_SuddenFailures_NothingShowsBefore(string component, string signal, double tolerance)
    {
        double[] ratios = Ratios(Sudden, component, signal);

        // Gradual ones move these means by 20 to 200 %.
        Assert.True(ratios.Length >= 20, $"{ratios.Length} failures to judge by");
        Assert.InRange(ratios.Average(), 1 - tolerance, 1 + tolerance);
        Assert.True(ratios.Count(ratio => ratio > 1.25) <= 0.05 * ratios.Length, Text(ratios));
    }

    [Fact]
    public void Generate_Errors_ComeOftenerNearGradualFailuresOnly()
    {
        Assert.True(ErrorsADayBefore(Gradual) > 1.0, $"{ErrorsADayBefore(Gradual)} a day before gradual failures");
        Assert.True(ErrorsADayBefore(Sudden) < 0.2, $"{ErrorsADayBefore(Sudden)} a day before sudden failures");

        static double ErrorsADayBefore(SimulatedPlant plant) => plant.Failures.Average(failure => Events(plant, failure.Asset, AssetEventKind.Error)
            .Count(error => error.TimeUnixMs < failure.TimeUnixMs && error.TimeUnixMs >= failure.TimeUnixMs - Day));
    }

    [Fact]
    public void Generate_AfterAFailure_TheFurnaceStandsUntilRepairedThenHeatsUp()
    {
        int missing = 0;
        int stopped = 0;
        foreach (SimulatedFailure failure in Default.Failures)
        {
            AssetHistory history = Default.Assets.Single(asset => asset.Asset == failure.Asset);
            AssetEvent? repair = history.Events.FirstOrDefault(happened => happened.Kind == AssetEventKind.Maintenance
                && happened.Name == failure.Component && happened.TimeUnixMs > failure.TimeUnixMs);
            if (repair is null)
            {
                continue; // the history ended first
            }

            double hours = (repair.TimeUnixMs - failure.TimeUnixMs) / Hour;
            Assert.InRange(hours, 2.9, 6.0);
            int[] rows = Rows(history, failure.TimeUnixMs, repair.TimeUnixMs);
            if (rows.Length == 0)
            {
                missing++;
            }
            else
            {
                stopped++;
                Assert.All(rows, row => Assert.True(Value(history, "load", row) is 0 or double.NaN));
                Assert.All(rows, row => Assert.True(Value(history, "hz1_power", row) is 0 or double.NaN));
            }

            // Cold after three hours or more without heat: no goods in the first half hour.
            Assert.All(Rows(history, repair.TimeUnixMs, repair.TimeUnixMs + (0.5 * Hour)),
                row => Assert.True(Value(history, "load", row) is 0 or double.NaN));
        }

        Assert.True(missing > 5 && stopped > 5, $"{missing} stops without rows, {stopped} with rows");
    }

    [Fact]
    public void Generate_PreventiveMaintenance_ComesWithoutFailureAndResetsTheSigns()
    {
        var before = new List<double>();
        var after = new List<double>();
        foreach (AssetHistory history in Gradual.Assets)
        {
            foreach (AssetEvent done in history.Events.Where(happened => happened is { Kind: AssetEventKind.Maintenance, Name: FurnacePlant.Fan }))
            {
                if (!history.Events.Any(happened => happened.Kind == AssetEventKind.Failure
                    && happened.TimeUnixMs < done.TimeUnixMs && happened.TimeUnixMs > done.TimeUnixMs - (7 * Hour)))
                {
                    before.Add(Mean(history, "fan_vibration", done.TimeUnixMs - (2 * Day), done.TimeUnixMs));
                    after.Add(Mean(history, "fan_vibration", done.TimeUnixMs, done.TimeUnixMs + (2 * Day)));
                }
            }
        }

        before.RemoveAll(double.IsNaN);
        after.RemoveAll(double.IsNaN);
        Assert.True(before.Count >= 10, $"{before.Count} preventive renewals");
        Assert.True(after.Max() < 1.6 && before.Max() > 2, $"at most {before.Max()} mm/s before, {after.Max()} mm/s after");
    }

    [Fact]
    public void Generate_Load_FollowsShiftsAndWeekends()
    {
        double day = MeanLoad(at => at is { DayOfWeek: not (DayOfWeek.Saturday or DayOfWeek.Sunday), Hour: >= 6 and < 22 });
        double night = MeanLoad(at => at is { DayOfWeek: not (DayOfWeek.Saturday or DayOfWeek.Sunday), Hour: < 6 or >= 22 });
        double weekend = MeanLoad(at => at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday);

        Assert.InRange(night / day, 0.70, 0.80);
        Assert.InRange(weekend / day, 0.45, 0.55);

        static double MeanLoad(Func<DateTimeOffset, bool> when) => Gradual.Assets.SelectMany(history => history.Values[Signal("load")]
            .Where((load, row) => load > 0 && when(DateTimeOffset.FromUnixTimeMilliseconds(history.TimesUnixMs[row])))).Average();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void Generate_MissingShare_IsKept(double share)
    {
        SimulatedPlant plant = FurnacePlant.Generate(new FurnacePlantOptions { MissingShare = share, Duration = TimeSpan.FromDays(20) });

        double[] values = [.. plant.Assets.SelectMany(history => history.Values.SelectMany(column => column))];

        Assert.Equal(share, values.Count(double.IsNaN) / (double)values.Length, 0.005);
    }

    /// <summary>For each failure of the component: the signal in the last 12 h of production, divided by its mean at like load in the first
    /// three tenths of the same life.</summary>
    private static double[] Ratios(SimulatedPlant plant, string component, string signal) =>
        [.. Windows(plant, component).Select(window => window.LoadFree(signal)).Where(double.IsFinite)];

    /// <summary>Mean over the failures of: signal in the last 12 h less its mean at like load early in the same life,
    /// on rows of wanted load.</summary>
    private static double MeanRise(SimulatedPlant plant, string component, string signal, Func<double, bool> wanted) =>
        Windows(plant, component).Select(window => window.Rise(signal, wanted)).Where(double.IsFinite).Average();

    private static IEnumerable<Comparison> Windows(SimulatedPlant plant, string component)
    {
        foreach (SimulatedFailure failure in plant.Failures.Where(failure => failure.Component == component))
        {
            AssetHistory history = plant.Assets.Single(asset => asset.Asset == failure.Asset);
            long born = history.Events.Where(happened => happened.Kind == AssetEventKind.Maintenance && happened.Name == component
                && happened.TimeUnixMs < failure.TimeUnixMs).Select(happened => happened.TimeUnixMs).DefaultIfEmpty(history.TimesUnixMs[0]).Last();
            if (failure.TimeUnixMs - born > 2 * Day)
            {
                double end = Math.Min(failure.TimeUnixMs - (0.7 * (failure.TimeUnixMs - born)), failure.TimeUnixMs - (12 * Hour));
                yield return new Comparison(
                    history, Producing(history, born, end), Producing(history, failure.TimeUnixMs - (12 * Hour), failure.TimeUnixMs));
            }
        }
    }

    private sealed record Comparison(AssetHistory History, int[] Early, int[] Late)
    {
        internal double LoadFree(string signal)
        {
            double[] ratios = [.. Late.Select(late => Value(History, signal, late) / Usual(signal, late)).Where(double.IsFinite)];
            return ratios.Length < 12 ? double.NaN : ratios.Average();
        }

        internal double Rise(string signal, Func<double, bool> wanted)
        {
            double[] rises = [.. Late.Where(row => wanted(Share(row)))
                .Select(late => Value(History, signal, late) - Usual(signal, late)).Where(double.IsFinite)];
            return rises.Length < 6 ? double.NaN : rises.Average();
        }

        /// <summary>Mean of the early rows of like load.</summary>
        private double Usual(string signal, int late)
        {
            double share = Share(late);
            return Early.Where(row => Math.Abs(Share(row) - share) < 0.05).Select(row => Value(History, signal, row))
                .Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        }

        private double Share(int row) => Value(History, "load", row) / (History.Facts[0] == 1 ? 600 : 400);
    }

    private static int[] Producing(AssetHistory history, double from, double to) =>
        [.. Rows(history, from, to).Where(row => Value(history, "load", row) > 0)];

    private static int[] Rows(AssetHistory history, double from, double to)
    {
        int first = FirstAtOrAfter(from);
        return [.. Enumerable.Range(first, Math.Max(0, FirstAtOrAfter(to) - first))];

        int FirstAtOrAfter(double time)
        {
            int found = Array.BinarySearch(history.TimesUnixMs, (long)Math.Ceiling(time));
            return found < 0 ? ~found : found;
        }
    }

    private static double Mean(AssetHistory history, string signal, double from, double to) =>
        Producing(history, from, to).Select(row => Value(history, signal, row)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static IEnumerable<AssetEvent> Events(SimulatedPlant plant, AssetId asset, AssetEventKind kind) =>
        plant.Assets.Single(history => history.Asset == asset).Events.Where(happened => happened.Kind == kind);

    private static double Value(AssetHistory history, string signal, int row) => history.Values[Signal(signal)][row];

    private static int Signal(string name) => SignalIndex[name];

    private static string Text(double[] values) => string.Join(' ', values.Select(value => value.ToString("0.00", CultureInfo.InvariantCulture)));

    /// <summary>Every bit of every asset, as one text.</summary>
    private static string Fingerprint(SimulatedPlant plant)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (AssetHistory history in plant.Assets)
        {
            hash.AppendData(MemoryMarshal.AsBytes(history.TimesUnixMs.AsSpan()));
            Array.ForEach(history.Values, column => hash.AppendData(MemoryMarshal.AsBytes(column.AsSpan())));
            hash.AppendData(MemoryMarshal.AsBytes(history.Facts.AsSpan()));
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', history.Events)));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
