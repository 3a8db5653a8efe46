using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train.Detectors;
using Auspex.Models.Detectors;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Train.Detectors;

public sealed class DetectorChoiceTests
{
    [Fact]
    public void Of_NothingSaid_IsOnePrincipalDetectorOfAllAssetsWhoseLevelStays()
    {
        DetectorSettings settings = DetectorChoice.Of(Of(History("a", [0, 1, 2])), seed: 7);

        Assert.Equal((DetectorKind.Pca, false, 0, 7), (settings.Kind, settings.PerAsset, settings.First, settings.Seed));
        Assert.Equal((TimeSpan.FromHours(20), TimeSpan.Zero), (settings.Smoothing, settings.Level));
        Assert.Equal((0.01, 3, 0.95), (settings.FalseAlarmRate, settings.Margin, settings.ExplainedVariance));
    }

    [Fact]
    public void Of_PerAsset_FollowsDriftUnlessToldOtherwise()
    {
        Dataset dataset = Of(History("a", [0, 1, 2]));
        DetectorSettings Settings(FitSettings fit) => DetectorChoice.Of(dataset with { Description = dataset.Description with { Fit = fit } }, 1);

        Assert.Equal(TimeSpan.FromHours(100), Settings(new FitSettings { PerAsset = true, First = 50 }).Level);
        Assert.Equal(TimeSpan.Zero, Settings(new FitSettings { PerAsset = true, First = 50, Level = "0s" }).Level);
        Assert.Equal(TimeSpan.FromMinutes(5), Settings(new FitSettings { PerAsset = true, First = 50, Smoothing = "5m" }).Smoothing);
    }

    [Fact]
    public void Of_NoSamplingPeriod_AsksForDurations()
    {
        Dataset dataset = Of(History("a", [0])) with { SamplingPeriod = TimeSpan.Zero };

        Assert.Contains("give fit.smoothing and fit.level", Assert.Throws<DatasetException>(() => DetectorChoice.Of(dataset, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, DetectorChoice.Of(dataset with { Description = dataset.Description with { Fit = new FitSettings { Smoothing = "0s" } } }, 1).Smoothing);
    }

    [Fact]
    public void Used_OfADefinition_AreItsMeasurements()
    {
        var definition = FeatureDefinition.Build(
            new AssetSchema(
                [new("load", SignalKind.Continuous, null, SignalRole.Reading, [])], [new("age", SignalKind.Continuous, null, SignalRole.Fact, [])], ["pump"], ["E1"]),
            new FeatureOptions([], [TimeSpan.FromHours(1)], RunningAge: true));

        bool[] used = DetectorChoice.Used(definition);

        Assert.Equal(
            ["load", "load_rolling_3600s_mean", "load_rolling_3600s_std", "load_rolling_3600s_min", "load_rolling_3600s_max", "load_rolling_3600s_slope"],
            definition.Names.Where((_, i) => used[i]));
    }
}
