using System.Runtime.InteropServices;
using Auspex.Learning.Package;
using Auspex.Models;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;
using Auspex.Native.OnnxRuntime;
using Google.Protobuf;

namespace Auspex.Learning.Tests.Package;

/// <summary>Files in the form that skl2onnx and onnxmltools give them are scored as ONNX Runtime scores them.</summary>
public sealed class ForeignOnnxTests
{
    private const int Features = 3;
    private static readonly string[] ByMode = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"];

    [Theory]
    [InlineData("BRANCH_LEQ", "SUM", false)]
    [InlineData("BRANCH_LT", "SUM", false)] // XGBoost
    [InlineData("BRANCH_GTE", "SUM", false)]
    [InlineData("BRANCH_GT", "AVERAGE", false)]
    [InlineData("mixed", "SUM", false)]
    [InlineData("mixed", "AVERAGE", true)]
    public void Read_Regressor_ScoresAsOnnxRuntime(string mode, string aggregate, bool several) =>
        Same(Regressor(new Random(mode.Length), mode, aggregate, several ? 2 : 1), several ? 2 : 1, "variable");

    [Theory]
    [InlineData(3, false)]
    [InlineData(2, false)]
    [InlineData(2, true)] // LightGBM and XGBoost: two classes, the weights of one
    public void Read_Classifier_ScoresAsOnnxRuntime(int classes, bool one)
    {
        ModelProto file = Classifier(new Random(classes), classes, one);

        Same(file, classes, "probabilities", raw => one ? [1 - raw[0], raw[0]] : raw);

        Assert.Equal(one, OnnxForeignReader.Read(file.ToByteArray()).IsOneScoreOfTwoClasses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_TreeEnsembleInFloat_ScoresAsOnnxRuntime(byte mode)
    {
        ModelProto file = Ensemble(mode);

        Same(file, 2, "variable");
        Assert.True(OnnxForeignReader.Read(file.ToByteArray()).RowsAreFloat);
    }

    [Theory]
    [InlineData("LOGISTIC", ScoreTransform.Logistic)]
    [InlineData("SOFTMAX", ScoreTransform.Softmax)]
    public void Read_Transform_IsToldAndNotApplied(string text, ScoreTransform expected)
    {
        ModelProto file = Regressor(new Random(1), "BRANCH_LEQ", "SUM", 1);
        file.Graph.Node[0].Attribute.Add(Text("post_transform", text));

        Assert.Equal(expected, OnnxForeignReader.Read(file.ToByteArray()).Transform);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "equal", "nodes_modes[0] is BRANCH_EQ, which is not supported: splits must be BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT" },
        { "no mode", "nodes_modes[0] is OTHER, which is not supported" },
        { "min", "aggregate_function is MIN, which is not supported" },
        { "transform", "post_transform is 'CUBE'" },
        { "zipmap of nothing", "operator ai.onnx.ml.ZipMap takes 'nothing', which nothing before it makes" },
        { "zipmap of rows", "operator ai.onnx.ml.ZipMap takes the rows; needed are the scores" },
        { "zipmap of a regressor", "operator ai.onnx.ml.ZipMap has other classlabels_int64s than the trees" },
        { "normalizer", "operator ai.onnx.ml.Normalizer beside the trees is not supported" },
        { "cast to int", "operator Cast to Int64 of the scores is not supported: needed is Float or Double" },
        { "cast rows to int", "operator Cast to Int32 of the rows is not supported: needed is Float or Double" },
        { "cast to half", "operator Cast to 10 of the scores is not supported" },
        { "cast to nothing", "operator Cast to Undefined of the scores is not supported" },
        { "cast to far", "operator Cast to Undefined of the scores is not supported" },
        { "cast attribute", "operator Cast has attribute round_mode, which is not supported" },
        { "identity attribute", "operator Identity has attribute to, which is not supported" },
        { "identity of itself", "operator Identity takes 'y', which nothing before it makes" },
        { "identity of later", "operator Identity takes 'variable', which nothing before it makes" },
        { "identity of two", "operator Identity has 2 inputs; needed is 1" },
        { "identity over rows", "Identity makes 'x', which is the name of another value" },
        { "trees of trees", "it has 2 tree operators; needed is 1" },
        { "rows as output", "output 'x' is not made by the trees" },
        { "unknown output", "output 'z' is not made by the trees" },
        { "no output", "it has no output" },
        { "scaler", "operator ai.onnx.ml.Scaler beside the trees is not supported" },
        { "attribute", "attribute nodes_weights is not supported" },
        { "twice", "attribute n_targets appears twice" },
        { "cycle", "tree 0: node 0 has two parents or closes a cycle" },
        { "self-loop", "tree 0: node 0 has two parents or closes a cycle" },
        { "shared", "has two parents or closes a cycle" },
        { "child", "nodes_truenodeids[0] names node 99 of tree 0, which is not there" },
        { "node twice", "node 0 of tree 0 is there twice" },
        { "feature", "nodes_featureids[0] is 4294967296; needed is 0 to 2" },
        { "target", "target_ids[0] is 7; needed is 0 to 0" },
        { "no targets", "n_targets is 0; needed is 1 to 1000" },
        { "lengths", "length of nodes_values is " },
        { "NaN", "the threshold of node 0 is NaN" },
        { "input", "input 'x' is of type String" },
        { "external", "has external_data" },
        { "base", "length of base_values is 3; needed is 1 to 1" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Read_WhatIsNotSupported_IsRefusedByName(string what, string expected)
    {
        ModelProto file = Regressor(new Random(3), "BRANCH_LEQ", "SUM", 1);
        NodeProto trees = file.Graph.Node[0];
        AttributeProto At(string name) => trees.Attribute.Single(attribute => attribute.Name == name);
        switch (what)
        {
            case "equal": At("nodes_modes").Strings[0] = ByteString.CopyFromUtf8("BRANCH_EQ"); break;
            case "no mode": At("nodes_modes").Strings[0] = ByteString.CopyFromUtf8("OTHER"); break;
            case "min": At("aggregate_function").S = ByteString.CopyFromUtf8("MIN"); break;
            case "transform": trees.Attribute.Add(Text("post_transform", "CUBE")); break;
            case "zipmap of nothing": file.Graph.Node.Add(ZipMap("nothing", 2)); break;
            case "zipmap of rows": file.Graph.Node.Add(ZipMap("x", 2)); break;
            case "zipmap of a regressor": file.Graph.Node.Add(ZipMap("variable", 2)); break;
            case "normalizer": file.Graph.Node.Add(new NodeProto { Domain = "ai.onnx.ml", OpType = "Normalizer", Input = { "variable" }, Output = { "y" } }); break;
            case "cast to int": file.Graph.Node.Add(Cast("variable", "y", 7)); break;
            case "cast rows to int": file.Graph.Node.Insert(0, Cast("x", "y", 6)); break;
            case "cast to half": file.Graph.Node.Add(Cast("variable", "y", 10)); break;
            case "cast to nothing": file.Graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "variable" }, Output = { "y" } }); break;
            case "cast to far": file.Graph.Node.Add(Cast("variable", "y", (1L << 32) + 1)); break;
            case "cast attribute": file.Graph.Node.Add(Cast("variable", "y", 1)); file.Graph.Node[1].Attribute.Add(Text("round_mode", "up")); break;
            case "identity attribute": file.Graph.Node.Add(Identity("variable", "y")); file.Graph.Node[1].Attribute.Add(Integers("to", [1])); break;
            case "identity of itself": file.Graph.Node.Add(Identity("y", "y")); break;
            case "identity of later": file.Graph.Node.Insert(0, Identity("variable", "y")); break;
            case "identity of two": file.Graph.Node.Add(Identity("variable", "y")); file.Graph.Node[1].Input.Add("x"); break;
            case "identity over rows": file.Graph.Node.Add(Identity("variable", "x")); break;
            case "trees of trees": file.Graph.Node.Add(trees.Clone()); break;
            case "rows as output": file.Graph.Output.Add(Value("x", TensorProto.Types.DataType.Float, Features)); break;
            case "unknown output": file.Graph.Output.Add(Value("z", TensorProto.Types.DataType.Float, 1)); break;
            case "no output": file.Graph.Output.Clear(); break;
            case "scaler": file.Graph.Node.Insert(0, new NodeProto { Domain = "ai.onnx.ml", OpType = "Scaler" }); break;
            case "attribute": trees.Attribute.Add(Floats("nodes_weights", [1])); break;
            case "twice": trees.Attribute.Add(At("n_targets").Clone()); break;
            case "cycle": At("nodes_truenodeids").Ints[1] = 0; break;
            case "self-loop": At("nodes_truenodeids").Ints[0] = 0; break;
            case "shared": At("nodes_truenodeids").Ints[0] = At("nodes_falsenodeids").Ints[0]; break;
            case "child": At("nodes_truenodeids").Ints[0] = 99; break;
            case "node twice": At("nodes_nodeids").Ints[1] = 0; break;
            case "feature": At("nodes_featureids").Ints[0] = 1L << 32; break;
            case "target": At("target_ids").Ints[0] = 7; break;
            case "no targets": At("n_targets").I = 0; break;
            case "lengths": At("nodes_values").Floats.RemoveAt(0); break;
            case "NaN": At("nodes_values").Floats[0] = float.NaN; break;
            case "input": file.Graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.String; break;
            case "base": trees.Attribute.Add(Floats("base_values", [1, 2, 3])); break;
            default:
                file.Graph.Initializer.Add(new TensorProto { Name = "w", ExternalData = { new StringStringEntryProto { Key = "location", Value = "../w" } } });
                break;
        }

        Assert.Contains(expected, Assert.Throws<ModelFormatException>(() => OnnxForeignReader.Read(file.ToByteArray())).Message, StringComparison.Ordinal);
    }

