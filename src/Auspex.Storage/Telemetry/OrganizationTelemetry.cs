using System.Collections.Concurrent;
using System.Threading.Channels;
using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Telemetry of one organization: its appends stand in one line, and what waits together is committed together.</summary>
internal sealed class OrganizationTelemetry : IAsyncDisposable
{
    /// <summary>Frames of one commit at most: they share a sequence, whose index has 16 bits.</summary>
    internal const int MostFramesACommit = 50_000;

    private const int MostWaitingAppends = 4_096;
    private const int MostShapes = 10_000;

    private readonly OrganizationDb _db;
    private readonly TelemetryOptions _options;
    private readonly ConcurrentDictionary<AssetId, AssetTail> _assets = new();
    private readonly Dictionary<string[], string[]> _shapes = new(Shapes.Comparer);
    private readonly Channel<Append> _appends =
        Channel.CreateBounded<Append>(new BoundedChannelOptions(MostWaitingAppends) { SingleReader = true });

    // Sequence of the last row of each partition that is committed and in memory.
    private readonly long[] _sequences = new long[Partition.Count];

    // Held while frames enter memory, and while packed ones leave it.
    private readonly SemaphoreSlim _memory = new(1);
    private readonly SemaphoreSlim _packing = new(1);
    private (AssetId Asset, ChunkRow Row, List<StoredFrame> Frames)? _lastChunk;
    private long _unpacked;
    private bool _inDoubt;
    private bool _ended;
    private Task _line = Task.CompletedTask;
    private Task _packInBackground = Task.CompletedTask;

    private OrganizationTelemetry(OrganizationDb db, TelemetryOptions options)
    {
        _db = db;
        _options = options;
    }

    /// <summary>Values that wait to be packed.</summary>
    internal long UnpackedValues => Interlocked.Read(ref _unpacked);

    /// <summary>Assets that have frames, by name.</summary>
    internal IReadOnlyList<AssetId> Assets => [.. _assets.Where(asset => asset.Value.NewestMs != long.MinValue).Select(asset => asset.Key).Order()];

    internal bool Has(AssetId asset) => _assets.TryGetValue(asset, out AssetTail? tail) && tail.NewestMs != long.MinValue;

    /// <summary>Reads the journal back.</summary>
    /// <exception cref="StorageException">A row of it is damaged.</exception>
    internal static async Task<OrganizationTelemetry> LoadAsync(OrganizationDb db, TelemetryOptions options, CancellationToken ct)
    {
        var telemetry = new OrganizationTelemetry(db, options);
        foreach (AssetRow row in await db.QueryAsync<AssetRow>(TelemetrySql.Assets, null, ct).ConfigureAwait(false))
        {
            telemetry.TailOf(new AssetId(row.Asset)).PackedToMs = row.ToMs;
        }

        foreach (SequenceRow row in await db.QueryAsync<SequenceRow>(TelemetrySql.Sequences, null, ct).ConfigureAwait(false))
        {
            telemetry._sequences[row.Part] = row.Sequence;
        }

        for (int part = 0; part < Partition.Count; part++)
        {
            await telemetry.ReadBackAsync(part, ct).ConfigureAwait(false);
        }

        telemetry._line = Task.Run(telemetry.RunAsync, CancellationToken.None);
        return telemetry;
    }

    internal async Task<IReadOnlyList<FrameOutcome>> AppendAsync(IReadOnlyList<Frame> frames, CancellationToken ct)
    {
        var append = new Append(frames);
        try
        {
            await _appends.Writer.WriteAsync(append, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(TelemetryStore));
        }

        return await append.Done.Task.ConfigureAwait(false);
    }

