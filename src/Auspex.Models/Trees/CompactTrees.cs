using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Auspex.Models.Trees;

/// <summary>The trees of a model as scoring alone needs them, in 18 bytes a leaf: without covers, and without children, whose places follow from the order. Scores are bit for bit those
/// of <see cref="TreeEnsemble"/>. Immutable, safe to score from many threads.</summary>
/// <remarks>A tree's nodes and leaves stand level by level. The k-th node that is no leaf has its children at 2k + 1 (right) and 2k + 2 (left), so one bit a place, whether it is a leaf,
/// and the count of nodes before it are all that leads down.</remarks>
public sealed class CompactTrees
{
    /// <summary>Most features of a row.</summary>
    public const int MaxFeatures = 32_767;

    // Trees that one row goes down together: each step waits for the one before, so several ways are gone side by side.
    private const int Lanes = 8;
    private const int MaxStackValues = 1_024;
    private const int WordBits = 64;

    private readonly double[] _baseScores;
    private readonly TreeStart[] _trees;

    // Which places are nodes, a word for 64 of them, and how many nodes of the tree stand before each word.
    private readonly ulong[] _isNode;
    private readonly int[] _before;

    // One more than there are nodes: a way that has ended looks at the node behind its tree and stays.
    private readonly double[] _thresholds;

    // Which value is compared: its low byte, and its high byte where any has one.
    private readonly byte[] _values;
    private readonly byte[] _highValues;
    private readonly double[] _leaves;

    private CompactTrees(int features, double[] baseScores, TreeStart[] trees, ulong[] isNode, int[] before, double[] thresholds, ushort[] values, double[] leaves)
    {
        FeatureCount = features;
        (_baseScores, _trees, _isNode, _before, _thresholds, _leaves) = (baseScores, trees, isNode, before, thresholds, leaves);
        _values = Array.ConvertAll(values, value => (byte)value);
        _highValues = 2 * features > byte.MaxValue + 1 ? Array.ConvertAll(values, value => (byte)(value >> 8)) : [];
    }

    /// <summary>Values in a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Raw scores of a row.</summary>
    public int TargetCount => _baseScores.Length;

    /// <summary>Number of trees of all targets.</summary>
    public int TreeCount => _trees.Length;

    /// <summary>Number of leaves of all trees.</summary>
    public int LeafCount => _leaves.Length;

    /// <summary>What it holds, in bytes.</summary>
    public long Bytes => 300 + (8L * (_baseScores.Length + _isNode.Length + _thresholds.Length + _leaves.Length)) + (4L * _before.Length) + _values.Length + _highValues.Length + (12L * _trees.Length);

    /// <summary>Lays trees out.</summary>
    /// <exception cref="ModelFormatException">They have more than <see cref="MaxFeatures"/> features.</exception>
    public static CompactTrees Of(TreeEnsemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        RequireFeatures(ensemble.FeatureCount);
        var trees = new TreeStart[ensemble.TreeCount];
        var isNode = new List<ulong>();
        var before = new List<int>();
        var thresholds = new List<double>();
        var values = new List<ushort>();
        var leaves = new List<double>();
        for (int i = 0; i < trees.Length; i++)
        {
            Tree tree = ensemble.GetTree(i);
            int places = (2 * tree.Nodes.Length) + 1;
            (int firstWord, int firstNode) = (isNode.Count, thresholds.Count);
            isNode.AddRange(new ulong[(places + WordBits - 1) / WordBits]);
            int depth = -1;
            int place = 0;
            for (int[] level = [tree.Nodes.Length == 0 ? ~0 : 0]; level.Length > 0; depth++)
            {
                var below = new List<int>();
                foreach (int id in level)
                {
                    if (id < 0)
                    {
                        leaves.Add(tree.LeafValues[~id]);
                    }
                    else
                    {
                        TreeNode node = tree.Nodes[id];
                        isNode[firstWord + (place / WordBits)] |= 1UL << (place % WordBits);
                        thresholds.Add(node.Threshold);
                        values.Add((ushort)(node.MissingLeft ? ensemble.FeatureCount + node.Feature : node.Feature));
                        below.Add(node.Right);
                        below.Add(node.Left);
                    }

                    place++;
                }

                level = [.. below];
            }

            AddCounts(before, isNode, firstWord);
            trees[i] = new TreeStart(firstWord, firstNode, (ushort)tree.Target, (ushort)depth);
        }

        thresholds.Add(0);
        values.Add(0);
        return new CompactTrees(ensemble.FeatureCount, ensemble.BaseScores.ToArray(), trees, [.. isNode], [.. before], [.. thresholds], [.. values], [.. leaves]);
    }

