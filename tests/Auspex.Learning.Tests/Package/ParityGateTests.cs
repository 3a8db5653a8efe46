using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Package;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Package;

[Collection("LightGBM")]
public sealed class ParityGateTests
{
    private static readonly Lazy<Trained> Failure2 = new(() => Train(PredictionTask.Failure, seed: 3, trees: 40));
    private static readonly Lazy<Trained> Small = new(() => Train(PredictionTask.Failure, seed: 3, trees: 4));
    private static readonly Lazy<Trained> Life = new(() => Train(PredictionTask.RemainingUsefulLife, seed: 3, trees: 40));

    [Fact]
    public void Check_TrainedModels_AgreeOnSampleAndHostileRows()
    {
        foreach (Trained model in (Trained[])[Failure2.Value, Life.Value])
        {
            ParityResult result = model.Check();

            Assert.InRange(result.MaxDifference, 0, 1e-9);
            Assert.Equal((model.Sample.Length / model.Ensemble.FeatureCount) + result.HostileRows, result.Rows);
            Assert.True(result.HostileRows > 1000, $"{result.HostileRows} hostile rows");
            TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {result.MaxDifference:R} over {result.Rows} rows");
        }
    }

    [Fact]
    public void HostileRows_EveryNodeOfASmallModel_IsMetByItsOwnThresholdAndBothNeighbours()
    {
        TreeEnsemble ensemble = Small.Value.Ensemble;
        double[] sample = Failure2.Value.Sample;
        var met = new HashSet<(int, int, double)>();
        foreach (double[] row in RowsOf(ensemble, ParityGate.HostileRows(ensemble, sample)))
        {
            for (int tree = 0; tree < ensemble.TreeCount; tree++)
            {
                TreeNode[] nodes = ensemble.GetTree(tree).Nodes;
                foreach (int node in Path(nodes, row))
                {
                    met.Add((tree, node, row[nodes[node].Feature]));
                }
            }
        }

        int splits = 0;
        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            TreeNode[] nodes = ensemble.GetTree(tree).Nodes;
            splits += nodes.Length;
            for (int node = 0; node < nodes.Length; node++)
            {
                Assert.Contains((tree, node, nodes[node].Threshold), met);
                Assert.Contains((tree, node, Math.BitIncrement(nodes[node].Threshold)), met);
                Assert.Contains((tree, node, Math.BitDecrement(nodes[node].Threshold)), met);
                Assert.True(met.Contains((tree, node, double.NaN)) == MissingReaches(nodes, node));
            }
        }

