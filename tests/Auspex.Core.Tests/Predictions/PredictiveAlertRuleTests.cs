using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Core.Tests.Predictions;

public class PredictiveAlertRuleTests
{
    private static readonly AssetId Pump = new("pump");
    private readonly List<PredictiveAlertChange> _changes = [];

    private static LabelDefinition Label(int horizon = 10, int grace = 0, int recovery = 0, params string[] components) => new(
        PredictionTask.Failure, TimeSpan.FromMilliseconds(horizon), TimeSpan.FromMilliseconds(grace), TimeSpan.FromMilliseconds(recovery),
        components, null, null, null);

    private PredictiveAlertChangeKind[] Kinds() => [.. _changes.Select(c => c.Kind)];

    [Theory]
    [InlineData(0.849999, false)]
    [InlineData(0.85, true)]
    [InlineData(0.850001, true)]
    [InlineData(double.NaN, false)]
    public void ObserveRow_AtTheThreshold_RaisesWhenEqual(double probability, bool raises)
    {
        new PredictiveAlertRule(Pump, Label(), 0.85).ObserveRow(1, [probability], _changes);

        Assert.Equal(raises, _changes is [{ Kind: PredictiveAlertChangeKind.Raised }]);
    }

    [Theory]
    [InlineData(0.699999, false)]
    [InlineData(0.7, true)]
    [InlineData(1, true)]
    [InlineData(double.NaN, false)]
    public void ObserveRow_AtTheConfidence_RaisesWhenEqual(double confidence, bool raises)
    {
        new PredictiveAlertRule(Pump, Label(), 0.85, 0.7).ObserveRow(1, [0.9], [confidence], _changes);

        Assert.Equal(raises, _changes is [{ Kind: PredictiveAlertChangeKind.Raised }]);
        Assert.All(_changes, change => Assert.Equal(confidence, change.Alert.ConfidenceAtRaise));
    }

    [Fact]
    public void ObserveRow_ModelWithoutConfidence_RaisesOnlyWhereNoneIsAskedFor()
    {
        new PredictiveAlertRule(Pump, Label(), 0.85, 0).ObserveRow(1, [0.9], _changes);
        Assert.Empty(_changes);

        new PredictiveAlertRule(Pump, Label(), 0.85).ObserveRow(1, [0.9], _changes);
        Assert.Null(Assert.Single(_changes).Alert.ConfidenceAtRaise);
    }

    [Fact]
    public void ObserveRow_UnsureRow_DoesNotJoinAnOpenAlert()
    {
        var rule = new PredictiveAlertRule(Pump, Label(components: ["belt", "fan"]), 0.5, 0.7);
        rule.ObserveRow(1, [0.6, 0.6], [0.8, 0.6], _changes);
        rule.ObserveRow(2, [0.9, 0.9], [0.6, 0.6], _changes);

        Assert.Equal(0.6, Assert.Single(_changes).Alert.HighestProbability);
        Assert.Equal(("belt", (PredictiveAlert?)null), (rule.Open(0)!.Component, rule.Open(1)));
    }

