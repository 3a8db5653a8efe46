using System.Buffers;
using System.Numerics;

namespace Auspex.Storage.Telemetry;

/// <summary>Integers as they are, as differences, or as differences of differences: whichever is smallest.</summary>
internal static class IntegerColumn
{
    internal static void Write(BodyWriter writer, ReadOnlySpan<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        long first = values[0];
        long second = values.Length > 1 ? values[1] - first : 0;
        Span<long> bits = stackalloc long[3];
        for (int i = 2; i < values.Length; i++)
        {
            long step = values[i] - values[i - 1];
            bits[0] += BitsOf(values[i]);
            bits[1] += BitsOf(step);
            bits[2] += BitsOf(step - (values[i - 1] - values[i - 2]));
        }

        int differences = bits[2] < bits[1] && bits[2] < bits[0] ? 2 : bits[1] < bits[0] ? 1 : 0;
        writer.Byte((byte)differences);
        ulong[] rest = ArrayPool<ulong>.Shared.Rent(values.Length);
        Span<ulong> kept = rest.AsSpan(0, values.Length);
        if (differences > 0)
        {
            writer.Signed(first);
        }

        if (differences > 1)
        {
            writer.Signed(second);
        }

        for (int i = 0; i < values.Length; i++)
        {
            kept[i] = BodyWriter.Zigzag(
                i < differences ? 0
                : differences == 0 ? values[i]
                : differences == 1 ? values[i] - values[i - 1]
                : values[i] - values[i - 1] - (values[i - 1] - values[i - 2]));
        }

        Planes.Write(writer, kept);
        ArrayPool<ulong>.Shared.Return(rest);
    }

    internal static void Read(ref BodyReader reader, Span<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        int differences = reader.Byte();
        long last = differences > 0 ? reader.Signed() : 0;
        long step = differences > 1 ? reader.Signed() : 0;
        Planes.Read(ref reader, System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(values));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BodyReader.Unzigzag((ulong)values[i]);
        }

        if (differences == 1)
        {
            for (int i = 0; i < values.Length; i++)
            {
                last += values[i];
                values[i] = last;
            }
        }
        else if (differences == 2)
        {
            values[0] = last;
            for (int i = 1; i < values.Length; i++)
            {
                step += values[i];
                last += step;
                values[i] = last;
            }
        }
    }

    private static int BitsOf(long value) => 64 - BitOperations.LeadingZeroCount(BodyWriter.Zigzag(value));
}
