using Auspex.Core.Predictions;
using Auspex.Models.Trees;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Auspex.Models.Onnx;

/// <summary>Reads the ONNX files that <see cref="OnnxModelWriter"/> writes, and refuses every other: nothing in a file is ignored, so it
/// means the same to us as to ONNX Runtime. Bytes from anywhere may be given; no file but these bytes is ever opened.</summary>
public static class OnnxModelReader
{
    private static readonly MessageParser<ModelProto> Parser = ModelProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="limits">How much it may ask for; null for the default.</param>
    /// <exception cref="ModelFormatException">The file is damaged, over a limit, refers to data outside itself, or is not our form.</exception>
    public static OnnxModel Read(ReadOnlySpan<byte> bytes, ModelLimits? limits = null)
    {
        limits ??= ModelLimits.Default;
        if (bytes.Length > limits.MaxOnnxBytes)
        {
            throw Refused($"it has {bytes.Length} bytes; the limit is {limits.MaxOnnxBytes}");
        }

        string? unknownField = OnnxWire.Check(bytes, ModelProto.Descriptor, limits);
        ModelProto file;
        try
        {
            file = Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException damaged)
        {
            throw new ModelFormatException("The ONNX file is damaged: " + damaged.Message, damaged);
        }

        GraphProto graph = file.Graph ?? throw Refused($"it has no graph");
        RefuseExternalData(graph);
        NodeProto trees = FindTrees(graph);
        if (unknownField is not null)
        {
            throw Refused($"{unknownField} is not part of a tree model");
        }

        CheckVersions(file);
        Dictionary<string, string> metadata = Metadata(file.MetadataProps);
        string word = metadata[OnnxModelWriter.TaskKey];
        PredictionTask task = PredictionTaskWords.Of(word) is { } known and not PredictionTask.Anomaly
            ? known : throw Refused($"{OnnxModelWriter.TaskKey} is '{word}', neither failure nor rul");

        TreeEnsemble ensemble = OnnxTrees.Read(
            trees,
            FeatureCount(graph),
            BaseScores(graph),
            metadata[OnnxModelWriter.NodeCoversKey],
            metadata[OnnxModelWriter.LeafCoversKey],
            limits);
        if (task == PredictionTask.RemainingUsefulLife && ensemble.TargetCount != 1)
        {
            throw Refused($"n_targets is {ensemble.TargetCount}; a remaining-useful-life model has one");
        }

        ModelHead head = metadata.TryGetValue(OnnxModelWriter.HeadKey, out string? text)
            ? OnnxHeadText.Read(text, task)
            : ModelHead.Plain(task, ensemble.TargetCount);
        if (head.TargetCount != ensemble.TargetCount)
        {
            throw Refused($"n_targets is {ensemble.TargetCount}; {OnnxModelWriter.HeadKey} takes {head.TargetCount}");
        }

        Compare(graph, OnnxGraph.Build(ensemble, new OnnxTreeColumns(ensemble), head));
        return new OnnxModel(ensemble, head, metadata[OnnxModelWriter.NameKey], metadata[OnnxModelWriter.VersionKey]);
    }

    internal static ModelFormatException Refused(FormattableString reason) =>
        new("The ONNX file is refused: " + FormattableString.Invariant(reason) + ".");

    internal static void RefuseExternalData(GraphProto graph)
    {
        IEnumerable<TensorProto> tensors = graph.Node
            .SelectMany(node => node.Attribute)
            .SelectMany(attribute => attribute.T is null ? attribute.Tensors : attribute.Tensors.Append(attribute.T))
            .Concat(graph.Initializer);
        foreach (TensorProto tensor in tensors)
        {
            if (tensor.ExternalData.Count > 0 || tensor.DataLocation != TensorProto.Types.DataLocation.Default)
            {
                throw Refused($"tensor '{tensor.Name}' has external_data: a model must hold its data itself");
            }
        }
    }

