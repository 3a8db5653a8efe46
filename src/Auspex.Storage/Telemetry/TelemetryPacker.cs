using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Packs an organization's frames: an asset that has many into chunks of its own, the others together into segments. Segments are merged when there are many of one
/// size, and what has become many of one asset then goes into its chunks: each frame is written a few times in its life, and always beside others.</summary>
internal sealed class TelemetryPacker(OrganizationDb db, TelemetryOptions options, TelemetryMemory memory) : IAsyncDisposable
{
    // Chunks, and pieces, of one transaction of a merge: appends wait for it.
    private const int RowsAWrite = 32;

    // One gathers and compresses while another waits for its transaction.
    private const int PartitionsAtOnce = 2;

    private readonly SemaphoreSlim _packing = new(1);
    private readonly long?[] _lastSegment = new long?[Partition.Count];
    private bool _ended;

    private int FramesForAChunk => options.ChunkFrames / 8;

    /// <summary>Packs all that is in memory.</summary>
    /// <returns>Chunks and segments written.</returns>
    internal async Task<int> PackAsync(CancellationToken ct)
    {
        await _packing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            int written = 0;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = PartitionsAtOnce, CancellationToken = ct };
            await Parallel.ForEachAsync(Enumerable.Range(0, _ended ? 0 : Partition.Count), parallel, async (part, ct) =>
            {
                Interlocked.Add(ref written, await PackAsync(part, ct).ConfigureAwait(false));
                while (await MergeAsync(part, ct).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref written);
                }
            }).ConfigureAwait(false);
            return written;
        }
        finally
        {
            _packing.Release();
        }
    }

    /// <summary>Deletes chunks and segments that end before an instant.</summary>
    /// <returns>How many.</returns>
    internal async Task<int> DeleteBeforeAsync(long beforeMs, CancellationToken ct)
    {
        await _packing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            int rows = await db.WriteAsync(
                async transaction =>
                {
                    int deleted = await transaction.ExecuteAsync(TelemetrySql.DeleteOld, new { before = beforeMs }).ConfigureAwait(false);
                    foreach (SegmentRow old in await transaction.QueryAsync<SegmentRow>(TelemetrySql.OldSegments, new { before = beforeMs }).ConfigureAwait(false))
                    {
                        await DeleteAsync(transaction, (int)old.Part, old.Segment).ConfigureAwait(false);
                        deleted++;
                    }

                    return deleted;
                },
                ct).ConfigureAwait(false);
            memory.PackedAnew();
            return rows;
        }
        finally
        {
            _packing.Release();
        }
    }

    /// <summary>Waits for who packs; whoever comes later finds nothing to do.</summary>
    public async ValueTask DisposeAsync()
    {
        await _packing.WaitAsync().ConfigureAwait(false);
        _ended = true;
        _packing.Release();
    }

    private async Task<int> PackAsync(int part, CancellationToken ct)
    {
        List<JournalBlock> blocks = memory.BlocksOf(part);
        if (blocks.Count == 0)
        {
            return 0;
        }

        long sequence = blocks[^1].Sequence;
        AssetTail[] tails = [.. blocks.SelectMany(block => block.Assets).Distinct().Order(ByteOrder.Comparer).Select(memory.TailOf)];
        long segment = await NextSegmentAsync(part, ct).ConfigureAwait(false);
        var pieces = new PieceWriter(db.Organization, part, segment, 0, options.ChunkFrames);
        var chunks = new List<PackedAsset>();
        long packedTo = memory.PackedToMs(part);
        foreach (AssetTail tail in tails)
        {
            ct.ThrowIfCancellationRequested();
            List<TailEntry> entries = tail.UpTo(sequence);
            if (entries.Count == 0)
            {
                continue;
            }

            packedTo = Math.Max(packedTo, entries[^1].TimeMs);
            if (entries.Count < FramesForAChunk)
            {
                entries.ForEach(entry => pieces.Add(entry.View, entry.Order));
                pieces.EndAsset(tail.Asset);
                continue;
            }

            var rows = new ColumnsBuilder();
            entries.ForEach(entry => rows.Add(entry.View, entry.Order));
            rows.Sort(0);
            chunks.Add(await PackedAsset.OfAsync(db, tail.Asset, rows.Build(), options.ChunkFrames, ct).ConfigureAwait(false));
        }

        pieces.End();
        await db.WriteAsync(
            async transaction =>
            {
                await NameAsync(transaction, tails).ConfigureAwait(false);
                foreach (PackedAsset asset in chunks)
                {
                    await asset.WriteAsync(transaction).ConfigureAwait(false);
                }

                if (pieces.Rows.Count > 0)
                {
                    await InsertAsync(transaction, part, pieces.Rows).ConfigureAwait(false);
                    await InsertHeadAsync(transaction, part, pieces).ConfigureAwait(false);
                }

                await transaction.ExecuteAsync(TelemetrySql.DeleteJournal, new { part, sequence }).ConfigureAwait(false);
                return await transaction.ExecuteAsync(TelemetrySql.SetPacked, new { part, sequence, to = packedTo }).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
        _lastSegment[part] = segment;
        memory.Packed(part, blocks, tails, packedTo);
        return chunks.Sum(asset => asset.Chunks.Count) + (pieces.Rows.Count > 0 ? 1 : 0);
    }

    /// <summary>Merges the segments of one tier, if there are enough of them.</summary>
    /// <returns>Whether there were.</returns>
    private async Task<bool> MergeAsync(int part, CancellationToken ct)
    {
        IReadOnlyList<SegmentRow> all = await db.QueryAsync<SegmentRow>(TelemetrySql.Segments, new { part }, ct).ConfigureAwait(false);
        if (all.GroupBy(segment => segment.Tier).Where(tier => tier.Count() >= options.SegmentsAMerge).OrderBy(tier => tier.Key).FirstOrDefault() is not { } merged)
        {
            return false;
        }

        long next = await NextSegmentAsync(part, ct).ConfigureAwait(false);
        var pieces = new PieceWriter(db.Organization, part, next, merged.Key + 1, options.ChunkFrames);
        var chunks = new List<PackedAsset>();
        List<SegmentCursor> cursors = [.. merged.Select(segment => new SegmentCursor(db, part, segment.Segment))];
        foreach (SegmentCursor cursor in cursors)
        {
            await cursor.NextAsync(ct).ConfigureAwait(false);
        }

        while (cursors.Exists(cursor => !cursor.HasEnded))
        {
            Core.Assets.AssetId asset = cursors.Where(cursor => !cursor.HasEnded).Select(cursor => cursor.Asset).Min(ByteOrder.Comparer);
            SegmentCursor[] holding = [.. cursors.Where(cursor => !cursor.HasEnded && cursor.Asset == asset)];
            if (holding.Sum(cursor => cursor.Count) >= FramesForAChunk)
            {
                var rows = new ColumnsBuilder();
                Array.ForEach(holding, cursor => rows.Add(cursor.Columns, cursor.From, cursor.Count));
                rows.Sort(0);
                chunks.Add(await PackedAsset.OfAsync(db, asset, rows.Build(), options.ChunkFrames, ct).ConfigureAwait(false));
            }
            else
            {
                Array.ForEach(holding, cursor => pieces.Add(cursor.Columns, cursor.From, cursor.Count));
                pieces.EndAsset(asset);
            }

            foreach (SegmentCursor cursor in holding)
            {
                await cursor.NextAsync(ct).ConfigureAwait(false);
            }

            if (chunks.Count + pieces.Rows.Count >= RowsAWrite)
            {
                await WriteAsync().ConfigureAwait(false);
            }
        }

        pieces.End();
        await WriteAsync().ConfigureAwait(false);

        // Until now the frames stood in the old segments; those in chunks and loose pieces beside them do no harm, whether this happens or not.
        await db.WriteAsync(
            async transaction =>
            {
                if (pieces.Frames > 0)
                {
                    await InsertHeadAsync(transaction, part, pieces).ConfigureAwait(false);
                }

                foreach (SegmentRow segment in merged)
                {
                    await DeleteAsync(transaction, part, segment.Segment).ConfigureAwait(false);
                }

                return 0;
            },
            ct).ConfigureAwait(false);
        _lastSegment[part] = next;
        memory.PackedAnew();
        return true;

        async Task WriteAsync()
        {
            await db.WriteAsync(
                async transaction =>
                {
                    foreach (PackedAsset asset in chunks)
                    {
                        await asset.WriteAsync(transaction).ConfigureAwait(false);
                    }

                    return await InsertAsync(transaction, part, pieces.Rows).ConfigureAwait(false);
                },
                ct).ConfigureAwait(false);
            chunks.Clear();
            pieces.Rows.Clear();
        }
    }

    // Pieces without a segment are what a merge left behind that was cut off or failed; they go before their number is given again. The number is known again when what
    // it was given for is stored: if that fails, or its answer is lost, the database is asked.
    private async Task<long> NextSegmentAsync(int part, CancellationToken ct)
    {
        long? last = _lastSegment[part];
        _lastSegment[part] = null;
        if (last is null)
        {
            await db.ExecuteAsync(TelemetrySql.DeleteLoosePieces, new { part }, ct).ConfigureAwait(false);
            last = await db.QuerySingleOrDefaultAsync<long>(TelemetrySql.LastSegment, new { part }, ct).ConfigureAwait(false);
        }

        return last.Value + 1;
    }

    private static async Task NameAsync(OrganizationTransaction transaction, AssetTail[] tails)
    {
        string[] assets = [.. tails.Where(tail => !tail.IsNamed).Select(tail => tail.Asset.Value)];
        if (assets.Length == 0)
        {
            return;
        }

        await (transaction.Dialect == Dialect.PostgreSql
            ? transaction.ExecuteAsync(TelemetrySql.AddAssetsOnPostgreSql, new { assets })
            : transaction.ExecuteAsync(TelemetrySql.AddAssetsOnSqlite, new { names = System.Text.Json.JsonSerializer.Serialize(assets) })).ConfigureAwait(false);
    }

    private static async Task<int> InsertAsync(OrganizationTransaction transaction, int part, List<PieceRow> rows)
    {
        foreach (PieceRow row in rows)
        {
            await transaction.ExecuteAsync(
                TelemetrySql.InsertPiece,
                new { part, segment = row.Segment, row.FirstAsset, row.LastAsset, row.FromMs, row.ToMs, row.Frames, row.Body }).ConfigureAwait(false);
        }

        return rows.Count;
    }

    private static Task<int> InsertHeadAsync(OrganizationTransaction transaction, int part, PieceWriter pieces) => transaction.ExecuteAsync(
        TelemetrySql.InsertSegment, new { part, pieces.Segment, pieces.Tier, pieces.FromMs, pieces.ToMs, pieces.Frames });

    private static async Task DeleteAsync(OrganizationTransaction transaction, int part, long segment)
    {
        await transaction.ExecuteAsync(TelemetrySql.DeleteSegment, new { part, segment }).ConfigureAwait(false);
        await transaction.ExecuteAsync(TelemetrySql.DeletePieces, new { part, segment }).ConfigureAwait(false);
    }

    private sealed record SegmentRow
    {
        public long Part { get; init; }

        public long Segment { get; init; }

        public long Tier { get; init; }

        public long FromMs { get; init; }

        public long ToMs { get; init; }

        public long Frames { get; init; }
    }
}
