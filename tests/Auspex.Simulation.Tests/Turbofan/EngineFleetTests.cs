using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Simulation.Turbofan;

namespace Auspex.Simulation.Tests.Turbofan;

public sealed class EngineFleetTests
{
    private static readonly EngineFleetOptions Options = new() { Seed = 3, Engines = 40 };

    private static readonly EngineFleet Fleet = new(Options);
    private static readonly SimulatedPlant Plant = Fleet.History(Options.Start + EngineFleet.LongestHistory);

    [Fact]
    public void History_ToTheEnd_EveryEngineIsRemovedOnceAtItsLastFlight()
    {
        Assert.Equal(40, Fleet.Truth.Failures.Count);
        Assert.All(Plant.Assets, asset =>
        {
            AssetEvent removal = asset.Events.Single(happened => happened.Kind == AssetEventKind.Failure);
            Assert.True(asset.TimesUnixMs[^1] <= removal.TimeUnixMs);
            Assert.True(removal.TimeUnixMs - asset.TimesUnixMs[^1] <= 3 * 8 * 3_600_000, "at most a few lost frames before the end");
        });
        int[] lives = [.. Plant.Assets.Select(asset => asset.Count).Order()];
        Assert.True(lives[0] > 60 && lives[^1] > 1.5 * lives[0] && lives[lives.Length / 2] is > 120 and < 330,
            string.Join(' ', lives));
    }

    [Fact]
    public void Fly_EveryEngine_DamageNeverFallsAndLifeRunsDownByOneAFlight()
    {
        foreach (int number in Enumerable.Range(0, 20))
        {
            var engine = new TurbofanEngine(new AssetId("engine"), Options, new SeededRandom(7, number));
            double before = 0, beforeOnset = 0;
            int flights = 0;
            while (!engine.IsRemoved)
            {
                engine.Fly(8 * 3600, out _);
                Assert.True(engine.Damage >= before);
                before = engine.Damage;
                beforeOnset = engine.Cycle == engine.OnsetCycle - 1 ? engine.Damage : beforeOnset;
                Assert.Equal(++flights, engine.Cycle);
            }

            Assert.True(beforeOnset < 0.35, string.Create(CultureInfo.InvariantCulture, $"{beforeOnset:0.00} of the margin was gone before the onset"));
        }
    }

    [Fact]
    public void History_HotEnd_IsHotterThanItsBeginningUnderEachCondition()
    {
        int t50 = Index("t50"), altitude = Index("altitude");
        int hotter = 0, compared = 0;
        foreach (AssetHistory asset in Plant.Assets)
        {
            foreach (double feet in (double[])[0, 10_000, 20_000, 25_000, 35_000, 42_000])
            {
                double early = Mean(asset, 0, 60, feet), late = Mean(asset, asset.Count - 15, asset.Count, feet);
                if (double.IsFinite(early) && double.IsFinite(late))
                {
                    compared++;
                    hotter += late > early ? 1 : 0;
                }
            }
        }

        Assert.True(hotter > 0.9 * compared, $"{hotter} of {compared}");

        double Mean(AssetHistory asset, int from, int to, double feet) => Enumerable.Range(from, to - from)
            .Where(row => Math.Abs(asset.Values[altitude][row] - feet) < 100)
            .Select(row => asset.Values[t50][row]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
    }

    [Fact]
    public void History_EqualOptions_GiveEqualFleets()
    {
        SimulatedPlant again = new EngineFleet(Options).History(Options.Start + EngineFleet.LongestHistory);

        Assert.Equal(Plant.Assets.SelectMany(asset => asset.Values), again.Assets.SelectMany(asset => asset.Values));
        Assert.Equal(Plant.Failures, again.Failures);
    }

    [Fact]
    public void Washes_AreRecordedInEveryLife() =>
        Assert.All(Plant.Assets, asset => Assert.Contains(asset.Events, happened => happened.Kind == AssetEventKind.Maintenance));

    private static int Index(string name) => EngineFleet.Fleet.Signals.Select((signal, i) => (signal.Name, i)).Single(pair => pair.Name == name).i;
}
