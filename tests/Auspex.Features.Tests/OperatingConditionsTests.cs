using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features.Tests;

public class OperatingConditionsTests
{
    private static readonly AssetSchema Schema = new(
        [
            new SignalDefinition("altitude", SignalKind.Continuous, "kft", SignalRole.OperatingSetting, []),
            new SignalDefinition("fuel", SignalKind.State, null, SignalRole.OperatingSetting, ["A", "B"]),
            new SignalDefinition("p30", SignalKind.Continuous, "psia", SignalRole.Reading, []),
            new SignalDefinition("t30", SignalKind.Continuous, "°R", SignalRole.Reading, []),
        ],
        [], [], []);

    // Sea level with fuel A, 20 kft with fuel A, 20 kft with fuel B.
    private static readonly OperatingConditions Conditions = new(
        [new ConditionSetting("altitude", null, 10), new ConditionSetting("fuel", "B", 0.5)],
        [new OperatingCondition([0, 0], 1), new OperatingCondition([20, 0], 1), new OperatingCondition([20, 1], 0.25)],
        [new ConditionReading("p30", [550, 175, null], [2, 0.5, 1])]);

    [Theory]
    [InlineData(0, 0, 553, 1.5)] // (553 - 550) / 2
    [InlineData(0.01, 0, 553, 1.5)]
    [InlineData(10, 0, 553, 1.5)] // half way: the first one, just within its reach of 1
    [InlineData(20, 0, 174, -2)] // (174 - 175) / 0.5
    [InlineData(20, 1, 174, double.NaN)] // too little was known there
    [InlineData(-10.1, 0, 553, double.NaN)] // beyond the reach
    [InlineData(22.4, 1, 174, double.NaN)]
    [InlineData(double.NaN, 0, 553, double.NaN)]
    [InlineData(0, double.NaN, 553, double.NaN)]
    [InlineData(0, 0, double.NaN, double.NaN)]
    public void Next_Reading_IsToldRelativeToItsCondition(double altitude, double fuel, double p30, double expected)
    {
        double[] row = Run(Conditions, [altitude, fuel, p30, 1500]);

        Assert.Equal(expected, row[3], 12);
        Assert.Equal(altitude, row[0]); // settings, and readings not listed, are told as they are
        Assert.Equal(1500, row[4]);
    }

    [Fact]
    public void Next_ConditionChanges_WindowsHoldRelativeValues()
    {
        FeatureDefinition definition = FeatureDefinition.Build(Schema, new FeatureOptions([], [TimeSpan.FromSeconds(10)], RunningAge: false) { Conditions = Conditions });
        var features = new AssetFeatures(FeaturePlan.Of(definition), []);
        var row = new double[definition.Columns.Count];
        features.Next(1000, [0, 0, 552, 1], row); // 1
        features.Next(2000, [20, 0, 176, 1], row); // 2
        features.Next(3000, [99, 0, 176, 1], row); // no known condition
        features.Next(4000, [0, 0, 556, 1], row); // 3

        int p30 = definition.Names.ToList().IndexOf("p30");
        Assert.Equal("p30_rolling_10s_mean", definition.Names[p30 + 1]);
        Assert.Equal([3, 2, 1, 1, 3], row[p30..(p30 + 5)]);
    }

    [Fact]
    public void FromJson_OwnJson_KeepsTheConditions()
    {
        FeatureDefinition definition = FeatureDefinition.Build(Schema, new FeatureOptions([], [], RunningAge: false) { Conditions = Conditions });
        var read = FeatureDefinition.FromJson(definition.ToJson());

        Assert.Equal(definition.Hash, read.Hash);
        Assert.NotEqual(FeatureDefinition.Build(Schema, new FeatureOptions([], [], RunningAge: false)).Hash, read.Hash);
        Assert.Equal(Conditions.Readings[0].Means, read.Conditions!.Readings[0].Means);
    }

    [Theory]
    [InlineData("\"signal\":\"altitude\"", "\"signal\":\"height\"", "no signal 'height'")]
    [InlineData("\"state\":\"B\"", "\"state\":\"C\"", "'fuel' has no state 'C'")]
    [InlineData("\"scale\":10", "\"scale\":0", "scale of 'altitude' must be above 0, was 0")]
    [InlineData("\"scale\":10", "\"scale\":1e999", "scale of 'altitude' must be above 0")]
    [InlineData("[20,1]", "[20]", "centre must be 2 numbers, one for each setting, was 1")]
    [InlineData("[20,1]", "[-1e999,1]", "centre must be finite")]
    [InlineData("\"reach\":0.25", "\"reach\":-1", "reach must be above 0, was -1")]
    [InlineData("[550,175,null]", "[550,175]", "means of 'p30' must be 3 numbers, one for each condition, was 2")]
    [InlineData("[2,0.5,1]", "[2,0.5]", "deviations of 'p30' must be 3 numbers")]
    [InlineData("[2,0.5,1]", "[2,0,1]", "deviations of 'p30' must be above 0, was 0")]
    [InlineData("\"signal\":\"p30\"", "\"signal\":\"fuel\"", "reading 'fuel' must be no state")]
    [InlineData("{\"centre\":[20,1],\"reach\":0.25}", "null", "null")]
    [InlineData("\"readings\":[", "\"readings\":[{\"signal\":\"p30\",\"means\":[1,2,3],\"deviations\":[1,1,1]},", "reading 'p30' must be listed once")]
    [InlineData("\"settings\":[{\"signal\":\"altitude\",\"state\":null,\"scale\":10},{\"signal\":\"fuel\",\"state\":\"B\",\"scale\":0.5}]", "\"settings\":[]", "at least one")]
    public void FromJson_ConditionsThatDoNotFit_SayWhatIsWrong(string written, string broken, string expected)
    {
        string json = FeatureDefinition.Build(Schema, new FeatureOptions([], [], RunningAge: false) { Conditions = Conditions }).ToJson();
        int at = json.IndexOf(written, json.IndexOf("\"conditions\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.True(at > 0, $"{written} is not in {json}");

        var error = Assert.Throws<FormatException>(() => FeatureDefinition.FromJson(json[..at] + broken + json[(at + written.Length)..]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static double[] Run(OperatingConditions conditions, double[] frame)
    {
        FeatureDefinition definition = FeatureDefinition.Build(Schema, new FeatureOptions([], [], RunningAge: false) { Conditions = conditions });
        var row = new double[definition.Columns.Count];
        new AssetFeatures(FeaturePlan.Of(definition), []).Next(1000, frame, row);
        return row;
    }
}
