using Auspex.Models.Trees;

namespace Auspex.Models.Detectors;

/// <summary>Grows one tree of an isolation forest: a random feature, cut at a random place between its least and largest value, until rows stand alone, cannot be
/// told apart, or the height of an average tree is reached.</summary>
internal sealed class IsolationTree(IReadOnlyList<double[]> rows, int[] candidates, Draws draw)
{
    private readonly List<TreeNode> _nodes = [];
    private readonly List<double> _nodeCovers = [];
    private readonly List<double> _leafValues = [];
    private readonly List<double> _leafCovers = [];

    public Tree Grow(int rowCount)
    {
        int[] sample = [.. Enumerable.Range(0, rows.Count)];
        for (int i = 0; i < rowCount; i++)
        {
            int other = i + draw.Below(sample.Length - i);
            (sample[i], sample[other]) = (sample[other], sample[i]);
        }

        Node(sample[..rowCount], depth: 0, (int)Math.Ceiling(Math.Log2(rowCount)));
        return new Tree(0, [.. _nodes], [.. _nodeCovers], [.. _leafValues], [.. _leafCovers]);
    }

    /// <returns>The node, or ~leaf.</returns>
    private int Node(int[] inside, int depth, int mostDepth)
    {
        if (inside.Length <= 1 || depth == mostDepth || !TryCut(inside, out int feature, out double threshold))
        {
            _leafValues.Add(depth + IsolationForest.AveragePath(inside.Length));
            _leafCovers.Add(inside.Length);
            return ~(_leafValues.Count - 1);
        }

        int left = inside.Count(row => rows[row][feature] <= threshold);
        int right = inside.Count(row => rows[row][feature] > threshold);
        bool missingLeft = left >= right;
        bool GoesLeft(int row) => rows[row][feature] <= threshold || (missingLeft && double.IsNaN(rows[row][feature]));
        int node = _nodes.Count;
        _nodes.Add(default);
        _nodeCovers.Add(inside.Length);
        int leftChild = Node([.. inside.Where(GoesLeft)], depth + 1, mostDepth);
        int rightChild = Node([.. inside.Where(row => !GoesLeft(row))], depth + 1, mostDepth);
        _nodes[node] = new TreeNode(threshold, feature, leftChild, rightChild, missingLeft);
        return node;
    }

    // Features in random order until one varies here.
    private bool TryCut(int[] inside, out int feature, out double threshold)
    {
        int[] order = [.. candidates];
        for (int i = 0; i < order.Length; i++)
        {
            int other = i + draw.Below(order.Length - i);
            (order[i], order[other]) = (order[other], order[i]);
            feature = order[i];
            double least = double.PositiveInfinity;
            double most = double.NegativeInfinity;
            foreach (int row in inside)
            {
                double value = rows[row][feature];
                least = value < least ? value : least;
                most = value > most ? value : most;
            }

            if (least < most)
            {
                // Both in halves, so that the difference of huge values stays finite; below the largest, so that it goes right.
                double share = draw.Uniform();
                threshold = Math.Clamp((least * (1 - share)) + (most * share), least, Math.BitDecrement(most));
                return true;
            }
        }

        (feature, threshold) = (0, 0);
        return false;
    }
}
