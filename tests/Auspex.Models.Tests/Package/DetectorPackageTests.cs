using Auspex.Core.Predictions;
using Auspex.Models.Detectors;
using Auspex.Models.Intervals;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Tests.Detectors;

namespace Auspex.Models.Tests.Package;

public sealed class DetectorPackageTests : IDisposable
{
    private static readonly AnomalyDetector Detector = NormalOperation.Fitted(DetectorKind.Pca);
    private static readonly byte[] Model = OnnxDetectorWriter.Write(new OnnxDetector(Detector, "press", "v1.0.0"));

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "auspex-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void Load_WrittenPackage_GivesBackDetectorAndSettings()
    {
        ModelPackageWriter.Write(_folder, ModelPackage.Create(Manifest(), Model), CancellationToken.None);

        ModelPackage package = ModelPackage.Load(_folder);

        Assert.Equal(Detector.Score([12, -9, 100]), package.Detector!.Score([12, -9, 100]));
        Assert.Equal(NormalOperation.Settings(), package.Manifest.Detector);
        Assert.Equal(PredictionTask.Anomaly, package.Manifest.Task);
        Assert.Contains("\"task\": \"anomaly\"", File.ReadAllText(Path.Combine(_folder, "manifest.json")), StringComparison.Ordinal);
        Assert.Contains("has a detector", Assert.Throws<InvalidOperationException>(() => package.Ensemble).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GoldenRowOfAnotherDetector_IsRefused()
    {
        GoldenRow golden = Manifest().GoldenRows[0];
        Refused(Manifest() with { GoldenRows = [golden with { Scores = [golden.Scores[0] + 1e-8] }] }, "goldenRows[0].scores[0]");
    }

    [Fact]
    public void Create_ManifestThatBreaksARule_NamesTheField()
    {
        DetectorSettings settings = NormalOperation.Settings();
        Refused(Manifest() with { Detector = null }, "detector");
        Refused(Manifest() with { Detector = settings with { Kind = DetectorKind.IsolationForest } }, "detector.kind");
        Refused(Manifest() with { Detector = settings with { PerAsset = true, First = 19 } }, "detector.first");
        Refused(Manifest() with { Detector = settings with { First = 5 } }, "detector.first");
        Refused(Manifest() with { Detector = settings with { FalseAlarmRate = 0 } }, "detector.falseAlarmRate");
        Refused(Manifest() with { Detector = settings with { Margin = double.NaN } }, "detector.margin");
        Refused(Manifest() with { Detector = settings with { ExplainedVariance = 1.1 } }, "detector.explainedVariance");
        Refused(Manifest() with { Intervals = new LifeIntervals(0.9, 100, [0, 100], [-1, -1], [1, 1], [new double[19], new double[19]]) }, "intervals");
        Refused(Manifest() with { Thresholds = new ManifestThresholds(null, 0.7) }, "thresholds.confidenceThreshold");
        Refused(Manifest() with { Name = "other" }, "name");
        Refused(Manifest() with { Version = "v2.0.0" }, "version");
        Refused(Manifest() with { Features = Manifest().Features with { Names = ["a", "b"] } }, "goldenRows[0].values");
    }

    [Fact]
    public void Create_FailureManifestWithADetector_IsRefused() =>
        Assert.Equal("detector", Assert.Throws<ModelPackageException>(
            () => ModelPackage.Create(TestPackage.Manifest() with { Detector = NormalOperation.Settings() }, TestPackage.Model())).Field);

    [Fact]
    public void Create_ModelOfTrees_IsRefused() =>
        Assert.Equal("model.onnx", Assert.Throws<ModelPackageException>(() => ModelPackage.Create(Manifest(), TestPackage.Model())).File);

    private static void Refused(ModelManifest manifest, string field) =>
        Assert.Equal(field, Assert.Throws<ModelPackageException>(() => ModelPackage.Create(manifest, Model)).Field);

    private static ModelManifest Manifest()
    {
        ModelManifest manifest = TestPackage.Manifest();
        double[] row = [12, -9, 100];
        return manifest with
        {
            Task = PredictionTask.Anomaly,
            Features = manifest.Features with { Names = ["a", "b", "c"] },
            Label = new LabelDefinition(PredictionTask.Anomaly, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, [], null, null, null),
            Training = manifest.Training with { Positives = [], Iterations = [] },
            Thresholds = new ManifestThresholds(null),
            Detector = NormalOperation.Settings(),
            GoldenRows = [new GoldenRow(row, [Detector.Score(row)]), new GoldenRow([double.NaN, 1, 2], [Detector.Score([double.NaN, 1, 2])])],
        };
    }
}