    internal async Task<FrameColumns> ReadAsync(AssetId asset, long fromMs, long toMs, IReadOnlyList<string>? signals, int most, CancellationToken ct)
    {
        if (fromMs >= toMs || !_assets.TryGetValue(asset, out AssetTail? tail))
        {
            return FrameColumns.Join([], signals, fromMs, toMs, most, more: false);
        }

        // Memory first: what is packed in between is then found twice, and taken once. The other way round it could be missed.
        List<StoredFrame> unpacked = tail.Range(fromMs, toMs);
        HashSet<string>? wanted = signals is null ? null : new HashSet<string>(signals, StringComparer.Ordinal);
        var blocks = new List<ChunkColumns>();
        bool more = false;
        int packed = 0;
        long from = fromMs;
        while (from < toMs)
        {
            // Chunks of one page at most are held beside their columns.
            const int Page = 16;
            IReadOnlyList<ChunkRow> rows = await _db.QueryAsync<ChunkRow>(
                TelemetrySql.ChunksFrom, new { asset = asset.Value, from, to = toMs, most = Page }, ct).ConfigureAwait(false);
            foreach (ChunkRow row in rows)
            {
                ChunkColumns block = Chunk.Decode(_db.Organization, asset, row, wanted);
                blocks.Add(block);
                packed += block.Times.Length - FrameColumns.LowerBound(block.Times, fromMs);
                from = row.ToMs + 1;
                if (packed > most)
                {
                    break;
                }
            }

            if (packed > most)
            {
                // Beyond the last chunk read there may be others between the frames in memory.
                more = from < toMs;
                toMs = Math.Min(toMs, from);
                break;
            }

            if (rows.Count < Page)
            {
                break;
            }
        }

        if (unpacked.Count > 0)
        {
            blocks.Add(Only(ChunkColumns.Of(unpacked), wanted));
        }

        return FrameColumns.Join(blocks, signals, fromMs, toMs, most, more);
    }

    internal async Task<Frame?> NewestAsync(AssetId asset, CancellationToken ct)
    {
        if (!_assets.TryGetValue(asset, out AssetTail? tail) || tail.NewestMs == long.MinValue)
        {
            return null;
        }

        if (tail.Newest is null && await _db.QuerySingleOrDefaultAsync<ChunkRow>(TelemetrySql.LastChunk, new { asset = asset.Value }, ct).ConfigureAwait(false) is { } last)
        {
            tail.Saw(Chunk.Decode(_db.Organization, asset, last, null).Frames(asset).Last().Frame);
        }

        return tail.Newest;
    }

