using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Core.Tests.Failures;

public class FailureEpisodesTests
{
    private static readonly AssetId Pump = new("pump");

    private static LabelDefinition Label(int recoveryMs, params string[] components) => new(
        PredictionTask.Failure, TimeSpan.FromMilliseconds(100), TimeSpan.Zero, TimeSpan.FromMilliseconds(recoveryMs), components, null, null, null);

    private static AssetEvent Failure(long at, string component) => new(Pump, at, AssetEventKind.Failure, component);

    [Fact]
    public void Of_EventsWithinRecoveryOfTheStart_AreOneFailure()
    {
        // 10 starts; 20 = start + recovery belongs to it; 21 does not, although it is within recovery of the event before it.
        IReadOnlyList<FailureEpisode> episodes =
            FailureEpisodes.Of(Pump, [Failure(21, "a"), Failure(20, "a"), Failure(10, "a")], Label(10, "a"));

        Assert.Equal([new FailureEpisode(Pump, "a", 10, 20), new FailureEpisode(Pump, "a", 21, 31)], episodes);
    }

    [Fact]
    public void Of_OtherComponentAtTheSameTime_IsAFailureOfItsOwn() =>
        Assert.Equal(["a", "b"], FailureEpisodes.Of(Pump, [Failure(5, "b"), Failure(5, "a")], Label(10, "a", "b")).Select(e => e.Component));

    [Fact]
    public void Of_LabelThatTellsNoComponentsApart_JoinsAllNames() =>
        Assert.Equal([new FailureEpisode(Pump, "a", 5, 15)], FailureEpisodes.Of(Pump, [Failure(7, "b"), Failure(5, "a")], Label(10)));

    [Fact]
    public void Of_NoRecovery_JoinsOnlyTheSameInstant() =>
        Assert.Equal([5L, 6L], FailureEpisodes.Of(Pump, [Failure(5, "a"), Failure(5, "a"), Failure(6, "a")], Label(0, "a")).Select(e => e.StartUnixMs));

    [Fact]
    public void Of_MaintenanceAndErrors_ArePassedOver() =>
        Assert.Empty(FailureEpisodes.Of(
            Pump, [new(Pump, 1, AssetEventKind.Maintenance, "a"), new(Pump, 2, AssetEventKind.Error, "a")], Label(0, "a")));

    [Fact]
    public void Of_EventOfAnotherAsset_IsRefused() =>
        Assert.Throws<ArgumentException>(() => FailureEpisodes.Of(new AssetId("fan"), [Failure(1, "a")], Label(0)));

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void Contains_RecoveryOf10_IsFailedFromStartToEndInclusive(long time, bool failed) =>
        Assert.Equal(failed, new FailedPeriods([new(Pump, "a", 10, 20)]).Contains(time));

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void Contains_NoRecovery_IsFailedAtTheInstantOnly(long time, bool failed) =>
        Assert.Equal(failed, new FailedPeriods([new(Pump, "a", 10, 10)]).Contains(time));

    [Fact]
    public void Contains_ManyEpisodes_EqualsAskingEachOfThem()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            FailureEpisode[] episodes = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(60))
                .Select(start => new FailureEpisode(Pump, "a", start, start + random.Next(12)))];
            var periods = new FailedPeriods(episodes);

            for (int t = -1; t < 80; t++)
            {
                Assert.Equal(episodes.Any(e => e.StartUnixMs <= t && t <= e.EndUnixMs), periods.Contains(t));
            }
        }
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", "A", false)]
    [InlineData("", "b", true)]
    [InlineData("a", "", true)]
    public void Concerns_UnnamedOnEitherSide_MatchesAll(string alert, string happened, bool concerns) =>
        Assert.Equal(concerns, FailureMatch.Concerns(alert, happened));
}
