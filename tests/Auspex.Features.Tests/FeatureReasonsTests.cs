using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features.Tests;

public sealed class FeatureReasonsTests
{
    private static readonly LabelDefinition Failure = new(
        PredictionTask.Failure, TimeSpan.FromHours(12), TimeSpan.Zero, TimeSpan.Zero, [], null, null, null);

    private static readonly LabelDefinition Cycles = new(
        PredictionTask.RemainingUsefulLife, TimeSpan.FromHours(12), TimeSpan.Zero, TimeSpan.Zero, [], "cycle", TimeSpan.FromHours(1), 125);

    private static readonly AssetSchema Schema = new(
        [
            new("furnace_pressure", SignalKind.Continuous, "bar", SignalRole.Reading, []),
            new("pump_on", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("parts", SignalKind.Counter, null, SignalRole.Reading, []),
            new("mode", SignalKind.State, null, SignalRole.OperatingSetting, ["idle", "heating"]),
        ],
        [new("rated_power", SignalKind.Continuous, "kW", SignalRole.Fact, []), new("maker", SignalKind.State, null, SignalRole.Fact, ["A", "B"])],
        ["fan"],
        ["E7"]);

    private static readonly FeaturePlan Plan = FeaturePlan.Of(FeatureDefinition.Build(Schema, new FeatureOptions(
        [TimeSpan.FromMinutes(2)], [TimeSpan.FromMinutes(5)], RunningAge: true)
    {
        Ewma = [TimeSpan.FromHours(12)],
        ChosenWindows = [new FeatureWindow(TimeSpan.FromHours(2), WindowStatistics.FromStart)],
        Calendar = true,
    }));

    private static readonly double[] Frame = [12.9, 1, 40, 1];

    [Theory]
    [InlineData("furnace_pressure", 12.4, 9.8, 11.9, "furnace pressure 12.4 bar, above its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure", 9.2, 9.8, 11.9, "furnace pressure 9.2 bar, below its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure", 12.9, 9.8, 11.9, "furnace pressure 12.9 bar, above its normal 9.8 to 11.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure", double.NaN, 9.8, 11.9, "furnace pressure missing, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_300s_mean", 12.4, 9.8, 11.9, "furnace pressure, 5 min mean 12.4 bar, above its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_300s_mean", 10.0, 9.8, 11.9, "furnace pressure, 5 min mean 10 bar, within its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_300s_mean", 11.90004, 9.8, 11.9, "furnace pressure, 5 min mean 11.90004 bar, above its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_300s_std", 0.5, 0, 0.25, "furnace pressure, 5 min standard deviation 0.5 bar, above its normal 0 to 0.25 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_300s_slope", -3, -1, 1, "furnace pressure, 5 min slope -3 bar/h, below its normal -1 to 1 bar/h, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_lag_120s", 12.1, 9.8, 11.9, "furnace pressure, 2 min ago 12.1 bar, above its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_ewma_43200s", 11, 9.8, 11.9, "furnace pressure, mean weighted over 12 h: 11 bar, within its normal 9.8 to 11.9 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("furnace_pressure_rolling_7200s_from_start", 2, -1, 1, "furnace pressure, 2 h mean against that of its start: 2 bar, above its normal -1 to 1 bar, now 12.9 bar, raises the risk (+0.83)")]
    [InlineData("pump_on", 1, 0, 0, "pump is on, normally off, raises the risk (+0.83)")]
    [InlineData("pump_on_rolling_300s_rate", 0.4, 0, 0.1, "pump, share of 5 min on: 40 %, above its normal 0 to 10 %, now on, raises the risk (+0.83)")]
    [InlineData("parts_rolling_300s_delta", 3, 5, 5, "parts, growth in 5 min: 3, below its normal 5, now 40, raises the risk (+0.83)")]
    [InlineData("mode_is_idle", 0, 1, 1, "mode is not idle, normally idle, raises the risk (+0.83)")]
    [InlineData("mode_rolling_300s_fraction_heating", 0.8, 0.1, 0.4, "mode, share of 5 min in heating: 80 %, above its normal 10 to 40 %, now heating, raises the risk (+0.83)")]
    [InlineData("error_e7_rolling_300s_count", 3, 0, 1, "error E7, number in 5 min: 3, above its normal 0 to 1, raises the risk (+0.83)")]
    [InlineData("since_maintenance_fan_hours", 1231.4, 0, 700, "time since maintenance of fan 1231 h, above its normal 0 to 700 h, raises the risk (+0.83)")]
    [InlineData("rated_power", 7.5, 7.5, 7.5, "rated power 7.5 kW, within its normal 7.5 kW, raises the risk (+0.83)")]
    [InlineData("maker_is_b", 1, 0, 1, "maker is B, raises the risk (+0.83)")]
    [InlineData("running_age_hours", 26, 0, 20, "running age 26 h, above its normal 0 to 20 h, raises the risk (+0.83)")]
    public void Of_OneFeature_IsSaidInWords(string feature, double value, double low, double high, string expected)
    {
        Reason reason = Assert.Single(Explain(Failure, ExplainedOutput.Risk, (feature, value, new NormalBand(low, high), 0.83)));

        Assert.Equal(expected, reason.Text);
        Assert.Equal(0.83, reason.Contribution);
        Assert.Equal([new FeatureContribution(feature, value, 0.83)], reason.Features);
    }

    [Fact]
    public void Of_Calendar_IsOneTimeOfDay()
    {
        Reason reason = Assert.Single(Explain(
            Failure, ExplainedOutput.Risk, ("hour_sin", Math.Sin(Math.Tau * 14.5 / 24), null, 0.1), ("hour_cos", Math.Cos(Math.Tau * 14.5 / 24), null, -0.4)));

        Assert.Equal("time of day 14:30 UTC, lowers the risk (-0.30)", reason.Text);
        Reason day = Assert.Single(Explain(
            Failure, ExplainedOutput.Risk, ("day_of_week_sin", Math.Sin(Math.Tau * 6 / 7), null, 0.1), ("day_of_week_cos", Math.Cos(Math.Tau * 6 / 7), null, 0.1)));
        Assert.Equal("day of week Sunday, raises the risk (+0.20)", day.Text);
    }

    [Fact]
    public void Of_LivesInCycles_AreToldInCycles()
    {
        Reason mean = Assert.Single(Explain(Cycles, ExplainedOutput.Life, ("furnace_pressure_ewma_43200s", 11, null, -14.25)));
        Assert.Equal("furnace pressure, mean weighted over 12 cycles: 11 bar, now 12.9 bar, lowers the life by 14.25 cycles", mean.Text);
        Reason age = Assert.Single(Explain(Cycles, ExplainedOutput.Life, ("running_age_hours", 26, new NormalBand(0, 20), 2)));
        Assert.Equal("running age 26 cycles, above its normal 0 to 20 cycles, raises the life by 2 cycles", age.Text);
        Reason slope = Assert.Single(Explain(Cycles, ExplainedOutput.Life, ("furnace_pressure_rolling_300s_slope", 3, null, 2)));
        Assert.StartsWith("furnace pressure, 5 min slope 3 bar/cycle, ", slope.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ManyFeatures_SumsUpBySignalLargestFirst()
    {
        IReadOnlyList<Reason> reasons = Explain(
            Failure, ExplainedOutput.Risk,
            ("furnace_pressure", 12.9, new NormalBand(9.8, 11.9), 0.5), ("furnace_pressure_lag_120s", 10, null, -0.7), ("furnace_pressure_rolling_300s_mean", 12, null, 0.4),
            ("pump_on", 1, null, -0.9), ("error_e7_rolling_300s_count", 1, null, 1e-3));

        Assert.Equal(["pump_on", "furnace_pressure", "E7"], reasons.Select(reason => reason.Signal));
        Assert.Equal(0.5 - 0.7 + 0.4, reasons[1].Contribution, 15);
        // Together the signal raises the risk: the lag, though larger, is not why.
        Assert.StartsWith("furnace pressure 12.9 bar, above its normal", reasons[1].Text, StringComparison.Ordinal);
        Assert.Equal(["furnace_pressure_lag_120s", "furnace_pressure", "furnace_pressure_rolling_300s_mean"], reasons[1].Features.Select(feature => feature.Feature));
        Assert.Equal((12.9, "bar", new NormalBand(9.8, 11.9)), (reasons[1].Value!.Value, reasons[1].Unit, reasons[1].Normal!.Value));
    }

    [Fact]
    public void Of_OperatingConditions_AreToldInTheUnitsOfTheSignal()
    {
        var conditions = new OperatingConditions(
            [new ConditionSetting("mode", "heating", 1)],
            [new OperatingCondition([0], 0.4), new OperatingCondition([1], 0.4)],
            [new ConditionReading("furnace_pressure", [2, 10], [0.5, 2])]);
        FeaturePlan plan = FeaturePlan.Of(FeatureDefinition.Build(Schema, new FeatureOptions([], [TimeSpan.FromMinutes(5)], false) { Conditions = conditions }));
        var bands = new NormalBand?[plan.Definition.Columns.Count];
        int value = plan.Definition.Names.ToList().IndexOf("furnace_pressure");
        int spread = plan.Definition.Names.ToList().IndexOf("furnace_pressure_rolling_300s_std");
        (bands[value], bands[spread]) = (new NormalBand(-1, 1), new NormalBand(0, 1));
        var features = new AssetFeatures(plan, [7.5, 0]);
        var row = new double[bands.Length];
        features.Next(0, [14, 0, 0, 1], row);
        row[spread] = 1.5;
        var contributions = new double[row.Length];
        var reasons = new FeatureReasons(plan, Failure, bands);

        contributions[value] = 1;
        Reason present = Assert.Single(reasons.Of([14, 0, 0, 1], row, contributions, ExplainedOutput.Risk));
        Assert.Equal("furnace pressure 14 bar, above its normal 8 to 12 bar, raises the risk (+1.00)", present.Text);
        Assert.Equal((14, new NormalBand(8, 12)), (present.Value!.Value, present.Normal!.Value));

        (contributions[value], contributions[spread]) = (0, 1);
        Assert.StartsWith("furnace pressure, 5 min standard deviation 3 bar, above its normal 0 to 2 bar, now 14 bar,",
            Assert.Single(reasons.Of([14, 0, 0, 1], row, contributions, ExplainedOutput.Risk)).Text, StringComparison.Ordinal);

        // No mode, so no condition: what is known is how many deviations it is off.
        Assert.StartsWith("furnace pressure, 5 min standard deviation 1.5 standard deviations of its condition, above its normal 0 to 1 standard deviations of its condition,",
            Assert.Single(reasons.Of([14, 0, 0, double.NaN], row, contributions, ExplainedOutput.Risk)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("age_years", null, "years", "age 12.4 years, above its normal 2 to 9 years, raises the risk (+0.50)")]
    [InlineData("velocity_mm_s", null, "mm/s", "velocity 12.4 mm/s, above its normal 2 to 9 mm/s, raises the risk (+0.50)")]
    [InlineData("velocity_mm_per_s", null, "mm/s", "velocity 12.4 mm/s, above its normal 2 to 9 mm/s, raises the risk (+0.50)")]
    [InlineData("oil_temp_c", null, "°C", "oil temp 12.4 °C, above its normal 2 to 9 °C, raises the risk (+0.50)")]
    [InlineData("load_percent", null, "%", "load 12.4 %, above its normal 2 to 9 %, raises the risk (+0.50)")]
    [InlineData("rpm", null, "rpm", "rpm 12.4, above its normal 2 to 9, raises the risk (+0.50)")]
    [InlineData("years_of_age", null, "years", "years of age 12.4 years, above its normal 2 to 9 years, raises the risk (+0.50)")]
    [InlineData("nde_t1", "Bearing temperature, non-drive end", "°C", "Bearing temperature, non-drive end 12.4 °C, above its normal 2 to 9 °C, raises the risk (+0.50)")]
    [InlineData("age_years", "Age of the pump", null, "Age of the pump 12.4, above its normal 2 to 9, raises the risk (+0.50)")]
    public void Of_NamesLabelsAndUnits_AreSaidOnce(string name, string? label, string? unit, string expected)
    {
        foreach (SignalRole role in (SignalRole[])[SignalRole.Reading, SignalRole.Fact])
        {
            var signal = new SignalDefinition(name, SignalKind.Continuous, unit, role, []) { Label = label };
            var other = new SignalDefinition("other", SignalKind.Continuous, null, SignalRole.Reading, []);
            var schema = new AssetSchema(role == SignalRole.Fact ? [other] : [signal], role == SignalRole.Fact ? [signal] : [], [], []);
            FeaturePlan plan = FeaturePlan.Of(FeatureDefinition.Build(schema, new FeatureOptions([], [], false)));
            int column = plan.Definition.Columns.Count - 1;
            var bands = new NormalBand?[column + 1];
            var contributions = new double[column + 1];
            (bands[column], contributions[column]) = (new NormalBand(2, 9), 0.5);

            Reason reason = Assert.Single(new FeatureReasons(plan, Failure, bands).Of([12.4], [.. Enumerable.Repeat(12.4, column + 1)], contributions, ExplainedOutput.Risk));

            Assert.Equal(expected, reason.Text);
            Assert.Equal(name, reason.Signal); // what a program looks for
        }
    }

    [Fact]
    public void Of_LabelledBooleanAndSlopeWithoutUnit_ReadAsSentences()
    {
        var schema = new AssetSchema(
            [
                new("coolant_ok", SignalKind.Boolean, null, SignalRole.Reading, []) { Label = "Coolant flow switch" },
                new("wear_index", SignalKind.Continuous, null, SignalRole.Reading, []),
            ],
            [], [], []);
        FeaturePlan plan = FeaturePlan.Of(FeatureDefinition.Build(schema, new FeatureOptions([], [TimeSpan.FromMinutes(5)], false)));
        string Said(string feature, LabelDefinition label)
        {
            var contributions = new double[plan.Definition.Columns.Count];
            contributions[plan.Definition.Names.ToList().IndexOf(feature)] = 0.5;
            return Assert.Single(new FeatureReasons(plan, label, []).Of([0, 7], [.. contributions.Select(_ => 3.0)], contributions, ExplainedOutput.Risk)).Text;
        }

        Assert.Equal("Coolant flow switch is on, now off, raises the risk (+0.50)", Said("coolant_ok", Failure));
        Assert.Equal("wear index, 5 min slope 3 per h, now 7, raises the risk (+0.50)", Said("wear_index_rolling_300s_slope", Failure));
        Assert.Equal("wear index, 5 min slope 3 per cycle, now 7, raises the risk (+0.50)", Said("wear_index_rolling_300s_slope", Cycles));
    }

    [Fact]
    public void Hash_Labels_ChangeNoFeature()
    {
        FeatureDefinition plain = Plan.Definition;
        var labelled = FeatureDefinition.Build(
            Schema with { Signals = [.. Schema.Signals.Select(signal => signal with { Label = "Label of " + signal.Name })], Facts = [.. Schema.Facts.Select(fact => fact with { Label = "L" })] },
            new FeatureOptions([TimeSpan.FromMinutes(2)], [TimeSpan.FromMinutes(5)], RunningAge: true)
            {
                Ewma = [TimeSpan.FromHours(12)],
                ChosenWindows = [new FeatureWindow(TimeSpan.FromHours(2), WindowStatistics.FromStart)],
                Calendar = true,
            });

        Assert.Equal(plain.Hash, labelled.Hash);
        FeatureDefinition read = FeatureDefinition.FromJson(labelled.ToJson());
        Assert.Equal(plain.Hash, read.Hash);
        Assert.Equal("Label of mode", read.Schema.Signals[3].Label);
        Assert.DoesNotContain("label", plain.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WrongLengths_AreRefused()
    {
        Assert.Throws<ArgumentException>("bands", () => new FeatureReasons(Plan, Failure, [null]));
        var reasons = new FeatureReasons(Plan, Failure, []);
        Assert.Throws<ArgumentException>("frame", () => reasons.Of([1], new double[Plan.Definition.Columns.Count], new double[Plan.Definition.Columns.Count], ExplainedOutput.Risk));
    }

    private static IReadOnlyList<Reason> Explain(
        LabelDefinition label, ExplainedOutput output, params (string Feature, double Value, NormalBand? Band, double Contribution)[] given)
    {
        int columns = Plan.Definition.Columns.Count;
        var bands = new NormalBand?[columns];
        var row = new double[columns];
        var contributions = new double[columns];
        foreach ((string feature, double value, NormalBand? band, double contribution) in given)
        {
            int column = Plan.Definition.Names.ToList().IndexOf(feature);
            Assert.True(column >= 0, feature);
            (bands[column], row[column], contributions[column]) = (band, value, contribution);
        }

        return new FeatureReasons(Plan, label, bands).Of(Frame, row, contributions, output);
    }
}