    /// <summary>Packs all that is in memory.</summary>
    /// <returns>Chunks written.</returns>
    internal async Task<int> PackAsync(CancellationToken ct)
    {
        await _packing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            int chunks = 0;
            for (int part = 0; part < Partition.Count && !_ended; part++)
            {
                chunks += await PackAsync(part, ct).ConfigureAwait(false);
            }

            return chunks;
        }
        finally
        {
            _packing.Release();
        }
    }

    /// <summary>Deletes chunks that end before an instant.</summary>
    /// <returns>Chunks deleted.</returns>
    internal async Task<int> DeleteBeforeAsync(long beforeMs, CancellationToken ct)
    {
        await _packing.WaitAsync(ct).ConfigureAwait(false);
        await _memory.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            _lastChunk = null;
            return await _db.ExecuteAsync(TelemetrySql.DeleteOld, new { before = beforeMs }, ct).ConfigureAwait(false);
        }
        finally
        {
            _memory.Release();
            _packing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _appends.Writer.TryComplete();
        await _line.ConfigureAwait(false);
        await _packInBackground.ConfigureAwait(false);
        // Whoever still packs is waited for, and whoever comes later finds nothing to do.
        await _packing.WaitAsync().ConfigureAwait(false);
        _ended = true;
        _packing.Release();
    }

    private static ChunkColumns Only(ChunkColumns columns, HashSet<string>? wanted)
    {
        if (wanted is null)
        {
            return columns;
        }

        int[] kept = [.. Enumerable.Range(0, columns.Signals.Length).Where(column => wanted.Contains(columns.Signals[column]))];
        return columns with
        {
            Signals = [.. kept.Select(column => columns.Signals[column])],
            Values = [.. kept.Select(column => columns.Values[column])],
            Qualities = [.. kept.Select(column => columns.Qualities[column])],
        };
    }

    private AssetTail TailOf(AssetId asset) => _assets.GetOrAdd(asset, static _ => new AssetTail());

    private async Task ReadBackAsync(int part, CancellationToken ct)
    {
        while (true)
        {
            IReadOnlyList<JournalLine> rows = await _db.QueryAsync<JournalLine>(
                TelemetrySql.Journal, new { part, after = _sequences[part] }, ct).ConfigureAwait(false);
            if (rows.Count == 0)
            {
                return;
            }

            foreach (JournalLine row in rows)
            {
                Frame[] frames = JournalRow.Decode(_db.Organization, part, row.Sequence, row.Body);
                for (int i = 0; i < frames.Length; i++)
                {
                    Remember(frames[i], StoredFrame.OrderOf(row.Sequence, i));
                }

                _sequences[part] = row.Sequence;
            }
        }
    }

    private void Remember(Frame frame, long order)
    {
        TailOf(frame.Asset).Add(new StoredFrame(frame, order));
        Interlocked.Add(ref _unpacked, AssetTail.CostOf(frame));
    }

    private async Task RunAsync()
    {
        var taken = new List<Append>();
        while (await _appends.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            taken.Clear();
            int frames = 0;
            while (_appends.Reader.TryPeek(out Append? next) && (frames == 0 || frames + next.Frames.Count <= MostFramesACommit))
            {
                _appends.Reader.TryRead(out _);
                taken.Add(next);
                frames += next.Frames.Count;
            }

            try
            {
                await CommitAsync(taken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // the line goes on; whoever appended is told
            catch (Exception e)
#pragma warning restore CA1031
            {
                StorageException why = e as StorageException ?? new StorageException($"Frames were not stored: {e.Message}", e);
                taken.ForEach(append => append.Done.TrySetException(why));
            }
        }
    }

    private async Task CommitAsync(List<Append> appends)
    {
        if (UnpackedValues > _options.MostUnpackedValues)
        {
            await PackAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await _memory.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_inDoubt)
            {
                // A commit whose answer was lost may have happened.
                for (int part = 0; part < Partition.Count; part++)
                {
                    await ReadBackAsync(part, CancellationToken.None).ConfigureAwait(false);
                }

                _inDoubt = false;
            }

            var fresh = new Dictionary<(AssetId, long), List<Frame>>();
            var parts = new List<Frame>?[Partition.Count];
            var outcomes = new List<FrameOutcome[]>(appends.Count);
            foreach (Append append in appends)
            {
                var these = new FrameOutcome[append.Frames.Count];
                for (int i = 0; i < these.Length; i++)
                {
                    Frame frame = append.Frames[i] with { Signals = ShapeOf(append.Frames[i].Signals) };
                    these[i] = await OutcomeAsync(frame, fresh).ConfigureAwait(false);
                    if (these[i] != FrameOutcome.Duplicate)
                    {
                        (parts[Partition.Of(_db.Organization, frame.Asset)] ??= []).Add(frame);
                    }
                }

                outcomes.Add(these);
            }

            JournalLine[] rows =
            [
                .. Enumerable.Range(0, Partition.Count).Where(part => parts[part] is not null).Select(part => new JournalLine
                {
                    Part = part,
                    Sequence = _sequences[part] + 1,
                    Frames = parts[part]!.Count,
                    Body = JournalRow.Encode(_db.Organization, part, _sequences[part] + 1, parts[part]!),
                }),
            ];
            if (rows.Length > 0)
            {
                _inDoubt = true;
                await _db.WriteAsync(transaction => AppendAsync(transaction, rows), CancellationToken.None).ConfigureAwait(false);
                _inDoubt = false;
            }

            foreach (JournalLine row in rows)
            {
                _sequences[row.Part] = row.Sequence;
                for (int i = 0; i < parts[row.Part]!.Count; i++)
                {
                    Remember(parts[row.Part]![i], StoredFrame.OrderOf(row.Sequence, i));
                }
            }

            for (int i = 0; i < appends.Count; i++)
            {
                appends[i].Done.TrySetResult(outcomes[i]);
            }
        }
        finally
        {
            _memory.Release();
        }

        if (UnpackedValues > _options.PackAtValues && _packInBackground.IsCompleted)
        {
            _packInBackground = Task.Run(PackQuietlyAsync);
        }
    }

    // What fails here fails again, and is told, when an append has to wait for it.
    private async Task PackQuietlyAsync()
    {
        try
        {
            await PackAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException or ObjectDisposedException)
        {
            // The journal still holds all of it.
        }
    }

    private static async Task<int> AppendAsync(OrganizationTransaction transaction, JournalLine[] rows)
    {
        if (transaction.Dialect == Dialect.PostgreSql)
        {
            return await transaction.ExecuteAsync(TelemetrySql.AppendOnPostgreSql, new
            {
                parts = Array.ConvertAll(rows, row => row.Part),
                sequences = Array.ConvertAll(rows, row => row.Sequence),
                frames = Array.ConvertAll(rows, row => row.Frames),
                bodies = Array.ConvertAll(rows, row => row.Body),
            }).ConfigureAwait(false);
        }

        foreach (JournalLine row in rows)
        {
            await transaction.ExecuteAsync(TelemetrySql.AppendOnSqlite, row).ConfigureAwait(false);
        }

        return rows.Length;
    }

    // Frames of one shape share its names in memory.
    private string[] ShapeOf(string[] signals)
    {
        if (_shapes.TryGetValue(signals, out string[]? known))
        {
            return known;
        }

        if (_shapes.Count >= MostShapes)
        {
            _shapes.Clear();
        }

        _shapes.Add(signals, signals);
        return signals;
    }

    private async ValueTask<FrameOutcome> OutcomeAsync(Frame frame, Dictionary<(AssetId, long), List<Frame>> fresh)
    {
        long time = frame.TimeUnixMs;
        AssetTail tail = TailOf(frame.Asset);
        ref List<Frame>? now = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(fresh, (frame.Asset, time), out bool again);
        now ??= [];
        List<Frame> same = now;
        bool newest = time > tail.NewestMs;
        if (!newest)
        {
            IEnumerable<Frame> stored = tail.Range(time, time + 1).Select(known => known.Frame);
            if (time <= tail.PackedToMs)
            {
                stored = stored.Concat(await PackedAtAsync(frame.Asset, time).ConfigureAwait(false));
            }

            foreach (Frame known in stored)
            {
                again = true;
                if (known.SaysTheSameAs(frame))
                {
                    return FrameOutcome.Duplicate;
                }
            }
        }

        if (same.Exists(frame.SaysTheSameAs))
        {
            return FrameOutcome.Duplicate;
        }

        same.Add(frame);
        return again ? FrameOutcome.Revised : newest ? FrameOutcome.Stored : FrameOutcome.Late;
    }

    // A batch that is sent again asks for the frames of one chunk, one after the other.
    private async Task<IEnumerable<Frame>> PackedAtAsync(AssetId asset, long time)
    {
        if (_lastChunk is not { } last || last.Asset != asset || time < last.Row.FromMs || time > last.Row.ToMs)
        {
            ChunkRow? row = await _db.QuerySingleOrDefaultAsync<ChunkRow>(
                TelemetrySql.ChunksFrom, new { asset = asset.Value, from = time, to = time + 1, most = 1 }, CancellationToken.None).ConfigureAwait(false);
            if (row is null)
            {
                return [];
            }

            last = (asset, row, [.. Chunk.Decode(_db.Organization, asset, row, null).Frames(asset)]);
            _lastChunk = last;
        }

        return last.Frames.Where(stored => stored.Frame.TimeUnixMs == time).Select(stored => stored.Frame);
    }

    private async Task<int> PackAsync(int part, CancellationToken ct)
    {
        await _memory.WaitAsync(ct).ConfigureAwait(false);
        long sequence = _sequences[part];
        _memory.Release();
        long order = StoredFrame.OrderOf(sequence + 1, 0) - 1;
        var written = new List<PackedAsset>();
        foreach ((AssetId asset, AssetTail tail) in _assets)
        {
            if (Partition.Of(_db.Organization, asset) == part && tail.UpTo(order) is { Count: > 0 } frames)
            {
                written.Add(await PackedAsset.OfAsync(_db, asset, frames, _options.ChunkFrames, ct).ConfigureAwait(false));
            }
        }

        if (written.Count == 0)
        {
            return 0;
        }

        await _memory.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await _db.WriteAsync(
                async transaction =>
                {
                    foreach (PackedAsset asset in written)
                    {
                        await asset.WriteAsync(transaction).ConfigureAwait(false);
                    }

                    await transaction.ExecuteAsync(TelemetrySql.DeleteJournal, new { part, sequence }).ConfigureAwait(false);
                    return await transaction.ExecuteAsync(TelemetrySql.SetSequence, new { part, sequence }).ConfigureAwait(false);
                },
                ct).ConfigureAwait(false);
            _lastChunk = null;
            foreach (PackedAsset asset in written)
            {
                Interlocked.Add(ref _unpacked, -_assets[asset.Asset].Packed(order, asset.Chunks[^1].ToMs));
            }
        }
        finally
        {
            _memory.Release();
        }

        return written.Sum(asset => asset.Chunks.Count);
    }

    private sealed record Append(IReadOnlyList<Frame> Frames)
    {
        internal TaskCompletionSource<IReadOnlyList<FrameOutcome>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record JournalLine
    {
        public long Part { get; init; }

        public long Sequence { get; init; }

        public long Frames { get; init; }

        public byte[] Body { get; init; } = [];
    }

    private sealed record SequenceRow
    {
        public long Part { get; init; }

        public long Sequence { get; init; }
    }

    private sealed record AssetRow
    {
        public string Asset { get; init; } = "";

        public long ToMs { get; init; }
    }
}
