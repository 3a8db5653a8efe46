namespace Auspex.Models.Trees;

/// <summary>One split of a tree: a value at or below the threshold goes left, a larger one right.</summary>
/// <param name="Threshold">Compared with the feature's value in double; not NaN.</param>
/// <param name="Feature">Column of the row, from 0.</param>
/// <param name="Left">Child for <c>value &lt;= Threshold</c>: a node of the same tree when 0 or more, else the leaf <c>~Left</c>.</param>
/// <param name="Right">Child for larger values, written as <paramref name="Left"/>.</param>
/// <param name="MissingLeft">Where NaN goes: left when true, right when false.</param>
public readonly record struct TreeNode(double Threshold, int Feature, int Left, int Right, bool MissingLeft);

/// <summary>One binary tree that adds a leaf's value to one raw score. Node 0 is the root; a tree without nodes is its leaf 0.</summary>
/// <param name="Target">The raw score it adds to, from 0.</param>
/// <param name="Nodes">The splits.</param>
/// <param name="NodeCovers">Training rows that passed each node; what exact reasons weigh branches by.</param>
/// <param name="LeafValues">What each leaf adds; one leaf more than there are nodes.</param>
/// <param name="LeafCovers">Training rows that ended in each leaf.</param>
public sealed record Tree(int Target, TreeNode[] Nodes, double[] NodeCovers, double[] LeafValues, double[] LeafCovers);
