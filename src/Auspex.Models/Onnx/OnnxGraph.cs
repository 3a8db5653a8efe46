using System.Diagnostics;
using System.Runtime.InteropServices;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;
using Auspex.Models.Trees;
using Google.Protobuf;

namespace Auspex.Models.Onnx;

/// <summary>Builds the graph of a model: one TreeEnsemble node, then the formulas of its <see cref="ModelHead"/> as standard operators. The
/// same model gives the same graph to the byte, so the reader compares what it finds with what it would have built.</summary>
internal static class OnnxGraph
{
    public const string MlDomain = "ai.onnx.ml";
    public const string TreeOperator = "TreeEnsemble";
    public const string BaseScores = "baseScores";

    private const string One = "one";
    private const string Zero = "zero";
    private const string Cap = "cap";
    internal const string ComponentAxis = "componentAxis";

    private const string AllScores = "allScores";

    public static GraphProto Build(TreeEnsemble ensemble, OnnxTreeColumns columns, ModelHead head)
    {
        var graph = new GraphProto { Name = head.Task == PredictionTask.Failure ? "failure" : "remainingUsefulLife" };
        graph.Input.Add(Value(OnnxNames.Features, ensemble.FeatureCount));
        switch (head)
        {
            case FailureHead failure:
                AddFailure(graph, ensemble, columns, failure);
                break;
            case LifeHead life:
                AddLife(graph, ensemble, columns, life);
                break;
            default:
                throw new UnreachableException($"bug: a head of type {head.GetType()}");
        }

        return graph;
    }

    private static void AddFailure(GraphProto graph, TreeEnsemble ensemble, OnnxTreeColumns columns, FailureHead head)
    {
        int components = head.Calibrations.Count;
        graph.Output.Add(Value(OnnxNames.Score, components));
        AddScore(graph, ensemble, columns, head.TimeToFailureIntervals is null ? OnnxNames.Score : AllScores);
        if (head.TimeToFailureIntervals is not null)
        {
            AddColumns(graph, AllScores, [.. Enumerable.Range(0, components).Select(component => (long)component)], OnnxNames.Score);
        }

        AddProbabilities(graph, head);
        if (head.TimeToFailureIntervals is { } intervals)
        {
            AddColumns(graph, AllScores, [components], "rawTime");
            AddClip(graph, "rawTime", intervals.Cap, "medianTime");
            AddBounds(graph, "medianTime", intervals);
            AddConcat(graph, ["medianTimeLower", "medianTime", "medianTimeUpper"], OnnxNames.TimeToFailure);
            graph.Output.Add(Value(OnnxNames.TimeToFailure, 3));
        }
    }

    private static void AddLife(GraphProto graph, TreeEnsemble ensemble, OnnxTreeColumns columns, LifeHead head)
    {
        graph.Output.Add(Value(OnnxNames.Score, 1));
        AddScore(graph, ensemble, columns, OnnxNames.Score);
        AddClip(graph, OnnxNames.Score, head.Cap, OnnxNames.RemainingUsefulLife);
        graph.Output.Add(Value(OnnxNames.RemainingUsefulLife, 1));
        if (head.Intervals is { } intervals)
        {
            AddBounds(graph, OnnxNames.RemainingUsefulLife, intervals);
            AddConcat(graph, [OnnxNames.RemainingUsefulLife + "Lower", OnnxNames.RemainingUsefulLife + "Upper"], OnnxNames.RemainingUsefulLifeInterval);
            graph.Output.Add(Value(OnnxNames.RemainingUsefulLifeInterval, 2));
        }
    }

    private static void AddScore(GraphProto graph, TreeEnsemble ensemble, OnnxTreeColumns columns, string output)
    {
        bool hasBase = ensemble.BaseScores.ContainsAnyExcept(0.0);
        NodeProto trees = TreeNodeProto(ensemble.TargetCount, columns);
        trees.Input.Add(OnnxNames.Features);
        trees.Output.Add(hasBase ? "treeSum" : output);
        graph.Node.Add(trees);
        if (hasBase)
        {
            graph.Initializer.Add(Constant(BaseScores, ensemble.BaseScores, [1, ensemble.TargetCount]));
            Add(graph, "Add", ["treeSum", BaseScores], output);
        }
    }

