using System.Collections.Concurrent;
using System.Threading.Channels;
using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Telemetry of one organization: its appends stand in one line, and what waits together is committed together. While a commit is on its way to the disk
/// the next one is prepared.</summary>
internal sealed class OrganizationTelemetry : IAsyncDisposable
{
    /// <summary>Frames of one commit at most: they share a sequence, whose index has 16 bits.</summary>
    internal const int MostFramesACommit = 50_000;

    private const int MostWaitingAppends = 4_096;
    private const int MostFlights = 3;

    private readonly OrganizationDb _db;
    private readonly TelemetryOptions _options;
    private readonly TelemetryMemory _memory;
    private readonly TelemetryPacker _packer;
    private readonly PackedFrames _packed;
    private readonly JournalBlock.Writer[] _writers;
    private readonly Channel<Append> _appends =
        Channel.CreateBounded<Append>(new BoundedChannelOptions(MostWaitingAppends) { SingleReader = true });

    // Commits on their way, oldest first; each ends after the one before it.
    private readonly Queue<Task<bool>> _flights = new();
    private readonly ConcurrentQueue<JournalBlock> _failed = new();
    private Task<bool> _lastFlight = Task.FromResult(true);
    private volatile bool _inDoubt;
    private Task _line = Task.CompletedTask;

    // What fails in it fails again, and is told, when an append has to wait for it.
    private Task _packing = Task.CompletedTask;

    private OrganizationTelemetry(OrganizationDb db, TelemetryOptions options)
    {
        _db = db;
        _options = options;
        _memory = new TelemetryMemory(db.Organization);
        _packed = new PackedFrames(db);
        _packer = new TelemetryPacker(db, options, _memory);
        _writers = [.. Enumerable.Range(0, Partition.Count).Select(part => new JournalBlock.Writer(db.Organization, part))];
    }

    /// <summary>Reads the journal back.</summary>
    /// <exception cref="StorageException">A row of it is damaged.</exception>
    internal static async Task<OrganizationTelemetry> LoadAsync(OrganizationDb db, TelemetryOptions options, CancellationToken ct)
    {
        var telemetry = new OrganizationTelemetry(db, options);
        foreach (PartitionRow row in await db.QueryAsync<PartitionRow>(TelemetrySql.Partitions, null, ct).ConfigureAwait(false))
        {
            telemetry._memory.Begin((int)row.Part, row.Sequence, row.ToMs);
        }

        await telemetry.ReadBackAsync(ct).ConfigureAwait(false);
        telemetry._line = Task.Run(telemetry.RunAsync, CancellationToken.None);
        return telemetry;
    }

    /// <summary>Assets that have frames, by name.</summary>
    internal async Task<IReadOnlyList<AssetId>> AssetsAsync(CancellationToken ct)
    {
        // Memory first: what is packed in between is then found twice.
        var assets = new SortedSet<AssetId>(_memory.AssetsWithFrames);
        assets.UnionWith((await _db.QueryAsync<string>(TelemetrySql.Assets, null, ct).ConfigureAwait(false)).Select(asset => new AssetId(asset)));
        assets.RemoveWhere(Series.IsDerived);
        return [.. assets];
    }

    internal async Task<bool> HasAsync(AssetId asset, CancellationToken ct) =>
        _memory.Find(asset) is { HasFrames: true } || await _db.QuerySingleOrDefaultAsync<long>(TelemetrySql.HasAsset, new { asset = asset.Value }, ct).ConfigureAwait(false) > 0;

