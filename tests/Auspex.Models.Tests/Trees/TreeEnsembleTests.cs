using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Trees;

public sealed class TreeEnsembleTests
{
    // x0 <= 1 ? (x1 <= 2 ? 10 : 20) : 30
    private static readonly TreeNode[] Nodes = [new(1, 0, 1, ~2, true), new(2, 1, ~0, ~1, false)];

    [Theory]
    [InlineData(1, 2, 10.5)]
    [InlineData(1, 2.1, 20.5)]
    [InlineData(1.1, 0, 30.5)]
    [InlineData(double.NaN, 2, 10.5)]
    [InlineData(0, double.NaN, 20.5)]
    [InlineData(double.NegativeInfinity, double.NegativeInfinity, 10.5)]
    [InlineData(double.PositiveInfinity, 0, 30.5)]
    public void Score_Row_IsBaseScorePlusLeaf(double x0, double x1, double expected)
    {
        var score = new double[1];

        new TreeEnsemble(2, [0.5], [Good()]).Score([x0, x1], score);

        Assert.Equal(expected, score[0]);
    }

    [Fact]
    public void Score_RandomTrees_EqualsAWalkOverTheTreesThemselves()
    {
        var random = new Random(1);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 6, targets: 3, trees: 60, maxLeaves: 20);
        double[] rows = RandomTrees.Rows(random, 200, 6);
        var scores = new double[3];

        for (int r = 0; r < 200; r++)
        {
            double[] row = rows[(r * 6)..((r * 6) + 6)];
            var expected = new double[3];
            for (int i = 0; i < ensemble.TreeCount; i++)
            {
                Tree tree = ensemble.GetTree(i);
                expected[tree.Target] += Walk(tree, tree.Nodes.Length == 0 ? ~0 : 0, row);
            }

            ensemble.Score(row, scores);

            Assert.Equal(expected, scores);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(100)]
    public void ScoreRows_AnyCount_EqualsScoreOfEachRow(int count)
    {
        var random = new Random(2);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 4, targets: 2, trees: 31);
        double[] rows = RandomTrees.Rows(random, count, 4);
        var scores = new double[count * 2];
        var one = new double[2];

        ensemble.ScoreRows(rows, scores);

