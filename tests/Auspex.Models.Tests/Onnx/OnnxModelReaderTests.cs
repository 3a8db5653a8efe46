using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;
using Google.Protobuf;

namespace Auspex.Models.Tests.Onnx;

public sealed class OnnxModelReaderTests
{
    private static readonly OnnxModel Small = new(
        new TreeEnsemble(
            2,
            [0, 0],
            [
                new Tree(0, [new(0.5, 0, 1, ~1, true), new(-2, 1, ~0, ~2, false)], [60, 40], [-1, 2, 3], [10, 20, 30]),
                new Tree(1, [], [], [0.25], [60]),
                new Tree(1, [new(7, 1, ~0, ~1, false)], [60], [-3, 4], [50, 10]),
            ]),
        PredictionTask.Failure,
        "press",
        "v1.0.0");

    [Fact]
    public void Read_WrittenModels_GivesBackTheSameTrees()
    {
        var random = new Random(11);
        for (int i = 0; i < 200; i++)
        {
            int targets = 1 + (i % 3);
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, 1 + random.Next(6), targets, targets + random.Next(20));
            PredictionTask task = targets == 1 && i % 2 == 0 ? PredictionTask.RemainingUsefulLife : PredictionTask.Failure;
            var model = new OnnxModel(ensemble, task, "m", "v1.2.3");

            byte[] bytes = OnnxModelWriter.Write(model);
            OnnxModel back = OnnxModelReader.Read(bytes);

            AssertSame(model, back);
            Assert.Equal(bytes, OnnxModelWriter.Write(back));
        }
    }

    [Theory]
    [InlineData("binary", PredictionTask.Failure)]
    [InlineData("classes", PredictionTask.Failure)]
    [InlineData("forest", PredictionTask.Failure)]
    [InlineData("life", PredictionTask.RemainingUsefulLife)]
    public void Read_ModelOfLightGbm_ScoresToTheSameBit(string name, PredictionTask task)
    {
        TreeEnsemble ensemble = Fixture.Model(name).Ensemble;
        var model = new OnnxModel(ensemble, task, name, "v1.0.0");

        OnnxModel back = OnnxModelReader.Read(OnnxModelWriter.Write(model));

        AssertSame(model, back);
        var before = new double[ensemble.TargetCount];
        var after = new double[ensemble.TargetCount];
        foreach ((double[] row, _) in Fixture.Rows(name))
        {
            ensemble.Score(row, before);
            back.Ensemble.Score(row, after);
            Assert.Equal(before, after);
        }
    }

    [Fact]
    public void Read_ExtremeNumbers_KeepsEachBit()
    {
        double[] numbers = [double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, 1e300, 0.1, 1.0000000180025095e-35, -0.0];
        var trees = Array.ConvertAll(numbers, x => new Tree(0, [new(x, 0, ~0, ~1, false)], [Math.Abs(x)], [x, -x], [Math.Abs(x), 3e9]));
        var model = new OnnxModel(new TreeEnsemble(1, [0.1], trees), PredictionTask.RemainingUsefulLife, "é\n\"x", "");

        AssertSame(model, OnnxModelReader.Read(OnnxModelWriter.Write(model)));
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "cycle", "Tree 0: node 1: right child 0 is the root, which closes a cycle" },
        { "self-loop", "Tree 0: node 1: left child 1 is the node itself" },
        { "shared leaf", "Tree 0: node 1: right child -1 already has a parent" },
        { "child too large", "nodes_falsenodeids[1] is 9; needed is 0 to 2" },
        { "child negative", "nodes_falsenodeids[1] is -1" },
        { "child of another tree", "nodes_truenodeids[0] is 2; needed is 0 to 1" },
        { "leaf flag", "nodes_trueleafs[0] is 2" },
        { "missing flag", "nodes_missing_value_tracks_true[0] is -1" },
        { "feature too large", "nodes_featureids[0] is 4294967296; needed is 0 to 1" },
        { "feature negative", "nodes_featureids[0] is -1" },
        { "target negative", "leaf_targetids[0] is -1; needed is 0 to 1" },
        { "target too large", "leaf_targetids[0] is 2; needed is 0 to 1" },
        { "targets in one tree", "leaf_targetids[2] is 1; needed is 0" },
        { "no targets", "n_targets is 0" },
        { "many targets", "n_targets is 4294967297" },
        { "too few ids", "length of nodes_truenodeids is 3; needed is 4" },
        { "too many roots", "length of leaf_targetids is 7; needed is 8" },
        { "root order", "tree_roots[1] is 0" },
        { "root out of range", "tree_roots[2] is 99" },
        { "splits short", "nodes_splits declares [4] values and holds 3" },
        { "splits huge", "nodes_splits declares [268435456] values and holds 4" },
        { "splits overflow", "nodes_splits declares [4294967296 x 4294967296] values and holds 4" },
        { "splits float", "nodes_splits must hold doubles" },
        { "split NaN", "Tree 0: node 0: threshold is NaN" },
        { "leaf infinite", "Tree 0: leaf 0: value Infinity" },
        { "modes", "nodes_modes must hold 0" },
        { "modes missing", "attribute nodes_modes of type Tensor is missing" },
        { "attribute twice", "attribute n_targets appears twice" },
        { "attribute unknown", "node 0 of the graph" },
        { "aggregate", "aggregate_function is 0" },
        { "transform", "post_transform is 2" },
        { "external data", "tensor 'nodes_splits' has external_data" },
        { "external location", "tensor 'one' has external_data" },
        { "regressor", "operator ai.onnx.ml.TreeEnsembleRegressor is not one" },
        { "custom operator", "operator evil.Neg is not one" },
        { "two ensembles", "operator ai.onnx.ml.TreeEnsemble is not one" },
        { "no ensemble", "it has no TreeEnsemble operator" },
        { "other formula", "node 1 of the graph" },
        { "other constant", "initializer 0 of the graph" },
        { "extra node", "node 13 of the graph" },
        { "extra output", "output 3 of the graph" },
        { "input name", "input 0 of the graph" },
        { "no graph", "it has no graph" },
        { "no input", "the graph must have one input" },
        { "features zero", "feature count is 0" },
        { "ir", "ir_version is 3" },
        { "opset", "opset_import must be" },
        { "task", "auspex.task is 'both'" },
        { "life of two", "n_targets is 2; a remaining-useful-life model has one" },
        { "metadata twice", "metadata_props has 'auspex.name' twice" },
        { "metadata unknown", "metadata_props has 'more'" },
        { "metadata missing", "metadata_props lacks 'auspex.leafCovers'" },
        { "cover text", "auspex.leafCovers[1] is not a number" },
        { "cover negative", "Tree 0: leaf 0: cover -1" },
        { "cover count", "length of auspex.nodeCovers is 3; needed is 4" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Read_DamagedModel_IsRefusedByName(string damage, string expected)
    {
        ModelProto file = ModelProto.Parser.ParseFrom(OnnxModelWriter.Write(Small));
        Damage(file, damage);

        Refused(file.ToByteArray(), expected);
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("\\\\server\\share\\weights.bin")]
    [InlineData("//server/share/weights.bin")]
    [InlineData("weights.bin")] // a plain name may be a symbolic or a hard link
    public void Read_ExternalDataOfAnyPath_IsRefusedUnread(string location)
    {
        ModelProto file = ModelProto.Parser.ParseFrom(OnnxModelWriter.Write(Small));
        file.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });

        Refused(file.ToByteArray(), "tensor 'one' has external_data");
    }

    [Fact]
    public void Read_TruncatedAnywhere_IsRefused()
    {
        byte[] bytes = OnnxModelWriter.Write(Small);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<ModelFormatException>(() => OnnxModelReader.Read(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Read_BytesThatAreNoModel_AreRefused()
    {
        byte[] bytes = OnnxModelWriter.Write(Small);

        Refused([], "no graph");
        Refused([0x0B], "wire type 3");
        Refused([0x02], "field of number 0");
        Refused([0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], "claims 2147483647 bytes where 0 are left");
        Refused([0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "claims 18446744073709551615 bytes");
        Refused([0x08, 0xFF], "ends within a number");
        Refused([.. bytes, 0x08, 0x0A], "ir_version twice");
        Refused([.. bytes, 0xA2, 0x01, 0x00], "field 20 of ModelProto is not part of a tree model"); // training_info
        Refused([.. bytes, 0xCA, 0x01, 0x00], "field 25 of ModelProto"); // functions could change what operators mean
    }

    [Fact]
    public void Read_TenThousandNestedMessages_AreRefusedWithoutDescending()
    {
        byte[] nested = [];
        for (int depth = 0; depth < 10_000; depth++)
        {
            var outer = new MemoryStream();
            using (var writer = new CodedOutputStream(outer, leaveOpen: true))
            {
                writer.WriteTag(6, WireFormat.WireType.LengthDelimited); // AttributeProto.g, a graph within an attribute
                writer.WriteBytes(ByteString.CopyFrom(nested));
            }

            nested = outer.ToArray();
        }

        ModelProto file = ModelProto.Parser.ParseFrom(OnnxModelWriter.Write(Small));
        file.Graph.Node[0].Attribute.Add(AttributeProto.Parser.ParseFrom(nested));

        Refused(file.ToByteArray(), "field 6 of AttributeProto");
    }

    [Fact]
    public void Read_MillionsOfEmptyMessages_AreRefusedBeforeTheyAreMade()
    {
        byte[] graph = new byte[2_000_000];
        for (int i = 0; i < graph.Length; i += 2)
        {
            graph[i] = 0x0A; // one node of no bytes
        }

        var file = new MemoryStream();
        using (var writer = new CodedOutputStream(file, leaveOpen: true))
        {
            writer.WriteTag(7, WireFormat.WireType.LengthDelimited);
            writer.WriteBytes(UnsafeByteOperations.UnsafeWrap(graph));
        }

        byte[] bytes = file.ToArray();
        Refused(bytes, "more than 100000 messages and names");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bytes, "more than 100000 messages and names");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Read_MoreNumbersThanNodesNeed_AreRefusedBeforeTheyAreMade()
    {
        ModelProto file = ModelProto.Parser.ParseFrom(OnnxModelWriter.Write(Small));
        file.Graph.Node[0].Attribute[1].Ints.AddRange(new long[1_000_000]); // a byte each in the file, eight in memory

        Refused(file.ToByteArray(), "more numbers than the limit of nodes allows", new ModelLimits { MaxNodes = 1_000 });
        Refused(file.ToByteArray(), "length of leaf_targetids is 1000007");
    }

    [Fact]
    public void Read_OverTheLimits_IsRefused()
    {
        byte[] bytes = OnnxModelWriter.Write(Small);

        Refused(bytes, "the limit is 100", new ModelLimits { MaxOnnxBytes = 100 });
        Refused(bytes, "length of nodes_featureids is 4", new ModelLimits { MaxNodes = 7 });
        Refused(bytes, "length of tree_roots is 3", new ModelLimits { MaxTrees = 2 });
        Refused(bytes, "feature count is 2", new ModelLimits { MaxFeatures = 1 });
        Refused(bytes, "n_targets is 2", new ModelLimits { MaxTargets = 1 });
    }

    [Fact]
    public void Read_RandomlyMutated_IsReadOrRefusedOnly()
    {
        var random = new Random(51);
        byte[] good = OnnxModelWriter.Write(Small);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = Mutate(good, random);
            try
            {
                OnnxModelReader.Read(bytes);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 10_000, 19_999);
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        List<byte> bytes = [.. good];
        for (int change = random.Next(3); change >= 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                default:
                    int from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(64), bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static void Damage(ModelProto file, string damage)
    {
        GraphProto graph = file.Graph;
        NodeProto trees = graph.Node[0];
        AttributeProto At(string name) => trees.Attribute.Single(attribute => attribute.Name == name);
        void Raw<T>(string name, int index, T value)
            where T : unmanaged
        {
            byte[] raw = At(name).T.RawData.ToByteArray();
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(raw.AsSpan())[index] = value;
            At(name).T.RawData = ByteString.CopyFrom(raw);
        }

        StringStringEntryProto Metadata(string key) => file.MetadataProps.Single(entry => entry.Key == key);
        switch (damage)
        {
            case "cycle":
                At("nodes_falsenodeids").Ints[1] = 0;
                At("nodes_falseleafs").Ints[1] = 0;
                break;
            case "self-loop":
                At("nodes_truenodeids").Ints[1] = 1;
                At("nodes_trueleafs").Ints[1] = 0;
                break;
            case "shared leaf": At("nodes_falsenodeids").Ints[1] = 0; break;
            case "child too large": At("nodes_falsenodeids").Ints[1] = 9; break;
            case "child negative": At("nodes_falsenodeids").Ints[1] = -1; break;
            case "child of another tree": At("nodes_truenodeids").Ints[0] = 2; break;
            case "leaf flag": At("nodes_trueleafs").Ints[0] = 2; break;
            case "missing flag": At("nodes_missing_value_tracks_true").Ints[0] = -1; break;
            case "feature too large": At("nodes_featureids").Ints[0] = 1L << 32; break;
            case "feature negative": At("nodes_featureids").Ints[0] = -1; break;
            case "target negative": At("leaf_targetids").Ints[0] = -1; break;
            case "target too large": At("leaf_targetids").Ints[0] = 2; break;
            case "targets in one tree": At("leaf_targetids").Ints[2] = 1; break;
            case "no targets": At("n_targets").I = 0; break;
            case "many targets": At("n_targets").I = (1L << 32) + 1; break;
            case "too few ids": At("nodes_truenodeids").Ints.RemoveAt(0); break;
            case "too many roots": At("tree_roots").Ints.Add(3); break;
            case "root order": At("tree_roots").Ints[1] = 0; break;
            case "root out of range": At("tree_roots").Ints[2] = 99; break;
            case "splits short": At("nodes_splits").T.RawData = ByteString.CopyFrom(new byte[24]); break;
            case "splits huge": At("nodes_splits").T.Dims[0] = 268_435_456; break; // 2 GB of doubles
            case "splits overflow": At("nodes_splits").T.Dims[0] = 1L << 32; At("nodes_splits").T.Dims.Add(1L << 32); break;
            case "splits float": At("nodes_splits").T.DataType = 1; break;
            case "split NaN": Raw("nodes_splits", 0, double.NaN); break;
            case "leaf infinite": Raw("leaf_weights", 0, double.PositiveInfinity); break;
            case "modes": Raw("nodes_modes", 1, (byte)1); break;
            case "modes missing": trees.Attribute.Remove(At("nodes_modes")); break;
            case "attribute twice": trees.Attribute.Add(At("n_targets").Clone()); break;
            case "attribute unknown": trees.Attribute.Add(new AttributeProto { Name = "extra" }); break;
            case "aggregate": At("aggregate_function").I = 0; break;
            case "transform": At("post_transform").I = 2; break;
            case "external data":
                At("nodes_splits").T.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });
                break;
            case "external location": graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External; break;
            case "regressor": trees.OpType = "TreeEnsembleRegressor"; break;
            case "custom operator": graph.Node[1].Domain = "evil"; break;
            case "two ensembles": graph.Node.Add(trees.Clone()); break;
            case "no ensemble": graph.Node.RemoveAt(0); break;
            case "other formula": graph.Node[1].OpType = "Identity"; break;
            case "other constant": graph.Initializer[0].RawData = ByteString.CopyFrom(BitConverter.GetBytes(2.0)); break;
            case "extra node": graph.Node.Add(graph.Node[1].Clone()); break;
            case "extra output": graph.Output.Add(graph.Output[0].Clone()); break;
            case "input name": graph.Input[0].Name = "x"; break;
            case "no graph": file.Graph = null; break;
            case "no input": graph.Input.Clear(); break;
            case "features zero": graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 0; break;
            case "ir": file.IrVersion = 3; break;
            case "opset": file.OpsetImport[0].Version = 9; break;
            case "task": Metadata("auspex.task").Value = "both"; break;
            case "life of two": Metadata("auspex.task").Value = "rul"; break;
            case "metadata twice": file.MetadataProps.Add(Metadata("auspex.name").Clone()); break;
            case "metadata unknown": file.MetadataProps.Add(new StringStringEntryProto { Key = "more" }); break;
            case "metadata missing": file.MetadataProps.Remove(Metadata("auspex.leafCovers")); break;
            case "cover text": Metadata("auspex.leafCovers").Value = "10 x" + Metadata("auspex.leafCovers").Value[5..]; break;
            case "cover negative": Metadata("auspex.leafCovers").Value = "-1" + Metadata("auspex.leafCovers").Value[2..]; break;
            case "cover count": Metadata("auspex.nodeCovers").Value = "1 2 3"; break;
            default: throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"No damage '{damage}'."), nameof(damage));
        }
    }

    private static void AssertSame(OnnxModel expected, OnnxModel actual)
    {
        Assert.Equal((expected.Name, expected.Version, expected.Task), (actual.Name, actual.Version, actual.Task));
        Assert.Equal(expected.Ensemble.FeatureCount, actual.Ensemble.FeatureCount);
        Assert.Equal(expected.Ensemble.BaseScores.ToArray(), actual.Ensemble.BaseScores.ToArray());
        Assert.Equal(expected.Ensemble.TreeCount, actual.Ensemble.TreeCount);
        for (int i = 0; i < expected.Ensemble.TreeCount; i++)
        {
            (Tree before, Tree after) = (expected.Ensemble.GetTree(i), actual.Ensemble.GetTree(i));
            Assert.Equal(before.Target, after.Target);
            Assert.Equal(before.Nodes, after.Nodes);
            Assert.Equal(Bits(before.LeafValues), Bits(after.LeafValues));
            Assert.Equal(Bits(before.NodeCovers), Bits(after.NodeCovers));
            Assert.Equal(Bits(before.LeafCovers), Bits(after.LeafCovers));
            Assert.Equal(Bits([.. before.Nodes.Select(node => node.Threshold)]), Bits([.. after.Nodes.Select(node => node.Threshold)]));
        }
    }

    private static long[] Bits(double[] numbers) => Array.ConvertAll(numbers, BitConverter.DoubleToInt64Bits);

    private static void Refused(byte[] bytes, string expected, ModelLimits? limits = null) =>
        Assert.Contains(expected, Assert.Throws<ModelFormatException>(() => OnnxModelReader.Read(bytes, limits)).Message,
            StringComparison.Ordinal);
}
