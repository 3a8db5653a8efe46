using System.Runtime.InteropServices;
using System.Text;
using Auspex.Models.Trees;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Auspex.Models.Onnx;

/// <summary>Reads trees that other tools wrote (skl2onnx, onnxmltools): a graph of one ai.onnx.ml TreeEnsembleRegressor, TreeEnsembleClassifier or
/// TreeEnsemble, in single or double precision, with the Cast, Identity and ZipMap that those tools put around it. What means something that our trees can not
/// say is refused by the name of its operator or attribute.</summary>
/// <remarks>Operators: https://onnx.ai/onnx/operators/index_ai.onnx.ml.html. Such a model can be scored; it has no head, no covers (all 1) and no package.</remarks>
public static class OnnxForeignReader
{
    private const ulong SequenceType = 4;
    private const string Regressor = "TreeEnsembleRegressor";
    private const string Classifier = "TreeEnsembleClassifier";

    private static readonly string[] Modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"];
    private static readonly string[] Transforms = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"];
    private static readonly string[] Aggregates = ["AVERAGE", "SUM", "MIN", "MAX"];

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="limits">How much it may ask for; null for the default.</param>
    /// <exception cref="ModelFormatException">The file is damaged, over a limit, refers to data outside itself, or holds what is not supported.</exception>
    public static ForeignModel Read(ReadOnlySpan<byte> bytes, ModelLimits? limits = null)
    {
        limits ??= ModelLimits.Default;
        if (bytes.Length > limits.MaxOnnxBytes)
        {
            throw OnnxModelReader.Refused($"it has {bytes.Length} bytes; the limit is {limits.MaxOnnxBytes}");
        }

        string? unknownField = OnnxWire.Check(bytes, ModelProto.Descriptor, limits, IsHarmless);
        ModelProto file;
        try
        {
            file = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException damaged)
        {
            throw new ModelFormatException("The ONNX file is damaged: " + damaged.Message, damaged);
        }

        GraphProto graph = file.Graph ?? throw OnnxModelReader.Refused($"it has no graph");
        OnnxModelReader.RefuseExternalData(graph);
        foreach (NodeProto node in graph.Node)
        {
            if (!IsTrees(node) && !OnnxForeignGraph.IsWrapping(node))
            {
                throw OnnxModelReader.Refused($"operator {OnnxForeignGraph.Name(node)} beside the trees is not supported: save the trees alone");
            }
        }

        NodeProto[] found = [.. graph.Node.Where(IsTrees)];
        if (found is not [var trees])
        {
            throw OnnxModelReader.Refused($"it has {found.Length} tree operators; needed is 1");
        }

        if (unknownField is not null)
        {
            throw OnnxModelReader.Refused($"{unknownField} is not part of a tree model");
        }

        if (graph.Input is not [var input])
        {
            throw OnnxModelReader.Refused($"the graph must have one input, which goes into the trees");
        }

        var type = (TensorProto.Types.DataType)(input.Type?.TensorType?.ElemType ?? 0);
        if (type is not (TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Double))
        {
            throw OnnxModelReader.Refused($"input '{input.Name}' is of type {type}; needed is Float or Double");
        }

        long features = OnnxModelReader.FeatureCount(graph);
        if (features < 1 || features > limits.MaxFeatures)
        {
            throw OnnxModelReader.Refused($"feature count is {features}; needed is 1 to {limits.MaxFeatures}");
        }

        var around = OnnxForeignGraph.Of(graph, trees, type, trees.OpType == Classifier);
        var attributes = new Attributes(trees);
        ForeignModel model = trees.OpType == OnnxGraph.TreeOperator
            ? ReadEnsemble(attributes, (int)features, around.TreesAreFloat, limits)
            : ReadOld(attributes, trees.OpType == Classifier, (int)features, around.TreesAreFloat, limits);
        return model with
        {
            RowsAreFloat = around.RowsAreFloat,
            Input = input.Name,
            Outputs = [.. graph.Output.Select(output => output.Name)],
            Operators = [.. graph.Node.Select(OnnxForeignGraph.Name)],
            ScoresOnly = around.ScoresOnly(file, trees, model.IsOneScoreOfTwoClasses ? 2 : model.Ensemble.TargetCount).ToByteArray(),
        };
    }

