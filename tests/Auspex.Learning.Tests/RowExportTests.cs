using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;
using static Auspex.Learning.Tests.NumPyArray;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

[Collection("LightGBM")]
public sealed class RowExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(PredictionTask.Failure)]
    [InlineData(PredictionTask.RemainingUsefulLife)]
    public void Write_Training_IsReadBackAsItWas(PredictionTask task)
    {
        Dataset dataset = Machines();
        TrainedModel model = Train(dataset, task);

        (long[] shape, double[] rows) = Doubles(At("rows.npy"));
        (long[] labelShape, double[] labels) = Doubles(At("labels.npy"));
        (_, double[] heldOut) = Doubles(At("heldOut.npy"));
        long[] assets = Longs(At("assets.npy"));
        long[] times = Longs(At("times.npy"));
        JsonElement names = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(At("names.json")));
        string[] columns = [.. names.GetProperty("columns").EnumerateArray().Select(name => name.GetString()!)];
        string[] machines = [.. names.GetProperty("assets").EnumerateArray().Select(name => name.GetString()!)];
        Assert.Equal([model.Package.Manifest.Training.Rows, model.Package.Manifest.Features.Names.Count], shape);
        Assert.Equal(model.Package.Manifest.Features.Names, columns);
        Assert.Equal([shape[0], 1], labelShape);
        Assert.Equal((shape[0], shape[0]), (assets.Length, Longs(At("folds.npy")).Length));

        // The signal's own column is the signal, row by row; its life or failure is that of the machine.
        int signal = Array.IndexOf(columns, "s0");
        for (int row = 0; row < times.Length; row++)
        {
            Core.Assets.AssetHistory history = dataset.Assets.Single(asset => asset.History.Asset.Value == machines[assets[row]]).History;
            Assert.Equal(history.Values[0][Array.IndexOf(history.TimesUnixMs, times[row])], rows[(row * columns.Length) + signal]);
            double toFailure = 100.5 - (times[row] / Hour % 100);
            if (task == PredictionTask.Failure)
            {
                Assert.Equal(toFailure <= 10 || (toFailure > 100 && times[row] > 0) ? 1 : 0, labels[row]); // the first failure comes at 100.5 h
            }
        }

        Assert.All(heldOut, said => Assert.InRange(said, 0, task == PredictionTask.Failure ? 1 : 100));

        // The test side is what the report was made of.
        (long[] testShape, double[] said) = Doubles(At("testPredictions.npy"));
        Assert.Equal(testShape[0], Doubles(At("testRows.npy")).Shape[0]);
        Assert.Equal(testShape, Doubles(At("testLabels.npy")).Shape);
        Assert.Equal(testShape[0], Longs(At("testTimes.npy")).Length);
        Assert.Equal(
            task == PredictionTask.Failure
                ? model.Judged.Predictions.SelectMany(asset => asset.Probabilities[0]) : model.Judged.Lives.SelectMany(asset => asset.Predicted),
            said);
    }

    [Fact]
    public void Write_WithoutTest_HasNoFilesOfOne()
    {
        Train(Machines(), PredictionTask.Failure, keepTest: false);

        Assert.True(File.Exists(At("heldOut.npy")));
        Assert.Empty(Directory.GetFiles(At(""), "test*"));
        Assert.Equal("[]", JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(At("names.json"))).GetProperty("testAssets").GetRawText());
    }

    [Fact]
    public void Write_FolderThatCannotBe_IsAnIoError()
    {
        File.WriteAllText(At(""), "a file where the folder should be");

        Assert.ThrowsAny<IOException>(() => Train(Machines(), PredictionTask.Failure));
    }

    private string At(string name) => Path.Combine(_folder, "rows", name).TrimEnd(Path.DirectorySeparatorChar);

    private TrainedModel Train(Dataset dataset, PredictionTask task, bool keepTest = true) => new LearningPipeline(TimeProvider.System, _ => { }).Train(
        dataset, task, null, null,
        new TrainingOptions { Threads = 2, LiveBudgetTrees = 30, Patience = 5, FoldCount = 3, ExportFolder = At(""), KeepTest = keepTest },
        TestContext.Current.CancellationToken);

    private static Dataset Machines() => Of(
        new LabelSettings { Horizon = "10h", LifeCap = 100 }, new SplitSettings { TestShare = 0.34 },
        [
            .. Enumerable.Range(0, 6).Select(machine =>
            {
                var random = new Random(machine);
                return new DatasetAsset(
                    History($"m{machine}", Enumerable.Range(0, 350), [hour => (hour % 100) + (10 * random.NextDouble())],
                        [.. Enumerable.Range(1, 3).Select(i => Failure($"m{machine}", (i * 100) + 0.5))]),
                    DatasetPart.Unassigned);
            }),
        ]);
}
