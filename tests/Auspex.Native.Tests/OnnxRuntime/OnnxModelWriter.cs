using System.Text;

namespace Auspex.Native.Tests.OnnxRuntime;

/// <summary>Just enough of the protobuf wire format and of onnx.proto3 to write small models by hand. Field numbers are those of
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.</summary>
internal sealed class OnnxModelWriter
{
    internal const int Float = 1;
    internal const int Int64 = 7;
    internal const int Bool = 9;
    internal const int Double = 11;

    private readonly List<byte> _bytes = [];

    internal byte[] ToArray() => _bytes.ToArray();

    internal OnnxModelWriter Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    internal OnnxModelWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    internal OnnxModelWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    internal OnnxModelWriter Message(int field, OnnxModelWriter value) => Bytes(field, value.ToArray());

    /// <summary>ModelProto of IR version 8, opset 17 (and ai.onnx.ml 3).</summary>
    internal static byte[] Model(OnnxModelWriter graph) => new OnnxModelWriter()
        .Number(1, 8)
        .Message(7, graph)
        .Message(8, new OnnxModelWriter().Text(1, "").Number(2, 17))
        .Message(8, new OnnxModelWriter().Text(1, "ai.onnx.ml").Number(2, 3))
        .ToArray();

    internal static OnnxModelWriter Graph(
        OnnxModelWriter[] nodes, OnnxModelWriter[] initializers, OnnxModelWriter[] inputs, OnnxModelWriter[] outputs)
    {
        var graph = new OnnxModelWriter();
        Array.ForEach(nodes, node => graph.Message(1, node));
        graph.Text(2, "test");
        Array.ForEach(initializers, tensor => graph.Message(5, tensor));
        Array.ForEach(inputs, value => graph.Message(11, value));
        Array.ForEach(outputs, value => graph.Message(12, value));
        return graph;
    }

    internal static OnnxModelWriter Node(string operation, string[] inputs, string[] outputs, params OnnxModelWriter[] attributes)
    {
        var node = new OnnxModelWriter();
        Array.ForEach(inputs, name => node.Text(1, name));
        Array.ForEach(outputs, name => node.Text(2, name));
        node.Text(4, operation);
        Array.ForEach(attributes, attribute => node.Message(5, attribute));
        return node;
    }

    internal static OnnxModelWriter InDomain(OnnxModelWriter node, string domain) => node.Text(7, domain);

    internal static OnnxModelWriter IntAttribute(string name, long value) => new OnnxModelWriter().Text(1, name).Number(3, value).Number(20, 2);

    internal static OnnxModelWriter GraphAttribute(string name, OnnxModelWriter graph) =>
        new OnnxModelWriter().Text(1, name).Message(6, graph).Number(20, 5);

    internal static OnnxModelWriter IntsAttribute(string name, params long[] values)
    {
        OnnxModelWriter attribute = new OnnxModelWriter().Text(1, name);
        Array.ForEach(values, value => attribute.Number(8, value));
        return attribute.Number(20, 7);
    }

    internal static OnnxModelWriter Tensor(string name, int type, ReadOnlySpan<byte> raw, params long[] shape)
    {
        var tensor = new OnnxModelWriter();
        Array.ForEach(shape, length => tensor.Number(1, length));
        return tensor.Number(2, type).Text(8, name).Bytes(9, raw);
    }

    /// <param name="shape">Length of each dimension, -1 for an open one.</param>
    internal static OnnxModelWriter Value(string name, int type, params long[] shape)
    {
        var dimensions = new OnnxModelWriter();
        Array.ForEach(shape, length => dimensions.Message(
            1, length < 0 ? new OnnxModelWriter().Text(2, "n") : new OnnxModelWriter().Number(1, length)));
        return new OnnxModelWriter()
            .Text(1, name)
            .Message(2, new OnnxModelWriter().Message(1, new OnnxModelWriter().Number(1, type).Message(2, dimensions)));
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
