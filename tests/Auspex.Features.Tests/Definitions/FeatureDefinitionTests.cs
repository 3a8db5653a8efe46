using Auspex.Features.Definitions;

namespace Auspex.Features.Tests.Definitions;

public class FeatureDefinitionTests
{
    private static readonly FeatureOptions Options = new([TimeSpan.FromSeconds(60)], [TimeSpan.FromSeconds(300)], RunningAge: true);

    [Fact]
    public void Build_EveryKindOfSignal_NamesFeaturesAsUsersKnowThem()
    {
        string[] names = [.. FeatureDefinition.Build(Histories.Schema, Options).Names];

        Assert.Equal(
            [
                "temperature", "temperature_lag_60s", "temperature_rolling_300s_mean", "temperature_rolling_300s_std",
                "temperature_rolling_300s_min", "temperature_rolling_300s_max", "temperature_rolling_300s_slope",
                "door", "door_rolling_300s_rate",
                "pieces", "pieces_lag_60s", "pieces_rolling_300s_delta",
                "mode_is_idle", "mode_rolling_300s_fraction_idle", "mode_is_heating_up", "mode_rolling_300s_fraction_heating_up",
                "mode_is_holding", "mode_rolling_300s_fraction_holding",
                "error_e1_rolling_300s_count", "error_e2_rolling_300s_count",
                "since_maintenance_fan_hours", "since_maintenance_heater_hours",
                "age_years", "model_is_m1", "model_is_m2", "running_age_hours",
            ],
            names);
    }

    [Fact]
    public void Build_ChosenStatistics_MakesThoseAndNoOthers()
    {
        FeatureOptions options = new FeatureOptions([], [], RunningAge: false)
        {
            ChosenWindows =
            [
                new FeatureWindow(TimeSpan.FromMinutes(5), WindowStatistics.Mean),
                new FeatureWindow(TimeSpan.FromSeconds(1.5), WindowStatistics.StandardDeviation | WindowStatistics.FromStart),
            ],
            Ewma = [TimeSpan.FromMinutes(12)],
            Calendar = true,
            Without = ["pieces", "model"],
        };

        Assert.Equal(
            [
                "temperature", "temperature_rolling_300s_mean", "temperature_rolling_1.5s_std", "temperature_rolling_1.5s_from_start", "temperature_ewma_720s",
                "door", "door_rolling_300s_rate",
                "mode_is_idle", "mode_rolling_300s_fraction_idle", "mode_is_heating_up", "mode_rolling_300s_fraction_heating_up",
                "mode_is_holding", "mode_rolling_300s_fraction_holding",
                "error_e1_rolling_300s_count", "error_e1_rolling_1.5s_count", "error_e2_rolling_300s_count", "error_e2_rolling_1.5s_count",
                "since_maintenance_fan_hours", "since_maintenance_heater_hours",
                "age_years", "hour_sin", "hour_cos", "day_of_week_sin", "day_of_week_cos",
            ],
            FeatureDefinition.Build(Histories.Schema, options).Names);
    }

    [Fact]
    public void Hash_DefinitionWrittenBeforeThereWereConditions_IsAsItWas()
    {
        const string Written = """{"schema":{"signals":[{"name":"x","kind":"continuous","unit":null,"role":"reading","states":[]}],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x","kind":"value","source":"x","windowMs":0,"state":null}]}""";

        Assert.Equal(Written, FeatureDefinition.FromJson(Written).ToJson());
        Assert.Equal("212604ee09584315bd52e7f25a5240e6d7243109328589d1eca20e0699756ae6", FeatureDefinition.FromJson(Written).Hash);
    }

    [Fact]
    public void FromJson_OwnJson_GivesTheSameDefinitionAndHash()
    {
        var definition = FeatureDefinition.Build(Histories.Schema, Options);
        var read = FeatureDefinition.FromJson(definition.ToJson());

        Assert.Equal(definition.ToJson(), read.ToJson());
        Assert.Equal(definition.Hash, read.Hash);
        Assert.Equal(64, read.Hash.Length);
    }

    [Fact]
    public void Hash_OtherWindow_Differs() => Assert.NotEqual(
        FeatureDefinition.Build(Histories.Schema, Options).Hash,
        FeatureDefinition.Build(Histories.Schema, Options with { Windows = [TimeSpan.FromSeconds(301)] }).Hash);

    [Theory]
    [InlineData("{}", "schema")]
    [InlineData("null", "null")]
    [InlineData("""{"schema":{"signals":[],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x","kind":"value","source":"x","windowMs":0,"state":null}]}""", "no signal 'x'")]
    [InlineData("""{"schema":{"signals":[{"name":"x","kind":"continuous","unit":null,"role":"reading","states":[]}],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x_lag","kind":"lag","source":"x","windowMs":0,"state":null}]}""", "ms, was 0 ms")]
    [InlineData("""{"schema":{"signals":[{"name":"x","kind":"continuous","unit":null,"role":"reading","states":[]}],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x_lag","kind":"lag","source":"x","windowMs":9223372036854775807,"state":null}]}""", "at most 3153600000000 ms")]
    [InlineData("""{"schema":{"signals":[],"facts":[],"components":[],"errorCodes":[]},"columns":[],"extra":1}""", "extra")]
    [InlineData("""{"schema":{"signals":[],"facts":[],"components":[],"errorCodes":[]},"columns":[null]}""", "null")]
    [InlineData("""{"schema":{"signals":[null],"facts":[],"components":[],"errorCodes":[]},"columns":[]}""", "null")]
    [InlineData("""{"schema":{"signals":[{"name":"x","kind":"continuous","unit":null,"role":"reading","states":[]}],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x","kind":"value","source":"x","windowMs":0,"state":null},{"name":"y","kind":"value","source":"x","windowMs":0,"state":null}]}""", "is made as 'x' is")]
    [InlineData("""{"schema":{"signals":[{"name":"x","kind":"state","unit":null,"role":"reading","states":["on"]}],"facts":[],"components":[],"errorCodes":[]},"columns":[{"name":"x","kind":"state","source":"x","windowMs":0,"state":null}]}""", "a state must be named")]
    public void FromJson_Broken_SaysWhatIsWrong(string json, string expected)
    {
        var error = Assert.Throws<FormatException>(() => FeatureDefinition.FromJson(json));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_TwoStatesWithOneWord_IsRefused()
    {
        var schema = Histories.Schema with { Signals = [Histories.Schema.Signals[3] with { States = ["a b", "a-b"] }] };

        var error = Assert.Throws<ArgumentException>(() => FeatureDefinition.Build(schema, Options));
        Assert.Contains("mode_is_a_b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WindowGivenTwiceOrEmpty_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => FeatureDefinition.Build(Histories.Schema, Options with { Windows = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)] }));
        Assert.Throws<ArgumentException>(() => FeatureDefinition.Build(Histories.Schema, Options with { Lags = [TimeSpan.Zero] }));
    }
}
