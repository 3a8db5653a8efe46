using System.Collections.Concurrent;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames of all organizations: a journal they are durable in when an append ends, chunks they are packed into later, and memory for what lies between.</summary>
/// <remarks>One process writes an organization's telemetry. Another that tries finds its sequence taken, and is refused.</remarks>
public sealed class TelemetryStore : IAsyncDisposable
{
    private readonly InstallationDb _db;
    private readonly TelemetryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Guid, Lazy<Task<OrganizationTelemetry>>> _organizations = new();
    private readonly ConcurrentDictionary<Guid, bool> _forgotten = new();

    private TelemetryStore(Database database, TelemetryOptions options, TimeProvider clock)
    {
        _db = new InstallationDb(database);
        _options = options;
        _clock = clock;
    }

    /// <summary>Frames of one append at most.</summary>
    public static int MostFramesAnAppend => OrganizationTelemetry.MostFramesACommit;

    /// <summary>Reads back what is in the journal.</summary>
    /// <param name="database">With the schema <c>telemetry</c>.</param>
    /// <exception cref="StorageException">The database does not answer. An organization whose journal is damaged throws when it is used, not here.</exception>
    public static async Task<TelemetryStore> OpenAsync(Database database, TelemetryOptions options, TimeProvider clock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkFrames, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ChunkFrames, 32_768);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentsAMerge, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentsAMerge, 64);
        var store = new TelemetryStore(database, options, clock);
        foreach (string organization in await store._db.QueryAsync<string>(TelemetrySql.Organizations, null, ct).ConfigureAwait(false))
        {
            try
            {
                await store.OfAsync(Guid.Parse(organization)).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // The others go on; this one says it to whoever asks for it.
            }
        }

        return store;
    }

    /// <summary>Stores frames; when it ends all of them are durable, or none.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="frames">In arrival order; at most <see cref="MostFramesAnAppend"/>. They are kept and must not be changed.</param>
    /// <param name="ct">Looked at while it waits in line; an append that is under way ends.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="ArgumentException">Too many frames, or one whose values, signals and qualities are not of one length.</exception>
    /// <exception cref="StorageException">Nothing was stored.</exception>
    /// <exception cref="StorageBusyException">Too many measured frames wait to be judged; nothing was stored.</exception>
    public async Task<IReadOnlyList<FrameOutcome>> AppendAsync(Guid organization, IReadOnlyList<Frame> frames, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frames.Count, MostFramesAnAppend, nameof(frames));
        foreach (Frame frame in frames)
        {
            if (frame.Values.Length != frame.Signals.Length || (frame.Qualities is { } qualities && (qualities.Length != frame.Signals.Length || qualities.AsSpan().Contains(Quality.Absent))))
            {
                throw new ArgumentException(
                    $"A frame of {frame.Asset} has {frame.Signals.Length} signals, {frame.Values.Length} values and {frame.Qualities?.Length ?? frame.Signals.Length} qualities, none of which may be Absent.",
                    nameof(frames));
            }
        }

        if (frames.Count == 0)
        {
            return [];
        }

        OrganizationTelemetry telemetry = await OfAsync(organization).ConfigureAwait(false);
        if (!Series.IsDerived(frames[0].Asset))
        {
            telemetry.RequireRoom();
        }

        return await telemetry.AppendAsync(frames, ct).ConfigureAwait(false);
    }

    /// <summary>Begins to read a partition's frames as they arrive; one reader each. What it has not passed is not packed, and stays over a restart.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="part">Which, 0 to <see cref="Partition.Count"/> − 1.</param>
    /// <param name="passed">Sequence of the last row whose effects are stored; 0 for none. Rows that are packed already are history, and not given.</param>
    public async Task<JournalReader> ReadJournalAsync(Guid organization, int part, long passed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, Partition.Count);
        return (await OfAsync(organization).ConfigureAwait(false)).ReadJournal(part, passed);
    }

    /// <summary>Frames of an asset from a time on, in the order they arrived, revised ones too, up to and with a journal row of its partition: what one who had read until there
    /// has seen.</summary>
    public async Task<IReadOnlyList<StoredFrame>> ArrivalsAsync(Guid organization, AssetId asset, long fromMs, long sequence, CancellationToken ct) =>
        await (await OfAsync(organization).ConfigureAwait(false)).ArrivalsAsync(asset, fromMs, sequence, ct).ConfigureAwait(false);

    /// <summary>All frames of an asset at one instant, in the order they arrived; the last is the one that reads give.</summary>
    public async Task<IReadOnlyList<Frame>> RevisionsAsync(Guid organization, AssetId asset, long timeMs, CancellationToken ct)
    {
        OrganizationTelemetry telemetry = await OfAsync(organization).ConfigureAwait(false);
        return [.. (await telemetry.ArrivalsAsync(asset, timeMs, StoredFrame.LastSequence, ct, timeMs + 1).ConfigureAwait(false)).Select(stored => stored.Frame)];
    }

    /// <summary>Frames of one asset in a half-open range of time, in columns.</summary>
    /// <param name="fromMs">First time, milliseconds since 1970.</param>
    /// <param name="toMs">Time behind the last.</param>
    /// <param name="signals">Which signals; null gives all that occur.</param>
    /// <param name="most">Frames to return at most; the rest is read from the last time + 1.</param>
    /// <exception cref="StorageException">A chunk of the range is damaged; none of it is served.</exception>
    public async Task<FrameColumns> ReadAsync(
        Guid organization, AssetId asset, long fromMs, long toMs, IReadOnlyList<string>? signals, int most, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        OrganizationTelemetry telemetry = await OfAsync(organization).ConfigureAwait(false);
        return await telemetry.ReadAsync(asset, fromMs, toMs, signals, most, ct).ConfigureAwait(false);
    }

    /// <summary>The newest frame of an asset by time; null where it has none.</summary>
    public async Task<Frame?> NewestAsync(Guid organization, AssetId asset, CancellationToken ct) =>
        await (await OfAsync(organization).ConfigureAwait(false)).NewestAsync(asset, ct).ConfigureAwait(false);

    /// <summary>Whether an asset has frames.</summary>
    public async Task<bool> HasAsync(Guid organization, AssetId asset, CancellationToken ct) =>
        await (await OfAsync(organization).ConfigureAwait(false)).HasAsync(asset, ct).ConfigureAwait(false);

    /// <summary>Assets of an organization that have measured frames, by name.</summary>
    public async Task<IReadOnlyList<AssetId>> AssetsAsync(Guid organization, CancellationToken ct) =>
        await (await OfAsync(organization).ConfigureAwait(false)).AssetsAsync(ct).ConfigureAwait(false);

    /// <summary>A picture of a range: of each signal the least and the greatest value a bucket, so that no spike is hidden.</summary>
    /// <param name="points">Buckets, 1 to 100,000; each covers (to − from) / points, rounded up to a millisecond.</param>
    /// <exception cref="StorageException">A chunk of the range is damaged.</exception>
    public async Task<ChartColumns> ChartAsync(
        Guid organization, AssetId asset, long fromMs, long toMs, IReadOnlyList<string>? signals, int points, CancellationToken ct)
    {
        const int FramesARead = 50_000;
        var chart = new ChartBuilder(fromMs, toMs, points);
        bool more = true;
        for (long from = fromMs; more;)
        {
            FrameColumns read = await ReadAsync(organization, asset, from, toMs, signals, FramesARead, ct).ConfigureAwait(false);
            chart.Add(read);
            more = read.More;
            from = read.Times.Length > 0 ? read.Times[^1] + 1 : toMs;
        }

        return chart.Columns();
    }

    /// <summary>Packs what is in memory, of all organizations.</summary>
    /// <returns>Chunks and segments written.</returns>
    public async Task<int> PackAsync(CancellationToken ct)
    {
        int chunks = 0;
        foreach (Lazy<Task<OrganizationTelemetry>> organization in _organizations.Values)
        {
            if (organization.Value.IsCompletedSuccessfully)
            {
                chunks += await (await organization.Value.ConfigureAwait(false)).PackAsync(ct).ConfigureAwait(false);
            }
        }

        return chunks;
    }

    /// <summary>Days an organization keeps its frames; null for ever.</summary>
    public async Task<int?> RetentionDaysAsync(Guid organization, CancellationToken ct) =>
        (int?)await _db.Of(organization).QuerySingleOrDefaultAsync<long?>(TelemetrySql.Retention, null, ct).ConfigureAwait(false);

    /// <summary>Sets how many days an organization keeps its frames; null for ever.</summary>
    public Task SetRetentionDaysAsync(Guid organization, int? days, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days ?? 1, 1, nameof(days));
        return _db.Of(organization).ExecuteAsync(days is null ? TelemetrySql.ClearRetention : TelemetrySql.SetRetention, new { days = days ?? 0 }, ct);
    }

    /// <summary>Deletes chunks and segments all of whose frames are older than the organization keeps them. Frames not packed yet, and what reaches into the time kept, stay.</summary>
    /// <returns>Chunks and segments deleted.</returns>
    public async Task<int> DeleteOldAsync(Guid organization, CancellationToken ct)
    {
        if (await RetentionDaysAsync(organization, ct).ConfigureAwait(false) is not { } days)
        {
            return 0;
        }

        OrganizationTelemetry telemetry = await OfAsync(organization).ConfigureAwait(false);
        return await telemetry.DeleteBeforeAsync(_clock.GetUtcNow().AddDays(-days).ToUnixTimeMilliseconds(), ct).ConfigureAwait(false);
    }

    /// <summary>The same for every organization that does not keep its frames for ever.</summary>
    /// <returns>Chunks and segments deleted.</returns>
    public async Task<int> DeleteOldAsync(CancellationToken ct)
    {
        int chunks = 0;
        foreach (string organization in await _db.QueryAsync<string>(TelemetrySql.Retaining, null, ct).ConfigureAwait(false))
        {
            chunks += await DeleteOldAsync(Guid.Parse(organization), ct).ConfigureAwait(false);
        }

        return chunks;
    }

    /// <summary>Forgets an organization that is being removed: appends under way end, what is in memory is never packed, and nothing more is taken of it.
    /// Its rows are the caller's to delete, afterwards.</summary>
    public async Task ForgetAsync(Guid organization)
    {
        _forgotten[organization] = true;
        if (_organizations.TryRemove(organization, out Lazy<Task<OrganizationTelemetry>>? known))
        {
            try
            {
                await (await known.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // It could not be read: there is nothing in memory to forget.
            }
        }
    }

    /// <summary>Ends appends under way. What is not packed stays in the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<OrganizationTelemetry>> organization in _organizations.Values)
        {
            if (organization.Value.IsCompletedSuccessfully)
            {
                await (await organization.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private Task<OrganizationTelemetry> OfAsync(Guid organization)
    {
        if (_organizations.TryGetValue(organization, out Lazy<Task<OrganizationTelemetry>>? known) && known.Value.IsFaulted)
        {
            // The database may answer by now.
            _organizations.TryRemove(KeyValuePair.Create(organization, known));
        }

        Lazy<Task<OrganizationTelemetry>> telemetry = _organizations.GetOrAdd(
            organization,
            id => new Lazy<Task<OrganizationTelemetry>>(() => OrganizationTelemetry.LoadAsync(_db.Of(id), _options, CancellationToken.None)));
        // Looked at behind the adding: either this sees it, or who forgets sees what was added.
        if (_forgotten.ContainsKey(organization))
        {
            _organizations.TryRemove(organization, out _);
            throw new StorageException("The organization was removed; its telemetry takes and gives nothing.");
        }

        return telemetry.Value;
    }
}
