using Auspex.Core.Assets;
using Auspex.Features.Definitions;

namespace Auspex.Features.Tests;

/// <summary>Features worked out by hand: gaps, late events, states and windows of few samples.</summary>
public class AssetFeaturesHandTests
{
    private const long T = 1_700_000_000_000;

    private static readonly FeatureDefinition Definition = FeatureDefinition.Build(
        Histories.Schema, new FeatureOptions([TimeSpan.FromSeconds(60)], [TimeSpan.FromSeconds(300)], RunningAge: true));

    [Fact]
    public void Next_GapLongerThanTheWindow_IsNotEnoughDataAndNotTheLastValue()
    {
        var features = new Row();
        features.Next(0, 20, 1, 5, 1);
        features.Next(60, 22, 1, 6, 1);
        features.Next(600, double.NaN, double.NaN, double.NaN, double.NaN);

        foreach (string name in (string[])["temperature", "temperature_lag_60s", "temperature_rolling_300s_mean", "temperature_rolling_300s_std",
            "temperature_rolling_300s_min", "temperature_rolling_300s_max", "temperature_rolling_300s_slope", "door", "door_rolling_300s_rate", "pieces",
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
        Assert.Equal(600 / 3600.0, features["running_age_hours"]);
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

        public void Add(int seconds, AssetEventKind kind, string name) => _features.Add(new AssetEvent(new AssetId("a"), T + (seconds * 1000L), kind, name));
    }
}
