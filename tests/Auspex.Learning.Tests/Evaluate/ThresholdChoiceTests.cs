using Auspex.Core.Predictions;
using Auspex.Core.Assets;
using Auspex.Learning.Evaluate;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class ThresholdChoiceTests
{
    [Fact]
    public void ByCost_OneFailureAndOneFalseAlarm_TakesTheMiddleOfWhatCostsNothing()
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
    public void ByCost_FalseAlertsAtTheSameProbability_AreWeighedAgainstTheFailure(int falseAlerts, bool raised)
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
    public void ByCost_NoFailure_IsTheDefault() => Assert.Equal(0.85, Choose(Probabilities((10, 0.3))).Threshold);

    [Fact]
    public void ByCost_ConfidenceIsAskedFor_ChoosesAmongTheAlertsThatHaveIt()
    {
        double[] probabilities = Probabilities((5, 0.3), (98, 0.6));
        AssetPredictions[] said = [Predictions(probabilities)[0] with { Confidences = [[.. probabilities.Select(p => p == 0.3 ? 0.5 : 0.9)]] }];
        ThresholdChoice Choose(double? confidence) =>
            ThresholdChoice.ByCost(said, Events(Failure("a", 100)), FailureLabel(4), AlertPrices.Default, null, confidence, 1, TestContext.Current.CancellationToken);

        Assert.Equal(0.45, Choose(null).Threshold, 12); // above the false alert
        Assert.Equal(0.3, Choose(0.7).Threshold, 12); // the false alert is not sure enough: all up to 0.6 cost the same
        Assert.StartsWith("default: ", Choose(0.95).Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 1, 0.85)] // four false alerts cost 4, the failure 3
    [InlineData(9, 2, 0.35)] // 8 against 9
    public void ByCost_PricesOfTheOrganization_DecideWhetherTheFailureIsWorthIt(double missed, double wrong, double threshold)
    {
        (int, double)[] high = [.. Enumerable.Range(0, 4).Select(i => (5 + (6 * i), 0.7)), (98, 0.7)];
        ThresholdChoice choice = ThresholdChoice.ByCost(Predictions(Probabilities(high)), Events(Failure("a", 100)), FailureLabel(4),
            new AlertPrices(missed, wrong), null, null, 1, TestContext.Current.CancellationToken);

        Assert.Equal(threshold, choice.Threshold, 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ByCost_PriceThatIsNone_IsRefused(double price) => Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdChoice.ByCost(
        [], [], FailureLabel(4), new AlertPrices(5, price), null, null, 1, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(null, 0.35, "false alerts; 1 of 1 failures caught with 1 false alerts")] // a false alert costs less than the failure; the middle of all up to 0.70
    [InlineData(0.25, 0.35, "and at most 0.25 false alerts an asset-day; 1 of 1")] // one in five days is within it
    [InlineData(0.1, 0.65, "and at most 0.1 false alerts an asset-day; 2 of 3")] // only above the one at 0.60
    public void ByCost_FalseAlertsAreLimited_TakesTheLeastCostWithinTheLimit(double? most, double threshold, string told)
    {
        // By cost alone all three are wanted: the failure at 0.60 is worth the false alert that comes with it.
        bool three = most is 0.1;
        double[] probabilities = three ? Probabilities((10, 0.6), (48, 0.7), (78, 0.6), (98, 0.7)) : Probabilities((10, 0.7), (98, 0.7));
        AssetEvent[] failures = three ? [Failure("a", 50), Failure("a", 80), Failure("a", 100)] : [Failure("a", 100)];

        ThresholdChoice choice = ThresholdChoice.ByCost(
            Predictions(probabilities), Events(failures), FailureLabel(4), AlertPrices.Default, most, null, 1, TestContext.Current.CancellationToken);

        Assert.Equal(threshold, choice.Threshold, 12);
        Assert.Contains(told, choice.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void ByCost_NothingIsWithinTheLimit_TakesTheLeastCostOfAllAndSaysSo()
    {
        ThresholdChoice choice = ThresholdChoice.ByCost(
            Predictions(Probabilities((10, 0.7), (98, 0.7))), Events(Failure("a", 100)), FailureLabel(4), AlertPrices.Default, 0.1, null, 1, TestContext.Current.CancellationToken);

        Assert.Equal(0.35, choice.Threshold, 12);
        Assert.Contains("none within 0.1 false alerts an asset-day", choice.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void ByCost_LimitThatIsNone_IsRefused(double most) => Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdChoice.ByCost(
        [], [], FailureLabel(4), AlertPrices.Default, most, null, 1, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(1.0, 0.7)] // above the false alert at 0.6, one of two failures
    [InlineData(0.6, 0.5)] // two failures for one false alert: two of three are right
    public void ByPrecision_TakesMostFailuresAtTheAskedPrecision(double atLeast, double threshold)
    {
        ThresholdChoice choice = ByPrecision(atLeast);

        Assert.Equal(threshold, choice.Threshold, 12);
        Assert.StartsWith("held out: most failures caught at a precision of at least", choice.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void ByPrecision_NeverReached_IsTheDefaultAndSaysSo() => Assert.StartsWith("default: no threshold reaches", ThresholdChoice.ByPrecision(
        Predictions(Probabilities((5, 0.9), (98, 0.3))), Events(Failure("a", 100)), FailureLabel(4), 0.9, null, 1,
        TestContext.Current.CancellationToken).Source, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void ByPrecision_NoPrecision_IsRefused(double atLeast) => Assert.Throws<ArgumentOutOfRangeException>(() => ByPrecision(atLeast));

    private static ThresholdChoice ByPrecision(double atLeast) => ThresholdChoice.ByPrecision(
        Predictions(Probabilities((10, 0.6), (48, 0.7), (98, 0.5))), Events(Failure("a", 50), Failure("a", 100)), FailureLabel(4), atLeast, null, 1,
        TestContext.Current.CancellationToken);

    private static AssetPredictions[] Predictions(double[] probabilities) =>
        [new AssetPredictions(new AssetId("a"), [.. Enumerable.Range(0, probabilities.Length).Select(hour => hour * Hour)], [probabilities])];

    private static AssetEvents[] Events(params AssetEvent[] events) => [new AssetEvents(new AssetId("a"), events, 200 * Hour)];

    private static ThresholdChoice Choose(double[] probabilities, params AssetEvent[] events)
    {
        long[] times = [.. Enumerable.Range(0, probabilities.Length).Select(hour => hour * Hour)];
        return ThresholdChoice.ByCost([new AssetPredictions(new AssetId("a"), times, [probabilities])],
            [new AssetEvents(new AssetId("a"), events, 200 * Hour)], FailureLabel(4), AlertPrices.Default, null, null, 1, TestContext.Current.CancellationToken);
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