    [Fact]
    public void ObserveRow_ConfidencesOfAnotherLength_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new PredictiveAlertRule(Pump, Label(), 0.5, 0.7).ObserveRow(1, [0.6], [0.8, 0.6], _changes));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictiveAlertRule(Pump, Label(), 0.5, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictiveAlertRule(Pump, Label(), 0.5, double.NaN));
    }

    [Fact]
    public void ObserveRow_NaNAtThresholdZero_NeverRaises()
    {
        new PredictiveAlertRule(Pump, Label(), 0).ObserveRow(1, [double.NaN], _changes);

        Assert.Empty(_changes);
    }

    [Fact]
    public void ObserveRow_WhileOneIsOpen_JoinsAndKeepsTheHighest()
    {
        var rule = new PredictiveAlertRule(Pump, Label(), 0.5);
        rule.ObserveRow(1, [0.6], _changes);
        rule.ObserveRow(2, [0.9], _changes);
        rule.ObserveRow(3, [0.7], _changes);

        Assert.Equal([PredictiveAlertChangeKind.Raised, PredictiveAlertChangeKind.Heightened], Kinds());
        Assert.Equal(
            new PredictiveAlert(Pump, "", 1, 0.6, 0.9, null, PredictiveAlertOutcome.Open, null, null), rule.Open(0));
    }

    [Theory]
    [InlineData(0, new long[] { 0, 10, 20, 30 })]
    [InlineData(5, new long[] { 0, 15, 30 })]
    public void Replay_WrongPredictionThatStays_CostsOneAlertAHorizonAndGrace(int grace, long[] raised)
    {
        long[] times = [.. Enumerable.Range(0, 31).Select(t => (long)t)];
        double[] high = [.. times.Select(_ => 1.0)];

        IReadOnlyList<PredictiveAlert> alerts = PredictiveAlertRule.Replay(Pump, times, [high], [], 31, Label(grace: grace), 0.5);

        Assert.Equal(raised, alerts.Select(a => a.RaisedAtUnixMs));
        Assert.Equal(raised[0] + 10 + grace, alerts[0].ClosedAtUnixMs);
        Assert.Null(alerts[^1].ClosedAtUnixMs);
    }

    [Fact]
    public void ObserveFailure_AtTheLastInstant_ClosesBeforeItExpires()
    {
        var rule = new PredictiveAlertRule(Pump, Label(), 0.5);
        rule.ObserveRow(0, [1], _changes);
        rule.ObserveFailure(10, "", _changes);
        rule.ObserveRow(11, [1], _changes);

        Assert.Equal(
            [PredictiveAlertChangeKind.Raised, PredictiveAlertChangeKind.ClosedByFailure, PredictiveAlertChangeKind.Raised], Kinds());
        Assert.Equal(10, _changes[1].Alert.ClosedAtUnixMs);
    }

    [Fact]
    public void ObserveFailure_AfterTheLastInstant_FindsItExpired()
    {
        var rule = new PredictiveAlertRule(Pump, Label(), 0.5);
        rule.ObserveRow(0, [1], _changes);
        rule.ObserveFailure(11, "", _changes);

        Assert.Equal([PredictiveAlertChangeKind.Raised, PredictiveAlertChangeKind.Expired], Kinds());
        Assert.Equal(10, _changes[1].Alert.ClosedAtUnixMs);
    }

    [Fact]
    public void ObserveFailure_OfAnotherComponent_LeavesTheAlertOpenAndStopsRowsWhileFailed()
    {
        var rule = new PredictiveAlertRule(Pump, Label(10, 0, 3, "a", "b"), 0.5);
        rule.ObserveRow(0, [0.6, 0], _changes);
        rule.ObserveFailure(2, "b", _changes);
        rule.ObserveFailure(4, "b", _changes); // the same failure told again: it does not lengthen the recovery
        rule.ObserveRow(5, [0.9, 0.9], _changes); // 2 + 3: still failed
        rule.ObserveRow(6, [0.9, 0.9], _changes);

        Assert.Equal(
            [PredictiveAlertChangeKind.Raised, PredictiveAlertChangeKind.Heightened, PredictiveAlertChangeKind.Raised], Kinds());
        Assert.Equal("b", _changes[2].Alert.Component);
        Assert.Equal(6, _changes[2].Alert.RaisedAtUnixMs);
    }

    [Fact]
    public void ObserveMaintenance_OfItsComponent_ClosesAndAStillHighProbabilityRaisesTheNext()
    {
        var rule = new PredictiveAlertRule(Pump, Label(10, 0, 0, "a", "b"), 0.5);
        rule.ObserveRow(0, [1, 1], _changes);
        rule.ObserveMaintenance(3, "b", _changes);
        rule.ObserveRow(3, [1, 1], _changes);

        Assert.Equal(
            [("a", PredictiveAlertChangeKind.Raised), ("b", PredictiveAlertChangeKind.Raised),
                ("b", PredictiveAlertChangeKind.ClosedByMaintenance), ("b", PredictiveAlertChangeKind.Raised)],
            _changes.Select(c => (c.Alert.Component, c.Kind)));
    }

    [Fact]
    public void ObserveFailure_ThatNamesNoComponent_ClosesAllAlerts()
    {
        var rule = new PredictiveAlertRule(Pump, Label(10, 0, 0, "a", "b"), 0.5);
        rule.ObserveRow(0, [1, 1], _changes);
        rule.ObserveFailure(3, "", _changes);

        Assert.Null(rule.Open(0));
        Assert.Null(rule.Open(1));
    }

    [Fact]
    public void ObserveRow_TimeGoesBack_IsRefused()
    {
        var rule = new PredictiveAlertRule(Pump, Label(), 0.5);
        rule.ObserveRow(5, [0], _changes);

        Assert.Throws<ArgumentException>(() => rule.ObserveRow(4, [0], _changes));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Constructor_ThresholdOutsideProbability_IsRefused(double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictiveAlertRule(Pump, Label(), threshold));
}