        Assert.InRange(splits, 40, ParityGate.MaxTies);
    }

    [Fact]
    public void HostileRows_LargeModel_SamplesItsNodesFromRootToLeaf()
    {
        // 400 complete trees of 31 splits each: a stride of 31 would meet nothing but roots.
        int[] depths = [.. Enumerable.Range(0, 31).Select(node => (int)Math.Log2(node + 1))];
        TreeNode[] Nodes(int tree) => [.. Enumerable.Range(0, 31).Select(node =>
        {
            int left = (2 * node) + 1;
            return new TreeNode(tree + (node / 100.0), node % 16, left < 31 ? left : ~(left - 31), left < 31 ? left + 1 : ~(left - 30), node % 2 == 0);
        })];
        var ensemble = new TreeEnsemble(16, [0.0], [.. Enumerable.Range(0, 400).Select(tree =>
            new Tree(0, Nodes(tree), [.. Enumerable.Repeat(2.0, 31)], [.. Enumerable.Range(0, 32).Select(leaf => (double)leaf)], [.. Enumerable.Repeat(1.0, 32)]))]);

        double[][] rows = [.. RowsOf(ensemble, ParityGate.HostileRows(ensemble, new double[16]))];

        Assert.InRange(rows.Length, 1000, (ParityGate.MaxTies * 7) + 15);
        var tied = new HashSet<double>(rows.SelectMany(row => row));
        int[] byDepth = [.. Enumerable.Range(0, 5).Select(depth =>
            Enumerable.Range(0, 400).Sum(tree => Nodes(tree).Where((node, i) => depths[i] == depth && tied.Contains(node.Threshold)).Count()))];
        Assert.All(byDepth, count => Assert.True(count > 0, string.Join(' ', byDepth)));
    }

    [Fact]
    public void HostileRows_HoldEveryAwkwardNumberInEveryColumn()
    {
        TreeEnsemble ensemble = Failure2.Value.Ensemble;
        double[][] rows = [.. RowsOf(ensemble, ParityGate.HostileRows(ensemble, Failure2.Value.Sample))];

        foreach (double value in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, double.Epsilon, -double.Epsilon,
            1e-310, 1e-35, -1e-35, double.MaxValue, double.MinValue])
        {
            Assert.Contains(rows, row => Array.TrueForAll(row, cell => BitConverter.DoubleToInt64Bits(cell) == BitConverter.DoubleToInt64Bits(value)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Check_AnyThresholdMovedByOneUlp_IsRefused(bool up)
    {
        Trained model = Small.Value;
        int planted = 0;
        for (int tree = 0; tree < model.Ensemble.TreeCount; tree++)
        {
            for (int node = 0; node < model.Ensemble.GetTree(tree).Nodes.Length; node++)
            {
                int at = node;
                TreeEnsemble moved = Changed(model.Ensemble, tree, source =>
                {
                    TreeNode[] nodes = [.. source.Nodes];
                    nodes[at] = nodes[at] with { Threshold = up ? Math.BitIncrement(nodes[at].Threshold) : Math.BitDecrement(nodes[at].Threshold) };
                    return source with { Nodes = nodes };
                });
                var error = Assert.Throws<ModelFormatException>(() => model.Check(moved));
                Assert.Contains("Parity: LightGBM gives", error.Message, StringComparison.Ordinal);
                planted++;
            }
        }

        Assert.True(planted > 40, $"{planted} thresholds");
    }

    [Fact]
    public void Check_AnyMissingDirectionFlipped_IsRefused()
    {
        Trained model = Small.Value;
        int planted = 0;
        for (int tree = 0; tree < model.Ensemble.TreeCount; tree++)
        {
            for (int node = 0; node < model.Ensemble.GetTree(tree).Nodes.Length; node++)
            {
                int at = node;
                if (!MissingReaches(model.Ensemble.GetTree(tree).Nodes, node))
                {
                    continue; // a split above on the same feature keeps missing values away: the direction says nothing
                }

                planted++;
                TreeEnsemble flipped = Changed(model.Ensemble, tree, source =>
                {
                    TreeNode[] nodes = [.. source.Nodes];
                    nodes[at] = nodes[at] with { MissingLeft = !nodes[at].MissingLeft };
                    return source with { Nodes = nodes };
                });
                Assert.Throws<ModelFormatException>(() => model.Check(flipped));
            }
        }

        Assert.True(planted > 20, $"{planted} directions");
    }

    [Fact]
    public void Check_AnyLeafChangedByAMillionth_IsRefused()
    {
        Trained model = Small.Value;
        for (int tree = 0; tree < model.Ensemble.TreeCount; tree++)
        {
            for (int leaf = 0; leaf < model.Ensemble.GetTree(tree).LeafValues.Length; leaf++)
            {
                int at = leaf;
                TreeEnsemble changed = Changed(model.Ensemble, tree, source =>
                {
                    double[] values = [.. source.LeafValues];
                    values[at] += 1e-6;
                    return source with { LeafValues = values };
                });
                Assert.Throws<ModelFormatException>(() => model.Check(changed));
            }
        }
    }

    [Fact]
    public void Check_OnnxFileOfAnotherModel_IsRefused()
    {
        Trained model = Failure2.Value;
        TreeEnsemble changed = Changed(model.Ensemble, 0, source => source with { LeafValues = [.. source.LeafValues.Select(value => value + 1e-6)] });

        var error = Assert.Throws<ModelFormatException>(() => ParityGate.Check(
            model.Model, OnnxModelWriter.Write(new OnnxModel(changed, PredictionTask.Failure, "m", "v1.0.0")), Single(model.Texts), 0.5, model.Sample));
        Assert.Contains("Parity: ONNX Runtime gives", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_LightGbmTextOfAnotherModel_IsRefused()
    {
        Trained model = Failure2.Value;
        Trained other = Train(PredictionTask.Failure, seed: 4, trees: 40);

        Assert.Throws<ModelFormatException>(() => ParityGate.Check(model.Model, model.Onnx, [[model.Texts[0]], [other.Texts[1]]], 0.5, model.Sample));
        Assert.Throws<ModelFormatException>(() => ParityGate.Check(model.Model, model.Onnx, [[model.Texts[1]], [model.Texts[0]]], 0.5, model.Sample));
    }

    [Fact]
    public void Check_TextForOneOutputTooFew_IsRefused()
    {
        Trained model = Failure2.Value;

        Assert.Throws<ArgumentException>(() => ParityGate.Check(model.Model, model.Onnx, [[model.Texts[0]]], 0.5, model.Sample));
        Assert.Throws<ArgumentException>(() => ParityGate.Check(model.Model, model.Onnx, [[model.Texts[0]], []], 0.5, model.Sample));
    }

    [Fact]
    public void Check_MeanOfThreeModels_AgreesWithLightGbmsMean()
    {
        string[][] texts = [.. Enumerable.Range(3, 3).Select(seed => Train(PredictionTask.Failure, seed, trees: 10).Texts)];
        var mean = TreeEnsemble.Combine(
        [
            .. Enumerable.Range(0, 2).Select(output => TreeEnsemble.Mean([.. texts.Select(member => LightGbmModelText.Parse(member[output]).Ensemble)])),
        ]);
        byte[] onnx = OnnxModelWriter.Write(new OnnxModel(mean, PredictionTask.Failure, "m", "v1.0.0"));
        string[][] ofOutput = [.. Enumerable.Range(0, 2).Select(output => texts.Select(member => member[output]).ToArray())];
        OnnxModel model = OnnxModelReader.Read(onnx);
        double[] sample = Failure2.Value.Sample;

        Assert.InRange(ParityGate.Check(model, onnx, ofOutput, 0.5, sample).MaxDifference, 0, 1e-9);
        Assert.Throws<ModelFormatException>(() => ParityGate.Check(model, onnx, [ofOutput[0], ofOutput[1][..2]], 0.5, sample));
    }

    [Fact]
    public void Check_CalibratedModelWithTimeToFailure_AgreesInEveryOutput()
    {
        (OnnxModel model, string[][] texts) = Calibrated();
        byte[] onnx = OnnxModelWriter.Write(model);

        ParityResult result = ParityGate.Check(OnnxModelReader.Read(onnx), onnx, texts, 0.3, Failure2.Value.Sample);

        Assert.InRange(result.MaxDifference, 0, 1e-9);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {result.MaxDifference:R} over {result.Rows} rows");
    }

    [Fact]
    public void Check_LifeWithIntervals_AgreesInEveryOutput()
    {
        byte[] onnx = OnnxModelWriter.Write(Life.Value.Model with { Head = new LifeHead(60, Intervals(60)) });

        ParityResult result = ParityGate.Check(OnnxModelReader.Read(onnx), onnx, Single(Life.Value.Texts), 0.3, Life.Value.Sample);

        Assert.InRange(result.MaxDifference, 0, 1e-9);
    }

    [Fact]
    public void Check_GraphWithAnotherCalibrationOrInterval_IsRefused()
    {
        (OnnxModel model, string[][] texts) = Calibrated();
        var head = (FailureHead)model.Head;
        foreach (FailureHead other in (FailureHead[])[
            new FailureHead([head.Calibrations[0], new SigmoidCalibration(0.7, -0.200001)], head.TimeToFailureIntervals),
            new FailureHead([new IsotonicCalibration([0, 0.3, 1], [0.01, 0.2, 0.700001]), head.Calibrations[1]], head.TimeToFailureIntervals),
            new FailureHead(head.Calibrations, Intervals(59.999))])
        {
            byte[] onnx = OnnxModelWriter.Write(model with { Head = other });
            var error = Assert.Throws<ModelFormatException>(() => ParityGate.Check(model, onnx, texts, 0.3, Failure2.Value.Sample));
            Assert.Contains("Parity: ONNX Runtime gives", error.Message, StringComparison.Ordinal);
        }
    }

    private static (OnnxModel Model, string[][] Texts) Calibrated()
    {
        string[] texts = [.. Failure2.Value.Texts, Life.Value.Texts[0]];
        var head = new FailureHead([new IsotonicCalibration([0, 0.3, 1], [0.01, 0.2, 0.7]), new SigmoidCalibration(0.7, -0.2)], Intervals(60));
        var ensemble = TreeEnsemble.Combine([.. texts.Select(text => LightGbmModelText.Parse(text).Ensemble)]);
        return (new OnnxModel(ensemble, head, "m", "v1.0.0"), Single(texts));
    }

    private static LifeIntervals Intervals(double cap) => new(
        0.9, cap, [5, 20, 60], [-1, -5, -12], [2, 6, 0], [.. Enumerable.Repeat(new double[LifeIntervals.Levels.Count], 3)]);

    private static string[][] Single(string[] texts) => [.. texts.Select(text => (string[])[text])];

    private static IEnumerable<double[]> RowsOf(TreeEnsemble ensemble, double[] rows) => rows.Chunk(ensemble.FeatureCount);

    // Walks a tree by the words of its definition: at or below the threshold left, missing where the node says.
    private static IEnumerable<int> Path(TreeNode[] nodes, double[] row)
    {
        for (int at = nodes.Length == 0 ? -1 : 0; at >= 0;)
        {
            yield return at;
            double value = row[nodes[at].Feature];
            bool left = double.IsNaN(value) ? nodes[at].MissingLeft : value <= nodes[at].Threshold;
            at = left ? nodes[at].Left : nodes[at].Right;
        }
    }

    private static bool MissingReaches(TreeNode[] nodes, int node)
    {
        int feature = nodes[node].Feature;
        for (int child = node; child != 0;)
        {
            int parent = Array.FindIndex(nodes, split => split.Left == child || split.Right == child);
            if (nodes[parent].Feature == feature && nodes[parent].MissingLeft != (nodes[parent].Left == child))
            {
                return false;
            }

            child = parent;
        }

        return true;
    }

    private static TreeEnsemble Changed(TreeEnsemble ensemble, int tree, Func<Tree, Tree> change) => new(
        ensemble.FeatureCount, [.. ensemble.BaseScores.ToArray()],
        [.. Enumerable.Range(0, ensemble.TreeCount).Select(i => i == tree ? change(ensemble.GetTree(i)) : ensemble.GetTree(i))]);

    private static Trained Train(PredictionTask task, int seed, int trees)
    {
        var random = new Random(seed);
        const int rows = 1500;
        const int columns = 6;
        var values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            // Numbers with missing ones, whole numbers, and a column of tiny numbers around zero.
            values[i] = (i % columns) switch
            {
                0 or 1 => random.NextDouble() < 0.1 ? double.NaN : random.NextDouble(),
                2 => random.Next(5),
                3 => (random.NextDouble() - 0.5) * 1e-34,
                4 => random.NextDouble() * 1e12,
                _ => random.NextDouble() < 0.5 ? double.NaN : -random.NextDouble(),
            };
        }

        double Rule(int row, int target) => (values[(row * columns) + target] > 0.5 ? 1 : 0) + (values[(row * columns) + 2] * 0.2) + random.NextDouble();
        bool isFailure = task == PredictionTask.Failure;
        var table = new TrainingTable(
            [.. Enumerable.Range(0, columns).Select(i => $"f{i}")], values, [.. Enumerable.Range(0, rows).Select(row => new AssetId($"m{row / 150}"))],
            [.. Enumerable.Range(0, rows).Select(row => row % 150 * Hour)],
            [.. Enumerable.Range(0, isFailure ? 2 : 1).Select(target => Enumerable.Range(0, rows)
                .Select(row => (float)(isFailure ? Rule(row, target) > 1.4 ? 1 : 0 : Rule(row, target) * 40)).ToArray())]);
        var options = new TrainingOptions
        {
            Seed = seed,
            Threads = 2,
            FoldCount = 2,
            Patience = trees,
            MaxIterations = trees,
            LiveBudgetTrees = null,
            Hyperparameters = new Hyperparameters { MinDataInLeaf = 15, LearningRate = 0.1 },
        };
        var folds = Folds.Of(table, 2, TimeSpan.FromHours(1));
        // One member of each bag serves as a model of its own.
        string[] texts = [.. LightGbmTrainer.Train(table, task, folds, [], options, _ => { }, TestContext.Current.CancellationToken)
            .Select(target => target.ModelTexts[0])];
        var grown = TreeEnsemble.Combine([.. texts.Select(text => LightGbmModelText.Parse(text).Ensemble)]);
        byte[] onnx = OnnxModelWriter.Write(new OnnxModel(grown, task, "m", "v1.0.0"));
        return new Trained(OnnxModelReader.Read(onnx), onnx, texts, values[..(64 * columns)]);
    }

    private sealed record Trained(OnnxModel Model, byte[] Onnx, string[] Texts, double[] Sample)
    {
        public TreeEnsemble Ensemble => Model.Ensemble;

        public ParityResult Check(TreeEnsemble? ensemble = null) =>
            ParityGate.Check(Model with { Ensemble = ensemble ?? Ensemble }, Onnx, Single(Texts), 0.5, Sample);
    }
}