    // As skl2onnx writes a classifier: rows in double are cast, labels are cast, probabilities are put into maps.
    [Theory]
    [InlineData(2, false, true)]
    [InlineData(2, true, true)]
    [InlineData(3, false, false)]
    public void Read_ClassifierInItsWrapping_ScoresAsOnnxRuntime(int classes, bool one, bool castsRows)
    {
        ModelProto file = Wrapped(classes, one, castsRows);

        ForeignModel model = OnnxForeignReader.Read(file.ToByteArray());
        ForeignParityResult parity = ForeignParity.Check(model);

        Assert.Equal(castsRows ? "rows" : "x", model.Input);
        Assert.Equal(["output_label", "output_probability"], model.Outputs);
        Assert.Equal([.. castsRows ? (string[])["Cast"] : [], "ai.onnx.ml.TreeEnsembleClassifier", "Cast", "Identity", "ai.onnx.ml.ZipMap"], model.Operators);
        Assert.True(model.RowsAreFloat);
        Assert.InRange(parity.MaxDifference, 0, parity.Allowed);
        Assert.InRange(parity.Allowed, 1e-9, 1e-4); // leaves differ by 0.01 and more: a wrong one would show
        Assert.True(parity.HostileRows > 50 && parity.Rows > 500);
    }

    // Rows that were in single precision are compared in double: what lies between two floats is rounded first.
    [Fact]
    public void Read_RowsCastToSingleAndBack_AreRounded()
    {
        ModelProto file = Regressor(new Random(5), "BRANCH_LT", "SUM", 1);
        file.Graph.Input[0] = Value("rows", TensorProto.Types.DataType.Double, Features);
        file.Graph.Node.Insert(0, Cast("rows", "single", 1));
        file.Graph.Node.Insert(1, Cast("single", "x", 11));
        file.Graph.Node.Insert(2, Identity("rows", "aside"));
        file.Graph.Node.Add(Identity("variable", "result"));
        file.Graph.Output[0].Name = "result";

        ForeignModel model = OnnxForeignReader.Read(file.ToByteArray());

        Assert.True(model.RowsAreFloat);
        ForeignParityResult parity = ForeignParity.Check(model);
        Assert.InRange(parity.MaxDifference, 0, parity.Allowed);
        Same(file, 1, "result");
    }

