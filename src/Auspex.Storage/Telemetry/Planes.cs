using System.Buffers;
using System.IO.Compression;
using System.Numerics;

namespace Auspex.Storage.Telemetry;

/// <summary>Unsigned integers as planes of bytes (all lowest bytes, then all second ones …), only as many as the largest needs, compressed where that is shorter.</summary>
internal static class Planes
{
    private const int Window = 18;

    // Shorter than this the compressor's own header eats what it saves.
    private const int LeastToCompress = 48;

    internal static void Write(BodyWriter writer, ReadOnlySpan<ulong> values)
    {
        ulong all = 0;
        foreach (ulong value in values)
        {
            all |= value;
        }

        int width = (64 - BitOperations.LeadingZeroCount(all) + 7) / 8;
        writer.Byte((byte)width);
        if (width == 0)
        {
            return;
        }

        int length = width * values.Length;
        byte[] planes = ArrayPool<byte>.Shared.Rent(length);
        byte[] packed = ArrayPool<byte>.Shared.Rent(length);
        for (int plane = 0, at = 0; plane < width; plane++)
        {
            foreach (ulong value in values)
            {
                planes[at++] = (byte)(value >> (8 * plane));
            }
        }

        if (length >= LeastToCompress
            && BrotliEncoder.TryCompress(planes.AsSpan(0, length), packed.AsSpan(0, length - 1), out int shorter, writer.Quality, Window))
        {
            writer.Unsigned((uint)shorter);
            writer.Bytes(packed.AsSpan(0, shorter));
        }
        else
        {
            writer.Unsigned(0);
            writer.Bytes(planes.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(planes);
        ArrayPool<byte>.Shared.Return(packed);
    }

    internal static void Read(ref BodyReader reader, Span<ulong> values)
    {
        int width = reader.Byte();
        if (width == 0)
        {
            values.Clear();
            return;
        }

        int length = width * values.Length;
        int shorter = reader.Count();
        if (shorter == 0)
        {
            Join(reader.Bytes(length), values, width);
            return;
        }

        byte[] planes = ArrayPool<byte>.Shared.Rent(length);
        if (!BrotliDecoder.TryDecompress(reader.Bytes(shorter), planes.AsSpan(0, length), out int written) || written != length)
        {
            throw new System.Diagnostics.UnreachableException("bug: a column whose checksum holds cannot be unpacked");
        }

        Join(planes.AsSpan(0, length), values, width);
        ArrayPool<byte>.Shared.Return(planes);
    }

    private static void Join(ReadOnlySpan<byte> planes, Span<ulong> values, int width)
    {
        ReadOnlySpan<byte> low = planes[..values.Length];
        if (width == 1)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = low[i];
            }

            return;
        }

        ReadOnlySpan<byte> second = planes.Slice(values.Length, low.Length);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = low[i] | ((ulong)second[i] << 8);
        }

        for (int plane = 2; plane < width; plane++)
        {
            ReadOnlySpan<byte> next = planes.Slice(plane * values.Length, low.Length);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] |= (ulong)next[i] << (8 * plane);
            }
        }
    }
}