    private static NodeProto FindTrees(GraphProto graph)
    {
        NodeProto? found = null;
        foreach (NodeProto node in graph.Node)
        {
            switch (node.Domain, node.OpType)
            {
                case (OnnxGraph.MlDomain, OnnxGraph.TreeOperator) when found is null:
                    found = node;
                    break;
                case ("", "Add" or "Concat" or "Exp" or "Gather" or "Identity" or "Log" or "Max" or "Min" or "Mul" or "Neg" or "Reciprocal" or "ReduceSum"
                    or "Sub"):
                    break;
                default:
                    throw Refused(
                        $"operator {node.Domain}{(node.Domain == "" ? "" : ".")}{node.OpType} is not one that a model of ours has there");
            }
        }

        return found ?? throw Refused($"it has no {OnnxGraph.TreeOperator} operator");
    }

    internal static void CheckVersions(ModelProto file)
    {
        if (file.IrVersion != OnnxModelWriter.IrVersion)
        {
            throw Refused($"ir_version is {file.IrVersion}; needed is {OnnxModelWriter.IrVersion}");
        }

        bool fits = file.OpsetImport is [var standard, var trees]
            && standard is { Domain: "", Version: OnnxModelWriter.OpsetVersion }
            && trees is { Domain: OnnxGraph.MlDomain, Version: OnnxModelWriter.MlOpsetVersion };
        if (!fits)
        {
            throw Refused(
                $"opset_import must be {OnnxModelWriter.OpsetVersion}, then {OnnxGraph.MlDomain} {OnnxModelWriter.MlOpsetVersion}");
        }
    }

    private static Dictionary<string, string> Metadata(RepeatedField<StringStringEntryProto> entries)
    {
        string[] keys =
        [
            OnnxModelWriter.NameKey, OnnxModelWriter.VersionKey, OnnxModelWriter.TaskKey,
            OnnxModelWriter.NodeCoversKey, OnnxModelWriter.LeafCoversKey,
        ];
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in entries)
        {
            if (!(keys.Contains(entry.Key) || entry.Key == OnnxModelWriter.HeadKey) || !metadata.TryAdd(entry.Key, entry.Value))
            {
                throw Refused($"metadata_props has '{entry.Key}' twice or for no purpose");
            }
        }

        foreach (string key in keys)
        {
            if (!metadata.ContainsKey(key))
            {
                throw Refused($"metadata_props lacks '{key}'");
            }
        }

        return metadata;
    }

    internal static long FeatureCount(GraphProto graph) =>
        graph.Input is [var input] && input.Type?.TensorType?.Shape?.Dim is [_, var columns]
            ? columns.DimValue
            : throw Refused($"the graph must have one input of two dimensions");

    private static double[]? BaseScores(GraphProto graph)
    {
        TensorProto? tensor = graph.Initializer.FirstOrDefault(initializer => initializer.Name == OnnxGraph.BaseScores);
        return tensor is null ? null : OnnxTrees.Doubles(tensor, OnnxGraph.BaseScores);
    }

    // The trees have been read and checked with fields named; what remains is that nothing else is in the graph than belongs there.
    internal static void Compare(GraphProto graph, GraphProto expected)
    {
        CompareAll(graph.Node, expected.Node, "node");
        CompareAll(graph.Initializer, expected.Initializer, "initializer");
        CompareAll(graph.Input, expected.Input, "input");
        CompareAll(graph.Output, expected.Output, "output");
        CompareAll(graph.ValueInfo, expected.ValueInfo, "value_info");
        if (graph.Name != expected.Name || graph.DocString.Length > 0)
        {
            throw Refused($"name or doc_string of the graph is not that of a model of ours");
        }
    }

    private static void CompareAll<T>(RepeatedField<T> found, RepeatedField<T> expected, string field)
    {
        for (int i = 0; i < Math.Max(found.Count, expected.Count); i++)
        {
            if (i >= found.Count || i >= expected.Count || !found[i]!.Equals(expected[i]))
            {
                throw Refused($"{field} {i} of the graph is not that of a model with these trees and this task");
            }
        }
    }
}
