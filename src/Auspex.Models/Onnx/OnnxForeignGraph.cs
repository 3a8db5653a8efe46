using System.Globalization;
using Google.Protobuf.Collections;
using DataType = Auspex.Models.Onnx.TensorProto.Types.DataType;

namespace Auspex.Models.Onnx;

/// <summary>What stands around the trees of a foreign graph: each value is followed from the input to the trees, and from the trees to the outputs, and
/// none may be anything else.</summary>
/// <param name="TreesAreFloat">Whether the trees compare in single precision.</param>
/// <param name="RowsAreFloat">Whether rows were in single precision anywhere before the trees.</param>
/// <param name="Before">The Cast and Identity nodes between the input and the trees, in their order.</param>
internal sealed record OnnxForeignGraph(bool TreesAreFloat, bool RowsAreFloat, IReadOnlyList<NodeProto> Before)
{
    private const string Cast = "Cast";
    private const string Identity = "Identity";
    private const string ZipMap = "ZipMap";

    private static readonly string[] ClassLabels = ["classlabels_int64s", "classlabels_strings"];

    private enum Meaning
    {
        Rows,
        Scores,
        Labels,
        Maps,
    }

    /// <summary>The operator as it is named in messages.</summary>
    public static string Name(NodeProto node) => node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";

    /// <summary>Whether a node is one of those that tools put around trees.</summary>
    public static bool IsWrapping(NodeProto node) => (node.Domain, node.OpType) is ("", Cast or Identity) or (OnnxGraph.MlDomain, ZipMap);

    /// <summary>Follows the values through the graph.</summary>
    /// <param name="graph">Its nodes are the trees and such as <see cref="IsWrapping"/> knows.</param>
    /// <param name="trees">The trees.</param>
    /// <param name="input">Type of the one input, float or double.</param>
    /// <param name="classifies">Whether the trees give labels before the scores.</param>
    /// <exception cref="ModelFormatException">A node takes what nothing before it makes, or does what changes the meaning; the message names it.</exception>
    public static OnnxForeignGraph Of(GraphProto graph, NodeProto trees, DataType input, bool classifies)
    {
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        var before = new Dictionary<string, NodeProto>(StringComparer.Ordinal); // by what they make
        Value rows = default;
        Make(values, graph.Input[0].Name, new Value(Meaning.Rows, input, input == DataType.Float), "the input");
        foreach (NodeProto node in graph.Node)
        {
            Value taken = Taken(values, node);
            if (node == trees)
            {
                if (taken.Meaning != Meaning.Rows)
                {
                    throw Refused(node, "does not take the rows");
                }

                rows = taken;
                if (node.Output.Count != (classifies ? 2 : 1))
                {
                    throw Refused(node, string.Create(CultureInfo.InvariantCulture, $"has {node.Output.Count} outputs; needed is {(classifies ? "2: labels and scores" : "1")}"));
                }

                Make(values, node.Output[^1], new Value(Meaning.Scores, default, false), Name(node));
                if (classifies)
                {
                    Make(values, node.Output[0], new Value(Meaning.Labels, default, false), Name(node));
                }

                continue;
            }

            Make(values, OnlyOutput(node), node.OpType switch
            {
                Identity => Kept(node, taken),
                Cast => CastTo(node, taken),
                _ => Mapped(node, taken, trees),
            }, Name(node));
            if (taken.Meaning == Meaning.Rows)
            {
                before.Add(node.Output[0], node);
            }
        }

        RequireOutputs(graph, values);
        return new OnnxForeignGraph(rows.Type == DataType.Float, rows.WasFloat, WayTo(trees, before));
    }

