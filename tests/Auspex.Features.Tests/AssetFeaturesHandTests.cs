using Auspex.Core.Assets;
using Auspex.Features.Definitions;

namespace Auspex.Features.Tests;

/// <summary>Features worked out by hand: gaps, late events, states and windows of few samples.</summary>
public class AssetFeaturesHandTests
{
    private const long T = 1_700_000_000_000;

    private static readonly FeatureDefinition Definition = FeatureDefinition.Build(
        Histories.Schema, new FeatureOptions([TimeSpan.FromSeconds(60)], [TimeSpan.FromSeconds(300)], RunningAge: true)
        {
            ChosenWindows = [new FeatureWindow(TimeSpan.FromSeconds(120), WindowStatistics.FromStart)],
            Ewma = [TimeSpan.FromSeconds(60)],
            Calendar = true,
        });

    [Fact]
    public void Next_GapLongerThanTheWindow_IsNotEnoughDataAndNotTheLastValue()
    {
        var features = new Row();
        features.Next(0, 20, 1, 5, 1);
        features.Next(60, 22, 1, 6, 1);
        features.Next(600, double.NaN, double.NaN, double.NaN, double.NaN);

        foreach (string name in (string[])["temperature", "temperature_lag_60s", "temperature_rolling_300s_mean", "temperature_rolling_300s_std",
            "temperature_rolling_300s_min", "temperature_rolling_300s_max", "temperature_rolling_300s_slope", "temperature_rolling_120s_from_start", "temperature_ewma_60s",
            "pieces_rolling_300s_delta", "door", "door_rolling_300s_rate", "pieces",
            "pieces_lag_60s", "mode_is_heating_up", "mode_rolling_300s_fraction_heating_up"])
        {
            Assert.True(double.IsNaN(features[name]), $"{name} is {features[name]}");
        }
    }

    [Fact]
    public void Next_FirstSampleAfterAGap_IsAWindowOfOne()
    {
        var features = new Row();
        features.Next(0, 20, 1, 5, 1);
        features.Next(600, 30, 0, 7, 2);

        Assert.Equal(30, features["temperature_rolling_300s_mean"]);
        Assert.Equal((30, 30), (features["temperature_rolling_300s_min"], features["temperature_rolling_300s_max"]));
        Assert.True(double.IsNaN(features["temperature_rolling_300s_std"]));
        Assert.True(double.IsNaN(features["temperature_rolling_300s_slope"]));
        Assert.True(double.IsNaN(features["temperature_lag_60s"]));
        Assert.True(double.IsNaN(features["pieces_rolling_300s_delta"]));
        Assert.Equal(30, features["temperature_ewma_60s"]); // a gap of more than five time constants: it starts again
        Assert.Equal(30 - 20, features["temperature_rolling_120s_from_start"]); // the start stays
        Assert.Equal(600 / 3600.0, features["running_age_hours"]);
    }

    [Fact]
    public void Next_Ewma_WeighsByTheTimeThatPassed()
    {
        var features = new Row();
        features.Next(0, 10, 1, 0, 1);
        Assert.Equal(10, features["temperature_ewma_60s"]);
        features.Next(60, 20, 1, 0, 1);
        Assert.Equal(10 + ((1 - Math.Exp(-1)) * 10), features["temperature_ewma_60s"], 12);
        features.Next(90, double.NaN, 1, 0, 1); // missing: as it was
        Assert.Equal(16.321205588285577, features["temperature_ewma_60s"], 12);
        features.Next(180, 16.321205588285577, 1, 0, 1);
        Assert.Equal(16.321205588285577, features["temperature_ewma_60s"], 12);
        features.Next(480, double.NaN, 1, 0, 1); // 300 s old: five time constants, still told
        Assert.Equal(16.321205588285577, features["temperature_ewma_60s"], 12);
        features.Next(481, double.NaN, 1, 0, 1);
        Assert.True(double.IsNaN(features["temperature_ewma_60s"]));
    }

    [Fact]
    public void Next_TwelvePeriodEwma_HasTheWeightOfTheRecipe()
    {
        // 0.08 a cycle: 1 - exp(-1/12) = 0.0800.
        FeatureOptions options = FeatureOptions.ForWear(TimeSpan.FromHours(1), runningAge: true);

        Assert.Equal(0.08, 1 - Math.Exp(-1 / options.Ewma[0].TotalHours), 4);
    }

