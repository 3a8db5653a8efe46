using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

public class FeatureChoiceTests
{
    private readonly List<string> _notes = [];

    [Fact]
    public void Definition_Failure_HasTheLagsAndWindowsThatPlantsKnow() => Assert.Equal(
        [
            "s0", "s0_lag_3600s", "s0_lag_7200s", "s0_lag_18000s",
            "s0_rolling_10800s_mean", "s0_rolling_10800s_std", "s0_rolling_10800s_min", "s0_rolling_10800s_max", "s0_rolling_10800s_slope",
            "s0_rolling_18000s_mean", "s0_rolling_18000s_std", "s0_rolling_18000s_min", "s0_rolling_18000s_max", "s0_rolling_18000s_slope",
            "s0_rolling_36000s_mean", "s0_rolling_36000s_std", "s0_rolling_36000s_min", "s0_rolling_36000s_max", "s0_rolling_36000s_slope",
        ],
        Names(PredictionTask.Failure, new FeatureSettings()));

    [Fact]
    public void Definition_RemainingUsefulLife_HasWhatTellsWear() => Assert.Equal(
        [
            "s0", "s0_rolling_18000s_mean", "s0_rolling_54000s_mean", "s0_rolling_54000s_std",
            "s0_rolling_108000s_mean", "s0_rolling_108000s_slope", "s0_rolling_108000s_from_start", "s0_ewma_43200s", "running_age_hours",
        ],
        Names(PredictionTask.RemainingUsefulLife, new FeatureSettings()));

    [Fact]
    public void Definition_Anomaly_HasTheValuesAloneUnlessTold()
    {
        Assert.Equal(["s0"], Names(PredictionTask.Anomaly, new FeatureSettings()));
        Assert.Equal(["s0", "s0_lag_7200s", "running_age_hours"], Names(PredictionTask.Anomaly, new FeatureSettings { Lags = ["2h"], RunningAge = true }));
        Assert.Equal(
            ["s0", "s0_rolling_7200s_mean"],
            Names(PredictionTask.Anomaly, new FeatureSettings { Statistics = new StatisticSettings { Mean = ["2h"] } }));
    }

