using Auspex.Models.Detectors;

namespace Auspex.Models.Onnx;

/// <summary>Builds the graph of a detector: the formulas of <see cref="PcaDetector"/> or <see cref="IsolationForest"/> as standard operators, in double. The same
/// detector gives the same graph to the byte, so the reader compares what it finds with what it would have built.</summary>
internal static class OnnxDetectorGraph
{
    public const string CentreName = "centre";
    public const string InverseScaleName = "inverseScale";
    public const string ComponentsName = "componentWeights";
    public const string ResidualsName = "residualWeights";
    public const string LimitName = "limit";

    public static GraphProto Build(AnomalyDetector detector, OnnxTreeColumns? trees)
    {
        var graph = new GraphProto { Name = "anomaly" };
        graph.Input.Add(OnnxGraph.Value(OnnxNames.Features, detector.FeatureCount));
        if (detector is IsolationForest forest)
        {
            AddForest(graph, forest, trees!);
        }
        else
        {
            AddComponents(graph, (PcaDetector)detector);
        }

        graph.Initializer.Add(OnnxGraph.Constant(LimitName, [detector.Limit], []));
        OnnxGraph.Add(graph, "GreaterOrEqual", [OnnxNames.AnomalyScore, LimitName], "reachesLimit");
        OnnxGraph.Add(graph, "Cast", ["reachesLimit"], OnnxNames.IsAnomaly)
            .Attribute.Add(OnnxGraph.Integer("to", (long)TensorProto.Types.DataType.Double));
        graph.Output.Add(OnnxGraph.Value(OnnxNames.AnomalyScore, 1));
        graph.Output.Add(OnnxGraph.Value(OnnxNames.IsAnomaly, 1));
        return graph;
    }

    private static void AddForest(GraphProto graph, IsolationForest forest, OnnxTreeColumns trees)
    {
        NodeProto node = OnnxGraph.TreeNodeProto(targets: 1, trees);
        node.Input.Add(OnnxNames.Features);
        node.Output.Add("pathLength");
        graph.Node.Add(node);
        graph.Initializer.Add(OnnxGraph.Constant("exponent", [forest.Exponent], []));
        OnnxGraph.Add(graph, "Mul", ["pathLength", "exponent"], "scorePower");
        OnnxGraph.Add(graph, "Exp", ["scorePower"], OnnxNames.AnomalyScore);
    }

    private static void AddComponents(GraphProto graph, PcaDetector detector)
    {
        int features = detector.FeatureCount;
        graph.Initializer.Add(OnnxGraph.Constant(CentreName, detector.Centre, [1, features]));
        graph.Initializer.Add(OnnxGraph.Constant(InverseScaleName, detector.InverseScale, [1, features]));
        graph.Initializer.Add(OnnxGraph.Constant("mostDeviation", [PcaDetector.MaxDeviation], []));
        graph.Initializer.Add(OnnxGraph.Constant("leastDeviation", [-PcaDetector.MaxDeviation], []));
        graph.Initializer.Add(OnnxGraph.Axis());
        // A feature that is not looked at has scale 0; infinite times 0 is missing, as is the middle for a missing value.
        OnnxGraph.Add(graph, "Sub", [OnnxNames.Features, CentreName], "difference");
        OnnxGraph.Add(graph, "Mul", ["difference", InverseScaleName], "scaled");
        OnnxGraph.Add(graph, "IsNaN", ["scaled"], "isMissing");
        graph.Initializer.Add(OnnxGraph.Constant("zero", [0.0], []));
        OnnxGraph.Add(graph, "Where", ["isMissing", "zero", "scaled"], "known");
        OnnxGraph.Add(graph, "Clip", ["known", "leastDeviation", "mostDeviation"], "deviation");
        AddStatistic(graph, ComponentsName, detector.Components, features, detector.ComponentCount, "hotellingT2");
        string statistic = "hotellingT2";
        if (detector.ResidualCount > 0)
        {
            AddStatistic(graph, ResidualsName, detector.Residuals, features, detector.ResidualCount, "residualQ");
            statistic = "largerStatistic";
            OnnxGraph.Add(graph, "Max", ["hotellingT2", "residualQ"], statistic);
        }

        OnnxGraph.Add(graph, "Sqrt", [statistic], OnnxNames.AnomalyScore);
    }

    private static void AddStatistic(GraphProto graph, string name, ReadOnlySpan<double> weights, int features, int directions, string output)
    {
        graph.Initializer.Add(OnnxGraph.Constant(name, weights, [features, directions]));
        OnnxGraph.Add(graph, "MatMul", ["deviation", name], output + "Along");
        OnnxGraph.Add(graph, "Mul", [output + "Along", output + "Along"], output + "Squares");
        OnnxGraph.Add(graph, "ReduceSum", [output + "Squares", OnnxGraph.ComponentAxis], output)
            .Attribute.Add(OnnxGraph.Integer("keepdims", 1));
    }
}
