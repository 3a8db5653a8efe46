using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Flow.Tests;

/// <summary>A package made by hand.</summary>
internal static class OvenPackage
{
    /// <summary>A failure model over two readings, a boolean and a fact, whose score follows each of its features closely.</summary>
    /// <param name="wholeLife">With features that remember an asset's whole life.</param>
    /// <param name="seed">Another seed is another model of the same features.</param>
    public static ModelPackage Make(bool wholeLife, int seed = 1)
    {
        var schema = new AssetSchema(
            [
                new("heat", SignalKind.Continuous, "degC", SignalRole.Reading, []),
                new("load", SignalKind.Continuous, "kW", SignalRole.Reading, []),
                new("door", SignalKind.Boolean, null, SignalRole.Reading, []),
            ],
            [new("age", SignalKind.Continuous, "years", SignalRole.Fact, [])],
            ["fan"],
            ["E1"]);
        TimeSpan period = TimeSpan.FromSeconds(30);
        FeatureOptions options = wholeLife ? FeatureOptions.ForWear(period, runningAge: true) : FeatureOptions.ForSamplingPeriod(period, runningAge: false);
        var definition = FeatureDefinition.Build(schema, options);
        var random = new Random(seed);
        var trees = new List<Tree>();
        for (int feature = 0; feature < definition.Columns.Count; feature++)
        {
            for (int copy = 0; copy < 6; copy++)
            {
                double threshold = random.NextDouble() * random.NextDouble() * 100;
                trees.Add(new Tree(
                    0, [new TreeNode(threshold, feature, ~0, ~1, random.Next(2) == 0)], [100], [(random.NextDouble() - 0.5) / 10, (random.NextDouble() - 0.5) / 10], [50, 50]));
            }
        }

        var ensemble = new TreeEnsemble(definition.Columns.Count, [-1], trees);
        var row = new double[definition.Columns.Count];
        var scores = new double[1];
        ensemble.Score(row, scores);
        byte[] model = OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.Failure, "oven", "v1.0.0"));
        return ModelPackage.Create(
            new ModelManifest
            {
                FormatVersion = 1,
                Name = "oven",
                Version = "v1.0.0",
                Task = PredictionTask.Failure,
                CreatedAt = DateTimeOffset.UnixEpoch,
                AuspexVersion = "0.1.0",
                Dataset = "ovens",
                Features = new ManifestFeatures(definition.Hash, definition.Names, JsonDocument.Parse(definition.ToJson()).RootElement),
                Schema = schema,
                Label = new LabelDefinition(PredictionTask.Failure, TimeSpan.FromMinutes(10), TimeSpan.Zero, TimeSpan.FromHours(1), ["fan"], null, null, null),
                Training = new ManifestTraining(
                    DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(2), 1_000, ["oven-1", "oven-2"], [10], [trees.Count],
                    new Dictionary<string, string>(), 1, "least cost"),
                Thresholds = new ManifestThresholds(0.85),
                Metrics = JsonDocument.Parse("{}").RootElement,
                GoldenRows = [new GoldenRow(row, scores)],
                Parity = new ManifestParity(0, 1),
            },
            model);
    }
}
