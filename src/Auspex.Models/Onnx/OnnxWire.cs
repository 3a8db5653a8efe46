using Google.Protobuf.Reflection;

namespace Auspex.Models.Onnx;

/// <summary>Looks through protobuf bytes before anything is allocated for them: a small file may hold millions of empty messages.</summary>
internal static class OnnxWire
{
    // A graph of ours has some hundred messages and names whatever the model's size.
    private const int MaxObjects = 100_000;

    // Ids and flags of a node and its leaf; what is left over serves as many objects as there may be.
    private const int NumbersPerNode = 10;

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <param name="bytes">The message.</param>
    /// <param name="message">What it is.</param>
    /// <param name="limits">How much it may ask for.</param>
    /// <param name="isHarmless">Fields that our part of the format does not have and that may be there; null for none.</param>
    /// <returns>The first field that our part of the format does not have, or null. It may hold anything and counts for nothing yet:
    /// the reader names an unsupported operator first.</returns>
    /// <exception cref="ModelFormatException">The bytes are no protobuf, give a single field twice, or declare too much.</exception>
    public static string? Check(
        ReadOnlySpan<byte> bytes, MessageDescriptor message, ModelLimits limits, Func<MessageDescriptor, ulong, bool>? isHarmless = null)
    {
        var budget = new Budget { Objects = MaxObjects, Numbers = ((long)limits.MaxNodes * NumbersPerNode) + MaxObjects, IsHarmless = isHarmless };
        Walk(bytes, message, ref budget);
        return budget.Unknown;
    }

    // The messages of onnx.proto do not contain themselves, so this goes no deeper than they do; what is unknown is stepped over, not entered.
    private static void Walk(ReadOnlySpan<byte> bytes, MessageDescriptor message, ref Budget budget)
    {
        ulong seen = 0;
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes, message);
            ulong number = tag >> 3;
            var wire = (WireType)(tag & 7);
            if (number is 0 or > 0x1FFF_FFFF)
            {
                throw Broken(message, $"has a field of number {number}");
            }

            FieldDescriptor? field = message.FindFieldByNumber((int)number);
            ReadOnlySpan<byte> content = Content(ref bytes, wire, message, number);
            if (field is null || !Fits(field, wire))
            {
                if (field is not null || budget.IsHarmless?.Invoke(message, number) != true)
                {
                    budget.Unknown ??= $"field {number} of {message.Name}";
                }

                continue;
            }

            if (!field.IsRepeated && (seen & (1UL << field.FieldNumber)) != 0)
            {
                throw Broken(message, $"has {field.Name} twice");
            }

            seen |= 1UL << field.FieldNumber;
            Spend(field, wire, content, ref budget);
            if (field.FieldType == FieldType.Message)
            {
                Walk(content, field.MessageType, ref budget);
            }
        }
    }

    private static void Spend(FieldDescriptor field, WireType wire, ReadOnlySpan<byte> content, ref Budget budget)
    {
        if (field.FieldType is FieldType.Message or FieldType.String or FieldType.Bytes)
        {
            if (--budget.Objects < 0)
            {
                throw new ModelFormatException(
                    $"The ONNX file has more than {MaxObjects} messages and names, the last read being {field.FullName}.");
            }
        }
        else
        {
            budget.Numbers -= wire == WireType.Bytes ? PackedCount(field, content) : 1;
            if (budget.Numbers < 0)
            {
                throw new ModelFormatException(
                    $"The ONNX file has more numbers than the limit of nodes allows, the last read being of {field.FullName}.");
            }
        }
    }

    private static int PackedCount(FieldDescriptor field, ReadOnlySpan<byte> content)
    {
        if (Kind(field) != WireType.Varint)
        {
            return content.Length / (Kind(field) == WireType.Fixed64 ? 8 : 4);
        }

        int ends = 0;
        foreach (byte part in content)
        {
            ends += part < 0x80 ? 1 : 0;
        }

        return ends;
    }

    private static bool Fits(FieldDescriptor field, WireType wire) =>
        wire == Kind(field) || (wire == WireType.Bytes && field.IsRepeated && field.IsPacked);

    private static WireType Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.String or FieldType.Bytes => WireType.Bytes,
        FieldType.Double => WireType.Fixed64,
        FieldType.Float => WireType.Fixed32,
        _ => WireType.Varint,
    };

    private static ReadOnlySpan<byte> Content(ref ReadOnlySpan<byte> bytes, WireType wire, MessageDescriptor message, ulong number)
    {
        switch (wire)
        {
            case WireType.Varint:
                Varint(ref bytes, message);
                return default;
            case WireType.Fixed64:
                return Take(ref bytes, 8, message, number);
            case WireType.Fixed32:
                return Take(ref bytes, 4, message, number);
            case WireType.Bytes:
                ulong length = Varint(ref bytes, message);
                return Take(ref bytes, length, message, number);
            default:
                throw Broken(message, $"field {number} has the wire type {(int)wire}, which ONNX does not use");
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong length, MessageDescriptor message, ulong number)
    {
        if (length > (ulong)bytes.Length)
        {
            throw Broken(message, $"field {number} claims {length} bytes where {bytes.Length} are left");
        }

        ReadOnlySpan<byte> taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes, MessageDescriptor message)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw Broken(message, "ends within a number");
    }

    private static ModelFormatException Broken(MessageDescriptor message, string what) =>
        new($"The ONNX file is damaged: {message.Name} {what}.");

    private struct Budget
    {
        public int Objects;
        public long Numbers;
        public string? Unknown;
        public Func<MessageDescriptor, ulong, bool>? IsHarmless;
    }
}
