using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Auspex.Storage.Telemetry;

/// <summary>Reads what <see cref="BodyWriter"/> wrote.</summary>
internal ref struct BodyReader
{
    private ReadOnlySpan<byte> _rest;

    private BodyReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Checks version and checksum.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="version">The format this program knows.</param>
    /// <param name="key">What it is stored under.</param>
    /// <exception cref="StorageException">It is damaged, or of a newer version.</exception>
    internal static BodyReader Open(ReadOnlySpan<byte> body, byte version, string key)
    {
        if (body.Length < 5)
        {
            throw new StorageException($"{key} is damaged: {body.Length} bytes are left of it. Restore it from a backup; nothing of it is served.");
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
        uint computed = ChecksumOf(body, key);
        if (stored != computed)
        {
            throw new StorageException(
                $"{key} is damaged: its {body.Length} bytes have the checksum {computed:x8}, stored is {stored:x8}. Restore it from a backup; nothing of it is served.");
        }

        return body[0] == version
            ? new BodyReader(body[5..])
            : throw new StorageException($"{key} has format {body[0]}, this program knows {version}: it was written by a newer Auspex.");
    }

    internal static uint ChecksumOf(ReadOnlySpan<byte> body, string key) =>
        Checksum.Of(body[5..], Checksum.Of(body[..1], Checksum.Of(Encoding.UTF8.GetBytes(key))));

    /// <summary>A reader of bytes whose checksum held before.</summary>
    internal static BodyReader At(ReadOnlySpan<byte> bytes) => new(bytes);

    internal int Left => _rest.Length;

    internal byte Byte()
    {
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    internal ulong Unsigned()
    {
        ulong value = 0;
        for (int i = 0; ; i++)
        {
            byte one = _rest[i];
            value |= (ulong)(one & 0x7f) << (7 * i);
            if (one < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }
    }

    internal int Count() => checked((int)Unsigned());

    internal long Signed() => Unzigzag(Unsigned());

    internal string Text() => Encoding.UTF8.GetString(Bytes(Count()));

    internal ReadOnlySpan<byte> Bytes(int length)
    {
        ReadOnlySpan<byte> bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    internal void Doubles(Span<double> values)
    {
        ReadOnlySpan<byte> bytes = Bytes(8 * values.Length);
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(values));
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
        }
    }

    internal static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
