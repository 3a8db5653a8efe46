using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models.Trees;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Train.LightGbm;

[Collection("LightGBM")] // its fold workers are counted
public sealed class LightGbmTrainerTests
{
    [Fact]
    public void Train_OneTwoOrThreeThreads_GrowsTheSameTreesAndScores()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        TrainedTarget[] trained = [.. ((int[])[1, 2, 3]).Select(threads => Train(table, new TrainingOptions { Threads = threads, Patience = 10 }, 30))];

        Assert.All(trained[1..], other =>
        {
            Assert.Equal(TreesOf(trained[0]), TreesOf(other));
            Assert.Equal(trained[0].HeldOutScores, other.HeldOutScores);
            Assert.Equal(trained[0].Iterations, other.Iterations);
            Assert.Equal(trained[0].HeldOutLoss, other.HeldOutLoss);
        });
    }

    [Fact]
    public void Train_Seed_DecidesTheTrees()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        string first = TreesOf(Train(table, new TrainingOptions { Seed = 1, Threads = 2 }, 20));

        Assert.Equal(first, TreesOf(Train(table, new TrainingOptions { Seed = 1, Threads = 2 }, 20)));
        Assert.NotEqual(first, TreesOf(Train(table, new TrainingOptions { Seed = 2, Threads = 2 }, 20)));
    }

    [Theory]
    [InlineData(PredictionTask.Failure)]
    [InlineData(PredictionTask.RemainingUsefulLife)]
    public void Train_PlantedRule_IsLearned(PredictionTask task)
    {
        // The label is 1 (or 100) when the first of six features is above one half, else 0.
        TrainingTable table = Rule(assets: 10, rowsEach: 200, high: task == PredictionTask.Failure ? 1 : 100);

        TrainedTarget trained = Train(table, new TrainingOptions { Threads = 2 }, 150, task);
        TreeEnsemble ensemble = Mean(trained);

        var score = new double[1];
        foreach ((double x, bool high) in ((double, bool)[])[(0.1, false), (0.45, false), (0.55, true), (0.9, true)])
        {
            ensemble.Score([x, 0.5, 0.5, 0.5, 0.5, 0.5], score);
            double value = task == PredictionTask.Failure ? ModelOutputs.Probability(score[0]) : score[0] / 100;
            Assert.True(high ? value > 0.8 : value < 0.2, $"{x}: {value}");
        }

        int wrong = Enumerable.Range(0, table.Rows).Count(row =>
            (trained.HeldOutScores[row] > (task == PredictionTask.Failure ? 0 : 50)) != (table.Labels[0][row] > 0));
        Assert.InRange(wrong, 0, table.Rows / 20);
    }

    [Fact]
    public void Train_FeatureThatNamesTheAsset_IsOfNoUseHeldOut()
    {
        // Half of the assets fail always, half never, at random; the only feature says which asset it is. Who has seen an asset knows its labels.
        var random = new Random(5);
        bool[] fails = [.. Enumerable.Range(0, 20).Select(_ => random.Next(2) == 0)];
        TrainingTable table = Table(["asset"], 20, 100, (asset, _) => [asset * 37 % 20], (asset, _) => fails[asset] ? 1 : 0);

        TrainedTarget trained = Train(table, new TrainingOptions { Threads = 2, Patience = 50 }, 50);

        double Accuracy(Func<int, double> score) => Enumerable.Range(0, table.Rows).Count(row => (score(row) > 0) == (table.Labels[0][row] > 0)) / (double)table.Rows;
        Assert.InRange(Accuracy(row => trained.HeldOutScores[row]), 0, 0.75);
        // The same rows taught in folds that share the assets: the feature tells all.
        TrainingTable mixed = table with { Assets = [.. Enumerable.Range(0, table.Rows).Select(row => new AssetId($"part{row % 5}"))] };
        TrainedTarget leaked = Train(mixed, new TrainingOptions { Threads = 2, Patience = 50 }, 50);
        Assert.InRange(Accuracy(row => leaked.HeldOutScores[row]), 0.95, 1);
        // The held-out loss cannot be better than tossing a coin with the fleet's odds by more than luck.
        Assert.True(trained.HeldOutLoss > 0.5, $"held-out loss {trained.HeldOutLoss}");
    }

    [Fact]
    public void Train_NoiseAlone_StopsEarly()
    {
        var random = new Random(3);
        TrainingTable table = Table(["a", "b"], 10, 100, (_, _) => [random.NextDouble(), random.NextDouble()], (_, _) => random.Next(2));
        var steps = new List<LearningProgress>();

        TrainedTarget trained = Train(table, new TrainingOptions { Threads = 2, Patience = 5 }, 400, progress: steps.Add);

        Assert.InRange(trained.Iterations, 1, 50);
        Assert.Equal(trained.Iterations * trained.ModelTexts.Count, TreesOf(trained).Split("Tree=").Length - 1);
    }

    [Fact]
    public void Train_LiveBudget_IsKeptByFewerTreesAndLongerSteps_AndItsCostIsTold()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        TrainedTarget free = Train(table, new TrainingOptions { Threads = 2 }, 200);
        Assert.True(free.Iterations > 20, $"{free.Iterations} trees a member: nothing to save");

        TrainedTarget kept = Train(table, new TrainingOptions { Threads = 2, LiveBudgetTrees = 50 }, 200);

        Assert.InRange(kept.Iterations * kept.ModelTexts.Count, 1, 50);
        Assert.Equal(free.Iterations, kept.FreeIterations);
        Assert.Equal(free.HeldOutLoss, kept.FreeHeldOutLoss);
        Assert.Equal(free.HeldOutScores, kept.FreeHeldOutScores);
        Assert.NotEqual(free.HeldOutLoss, kept.HeldOutLoss);
        Assert.Equal(new Hyperparameters().LearningRate, free.LearningRate);
        Assert.InRange(kept.LearningRate, new Hyperparameters().LearningRate * 1.5, LightGbmTrainer.LongestStep);
    }

    [Theory]
    [InlineData(new[] { 40, 2_000, 100, 60 }, 100, new[] { 25, 25, 25, 25 })]
    [InlineData(new[] { 10, 2_000, 100, 60 }, 100, new[] { 10, 30, 30, 30 })]
    [InlineData(new[] { 10, 20 }, 100, new[] { 10, 20 })]
    [InlineData(new[] { 500 }, 90, new[] { 90 })]
    public void Shares_Budget_NobodyTakesWhatOthersNeed(int[] wanted, int budget, int[] expected) =>
        Assert.Equal(expected, LightGbmTrainer.Shares(wanted, budget));

    [Fact]
    public void Train_Progress_GrowsFromZeroToOne()
    {
        var steps = new List<LearningProgress>();

        Train(Rule(assets: 10, rowsEach: 60), new TrainingOptions { Threads = 3, Patience = 8 }, 40, progress: step =>
        {
            lock (steps)
            {
                steps.Add(step);
            }
        });

        Assert.All(steps, step => Assert.InRange(step.Done, 0, 1));
        Assert.Equal(steps.Select(step => step.Done).Order(), steps.Select(step => step.Done));
        Assert.Equal(1, steps[^1].Done, 12);
        Assert.Contains("held-out loss", steps[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.2)] // while the folds grow freely
    [InlineData(0.6)] // while they grow inside the live budget
    public void Train_CancelledOnTheWay_ThrowsAndLeavesNoThread(double at)
    {
        using var stop = new CancellationTokenSource();
        var folds = Folds.Of(Rule(assets: 10, rowsEach: 60), 5, TimeSpan.FromHours(4));
        int iterationsAfter = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => LightGbmTrainer.Train(
            Rule(assets: 10, rowsEach: 60), PredictionTask.Failure, folds, [],
            new TrainingOptions { Threads = 3, Patience = 60, MaxIterations = 60, LiveBudgetTrees = 10 }, step =>
            {
                if (step.Done >= at)
                {
                    iterationsAfter += stop.IsCancellationRequested ? 1 : 0;
                    stop.Cancel();
                }
            }, stop.Token));

        Assert.Equal(0, iterationsAfter);
        // The kernel may take a moment to bury a thread that has been joined.
        Assert.True(SpinWait.SpinUntil(() => !ThreadNames().Any(name => name.StartsWith("fold worker", StringComparison.Ordinal)), TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Train_CancelledBefore_GrowsNothing()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        Assert.ThrowsAny<OperationCanceledException>(() => LightGbmTrainer.Train(table, PredictionTask.Failure, Folds.Of(table, 5, TimeSpan.FromHours(4)),
            [], new TrainingOptions { Threads = 3 }, _ => Assert.Fail("no iteration may be grown"), new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Train_FoldsThatWorkersCannotTake_SurfaceAndDoNotHang(int threads)
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        var folds = Folds.Of(Rule(assets: 11, rowsEach: 60), 5, TimeSpan.FromHours(4));

        var error = Assert.Throws<ArgumentException>(() => LightGbmTrainer.Train(
            table, PredictionTask.Failure, folds, [], new TrainingOptions { Threads = threads }, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("rows must be strictly ascending, from 0 to 599", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_InfiniteValue_NamesRowAndColumn()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);
        table.Values[(7 * table.Columns) + 2] = double.PositiveInfinity;

        Assert.Contains("row 7, column 2 is infinite",
            Assert.Throws<ArgumentException>(() => Train(table, new TrainingOptions { Threads = 2 }, 5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_WeightedRows_AreTaughtAndMeasuredAsIfRepeated()
    {
        // Every negative row three times, or once with weight 3: the held-out loss is the same mean, and no feature tells more than the odds.
        var random = new Random(4);
        TrainingTable once = Table(["noise"], 10, 80, (_, _) => [random.NextDouble()], (_, hour) => hour % 4 == 0 ? 1 : 0);
        TrainingTable weighted = once with { Weights = [.. once.Labels[0].Select(label => label > 0 ? 1f : 3f)] };
        int[] repeated = [.. Enumerable.Range(0, once.Rows).SelectMany(row => Enumerable.Repeat(row, (int)weighted.Weight(row)))];
        var thrice = new TrainingTable(once.FeatureNames, once.Take(repeated), [.. repeated.Select(row => once.Assets[row])],
            [.. repeated.Select(row => once.TimesUnixMs[row])], [[.. repeated.Select(row => once.Labels[0][row])]]);
        var options = new TrainingOptions
        {
            Threads = 2,
            Hyperparameters = new Hyperparameters { MinDataInLeaf = 100_000, BaggingFraction = 1, BaggingFreq = 0, FeatureFraction = 1 },
        };

        TrainedTarget byWeight = Train(weighted, options, 3);

        Assert.Equal(0.1, byWeight.HeldOutScores.Average(ModelOutputs.Probability), 1e-6); // 20 in 20 + 3 x 60
        Assert.Equal(Train(thrice, options, 3).HeldOutLoss, byWeight.HeldOutLoss, 1e-6);
        Assert.Equal(-((0.1 * Math.Log(0.1)) + (0.9 * Math.Log(0.9))), byWeight.HeldOutLoss, 1e-6);
    }

    [Fact]
    public void Train_WatcherThatThrows_SurfacesWithItsOwnError()
    {
        TrainingTable table = Rule(assets: 10, rowsEach: 60);

        var error = Assert.Throws<InvalidTimeZoneException>(() => Train(
            table, new TrainingOptions { Threads = 3 }, 20, progress: _ => throw new InvalidTimeZoneException("the watcher's own")));
        Assert.Equal("the watcher's own", error.Message);
    }

    [Fact]
    public void Train_NothingToSplitBy_GivesAConstantThatIsWrittenAndRead()
    {
        TrainingTable table = Table(["same", "missing"], 6, 50, (_, _) => [7, double.NaN], (_, hour) => hour % 10 == 0 ? 1 : 0);

        TrainedTarget trained = Train(table, new TrainingOptions { Threads = 2 }, 20);

        var score = new double[1];
        Mean(trained).Score([1, 2], score);
        Assert.Equal(0.1, ModelOutputs.Probability(score[0]), 6); // one row in ten
        Assert.Equal(1, trained.Iterations);
    }

    [Theory]
    [InlineData(100, 1, 500, 5, 5)] // all fit
    [InlineData(670, 1, 500, 5, 5)] // a hundred trees each
    [InlineData(1_500, 4, 450, 5, 2)]
    [InlineData(600, 3, 450, 5, 3)]
    [InlineData(5_000, 9, 500, 5, 2)] // never one alone
    [InlineData(1_000, 1, 10, 2, 2)]
    public void Members_BudgetTooSmall_AreFewerThanFolds(int wanted, int outputs, int budget, int folds, int expected) =>
        Assert.Equal(expected, LightGbmTrainer.Members(wanted, outputs, budget, folds));

    // The kernel's names of this process's threads; nothing elsewhere.
    private static string[] ThreadNames() => Directory.Exists("/proc/self/task")
        ? [.. Directory.EnumerateDirectories("/proc/self/task").Select(NameOf)]
        : [];

    // A thread may end between its listing and the reading of its name.
    private static string NameOf(string task)
    {
        try { return File.ReadAllText(Path.Combine(task, "comm")); }
        catch (IOException) { return ""; }
    }

    private static string TreesOf(TrainedTarget trained) =>
        string.Concat(trained.ModelTexts.Select(text =>
            text[text.IndexOf("Tree=0", StringComparison.Ordinal)..text.IndexOf("end of trees", StringComparison.Ordinal)]));

    private static TreeEnsemble Mean(TrainedTarget trained) => TreeEnsemble.Mean([.. trained.ModelTexts.Select(text => LightGbmModelText.Parse(text).Ensemble)]);

    private static TrainedTarget Train(TrainingTable table, TrainingOptions options, int most, PredictionTask task = PredictionTask.Failure,
        Action<LearningProgress>? progress = null) =>
        Assert.Single(LightGbmTrainer.Train(
            table, task, Folds.Of(table, options.FoldCount, TimeSpan.FromHours(4)), [],
            options with { MaxIterations = most, LiveBudgetTrees = options.LiveBudgetTrees == 500 ? null : options.LiveBudgetTrees },
            progress ?? (_ => { }), TestContext.Current.CancellationToken));

    private static TrainingTable Rule(int assets, int rowsEach, float high = 1)
    {
        var random = new Random(1);
        return Table(["f0", "f1", "f2", "f3", "f4", "f5"], assets, rowsEach,
            (_, _) => [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())], (_, _) => 0,
            row => row[0] > 0.5 ? high : 0);
    }

    private static TrainingTable Table(string[] names, int assets, int rowsEach, Func<int, int, double[]> row, Func<int, int, float> label,
        Func<double[], float>? labelOfRow = null)
    {
        (int Asset, int Hour)[] keys = [.. from asset in Enumerable.Range(0, assets) from hour in Enumerable.Range(0, rowsEach) select (asset, hour)];
        double[][] rows = [.. keys.Select(key => row(key.Asset, key.Hour))];
        return new TrainingTable(names, [.. rows.SelectMany(values => values)], [.. keys.Select(key => new AssetId($"m{key.Asset:00}"))],
            [.. keys.Select(key => key.Hour * Hour)], [[.. keys.Select((key, i) => labelOfRow?.Invoke(rows[i]) ?? label(key.Asset, key.Hour))]]);
    }
}
