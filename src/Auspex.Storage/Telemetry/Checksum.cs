using System.Buffers.Binary;
using System.Numerics;

namespace Auspex.Storage.Telemetry;

/// <summary>CRC-32C (Castagnoli), as of RFC 3720 appendix B.4.</summary>
internal static class Checksum
{
    internal static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint crc = ~before;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
