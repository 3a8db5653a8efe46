using System.Globalization;
using Auspex.Models.Detectors;
using Google.Protobuf;

namespace Auspex.Models.Onnx;

/// <summary>Writes a detector as an ONNX file, in double. The same detector gives the same bytes.</summary>
public static class OnnxDetectorWriter
{
    internal const string TaskName = "anomaly";
    internal const string CentreKey = "auspex.centre";
    internal const string RowsPerTreeKey = "auspex.rowsPerTree";

    /// <summary>Writes the file: inputs and outputs are those of <see cref="OnnxNames"/>. Its rows are smoothed and levelled as
    /// <see cref="AssetDetection"/> does.</summary>
    public static byte[] Write(OnnxDetector model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxTreeColumns? columns = model.Detector is IsolationForest trees ? new OnnxTreeColumns(trees.Ensemble) : null;
        var file = new ModelProto
        {
            IrVersion = OnnxModelWriter.IrVersion,
            ProducerName = "Auspex",
            Graph = OnnxDetectorGraph.Build(model.Detector, columns),
            OpsetImport =
            {
                new OperatorSetIdProto { Version = OnnxModelWriter.OpsetVersion },
                new OperatorSetIdProto { Domain = OnnxGraph.MlDomain, Version = OnnxModelWriter.MlOpsetVersion },
            },
        };
        Add(OnnxModelWriter.NameKey, model.Name);
        Add(OnnxModelWriter.VersionKey, model.Version);
        Add(OnnxModelWriter.TaskKey, TaskName);
        if (model.Detector is IsolationForest forest)
        {
            Add(OnnxModelWriter.NodeCoversKey, OnnxModelWriter.Join(columns!.NodeCovers));
            Add(OnnxModelWriter.LeafCoversKey, OnnxModelWriter.Join(columns.LeafCovers));
            Add(CentreKey, OnnxModelWriter.Join(forest.Centre.ToArray()));
            Add(RowsPerTreeKey, forest.RowsPerTree.ToString(CultureInfo.InvariantCulture));
        }

        return file.ToByteArray();

        void Add(string key, string value) => file.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
