using Auspex.Models.Trees;

namespace Auspex.Models.Tests;

/// <summary>Random valid trees, grown as LightGBM grows them: a leaf is split, one side keeps its number.</summary>
internal static class RandomTrees
{
    public static TreeEnsemble Ensemble(Random random, int features = 5, int targets = 1, int trees = 10, int maxLeaves = 12) => new(
        features,
        new double[targets],
        [.. Enumerable.Range(0, trees).Select(tree => Tree(random, tree % targets, features, 1 + random.Next(maxLeaves)))]);

    public static Tree Tree(Random random, int target, int features, int leaves)
    {
        var nodes = new List<TreeNode>();
        for (int leaf = 1; leaf < leaves; leaf++)
        {
            int split = random.Next(leaf);
            int parent = nodes.FindIndex(node => node.Left == ~split || node.Right == ~split);
            if (parent >= 0)
            {
                nodes[parent] = nodes[parent].Left == ~split
                    ? nodes[parent] with { Left = nodes.Count }
                    : nodes[parent] with { Right = nodes.Count };
            }

            nodes.Add(new TreeNode(Math.Round(random.NextDouble(), 1), random.Next(features), ~split, ~leaf, random.Next(2) == 0));
        }

        return new Tree(
            target,
            [.. nodes],
            [.. nodes.Select(_ => (double)random.Next(1000))],
            [.. Enumerable.Range(0, leaves).Select(_ => random.NextDouble() - 0.5)],
            [.. Enumerable.Range(0, leaves).Select(_ => (double)random.Next(1000))]);
    }

    /// <summary>Rows × features values in [0, 1] on the grid of the thresholds, so that equality is met; a tenth of them NaN.</summary>
    public static double[] Rows(Random random, int rows, int features) =>
        [.. Enumerable.Range(0, rows * features).Select(_ => random.Next(10) == 0 ? double.NaN : Math.Round(random.NextDouble(), 1))];
}
