using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames of one asset on their way into chunks: which are written, and which they stand for.</summary>
/// <param name="Asset">Whose.</param>
/// <param name="Replaced">First times of the chunks that go.</param>
/// <param name="Chunks">The chunks that come, by time; one at least.</param>
internal sealed record PackedAsset(AssetId Asset, IReadOnlyList<long> Replaced, IReadOnlyList<ChunkRow> Chunks)
{
    /// <summary>Packs frames. Those within an existing chunk are merged into it; those behind one fill it up first.</summary>
    /// <param name="rows">By time, then arrival; one at least.</param>
    internal static async Task<PackedAsset> OfAsync(OrganizationDb db, AssetId asset, ChunkColumns rows, int chunkFrames, CancellationToken ct)
    {
        IReadOnlyList<ChunkRow> index = await db.QueryAsync<ChunkRow>(
            TelemetrySql.ChunkIndex, new { asset = asset.Value, from = rows.Times[0] }, ct).ConfigureAwait(false);
        var replaced = new List<long>();
        var chunks = new List<ChunkRow>();
        int at = 0;
        for (int i = -1; i < index.Count; i++)
        {
            long next = i + 1 < index.Count ? index[i + 1].FromMs : long.MaxValue;
            int end = i + 1 == index.Count ? rows.Times.Length : Math.Max(at, FrameColumns.LowerBound(rows.Times, next));
            if (end == at)
            {
                continue;
            }

            var these = new ColumnsBuilder();
            ChunkRow? chunk = i < 0 ? null : index[i];
            if (chunk is not null && (chunk.Frames < chunkFrames || rows.Times[at] <= chunk.ToMs))
            {
                ChunkRow stored = await db.QuerySingleOrDefaultAsync<ChunkRow>(
                    TelemetrySql.OneChunk, new { asset = asset.Value, from = chunk.FromMs }, ct).ConfigureAwait(false)
                    ?? throw new System.Diagnostics.UnreachableException("bug: a chunk went while its asset was packed");
                replaced.Add(chunk.FromMs);
                ChunkColumns before = Chunk.Decode(db.Organization, asset, stored, null);
                these.Add(before, 0, before.Times.Length);
            }

            these.Add(rows, at, end - at);
            these.Sort(0);
            at = end;
            chunks.AddRange(Split(these.Build(), chunkFrames).Select(piece => Encode(db.Organization, asset, piece)));
        }

        return new PackedAsset(asset, replaced, chunks);
    }

    internal async Task WriteAsync(OrganizationTransaction transaction)
    {
        foreach (long from in Replaced)
        {
            await transaction.ExecuteAsync(TelemetrySql.DeleteChunk, new { asset = Asset.Value, from }).ConfigureAwait(false);
        }

        foreach (ChunkRow chunk in Chunks)
        {
            await transaction.ExecuteAsync(
                TelemetrySql.InsertChunk, new { asset = Asset.Value, from = chunk.FromMs, to = chunk.ToMs, frames = chunk.Frames, body = chunk.Body }).ConfigureAwait(false);
        }
    }

    // Frames of one time stay together, however many they are.
    private static IEnumerable<ChunkColumns> Split(ChunkColumns rows, int chunkFrames)
    {
        for (int from = 0; from < rows.Times.Length;)
        {
            int to = Math.Min(from + chunkFrames, rows.Times.Length);
            while (to < rows.Times.Length && rows.Times[to] == rows.Times[to - 1])
            {
                to++;
            }

            yield return from == 0 && to == rows.Times.Length ? rows : rows.Slice(from, to - from);
            from = to;
        }
    }

    private static ChunkRow Encode(Guid organization, AssetId asset, ChunkColumns columns) => new()
    {
        FromMs = columns.Times[0],
        ToMs = columns.Times[^1],
        Frames = columns.Times.Length,
        Body = Chunk.Encode(organization, asset, columns),
    };
}
