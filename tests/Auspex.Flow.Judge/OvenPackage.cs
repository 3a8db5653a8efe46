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

        return Package(schema, definition, new TreeEnsemble(definition.Columns.Count, [-1], trees));
    }

    /// <summary>A failure model over 50 features, of the size that live models have.</summary>
    /// <param name="trees">How many.</param>
    /// <param name="leaves">Of each.</param>
    /// <param name="seed">Another seed is another model of the same features.</param>
    public static ModelPackage Sized(int trees = 100, int leaves = 31, int seed = 1)
    {
        var schema = new AssetSchema(
            [
                new("heat", SignalKind.Continuous, "degC", SignalRole.Reading, []),
                new("load", SignalKind.Continuous, "kW", SignalRole.Reading, []),
                .. ((string[])["door", "fan", "valve"]).Select(name => new SignalDefinition(name, SignalKind.Boolean, null, SignalRole.Reading, [])),
            ],
            [], [], []);
        TimeSpan[] lags = [TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(300)];
        var definition = FeatureDefinition.Build(schema, new FeatureOptions(lags, [TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(600)], false));
        var random = new Random(seed);
        return Package(schema, definition, new TreeEnsemble(definition.Columns.Count, [-1], [.. Enumerable.Range(0, trees).Select(_ => Grown(random, definition.Columns.Count, leaves))]));
    }

    // As LightGBM grows them: a leaf is split, one side keeps its number.
    private static Tree Grown(Random random, int features, int leaves)
    {
        var nodes = new List<TreeNode>();
        for (int leaf = 1; leaf < leaves; leaf++)
        {
            int split = random.Next(leaf);
            int parent = nodes.FindIndex(node => node.Left == ~split || node.Right == ~split);
            if (parent >= 0)
            {
                nodes[parent] = nodes[parent].Left == ~split ? nodes[parent] with { Left = nodes.Count } : nodes[parent] with { Right = nodes.Count };
            }

            nodes.Add(new TreeNode(random.NextDouble() * 100, random.Next(features), ~split, ~leaf, random.Next(2) == 0));
        }

        return new Tree(
            0, [.. nodes], [.. nodes.Select(_ => 100.0)], [.. Enumerable.Range(0, leaves).Select(_ => (random.NextDouble() - 0.5) / 10)], [.. Enumerable.Range(0, leaves).Select(_ => 50.0)]);
    }

    private static ModelPackage Package(AssetSchema schema, FeatureDefinition definition, TreeEnsemble ensemble)
    {
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
                    DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(2), 1_000, ["oven-1", "oven-2"], [10], [ensemble.TreeCount],
                    new Dictionary<string, string>(), 1, "least cost"),
                Thresholds = new ManifestThresholds(0.85),
                Metrics = JsonDocument.Parse("{}").RootElement,
                GoldenRows = [new GoldenRow(row, scores)],
                Parity = new ManifestParity(0, 1),
            },
            model);
    }
}