    private static void AddProbabilities(GraphProto graph, FailureHead head)
    {
        // Not the Sigmoid operator: ONNX Runtime computes it as 1 - 1/(1 + e^x) for negative x, which loses the digits of small probabilities.
        int components = head.Calibrations.Count;
        graph.Initializer.Add(Constant(One, [1.0], []));
        string scores = AddSigmoids(graph, head.Calibrations);
        if (head.IsExclusive)
        {
            AddExclusive(graph, scores, components);
            return;
        }

        bool isotonic = head.Calibrations.Any(calibration => calibration is IsotonicCalibration);
        string logistic = isotonic ? "logisticScore" : OnnxNames.ComponentProbabilities;
        AddLogistic(graph, "Neg", scores, logistic);
        if (isotonic)
        {
            AddIsotonic(graph, head.Calibrations, logistic);
        }

        graph.Output.Add(Value(OnnxNames.ComponentProbabilities, components));
        if (components == 1)
        {
            Add(graph, "Identity", [OnnxNames.ComponentProbabilities], OnnxNames.Probability);
        }
        else
        {
            AddAxis(graph);
            if (head.Calibrations.All(calibration => calibration is NoCalibration))
            {
                AddLogistic(graph, "Identity", OnnxNames.Score, "componentSurvival");
            }
            else
            {
                Add(graph, "Sub", [One, OnnxNames.ComponentProbabilities], "componentSurvival");
            }

            Add(graph, "Log", ["componentSurvival"], "logComponentSurvival");
            AddSum(graph, "logComponentSurvival", "logSurvival");
            Add(graph, "Exp", ["logSurvival"], "survival");
            Add(graph, "Sub", [One, "survival"], OnnxNames.Probability);
        }

        graph.Output.Add(Value(OnnxNames.Probability, 1));
    }

    // Softmax over 0, for no failure, and the scores: 1 / (e^-z + Σ e^(zⱼ - z)) of each component.
    private static void AddExclusive(GraphProto graph, string scores, int components)
    {
        AddAxis(graph);
        var parts = new string[components];
        for (int component = 0; component < components; component++)
        {
            string own = FormattableString.Invariant($"own{component}");
            AddColumns(graph, scores, [component], own);
            Add(graph, "Sub", [scores, own], own + "Lead");
            Add(graph, "Exp", [own + "Lead"], own + "Ratios");
            AddSum(graph, own + "Ratios", own + "Sum");
            Add(graph, "Neg", [own], own + "Negative");
            Add(graph, "Exp", [own + "Negative"], own + "NoneRatio");
            Add(graph, "Add", [own + "Sum", own + "NoneRatio"], own + "Denominator");
            parts[component] = own + "Probability";
            Add(graph, "Reciprocal", [own + "Denominator"], parts[component]);
        }

        AddConcat(graph, parts, OnnxNames.ComponentProbabilities);
        graph.Output.Add(Value(OnnxNames.ComponentProbabilities, components));
        AddSum(graph, OnnxNames.ComponentProbabilities, "anyProbability");
        Add(graph, "Min", ["anyProbability", One], OnnxNames.Probability);
        graph.Output.Add(Value(OnnxNames.Probability, 1));
    }

    // slope · score + intercept of each component, 1 and 0 where there is no sigmoid.
    private static string AddSigmoids(GraphProto graph, IReadOnlyList<ScoreCalibration> calibrations)
    {
        if (!calibrations.Any(calibration => calibration is SigmoidCalibration))
        {
            return OnnxNames.Score;
        }

        SigmoidCalibration[] sigmoids = [.. calibrations.Select(calibration => calibration as SigmoidCalibration ?? new SigmoidCalibration(1, 0))];
        graph.Initializer.Add(Constant("sigmoidSlopes", [.. sigmoids.Select(sigmoid => sigmoid.Slope)], [1, sigmoids.Length]));
        graph.Initializer.Add(Constant("sigmoidIntercepts", [.. sigmoids.Select(sigmoid => sigmoid.Intercept)], [1, sigmoids.Length]));
        Add(graph, "Mul", [OnnxNames.Score, "sigmoidSlopes"], "slopedScore");
        Add(graph, "Add", ["slopedScore", "sigmoidIntercepts"], "calibratedScore");
        return "calibratedScore";
    }