    /// <summary>Frames of an asset from a time on, revised ones too, as they arrived up to a row.</summary>
    internal async Task<IReadOnlyList<StoredFrame>> ArrivalsAsync(AssetId asset, long fromMs, long sequence, CancellationToken ct, long toMs = long.MaxValue)
    {
        // The way frames go, as in ReadAsync.
        var found = new Dictionary<long, StoredFrame>();
        long last = StoredFrame.LastOf(sequence);
        foreach (TailEntry entry in _memory.Find(asset)?.Range(fromMs, toMs) ?? [])
        {
            found[entry.Order] = new StoredFrame(entry.View.Copy(asset), entry.Order);
        }

        IReadOnlyList<ChunkColumns> segments = await _packed.InSegmentsAsync(asset, fromMs, toMs, null, ct).ConfigureAwait(false);
        (List<ChunkColumns> chunks, _, _) = await _packed.InChunksAsync(asset, fromMs, toMs, null, int.MaxValue, ct).ConfigureAwait(false);
        foreach (StoredFrame stored in segments.Concat(chunks).SelectMany(rows => rows.Frames(asset)))
        {
            found.TryAdd(stored.Order, stored);
        }

        return [.. found.Values.Where(stored => stored.Order <= last && stored.Frame.TimeUnixMs >= fromMs && stored.Frame.TimeUnixMs < toMs).OrderBy(stored => stored.Order)];
    }

    /// <summary>Begins to read a partition.</summary>
    internal JournalReader ReadJournal(int part, long passed) => new(this, part, _memory.Hold(part, passed));

    internal long SequenceOf(int part) => _memory.SequenceOf(part);

    internal void Passed(int part, long sequence) => _memory.Passed(part, sequence);

    internal JournalBlock? BlockAfter(int part, long sequence) => _memory.After(part, sequence).Block;