    [Fact]
    public void Next_FromStart_IsZeroWhileTheFirstWindowLastsAndThenTheDistance()
    {
        var features = new Row();
        features.Next(0, double.NaN, 1, 0, 1);
        Assert.True(double.IsNaN(features["temperature_rolling_120s_from_start"]));
        features.Next(60, 10, 1, 0, 1); // the start is [60, 180)
        Assert.Equal(0, features["temperature_rolling_120s_from_start"]);
        features.Next(179, 14, 1, 0, 1);
        Assert.Equal(0, features["temperature_rolling_120s_from_start"]);
        features.Next(180, 20, 1, 0, 1); // (60, 180]: 14 and 20 against 10 and 14
        Assert.Equal(17 - 12, features["temperature_rolling_120s_from_start"]);
        features.Next(400, 30, 1, 0, 1);
        Assert.Equal(30 - 12, features["temperature_rolling_120s_from_start"]);
    }

    [Fact]
    public void Next_CounterThatStartsAgain_GrowsByWhatItCountedSince()
    {
        var features = new Row();
        features.Next(0, 1, 1, 100, 1);
        Assert.True(double.IsNaN(features["pieces_rolling_300s_delta"]));
        features.Next(60, 1, 1, 130, 1);
        Assert.Equal(30, features["pieces_rolling_300s_delta"]);
        features.Next(120, 1, 1, 4, 1); // started again
        Assert.Equal(34, features["pieces_rolling_300s_delta"]);
        features.Next(300, 1, 1, 9, 1); // (0, 300]: from 130 on
        Assert.Equal(4 + 5, features["pieces_rolling_300s_delta"]);
    }

    [Fact]
    public void Next_Calendar_IsUtcAndTheWeekBeginsOnMonday()
    {
        var features = new Row();
        features.NextAt(new DateTimeOffset(2024, 1, 1, 6, 0, 0, TimeSpan.Zero)); // a Monday
        Assert.Equal((1, 0), (Math.Round(features["hour_sin"], 12), Math.Round(features["hour_cos"], 12)));
        Assert.Equal((0, 1), (features["day_of_week_sin"], features["day_of_week_cos"]));
        features.NextAt(new DateTimeOffset(2024, 1, 3, 1, 0, 0, TimeSpan.FromHours(3))); // Tuesday 22:00 UTC
        Assert.Equal(-0.5, features["hour_sin"], 12);
        Assert.Equal(0.7818314824680298, features["day_of_week_sin"], 12); // sin(2π/7)
    }

    [Fact]
    public void Next_CalendarBefore1970_GoesOnTheSameWay()
    {
        var features = new Row();
        features.NextAt(new DateTimeOffset(1969, 12, 29, 18, 0, 0, TimeSpan.Zero)); // a Monday
        Assert.Equal(-1, features["hour_sin"], 12);
        Assert.Equal((0, 1), (features["day_of_week_sin"], features["day_of_week_cos"]));
    }

    [Fact]
    public void Add_LateFrameOfTheStart_MovesStartAgeAndEwmaOfLaterRows()
    {
        var features = new Row();
        features.Next(60, 10, 1, 0, 1);
        features.Next(120, 20, 1, 0, 1);
        Assert.True(features.Add(0, 40, 1, 0, 1));
        features.Next(180, 20, 1, 0, 1);

        // The first window is [0, 120) now: 40 and 10; the present one (60, 180]: 20 and 20.
        Assert.Equal(20 - 25, features["temperature_rolling_120s_from_start"]);
        Assert.Equal(180 / 3600.0, features["running_age_hours"]);
        double keeps = Math.Exp(-1);
        Assert.Equal((40 * keeps * keeps * keeps) + (10 * (1 - keeps) * keeps * keeps) + (20 * (1 - (keeps * keeps))), features["temperature_ewma_60s"], 12);
    }

    [Fact]
    public void Add_FrameAsOldAsTheReach_ComesTooLate()
    {
        var features = new Row();
        features.Next(1000, 10, 1, 0, 1);
        Assert.False(features.Add(400, 40, 1, 0, 1)); // twice the longest window of 300 s
        Assert.True(features.Add(401, 40, 1, 0, 1));
        Assert.False(features.Add(401, 40, 1, 0, 1)); // it is known
        features.Next(1001, 10, 1, 0, 1);

        Assert.Equal(600 / 3600.0, features["running_age_hours"]);
    }

