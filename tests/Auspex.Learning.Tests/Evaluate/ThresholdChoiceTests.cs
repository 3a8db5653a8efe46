using Auspex.Core.Assets;
using Auspex.Learning.Evaluate;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class ThresholdChoiceTests
{
    [Fact]
    public void HeldOut_OneFailureAndOneFalseAlarm_TakesTheMiddleOfWhatCostsNothing()
    {
        // 0.60 in the horizon before the failure at 50, 0.30 at 10 with nothing behind it. At 0.31 … 0.60 the failure is caught and nothing
        // false is raised: cost 0. Below, one false alert: 1. Above, the failure is missed: 5. The middle of 0.31 … 0.60 is 0.45.
        ThresholdChoice choice = Choose(Probabilities((10, 0.3), (48, 0.6)), Failure("a", 50));

        Assert.Equal(0.45, choice.Threshold, 12);
        Assert.Equal("held out: least cost with a missed failure at 5 false alerts; 1 of 1 failures caught with 0 false alerts", choice.Source);
    }

    [Theory]
    [InlineData(4, true)] // four false alerts cost 4, a missed failure 5
    [InlineData(6, false)]
    public void HeldOut_FalseAlertsAtTheSameProbability_AreWeighedAgainstTheFailure(int falseAlerts, bool raised)
    {
        (int, double)[] high = [.. Enumerable.Range(0, falseAlerts).Select(i => (5 + (6 * i), 0.7)), (98, 0.7)];

        ThresholdChoice choice = Choose(Probabilities(high), Failure("a", 100));

        if (raised)
        {
            Assert.Equal(0.35, choice.Threshold, 12); // 0.01 … 0.70 cost the same; the middle, rounded down
            Assert.Contains($"with {falseAlerts} false alerts", choice.Source, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(ThresholdChoice.Default, choice.Threshold);
            Assert.StartsWith("default:", choice.Source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void HeldOut_NoFailure_IsTheDefault() => Assert.Equal(0.85, Choose(Probabilities((10, 0.3))).Threshold);

    private static ThresholdChoice Choose(double[] probabilities, params AssetEvent[] events)
    {
        long[] times = [.. Enumerable.Range(0, probabilities.Length).Select(hour => hour * Hour)];
        return ThresholdChoice.HeldOut([new AssetPredictions(new AssetId("a"), times, [probabilities])],
            [new AssetEvents(new AssetId("a"), events, 200 * Hour)], FailureLabel(4), 1, TestContext.Current.CancellationToken);
    }

    private static double[] Probabilities(params (int Hour, double Value)[] high)
    {
        var probabilities = new double[120];
        foreach ((int hour, double value) in high)
        {
            probabilities[hour] = value;
        }

        return probabilities;
    }
}
