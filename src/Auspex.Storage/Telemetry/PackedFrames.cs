using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Reads what is packed of one organization: segments and chunks.</summary>
internal sealed class PackedFrames(OrganizationDb db)
{
    // Milliseconds before and after an instant that are read with it.
    private const long Around = 3_600_000;

    private (AssetId Asset, long FromMs, long ToMs, long Packs, List<Frame> Frames)? _last;

    /// <summary>Rows of one asset in segments.</summary>
    internal async Task<IReadOnlyList<ChunkColumns>> InSegmentsAsync(AssetId asset, long fromMs, long toMs, HashSet<string>? signals, CancellationToken ct)
    {
        int part = Partition.Of(db.Organization, asset);
        IReadOnlyList<PieceRow> rows = await db.QueryAsync<PieceRow>(
            TelemetrySql.PiecesOf, new { part, asset = asset.Value, from = fromMs, to = toMs }, ct).ConfigureAwait(false);
        return [.. rows.Select(row => SegmentPiece.Decode(db.Organization, part, row, signals).Of(asset)).OfType<ChunkColumns>()];
    }

    /// <summary>Chunks of one asset, by time, until they hold more frames than asked for.</summary>
    /// <returns>The chunks, whether others follow, and the time up to which all were read.</returns>
    internal async Task<(List<ChunkColumns> Blocks, bool More, long ReadTo)> InChunksAsync(
        AssetId asset, long fromMs, long toMs, HashSet<string>? signals, int most, CancellationToken ct)
    {
        // Chunks of one page at most are held beside their columns.
        const int Page = 16;
        var blocks = new List<ChunkColumns>();
        int frames = 0;
        long from = fromMs;
        while (from < toMs)
        {
            IReadOnlyList<ChunkRow> rows = await db.QueryAsync<ChunkRow>(
                TelemetrySql.ChunksFrom, new { asset = asset.Value, from, to = toMs, most = Page }, ct).ConfigureAwait(false);
            foreach (ChunkRow row in rows)
            {
                ChunkColumns block = Chunk.Decode(db.Organization, asset, row, signals);
                blocks.Add(block);
                frames += block.Times.Length - FrameColumns.LowerBound(block.Times, fromMs);
                from = row.ToMs + 1;
                if (frames > most)
                {
                    // Behind the last chunk read there may be others, between the frames of segments and memory.
                    return (blocks, from < toMs, Math.Min(toMs, from));
                }
            }

            if (rows.Count < Page)
            {
                break;
            }
        }

        return (blocks, false, toMs);
    }

    /// <summary>The newest packed frame of an asset; null where it has none.</summary>
    internal async Task<Frame?> NewestAsync(AssetId asset, CancellationToken ct)
    {
        var all = new ColumnsBuilder();
        foreach (ChunkColumns rows in await InSegmentsAsync(asset, long.MinValue, long.MaxValue, null, ct).ConfigureAwait(false))
        {
            all.Add(rows, rows.Times.Length - 1, 1);
        }

        if (await db.QuerySingleOrDefaultAsync<ChunkRow>(TelemetrySql.LastChunk, new { asset = asset.Value }, ct).ConfigureAwait(false) is { } last)
        {
            ChunkColumns rows = Chunk.Decode(db.Organization, asset, last, null);
            all.Add(rows, rows.Times.Length - 1, 1);
        }

        if (all.Count == 0)
        {
            return null;
        }

        all.Sort(0);
        return all.Build().Slice(all.Count - 1, 1).Frames(asset).Single().Frame;
    }

    /// <summary>Packed frames of an asset at one instant. A batch that is sent again asks for those of one chunk one after the other: the last that were read are kept.</summary>
    /// <param name="packs">How often frames were packed, before it was looked for them in memory.</param>
    internal async Task<IEnumerable<Frame>> AtAsync(AssetId asset, long time, long packs, CancellationToken ct)
    {
        if (_last is not { } last || last.Asset != asset || last.Packs != packs || time < last.FromMs || time > last.ToMs)
        {
            long from = time - Around;
            long to = time + Around;
            var rows = new ColumnsBuilder();
            foreach (ChunkColumns piece in await InSegmentsAsync(asset, from, to + 1, null, ct).ConfigureAwait(false))
            {
                rows.Add(piece, 0, piece.Times.Length);
            }

            ChunkRow? chunk = await db.QuerySingleOrDefaultAsync<ChunkRow>(
                TelemetrySql.ChunksFrom, new { asset = asset.Value, from = time, to = time + 1, most = 1 }, ct).ConfigureAwait(false);
            if (chunk is not null)
            {
                ChunkColumns columns = Chunk.Decode(db.Organization, asset, chunk, null);
                rows.Add(columns, 0, columns.Times.Length);
            }

            from = Math.Max(from, chunk?.FromMs ?? time);
            to = Math.Min(to, chunk?.ToMs ?? time);
            rows.Sort(0);
            last = (asset, from, to, packs, [.. rows.Build().Frames(asset).Select(stored => stored.Frame)]);
            _last = last;
        }

        return last.Frames.Where(frame => frame.TimeUnixMs == time);
    }
}