    /// <summary>The same file with the trees' raw scores as its only output.</summary>
    /// <param name="file">The file; stays as it is.</param>
    /// <param name="trees">The trees.</param>
    /// <param name="columns">Scores of a row.</param>
    public ModelProto ScoresOnly(ModelProto file, NodeProto trees, int columns)
    {
        ModelProto stripped = file.Clone();
        NodeProto raw = trees.Clone();
        for (int i = raw.Attribute.Count - 1; i >= 0; i--)
        {
            if (raw.Attribute[i].Name == "post_transform")
            {
                raw.Attribute.RemoveAt(i); // its default is none
            }
        }

        bool isDouble = trees.OpType == OnnxGraph.TreeOperator && !TreesAreFloat; // the older operators give float whatever they take
        GraphProto graph = stripped.Graph;
        graph.Node.Clear();
        graph.Node.Add(Before.Select(node => node.Clone()));
        graph.Node.Add(raw);
        graph.ValueInfo.Clear();
        graph.Initializer.Clear();
        graph.Output.Clear();
        graph.Output.Add(new ValueInfoProto
        {
            Name = raw.Output[^1],
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)(isDouble ? DataType.Double : DataType.Float),
                    Shape = new TensorShapeProto
                    {
                        Dim = { new TensorShapeProto.Types.Dimension { DimParam = "rows" }, new TensorShapeProto.Types.Dimension { DimValue = columns } },
                    },
                },
            },
        });
        return stripped;
    }

    private static Value Kept(NodeProto node, Value taken)
    {
        RefuseAttributes(node);
        return taken;
    }

    private static Value CastTo(NodeProto node, Value taken)
    {
        RefuseAttributes(node, "to", "saturate"); // saturate is of 8-bit floats, which are refused
        AttributeProto? to = node.Attribute.FirstOrDefault(attribute => attribute.Name == "to");
        var type = (DataType)(to is { Type: AttributeProto.Types.AttributeType.Int } ? to.I is > 0 and < int.MaxValue ? to.I : 0 : 0);
        bool isKnown = taken.Meaning == Meaning.Labels
            ? type is DataType.Int32 or DataType.Int64 or DataType.Float or DataType.Double or DataType.String
            : type is DataType.Float or DataType.Double;
        if (!isKnown || taken.Meaning == Meaning.Maps)
        {
            throw Refused(node, $"to {type} of {Text(taken.Meaning)} is not supported: needed is Float or Double");
        }

        return taken with { Type = type, WasFloat = taken.WasFloat || type == DataType.Float };
    }

    private static Value Mapped(NodeProto node, Value taken, NodeProto trees)
    {
        RefuseAttributes(node, ClassLabels);
        if (taken.Meaning != Meaning.Scores)
        {
            throw Refused(node, $"takes {Text(taken.Meaning)}; needed are the scores");
        }

        foreach (string name in ClassLabels)
        {
            AttributeProto? ours = trees.Attribute.FirstOrDefault(attribute => attribute.Name == name);
            AttributeProto? theirs = node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
            if (!Same(ours?.Ints, theirs?.Ints) || !Same(ours?.Strings, theirs?.Strings))
            {
                throw Refused(node, $"has other {name} than the trees");
            }
        }

        return new Value(Meaning.Maps, default, false);
    }

    private static bool Same<T>(RepeatedField<T>? one, RepeatedField<T>? other) => (one?.Count ?? 0) == (other?.Count ?? 0) && (one is null || other is null || one.Equals(other));

    private static Value Taken(Dictionary<string, Value> values, NodeProto node)
    {
        if (node.Input is not [var name])
        {
            throw Refused(node, string.Create(CultureInfo.InvariantCulture, $"has {node.Input.Count} inputs; needed is 1"));
        }

        return values.TryGetValue(name, out Value value) ? value : throw Refused(node, $"takes '{name}', which nothing before it makes");
    }

    private static string OnlyOutput(NodeProto node) => node.Output is [var name]
        ? name
        : throw Refused(node, string.Create(CultureInfo.InvariantCulture, $"has {node.Output.Count} outputs; needed is 1"));

    private static void Make(Dictionary<string, Value> values, string name, Value value, string by)
    {
        if (name.Length == 0 || !values.TryAdd(name, value))
        {
            throw OnnxModelReader.Refused($"{by} makes '{name}', which is the name of another value, or none");
        }
    }

    private static void RequireOutputs(GraphProto graph, Dictionary<string, Value> values)
    {
        if (graph.Output.Count == 0)
        {
            throw OnnxModelReader.Refused($"it has no output");
        }

        foreach (ValueInfoProto output in graph.Output)
        {
            if (!values.TryGetValue(output.Name, out Value value) || value.Meaning == Meaning.Rows)
            {
                throw OnnxModelReader.Refused($"output '{output.Name}' is not made by the trees");
            }
        }
    }

    // Back from the trees, so that a side branch costs nothing however long it is.
    private static List<NodeProto> WayTo(NodeProto trees, Dictionary<string, NodeProto> makers)
    {
        var way = new List<NodeProto>();
        for (string name = trees.Input[0]; makers.TryGetValue(name, out NodeProto? maker); name = maker.Input[0])
        {
            way.Add(maker);
        }

        way.Reverse();
        return way;
    }

    private static void RefuseAttributes(NodeProto node, params ReadOnlySpan<string> known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (!known.Contains(attribute.Name) || !seen.Add(attribute.Name))
            {
                throw Refused(node, $"has attribute {attribute.Name}, which is not supported or there twice");
            }
        }
    }

    private static string Text(Meaning meaning) => meaning switch
    {
        Meaning.Rows => "the rows",
        Meaning.Scores => "the scores",
        Meaning.Labels => "the labels",
        _ => "a map",
    };

    private static ModelFormatException Refused(NodeProto node, string what) => OnnxModelReader.Refused($"operator {Name(node)} {what}");

    private readonly record struct Value(Meaning Meaning, DataType Type, bool WasFloat);
}