    [Fact]
    public void Parity_TreesThatAreNotThoseOfTheFile_AreRefused()
    {
        ForeignModel model = OnnxForeignReader.Read(Wrapped(2, one: false, castsRows: true).ToByteArray());
        Tree tree = model.Ensemble.GetTree(0);
        // One leaf of one tree, off by as little as leaves differ.
        Tree bent = tree with { LeafValues = [.. tree.LeafValues.Select((value, i) => i == 0 ? value + 0.01 : value)] };
        var trees = new TreeEnsemble(Features, model.Ensemble.BaseScores.ToArray(),
            [bent, .. Enumerable.Range(1, model.Ensemble.TreeCount - 1).Select(model.Ensemble.GetTree)]);

        string refused = Assert.Throws<ModelFormatException>(() => ForeignParity.Check(model with { Ensemble = trees })).Message;

        Assert.StartsWith("Parity: ONNX Runtime gives ", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherClassLabelsInTheZipMap_AreRefused()
    {
        ModelProto file = Wrapped(3, one: false, castsRows: false);
        file.Graph.Node[^1].Attribute[0].Ints[1] = 7;

        Assert.Contains("operator ai.onnx.ml.ZipMap has other classlabels_int64s than the trees",
            Assert.Throws<ModelFormatException>(() => OnnxForeignReader.Read(file.ToByteArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongChainOfIdentities_IsReadAtOnce()
    {
        ModelProto file = Regressor(new Random(3), "BRANCH_LEQ", "SUM", 1);
        for (int i = 0; i < 15_000; i++)
        {
            file.Graph.Node.Insert(i, Identity(i == 0 ? "x" : $"x{i}", $"x{i + 1}"));
        }

        file.Graph.Node[^1].Input[0] = "x15000";
        long start = TimeProvider.System.GetTimestamp();

        ForeignModel model = OnnxForeignReader.Read(file.ToByteArray());

        Assert.Equal(15_001, model.Operators.Count);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    [Fact]
    public void Read_DamagedWrappings_GiveAModelOrAreRefused()
    {
        var random = new Random(52);
        byte[] good = Wrapped(2, one: true, castsRows: true).ToByteArray();
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = [.. good];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                OnnxForeignReader.Read(bytes);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 4_999);
    }

    [Fact]
    public void Read_DamagedFiles_GiveAModelOrAreRefused()
    {
        var random = new Random(51);
        byte[] good = Regressor(random, "mixed", "SUM", 2).ToByteArray();
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                OnnxForeignReader.Read(bytes);
            }
            catch (ModelFormatException)
            {
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L << 20);
        }

        Assert.InRange(refused, 1_000, 4_999);
    }

    // Raw scores of ours, through what the operator does to them, against its output: every leaf the same, sums to the digits of single precision.
    private static void Same(ModelProto file, int outputs, string output, Func<double[], double[]>? through = null)
    {
        byte[] bytes = file.ToByteArray();
        ForeignModel model = OnnxForeignReader.Read(bytes);
        double[] rows = Rows(model.Ensemble);
        int count = rows.Length / Features;
        using var session = new OnnxSession(bytes);
        double[] theirs = session.Run(rows, count, Features)[output].Values;
        var scores = new double[model.Ensemble.TargetCount];
        Assert.Equal(count * outputs, theirs.Length);
        for (int row = 0; row < count; row++)
        {
            model.Score(rows.AsSpan(row * Features, Features), scores);
            double[] ours = through?.Invoke(scores) ?? scores;
            for (int i = 0; i < outputs; i++)
            {
                Assert.Equal(theirs[(row * outputs) + i], ours[i], 1e-4); // leaves differ by 0.01 and more
            }
        }
    }

    // Every threshold with its neighbours in single and in double precision, and what is missing.
    private static double[] Rows(TreeEnsemble trees)
    {
        var random = new Random(8);
        float[] thresholds = [.. Enumerable.Range(0, trees.TreeCount).SelectMany(tree => trees.GetTree(tree).Nodes).Select(node => (float)node.Threshold).Distinct()];
        double[] values =
        [
            .. thresholds.SelectMany(t => new double[] { t, MathF.BitIncrement(t), MathF.BitDecrement(t), Math.BitIncrement((double)t), Math.BitDecrement((double)t) }),
            double.NaN, 0.0, -0.0, 1e-50, double.PositiveInfinity, double.NegativeInfinity,
        ];
        return [.. Enumerable.Range(0, 400 * Features).Select(_ => values[random.Next(values.Length)])];
    }

    private static ModelProto Wrapped(int classes, bool one, bool castsRows)
    {
        ModelProto file = Classifier(new Random(classes), classes, one);
        if (castsRows)
        {
            file.Graph.Input[0] = Value("rows", TensorProto.Types.DataType.Double, Features);
            file.Graph.Node.Insert(0, Cast("rows", "x", 1));
        }

        file.Graph.Node.Add(Cast("label", "output_label", 7));
        file.Graph.Node.Add(Identity("probabilities", "kept"));
        file.Graph.Node.Add(ZipMap("kept", classes));
        // A sequence of maps from int64 to float, which our part of the format has no message for: field 4 of TypeProto.
        ValueInfoProto maps = Value("output_probability", TensorProto.Types.DataType.Float);
        byte[] map = [0x2A, 0x08, 0x08, 0x07, 0x12, 0x04, 0x0A, 0x02, 0x08, 0x01]; // map_type { key_type: INT64, value_type { tensor_type { elem_type: FLOAT } } }
        byte[] sequence = [0x0A, (byte)map.Length, .. map];
        maps.Type = TypeProto.Parser.ParseFrom([0x22, (byte)sequence.Length, .. sequence]);
        file.Graph.Output.Clear();
        file.Graph.Output.Add([Value("output_label", TensorProto.Types.DataType.Int64), maps]);
        return file;
    }

    private static NodeProto Cast(string from, string to, long type) => new()
    {
        OpType = "Cast",
        Input = { from },
        Output = { to },
        Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = type } },
    };

    private static NodeProto Identity(string from, string to) => new() { OpType = "Identity", Input = { from }, Output = { to } };

    private static NodeProto ZipMap(string from, int classes) => new()
    {
        Domain = "ai.onnx.ml",
        OpType = "ZipMap",
        Input = { from },
        Output = { "output_probability" },
        Attribute = { Integers("classlabels_int64s", Enumerable.Range(0, classes).Select(label => (long)label)) },
    };

    private static ModelProto Regressor(Random random, string mode, string aggregate, int targets)
    {
        NodeProto node = Nodes(random, mode, "target", targets, onlyOne: false);
        node.OpType = "TreeEnsembleRegressor";
        node.Output.Add("variable");
        node.Attribute.Add(new AttributeProto { Name = "n_targets", Type = AttributeProto.Types.AttributeType.Int, I = targets });
        node.Attribute.Add(Text("aggregate_function", aggregate));
        return Model(node, 3, ("variable", TensorProto.Types.DataType.Float, targets));
    }

    private static ModelProto Classifier(Random random, int classes, bool one)
    {
        NodeProto node = Nodes(random, "BRANCH_LEQ", "class", classes, onlyOne: one);
        node.OpType = "TreeEnsembleClassifier";
        node.Output.Add(["label", "probabilities"]);
        node.Attribute.Add(Integers("classlabels_int64s", [.. Enumerable.Range(0, classes).Select(label => (long)label)]));
        node.Attribute.Add(Text("post_transform", "NONE"));
        ModelProto file = Model(node, 3, ("probabilities", TensorProto.Types.DataType.Float, classes));
        file.Graph.Output.Insert(0, Value("label", TensorProto.Types.DataType.Int64));
        return file;
    }

    // Four full trees of depth 2; each leaf adds to every target, or to the first class alone.
    private static NodeProto Nodes(Random random, string mode, string leaf, int targets, bool onlyOne)
    {
        var (trees, ids, features, modes, yes, no, missing) = (new List<long>(), new List<long>(), new List<long>(), new List<string>(), new List<long>(), new List<long>(), new List<long>());
        var (leafTrees, leafIds, leafTargets) = (new List<long>(), new List<long>(), new List<long>());
        var (values, weights) = (new List<float>(), new List<float>());
        for (int tree = 0; tree < 4; tree++)
        {
            for (int id = 0; id < 7; id++)
            {
                bool isLeaf = id >= 3;
                trees.Add(tree);
                ids.Add(id);
                features.Add(isLeaf ? 0 : random.Next(Features));
                values.Add(isLeaf ? 0 : random.Next(5) == 0 ? 0 : random.NextSingle());
                modes.Add(isLeaf ? "LEAF" : mode == "mixed" ? ByMode[random.Next(4)] : mode);
                yes.Add(isLeaf ? 0 : (2 * id) + 1);
                no.Add(isLeaf ? 0 : (2 * id) + 2);
                missing.Add(isLeaf ? 0 : random.Next(2));
                for (int target = 0; isLeaf && target < (onlyOne ? 1 : targets); target++)
                {
                    leafTrees.Add(tree);
                    leafIds.Add(id);
                    leafTargets.Add(target);
                    weights.Add(MathF.Round(0.01f + (random.NextSingle() / 5), 3));
                }
            }
        }

        return new NodeProto
        {
            Domain = "ai.onnx.ml",
            Input = { "x" },
            Attribute =
            {
                Integers("nodes_treeids", trees), Integers("nodes_nodeids", ids), Integers("nodes_featureids", features), Floats("nodes_values", values),
                new AttributeProto { Name = "nodes_modes", Type = AttributeProto.Types.AttributeType.Strings, Strings = { modes.Select(ByteString.CopyFromUtf8) } },
                Integers("nodes_truenodeids", yes), Integers("nodes_falsenodeids", no), Integers("nodes_missing_value_tracks_true", missing),
                Floats("nodes_hitrates", [.. values.Select(_ => 1f)]),
                Integers(leaf + "_treeids", leafTrees), Integers(leaf + "_nodeids", leafIds), Integers(leaf + "_ids", leafTargets), Floats(leaf + "_weights", weights),
            },
        };
    }

    // Two trees in single precision: a root with two leaves of two targets, and a root with a node below it.
    private static ModelProto Ensemble(byte mode)
    {
        AttributeProto Tensor<T>(string name, TensorProto.Types.DataType type, T[] values)
            where T : unmanaged => new()
            {
                Name = name,
                Type = AttributeProto.Types.AttributeType.Tensor,
                T = new TensorProto { Name = name, DataType = (int)type, Dims = { values.Length }, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values)) },
            };
        AttributeProto One(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };
        return Model(
            new NodeProto
            {
                Domain = "ai.onnx.ml",
                OpType = "TreeEnsemble",
                Input = { "x" },
                Output = { "variable" },
                Attribute =
                {
                    One("n_targets", 2), One("aggregate_function", 1), One("post_transform", 0), Integers("tree_roots", [0, 1]),
                    Integers("nodes_featureids", [0, 1, 2]), Tensor("nodes_splits", TensorProto.Types.DataType.Float, [0.1f, 0.7f, 0f]),
                    Tensor("nodes_modes", TensorProto.Types.DataType.Uint8, [mode, mode, mode]), Integers("nodes_truenodeids", [0, 2, 2]),
                    Integers("nodes_falsenodeids", [1, 4, 3]), Integers("nodes_trueleafs", [1, 0, 1]), Integers("nodes_falseleafs", [1, 1, 1]),
                    Integers("nodes_missing_value_tracks_true", [1, 0, 1]), Integers("leaf_targetids", [0, 1, 0, 1, 0]),
                    Tensor("leaf_weights", TensorProto.Types.DataType.Float, [0.1f, 0.23f, 0.4f, 0.8f, 1.6f]),
                },
            }, 5, ("variable", TensorProto.Types.DataType.Float, 2));
    }

    private static ModelProto Model(NodeProto node, long opset, (string Name, TensorProto.Types.DataType Type, int Columns) output) => new()
    {
        IrVersion = 8,
        ProducerName = "skl2onnx",
        ProducerVersion = "1.16",
        OpsetImport = { new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = opset } },
        Graph = new GraphProto
        {
            Name = "trees",
            Node = { node },
            Input = { Value("x", TensorProto.Types.DataType.Float, Features) },
            Output = { Value(output.Name, output.Type, output.Columns) },
        },
    };

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params ReadOnlySpan<long> columns)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "rows" } } };
        foreach (long size in columns)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static AttributeProto Floats(string name, IEnumerable<float> values) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values } };

    private static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };
}
