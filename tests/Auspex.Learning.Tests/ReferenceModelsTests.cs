using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Tests.Datasets;
using Auspex.Learning.Train;

namespace Auspex.Learning.Tests;

/// <summary>The two described public data sets, trained with all defaults. The floors are loose: they notice a regression, they promise nothing.</summary>
[Collection("LightGBM")]
public sealed class ReferenceModelsTests
{
    [Fact]
    public void Train_AzureMachines_CatchesMostFailures()
    {
        TrainedModel model = Train("azure-pdm.json", PredictionTask.Failure);

        // The gate has refused any flipped decision already; else there were no model.
        Assert.InRange(model.Package.Manifest.Parity.MaxDifference, 0, 1e-9);
        Assert.Equal(14, model.Report.Metrics.Failures);
        Assert.True(model.Report.Metrics.Caught >= 10, $"caught {model.Report.Metrics.Caught} of 14");
        Assert.True(model.Report.Metrics.Precision >= 0.5, $"precision {model.Report.Metrics.Precision}");
    }

    [Fact]
    public void Train_TurbofanEngines_TellsTheirLives()
    {
        TrainedModel model = Train("cmapss-fd001.json", PredictionTask.RemainingUsefulLife);

        Assert.InRange(model.Package.Manifest.Parity.MaxDifference, 0, 1e-9);
        Assert.InRange(model.Report.Metrics.RmseCapped, 5, 16); // nobody has published one below 5: that would be a leak
    }

    private static TrainedModel Train(string sample, PredictionTask task)
    {
        string? root = Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine");
        DatasetDescription description = DatasetDescriptionReader.Read(Path.Combine(Repository.Root, "samples", "datasets", sample));
        Dataset dataset = DatasetReader.Read(description, root!, null, null, TestContext.Current.CancellationToken);
        TrainedModel model = new LearningPipeline(TimeProvider.System, _ => { }).Train(
            dataset, task, null, null, new TrainingOptions(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"parity {model.Package.Manifest.Parity}, caught {model.Report.Metrics.Caught}, precision {model.Report.Metrics.Precision}, RMSE {model.Report.Metrics.RmseCapped}");
        return model;
    }
}
