namespace Auspex.Models.Trees;

/// <summary>A sum of binary trees for each raw score: what a boosted or bagged tree model is after training. Immutable, safe to score from
/// many threads.</summary>
public sealed class TreeEnsemble
{
    /// <summary>Most splits on the way to a leaf: many readers of tree files recurse, and a deeper tree could end their process.</summary>
    public const int MaxDepth = 1_000;

    // All trees one after the other; children count over the whole ensemble.
    private readonly TreeNode[] _nodes;
    private readonly double[] _nodeCovers;
    private readonly double[] _leafValues;
    private readonly double[] _leafCovers;
    private readonly int[] _roots;
    private readonly int[] _targets;
    private readonly double[] _baseScores;
    private readonly TreeWalk _walk;

    /// <summary>Checks and copies the trees.</summary>
    /// <param name="featureCount">Values in a row, at least 1.</param>
    /// <param name="baseScores">What each raw score starts from, one for each target; all 0 for LightGBM, which folds its start into the
    /// first tree.</param>
    /// <param name="trees">The trees, in the order in which their leaves are added.</param>
    /// <exception cref="ModelFormatException">A child is out of range, has two parents or closes a cycle; a node cannot be reached or lies
    /// deeper than <see cref="MaxDepth"/>; a feature or
    /// target is out of range; a threshold is NaN; a leaf, cover or base score is not finite; arrays of a tree differ in length.</exception>
    public TreeEnsemble(int featureCount, IReadOnlyList<double> baseScores, IReadOnlyList<Tree> trees)
    {
        ArgumentNullException.ThrowIfNull(baseScores);
        ArgumentNullException.ThrowIfNull(trees);
        if (featureCount < 1)
        {
            throw new ModelFormatException($"The model has {featureCount} features; it needs at least one.");
        }

        if (baseScores.Count == 0 || trees.Count == 0)
        {
            throw new ModelFormatException($"The model has {baseScores.Count} targets and {trees.Count} trees; it needs at least one of each.");
        }

        for (int target = 0; target < baseScores.Count; target++)
        {
            if (!double.IsFinite(baseScores[target]))
            {
                throw new ModelFormatException(
                    FormattableString.Invariant($"Base score {target} is {baseScores[target]}, which is not finite."));
            }
        }

        long nodeCount = 0;
        long leafCount = 0;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            TreeChecks.Check(trees[tree], tree, featureCount, baseScores.Count);
            nodeCount += trees[tree].Nodes.Length;
            leafCount += trees[tree].LeafValues.Length;
        }

        FeatureCount = featureCount;
        _baseScores = [.. baseScores];
        _walk = new TreeWalk(featureCount, baseScores.Count, trees);
        _roots = new int[trees.Count];
        _targets = new int[trees.Count];
        _nodes = new TreeNode[checked((int)nodeCount)];
        _nodeCovers = new double[nodeCount];
        _leafValues = new double[checked((int)leafCount)];
        _leafCovers = new double[leafCount];
        int firstNode = 0;
        int firstLeaf = 0;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            Tree source = trees[tree];
            _targets[tree] = source.Target;
            _roots[tree] = source.Nodes.Length == 0 ? ~firstLeaf : firstNode;
            for (int node = 0; node < source.Nodes.Length; node++)
            {
                TreeNode split = source.Nodes[node];
                _nodes[firstNode + node] = split with
                {
                    Left = split.Left >= 0 ? split.Left + firstNode : split.Left - firstLeaf,
                    Right = split.Right >= 0 ? split.Right + firstNode : split.Right - firstLeaf,
                };
            }

