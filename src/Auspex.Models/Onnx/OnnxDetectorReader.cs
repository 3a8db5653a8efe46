using System.Globalization;
using Auspex.Models.Detectors;
using Auspex.Models.Trees;
using Google.Protobuf;

namespace Auspex.Models.Onnx;

/// <summary>Reads the ONNX files that <see cref="OnnxDetectorWriter"/> writes, and refuses every other: nothing in a file is ignored. Bytes from anywhere may be
/// given; no file but these bytes is ever opened.</summary>
public static class OnnxDetectorReader
{
    private static readonly MessageParser<ModelProto> Parser = ModelProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>Reads a detector.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="limits">How much it may ask for; null for the default.</param>
    /// <exception cref="ModelFormatException">The file is damaged, over a limit, refers to data outside itself, or is not our form.</exception>
    public static OnnxDetector Read(ReadOnlySpan<byte> bytes, ModelLimits? limits = null)
    {
        limits ??= ModelLimits.Default;
        if (bytes.Length > limits.MaxOnnxBytes)
        {
            throw OnnxModelReader.Refused($"it has {bytes.Length} bytes; the limit is {limits.MaxOnnxBytes}");
        }

        if (OnnxWire.Check(bytes, ModelProto.Descriptor, limits) is { } unknownField)
        {
            throw OnnxModelReader.Refused($"{unknownField} is not part of a detector");
        }

        ModelProto file;
        try
        {
            file = Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException damaged)
        {
            throw new ModelFormatException("The ONNX file is damaged: " + damaged.Message, damaged);
        }

        GraphProto graph = file.Graph ?? throw OnnxModelReader.Refused($"it has no graph");
        OnnxModelReader.RefuseExternalData(graph);
        OnnxModelReader.CheckVersions(file);
        NodeProto? trees = graph.Node.FirstOrDefault(node => node.OpType == OnnxGraph.TreeOperator);
        Dictionary<string, string> metadata = Metadata(file, trees is not null);
        if (metadata[OnnxModelWriter.TaskKey] != OnnxDetectorWriter.TaskName)
        {
            throw OnnxModelReader.Refused($"{OnnxModelWriter.TaskKey} is '{metadata[OnnxModelWriter.TaskKey]}', not {OnnxDetectorWriter.TaskName}");
        }

        long features = OnnxModelReader.FeatureCount(graph);
        AnomalyDetector detector = trees is null ? Components(graph, features) : Forest(graph, trees, features, metadata, limits);
        OnnxTreeColumns? columns = detector is IsolationForest forest ? new OnnxTreeColumns(forest.Ensemble) : null;
        OnnxModelReader.Compare(graph, OnnxDetectorGraph.Build(detector, columns));
        return new OnnxDetector(detector, metadata[OnnxModelWriter.NameKey], metadata[OnnxModelWriter.VersionKey]);
    }

    private static Dictionary<string, string> Metadata(ModelProto file, bool isForest)
    {
        string[] keys = isForest
            ? [OnnxModelWriter.NameKey, OnnxModelWriter.VersionKey, OnnxModelWriter.TaskKey, OnnxModelWriter.NodeCoversKey, OnnxModelWriter.LeafCoversKey,
                OnnxDetectorWriter.CentreKey, OnnxDetectorWriter.RowsPerTreeKey]
            : [OnnxModelWriter.NameKey, OnnxModelWriter.VersionKey, OnnxModelWriter.TaskKey];
        return file.MetadataProps.Select(entry => entry.Key).SequenceEqual(keys)
            ? file.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value)
            : throw OnnxModelReader.Refused($"metadata_props must be {string.Join(", ", keys)}, in this order");
    }

    private static PcaDetector Components(GraphProto graph, long features)
    {
        double[] centre = Numbers(graph, OnnxDetectorGraph.CentreName, features, out _);
        double[] inverseScale = Numbers(graph, OnnxDetectorGraph.InverseScaleName, features, out _);
        double[] components = Numbers(graph, OnnxDetectorGraph.ComponentsName, features, out int componentCount);
        bool hasResiduals = graph.Initializer.Any(tensor => tensor.Name == OnnxDetectorGraph.ResidualsName);
        int residualCount = 0;
        double[] residuals = hasResiduals ? Numbers(graph, OnnxDetectorGraph.ResidualsName, features, out residualCount) : [];
        return new PcaDetector(centre, inverseScale, components, componentCount, residuals, residualCount);
    }

    private static IsolationForest Forest(GraphProto graph, NodeProto trees, long features, Dictionary<string, string> metadata, ModelLimits limits)
    {
        TreeEnsemble ensemble = OnnxTrees.Read(
            trees, features, baseScores: null, metadata[OnnxModelWriter.NodeCoversKey], metadata[OnnxModelWriter.LeafCoversKey], limits);
        string[] parts = metadata[OnnxDetectorWriter.CentreKey].Split(' ');
        var centre = new double[ensemble.FeatureCount];
        for (int i = 0; i < centre.Length; i++)
        {
            if (parts.Length != centre.Length || !double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out centre[i]))
            {
                throw OnnxModelReader.Refused($"{OnnxDetectorWriter.CentreKey} must hold {centre.Length} numbers");
            }
        }

        if (!int.TryParse(metadata[OnnxDetectorWriter.RowsPerTreeKey], NumberStyles.None, CultureInfo.InvariantCulture, out int rows))
        {
            throw OnnxModelReader.Refused($"{OnnxDetectorWriter.RowsPerTreeKey} is '{metadata[OnnxDetectorWriter.RowsPerTreeKey]}', no number of rows");
        }

        double[] limit = OnnxTrees.Doubles(WithShape(Initializer(graph, OnnxDetectorGraph.LimitName)), OnnxDetectorGraph.LimitName);
        return limit.Length == 1
            ? new IsolationForest(centre, limit[0], ensemble, rows)
            : throw OnnxModelReader.Refused($"{OnnxDetectorGraph.LimitName} has {limit.Length} values; needed is 1");
    }

    // A single number has no dimensions in our files, which the reader of tensors wants to see.
    private static TensorProto WithShape(TensorProto scalar)
    {
        TensorProto tensor = scalar.Clone();
        if (tensor.Dims.Count == 0)
        {
            tensor.Dims.Add(1);
        }

        return tensor;
    }

    private static double[] Numbers(GraphProto graph, string name, long features, out int columns)
    {
        double[] values = OnnxTrees.Doubles(Initializer(graph, name), name);
        long rest = features < 1 ? -1 : values.Length % features;
        columns = rest == 0 ? (int)(values.Length / features) : 0;
        return columns >= 1 ? values : throw OnnxModelReader.Refused($"{name} has {values.Length} values for {features} features");
    }

    private static TensorProto Initializer(GraphProto graph, string name) =>
        graph.Initializer.FirstOrDefault(tensor => tensor.Name == name) ?? throw OnnxModelReader.Refused($"it has no initializer '{name}'");
}
