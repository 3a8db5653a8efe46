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
    /// <param name="frames">By time, then arrival.</param>
    internal static async Task<PackedAsset> OfAsync(OrganizationDb db, AssetId asset, List<StoredFrame> frames, int chunkFrames, CancellationToken ct)
    {
        IReadOnlyList<ChunkRow> index = await db.QueryAsync<ChunkRow>(
            TelemetrySql.ChunkIndex, new { asset = asset.Value, from = frames[0].Frame.TimeUnixMs }, ct).ConfigureAwait(false);
        var replaced = new List<long>();
        var chunks = new List<ChunkRow>();
        int at = 0;
        for (int i = -1; i < index.Count; i++)
        {
            long next = i + 1 < index.Count ? index[i + 1].FromMs : long.MaxValue;
            int end = at;
            while (end < frames.Count && (frames[end].Frame.TimeUnixMs < next || i + 1 == index.Count))
            {
                end++;
            }

            if (end == at)
            {
                continue;
            }

            List<StoredFrame> these = frames[at..end];
            at = end;
            ChunkRow? chunk = i < 0 ? null : index[i];
            if (chunk is not null && (chunk.Frames < chunkFrames || these[0].Frame.TimeUnixMs <= chunk.ToMs))
            {
                ChunkRow stored = await db.QuerySingleOrDefaultAsync<ChunkRow>(
                    TelemetrySql.OneChunk, new { asset = asset.Value, from = chunk.FromMs }, ct).ConfigureAwait(false)
                    ?? throw new System.Diagnostics.UnreachableException("bug: a chunk went while its asset was packed");
                replaced.Add(chunk.FromMs);
                // Stable: of equal times the packed ones arrived first.
                these = [.. Chunk.Decode(db.Organization, asset, stored, null).Frames(asset).Concat(these).OrderBy(frame => frame.Frame.TimeUnixMs)];
            }

            chunks.AddRange(Split(these, chunkFrames).Select(piece => Encode(db.Organization, asset, piece)));
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
    private static IEnumerable<List<StoredFrame>> Split(List<StoredFrame> frames, int chunkFrames)
    {
        for (int from = 0; from < frames.Count;)
        {
            int to = Math.Min(from + chunkFrames, frames.Count);
            while (to < frames.Count && frames[to].Frame.TimeUnixMs == frames[to - 1].Frame.TimeUnixMs)
            {
                to++;
            }

            yield return frames[from..to];
            from = to;
        }
    }

    private static ChunkRow Encode(Guid organization, AssetId asset, List<StoredFrame> frames)
    {
        ChunkColumns columns = ChunkColumns.Of(frames);
        return new ChunkRow
        {
            FromMs = columns.Times[0],
            ToMs = columns.Times[^1],
            Frames = columns.Times.Length,
            Body = Chunk.Encode(organization, asset, columns),
        };
    }
}
