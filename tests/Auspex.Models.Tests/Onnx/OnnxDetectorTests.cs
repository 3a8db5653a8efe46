using Auspex.Core.Predictions;
using Auspex.Models.Detectors;
using Auspex.Models.Onnx;
using Auspex.Models.Tests.Detectors;
using Auspex.Models.Trees;
using Google.Protobuf;

namespace Auspex.Models.Tests.Onnx;

public sealed class OnnxDetectorTests
{
    [Theory]
    [InlineData(DetectorKind.Pca)]
    [InlineData(DetectorKind.IsolationForest)]
    public void Read_WrittenDetector_ScoresToTheSameBitAndWritesTheSameBytes(DetectorKind kind)
    {
        AnomalyDetector detector = NormalOperation.Fitted(kind);
        byte[] bytes = OnnxDetectorWriter.Write(new OnnxDetector(detector, "pump", "v1.2.3"));

        OnnxDetector back = OnnxDetectorReader.Read(bytes);

        Assert.Equal(("pump", "v1.2.3", kind, detector.Limit), (back.Name, back.Version, back.Detector.Kind, back.Detector.Limit));
        Assert.Equal(bytes, OnnxDetectorWriter.Write(back));
        Assert.Equal(detector.Centre.ToArray(), back.Detector.Centre.ToArray());
        double[][] rows = [.. NormalOperation.Three, [double.NaN, 1, 2], [double.PositiveInfinity, -1e300, 5]];
        Assert.All(rows, row => Assert.Equal(detector.Score(row), back.Detector.Score(row)));
    }

    [Fact]
    public void Read_DetectorWithoutResiduals_IsPossible()
    {
        AnomalyDetector detector = DetectorFit.Of(NormalOperation.Three, [true, true, true], NormalOperation.Settings() with { ExplainedVariance = 1 });

        OnnxDetector back = OnnxDetectorReader.Read(OnnxDetectorWriter.Write(new OnnxDetector(detector, "pump", "v1.0.0")));

        Assert.Equal((3, 0), (((PcaDetector)back.Detector).ComponentCount, ((PcaDetector)back.Detector).ResidualCount));
    }

