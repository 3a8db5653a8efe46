using System.Runtime.InteropServices;
using Auspex.Core.Predictions;
using Auspex.Models.Trees;
using Google.Protobuf;

namespace Auspex.Models.Onnx;

/// <summary>Builds the graph of a model: one TreeEnsemble node, then the formulas of <see cref="ModelOutputs"/> as standard operators. The
/// same model gives the same graph to the byte, so the reader compares what it finds with what it would have built.</summary>
internal static class OnnxGraph
{
    public const string MlDomain = "ai.onnx.ml";
    public const string TreeOperator = "TreeEnsemble";
    public const string BaseScores = "baseScores";

    private const string One = "one";
    private const string Zero = "zero";
    internal const string ComponentAxis = "componentAxis";

    public static GraphProto Build(TreeEnsemble ensemble, OnnxTreeColumns columns, PredictionTask task)
    {
        var graph = new GraphProto { Name = task == PredictionTask.Failure ? "failure" : "remainingUsefulLife" };
        graph.Input.Add(Value(OnnxNames.Features, ensemble.FeatureCount));
        graph.Output.Add(Value(OnnxNames.Score, ensemble.TargetCount));
        AddScore(graph, ensemble, columns);
        if (task == PredictionTask.Failure)
        {
            AddProbabilities(graph, ensemble.TargetCount);
        }
        else
        {
            graph.Initializer.Add(Constant(Zero, [0.0], []));
            Add(graph, "Max", [OnnxNames.Score, Zero], OnnxNames.RemainingUsefulLife);
            graph.Output.Add(Value(OnnxNames.RemainingUsefulLife, 1));
        }

        return graph;
    }

    private static void AddScore(GraphProto graph, TreeEnsemble ensemble, OnnxTreeColumns columns)
    {
        bool hasBase = ensemble.BaseScores.ContainsAnyExcept(0.0);
        NodeProto trees = TreeNodeProto(ensemble.TargetCount, columns);
        trees.Input.Add(OnnxNames.Features);
        trees.Output.Add(hasBase ? "treeSum" : OnnxNames.Score);
        graph.Node.Add(trees);
        if (hasBase)
        {
            graph.Initializer.Add(Constant(BaseScores, ensemble.BaseScores, [1, ensemble.TargetCount]));
            Add(graph, "Add", ["treeSum", BaseScores], OnnxNames.Score);
        }
    }

    private static void AddProbabilities(GraphProto graph, int components)
    {
        // Not the Sigmoid operator: ONNX Runtime computes it as 1 - 1/(1 + e^x) for negative x, which loses the digits of small probabilities.
        graph.Initializer.Add(Constant(One, [1.0], []));
        AddLogistic(graph, "Neg", OnnxNames.Score, OnnxNames.ComponentProbabilities);
        graph.Output.Add(Value(OnnxNames.ComponentProbabilities, components));
        if (components == 1)
        {
            Add(graph, "Identity", [OnnxNames.ComponentProbabilities], OnnxNames.Probability);
        }
        else
        {
            graph.Initializer.Add(Axis());
            AddLogistic(graph, "Identity", OnnxNames.Score, "componentSurvival");
            Add(graph, "Log", ["componentSurvival"], "logComponentSurvival");
            NodeProto sum = Add(graph, "ReduceSum", ["logComponentSurvival", ComponentAxis], "logSurvival");
            sum.Attribute.Add(Integer("keepdims", 1));
            Add(graph, "Exp", ["logSurvival"], "survival");
            Add(graph, "Sub", [One, "survival"], OnnxNames.Probability);
        }

        graph.Output.Add(Value(OnnxNames.Probability, 1));
    }

    // 1 / (1 + exp(sign(score)))
    private static void AddLogistic(GraphProto graph, string sign, string score, string output)
    {
        Add(graph, sign, [score], output + "Exponent");
        Add(graph, "Exp", [output + "Exponent"], output + "Odds");
        Add(graph, "Add", [output + "Odds", One], output + "Denominator");
        Add(graph, "Reciprocal", [output + "Denominator"], output);
    }

    // nodes_hitrates is left out: ONNX Runtime 1.30 checks it to be float but reads it as the type of the splits, so a double ensemble with
    // it is not loaded.
    internal static NodeProto TreeNodeProto(int targets, OnnxTreeColumns columns)
    {
        var node = new NodeProto { Name = "trees", OpType = TreeOperator, Domain = MlDomain };
        node.Attribute.Add(Integer("aggregate_function", OnnxTreeColumns.Sum));
        node.Attribute.Add(Integers("leaf_targetids", columns.LeafTargetIds));
        node.Attribute.Add(Tensor("leaf_weights", TensorProto.Types.DataType.Double, columns.LeafWeights));
        node.Attribute.Add(Integer("n_targets", targets));
        node.Attribute.Add(Integers("nodes_falseleafs", columns.FalseLeafs));
        node.Attribute.Add(Integers("nodes_falsenodeids", columns.FalseIds));
        node.Attribute.Add(Integers("nodes_featureids", columns.FeatureIds));
        node.Attribute.Add(Integers("nodes_missing_value_tracks_true", columns.MissingTracksTrue));
        node.Attribute.Add(Tensor("nodes_modes", TensorProto.Types.DataType.Uint8, new byte[columns.Splits.Length])); // 0 is "at or below"
        node.Attribute.Add(Tensor("nodes_splits", TensorProto.Types.DataType.Double, columns.Splits));
        node.Attribute.Add(Integers("nodes_trueleafs", columns.TrueLeafs));
        node.Attribute.Add(Integers("nodes_truenodeids", columns.TrueIds));
        node.Attribute.Add(Integer("post_transform", OnnxTreeColumns.NoTransform));
        node.Attribute.Add(Integers("tree_roots", columns.TreeRoots));
        return node;
    }

    internal static NodeProto Add(GraphProto graph, string operation, string[] inputs, string output)
    {
        var node = new NodeProto { Name = output, OpType = operation, Input = { inputs }, Output = { output } };
        graph.Node.Add(node);
        return node;
    }

    internal static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Integers(string name, long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static AttributeProto Tensor<T>(string name, TensorProto.Types.DataType type, ReadOnlySpan<T> values)
        where T : unmanaged => new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Tensor,
            T = new TensorProto { Name = name, DataType = (int)type, Dims = { values.Length }, RawData = Raw(values) },
        };

    private static AttributeProto Tensor<T>(string name, TensorProto.Types.DataType type, T[] values)
        where T : unmanaged => Tensor<T>(name, type, values.AsSpan());

    internal static TensorProto Constant(string name, ReadOnlySpan<double> values, long[] shape) =>
        new() { Name = name, DataType = (int)TensorProto.Types.DataType.Double, Dims = { shape }, RawData = Raw(values) };

    internal static TensorProto Axis() =>
        new() { Name = ComponentAxis, DataType = (int)TensorProto.Types.DataType.Int64, Dims = { 1 }, RawData = Raw<long>([1]) };

    // raw_data is little-endian, as is every machine we run on.
    private static ByteString Raw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => BitConverter.IsLittleEndian
            ? ByteString.CopyFrom(MemoryMarshal.AsBytes(values))
            : throw new PlatformNotSupportedException("ONNX files are written on little-endian machines only.");

    internal static ValueInfoProto Value(string name, int columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "rows" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Double, Shape = shape },
            },
        };
    }
}