    private static void AddIsotonic(GraphProto graph, IReadOnlyList<ScoreCalibration> calibrations, string logistic)
    {
        var parts = new string[calibrations.Count];
        for (int component = 0; component < parts.Length; component++)
        {
            string column = FormattableString.Invariant($"logistic{component}");
            AddColumns(graph, logistic, [component], column);
            parts[component] = column;
            if (calibrations[component] is IsotonicCalibration isotonic)
            {
                parts[component] = FormattableString.Invariant($"isotonic{component}");
                string line = parts[component] + "Line";
                AddLine(graph, column, isotonic.Line, line);
                graph.Initializer.Add(Constant(line + "Most", [isotonic.Probabilities[^1]], []));
                graph.Initializer.Add(Constant(line + "Least", [isotonic.Probabilities[0]], []));
                Add(graph, "Min", [line, line + "Most"], line + "Below");
                Add(graph, "Max", [line + "Below", line + "Least"], parts[component]);
            }
        }

        AddConcat(graph, parts, OnnxNames.ComponentProbabilities);
    }

    // Lower and upper bound of a column of predictions, [rows, 1] each, named after it.
    private static void AddBounds(GraphProto graph, string predicted, LifeIntervals intervals)
    {
        foreach ((string bound, PiecewiseLinear offset) in (ReadOnlySpan<(string, PiecewiseLinear)>)[("Lower", intervals.LowerLine), ("Upper", intervals.UpperLine)])
        {
            AddLine(graph, predicted, offset, predicted + bound + "Offset");
            Add(graph, "Add", [predicted, predicted + bound + "Offset"], predicted + bound + "Free");
            AddClip(graph, predicted + bound + "Free", intervals.Cap, predicted + bound);
        }
    }

    private static void AddClip(GraphProto graph, string value, double? cap, string output)
    {
        AddOnce(graph, Constant(Zero, [0.0], []));
        string positive = cap is null ? output : output + "Positive";
        Add(graph, "Max", [value, Zero], positive);
        if (cap is { } most)
        {
            AddOnce(graph, Constant(Cap, [most], []));
            Add(graph, "Min", [positive, Cap], output);
        }
    }

    // PiecewiseLinear.At of each row of [rows, 1].
    private static void AddLine(GraphProto graph, string x, PiecewiseLinear line, string output)
    {
        AddOnce(graph, Constant(Zero, [0.0], []));
        AddAxis(graph);
        graph.Initializer.Add(Constant(output + "Starts", line.Starts, [1, line.Starts.Length]));
        graph.Initializer.Add(Constant(output + "Widths", line.Widths, [1, line.Widths.Length]));
        graph.Initializer.Add(Constant(output + "Slopes", line.Slopes, [1, line.Slopes.Length]));
        graph.Initializer.Add(Constant(output + "First", [line.First], []));
        Add(graph, "Sub", [x, output + "Starts"], output + "Beyond");
        Add(graph, "Max", [output + "Beyond", Zero], output + "Ahead");
        Add(graph, "Min", [output + "Ahead", output + "Widths"], output + "Along");
        Add(graph, "Mul", [output + "Along", output + "Slopes"], output + "Rises");
        AddSum(graph, output + "Rises", output + "Rise");
        Add(graph, "Add", [output + "Rise", output + "First"], output);
    }

    private static void AddColumns(GraphProto graph, string values, long[] columns, string output)
    {
        graph.Initializer.Add(new TensorProto
        {
            Name = output + "Columns",
            DataType = (int)TensorProto.Types.DataType.Int64,
            Dims = { columns.Length },
            RawData = Raw<long>(columns),
        });
        Add(graph, "Gather", [values, output + "Columns"], output).Attribute.Add(Integer("axis", 1));
    }

    private static void AddConcat(GraphProto graph, string[] parts, string output) =>
        Add(graph, "Concat", parts, output).Attribute.Add(Integer("axis", 1));

    private static void AddSum(GraphProto graph, string values, string output) =>
        Add(graph, "ReduceSum", [values, ComponentAxis], output).Attribute.Add(Integer("keepdims", 1));

    private static void AddAxis(GraphProto graph) => AddOnce(graph, Axis());

    private static void AddOnce(GraphProto graph, TensorProto constant)
    {
        if (!graph.Initializer.Any(initializer => initializer.Name == constant.Name))
        {
            graph.Initializer.Add(constant);
        }
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
