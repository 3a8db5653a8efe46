using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Features;
using Auspex.Features.Definitions;

namespace Auspex.Learning.Tests;

public class OperatingConditionFitTests
{
    private static readonly AssetSchema Schema = new(
        [
            new SignalDefinition("altitude", SignalKind.Continuous, "kft", SignalRole.OperatingSetting, []),
            new SignalDefinition("mach", SignalKind.Continuous, null, SignalRole.OperatingSetting, []),
            new SignalDefinition("tra", SignalKind.Continuous, null, SignalRole.OperatingSetting, []),
            new SignalDefinition("t24", SignalKind.Continuous, "°R", SignalRole.Reading, []),
            new SignalDefinition("nf_dmd", SignalKind.Continuous, "rpm", SignalRole.Reading, []),
        ],
        [], [], []);

    private static readonly AssetSchema Press = new(
        [
            new SignalDefinition("recipe", SignalKind.State, null, SignalRole.OperatingSetting, ["A", "B", "C"]),
            new SignalDefinition("force", SignalKind.Continuous, "kN", SignalRole.Reading, []),
        ],
        [], [], []);

    [Fact]
    public void Of_TwoRecipes_TellsMeanAndDeviationOfEach()
    {
        // Recipe A: 31 times 9 and 11; B: 29 frames only, too few; C does not occur.
        double[] recipe = [.. Enumerable.Repeat(0.0, 62), .. Enumerable.Repeat(1.0, 29), double.NaN];
        double[] force = [.. Enumerable.Range(0, 62).Select(i => i % 2 == 0 ? 9.0 : 11.0), .. Enumerable.Range(0, 29).Select(i => 50 + (i % 2)), 30];
        var notes = new List<string>();
        (OperatingConditions? conditions, _) = OperatingConditionFit.Of(Press, new HashSet<string>(), [History("a", recipe, force)], long.MaxValue, null, notes);

        Assert.Equal([("recipe", "A"), ("recipe", "B")], conditions!.Settings.Select(setting => (setting.Signal, setting.State!)));
        int a = conditions.Conditions.ToList().FindIndex(condition => condition.Centre[0] > 0.5);
        ConditionReading reading = Assert.Single(conditions.Readings);
        Assert.Equal(10, reading.Means[a]!.Value, 9);
        Assert.Equal(Math.Sqrt(62.0 / 61), reading.Deviations[a], 9);
        Assert.Null(reading.Means[1 - a]);
        Assert.Equal("Readings are taken relative to their operating condition: 2 conditions of recipe explain 100 % of the readings' variance.", Assert.Single(notes));
    }

    [Fact]
    public void Of_SettingsThatExplainNothing_AreNotUsed()
    {
        var random = new Random(5);
        AssetHistory engine = Engine("a", 300, random, (_, _) => (random.NextDouble() * 0.004) - 0.002, _ => 640 + random.NextDouble());
        var notes = new List<string>();

        Assert.Null(Fit([engine], notes).Conditions);
        Assert.Matches("^Readings are taken as they are: [2-8] conditions of altitude, mach, tra explain [01] % of the readings' variance, less than 50 %.$", Assert.Single(notes));
        Assert.NotNull(Fit([engine], notes, asked: true).Conditions);
    }

    [Fact]
    public void Of_AskedNever_IsNever() => Assert.Null(Fit([Flights("a", 200, 1)], [], asked: false).Conditions);

