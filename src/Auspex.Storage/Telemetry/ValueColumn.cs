using System.Buffers;

namespace Auspex.Storage.Telemetry;

/// <summary>Measured values, exact to the bit: one number for all, decimals as scaled integers, or each against the one before.</summary>
/// <remarks>A decimal with few digits is the double nearest to n / 10^p, which one division gives back: both are exact below 2^53. What is no such
/// decimal (NaN, −0, a long fraction) stands apart as its bits, unless there are many.</remarks>
internal static class ValueColumn
{
    private const byte Same = 0;
    private const byte Scaled = 1;
    private const byte Xor = 2;
    private const double MostScaled = 1L << 51;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    internal static void Write(BodyWriter writer, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        if (AllSame(values))
        {
            writer.Byte(Same);
            writer.Doubles(values[..1]);
            return;
        }

        if (PowerOf(values) is not { } power)
        {
            WriteXor(writer, values);
            return;
        }

        long[] scaled = ArrayPool<long>.Shared.Rent(values.Length);
        var apart = new List<int>();
        for (int i = 0; i < values.Length; i++)
        {
            if (!TryScale(values[i], power, out scaled[i]))
            {
                scaled[i] = i > 0 ? scaled[i - 1] : 0;
                apart.Add(i);
            }
        }

        writer.Byte(Scaled);
        writer.Byte((byte)power);
        writer.Unsigned((uint)apart.Count);
        foreach (int i in apart)
        {
            writer.Unsigned((uint)i);
            writer.Doubles(values.Slice(i, 1));
        }

        IntegerColumn.Write(writer, scaled.AsSpan(0, values.Length));
        ArrayPool<long>.Shared.Return(scaled);
    }

    internal static void Read(ref BodyReader reader, Span<double> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        switch (reader.Byte())
        {
            case Same:
                reader.Doubles(values[..1]);
                values.Fill(values[0]);
                break;
            case Scaled:
                ReadScaled(ref reader, values);
                break;
            default:
                Span<ulong> bits = System.Runtime.InteropServices.MemoryMarshal.Cast<double, ulong>(values);
                Planes.Read(ref reader, bits);
                for (int i = 1; i < bits.Length; i++)
                {
                    bits[i] ^= bits[i - 1];
                }

                break;
        }
    }

    private static void ReadScaled(ref BodyReader reader, Span<double> values)
    {
        double power = Powers[reader.Byte()];
        int apart = reader.Count();
        Span<double> bits = apart == 0 ? [] : new double[apart];
        int[] at = apart == 0 ? [] : new int[apart];
        for (int i = 0; i < apart; i++)
        {
            at[i] = reader.Count();
            reader.Doubles(bits.Slice(i, 1));
        }

        Span<long> scaled = System.Runtime.InteropServices.MemoryMarshal.Cast<double, long>(values);
        IntegerColumn.Read(ref reader, scaled);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = scaled[i] / power;
        }

        for (int i = 0; i < apart; i++)
        {
            values[at[i]] = bits[i];
        }
    }

    private static void WriteXor(BodyWriter writer, ReadOnlySpan<double> values)
    {
        ulong[] bits = ArrayPool<ulong>.Shared.Rent(values.Length);
        ulong last = 0;
        for (int i = 0; i < values.Length; i++)
        {
            ulong one = BitConverter.DoubleToUInt64Bits(values[i]);
            bits[i] = one ^ last;
            last = one;
        }

        writer.Byte(Xor);
        Planes.Write(writer, bits.AsSpan(0, values.Length));
        ArrayPool<ulong>.Shared.Return(bits);
    }

    private static bool AllSame(ReadOnlySpan<double> values)
    {
        ReadOnlySpan<long> bits = System.Runtime.InteropServices.MemoryMarshal.Cast<double, long>(values);
        return !bits.ContainsAnyExcept(bits[0]);
    }

    // Digits behind the point that all but a few values need; null when they are no short decimals.
    private static int? PowerOf(ReadOnlySpan<double> values)
    {
        int power = 0;
        int apart = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int needed = power;
            while (needed < Powers.Length && !TryScale(values[i], needed, out _))
            {
                needed++;
            }

            if (needed < Powers.Length)
            {
                power = needed;
            }
            else if (16 * ++apart > i + 64)
            {
                return null;
            }
        }

        return power;
    }

    private static bool TryScale(double value, int power, out long scaled)
    {
        double near = Math.Round(value * Powers[power]);
        if (!(Math.Abs(near) < MostScaled))
        {
            scaled = 0;
            return false;
        }

        scaled = (long)near;
        return BitConverter.DoubleToInt64Bits(scaled / Powers[power]) == BitConverter.DoubleToInt64Bits(value);
    }
}