    // The type of a ZipMap's output, a sequence of maps, is no type of a tensor: it is stepped over.
    private static bool IsHarmless(MessageDescriptor message, ulong field) => message == TypeProto.Descriptor && field == SequenceType;

    private static bool IsTrees(NodeProto node) => node.Domain == OnnxGraph.MlDomain && node.OpType is (Regressor or Classifier or OnnxGraph.TreeOperator);

    // ai.onnx.ml 1 and 3: nodes by (tree id, node id), leaves are nodes of mode LEAF.
    private static ForeignModel ReadOld(Attributes all, bool classifies, int features, bool isFloat, ModelLimits limits)
    {
        long[] treeIds = all.Integers("nodes_treeids");
        int count = treeIds.Length;
        Within("length of nodes_treeids", count, 1, limits.MaxNodes);
        long[] nodeIds = all.Integers("nodes_nodeids", count);
        long[] featureIds = all.Integers("nodes_featureids", count);
        double[] values = all.Numbers("nodes_values", count);
        string[] modes = all.Texts("nodes_modes", count);
        long[] trueIds = all.Integers("nodes_truenodeids", count);
        long[] falseIds = all.Integers("nodes_falsenodeids", count);
        long[] missing = all.Has("nodes_missing_value_tracks_true") ? all.Integers("nodes_missing_value_tracks_true", count) : new long[count];
        string leaf = classifies ? "class" : "target";
        long[] leafTrees = all.Integers(leaf + "_treeids");
        long[] leafNodes = all.Integers(leaf + "_nodeids", leafTrees.Length);
        long[] leafTargets = all.Integers(leaf + "_ids", leafTrees.Length);
        double[] weights = all.Numbers(leaf + "_weights", leafTrees.Length);
        int classes = classifies ? Math.Max(all.Count("classlabels_int64s"), all.Count("classlabels_strings")) : 0;
        long targets = Within(classifies ? "number of class labels" : "n_targets", classifies ? classes : all.Integer("n_targets", 1), 1, limits.MaxTargets);
        for (int i = 0; i < leafTargets.Length; i++)
        {
            WithinAt(leaf + "_ids", i, leafTargets[i], 0, targets - 1);
        }

        // Two classes told by the weights of one: that one score is the second class's.
        bool oneScore = classifies && targets == 2 && leafTargets.Distinct().Count() == 1;
        if (oneScore)
        {
            (targets, leafTargets) = (1, new long[leafTargets.Length]);
        }

        double[] bases = all.Has("base_values") || all.Has("base_values_as_tensor") ? all.Numbers("base_values") : new double[targets];
        if (oneScore && bases.Length == 2)
        {
            bases = bases[1..];
        }

        Within("length of base_values", bases.Length, targets, targets);
        string aggregate = all.Text("aggregate_function", "SUM");
        ScoreTransform transform = Transform(Array.IndexOf(Transforms, all.Text("post_transform", "NONE")), all.Text("post_transform", "NONE"));
        all.RefuseRest("nodes_hitrates", "nodes_hitrates_as_tensor", "classlabels_int64s", "classlabels_strings");

        var places = new Dictionary<(long Tree, long Node), int>();
        for (int i = 0; i < count; i++)
        {
            if (!places.TryAdd((treeIds[i], nodeIds[i]), i))
            {
                throw OnnxModelReader.Refused($"node {nodeIds[i]} of tree {treeIds[i]} is there twice");
            }
        }

        var leaves = new List<(int Target, double Weight)>?[count];
        for (int i = 0; i < leafTrees.Length; i++)
        {
            int at = Place(leafTrees[i], leafNodes[i], leaf + "_nodeids", i);
            (leaves[at] ??= []).Add(((int)leafTargets[i], weights[i]));
        }

        var splits = new Split[count];
        for (int i = 0; i < count; i++)
        {
            splits[i] = modes[i] == "LEAF"
                ? new Split(-1, 0, 0, 0, 0, false)
                : new Split(
                    Mode(i, Array.IndexOf(Modes, modes[i]), modes[i]), (int)WithinAt("nodes_featureids", i, featureIds[i], 0, features - 1), values[i],
                    Place(treeIds[i], trueIds[i], "nodes_truenodeids", i), Place(treeIds[i], falseIds[i], "nodes_falsenodeids", i),
                    WithinAt("nodes_missing_value_tracks_true", i, missing[i], 0, 1) == 1);
        }

        // The root of a tree is the node of it that is listed first.
        int[] roots = [.. treeIds.Select((tree, i) => (tree, i)).DistinctBy(node => node.tree).Select(node => node.i)];
        return new Builder(splits, leaves, features, (int)targets, isFloat, limits).Build(roots, bases, aggregate, transform, oneScore);

        int Place(long tree, long node, string field, int index) => places.TryGetValue((tree, node), out int at)
            ? at
            : throw OnnxModelReader.Refused($"{field}[{index}] names node {node} of tree {tree}, which is not there");
    }

