using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames of many assets in columns: the rows of one asset after those of another, assets by name.</summary>
/// <param name="Assets">Names.</param>
/// <param name="Counts">Rows of each.</param>
/// <param name="Columns">All rows; those of one asset by time and arrival.</param>
internal sealed record SegmentPiece(AssetId[] Assets, int[] Counts, ChunkColumns Columns)
{
    private const byte Version = 1;

    internal byte[] Encode(Guid organization, int part, long segment, int quality)
    {
        var writer = new BodyWriter(16_384) { Quality = quality };
        writer.Unsigned((uint)Assets.Length);
        for (int i = 0; i < Assets.Length; i++)
        {
            writer.Text(Assets[i].Value);
            writer.Unsigned((uint)Counts[i]);
        }

        Chunk.Write(writer, Columns);
        return writer.Sealed(Version, KeyOf(organization, part, segment, Assets[0].Value));
    }

    /// <summary>Reads a piece.</summary>
    /// <param name="row">As it is stored.</param>
    /// <param name="signals">Which columns; null gives all.</param>
    /// <exception cref="StorageException">It is damaged.</exception>
    internal static SegmentPiece Decode(Guid organization, int part, PieceRow row, IReadOnlySet<string>? signals)
    {
        BodyReader reader = BodyReader.Open(row.Body, Version, KeyOf(organization, part, row.Segment, row.FirstAsset));
        var assets = new AssetId[reader.Count()];
        int[] counts = new int[assets.Length];
        for (int i = 0; i < assets.Length; i++)
        {
            assets[i] = new AssetId(reader.Text());
            counts[i] = reader.Count();
        }

        return new SegmentPiece(assets, counts, Chunk.Read(ref reader, signals));
    }

    /// <summary>Rows of one asset; null where it has none.</summary>
    internal ChunkColumns? Of(AssetId asset)
    {
        int from = 0;
        for (int i = 0; i < Assets.Length; i++)
        {
            if (Assets[i] == asset)
            {
                return Columns.Slice(from, Counts[i]);
            }

            from += Counts[i];
        }

        return null;
    }

    private static string KeyOf(Guid organization, int part, long segment, string first) =>
        $"telemetry_piece row (organization {organization}, part {part}, segment {segment}, from asset '{first}')";
}

/// <summary>A piece as its table has it.</summary>
internal sealed record PieceRow
{
    public long Segment { get; init; }

    public string FirstAsset { get; init; } = "";

    public string LastAsset { get; init; } = "";

    public long FromMs { get; init; }

    public long ToMs { get; init; }

    public long Frames { get; init; }

    public byte[] Body { get; init; } = [];
}

/// <summary>Assets in the order of their names' bytes, as both databases compare them.</summary>
internal sealed class ByteOrder : IComparer<AssetId>
{
    internal static readonly ByteOrder Comparer = new();

    public int Compare(AssetId x, AssetId y)
    {
        int same = x.Value.AsSpan().CommonPrefixLength(y.Value);
        return same == x.Value.Length || same == y.Value.Length
            ? x.Value.Length.CompareTo(y.Value.Length)
            : Rank(x.Value[same]).CompareTo(Rank(y.Value[same]));
    }

    // In UTF-16 a pair stands before U+E000 to U+FFFF, in UTF-8 behind.
    private static int Rank(char letter) => char.IsSurrogate(letter) ? letter + 0x1_0000 : letter;
}
