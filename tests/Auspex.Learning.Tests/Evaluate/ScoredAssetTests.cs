using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class ScoredAssetTests
{
    private static readonly AssetPredictions Predictions = new(new AssetId("a"), [.. Enumerable.Range(0, 20).Select(hour => hour * Hour)],
        [[.. Enumerable.Range(0, 20).Select(hour => hour is 3 or 4 or 15 ? 0.9 : 0.1)]]);

    [Fact]
    public void OfFailure_Alerts_AreThoseOfTheRule()
    {
        AssetEvent[] events = [Failure("a", 5), Maintenance("a", 17)];
        var scored = ScoredAsset.OfFailure(Predictions, events, [], FailureLabel(4), 0.85);

        Assert.Equal(PredictiveAlertRule.Replay(Predictions.Asset, Predictions.TimesUnixMs, Predictions.Probabilities, events, 19 * Hour, FailureLabel(4), 0.85), scored.Raised);
        Assert.Equal([3 * Hour, 15 * Hour], scored.Raised.Select(alert => alert.RaisedAtUnixMs));
        Assert.All(scored.Raised, alert => Assert.Equal(PredictiveAlertOutcome.Open, alert.Outcome));
    }

    [Theory]
    [InlineData(0.849999, false)]
    [InlineData(0.85, true)]
    [InlineData(0.850001, true)]
    public void OfFailure_AtTheThreshold_IsRaisedInBatchAsInAStream(double probability, bool raised)
    {
        var asset = new AssetPredictions(new AssetId("a"), [0, Hour], [[0.1, probability]]);
        var stream = new PredictiveAlertRule(asset.Asset, FailureLabel(4), 0.85);
        var changes = new List<PredictiveAlertChange>();
        stream.ObserveRow(0, [0.1], changes);
        stream.ObserveRow(Hour, [probability], changes);

        Assert.Equal(raised ? 1 : 0, ScoredAsset.OfFailure(asset, [], [], FailureLabel(4), 0.85).Raised.Count);
        Assert.Equal(raised, changes.Count > 0);
        Assert.Equal(raised, PredictiveAlertRule.IsMet(probability, 0.85));
    }

    [Fact]
    public void OfFailure_EventsAfterTheLastRow_AreNotLookedAt()
    {
        var known = ScoredAsset.OfFailure(Predictions, [], [], FailureLabel(40), 0.85);
        var future = ScoredAsset.OfFailure(Predictions, [Failure("a", 19.5)], [], FailureLabel(40), 0.85);

        Assert.Equal(known.Raised, future.Raised);
        Assert.Null(Assert.Single(future.Raised).ClosedAtUnixMs);
    }

    [Fact]
    public void OfFailure_RowsWhileFailed_RaiseNothing()
    {
        var scored = ScoredAsset.OfFailure(Predictions, [], [new FailedSpan("", 3 * Hour, 4 * Hour)], FailureLabel(4), 0.85);

        Assert.Equal(15 * Hour, Assert.Single(scored.Raised).RaisedAtUnixMs);
        Assert.Equal(20, scored.TimesUnixMs.Length);
    }

    [Fact]
    public void OfFailure_NoRows_HasNoAlert() =>
        Assert.Empty(ScoredAsset.OfFailure(new AssetPredictions(new AssetId("a"), [], [[]]), [Failure("a", 1)], [], FailureLabel(4), 0.5).Raised);
}