            source.NodeCovers.CopyTo(_nodeCovers, firstNode);
            source.LeafValues.CopyTo(_leafValues, firstLeaf);
            source.LeafCovers.CopyTo(_leafCovers, firstLeaf);
            firstNode += source.Nodes.Length;
            firstLeaf += source.LeafValues.Length;
        }
    }

    /// <summary>Values in a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Raw scores of a row: one, or one for each component.</summary>
    public int TargetCount => _baseScores.Length;

    /// <summary>Number of trees of all targets.</summary>
    public int TreeCount => _roots.Length;

    /// <summary>Number of leaves of all trees.</summary>
    public int LeafCount => _leafValues.Length;

    /// <summary>What each raw score starts from.</summary>
    public ReadOnlySpan<double> BaseScores => _baseScores;

    /// <summary>A copy of one tree, with node and leaf ids of its own.</summary>
    /// <param name="tree">From 0 to <see cref="TreeCount"/> − 1.</param>
    public Tree GetTree(int tree)
    {
        (int firstNode, int lastNode) = (FirstNode(tree), FirstNode(tree + 1));
        (int firstLeaf, int lastLeaf) = (FirstLeaf(tree), FirstLeaf(tree + 1));
        TreeNode[] nodes = _nodes[firstNode..lastNode];
        for (int node = 0; node < nodes.Length; node++)
        {
            TreeNode split = nodes[node];
            nodes[node] = split with
            {
                Left = split.Left >= 0 ? split.Left - firstNode : split.Left + firstLeaf,
                Right = split.Right >= 0 ? split.Right - firstNode : split.Right + firstLeaf,
            };
        }

        return new Tree(
            _targets[tree], nodes, _nodeCovers[firstNode..lastNode], _leafValues[firstLeaf..lastLeaf], _leafCovers[firstLeaf..lastLeaf]);
    }

    /// <summary>Raw scores of one row: base score plus leaf values, added in double in tree order as LightGBM does. Allocates nothing.</summary>
    /// <param name="row"><see cref="FeatureCount"/> values; NaN for missing.</param>
    /// <param name="scores">Receives <see cref="TargetCount"/> raw scores.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        if (row.Length != FeatureCount)
        {
            throw new ArgumentException($"The row has {row.Length} values, the model {FeatureCount} features.", nameof(row));
        }

        if (scores.Length != TargetCount)
        {
            throw new ArgumentException($"There is room for {scores.Length} scores, the model gives {TargetCount}.", nameof(scores));
        }

        _baseScores.CopyTo(scores);
        _walk.AddRow(row, scores);
    }

    /// <summary>Raw scores of many rows, bit for bit those of <see cref="Score"/>. Allocates nothing.</summary>
    /// <param name="rows">Rows × <see cref="FeatureCount"/> values, row-major; NaN for missing.</param>
    /// <param name="scores">Receives rows × <see cref="TargetCount"/> raw scores, row-major.</param>
    /// <exception cref="ArgumentException">A length is no whole number of rows, or the two differ in rows.</exception>
    public void ScoreRows(ReadOnlySpan<double> rows, Span<double> scores)
    {
        (int count, int rest) = Math.DivRem(rows.Length, FeatureCount);
        if (rest != 0)
        {
            throw new ArgumentException($"{rows.Length} values are no whole number of rows of {FeatureCount} features.", nameof(rows));
        }

        if (scores.Length != (long)count * TargetCount)
        {
            throw new ArgumentException($"There is room for {scores.Length} scores, {count} rows give {TargetCount} each.", nameof(scores));
        }

        for (int row = 0; row < count; row++)
        {
            _baseScores.CopyTo(scores[(row * TargetCount)..]);
        }

        _walk.AddRows(rows, scores);
    }

    /// <summary>Puts models of one target each side by side: target k of the result is the k-th model, tree by tree as it was.</summary>
    /// <param name="oneTargetEach">At least one model, all of the same features.</param>
    /// <exception cref="ArgumentException">A model has several targets or another number of features.</exception>
    public static TreeEnsemble Combine(IReadOnlyList<TreeEnsemble> oneTargetEach)
    {
        ArgumentNullException.ThrowIfNull(oneTargetEach);
        if (oneTargetEach.Count == 0)
        {
            throw new ArgumentException("There is no model to combine.", nameof(oneTargetEach));
        }

        var trees = new List<Tree>();
        var baseScores = new double[oneTargetEach.Count];
        for (int target = 0; target < oneTargetEach.Count; target++)
        {
            TreeEnsemble model = oneTargetEach[target];
            if (model.TargetCount != 1 || model.FeatureCount != oneTargetEach[0].FeatureCount)
            {
                throw new ArgumentException(
                    $"Model {target} has {model.TargetCount} targets and {model.FeatureCount} features, "
                    + $"needed are 1 and {oneTargetEach[0].FeatureCount}.",
                    nameof(oneTargetEach));
            }

            baseScores[target] = model._baseScores[0];
            for (int tree = 0; tree < model.TreeCount; tree++)
            {
                trees.Add(model.GetTree(tree) with { Target = target });
            }
        }

        return new TreeEnsemble(oneTargetEach[0].FeatureCount, baseScores, trees);
    }

    /// <summary>The mean of models of one target each, as one model: all their trees, leaf values and base scores divided by their number.</summary>
    /// <param name="members">At least one model, all of the same features; a single one is left as it is.</param>
    /// <exception cref="ArgumentException">A model has several targets or another number of features.</exception>
    public static TreeEnsemble Mean(IReadOnlyList<TreeEnsemble> members)
    {
        TreeEnsemble sideBySide = Combine(members);
        var trees = new Tree[sideBySide.TreeCount];
        for (int tree = 0; tree < trees.Length; tree++)
        {
            Tree source = sideBySide.GetTree(tree);
            trees[tree] = source with { Target = 0, LeafValues = Array.ConvertAll(source.LeafValues, value => value / members.Count) };
        }

        double baseScore = sideBySide._baseScores.Sum(score => score / members.Count);
        return new TreeEnsemble(sideBySide.FeatureCount, [baseScore], trees);
    }

    /// <summary>Takes the first target away from the others: one model each for target 1, 2 …, whose raw score is that target's less the first one's.
    /// Of a multi-class model these are the log odds of each class against the first.</summary>
    /// <exception cref="ArgumentException">There are fewer than 2 targets.</exception>
    public IReadOnlyList<TreeEnsemble> AgainstFirst()
    {
        if (TargetCount < 2)
        {
            throw new ArgumentException($"The model has {TargetCount} target; needed are 2 or more.");
        }

        Tree[] trees = [.. Enumerable.Range(0, TreeCount).Select(GetTree)];
        return
        [
            .. Enumerable.Range(1, TargetCount - 1).Select(target => new TreeEnsemble(
                FeatureCount, [_baseScores[target] - _baseScores[0]],
                [
                    .. trees.Where(tree => tree.Target == 0 || tree.Target == target).Select(tree => tree with
                    {
                        Target = 0,
                        LeafValues = tree.Target == 0 ? Array.ConvertAll(tree.LeafValues, value => -value) : tree.LeafValues,
                    }),
                ])),
        ];
    }

    // A tree of n leaves has n − 1 nodes, so the nodes before a tree are the leaves before it less the trees before it.
    private int FirstNode(int tree) => FirstLeaf(tree) - tree;

    private int FirstLeaf(int tree) => tree == _roots.Length ? _leafValues.Length : _roots[tree] >= 0 ? _roots[tree] + tree : ~_roots[tree];
}
