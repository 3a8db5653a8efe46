using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Deploy;

/// <summary>Trained models beside each other, as <c>auspex train --champion</c> puts them.</summary>
[Collection("LightGBM")]
public sealed class ChampionTests
{
    private const int Hours = 300;
    private const int Apart = 60;
    private const int Horizon = 10;

    private static readonly TrainingOptions Options = new() { Threads = 2, LiveBudgetTrees = 40, Patience = 10, FoldCount = 3 };

    private enum Second
    {
        Noise,
        ToldByTheFailure,
    }

    [Fact]
    public void Compare_BetterWorseAndEqual_OnlyTheBetterIsPromoted()
    {
        (TrainedModel blind, TrainedModel seeing) = (Train(Plant(sees: false)), Train(Plant(sees: true)));

        PromotionVerdict better = Compare(Plant(sees: true), seeing, blind);
        PromotionVerdict worse = Compare(Plant(sees: true), blind, seeing);
        PromotionVerdict equal = Compare(Plant(sees: true), seeing, seeing);

        Assert.True(better.Promote, better.Reason);
        Assert.Equal(PromotionQuality.ThresholdMet, better.Quality);
        Assert.Equal(("plant-failure v1.0.0", "cost", 12), (better.Champion, better.Measure, better.Units));
        Assert.Equal(60, better.Events); // 12 machines of 5 failures
        Assert.Equal((false, PromotionQuality.Poor), (worse.Promote, worse.Quality));
        Assert.Equal((better.ChampionFigure, false), (equal.Promote ? null : better.ChampionFigure, equal.Promote));
        Assert.StartsWith("It is no better: cost ", equal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_BetterOnlyThroughALeak_IsRefusedByName()
    {
        Dataset leaking = Plant(sees: false, Second.ToldByTheFailure);
        TrainedModel candidate = Train(leaking);
        TrainedModel champion = Train(Plant(sees: false));

        PromotionVerdict verdict = Compare(leaking, candidate, champion);

        Assert.Equal((false, PromotionQuality.Poor), (verdict.Promote, verdict.Quality));
        Assert.StartsWith("It may be better only by what it cannot know in use: s1 looks like a leak", verdict.Reason, StringComparison.Ordinal);
        // By its figures alone it would have been promoted.
        Assert.True(Compare(leaking, candidate with { Leaks = [] }, champion).Promote);
    }

    [Fact]
    public void Compare_TooFewFailures_CannotBeDetermined()
    {
        Dataset quiet = Plant(sees: true, failing: machine => machine is < 13);
        TrainedModel seeing = Train(quiet);

        PromotionVerdict verdict = Compare(quiet, seeing, Train(Plant(sees: false)));

        Assert.Equal((false, PromotionQuality.CannotDetermine), (verdict.Promote, verdict.Quality));
        Assert.StartsWith("Cannot judge this: ", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(5, verdict.Events); // of one machine
    }

    [Fact]
    public void Compare_RowsThatOneLearnedFrom_AreNotCompared()
    {
        TrainedModel knowsAll = Train(Plant(sees: false), Options with { KeepTest = false });
        TrainedModel seeing = Train(Plant(sees: true));

        PromotionVerdict champion = Compare(Plant(sees: true), seeing, knowsAll);
        PromotionVerdict candidate = Compare(Plant(sees: true), knowsAll, seeing);

        Assert.Equal((false, PromotionQuality.CannotDetermine), (champion.Promote, champion.Quality));
        Assert.StartsWith("There is too little that neither learned from: 0 assets", champion.Reason, StringComparison.Ordinal);
        Assert.Equal((false, PromotionQuality.Poor), (candidate.Promote, candidate.Quality));
        Assert.StartsWith("Its own figures come from rows it learned from, as by a random split: 24 of 24 assets of its test, among them 'm00'.", candidate.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_ByTime_DrawsStretchesAndKeepsAGapBehindWhatEitherKnew()
    {
        Dataset ByTime(bool sees, int at) => Plant(sees, machines: 6) is var plant
            ? plant with { Description = plant.Description with { Split = new SplitSettings { At = $"1970-01-{at:00}T00:00:00Z" } } }
            : null!;
        TrainedModel seeing = Train(ByTime(true, 6)); // knows 120 h
        TrainedModel blind = Train(ByTime(false, 6));
        TrainedModel later = Train(ByTime(false, 10)); // knows 216 h

        PromotionVerdict verdict = Compare(ByTime(true, 6), seeing, blind);
        PromotionVerdict shorter = Compare(ByTime(true, 6), seeing, later);

        Assert.True(verdict.Promote, verdict.Reason);
        // 6 machines from 130 h to 300 h in stretches of 100 h: the rest of the second, and the third; with the failure of 300.5 h behind the last row the fourth.
        Assert.Contains("stretches of 100h", verdict.Reason, StringComparison.Ordinal);
        Assert.InRange(verdict.Units, 12, 18);
        Assert.True(shorter.Events < verdict.Events, $"{shorter.Events} of {verdict.Events}");
    }

    [Fact]
    public void Compare_OtherHorizon_TellsDifferentThings()
    {
        TrainedModel ten = Train(Plant(sees: true));
        Dataset plant = Plant(sees: true);
        TrainedModel twenty = Train(plant with { Description = plant.Description with { Labels = plant.Description.Labels with { Horizon = "20h" } } });

        PromotionVerdict verdict = Compare(plant, ten, twenty);

        Assert.Equal((false, PromotionQuality.CannotDetermine), (verdict.Promote, verdict.Quality));
        Assert.Equal("The two tell different things: failures within 10h and within 20h. Train with the same horizon.", verdict.Reason);
    }

    [Fact]
    public void Compare_Lives_AreComparedAssetByAsset()
    {
        TrainedModel Life(bool sees) => Train(Plant(sees), Options, PredictionTask.RemainingUsefulLife);
        (TrainedModel blind, TrainedModel seeing) = (Life(false), Life(true));

        PromotionVerdict better = Compare(Plant(sees: true), seeing, blind);
        PromotionVerdict worse = Compare(Plant(sees: true), blind, seeing);

        Assert.True(better.Promote, better.Reason);
        Assert.Equal(("rmse", 12, 12), (better.Measure, better.Units, better.Events));
        Assert.InRange(better.CandidateFigure!.Value, 0, 10); // noise of 10 in 60 hours
        Assert.InRange(better.ChampionFigure!.Value, 13, 25); // standard deviation of lives that are alike from 0 to 60: 17
        Assert.Equal((false, PromotionQuality.Poor), (worse.Promote, worse.Quality));
        Assert.Throws<DatasetException>(() => Compare(Plant(sees: true), seeing, Train(Plant(sees: true))));
    }

    private static TrainedModel Train(Dataset dataset, TrainingOptions? options = null, PredictionTask task = PredictionTask.Failure) =>
        new LearningPipeline(TimeProvider.System, _ => { }).Train(dataset, task, null, null, options ?? Options, TestContext.Current.CancellationToken);

    private static PromotionVerdict Compare(Dataset dataset, TrainedModel candidate, TrainedModel champion) =>
        new LearningPipeline(TimeProvider.System, _ => { }).Compare(dataset, candidate, dataset, champion.Package, Options, TestContext.Current.CancellationToken);

    // Machines that fail every 60 hours. The first signal is the wear with noise, or noise alone to who does not see it; the second is noise, or is switched on
    // by what will fail: exactly one horizon before it does.
    private static Dataset Plant(bool sees, Second second = Second.Noise, Func<int, bool>? failing = null, int machines = 24) => Of(
        new LabelSettings { Horizon = $"{Horizon}h", LifeCap = Apart },
        new SplitSettings { TestAssets = [.. Enumerable.Range(machines / 2, machines - (machines / 2)).Select(Name)] },
        [
            .. Enumerable.Range(0, machines).Select(machine =>
            {
                var random = new Random(machine);
                double[] noise = [.. Enumerable.Range(0, Hours).Select(_ => random.NextDouble())];
                AssetEvent[] failures = failing?.Invoke(machine) == false ? [] : [.. Enumerable.Range(1, Hours / Apart).Select(i => Failure(Name(machine), (i * Apart) + 0.5))];
                double First(int hour) => sees && failures.Length > 0 ? (hour % Apart) + (10 * noise[hour]) : 60 * noise[hour];
                double Told(int hour) => failures.Any(failure => failure.TimeUnixMs > hour * Hour && failure.TimeUnixMs <= (hour + Horizon) * Hour) ? 1 : 0;
                return new DatasetAsset(
                    History(Name(machine), Enumerable.Range(0, Hours), [First, hour => second == Second.Noise ? noise[hour * 7 % Hours] : Told(hour)], failures),
                    DatasetPart.Unassigned);
            }),
        ],
        new FeatureSettings { Lags = [], Windows = ["3h"], RunningAge = false });

    private static string Name(int machine) => $"m{machine:00}";
}