    internal async ValueTask<JournalBlock> NextBlockAsync(int part, long sequence, CancellationToken ct)
    {
        while (true)
        {
            (JournalBlock? block, Task arrived) = _memory.After(part, sequence);
            if (block is not null)
            {
                return block;
            }

            await arrived.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Refuses frames while who judges them is too far behind.</summary>
    internal void RequireRoom()
    {
        if (_memory.UnpassedBytes is var bytes && bytes > _options.MostUnjudgedBytes)
        {
            throw new StorageBusyException($"{bytes} bytes of frames wait to be judged, {_options.MostUnjudgedBytes} may. Nothing was stored; send the frames again in a moment.");
        }
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
        if (fromMs >= toMs)
        {
            return FrameColumns.Join([], signals, fromMs, toMs, most, more: false);
        }

        // From memory over segments to chunks, the way frames go: what is packed or merged in between is found twice, and taken once. The other way round it
        // could be missed.
        HashSet<string>? wanted = signals is null ? null : new HashSet<string>(signals, StringComparer.Ordinal);
        ChunkColumns? unpacked = null;
        if (_memory.Find(asset)?.Range(fromMs, toMs) is { Count: > 0 } entries)
        {
            var builder = new ColumnsBuilder(wanted);
            entries.ForEach(entry => builder.Add(entry.View, entry.Order));
            unpacked = builder.Build();
        }

        IReadOnlyList<ChunkColumns> segments = await _packed.InSegmentsAsync(asset, fromMs, toMs, wanted, ct).ConfigureAwait(false);
        (List<ChunkColumns> blocks, bool more, long readTo) = await _packed.InChunksAsync(asset, fromMs, toMs, wanted, most, ct).ConfigureAwait(false);
        blocks.AddRange(segments);
        if (unpacked is not null)
        {
            blocks.Add(unpacked);
        }

        return FrameColumns.Join(blocks, signals, fromMs, readTo, most, more);
    }

    internal async Task<Frame?> NewestAsync(AssetId asset, CancellationToken ct)
    {
        AssetTail tail = _memory.TailOf(asset);
        Frame? newest = tail.Newest();
        if (tail.IsExact || newest?.TimeUnixMs > tail.PackedToMs)
        {
            return newest;
        }

        await ResolveAsync(tail, ct).ConfigureAwait(false);
        return tail.Newest();
    }

    /// <summary>Packs all that is in memory.</summary>
    /// <returns>Chunks and segments written.</returns>
    internal Task<int> PackAsync(CancellationToken ct) => _packer.PackAsync(ct);

    /// <summary>Deletes chunks and segments that end before an instant.</summary>
    /// <returns>How many.</returns>
    internal Task<int> DeleteBeforeAsync(long beforeMs, CancellationToken ct) => _packer.DeleteBeforeAsync(beforeMs, ct);

    public async ValueTask DisposeAsync()
    {
        _appends.Writer.TryComplete();
        await _line.ConfigureAwait(false);
        try
        {
            await _packing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
        {
            // The journal still holds all of it.
        }

        await _packer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadBackAsync(CancellationToken ct)
    {
        for (int part = 0; part < Partition.Count; part++)
        {
            while (true)
            {
                IReadOnlyList<JournalLine> rows = await _db.QueryAsync<JournalLine>(
                    TelemetrySql.Journal, new { part, after = _memory.SequenceOf(part) }, ct).ConfigureAwait(false);
                if (rows.Count == 0)
                {
                    break;
                }

                foreach (JournalLine row in rows)
                {
                    _memory.Restore(part, row.Sequence, row.Body);
                }
            }
        }
    }

    private async Task RunAsync()
    {
        var taken = new List<Append>();
        while (await _appends.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // What arrives until then joins this commit.
            while (_flights.Count >= MostFlights)
            {
                await _flights.Dequeue().ConfigureAwait(false);
            }

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
                await BeginAsync(taken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // the line goes on; whoever appended is told
            catch (Exception e)
#pragma warning restore CA1031
            {
                // What the writers hold of it must not get into the next row.
                Array.ForEach(_writers, writer => writer.Clear());
                StorageException why = AsStorage(e);
                taken.ForEach(append => append.Done.TrySetException(why));
            }
        }

        await SettleAsync().ConfigureAwait(false);
    }

    private async Task SettleAsync()
    {
        while (_flights.TryDequeue(out Task<bool>? flight))
        {
            await flight.ConfigureAwait(false);
        }
    }

    // Waits no longer than until one partition more is packed and there is room again.
    private async Task MakeRoomAsync()
    {
        await SettleAsync().ConfigureAwait(false);
        // What a reader holds is not waited for: it may be waiting itself for what it stores.
        while (_memory.UnpackedValues > _options.MostUnpackedValues && _memory.CanPack)
        {
            Task room = _memory.PackedNext;
            Pack();
            if (await Task.WhenAny(_packing, room).ConfigureAwait(false) == _packing)
            {
                await _packing.ConfigureAwait(false);
            }
        }
    }

    private void Pack()
    {
        if (_packing.IsCompleted)
        {
            _packing = Task.Run(() => PackAsync(CancellationToken.None));
        }
    }

    private async Task BeginAsync(List<Append> appends)
    {
        if (_memory.UnpackedValues > _options.MostUnpackedValues)
        {
            await MakeRoomAsync().ConfigureAwait(false);
        }

        if (_inDoubt)
        {
            // A commit whose answer was lost may have happened, and those prepared behind it were judged by its frames.
            await SettleAsync().ConfigureAwait(false);
            while (_failed.TryDequeue(out JournalBlock? block))
            {
                _memory.Undo(block);
            }

            await ReadBackAsync(CancellationToken.None).ConfigureAwait(false);
            _inDoubt = false;
            _lastFlight = Task.FromResult(true);
        }

        var outcomes = new FrameOutcome[appends.Count][];
        for (int i = 0; i < outcomes.Length; i++)
        {
            IReadOnlyList<Frame> frames = appends[i].Frames;
            FrameOutcome[] these = outcomes[i] = new FrameOutcome[frames.Count];
            for (int j = 0; j < these.Length; j++)
            {
                Frame frame = frames[j];
                AssetTail tail = _memory.TailOf(frame.Asset);
                JournalBlock.Writer writer = _writers[tail.Part];
                these[j] = frame.TimeUnixMs > tail.NewestMs ? FrameOutcome.Stored : await OutcomeAsync(tail, frame, writer).ConfigureAwait(false);
                if (these[j] != FrameOutcome.Duplicate)
                {
                    writer.Add(tail, _memory.WithKnownShape(frame));
                }
            }
        }

        var blocks = new List<JournalBlock>();
        for (int part = 0; part < _writers.Length; part++)
        {
            if (_writers[part].Frames > 0)
            {
                blocks.Add(_memory.Enter(_writers[part], part));
                _writers[part].Clear();
            }
        }

        JournalLine[] rows = [.. blocks.Select(block => new JournalLine { Part = block.Part, Sequence = block.Sequence, Frames = block.Frames, Body = block.Body })];
        Task write = rows.Length == 0 ? Task.CompletedTask : _db.WriteAsync(transaction => AppendAsync(transaction, rows), CancellationToken.None);
        _lastFlight = EndAsync(_lastFlight, write, blocks, [.. appends], outcomes);
        _flights.Enqueue(_lastFlight);
        if (_memory.UnpackedValues > _options.PackAtValues)
        {
            Pack();
        }
    }

    // Commits may reach the disk in another order than they were prepared in; they are answered, and seen by reads, in that one.
    private async Task<bool> EndAsync(Task<bool> before, Task write, List<JournalBlock> blocks, Append[] appends, FrameOutcome[][] outcomes)
    {
        StorageException? why = null;
        try
        {
            await write.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whoever appended is told
        catch (Exception e)
#pragma warning restore CA1031
        {
            why = AsStorage(e);
        }

        if (!await before.ConfigureAwait(false))
        {
            why ??= new StorageException("Frames were not stored: the commit before them failed. Send them again.");
        }

        if (why is not null)
        {
            blocks.ForEach(_failed.Enqueue);
            _inDoubt = true;
            Array.ForEach(appends, append => append.Done.TrySetException(why));
            return false;
        }

        _memory.Committed(blocks);
        for (int i = 0; i < appends.Length; i++)
        {
            appends[i].Done.TrySetResult(outcomes[i]);
        }

        return true;
    }

    private static StorageException AsStorage(Exception e) => e as StorageException ?? new StorageException($"Frames were not stored: {e.Message}", e);

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

    // A frame that is not the newest of its asset.
    private async ValueTask<FrameOutcome> OutcomeAsync(AssetTail tail, Frame frame, JournalBlock.Writer writer)
    {
        long time = frame.TimeUnixMs;
        if (!tail.IsExact && time <= tail.PackedToMs)
        {
            await ResolveAsync(tail, CancellationToken.None).ConfigureAwait(false);
        }

        (bool sameTime, bool same) = writer.Find(tail, frame);
        if (same)
        {
            return FrameOutcome.Duplicate;
        }

        (bool inMemory, same) = tail.Find(frame);
        if (same)
        {
            return FrameOutcome.Duplicate;
        }

        sameTime |= inMemory;
        if (time <= tail.PackedToMs)
        {
            foreach (Frame known in await _packed.AtAsync(frame.Asset, time, _memory.Packs, CancellationToken.None).ConfigureAwait(false))
            {
                sameTime = true;
                if (known.SaysTheSameAs(frame))
                {
                    return FrameOutcome.Duplicate;
                }
            }
        }

        return sameTime ? FrameOutcome.Revised
            : time > tail.NewestMs ? FrameOutcome.Stored
            : FrameOutcome.Late;
    }

    private async Task ResolveAsync(AssetTail tail, CancellationToken ct) =>
        tail.Exact(await _packed.NewestAsync(tail.Asset, ct).ConfigureAwait(false));

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

    private sealed record PartitionRow
    {
        public long Part { get; init; }

        public long Sequence { get; init; }

        public long ToMs { get; init; }
    }
}
