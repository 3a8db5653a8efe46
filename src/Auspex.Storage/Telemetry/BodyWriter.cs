using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Auspex.Storage.Telemetry;

/// <summary>Writes the bytes of a journal row or chunk. Everything is little-endian.</summary>
internal sealed class BodyWriter(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    /// <summary>How hard columns are compressed, 0 to 11: what is soon written anew is not worth much.</summary>
    internal int Quality { get; init; } = 5;

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written and keeps the room.</summary>
    internal void Clear() => Length = 0;

    internal void Byte(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    internal void Unsigned(ulong value)
    {
        Span<byte> room = Room(10);
        int i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            room[i++] = (byte)(value | 0x80);
        }

        room[i++] = (byte)value;
        Length += i;
    }

    internal void Signed(long value) => Unsigned(Zigzag(value));

    internal void Fixed(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(4), value);
        Length += 4;
    }

    internal void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Unsigned((uint)length);
        Encoding.UTF8.GetBytes(value, Room(length));
        Length += length;
    }

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    internal void Doubles(ReadOnlySpan<double> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            Bytes(MemoryMarshal.AsBytes(values));
            return;
        }

        foreach (double value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);
            Length += 8;
        }
    }

    /// <summary>The format's version and a checksum before what was written. The checksum covers the key too: a body under a foreign key is damaged.</summary>
    internal byte[] Sealed(byte version, string key)
    {
        byte[] body = new byte[5 + Length];
        body[0] = version;
        Written.CopyTo(body.AsSpan(5));
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(1), BodyReader.ChecksumOf(body, key));
        return body;
    }

    internal static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + length));
        }

        return _bytes.AsSpan(Length);
    }
}
