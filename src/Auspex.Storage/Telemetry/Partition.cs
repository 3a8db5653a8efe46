using System.Text;
using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>Which partition an asset belongs to. Order is kept inside a partition.</summary>
public static class Partition
{
    /// <summary>Partitions of an organization. Stored journals and cursors depend on it.</summary>
    public const int Count = 8;

    /// <summary>The asset's partition, 0 to <see cref="Count"/> − 1: the same on every machine and in every version.</summary>
    public static int Of(Guid organization, AssetId asset)
    {
        Span<byte> bytes = stackalloc byte[16 + (3 * AssetId.MaxLength)];
        organization.TryWriteBytes(bytes, bigEndian: true, out _);
        int length = Encoding.UTF8.GetBytes(Series.AssetOf(asset), bytes[16..]);
        return (int)(Checksum.Of(bytes[..(16 + length)]) % Count);
    }
}
