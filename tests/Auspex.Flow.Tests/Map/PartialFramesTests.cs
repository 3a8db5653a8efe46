using Auspex.Core.Assets;
using Auspex.Flow.Map;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests.Map;

public class PartialFramesTests
{
    private static readonly AssetId Oven = new("oven");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_PartOfWhatIsStoredComesAgain_TakesTheWholesPlaceNever()
    {
        await using LineFixture plant = await LineFixture.StartAsync();
        await plant.SayAsync(("heat", 70), ("load", 3));
        await plant.SayAsync(("heat", 70));
        await plant.SayAsync(("load", 3));

        Assert.Equal([("heat", 70.0), ("load", 3.0)], await plant.StoredAsync());
        Assert.Single(await plant.Telemetry.RevisionsAsync(LineFixture.Organization, Oven, 1_000, Ct));
    }

    [Fact]
    public async Task Append_PartsOneAfterTheOther_AddUp()
    {
        await using LineFixture plant = await LineFixture.StartAsync();
        await plant.SayAsync(("heat", 70));
        await plant.SayAsync(("load", 3));
        await plant.SayAsync(("heat", 71));

        Assert.Equal([("heat", 71.0), ("load", 3.0)], await plant.StoredAsync());
    }

    [Fact]
    public async Task Append_JoiningWasCutOff_IsJoinedWhenItComesAgain()
    {
        await using LineFixture plant = await LineFixture.StartAsync();
        await plant.SayAsync(("heat", 70));
        await plant.Telemetry.AppendAsync(LineFixture.Organization, [FrameOf(("load", 3))], Ct); // stored, and the process died before it joined
        await plant.SayAsync(("load", 3));

        Assert.Equal([("heat", 70.0), ("load", 3.0)], await plant.StoredAsync());
    }

    internal static Frame FrameOf(params (string Signal, double Value)[] said) => new(Oven, 1_000, 2_000, [.. said.Select(one => one.Signal)], [.. said.Select(one => one.Value)]);
}

file static class Plants
{
    internal static Task SayAsync(this LineFixture plant, params (string Signal, double Value)[] said) =>
        PartialFrames.AppendAsync(plant.Telemetry, LineFixture.Organization, [PartialFramesTests.FrameOf(said)], TestContext.Current.CancellationToken);

    internal static async Task<IEnumerable<(string Signal, double Value)>> StoredAsync(this LineFixture plant)
    {
        Frame last = (await plant.Telemetry.RevisionsAsync(LineFixture.Organization, new AssetId("oven"), 1_000, TestContext.Current.CancellationToken))[^1];
        return last.Signals.Zip(last.Values).OrderBy(one => one.First, StringComparer.Ordinal);
    }
}
