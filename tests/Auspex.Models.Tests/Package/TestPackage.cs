using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Package;

/// <summary>A package of the binary model of the fixtures, and a folder of its own to write it in.</summary>
internal sealed class TestPackage : IDisposable
{
    public TestPackage() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "auspex-" + Guid.NewGuid().ToString("N"));

    public string Folder => Path.Combine(Root, "press");

    public static byte[] Model(string name = "press") => OnnxModelWriter.Write(
        new OnnxModel(Fixture.Model("binary").Ensemble, PredictionTask.Failure, name, "v1.0.0"));

    public static ModelManifest Manifest()
    {
        LightGbmModel model = Fixture.Model("binary");
        return new ModelManifest
        {
            FormatVersion = 1,
            Name = "press",
            Version = "v1.0.0",
            Task = PredictionTask.Failure,
            CreatedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
            AuspexVersion = "0.1.0",
            Dataset = "presses",
            Features = new ManifestFeatures("abc123", model.FeatureNames, Json("""{ "windows": ["3h"], "depth": 1 }""")),
            Schema = new AssetSchema(
                [
                    new("load", SignalKind.Continuous, "°C", SignalRole.Reading, []),
                    new("state", SignalKind.State, null, SignalRole.OperatingSetting, ["off", "on"]),
                ],
                [new("age", SignalKind.Continuous, "a", SignalRole.Fact, [])],
                ["pump"],
                ["E1"]),
            Label = new LabelDefinition(
                PredictionTask.Failure, TimeSpan.FromHours(24), TimeSpan.Zero, TimeSpan.FromMinutes(90), ["pump"], null, null, null),
            Training = new ManifestTraining(
                new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero),
                new DateTimeOffset(2025, 12, 31, 23, 59, 59, 123, TimeSpan.Zero),
                new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
                3_000,
                ["press-1", "press-2"],
                [321],
                [25],
                new Dictionary<string, string> { ["objective"] = "binary", ["learning_rate"] = "0.2" },
                7,
                "highest F1 on the validation part"),
            Thresholds = new ManifestThresholds(0.85),
            Metrics = Json("""{ "auc": 0.91 }"""),
            GoldenRows =
            [
                .. Fixture.Rows("binary").Take(3).Append(Fixture.Rows("binary")[^1]).Select(row => new GoldenRow(row.Row, row.Scores)),
            ],
            Parity = new ManifestParity(3e-16, 1_000),
        };
    }

    public static ManifestBaseline Baseline() => new(3_000, 2_679, "rows that no failure follows within 24h",
    [
        new FeatureBaseline(0.25, -1.5, 3.25, [1], [0.75, 0.25], new NormalBand(-1, 2)),
        new FeatureBaseline(0, 0, 0, [0], [1, 0], new NormalBand(0, 0)),
        .. Fixture.Model("binary").FeatureNames.Skip(2).Select(_ => new FeatureBaseline(1, null, null, [], [], null)),
    ]);

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    public void Write() => ModelPackageWriter.Write(Folder, ModelPackage.Create(Manifest(), Model()), CancellationToken.None);

    public string PathOf(string file) => Path.Combine(Folder, file);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
