using System.Buffers;

namespace Auspex.Models.Trees;

/// <summary>The trees laid out for speed. One tree is a chain of loads, each waiting for the one before; so many trees (of one row) or many
/// rows (of one tree) go down together, one level at a time, without a branch that depends on the values.</summary>
internal sealed class TreeWalk
{
    // Trees that one row goes down together, and rows that go down one tree together.
    private const int TreesPerBlock = 128;
    private const int RowsPerPass = 32;

    // Longer rows are laid out in a rented array instead of on the stack.
    private const int MaxStackValues = 1_024;

    private readonly int _features;
    private readonly int _width;
    private readonly Step[] _steps;
    private readonly int[] _roots;
    private readonly int[] _depths;
    private readonly int[] _targets;
    private readonly int _targetCount;

    // Of each block its trees by falling depth, so that at each level those that go on are the first ones.
    private readonly int[] _lanes;

    public TreeWalk(int features, int targetCount, IReadOnlyList<Tree> trees)
    {
        _features = features;
        _width = checked((2 * features) + 1);
        _targetCount = targetCount;
        _roots = new int[trees.Count];
        _depths = new int[trees.Count];
        _targets = new int[trees.Count];
        _lanes = new int[trees.Count];
        _steps = new Step[trees.Sum(tree => tree.Nodes.Length + tree.LeafValues.Length)];
        int used = 0;
        for (int tree = 0; tree < trees.Count; tree++)
        {
            _targets[tree] = trees[tree].Target;
            _roots[tree] = used;
            _depths[tree] = LayOut(trees[tree], ref used);
        }

        for (int first = 0; first < trees.Count; first += TreesPerBlock)
        {
            int count = Math.Min(TreesPerBlock, trees.Count - first);
            int[] byDepth = [.. Enumerable.Range(first, count).OrderByDescending(tree => _depths[tree])];
            byDepth.CopyTo(_lanes, first);
        }
    }

    /// <summary>Adds the leaves of one row to its scores, in tree order.</summary>
    public void AddRow(ReadOnlySpan<double> row, Span<double> scores)
    {
        double[]? rented = _width > MaxStackValues ? ArrayPool<double>.Shared.Rent(_width) : null;
        Span<double> values = (rented ?? stackalloc double[MaxStackValues])[.._width];
        LayOut(row, values);
        Span<int> at = stackalloc int[TreesPerBlock];
        Span<double> leaves = stackalloc double[TreesPerBlock];
        for (int first = 0; first < _roots.Length; first += TreesPerBlock)
        {
            ReadOnlySpan<int> lanes = _lanes.AsSpan(first, Math.Min(TreesPerBlock, _roots.Length - first));
            Descend(lanes, values, at);
            for (int lane = 0; lane < lanes.Length; lane++)
            {
                leaves[lanes[lane] - first] = _steps[at[lane]].Threshold;
            }

            for (int tree = 0; tree < lanes.Length; tree++)
            {
                scores[_targets[first + tree]] += leaves[tree];
            }
        }

        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>Adds the leaves of each row to its scores, in tree order.</summary>
    public void AddRows(ReadOnlySpan<double> rows, Span<double> scores)
    {
        int count = rows.Length / _features;
        double[] rented = ArrayPool<double>.Shared.Rent(checked(RowsPerPass * _width));
        Span<int> at = stackalloc int[RowsPerPass];
        for (int first = 0; first < count; first += RowsPerPass)
        {
            int taken = Math.Min(RowsPerPass, count - first);
            for (int row = 0; row < taken; row++)
            {
                LayOut(rows.Slice((first + row) * _features, _features), rented.AsSpan(row * _width, _width));
            }

            for (int tree = 0; tree < _roots.Length; tree++)
            {
                Span<int> lanes = at[..taken];
                lanes.Fill(_roots[tree]);
                for (int level = 0; level < _depths[tree]; level++)
                {
                    int start = 0;
                    for (int row = 0; row < lanes.Length; row++, start += _width)
                    {
                        ref readonly Step step = ref _steps[lanes[row]];
                        lanes[row] = step.Next + (rented[start + step.Value] <= step.Threshold ? 1 : 0);
                    }
                }

                int score = (first * _targetCount) + _targets[tree];
                for (int row = 0; row < lanes.Length; row++, score += _targetCount)
                {
                    scores[score] += _steps[lanes[row]].Threshold;
                }
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private void Descend(ReadOnlySpan<int> lanes, ReadOnlySpan<double> values, Span<int> at)
    {
        Step[] steps = _steps;
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            at[lane] = _roots[lanes[lane]];
        }

        int going = lanes.Length;
        for (int level = 0; ; level++)
        {
            while (going > 0 && _depths[lanes[going - 1]] <= level)
            {
                going--;
            }

            if (going == 0)
            {
                return;
            }

            foreach (ref int place in at[..going])
            {
                ref readonly Step step = ref steps[place];
                place = step.Next + (values[step.Value] <= step.Threshold ? 1 : 0);
            }
        }
    }

    // The values as they are, one NaN that the leaves compare with, and the values again for the splits that send NaN left: there it is −∞.
    private static void LayOut(ReadOnlySpan<double> row, Span<double> values)
    {
        row.CopyTo(values);
        values[row.Length] = double.NaN;
        Span<double> missingLeft = values[(row.Length + 1)..];
        for (int i = 0; i < row.Length; i++)
        {
            missingLeft[i] = double.IsNaN(row[i]) ? double.NegativeInfinity : row[i];
        }
    }

    // Level by level, the two children of a node side by side. Returns the depth.
    private int LayOut(Tree tree, ref int used)
    {
        var level = new List<(int Id, int Place)> { (tree.Nodes.Length == 0 ? ~0 : 0, used++) };
        int depth = -1;
        for (; level.Count > 0; depth++)
        {
            var below = new List<(int Id, int Place)>();
            foreach ((int id, int place) in level)
            {
                if (id < 0)
                {
                    _steps[place] = new Step(tree.LeafValues[~id], _features, place);
                    continue;
                }

                TreeNode node = tree.Nodes[id];
                _steps[place] = new Step(node.Threshold, node.MissingLeft ? _features + 1 + node.Feature : node.Feature, used);
                below.Add((node.Right, used++));
                below.Add((node.Left, used++));
            }

            level = below;
        }

        return depth;
    }

    /// <summary>A node, or a leaf that leads to itself.</summary>
    /// <param name="Threshold">A value at or below it goes left; of a leaf, what it adds.</param>
    /// <param name="Value">Place of the value to compare; of a leaf, that of the NaN, which is at or below nothing.</param>
    /// <param name="Next">The right child, behind which the left one stands.</param>
    private readonly record struct Step(double Threshold, int Value, int Next);
}
