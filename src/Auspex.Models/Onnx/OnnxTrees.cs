using System.Globalization;
using System.Runtime.InteropServices;
using Auspex.Models.Trees;
using Google.Protobuf.Collections;

namespace Auspex.Models.Onnx;

/// <summary>Reads the attributes of a TreeEnsemble operator back into trees: the inverse of <see cref="OnnxTreeColumns"/>.</summary>
internal sealed class OnnxTrees
{
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);
    private readonly long _targets;
    private readonly double[] _splits;
    private readonly RepeatedField<long> _roots;
    private readonly RepeatedField<long> _features;
    private readonly RepeatedField<long> _trueIds;
    private readonly RepeatedField<long> _falseIds;
    private readonly RepeatedField<long> _trueLeafs;
    private readonly RepeatedField<long> _falseLeafs;
    private readonly RepeatedField<long> _missingTracksTrue;
    private readonly double[] _nodeCovers;
    private readonly RepeatedField<long> _leafTargets;
    private readonly double[] _leafValues;
    private readonly double[] _leafCovers;

    private OnnxTrees(NodeProto node, string nodeCovers, string leafCovers, ModelLimits limits)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (!_attributes.TryAdd(attribute.Name, attribute))
            {
                throw OnnxModelReader.Refused($"attribute {attribute.Name} appears twice");
            }
        }

        _targets = Within("n_targets", Integer("n_targets"), 1, limits.MaxTargets);
        Within("aggregate_function", Integer("aggregate_function"), OnnxTreeColumns.Sum, OnnxTreeColumns.Sum);
        Within("post_transform", Integer("post_transform"), OnnxTreeColumns.NoTransform, OnnxTreeColumns.NoTransform);
        _roots = Integers("tree_roots");
        Within("length of tree_roots", _roots.Count, 1, limits.MaxTrees);
        _features = Integers("nodes_featureids");
        int nodes = _features.Count;
        int leaves = nodes + _roots.Count; // a tree has one leaf more than nodes
        Within("length of nodes_featureids", nodes, 1, limits.MaxNodes / 2);
        _splits = Doubles("nodes_splits", nodes);
        _trueIds = Integers("nodes_truenodeids", nodes);
        _falseIds = Integers("nodes_falsenodeids", nodes);
        _trueLeafs = Integers("nodes_trueleafs", nodes);
        _falseLeafs = Integers("nodes_falseleafs", nodes);
        _missingTracksTrue = Integers("nodes_missing_value_tracks_true", nodes);
        _nodeCovers = Numbers(OnnxModelWriter.NodeCoversKey, nodeCovers, nodes);
        _leafTargets = Integers("leaf_targetids", leaves);
        _leafValues = Doubles("leaf_weights", leaves);
        _leafCovers = Numbers(OnnxModelWriter.LeafCoversKey, leafCovers, leaves);
        ReadOnlySpan<byte> modes = Tensor("nodes_modes").RawData.Span;
        if (modes.Length != nodes || modes.ContainsAnyExcept((byte)0))
        {
            throw OnnxModelReader.Refused($"nodes_modes must hold 0, for 'at or below', for each of {nodes} nodes");
        }
    }

    /// <exception cref="ModelFormatException">An attribute is missing, of another length than the others, or has an id out of range.</exception>
    public static TreeEnsemble Read(
        NodeProto node, long featureCount, double[]? baseScores, string nodeCovers, string leafCovers, ModelLimits limits)
    {
        Within("feature count", featureCount, 1, limits.MaxFeatures);
        var columns = new OnnxTrees(node, nodeCovers, leafCovers, limits);
        if (baseScores is not null)
        {
            Within("length of " + OnnxGraph.BaseScores, baseScores.Length, columns._targets, columns._targets);
        }

        var trees = new Tree[columns._roots.Count];
        for (int tree = 0; tree < trees.Length; tree++)
        {
            trees[tree] = OnnxTreeColumns.WithoutNode(columns.ReadTree(tree, featureCount));
        }

        return new TreeEnsemble((int)featureCount, baseScores ?? new double[columns._targets], trees);
    }

    public static double[] Doubles(TensorProto tensor, string field)
    {
        bool isDouble = tensor.DataType == (int)TensorProto.Types.DataType.Double && BitConverter.IsLittleEndian;
        if (!isDouble || tensor.RawData.Length % sizeof(double) != 0)
        {
            throw OnnxModelReader.Refused($"{field} must hold doubles in raw_data");
        }

        int count = tensor.RawData.Length / sizeof(double);
        double declared = tensor.Dims.Aggregate(1.0, (all, size) => all * size); // in double: the product of hostile sizes overflows a long
        if (tensor.Dims.Count == 0 || tensor.Dims.Any(size => size < 1) || declared != count)
        {
            throw OnnxModelReader.Refused($"{field} declares [{string.Join(" x ", tensor.Dims)}] values and holds {count}");
        }

        return MemoryMarshal.Cast<byte, double>(tensor.RawData.Span).ToArray();
    }

    private Tree ReadTree(int tree, long featureCount)
    {
        int nodes = _features.Count;
        int first = tree == 0 ? (int)WithinAt("tree_roots", 0, _roots[0], 0, 0) : (int)_roots[tree];
        int next = tree + 1 == _roots.Count ? nodes : (int)WithinAt("tree_roots", tree + 1, _roots[tree + 1], first + 1, nodes - 1);
        int firstLeaf = first + tree;
        int nextLeaf = next + tree + 1;
        var splits = new TreeNode[next - first];
        for (int node = first; node < next; node++)
        {
            splits[node - first] = new TreeNode(
                _splits[node],
                (int)WithinAt("nodes_featureids", node, _features[node], 0, featureCount - 1),
                Child(_trueIds, "nodes_truenodeids", _trueLeafs, "nodes_trueleafs", node),
                Child(_falseIds, "nodes_falsenodeids", _falseLeafs, "nodes_falseleafs", node),
                WithinAt("nodes_missing_value_tracks_true", node, _missingTracksTrue[node], 0, 1) == 1);
        }

        long target = WithinAt("leaf_targetids", firstLeaf, _leafTargets[firstLeaf], 0, _targets - 1);
        for (int leaf = firstLeaf + 1; leaf < nextLeaf; leaf++)
        {
            WithinAt("leaf_targetids", leaf, _leafTargets[leaf], target, target);
        }

        return new Tree((int)target, splits, _nodeCovers[first..next], _leafValues[firstLeaf..nextLeaf], _leafCovers[firstLeaf..nextLeaf]);

        int Child(RepeatedField<long> ids, string idField, RepeatedField<long> leafs, string leafField, int node) =>
            WithinAt(leafField, node, leafs[node], 0, 1) == 1
                ? ~((int)WithinAt(idField, node, ids[node], firstLeaf, nextLeaf - 1) - firstLeaf)
                : (int)WithinAt(idField, node, ids[node], first, next - 1) - first;
    }

    private static long Within(string field, long value, long least, long most) => value >= least && value <= most
        ? value
        : throw OnnxModelReader.Refused(least == most
            ? $"{field} is {value}; needed is {least}"
            : (FormattableString)$"{field} is {value}; needed is {least} to {most}");

    private static long WithinAt(string field, int index, long value, long least, long most) =>
        value >= least && value <= most ? value : Within($"{field}[{index}]", value, least, most);

    private static double[] Numbers(string field, string text, int count)
    {
        int found = text.AsSpan().Count(' ') + 1;
        Within("length of " + field, found, count, count);
        var numbers = new double[count];
        int i = 0;
        foreach (Range part in text.AsSpan().Split(' '))
        {
            if (!double.TryParse(text.AsSpan(part), NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i++]))
            {
                throw OnnxModelReader.Refused($"{field}[{i - 1}] is not a number");
            }
        }

        return numbers;
    }

    private AttributeProto Attribute(string name, AttributeProto.Types.AttributeType type) =>
        _attributes.TryGetValue(name, out AttributeProto? attribute) && attribute.Type == type
            ? attribute
            : throw OnnxModelReader.Refused($"attribute {name} of type {type} is missing");

    private long Integer(string name) => Attribute(name, AttributeProto.Types.AttributeType.Int).I;

    private RepeatedField<long> Integers(string name) => Attribute(name, AttributeProto.Types.AttributeType.Ints).Ints;

    private RepeatedField<long> Integers(string name, int count)
    {
        RepeatedField<long> values = Integers(name);
        Within("length of " + name, values.Count, count, count);
        return values;
    }

    private TensorProto Tensor(string name) =>
        Attribute(name, AttributeProto.Types.AttributeType.Tensor).T ?? throw OnnxModelReader.Refused($"attribute {name} has no tensor");

    private double[] Doubles(string name, int count)
    {
        double[] values = Doubles(Tensor(name), name);
        Within("length of " + name, values.Length, count, count);
        return values;
    }
}
