using Auspex.Core.Predictions;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Learning.Evaluate;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Evaluate;

public class SingleThresholdRuleTests
{
    private static readonly SignalDefinition[] Signals =
        [.. new[] { "noise", "heat", "cold" }.Select(name => new SignalDefinition(name, SignalKind.Continuous, null, SignalRole.Reading, []))];

    /// <summary>Heat rises to 9 in the two hours before each failure of the seal, cold falls to −9 before each of the bearing.</summary>
    private static AssetHistory Machine(string name, params AssetEvent[] events)
    {
        bool Before(int hour, string component) => events.Any(e => e.Name == component && e.TimeUnixMs - (hour * Hour) is > 0 and <= 2 * Hour);
        return History(name, Enumerable.Range(0, 200),
            [hour => hour * 37 % 11, hour => Before(hour, "seal") ? 9 : hour % 7, hour => Before(hour, "bearing") ? -9 : hour % 5], events);
    }

    private static AssetHistory[] Machines() =>
    [
        Machine("a", Failure("a", 50, "seal"), Failure("a", 120, "bearing")),
        Machine("b", Failure("b", 90, "seal"), Failure("b", 160, "bearing")),
    ];

    private static IReadOnlyList<SingleThresholdRule> Find(AssetHistory[] machines, int threads = 1) => SingleThresholdRule.Find(
        machines, [.. machines.Select(AssetEvents.Of)], FailureLabel(4, 1, "seal", "bearing"), Signals, AlertPrices.Default, threads,
        TestContext.Current.CancellationToken);

    [Fact]
    public void Find_EachComponentWithItsOwnSignal_FindsBothWithoutCost()
    {
        IReadOnlyList<SingleThresholdRule> rules = Find(Machines());

        Assert.Equal([("seal", "heat", true), ("bearing", "cold", false)], rules.Select(r => (r.Component, r.Signal, r.Above)));
        Assert.Equal([0.0, 0], rules.Select(r => r.TrainingCost));
        Assert.InRange(rules[0].Limit, 6.0001, 9);
        Assert.Equal(rules, Find(Machines(), 3));
    }

    [Fact]
    public void Judge_OtherMachines_UsesTheLimitsOfTraining()
    {
        IReadOnlyList<SingleThresholdRule> rules = Find(Machines());
        AssetHistory test = Machine("t", Failure("t", 40, "seal"), Failure("t", 100, "bearing"));
        AssetPredictions rows = new(test.Asset, test.TimesUnixMs, [new double[200], new double[200]]);
        EventMeasures judged = SingleThresholdRule.Judge(
            rules, [test], [rows], [AssetEvents.Of(test)], FailureLabel(4, 1, "seal", "bearing"));

        Assert.Equal((2, 2, 0), (judged.Fleet.Caught, judged.Fleet.Failures, judged.Fleet.FalseAlerts));
        ReportedBaseline baseline = ReportedBaseline.Of(rules, judged, AlertPrices.Default);
        Assert.Equal(0, baseline.Cost);
        Assert.Matches("^seal: heat ≥ [0-9.]+; bearing: cold ≤ -[0-9.]+$", baseline.Rule);
    }

    [Fact]
    public void Find_NothingWorthItsFalseAlerts_IsNever()
    {
        AssetHistory silent = History("a", Enumerable.Range(0, 100), [_ => 1, _ => double.NaN, hour => hour % 2], Failure("a", 98, "seal"));

        SingleThresholdRule rule = Find([silent])[1];

        Assert.Equal(("never", 0.0), (rule.ToString(), rule.TrainingCost)); // the bearing never fails, so an alert is only false
    }

    [Fact]
    public void Find_EventsOfOtherAssets_IsRefused() => Assert.Throws<ArgumentException>(() => SingleThresholdRule.Find(
        Machines(), [], FailureLabel(4), Signals, AlertPrices.Default, 1, TestContext.Current.CancellationToken));

    [Fact]
    public void IsBroken_Missing_Never() => Assert.False(new SingleThresholdRule("", "s", 0, true, 1, 0).IsBroken(double.NaN));
}