    // ai.onnx.ml 5: nodes and leaves by place.
    private static ForeignModel ReadEnsemble(Attributes all, int features, bool isFloat, ModelLimits limits)
    {
        if (all.Has("membership_values"))
        {
            throw OnnxModelReader.Refused($"attribute membership_values is not supported");
        }

        long[] featureIds = all.Integers("nodes_featureids");
        int count = featureIds.Length;
        Within("length of nodes_featureids", count, 1, limits.MaxNodes);
        double[] values = all.Numbers("nodes_splits", count);
        byte[] modes = all.Bytes("nodes_modes", count);
        long[] trueIds = all.Integers("nodes_truenodeids", count);
        long[] falseIds = all.Integers("nodes_falsenodeids", count);
        long[] trueLeafs = all.Integers("nodes_trueleafs", count);
        long[] falseLeafs = all.Integers("nodes_falseleafs", count);
        long[] missing = all.Has("nodes_missing_value_tracks_true") ? all.Integers("nodes_missing_value_tracks_true", count) : new long[count];
        long[] leafTargets = all.Integers("leaf_targetids");
        double[] weights = all.Numbers("leaf_weights", leafTargets.Length);
        long targets = Within("n_targets", all.Integer("n_targets", 1), 1, limits.MaxTargets);
        long aggregate = Within("aggregate_function", all.Integer("aggregate_function", 1), 0, Aggregates.Length - 1);
        long transform = Within("post_transform", all.Integer("post_transform", 0), 0, Transforms.Length - 1);
        int[] roots = [.. all.Integers("tree_roots").Select((root, i) => (int)WithinAt("tree_roots", i, root, 0, count - 1))];
        Within("length of tree_roots", roots.Length, 1, limits.MaxTrees);
        all.RefuseRest("nodes_hitrates");

        var splits = new Split[count + leafTargets.Length];
        var leaves = new List<(int Target, double Weight)>?[splits.Length];
        for (int i = 0; i < count; i++)
        {
            splits[i] = new Split(
                Mode(i, modes[i] < Modes.Length ? modes[i] : -1, "unknown"),
                (int)WithinAt("nodes_featureids", i, featureIds[i], 0, features - 1), values[i],
                Child("nodes_trueleafs", trueLeafs, "nodes_truenodeids", trueIds, i), Child("nodes_falseleafs", falseLeafs, "nodes_falsenodeids", falseIds, i),
                WithinAt("nodes_missing_value_tracks_true", i, missing[i], 0, 1) == 1);
        }

        for (int i = 0; i < leafTargets.Length; i++)
        {
            splits[count + i] = new Split(-1, 0, 0, 0, 0, false);
            leaves[count + i] = [((int)WithinAt("leaf_targetids", i, leafTargets[i], 0, targets - 1), weights[i])];
        }

        return new Builder(splits, leaves, features, (int)targets, isFloat, limits)
            .Build(roots, new double[targets], Aggregates[aggregate], (ScoreTransform)transform, oneScore: false);

        int Child(string leafField, long[] leafs, string idField, long[] ids, int i) => WithinAt(leafField, i, leafs[i], 0, 1) == 1
            ? count + (int)WithinAt(idField, i, ids[i], 0, leafTargets.Length - 1)
            : (int)WithinAt(idField, i, ids[i], 0, count - 1);
    }

    private static ScoreTransform Transform(int known, string text) => known >= 0
        ? (ScoreTransform)known
        : throw OnnxModelReader.Refused($"post_transform is '{text}'; needed is one of {string.Join(", ", Transforms)}");