    [Fact]
    public void Of_TooFewFrames_SaysSo()
    {
        var notes = new List<string>();

        Assert.Null(Fit([Flights("a", 20, 1)], notes).Conditions);
        Assert.Contains("20 training frames", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FramesAfterWhatIsKnown_AreNotLookedAt()
    {
        AssetHistory flights = Flights("a", 1000, 1);
        AssetHistory head = new(flights.Asset, flights.TimesUnixMs[..600], [.. flights.Values.Select(v => v[..600])], [], []);

        Assert.Equal(
            Definition(Fit([head], []).Conditions!).Hash,
            Definition(OperatingConditionFit.Of(Schema, new HashSet<string>(), [flights], flights.TimesUnixMs[599], null, []).Conditions!).Hash);
    }

    // A reading that follows the regime by tens of degrees and wear by two: its window means tell the regimes of late, not the wear.
    [Fact]
    public void Of_SixFlightRegimes_MakesUselessWindowsTellTheWear()
    {
        AssetHistory[] training = [.. Enumerable.Range(0, 8).Select(i => Flights($"e{i}", 250, i))];
        AssetHistory[] unseen = [.. Enumerable.Range(0, 8).Select(i => Flights($"t{i}", 250, 100 + i))];
        var notes = new List<string>();
        (OperatingConditions? conditions, IReadOnlyList<string> constant) = Fit(training, notes);

        Assert.Equal(6, conditions!.Conditions.Count);
        Assert.Equal(["nf_dmd"], constant);
        Assert.Equal("t24", Assert.Single(conditions.Readings).Signal);
        Assert.StartsWith("Readings are taken relative to their operating condition: 6 conditions", Assert.Single(notes), StringComparison.Ordinal);

        FeatureDefinition relative = Definition(conditions);
        FeatureDefinition asTheyAre = Definition(null);
        Assert.InRange(unseen.Average(engine => CorrelationWithAge(asTheyAre, engine)), -0.2, 0.2);
        Assert.All(unseen, engine => Assert.InRange(CorrelationWithAge(relative, engine), 0.9, 1));
    }

    private static (OperatingConditions? Conditions, IReadOnlyList<string> Constant) Fit(AssetHistory[] training, List<string> notes, bool? asked = null) =>
        OperatingConditionFit.Of(Schema, new HashSet<string>(), training, long.MaxValue, asked, notes);

    private static FeatureDefinition Definition(OperatingConditions? conditions) => FeatureDefinition.Build(
        Schema, new FeatureOptions([], [TimeSpan.FromHours(15)], RunningAge: false) { Conditions = conditions });

    private static double CorrelationWithAge(FeatureDefinition definition, AssetHistory history)
    {
        FeatureMatrix features = FeatureMatrix.Of(FeaturePlan.Of(definition), history);
        int column = definition.Names.ToList().IndexOf("t24_rolling_54000s_mean");
        double[] x = [.. Enumerable.Range(15, history.Count - 15).Select(row => features.Row(row)[column])];
        double[] y = [.. Enumerable.Range(15, history.Count - 15).Select(row => (double)row)];
        double products = x.Zip(y).Sum(pair => (pair.First - x.Average()) * (pair.Second - y.Average()));
        return products / Math.Sqrt(x.Sum(v => Math.Pow(v - x.Average(), 2)) * y.Sum(v => Math.Pow(v - y.Average(), 2)));
    }

    private static AssetHistory Flights(string name, int cycles, int seed)
    {
        var random = new Random(seed);
        int[] regimes = [.. Enumerable.Range(0, cycles).Select(_ => random.Next(6))];
        return Engine(name, cycles, random,
            (cycle, setting) => ConditionClustersTests.FlightRegimes[regimes[cycle]][setting] + (0.002 * random.NextDouble()),
            cycle => 640 - (15 * regimes[cycle]) + (2.0 * cycle / cycles) + (0.5 * random.NextDouble()),
            cycle => 2388 - (100 * regimes[cycle]));
    }

    private static AssetHistory Engine(
        string name, int cycles, Random random, Func<int, int, double> setting, Func<int, double> reading, Func<int, double>? demand = null) => History(
        name,
        [.. Enumerable.Range(0, cycles).Select(cycle => setting(cycle, 0))],
        [.. Enumerable.Range(0, cycles).Select(cycle => setting(cycle, 1))],
        [.. Enumerable.Range(0, cycles).Select(cycle => setting(cycle, 2))],
        [.. Enumerable.Range(0, cycles).Select(reading)],
        [.. Enumerable.Range(0, cycles).Select(demand ?? (_ => 2388 + random.NextDouble()))]);

    private static AssetHistory History(string name, params double[][] values) =>
        new(new AssetId(name), [.. Enumerable.Range(1, values[0].Length).Select(hour => hour * Plants.Hour)], values, [], []);
}
