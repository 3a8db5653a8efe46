using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Core.Tests.Predictions;

public class AlertSettlementTests
{
    private static readonly AssetId Pump = new("pump");
    private static readonly LabelDefinition Label = new(PredictionTask.Failure, TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMilliseconds(20), TimeSpan.Zero, ["a", "b"], null, null, null);

    private static PredictiveAlert Alert(long raised, string component = "a", long? closed = null) =>
        new(Pump, component, raised, 0.9, 0.9, closed, PredictiveAlertOutcome.Open, null, null);

    private static FailureEpisode Failure(long start, string component = "a") => new(Pump, component, start, start);

    private static AssetEvent Maintenance(long at, string component = "a") => new(Pump, at, AssetEventKind.Maintenance, component);

    // Raised at 1000: the horizon ends at 1100, the grace at 1120.
    [Theory]
    [InlineData(1000, PredictiveAlertOutcome.False, null)] // at the raise: not after it
    [InlineData(1001, PredictiveAlertOutcome.Hit, 1L)]
    [InlineData(1100, PredictiveAlertOutcome.Hit, 100L)]
    [InlineData(1101, PredictiveAlertOutcome.Late, 101L)]
    [InlineData(1120, PredictiveAlertOutcome.Late, 120L)]
    [InlineData(1121, PredictiveAlertOutcome.False, null)]
    public void Settle_FailureAroundTheEdges_IsHitLateOrFalse(long start, PredictiveAlertOutcome outcome, long? lead)
    {
        PredictiveAlert settled = AlertSettlement.Settle(Alert(1000), [Failure(start)], [], 2000, Label);

        Assert.Equal((outcome, lead, lead is null ? null : (long?)start), (settled.Outcome, settled.LeadTimeMs, settled.FailureStartUnixMs));
    }

    [Theory]
    [InlineData(1000, PredictiveAlertOutcome.False)]
    [InlineData(1001, PredictiveAlertOutcome.Averted)]
    [InlineData(1120, PredictiveAlertOutcome.Averted)]
    [InlineData(1121, PredictiveAlertOutcome.False)]
    public void Settle_MaintenanceAroundTheEdges_IsAvertedOrFalse(long at, PredictiveAlertOutcome outcome) =>
        Assert.Equal(outcome, AlertSettlement.Settle(Alert(1000), [], [Maintenance(at)], 2000, Label).Outcome);

    [Fact]
    public void Settle_FailureAfterMaintenance_IsAHitForNothingWasAverted() =>
        Assert.Equal(PredictiveAlertOutcome.Hit,
            AlertSettlement.Settle(Alert(1000), [Failure(1050)], [Maintenance(1010)], 2000, Label).Outcome);

    [Theory]
    [InlineData("b", PredictiveAlertOutcome.False)]
    [InlineData("", PredictiveAlertOutcome.Hit)]
    public void Settle_OtherOrUnnamedComponent_CountsOnlyUnnamed(string component, PredictiveAlertOutcome outcome) =>
        Assert.Equal(outcome, AlertSettlement.Settle(Alert(1000), [Failure(1050, component)], [], 2000, Label).Outcome);

    [Theory]
    [InlineData("b", PredictiveAlertOutcome.False)]
    [InlineData("", PredictiveAlertOutcome.Averted)]
    public void Settle_MaintenanceOfOtherOrUnnamedComponent_CountsOnlyUnnamed(string component, PredictiveAlertOutcome outcome) =>
        Assert.Equal(outcome, AlertSettlement.Settle(Alert(1000), [], [Maintenance(1050, component)], 2000, Label).Outcome);

    [Theory]
    [InlineData(1119, PredictiveAlertOutcome.Open)]
    [InlineData(1120, PredictiveAlertOutcome.False)]
    public void Settle_KnownUntilAroundTheEnd_IsUnsettledBefore(long knownUntil, PredictiveAlertOutcome outcome) =>
        Assert.Equal(outcome, AlertSettlement.Settle(Alert(1000), [], [], knownUntil, Label).Outcome);

    [Fact]
    public void Settle_FailureBeforeTheEndOfWhatIsKnown_IsAHitAtOnce() =>
        Assert.Equal(PredictiveAlertOutcome.Hit, AlertSettlement.Settle(Alert(1000), [Failure(1050)], [], 1050, Label).Outcome);

    [Fact]
    public void Settle_FailureAfterWhatIsKnown_IsNotLookedAt() =>
        Assert.Equal(PredictiveAlertOutcome.Open, AlertSettlement.Settle(Alert(1000), [Failure(1050)], [], 1049, Label).Outcome);

    // Failure at 1000: [900, 1000) counts.
    [Theory]
    [InlineData(899, FailureVerdict.Missed)]
    [InlineData(900, FailureVerdict.Caught)]
    [InlineData(999, FailureVerdict.Caught)]
    [InlineData(1000, FailureVerdict.Missed)]
    public void Judge_RaiseAroundTheEdges_IsCaughtInsideTheHorizon(long raised, FailureVerdict verdict)
    {
        FailureJudgement judged = Assert.Single(AlertSettlement.Judge([Failure(1000)], [Alert(raised)], [899, 900, 999, 1000], Label));

        Assert.Equal(verdict, judged.Verdict);
        Assert.Equal(verdict == FailureVerdict.Caught ? 1000 - raised : null, judged.LeadTimeMs);
    }

    [Theory]
    [InlineData(new long[] { 899, 1000 }, FailureVerdict.NotJudgeable)]
    [InlineData(new long[] { 900 }, FailureVerdict.Missed)]
    [InlineData(new long[] { 999 }, FailureVerdict.Missed)]
    [InlineData(new long[] { 1000, 1001 }, FailureVerdict.OutsidePeriod)]
    [InlineData(new long[] { 100, 899 }, FailureVerdict.OutsidePeriod)]
    [InlineData(new long[] { }, FailureVerdict.OutsidePeriod)]
    public void Judge_WithoutAlert_SaysWhetherAnyoneCouldHaveTold(long[] rows, FailureVerdict verdict) =>
        Assert.Equal(verdict, Assert.Single(AlertSettlement.Judge([Failure(1000)], [], rows, Label)).Verdict);

    [Fact]
    public void Judge_TwoAlerts_TakesTheFirstWarningAsLead() =>
        Assert.Equal(70, Assert.Single(AlertSettlement.Judge([Failure(1000)], [Alert(930, closed: 950), Alert(960)], [930], Label)).LeadTimeMs);

    [Theory]
    [InlineData(null, false)]
    [InlineData(1000L, false)]
    [InlineData(999L, true)]
    public void Judge_AlertClosedBeforeTheFailure_IsToldApart(long? closed, bool onlyByClosed) =>
        Assert.Equal(onlyByClosed,
            Assert.Single(AlertSettlement.Judge([Failure(1000)], [Alert(950, closed: closed)], [950], Label)).OnlyByClosedAlert);

    [Theory]
    [InlineData("a", "b", FailureVerdict.Missed)]
    [InlineData("a", "", FailureVerdict.Caught)]
    [InlineData("", "b", FailureVerdict.Caught)]
    public void Judge_Components_MustMeetWhereBothAreNamed(string alert, string failure, FailureVerdict verdict) =>
        Assert.Equal(verdict, Assert.Single(AlertSettlement.Judge([Failure(1000, failure)], [Alert(950, alert)], [950], Label)).Verdict);

    [Fact]
    public void Settle_HorizonOfZero_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            AlertSettlement.Settle(Alert(1), [], [], 1, Label with { Horizon = TimeSpan.Zero }));
}