    private static int Mode(int node, int known, string text) => known is >= 0 and <= 3
        ? known
        : throw OnnxModelReader.Refused($"nodes_modes[{node}] is {(known < 0 ? text : Modes[known])}, which is not supported: splits must be {string.Join(", ", Modes.Take(4))}");

    private static long WithinAt(string field, int index, long value, long least, long most) => value >= least && value <= most
        ? value
        : Within($"{field}[{index}]", value, least, most);

    private static long Within(string field, long value, long least, long most) => value >= least && value <= most
        ? value
        : throw OnnxModelReader.Refused($"{field} is {value}; needed is {least} to {most}");

    /// <param name="Mode">Place in <see cref="Modes"/>; -1 for a leaf.</param>
    private readonly record struct Split(int Mode, int Feature, double Value, int True, int False, bool MissingTrue);

    /// <summary>Walks each tree from its root and says its splits as "at or below goes left".</summary>
    private sealed class Builder(Split[] splits, List<(int Target, double Weight)>?[] leaves, int features, int targets, bool isFloat, ModelLimits limits)
    {
        private readonly bool[] _reached = new bool[splits.Length];

        public ForeignModel Build(int[] roots, double[] bases, string aggregate, ScoreTransform transform, bool oneScore)
        {
            if (aggregate is not ("SUM" or "AVERAGE"))
            {
                throw OnnxModelReader.Refused($"aggregate_function is {aggregate}, which is not supported: needed is SUM or AVERAGE");
            }

            double share = aggregate == "AVERAGE" ? 1.0 / roots.Length : 1;
            var trees = new List<Tree>();
            long room = limits.MaxNodes;
            for (int index = 0; index < roots.Length; index++)
            {
                (List<TreeNode> nodes, List<int> ends) = Walk(index, roots[index]);
                // A tree that adds to nothing is a constant 0.
                int[] adds = [.. ends.SelectMany(end => leaves[end] ?? []).Select(leaf => leaf.Target).Distinct().Order().DefaultIfEmpty(0)];
                room -= (long)adds.Length * (nodes.Count + ends.Count);
                if (room < 0)
                {
                    throw OnnxModelReader.Refused($"tree {index} takes the model over the limit of {limits.MaxNodes} nodes");
                }

                foreach (int target in adds)
                {
                    trees.Add(new Tree(
                        target, [.. nodes], [.. Enumerable.Repeat(1.0, nodes.Count)],
                        [.. ends.Select(end => (leaves[end] ?? []).Where(leaf => leaf.Target == target).Sum(leaf => leaf.Weight) * share)],
                        [.. Enumerable.Repeat(1.0, ends.Count)]));
                }
            }

            Within("number of trees", trees.Count, 1, limits.MaxTrees);
            Within("number of targets", targets, 1, limits.MaxTargets);
            return new ForeignModel(new TreeEnsemble(features, bases, trees), transform, isFloat, oneScore);
        }

        private (List<TreeNode> Nodes, List<int> Ends) Walk(int tree, int root)
        {
            var nodes = new List<TreeNode>();
            var ends = new List<int>();
            var open = new Stack<(int At, int Parent, bool Left)>([(root, -1, false)]);
            while (open.TryPop(out (int At, int Parent, bool Left) next))
            {
                if (_reached[next.At])
                {
                    throw OnnxModelReader.Refused($"tree {tree}: node {next.At} has two parents or closes a cycle");
                }

                _reached[next.At] = true;
                Split split = splits[next.At];
                int here = split.Mode < 0 ? ~ends.Count : nodes.Count;
                if (next.Parent >= 0)
                {
                    nodes[next.Parent] = next.Left ? nodes[next.Parent] with { Left = here } : nodes[next.Parent] with { Right = here };
                }

                if (split.Mode < 0)
                {
                    ends.Add(next.At);
                    continue;
                }

                if (double.IsNaN(split.Value))
                {
                    throw OnnxModelReader.Refused($"tree {tree}: the threshold of node {next.At} is NaN");
                }

                // "Below" is "at or below the number before", in the precision of the rows; what is not below is at or above.
                bool swapped = split.Mode is 2 or 3;
                double threshold = split.Mode is 1 or 2 ? Before(split.Value) : split.Value;
                nodes.Add(new TreeNode(threshold, split.Feature, 0, 0, split.MissingTrue != swapped));
                open.Push((swapped ? split.True : split.False, here, false));
                open.Push((swapped ? split.False : split.True, here, true));
            }

            return (nodes, ends);
        }

