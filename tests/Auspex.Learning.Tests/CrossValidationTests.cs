using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;
using static Auspex.Learning.Tests.NumPyArray;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

[Collection("LightGBM")]
public sealed class CrossValidationTests : IDisposable
{
    private static readonly TrainingOptions Options = new() { Threads = 2, LiveBudgetTrees = 30, Patience = 5, FoldCount = 2 };

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-cross-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_TwoRounds_JudgeEveryAssetOnceByWhatHadNotSeenIt()
    {
        IReadOnlyList<CrossValidatedRound> rounds = Run(Machines(6), folds: 3, rounds: 2, export: Path.Combine(_folder, "out"));

        Assert.Equal([3, 3], rounds.Select(round => round.Folds));
        Assert.All(rounds, round => Assert.Equal(6, round.Report.Split.TrainAssets));
        Assert.All(rounds, round => Assert.Equal(6 * 3, round.Report.Metrics.Failures));
        Assert.All(rounds, round => Assert.True(round.Report.Metrics.RocAuc > 0.8, $"AUC {round.Report.Metrics.RocAuc}"));

        string first = Path.Combine(_folder, "out", "round-1");
        (long[] rowShape, _) = Doubles(Path.Combine(first, "rows.npy"));
        (long[] assets, long[] folds) = (Longs(Path.Combine(first, "assets.npy")), Longs(Path.Combine(first, "folds.npy")));
        (long[] shape, double[] predictions) = Doubles(Path.Combine(first, "predictions.npy"));
        (_, double[] labels) = Doubles(Path.Combine(first, "labels.npy"));
        Assert.Equal(rowShape[0], assets.Length);
        Assert.Equal([rowShape[0], 1], shape);
        // Whole assets: the rows of one lie in one fold, and all folds are there.
        Assert.All(assets.Zip(folds).GroupBy(row => row.First), asset => Assert.Single(asset.Select(row => row.Second).Distinct()));
        Assert.Equal([0L, 1, 2], folds.Distinct().Order());
        Assert.All(predictions, probability => Assert.InRange(probability, 0, 1));
        Assert.True(Mean(1) > Mean(0) + 0.2, $"{Mean(1)} before failures, {Mean(0)} else");
        JsonElement names = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(first, "names.json")));
        Assert.Equal(rowShape[1], names.GetProperty("columns").GetArrayLength());
        Assert.NotEqual(folds, Longs(Path.Combine(_folder, "out", "round-2", "folds.npy"))); // dealt out anew

        double Mean(double label) => predictions.Zip(labels).Where(row => row.Second == label).Average(row => row.First);
    }

    [Fact]
    public void Run_Again_GivesTheSameFigures() => Assert.Equal(
        Run(Machines(4), folds: 2, rounds: 1)[0].Report.Metrics.LogLoss, Run(Machines(4), folds: 2, rounds: 1)[0].Report.Metrics.LogLoss);

    [Fact]
    public void Run_NoFolds_LeavesOneAssetOutAtATime() => Assert.Equal(4, Assert.Single(Run(Machines(4), folds: 0, rounds: 1)).Folds);

    [Fact]
    public void Run_AssetsOfTheTest_AreLeftAlone()
    {
        Dataset dataset = Machines(5);
        dataset = dataset with { Assets = [.. dataset.Assets.Take(4), dataset.Assets[4] with { Part = DatasetPart.Test }] };

        Assert.Equal(4, Run(dataset, folds: 2, rounds: 1)[0].Report.Split.TrainAssets);
    }

    [Theory]
    [InlineData(1, 4, "1 folds cannot be made of 4 assets")]
    [InlineData(5, 4, "5 folds cannot be made of 4 assets")]
    [InlineData(0, 1, "1 folds cannot be made of 1 assets")]
    public void Run_TooFewAssets_IsRefused(int folds, int assets, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<DatasetException>(() => Run(Machines(assets), folds, rounds: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_Anomalies_AreRefused() => Assert.Contains("not cross-validated", Assert.Throws<DatasetException>(() =>
        new CrossValidation(_ => { }).Run(Machines(4), PredictionTask.Anomaly, null, 2, 1, Options, null, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    [Fact]
    public void Run_ComponentOfOneMachine_IsRefusedByName()
    {
        Dataset dataset = Machines(4, machine => machine == 0 ? "door" : "fan");

        Assert.Contains("door", Assert.Throws<DatasetException>(() => Run(dataset, folds: 4, rounds: 1)).Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<CrossValidatedRound> Run(Dataset dataset, int folds, int rounds, string? export = null) =>
        new CrossValidation(_ => { }).Run(dataset, PredictionTask.Failure, null, folds, rounds, Options, export, TestContext.Current.CancellationToken);

    private static Dataset Machines(int count, Func<int, string>? component = null) => Of(
        new LabelSettings { Horizon = "10h" }, null,
        [
            .. Enumerable.Range(0, count).Select(machine =>
            {
                var random = new Random(machine);
                return new DatasetAsset(
                    History($"m{machine}", Enumerable.Range(0, 350), [hour => (hour % 100) + (10 * random.NextDouble())],
                        [.. Enumerable.Range(1, 3).Select(i => Failure($"m{machine}", (i * 100) + 0.5, component?.Invoke(machine) ?? ""))]),
                    DatasetPart.Unassigned);
            }),
        ]);
}