    [Fact]
    public void Definition_AnomalyOfAssetsWithOneFrame_NeedsNoSamplingPeriod()
    {
        AssetHistory[] machines = [History("a", [0], [_ => 1.0]), History("b", [0], [_ => 2.0])];
        Dataset dataset = Of(new LabelSettings(), null, [.. machines.Select(machine => new DatasetAsset(machine, DatasetPart.Unassigned))], new FeatureSettings())
            with
        { SamplingPeriod = TimeSpan.Zero };

        Assert.Equal(["s0"], FeatureChoice.Definition(dataset, PredictionTask.Anomaly, machines, long.MaxValue, _notes).Names);
        Assert.Contains("no sampling period follows", Assert.Throws<DatasetException>(() =>
            FeatureChoice.Definition(dataset, PredictionTask.Failure, machines, long.MaxValue, _notes)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(true, true)]
    public void Definition_AnomalyUnderConditions_IsRelativeToThemOnlyWhenTold(bool? asked, bool expected)
    {
        // Two regimes explain nearly all of the reading: a failure model would take it relative to them.
        var random = new Random(3);
        AssetHistory machine = History("a", Enumerable.Range(0, 400), [hour => hour % 2, hour => (100 * (hour % 2)) + random.NextDouble()]);
        Dataset plain = Of(new LabelSettings(), null, [new DatasetAsset(machine, DatasetPart.Unassigned)], new FeatureSettings { PerOperatingCondition = asked });
        Dataset dataset = plain with { Schema = plain.Schema with { Signals = [plain.Schema.Signals[0] with { Role = SignalRole.OperatingSetting }, plain.Schema.Signals[1]] } };

        Assert.Equal(expected, FeatureChoice.Definition(dataset, PredictionTask.Anomaly, [machine], long.MaxValue, _notes).Conditions is not null);
        Assert.NotNull(FeatureChoice.Definition(dataset, PredictionTask.Failure, [machine], long.MaxValue, _notes).Conditions);
    }

    [Fact]
    public void Definition_WindowsAlone_HaveAllStatistics() => Assert.Equal(
        ["s0", "s0_rolling_7200s_mean", "s0_rolling_7200s_std", "s0_rolling_7200s_min", "s0_rolling_7200s_max", "s0_rolling_7200s_slope", "running_age_hours"],
        Names(PredictionTask.RemainingUsefulLife, new FeatureSettings { Windows = ["2h"] }));

    [Fact]
    public void Definition_StatisticsChosen_AreThoseOfAllPlaces() => Assert.Equal(
        [
            "s0", "s0_lag_60s", "s0_rolling_7200s_mean", "s0_rolling_7200s_max", "s0_rolling_10800s_mean", "s0_rolling_14400s_from_start",
            "s0_ewma_1800s", "hour_sin", "hour_cos", "day_of_week_sin", "day_of_week_cos",
        ],
        Names(PredictionTask.Failure, new FeatureSettings
        {
            Lags = ["1m"],
            Statistics = new StatisticSettings { Mean = ["2h", "3h"], Max = ["120m"], FromStart = ["4h"] },
            Ewma = ["30m"],
            Calendar = true,
        }));

    [Fact]
    public void Definition_WindowInBothLists_HasItsStatisticsOnce() => Assert.Equal(
        ["s0", "s0_rolling_7200s_mean", "s0_rolling_7200s_std", "s0_rolling_7200s_min", "s0_rolling_7200s_max", "s0_rolling_7200s_slope", "s0_rolling_7200s_from_start"],
        Names(PredictionTask.Failure, new FeatureSettings
        {
            Lags = [],
            Windows = ["2h"],
            Statistics = new StatisticSettings { Mean = ["2h"], FromStart = ["2h"] },
        }));

    [Fact]
    public void Definition_SignalsThatTellNothing_AreLeftOutWithTheReason()
    {
        AssetHistory a = History("a", Enumerable.Range(0, 50), [hour => hour, _ => 7, _ => double.NaN, hour => hour < 40 ? 1 : 2]);
        AssetHistory b = History("b", Enumerable.Range(0, 50), [hour => -hour, hour => hour == 3 ? double.NaN : 7, _ => double.NegativeInfinity, hour => hour < 40 ? 1 : 3]);
        Dataset dataset = Of(a, b);

        FeatureDefinition known = Definition(dataset, new FeatureSettings { Lags = [], Windows = [] }, 39 * Hour, a, b);

        Assert.Equal(["s0"], known.Names);
        Assert.Equal(4, known.Schema.Signals.Count); // frames keep their form
        Assert.Equal(
            [
                "s1 makes no features: every training row that has it says 7.",
                "s2 makes no features: no training row has a value of it.",
                "s3 makes no features: every training row that has it says 1.", // what comes later is not known
            ],
            _notes);
        Assert.Equal(["s0", "s3"], Definition(dataset, new FeatureSettings { Lags = [], Windows = [] }, long.MaxValue, a, b).Names);
    }

    [Fact]
    public void Definition_FactsOfOneValue_AreLeftOut()
    {
        Dataset dataset = Of();
        dataset = dataset with
        {
            Schema = new AssetSchema(
                [new SignalDefinition("x", SignalKind.Continuous, null, SignalRole.Reading, [])],
                [
                    new SignalDefinition("model", SignalKind.State, null, SignalRole.Fact, ["m1", "m2"]),
                    new SignalDefinition("age", SignalKind.Continuous, null, SignalRole.Fact, []),
                ],
                [], []),
        };
        AssetHistory Machine(string name, double age) => new(new AssetId(name), [1000, 2000], [[1, 2]], [1, age], []);

        FeatureDefinition definition = Definition(dataset, new FeatureSettings { Lags = [], Windows = [] }, long.MaxValue, Machine("a", 3), Machine("b", 4));

        Assert.Equal(["x", "age"], definition.Names);
        Assert.Equal(["model makes no features: every training asset that has it says 'm2'."], _notes);
    }

    [Fact]
    public void Definition_NoSignalVaries_IsRefused()
    {
        var error = Assert.Throws<DatasetException>(() => Names(PredictionTask.Failure, new FeatureSettings(), _ => 3));
        Assert.Contains("no signal of data set 'plant' varies on the training side, and no error or maintenance is known: s0: every training row that has it says 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Definition_NoSignalVariesButMaintenanceIsKnown_IsMadeOfEvents()
    {
        AssetHistory a = History("a", Enumerable.Range(0, 50), [_ => 3], Maintenance("a", 20, "fan"));

        Assert.Equal(["since_maintenance_fan_hours"], Definition(Of(a), new FeatureSettings { Lags = [], Windows = [] }, 20 * Hour, a).Names);
        Assert.Throws<DatasetException>(() => Definition(Of(a), new FeatureSettings { Lags = [], Windows = [] }, (20 * Hour) - 1, a));
    }

    [Fact]
    public void Definition_NoSamplingPeriod_AsksForLengths()
    {
        AssetHistory a = History("a", [1, 2], [hour => hour]);
        Dataset dataset = Of(a) with { SamplingPeriod = TimeSpan.Zero };

        Assert.Throws<DatasetException>(() => Definition(dataset, new FeatureSettings { Lags = [] }, long.MaxValue, a));
        Assert.Equal(["s0"], Definition(dataset, new FeatureSettings { Lags = [], Windows = [] }, long.MaxValue, a).Names);
    }

    [Fact]
    public void Definition_TooManyWindows_IsRefused()
    {
        AssetHistory a = History("a", [1, 2], [hour => hour]);
        string[] windows = [.. Enumerable.Range(1, 17).Select(n => $"{n}h")];
        string[] means = [.. Enumerable.Range(20, 17).Select(n => $"{n}h")];

        var error = Assert.Throws<DatasetException>(() => Definition(
            Of(a), new FeatureSettings { Lags = [], Windows = windows, Statistics = new StatisticSettings { Mean = means } }, long.MaxValue, a));
        Assert.Contains("At most 32 windows, was 34", error.Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Names(PredictionTask task, FeatureSettings settings, Func<int, double>? signal = null)
    {
        AssetHistory a = History("a", Enumerable.Range(0, 50), [signal ?? (hour => hour)]);
        Dataset dataset = Of(new LabelSettings(), null, [new DatasetAsset(a, DatasetPart.Unassigned)], settings);
        return FeatureChoice.Definition(dataset, task, [a], long.MaxValue, _notes).Names;
    }

    private FeatureDefinition Definition(Dataset dataset, FeatureSettings settings, long knownUntil, params AssetHistory[] training)
    {
        _notes.Clear();
        return FeatureChoice.Definition(
            dataset with { Description = dataset.Description with { Features = settings } }, PredictionTask.Failure, training, knownUntil, _notes);
    }
}
