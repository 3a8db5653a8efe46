using Auspex.Models.Trees;

namespace Auspex.Models.Onnx;

/// <summary>The trees as the parallel arrays of the TreeEnsemble operator (ai.onnx.ml 5): all nodes of all trees in one sequence, all
/// leaves in another, a tree's nodes and leaves together and its root first.</summary>
internal sealed class OnnxTreeColumns
{
    /// <summary>aggregate_function: leaf weights are added.</summary>
    public const long Sum = 1;

    /// <summary>post_transform: none.</summary>
    public const long NoTransform = 0;

    // The operator has no tree without nodes, and ONNX Runtime takes a node whose children are one and the same leaf for the leaf of the
    // node's number. A constant is therefore written as a split that nothing passes to the right, with its leaf on both sides.
    public static readonly TreeNode AlwaysLeft = new(double.PositiveInfinity, 0, ~0, ~1, true);

    public OnnxTreeColumns(TreeEnsemble ensemble)
    {
        Tree[] trees = [.. Enumerable.Range(0, ensemble.TreeCount).Select(tree => WithNode(ensemble.GetTree(tree)))];
        int nodes = trees.Sum(tree => tree.Nodes.Length);
        int leaves = nodes + trees.Length;
        TreeRoots = new long[trees.Length];
        FeatureIds = new long[nodes];
        Splits = new double[nodes];
        TrueIds = new long[nodes];
        FalseIds = new long[nodes];
        TrueLeafs = new long[nodes];
        FalseLeafs = new long[nodes];
        MissingTracksTrue = new long[nodes];
        NodeCovers = new double[nodes];
        LeafTargetIds = new long[leaves];
        LeafWeights = new double[leaves];
        LeafCovers = new double[leaves];
        int firstNode = 0;
        for (int index = 0; index < trees.Length; index++)
        {
            Tree tree = trees[index];
            int firstLeaf = firstNode + index;
            TreeRoots[index] = firstNode;
            for (int i = 0; i < tree.Nodes.Length; i++)
            {
                TreeNode split = tree.Nodes[i];
                int node = firstNode + i;
                FeatureIds[node] = split.Feature;
                Splits[node] = split.Threshold;
                TrueLeafs[node] = split.Left < 0 ? 1 : 0;
                TrueIds[node] = split.Left < 0 ? ~split.Left + firstLeaf : split.Left + firstNode;
                FalseLeafs[node] = split.Right < 0 ? 1 : 0;
                FalseIds[node] = split.Right < 0 ? ~split.Right + firstLeaf : split.Right + firstNode;
                MissingTracksTrue[node] = split.MissingLeft ? 1 : 0;
            }

            tree.NodeCovers.CopyTo(NodeCovers, firstNode);
            tree.LeafValues.CopyTo(LeafWeights, firstLeaf);
            tree.LeafCovers.CopyTo(LeafCovers, firstLeaf);
            LeafTargetIds.AsSpan(firstLeaf, tree.LeafValues.Length).Fill(tree.Target);
            firstNode += tree.Nodes.Length;
        }
    }

    public long[] TreeRoots { get; }

    public long[] FeatureIds { get; }

    public double[] Splits { get; }

    public long[] TrueIds { get; }

    public long[] FalseIds { get; }

    public long[] TrueLeafs { get; }

    public long[] FalseLeafs { get; }

    public long[] MissingTracksTrue { get; }

    public long[] LeafTargetIds { get; }

    public double[] LeafWeights { get; }

    /// <summary>Covers have no place in the operator; the file carries them beside the graph.</summary>
    public double[] NodeCovers { get; }

    public double[] LeafCovers { get; }

    /// <summary>Undoes <see cref="WithNode"/>.</summary>
    public static Tree WithoutNode(Tree tree) => tree.Nodes is [var only] && only == AlwaysLeft && tree.LeafValues[0] == tree.LeafValues[1]
        ? tree with { Nodes = [], NodeCovers = [], LeafValues = tree.LeafValues[..1], LeafCovers = tree.LeafCovers[..1] }
        : tree;

    private static Tree WithNode(Tree tree) => tree.Nodes.Length == 0
        ? tree with
        {
            Nodes = [AlwaysLeft],
            NodeCovers = [tree.LeafCovers[0]],
            LeafValues = [tree.LeafValues[0], tree.LeafValues[0]],
            LeafCovers = [tree.LeafCovers[0], 0],
        }
        : tree;
}
