using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Train;
using Auspex.Native.LightGbm;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Train;

[Collection("LightGBM")]
public sealed class HyperparameterSearchTests
{
    private static readonly TrainingOptions Options = new() { Threads = 2, FoldCount = 3, MaxIterations = 40, Patience = 10, LiveBudgetTrees = null };

    [Fact]
    public void Run_NineTrials_AreHalvedByThreeAndTheBestOfTheLastRungWins()
    {
        (Hyperparameters found, List<SearchTrial> tried) = Search(new SearchLimits(9), Options);

        Assert.Equal(Enumerable.Range(0, 9), tried.Select(trial => trial.Number).Order()); // each is told of once
        SearchTrial[] last = [.. tried.Where(trial => trial.Rungs == 2)];
        Assert.InRange(last.Length, 3, 4); // the best third, and the defaults where they are not of it
        Assert.Contains(last, trial => trial.Number == 0);
        Assert.Equal(last, tried.Where(trial => trial.IsFinal));
        Assert.Equal(9 - last.Length, tried.Count(trial => trial.Rungs == 1));
        Assert.Equal(last.MinBy(trial => trial.Loss)!.Hyperparameters, found);
        Assert.True(last.Min(trial => trial.Loss) <= last.Single(trial => trial.Number == 0).Loss); // never worse than the defaults
        Assert.Equal(9, tried.Select(trial => trial.Hyperparameters).Distinct().Count());
        Assert.All(tried, trial => Assert.True(double.IsFinite(trial.Loss) && trial.Seconds >= 0));
    }

    [Fact]
    public void Run_Seed_DecidesEveryTrialAndLoss()
    {
        (Hyperparameters first, List<SearchTrial> tried) = Search(new SearchLimits(5), Options);
        (Hyperparameters again, List<SearchTrial> same) = Search(new SearchLimits(5), Options with { Threads = 1 });
        (_, List<SearchTrial> other) = Search(new SearchLimits(5), Options with { Seed = 2 });

        Assert.Equal(first, again);
        Assert.Equal(tried.Select(Outcome), same.Select(Outcome));
        Assert.NotEqual(tried.Select(trial => trial.Hyperparameters).ToHashSet(), [.. other.Select(trial => trial.Hyperparameters)]);

        static (int, Hyperparameters, int, double, bool) Outcome(SearchTrial trial) => (trial.Number, trial.Hyperparameters, trial.Rungs, trial.Loss, trial.IsFinal);
    }

    [Fact]
    public void Run_TimeIsUp_BeginsNoNewTrialAndStillFinds()
    {
        var clock = new SteppingClock();
        (Hyperparameters found, List<SearchTrial> tried) = Search(new SearchLimits(9, TimeSpan.FromSeconds(2)), Options, clock);

        Assert.Equal(Enumerable.Range(0, 9), tried.Select(trial => trial.Number).Order());
        Assert.InRange(tried.Count(trial => trial.Rungs == 0), 5, 8); // what was not begun is told of too
        Assert.Equal(found, tried.Where(trial => trial.IsFinal).MinBy(trial => trial.Loss)!.Hyperparameters);
    }

    [Fact]
    public void Run_ChosenOptions_StayInEveryTrial()
    {
        TrainingOptions options = Options with
        {
            LiveBudgetTrees = 100,
            Hyperparameters = new Hyperparameters { Boosting = LightGbmBoosting.RandomForest, ScalePosWeight = 3 },
        };

        (_, List<SearchTrial> tried) = Search(new SearchLimits(12), options);

        Assert.All(tried, trial => Assert.Equal((LightGbmBoosting.RandomForest, 3.0), (trial.Hyperparameters.Boosting, trial.Hyperparameters.ScalePosWeight)));
        Assert.All(tried, trial => Assert.InRange(trial.Hyperparameters.BaggingFraction, 0.1, 0.9)); // else its trees would be alike
        Assert.All(tried, trial => Assert.InRange(trial.Hyperparameters.NumLeaves, 2, 31)); // the leaves that the budget is counted in
    }

    [Fact]
    public void Run_Tables_AreAskedForOncePerWindowScaleOfARung()
    {
        var scales = new List<double>();
        Search(new SearchLimits(9), Options, scale: scales.Add);

        Assert.Equal(1, scales[0]); // the defaults come first
        Assert.InRange(scales.Count, 2, 6); // at most 3 scales in each of 2 rungs
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_001)]
    public void Run_NumberOfTrialsOutOfRange_Throws(int trials) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Search(new SearchLimits(trials), Options));

    [Fact]
    public void Run_Cancelled_Throws() => Assert.ThrowsAny<OperationCanceledException>(() => Searcher(Options, TimeProvider.System, _ => { })
        .Run(new SearchLimits(3), _ => { }, _ => { }, new CancellationToken(canceled: true)));

    private static (Hyperparameters Found, List<SearchTrial> Tried) Search(
        SearchLimits limits, TrainingOptions options, TimeProvider? clock = null, Action<double>? scale = null)
    {
        var tried = new List<SearchTrial>();
        Hyperparameters found = Searcher(options, clock ?? TimeProvider.System, scale ?? (_ => { }))
            .Run(limits, tried.Add, _ => { }, TestContext.Current.CancellationToken);
        return (found, tried);
    }

    private static HyperparameterSearch Searcher(TrainingOptions options, TimeProvider clock, Action<double> asked) => new(
        scale =>
        {
            asked(scale);
            return Table();
        },
        table => Folds.Of(table, options.FoldCount, TimeSpan.FromHours(4)), PredictionTask.Failure, options, clock);

    private static TrainingTable Table()
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 9 * 60 * 3).Select(_ => random.NextDouble())];
        int rows = values.Length / 3;
        return new TrainingTable(["a", "b", "c"], values, [.. Enumerable.Range(0, rows).Select(row => new AssetId($"m{row / 60}"))],
            [.. Enumerable.Range(0, rows).Select(row => row % 60 * Hour)],
            [[.. Enumerable.Range(0, rows).Select(row => values[row * 3] + (0.3 * values[(row * 3) + 1]) > 0.8 ? 1f : 0)]]);
    }

    // A second passes whenever it is asked.
    private sealed class SteppingClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
