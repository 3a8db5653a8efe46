using System.Globalization;
using Auspex.Core.Predictions;
using Google.Protobuf;

namespace Auspex.Models.Onnx;

/// <summary>Writes a tree model as an ONNX file for any runtime of ai.onnx.ml 5, in double. The same model gives the same bytes.</summary>
public static class OnnxModelWriter
{
    internal const long IrVersion = 10; // of ONNX 1.16, the first with ai.onnx.ml 5
    internal const long OpsetVersion = 17;
    internal const long MlOpsetVersion = 5;
    internal const string NameKey = "auspex.name";
    internal const string VersionKey = "auspex.version";
    internal const string TaskKey = "auspex.task";
    internal const string HeadKey = "auspex.head"; // only where the head is not plain
    internal const string NodeCoversKey = "auspex.nodeCovers";
    internal const string LeafCoversKey = "auspex.leafCovers";

    /// <summary>Writes the file: inputs and outputs are those of <see cref="OnnxNames"/>.</summary>
    /// <exception cref="ArgumentException">The trees have not as many targets as the head takes.</exception>
    public static byte[] Write(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Ensemble.TargetCount != model.Head.TargetCount)
        {
            throw new ArgumentException($"The trees have {model.Ensemble.TargetCount} targets, the head takes {model.Head.TargetCount}.", nameof(model));
        }

        var columns = new OnnxTreeColumns(model.Ensemble);
        var file = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Auspex",
            Graph = OnnxGraph.Build(model.Ensemble, columns, model.Head),
            OpsetImport =
            {
                new OperatorSetIdProto { Version = OpsetVersion },
                new OperatorSetIdProto { Domain = OnnxGraph.MlDomain, Version = MlOpsetVersion },
            },
            MetadataProps =
            {
                new StringStringEntryProto { Key = NameKey, Value = model.Name },
                new StringStringEntryProto { Key = VersionKey, Value = model.Version },
                new StringStringEntryProto { Key = TaskKey, Value = TaskName(model.Task) },
                new StringStringEntryProto { Key = NodeCoversKey, Value = Join(columns.NodeCovers) },
                new StringStringEntryProto { Key = LeafCoversKey, Value = Join(columns.LeafCovers) },
            },
        };
        if (!model.Head.IsPlain)
        {
            file.MetadataProps.Add(new StringStringEntryProto { Key = HeadKey, Value = OnnxHeadText.Write(model.Head) });
        }

        return file.ToByteArray();
    }

    internal static string TaskName(PredictionTask task) =>
        task != PredictionTask.Anomaly ? task.Word() : throw new ArgumentOutOfRangeException(nameof(task), task, "Not the task of a tree model.");

    internal static string Join(double[] covers) => string.Join(' ', covers.Select(cover => cover.ToString("R", CultureInfo.InvariantCulture)));
}