    public static TheoryData<DetectorKind, string, string> Damages => new()
    {
        { DetectorKind.Pca, "no graph", "it has no graph" },
        { DetectorKind.Pca, "extra node", "node 11 of the graph" },
        { DetectorKind.Pca, "other operator", "node 0 of the graph" },
        { DetectorKind.Pca, "no weights", "it has no initializer 'componentWeights'" },
        { DetectorKind.Pca, "short weights", "componentWeights has 5 values for 3 features" },
        { DetectorKind.Pca, "many weights", "cannot have 4 components" },
        { DetectorKind.Pca, "NaN weight", "components[0] of the detector is NaN" },
        { DetectorKind.Pca, "other limit", "initializer" },
        { DetectorKind.Pca, "external", "has external_data" },
        { DetectorKind.Pca, "task", "auspex.task is 'rul', not anomaly" },
        { DetectorKind.Pca, "metadata", "metadata_props must be auspex.name, auspex.version, auspex.task" },
        { DetectorKind.Pca, "no features", "has 3 values for 0 features" },
        { DetectorKind.Pca, "input name", "input 0 of the graph" },
        { DetectorKind.Pca, "opset", "opset_import must be 17" },
        { DetectorKind.IsolationForest, "limit above one", "limit 2 is none" },
        { DetectorKind.IsolationForest, "limit list", "limit has 2 values; needed is 1" },
        { DetectorKind.IsolationForest, "rows", "auspex.rowsPerTree is '-3', no number of rows" },
        { DetectorKind.IsolationForest, "one row", "1 rows a tree" },
        { DetectorKind.IsolationForest, "centre short", "auspex.centre must hold 3 numbers" },
        { DetectorKind.IsolationForest, "centre NaN", "An isolation forest of" },
        { DetectorKind.IsolationForest, "other exponent", "initializer 0 of the graph" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Read_DamagedFile_SaysWhatIsWrong(DetectorKind kind, string damage, string expected)
    {
        var file = ModelProto.Parser.ParseFrom(OnnxDetectorWriter.Write(new OnnxDetector(NormalOperation.Fitted(kind), "pump", "v1.0.0")));
        Damage(file, damage);

        ModelFormatException refused = Assert.Throws<ModelFormatException>(() => OnnxDetectorReader.Read(file.ToByteArray()));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileOfTheOtherReader_IsRefusedByBoth()
    {
        byte[] trees = OnnxModelWriter.Write(new OnnxModel(new TreeEnsemble(1, [0.0], [new Tree(0, [], [], [1], [1])]), PredictionTask.Failure, "m", "v1.0.0"));
        byte[] detector = OnnxDetectorWriter.Write(new OnnxDetector(NormalOperation.Fitted(DetectorKind.IsolationForest), "pump", "v1.0.0"));

        Assert.Throws<ModelFormatException>(() => OnnxDetectorReader.Read(trees));
        Assert.Throws<ModelFormatException>(() => OnnxModelReader.Read(detector));
    }

    [Theory]
    [InlineData(DetectorKind.Pca)]
    [InlineData(DetectorKind.IsolationForest)]
    public void Read_CutAndFlippedFiles_NeverEndOtherwiseThanInAFormatException(DetectorKind kind)
    {
        byte[] good = OnnxDetectorWriter.Write(new OnnxDetector(NormalOperation.Fitted(kind), "pump", "v1.0.0"));
        var random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bad = i % 2 == 0 ? good[..random.Next(good.Length)] : [.. good];
            if (bad.Length > 0)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                OnnxDetectorReader.Read(bad);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 1_999); // a flipped digit of a weight is another detector: the package's hash knows
    }

    [Fact]
    public void Read_LargerThanTheLimit_IsRefusedUnread() =>
        Assert.Contains("the limit is 10", Assert.Throws<ModelFormatException>(
            () => OnnxDetectorReader.Read(new byte[11], new ModelLimits { MaxOnnxBytes = 10 })).Message, StringComparison.Ordinal);

    private static void Damage(ModelProto file, string damage)
    {
        GraphProto graph = file.Graph;
        TensorProto Tensor(string name) => graph.Initializer.First(tensor => tensor.Name == name);
        StringStringEntryProto Entry(string key) => file.MetadataProps.First(entry => entry.Key == key);
        switch (damage)
        {
            case "no graph": file.Graph = null; break;
            case "extra node": graph.Node.Insert(11, new NodeProto { OpType = "Exp", Input = { "features" }, Output = { "x" } }); break;
            case "other operator": graph.Node[0].OpType = "Add"; break;
            case "no weights": graph.Initializer.Remove(Tensor("componentWeights")); break;
            case "short weights": Set(Tensor("componentWeights"), new double[5]); break;
            case "many weights": Set(Tensor("componentWeights"), new double[12]); break;
            case "NaN weight": Set(Tensor("componentWeights"), [double.NaN, 0, 0, 0, 0, 0]); break;
            case "other limit": Set(Tensor("limit"), [2]); break;
            case "external": Tensor("centre").DataLocation = TensorProto.Types.DataLocation.External; break;
            case "task": Entry("auspex.task").Value = "rul"; break;
            case "metadata": file.MetadataProps.RemoveAt(1); break;
            case "no features": graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 0; break;
            case "input name": graph.Input[0].Name = "rows"; break;
            case "opset": file.OpsetImport[0].Version = 18; break;
            case "limit above one": Set(Tensor("limit"), [2]); break;
            case "limit list": Set(Tensor("limit"), [0.5, 0.5]); break;
            case "rows": Entry("auspex.rowsPerTree").Value = "-3"; break;
            case "one row": Entry("auspex.rowsPerTree").Value = "1"; break;
            case "centre short": Entry("auspex.centre").Value = "1 2"; break;
            case "centre NaN": Entry("auspex.centre").Value = "1 2 NaN"; break;
            case "other exponent": Set(Tensor("exponent"), [-0.5]); break;
            default: throw new ArgumentOutOfRangeException(nameof(damage), damage, "Unknown.");
        }
    }

    private static void Set(TensorProto tensor, double[] values)
    {
        bool scalar = tensor.Dims.Count == 0 && values.Length == 1;
        tensor.Dims.Clear();
        if (!scalar)
        {
            tensor.Dims.Add(values.Length);
        }

        tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<double>(values));
    }
}