    [Fact]
    public void Add_FrameOfAKnownInstant_TakesItsPlaceInLaterRows()
    {
        var features = new Row();
        features.Next(940, 10, 1, 0, 1);
        features.Next(1000, 10, 1, 0, 1);
        Assert.True(features.Add(940, 40, 1, 0, 1));
        features.Next(1060, 10, 1, 0, 1);

        Assert.Equal(20, features["temperature_rolling_300s_mean"], 12);
        Assert.Equal(40, features["temperature_rolling_300s_max"]);
    }

    [Fact]
    public void Next_BooleansAndStates_GiveShares()
    {
        var features = new Row();
        features.Next(0, 1, 1, 0, 0);
        features.Next(60, 1, 0, 0, 1);
        features.Next(120, 1, 1, 0, 1);
        features.Next(180, 1, double.NaN, 0, double.NaN); // missing is neither on nor off
        features.Next(240, 1, 0, 0, 2);

        Assert.Equal(0.5, features["door_rolling_300s_rate"]);
        Assert.Equal(0.25, features["mode_rolling_300s_fraction_idle"]);
        Assert.Equal(0.5, features["mode_rolling_300s_fraction_heating_up"]);
        Assert.Equal(0.25, features["mode_rolling_300s_fraction_holding"]);
        Assert.Equal((0, 0, 1), (features["mode_is_idle"], features["mode_is_heating_up"], features["mode_is_holding"]));
    }

    [Fact]
    public void Next_ErrorsAtTheEdgesOfTheWindow_CountTheEndAndNotTheBeginning()
    {
        var features = new Row();
        features.Add(0, AssetEventKind.Error, "E1");
        features.Add(300, AssetEventKind.Error, "E1");
        features.Add(301, AssetEventKind.Error, "E1");
        features.Add(300, AssetEventKind.Error, "E2");
        features.Next(300, 1, 1, 1, 1); // (0, 300]

        Assert.Equal(1, features["error_e1_rolling_300s_count"]);
        Assert.Equal(1, features["error_e2_rolling_300s_count"]);
    }

    [Fact]
    public void Add_LateAndUnsorted_CountsFromTheNextRowOn()
    {
        var features = new Row();
        features.Next(300, 1, 1, 1, 1);
        features.Add(290, AssetEventKind.Error, "E1");
        features.Add(100, AssetEventKind.Error, "E1");
        features.Add(200, AssetEventKind.Maintenance, "fan");
        features.Add(50, AssetEventKind.Maintenance, "fan"); // heard last, done first
        Assert.Equal(0, features["error_e1_rolling_300s_count"]);
        features.Next(360, 1, 1, 1, 1); // (60, 360]

        Assert.Equal(2, features["error_e1_rolling_300s_count"]);
        Assert.Equal(160 / 3600.0, features["since_maintenance_fan_hours"]);
        Assert.True(double.IsNaN(features["since_maintenance_heater_hours"]));
    }

    [Fact]
    public void Next_SamplesNearTheLargestNumber_GiveMissingStatisticsNotInfiniteOnes()
    {
        var features = new Row();
        features.Next(0, double.MaxValue, 1, 1, 1);
        features.Next(60, double.MinValue, 1, 1, 1);

        Assert.All(features.Values, value => Assert.False(double.IsInfinity(value)));
        Assert.Equal(double.MinValue, features["temperature_rolling_300s_min"]);
    }

    [Fact]
    public void Next_InfiniteFact_IsMissing()
    {
        var features = new AssetFeatures(FeaturePlan.Of(Definition), [double.PositiveInfinity, double.NaN]);
        var row = new double[Definition.Columns.Count];
        features.Next(T, [1, 1, 1, 1], row);

        Assert.True(double.IsNaN(row[Definition.Names.ToList().IndexOf("age_years")]));
        Assert.True(double.IsNaN(row[Definition.Names.ToList().IndexOf("model_is_m1")]));
    }

    private sealed class Row
    {
        private readonly AssetFeatures _features = new(FeaturePlan.Of(Definition), [7, 1]);

        public double[] Values { get; } = new double[Definition.Columns.Count];

        public double this[string name] => Values[Definition.Names.ToList().IndexOf(name)];

        public void Next(int seconds, params double[] values) => _features.Next(T + (seconds * 1000L), values, Values);

        public void NextAt(DateTimeOffset time) => _features.Next(time.ToUnixTimeMilliseconds(), [1, 1, 1, 1], Values);

        public bool Add(int seconds, params double[] values) => _features.Add(T + (seconds * 1000L), values);

        public void Add(int seconds, AssetEventKind kind, string name) => _features.Add(new AssetEvent(new AssetId("a"), T + (seconds * 1000L), kind, name));
    }
}
