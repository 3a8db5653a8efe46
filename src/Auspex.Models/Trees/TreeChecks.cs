using System.Globalization;

namespace Auspex.Models.Trees;

/// <summary>The rules of a tree: every node and leaf is reached from the root by exactly one path, and every number can be used.</summary>
internal static class TreeChecks
{
    /// <exception cref="ModelFormatException">A rule is broken; the message names tree, node, field and value.</exception>
    public static void Check(Tree tree, int index, int featureCount, int targetCount)
    {
        TreeNode[] nodes = tree.Nodes;
        int leaves = tree.LeafValues.Length;
        if (tree.Target < 0 || tree.Target >= targetCount)
        {
            throw Broken(index, $"target {tree.Target} is not one of {targetCount}");
        }

        if (leaves != nodes.Length + 1)
        {
            throw Broken(index, $"{leaves} leaf values for {nodes.Length} nodes: a binary tree has one leaf more than nodes");
        }

        if (tree.NodeCovers.Length != nodes.Length)
        {
            throw Broken(index, $"{tree.NodeCovers.Length} node covers for {nodes.Length} nodes");
        }

        if (tree.LeafCovers.Length != leaves)
        {
            throw Broken(index, $"{tree.LeafCovers.Length} leaf covers for {leaves} leaves");
        }

        for (int leaf = 0; leaf < leaves; leaf++)
        {
            if (!double.IsFinite(tree.LeafValues[leaf]))
            {
                throw Broken(index, $"leaf {leaf}: value {tree.LeafValues[leaf]} is not finite");
            }

            if (!IsCover(tree.LeafCovers[leaf]))
            {
                throw Broken(index, $"leaf {leaf}: cover {tree.LeafCovers[leaf]} is not a finite number of rows");
            }
        }

        for (int node = 0; node < nodes.Length; node++)
        {
            if (nodes[node].Feature < 0 || nodes[node].Feature >= featureCount)
            {
                throw Broken(index, $"node {node}: feature {nodes[node].Feature} is not one of {featureCount}");
            }

            if (double.IsNaN(nodes[node].Threshold))
            {
                throw Broken(index, $"node {node}: threshold is NaN");
            }

            if (!IsCover(tree.NodeCovers[node]))
            {
                throw Broken(index, $"node {node}: cover {tree.NodeCovers[node]} is not a finite number of rows");
            }
        }

        CheckShape(nodes, leaves, index);
    }

    // n nodes have 2n children. When each of the n − 1 other nodes and n + 1 leaves is the child of at most one node and none is the root,
    // all are children exactly once; what is left to rule out is a ring apart from the root, which a walk from the root does not reach.
    private static void CheckShape(TreeNode[] nodes, int leaves, int index)
    {
        var isChild = new bool[nodes.Length + leaves];
        for (int node = 0; node < nodes.Length; node++)
        {
            Claim(nodes[node].Left, node, "left child");
            Claim(nodes[node].Right, node, "right child");
        }

        var reached = new bool[nodes.Length];
        var walk = new Stack<(int Node, int Depth)>();
        Visit(nodes.Length > 0 ? 0 : -1, 1);
        while (walk.TryPop(out (int Node, int Depth) at))
        {
            if (at.Depth > TreeEnsemble.MaxDepth)
            {
                throw Broken(index, $"node {at.Node} lies deeper than {TreeEnsemble.MaxDepth} splits");
            }

            reached[at.Node] = true;
            Visit(nodes[at.Node].Left, at.Depth + 1);
            Visit(nodes[at.Node].Right, at.Depth + 1);
        }

        int lost = Array.IndexOf(reached, false);
        if (lost >= 0)
        {
            throw Broken(index, $"node {lost} cannot be reached from the root: it is part of a cycle");
        }

        void Claim(int child, int parent, string field)
        {
            if (child >= nodes.Length || ~child >= leaves)
            {
                throw Broken(index, $"node {parent}: {field} {child} is out of range ({nodes.Length} nodes, leaves -1 to {-leaves})");
            }

            if (child == parent)
            {
                throw Broken(index, $"node {parent}: {field} {child} is the node itself");
            }

            if (child == 0)
            {
                throw Broken(index, $"node {parent}: {field} 0 is the root, which closes a cycle");
            }

            int place = child >= 0 ? child : nodes.Length + ~child;
            if (isChild[place])
            {
                throw Broken(index, $"node {parent}: {field} {child} already has a parent");
            }

            isChild[place] = true;
        }

        void Visit(int child, int depth)
        {
            if (child >= 0)
            {
                walk.Push((child, depth));
            }
        }
    }

    private static bool IsCover(double cover) => double.IsFinite(cover) && cover >= 0;

    private static ModelFormatException Broken(int tree, FormattableString rule) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Tree {tree}: {FormattableString.Invariant(rule)}."));
}