        for (int r = 0; r < count; r++)
        {
            ensemble.Score(rows.AsSpan(r * 4, 4), one);
            Assert.Equal(one, scores[(r * 2)..((r * 2) + 2)]);
        }
    }

    [Fact]
    public void Score_Called_AllocatesNothing()
    {
        var random = new Random(3);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, targets: 2);
        double[] rows = RandomTrees.Rows(random, 10, 5);
        var scores = new double[20];
        ensemble.Score(rows.AsSpan(0, 5), scores.AsSpan(0, 2));
        ensemble.ScoreRows(rows, scores);

        long before = GC.GetAllocatedBytesForCurrentThread();
        ensemble.Score(rows.AsSpan(0, 5), scores.AsSpan(0, 2));
        ensemble.ScoreRows(rows, scores);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Score_WrongLength_IsRefused()
    {
        var ensemble = new TreeEnsemble(2, [0], [Good()]);

        Assert.Throws<ArgumentException>(() => ensemble.Score(new double[3], new double[1]));
        Assert.Throws<ArgumentException>(() => ensemble.Score(new double[2], new double[2]));
        Assert.Throws<ArgumentException>(() => ensemble.ScoreRows(new double[3], new double[1]));
        Assert.Throws<ArgumentException>(() => ensemble.ScoreRows(new double[4], new double[1]));
    }

    [Fact]
    public void GetTree_EachTree_GivesBackWhatWasPutIn()
    {
        var random = new Random(4);
        Tree[] trees = [.. Enumerable.Range(0, 20).Select(i => RandomTrees.Tree(random, i % 2, 5, 1 + (i % 7)))];

        var ensemble = new TreeEnsemble(5, [0, 0], trees);

        for (int i = 0; i < trees.Length; i++)
        {
            Assert.Equivalent(trees[i], ensemble.GetTree(i), strict: true);
        }
    }

    [Fact]
    public void Combine_OneTargetEach_KeepsTheScoresOfEach()
    {
        var random = new Random(5);
        TreeEnsemble[] models = [.. Enumerable.Range(0, 3).Select(_ => RandomTrees.Ensemble(random))];
        double[] row = RandomTrees.Rows(random, 1, 5);
        var scores = new double[3];
        var one = new double[1];

        TreeEnsemble.Combine(models).Score(row, scores);

        for (int k = 0; k < 3; k++)
        {
            models[k].Score(row, one);
            Assert.Equal(one[0], scores[k]);
        }
    }

    [Fact]
    public void Combine_DifferentFeaturesOrSeveralTargets_IsRefused()
    {
        var random = new Random(6);

        Assert.Throws<ArgumentException>(() => TreeEnsemble.Combine([]));
        Assert.Throws<ArgumentException>(() => TreeEnsemble.Combine([RandomTrees.Ensemble(random), RandomTrees.Ensemble(random, features: 6)]));
        Assert.Throws<ArgumentException>(() => TreeEnsemble.Combine([RandomTrees.Ensemble(random, targets: 2)]));
    }

    [Fact]
    public void AgainstFirst_SeveralTargets_ScoresEachLessTheFirst()
    {
        var random = new Random(7);
        TreeEnsemble classes = RandomTrees.Ensemble(random, targets: 3);
        double[] row = RandomTrees.Rows(random, 1, 5);
        (double[] all, double[] one) = (new double[3], new double[1]);
        classes.Score(row, all);

        IReadOnlyList<TreeEnsemble> odds = classes.AgainstFirst();

        Assert.Equal(2, odds.Count);
        for (int k = 0; k < 2; k++)
        {
            odds[k].Score(row, one);
            Assert.Equal(all[k + 1] - all[0], one[0], 1e-12);
        }

        Assert.Throws<ArgumentException>(() => odds[0].AgainstFirst());
    }

    [Fact]
    public void Mean_ModelsWithBaseScores_ScoresTheirMean()
    {
        // At x = 1 the members give 0.5 + 3 and -1 + 7, at x = 0 0.5 - 1 and -1 + 7.
        var split = new TreeEnsemble(1, [0.5], [new Tree(0, [new(0.5, 0, ~0, ~1, false)], [9], [-1, 3], [4, 5])]);
        var constant = new TreeEnsemble(1, [-1], [new Tree(0, [], [], [7], [9])]);
        var mean = TreeEnsemble.Mean([split, constant]);
        var score = new double[1];

        mean.Score([1], score);
        Assert.Equal(4.75, score[0]);
        mean.Score([0], score);
        Assert.Equal(2.75, score[0]);
        Assert.Equal([4.0, 5.0], mean.GetTree(0).LeafCovers);
    }

    [Fact]
    public void Mean_OneModel_IsThatModelToTheBit()
    {
        TreeEnsemble model = RandomTrees.Ensemble(new Random(8));
        var mean = TreeEnsemble.Mean([model]);

        for (int tree = 0; tree < model.TreeCount; tree++)
        {
            Assert.Equal(model.GetTree(tree).LeafValues, mean.GetTree(tree).LeafValues);
            Assert.Equal(model.GetTree(tree).Nodes, mean.GetTree(tree).Nodes);
        }
    }

    public static TheoryData<Tree, string> BrokenTrees => new()
    {
        { Good() with { Target = 1 }, "Tree 1: target 1 is not one of 1" },
        { Good() with { Target = -1 }, "Tree 1: target -1" },
        { Good() with { LeafValues = [1, 2] }, "Tree 1: 2 leaf values for 2 nodes" },
        { Good() with { LeafCovers = [1, 2] }, "Tree 1: 2 leaf covers for 3 leaves" },
        { Good() with { NodeCovers = [1] }, "Tree 1: 1 node covers for 2 nodes" },
        { Good() with { LeafValues = [1, double.NaN, 3] }, "leaf 1: value NaN" },
        { Good() with { LeafValues = [1, 2, double.PositiveInfinity] }, "leaf 2: value Infinity" },
        { Good() with { LeafCovers = [1, -1, 3] }, "leaf 1: cover -1" },
        { Good() with { NodeCovers = [double.NaN, 1] }, "node 0: cover NaN" },
        { With(1, Nodes[1] with { Feature = 2 }), "node 1: feature 2 is not one of 2" },
        { With(1, Nodes[1] with { Feature = -1 }), "node 1: feature -1" },
        { With(0, Nodes[0] with { Threshold = double.NaN }), "node 0: threshold is NaN" },
        { With(0, Nodes[0] with { Left = 2 }), "node 0: left child 2 is out of range" },
        { With(0, Nodes[0] with { Right = ~3 }), "node 0: right child -4 is out of range" },
        { With(0, Nodes[0] with { Right = int.MinValue }), "node 0: right child -2147483648 is out of range" },
        { With(1, Nodes[1] with { Left = 1 }), "node 1: left child 1 is the node itself" },
        { With(1, Nodes[1] with { Right = 0 }), "node 1: right child 0 is the root, which closes a cycle" },
        { With(1, Nodes[1] with { Right = ~0 }), "node 1: right child -1 already has a parent" },
        { With(0, Nodes[0] with { Right = 1 }), "node 0: right child 1 already has a parent" },
        {
            // 1 and 2 hold each other; the root has two leaves.
            new Tree(0, [new(0, 0, ~0, ~1, false), new(0, 0, 2, ~2, false), new(0, 0, 1, ~3, false)], [1, 1, 1], [1, 2, 3, 4], [1, 1, 1, 1]),
            "node 1 cannot be reached from the root"
        },
    };

    [Theory]
    [MemberData(nameof(BrokenTrees))]
    public void Constructor_BrokenTree_IsRefusedByName(Tree broken, string expected)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => new TreeEnsemble(2, [0], [Good(), broken]));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_NoFeatureTargetOrTree_IsRefused()
    {
        Assert.Throws<ModelFormatException>(() => new TreeEnsemble(0, [0], [Good()]));
        Assert.Throws<ModelFormatException>(() => new TreeEnsemble(2, [], [Good()]));
        Assert.Throws<ModelFormatException>(() => new TreeEnsemble(2, [0], []));
        Assert.Throws<ModelFormatException>(() => new TreeEnsemble(2, [double.NaN], [Good()]));
    }

    [Fact]
    public void Score_DeepestTree_IsWalked()
    {
        var score = new double[1];

        new TreeEnsemble(1, [0], [Chain(TreeEnsemble.MaxDepth)]).Score([600.5], score);

        Assert.Equal(601, score[0]);
    }

    [Fact]
    public void Constructor_DeeperThanTheLimit_IsRefused()
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => new TreeEnsemble(1, [0], [Chain(TreeEnsemble.MaxDepth + 1)]));

        Assert.Contains("node 1000 lies deeper than 1000 splits", refusal.Message, StringComparison.Ordinal);
    }

    // x <= 0 ? 0 : x <= 1 ? 1 : x <= 2 ? 2 ...
    private static Tree Chain(int depth) => new(
        0,
        [.. Enumerable.Range(0, depth).Select(i => new TreeNode(i, 0, ~i, i == depth - 1 ? ~depth : i + 1, false))],
        [.. Enumerable.Repeat(1.0, depth)],
        [.. Enumerable.Range(0, depth + 1).Select(i => (double)i)],
        [.. Enumerable.Repeat(1.0, depth + 1)]);

    private static Tree Good() => new(0, [.. Nodes], [50, 30], [10, 20, 30], [20, 10, 20]);

    private static Tree With(int index, TreeNode node)
    {
        Tree tree = Good();
        tree.Nodes[index] = node;
        return tree;
    }

    private static double Walk(Tree tree, int at, double[] row)
    {
        if (at < 0)
        {
            return tree.LeafValues[~at];
        }

        TreeNode node = tree.Nodes[at];
        double x = row[node.Feature];
        bool left = double.IsNaN(x) ? node.MissingLeft : x <= node.Threshold;
        return Walk(tree, left ? node.Left : node.Right, row);
    }
}