        private double Before(double value) => isFloat ? MathF.BitDecrement((float)value) : Math.BitDecrement(value);
    }

    /// <summary>The attributes of the operator, each read once.</summary>
    private sealed class Attributes
    {
        private readonly Dictionary<string, AttributeProto> _all = new(StringComparer.Ordinal);
        private readonly HashSet<string> _read = new(StringComparer.Ordinal);

        public Attributes(NodeProto node)
        {
            foreach (AttributeProto attribute in node.Attribute)
            {
                if (!_all.TryAdd(attribute.Name, attribute))
                {
                    throw OnnxModelReader.Refused($"attribute {attribute.Name} appears twice");
                }
            }
        }

        public bool Has(string name) => _all.ContainsKey(name);

        public int Count(string name) => _all.TryGetValue(name, out AttributeProto? attribute) ? Math.Max(attribute.Ints.Count, attribute.Strings.Count) : 0;

        public long Integer(string name, long otherwise) => Has(name) ? Of(name, AttributeProto.Types.AttributeType.Int).I : otherwise;

        public string Text(string name, string otherwise) => Has(name) ? Of(name, AttributeProto.Types.AttributeType.String).S.ToString(Encoding.Latin1) : otherwise;

        public long[] Integers(string name, int count = -1) => Counted(name, [.. Of(name, AttributeProto.Types.AttributeType.Ints).Ints], count);

        public string[] Texts(string name, int count) =>
            Counted(name, [.. Of(name, AttributeProto.Types.AttributeType.Strings).Strings.Select(text => text.ToString(Encoding.Latin1))], count);

        public byte[] Bytes(string name, int count) => Counted(name, Of(name, AttributeProto.Types.AttributeType.Tensor).T?.RawData.ToByteArray() ?? [], count);

        /// <summary>Floats, or a tensor of that name or with <c>_as_tensor</c> behind it.</summary>
        public double[] Numbers(string name, int count = -1)
        {
            string tensorName = Has(name + "_as_tensor") ? name + "_as_tensor" : name;
            if (_all.TryGetValue(tensorName, out AttributeProto? attribute) && attribute.Type == AttributeProto.Types.AttributeType.Tensor)
            {
                _read.Add(tensorName);
                return Counted(tensorName, Values(attribute.T, tensorName), count);
            }

            return Counted(name, [.. Of(name, AttributeProto.Types.AttributeType.Floats).Floats.Select(value => (double)value)], count);
        }

        /// <summary>Whatever was not read would mean something that is left out.</summary>
        public void RefuseRest(params ReadOnlySpan<string> harmless)
        {
            foreach (string name in _all.Keys)
            {
                if (!_read.Contains(name) && !harmless.Contains(name))
                {
                    throw OnnxModelReader.Refused($"attribute {name} is not supported");
                }
            }
        }

        private static double[] Values(TensorProto? tensor, string name) => ((TensorProto.Types.DataType)(tensor?.DataType ?? 0), tensor?.RawData.Length ?? 0) switch
        {
            (TensorProto.Types.DataType.Float, > 0 and var bytes) when bytes % sizeof(float) == 0 =>
                Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor!.RawData.Span).ToArray(), value => (double)value),
            (TensorProto.Types.DataType.Double, > 0 and var bytes) when bytes % sizeof(double) == 0 =>
                MemoryMarshal.Cast<byte, double>(tensor!.RawData.Span).ToArray(),
            (TensorProto.Types.DataType.Float, 0) => [.. tensor!.FloatData.Select(value => (double)value)],
            (TensorProto.Types.DataType.Double, 0) => [.. tensor!.DoubleData],
            _ => throw OnnxModelReader.Refused($"{name} must hold floats or doubles"),
        };

        private static T[] Counted<T>(string name, T[] values, int count)
        {
            Within("length of " + name, values.Length, count < 0 ? 0 : count, count < 0 ? int.MaxValue : count);
            return values;
        }

        private AttributeProto Of(string name, AttributeProto.Types.AttributeType type)
        {
            _read.Add(name);
            return _all.TryGetValue(name, out AttributeProto? attribute) && attribute.Type == type
                ? attribute
                : throw OnnxModelReader.Refused($"attribute {name} of type {type} is missing");
        }
    }
}
