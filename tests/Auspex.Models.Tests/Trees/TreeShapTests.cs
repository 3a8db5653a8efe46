using System.Numerics;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Trees;

public sealed class TreeShapTests
{
    // x0 <= 1 ? (x1 <= 2 ? 10 : 20) : 30
    private static readonly TreeNode[] Nodes = [new(1, 0, 1, ~2, true), new(2, 1, ~0, ~1, false)];

    [Fact]
    public void Explain_TwoFeatures_IsTheMeanOverBothOrders()
    {
        // Covers 10, 20 and 10: base = (10·10 + 20·20 + 10·30) / 40 = 20. x0 alone known: (10·10 + 20·20)/30 = 50/3;
        // x1 alone: 3/4·10 + 1/4·30 = 15; both: 10. Orders: x0 first −10/3 then −20/3; x1 first −5 then x0 −5.
        var shap = new TreeShap(new TreeEnsemble(2, [0.5], [new Tree(0, Nodes, [40, 30], [10, 20, 30], [10, 20, 10])]));
        var contributions = new double[2];

        shap.Explain([0, 0], contributions);

        Assert.Equal(20.5, shap.BaseValues[0], 1e-12);
        Assert.Equal(-25.0 / 6, contributions[0], 1e-12);
        Assert.Equal(-35.0 / 6, contributions[1], 1e-12);
    }

    [Theory]
    [InlineData("binary")]
    [InlineData("life")]
    [InlineData("classes")]
    [InlineData("forest")]
    public void Explain_LightGbmModel_GivesLightGbmsOwnContributions(string name)
    {
        TreeEnsemble ensemble = Fixture.Model(name).Ensemble;
        var shap = new TreeShap(ensemble);
        int features = ensemble.FeatureCount;
        double divisor = name == "forest" ? 9 : 1; // LightGBM sums over the iterations of a forest
        var contributions = new double[ensemble.TargetCount * features];

        foreach ((double[] row, double[] expected) in Fixture.Contributions(name))
        {
            shap.Explain(row, contributions);

            for (int target = 0; target < ensemble.TargetCount; target++)
            {
                for (int feature = 0; feature < features; feature++)
                {
                    Assert.Equal(expected[(target * (features + 1)) + feature] / divisor, contributions[(target * features) + feature], 1e-9);
                }

                Assert.Equal(expected[(target * (features + 1)) + features] / divisor, shap.BaseValues[target], 1e-9);
            }
        }
    }

    [Fact]
    public void Explain_RandomTrees_EqualsTheSumOverAllSubsetsOfFeatures()
    {
        var random = new Random(11);
        for (int round = 0; round < 40; round++)
        {
            const int features = 5;
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, features, targets: 2, trees: 4, maxLeaves: 14);
            var shap = new TreeShap(ensemble);
            double[] row = RandomTrees.Rows(random, 1, features);
            var contributions = new double[2 * features];

            shap.Explain(row, contributions);

            for (int target = 0; target < 2; target++)
            {
                double[] expected = Shapley(ensemble, target, row);
                for (int feature = 0; feature < features; feature++)
                {
                    Assert.Equal(expected[feature], contributions[(target * features) + feature], 1e-12);
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 31)]
    [InlineData(40, 31)]
    [InlineData(200, 300)]
    public void Explain_RandomTrees_SumsToTheRawScore(int features, int leaves)
    {
        var random = new Random(12);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features, targets: 3, trees: 60, maxLeaves: leaves);
        var shap = new TreeShap(ensemble);
        var contributions = new double[3 * features];
        var scores = new double[3];
        double[] rows = RandomTrees.Rows(random, 50, features);

        for (int r = 0; r < 50; r++)
        {
            ReadOnlySpan<double> row = rows.AsSpan(r * features, features);
            shap.Explain(row, contributions);
            ensemble.Score(row, scores);

            for (int target = 0; target < 3; target++)
            {
                double sum = contributions.AsSpan(target * features, features).ToArray().Sum() + shap.BaseValues[target];
                Assert.Equal(scores[target], sum, 1e-9);
            }
        }
    }

    // One long chain: every split on a feature of its own, so that a path has 1,000 features.
    [Fact]
    public void Explain_DeepestTree_StillSumsToTheRawScore()
    {
        const int depth = TreeEnsemble.MaxDepth;
        TreeNode[] nodes = [.. Enumerable.Range(0, depth).Select(i => new TreeNode(0, i, i + 1 < depth ? i + 1 : ~depth, ~i, false))];
        double[] leaves = [.. Enumerable.Range(0, depth + 1).Select(i => (double)i)];
        var ensemble = new TreeEnsemble(depth, [0], [new Tree(0, nodes, [.. nodes.Select((_, i) => (double)depth + 1 - i)], leaves, [.. leaves.Select(_ => 1.0)])]);
        var shap = new TreeShap(ensemble);
        var row = new double[depth];
        row[700] = 1;
        var contributions = new double[depth];

        shap.Explain(row, contributions);

        Assert.Equal(500, shap.BaseValues[0], 1e-9); // the mean of 0 to 1000
        Assert.Equal(700, contributions.Sum() + shap.BaseValues[0], 1e-9);
    }