    /// <summary>Raw scores of one row, as <see cref="TreeEnsemble.Score"/> gives them. Allocates nothing.</summary>
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
        int width = 2 * row.Length;
        double[]? rented = width > MaxStackValues ? ArrayPool<double>.Shared.Rent(width) : null;
        Span<double> values = (rented ?? stackalloc double[MaxStackValues])[..width];
        // The values as they are, and again for the splits that send NaN left: there it is −∞.
        row.CopyTo(values);
        for (int i = 0; i < row.Length; i++)
        {
            values[row.Length + i] = double.IsNaN(row[i]) ? double.NegativeInfinity : row[i];
        }

        Span<int> at = stackalloc int[Lanes];
        bool isSmall = _isNode.Length == _trees.Length; // no tree has more places than one word has bits
        for (int first = 0; first < _trees.Length; first += Lanes)
        {
            ReadOnlySpan<TreeStart> trees = _trees.AsSpan(first, Math.Min(Lanes, _trees.Length - first));
            if (isSmall)
            {
                DescendSmall(trees, values, at);
            }
            else
            {
                Descend(trees, values, at);
            }

            for (int lane = 0; lane < trees.Length; lane++)
            {
                int place = at[lane];
                // A tree has one leaf more than nodes, so the leaves before it are the nodes before it and one for each tree.
                scores[trees[lane].Target] += _leaves[trees[lane].FirstNode + first + lane + place - NodesBefore(trees[lane], place)];
            }
        }

        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>Writes them, to be read by <see cref="Read"/>.</summary>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WriteInts(writer, [FeatureCount, _baseScores.Length, _trees.Length, _isNode.Length, _thresholds.Length, _leaves.Length]);
        writer.Write(MemoryMarshal.AsBytes<double>(_baseScores));
        writer.Write(MemoryMarshal.AsBytes<TreeStart>(_trees));
        writer.Write(MemoryMarshal.AsBytes<ulong>(_isNode));
        writer.Write(MemoryMarshal.AsBytes<double>(_thresholds));
        writer.Write(_values);
        writer.Write(_highValues);
        writer.Write(MemoryMarshal.AsBytes<double>(_leaves));
    }

    /// <summary>Reads what <see cref="Write"/> wrote, on a machine of the same byte order.</summary>
    /// <param name="bytes">Begins with it; what is behind it is left there.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static CompactTrees Read(ref ReadOnlySpan<byte> bytes)
    {
        int[] counts = Take<int>(ref bytes, 6);
        if (Array.Exists(counts, count => count < 1))
        {
            throw Damaged();
        }

        RequireFeatures(counts[0]);
        double[] baseScores = Take<double>(ref bytes, counts[1]);
        TreeStart[] trees = Take<TreeStart>(ref bytes, counts[2]);
        ulong[] isNode = Take<ulong>(ref bytes, counts[3]);
        double[] thresholds = Take<double>(ref bytes, counts[4]);
        byte[] low = Take<byte>(ref bytes, counts[4]);
        byte[] high = 2 * counts[0] > byte.MaxValue + 1 ? Take<byte>(ref bytes, counts[4]) : new byte[low.Length];
        ushort[] values = [.. low.Zip(high, (one, other) => (ushort)(one | (other << 8)))];
        double[] leaves = Take<double>(ref bytes, counts[5]);
        var before = new List<int>(isNode.Length);
        for (int i = 0; i < trees.Length; i++)
        {
            TreeStart end = i + 1 < trees.Length ? trees[i + 1] : new TreeStart(isNode.Length, thresholds.Length - 1, 0, 0);
            TreeStart start = trees[i];
            int nodes = end.FirstNode - start.FirstNode;
            int places = (2 * nodes) + 1;
            if (start.FirstWord != before.Count || nodes < 0 || end.FirstWord - start.FirstWord != (places + WordBits - 1) / WordBits
                || start.Target >= baseScores.Length || start.FirstNode < 0 || end.FirstWord > isNode.Length)
            {
                throw Damaged();
            }

            ReadOnlySpan<ulong> words = isNode.AsSpan(start.FirstWord, end.FirstWord - start.FirstWord);
            int counted = 0;
            foreach (ulong word in words)
            {
                before.Add(counted);
                counted += BitOperations.PopCount(word);
            }

            if (counted != nodes || (places % WordBits != 0 && words[^1] >> (places % WordBits) != 0))
            {
                throw Damaged();
            }
        }

        return trees[0].FirstNode != 0 || leaves.Length != thresholds.Length - 1 + trees.Length || Array.Exists(values, value => value >= 2 * counts[0])
            ? throw Damaged() : new CompactTrees(counts[0], baseScores, trees, isNode, [.. before], thresholds, values, leaves);
    }

    private static void RequireFeatures(int features)
    {
        if (features > MaxFeatures)
        {
            throw new ModelFormatException($"The model has {features} features; live models have at most {MaxFeatures}. Train on fewer.");
        }
    }

    private static ModelFormatException Damaged() => new("The trees of the model are damaged. Add the package again.");

    private static void WriteInts(IBufferWriter<byte> writer, ReadOnlySpan<int> values)
    {
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
            writer.Advance(sizeof(int));
        }
    }

    private static T[] Take<T>(ref ReadOnlySpan<byte> bytes, int count)
        where T : unmanaged
    {
        long length = (long)count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (length > bytes.Length)
        {
            throw Damaged();
        }

        T[] taken = MemoryMarshal.Cast<byte, T>(bytes[..(int)length]).ToArray();
        bytes = bytes[(int)length..];
        return taken;
    }

    private static void AddCounts(List<int> before, List<ulong> isNode, int firstWord)
    {
        int counted = 0;
        for (int word = firstWord; word < isNode.Count; word++)
        {
            before.Add(counted);
            counted += BitOperations.PopCount(isNode[word]);
        }
    }

    private int NodesBefore(TreeStart tree, int place)
    {
        int word = tree.FirstWord + (place / WordBits);
        return _before[word] + BitOperations.PopCount(_isNode[word] & ((1UL << (place % WordBits)) - 1));
    }

    private void Descend(ReadOnlySpan<TreeStart> trees, ReadOnlySpan<double> values, Span<int> at)
    {
        at.Clear();
        int depth = 0;
        foreach (TreeStart tree in trees)
        {
            depth = Math.Max(depth, tree.Depth);
        }

        ReadOnlySpan<ulong> isNode = _isNode;
        ReadOnlySpan<int> before = _before;
        ReadOnlySpan<double> thresholds = _thresholds;
        ReadOnlySpan<byte> sources = _values;
        ReadOnlySpan<byte> high = _highValues;
        for (int level = 0; level < depth; level++)
        {
            for (int lane = 0; lane < trees.Length; lane++)
            {
                int place = at[lane];
                int word = trees[lane].FirstWord + (place / WordBits);
                ulong bits = isNode[word];
                int nodesBefore = before[word] + BitOperations.PopCount(bits & ((1UL << (place % WordBits)) - 1));
                int node = trees[lane].FirstNode + nodesBefore;
                int source = high.IsEmpty ? sources[node] : sources[node] | (high[node] << 8);
                int next = (2 * nodesBefore) + 1 + (values[source] <= thresholds[node] ? 1 : 0);
                at[lane] = ((bits >> (place % WordBits)) & 1) != 0 ? next : place;
            }
        }
    }

    // The same where each tree is one word: until all have come to a leaf.
    private void DescendSmall(ReadOnlySpan<TreeStart> trees, ReadOnlySpan<double> values, Span<int> at)
    {
        at.Clear();
        Span<ulong> words = stackalloc ulong[Lanes];
        for (int lane = 0; lane < trees.Length; lane++)
        {
            words[lane] = _isNode[trees[lane].FirstWord];
        }

        ReadOnlySpan<double> thresholds = _thresholds;
        ReadOnlySpan<byte> sources = _values;
        ReadOnlySpan<byte> high = _highValues;
        for (ulong going = 1; going != 0;)
        {
            going = 0;
            for (int lane = 0; lane < trees.Length; lane++)
            {
                int place = at[lane];
                ulong bits = words[lane];
                int nodesBefore = BitOperations.PopCount(bits & ((1UL << place) - 1));
                int node = trees[lane].FirstNode + nodesBefore;
                int source = high.IsEmpty ? sources[node] : sources[node] | (high[node] << 8);
                int next = (2 * nodesBefore) + 1 + (values[source] <= thresholds[node] ? 1 : 0);
                ulong isNode = (bits >> place) & 1;
                at[lane] = isNode != 0 ? next : place;
                going |= isNode;
            }
        }
    }

    /// <summary>Where a tree begins.</summary>
    private readonly record struct TreeStart(int FirstWord, int FirstNode, ushort Target, ushort Depth);
}
