namespace Auspex.Native.OnnxRuntime;

/// <summary>Finds tensors whose data lies in files beside the model. ONNX Runtime would open those files, relative to the working folder of the
/// process, so a model that has any is refused before ONNX Runtime sees it.</summary>
/// <remarks>Walks the protobuf wire format along every path of onnx.proto3 that leads to a TensorProto, and takes what it cannot follow for
/// malformed: what it lets pass, ONNX Runtime reads alike.</remarks>
internal static class ExternalTensors
{
    private const int DeepestMessage = 100; // protobuf's own limit

    /// <summary>The messages on the way to a tensor, by the names of onnx.proto3.</summary>
    private enum Message
    {
        Other,
        Model,
        Training,
        Function,
        Graph,
        Node,
        Attribute,
        SparseTensor,
        Tensor,
    }

    /// <exception cref="OnnxRuntimeException">The model has a tensor with external data, or is not well-formed protobuf.</exception>
    internal static void Refuse(ReadOnlySpan<byte> model) => Walk(Message.Model, model, depth: 0);

    private static void Walk(Message message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > DeepestMessage)
        {
            throw Malformed();
        }

        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            if (tag > uint.MaxValue)
            {
                throw Malformed(); // other readers would cut it to another tag
            }

            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    ulong number = Varint(ref bytes);
                    if (message == Message.Tensor && field == 14 && number != 0) // data_location, 0 being "in this file"
                    {
                        throw External();
                    }

                    break;
                case 1:
                    _ = Take(ref bytes, 8);
                    break;
                case 2:
                    ReadOnlySpan<byte> value = Take(ref bytes, Varint(ref bytes));
                    if (message == Message.Tensor && field == 13) // external_data
                    {
                        throw External();
                    }

                    Message inner = Inner(message, field);
                    if (inner != Message.Other)
                    {
                        Walk(inner, value, depth + 1);
                    }

                    break;
                case 5:
                    _ = Take(ref bytes, 4);
                    break;
                default:
                    throw Malformed();
            }
        }
    }

    private static Message Inner(Message message, int field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 20) => Message.Training,
        (Message.Model, 25) => Message.Function,
        (Message.Training, 1 or 2) => Message.Graph,
        (Message.Function, 7) => Message.Node,
        (Message.Function, 11) => Message.Attribute,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.SparseTensor,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.SparseTensor,
        (Message.SparseTensor, 1 or 2) => Message.Tensor,
        _ => Message.Other,
    };

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = Take(ref bytes, 1)[0];
            value |= shift < 64 ? (ulong)(part & 0x7F) << shift : 0;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length)
        {
            throw Malformed();
        }

        ReadOnlySpan<byte> taken = bytes[..(int)count];
        bytes = bytes[(int)count..];
        return taken;
    }

    private static OnnxRuntimeException External() =>
        new("The model keeps tensors in external data files, which are not read. Save it as one file.");

    private static OnnxRuntimeException Malformed() => new("The bytes are not an ONNX model: they are not well-formed protobuf.");
}