    [Fact]
    public void Explain_CoversOfZero_WeighBothBranchesAlike()
    {
        var shap = new TreeShap(new TreeEnsemble(2, [0], [new Tree(0, Nodes, [0, 0], [10, 20, 30], [0, 0, 0])]));
        var contributions = new double[2];

        shap.Explain([2, 0], contributions);

        Assert.Equal((((10 + 20) / 2.0) + 30) / 2, shap.BaseValues[0]);
        Assert.Equal(7.5 + 1.25, contributions[0], 1e-12); // x0 first 22.5 → 30; x1 first 20 → then x0 30: (7.5 + 10) / 2
        Assert.Equal(-1.25, contributions[1], 1e-12);
    }

    [Fact]
    public void Explain_BranchNoTrainingRowTook_IsCountedWhenTheRowTakesIt()
    {
        var shap = new TreeShap(new TreeEnsemble(2, [0], [new Tree(0, Nodes, [10, 10], [1, 2, 3], [4, 6, 0])]));
        var contributions = new double[2];

        shap.Explain([5, 0], contributions);

        Assert.Equal(1.6, shap.BaseValues[0], 1e-12);
        Assert.Equal(3, shap.BaseValues[0] + contributions.Sum(), 1e-12);
    }

    [Fact]
    public void Explain_TreeWithoutSplits_IsPartOfTheBaseValue()
    {
        var shap = new TreeShap(new TreeEnsemble(1, [1], [new Tree(0, [], [], [2], [5])]));
        double[] contributions = [7];

        shap.Explain([0], contributions);

        Assert.Equal(3, shap.BaseValues[0]);
        Assert.Equal(0, contributions[0]);
    }

    [Fact]
    public void Explain_Called_AllocatesNothing()
    {
        var random = new Random(13);
        var shap = new TreeShap(RandomTrees.Ensemble(random));
        double[] row = RandomTrees.Rows(random, 1, 5);
        var contributions = new double[5];
        shap.Explain(row, contributions);
        long before = GC.GetAllocatedBytesForCurrentThread();

        shap.Explain(row, contributions);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Explain_WrongLengths_NamesThem()
    {
        var shap = new TreeShap(RandomTrees.Ensemble(new Random(14), targets: 2));

        Assert.Contains("4 values, the model 5 features", Assert.Throws<ArgumentException>(() => shap.Explain(new double[4], new double[10])).Message, StringComparison.Ordinal);
        Assert.Contains("room for 5 contributions, needed is 2 targets x 5", Assert.Throws<ArgumentException>(() => shap.Explain(new double[5], new double[5])).Message, StringComparison.Ordinal);
    }

    // A chain of 1,000 splits on as many features has some half a million parts.
    [Fact]
    public void Constructor_MorePathsThanCanBeHeld_IsRefused()
    {
        const int depth = TreeEnsemble.MaxDepth;
        TreeNode[] nodes = [.. Enumerable.Range(0, depth).Select(i => new TreeNode(0, i, i + 1 < depth ? i + 1 : ~depth, ~i, false))];
        var chain = new Tree(0, nodes, new double[depth], new double[depth + 1], new double[depth + 1]);
        var ensemble = new TreeEnsemble(depth, [0], [.. Enumerable.Repeat(chain, 8)]);

        Assert.Contains("more than 4000000", Assert.Throws<ModelFormatException>(() => new TreeShap(ensemble)).Message, StringComparison.Ordinal);
    }

    // Shapley's own formula, with what a tree gives when only some features are known (Lundberg 2018, algorithm 1).
    private static double[] Shapley(TreeEnsemble ensemble, int target, double[] row)
    {
        int features = row.Length;
        double[] known = [.. Enumerable.Range(0, 1 << features).Select(subset => Enumerable.Range(0, ensemble.TreeCount)
            .Select(ensemble.GetTree).Where(tree => tree.Target == target).Sum(tree => Expected(tree, tree.Nodes.Length == 0 ? ~0 : 0, row, subset)))];
        double[] factorial = [1, 1, 2, 6, 24, 120];
        var values = new double[features];
        for (int feature = 0; feature < features; feature++)
        {
            for (int subset = 0; subset < known.Length; subset++)
            {
                if ((subset & (1 << feature)) == 0)
                {
                    int size = BitOperations.PopCount((uint)subset);
                    values[feature] += factorial[size] * factorial[features - size - 1] / factorial[features]
                        * (known[subset | (1 << feature)] - known[subset]);
                }
            }
        }

        return values;
    }

    private static double Expected(Tree tree, int at, double[] row, int subset)
    {
        if (at < 0)
        {
            return tree.LeafValues[~at];
        }

        TreeNode node = tree.Nodes[at];
        if ((subset & (1 << node.Feature)) != 0)
        {
            double value = row[node.Feature];
            bool left = double.IsNaN(value) ? node.MissingLeft : value <= node.Threshold;
            return Expected(tree, left ? node.Left : node.Right, row, subset);
        }

        double leftCover = Cover(node.Left);
        double rightCover = Cover(node.Right);
        double share = leftCover + rightCover == 0 ? 0.5 : leftCover / (leftCover + rightCover);
        return (share * Expected(tree, node.Left, row, subset)) + ((1 - share) * Expected(tree, node.Right, row, subset));

        double Cover(int child) => child < 0 ? tree.LeafCovers[~child] : tree.NodeCovers[child];
    }
}
