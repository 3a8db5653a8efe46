using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Auspex.Storage.Db;
using Auspex.Storage.Models;

namespace Auspex.Flow.Predict;

/// <summary>The models of all organizations that are ready to score with: few of many, loaded when they are asked for and let go when others are of more use.
/// Safe for many threads.</summary>
/// <remarks>A model is loaded once however many ask for it at once. One that is let go of while it is in use stays with its users until the last has ended.</remarks>
public sealed class ModelCache : IAsyncDisposable
{
    private readonly Func<OrganizationDb, ModelVersion, CancellationToken, Task<LiveModel>> _open;
    private readonly ModelCacheOptions _options;
    private readonly CircuitOptions _circuit;
    private readonly TimeProvider _clock;
    private readonly Func<MemoryLoad> _memory;
    private readonly SemaphoreSlim _opening = new(Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentDictionary<(Guid Organization, string Version), ModelRecord> _records = new();
    private readonly Dictionary<(Guid Organization, string Version), Entry> _entries = [];
    private readonly Lock _gate = new();
    private long _bytes;
    private int _loaded;
    private long _tick;
    private long _takes;
    private long _hits;
    private long _evicted;
    private long _shed;

    /// <param name="open">Loads a model.</param>
    /// <param name="options">How many it keeps.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="memory">How much memory the process has; null for this process's.</param>
    /// <param name="circuit">When a model that fails is not asked any more; null for the defaults.</param>
    public ModelCache(
        Func<OrganizationDb, ModelVersion, CancellationToken, Task<LiveModel>> open, ModelCacheOptions options, TimeProvider clock, Func<MemoryLoad>? memory = null,
        CircuitOptions? circuit = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        (_open, _options, _clock, _memory, _circuit) = (open, options, clock, memory ?? MemoryLoad.OfProcess, circuit ?? new CircuitOptions());
    }

    /// <summary>How it is now.</summary>
    public ModelCacheState State
    {
        get
        {
            lock (_gate)
            {
                return new ModelCacheState(_loaded, _bytes, _options.MostModels, _options.MostBytes, _takes, _hits, _evicted, _shed);
            }
        }
    }

    /// <summary>Whether a model is loaded now.</summary>
    public bool IsLoaded(Guid organization, string version)
    {
        lock (_gate)
        {
            return _entries.TryGetValue((organization, version), out Entry? entry) && entry.Model is not null;
        }
    }

    /// <summary>What is known of an organization's models.</summary>
    public IReadOnlyList<ModelRecord> RecordsOf(Guid organization) => [.. _records.Where(record => record.Key.Organization == organization).Select(record => record.Value)];

    /// <summary>What is known of a model; null where it was never asked for.</summary>
    public ModelRecord? RecordOf(Guid organization, string version) => _records.GetValueOrDefault((organization, version));

    /// <summary>A model to score with, loaded where it is not there.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="version">Which.</param>
    /// <param name="ct">Ends the wait; a load goes on for who else waits.</param>
    /// <exception cref="ModelNotLoadedException">It does not load; asked again before <see cref="ModelCacheOptions.TryAgainAfter"/> it is said at once.</exception>
    public ValueTask<ModelUse> TakeAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(version);
        Entry entry;
        lock (_gate)
        {
            entry = EntryOf(db, version);
            bool isThere = entry.Model is not null;
            entry.Users++;
            entry.Uses++;
            entry.LastUse = ++_tick;
            _takes++;
            _hits += isThere ? 1 : 0;
            entry.Record.Taken(isThere);
            if (isThere)
            {
                return ValueTask.FromResult(UseOf(entry));
            }
        }

        return new ValueTask<ModelUse>(WaitAsync(entry, ct));
    }

    /// <summary>Loads a model while there is room, and puts none out for it.</summary>
    /// <returns>Whether it is there.</returns>
    public async Task<bool> PreloadAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(version);
        Entry entry;
        lock (_gate)
        {
            if (!_entries.ContainsKey((db.Organization, version.Version)) && (_loaded >= _options.MostModels || _bytes >= _options.MostBytes))
            {
                return false;
            }

            entry = EntryOf(db, version);
            entry.LastUse = ++_tick;
            if (entry.Model is not null)
            {
                return true;
            }

            entry.Users++;
        }

        try
        {
            (await WaitAsync(entry, ct).ConfigureAwait(false)).Dispose();
            return true;
        }
        catch (ModelNotLoadedException)
        {
            return false; // its record says why
        }
    }

    /// <summary>Lets go of an organization's models but those that are still wanted, and forgets what is known of them.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="but">Versions that stay.</param>
    public void Forget(Guid organization, IReadOnlyCollection<string> but)
    {
        ArgumentNullException.ThrowIfNull(but);
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values.Where(entry => entry.Key.Organization == organization && !but.Contains(entry.Key.Version, StringComparer.Ordinal)).ToArray())
            {
                Remove(entry);
            }
        }

        foreach ((Guid Organization, string Version) key in _records.Keys.Where(key => key.Organization == organization && !but.Contains(key.Version, StringComparer.Ordinal)))
        {
            _records.TryRemove(key, out _);
        }
    }

    /// <summary>Lets go of the least useful models while the process has more than its share of memory, but never of the last <see cref="ModelCacheOptions.FewestModels"/>.
    /// They are loaded again when they are asked for.</summary>
    /// <returns>Models let go of.</returns>
    public int Shed()
    {
        MemoryLoad memory = _memory();
        long excess = memory.UsedBytes - (long)(_options.ShedAbove * memory.LimitBytes);
        int shed = 0;
        lock (_gate)
        {
            for (long freed = 0; freed < excess && _loaded > ModelCacheOptions.FewestModels && LeastUseful(null) is { } entry; shed++)
            {
                freed += entry.Bytes;
                Remove(entry);
            }

            _shed += shed;
        }

        if (shed > 0)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }

        return shed;
    }

    /// <summary>Waits for loads that are under way and lets go of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] loading;
        lock (_gate)
        {
            loading = [.. _entries.Values.Select(entry => entry.Loading)];
            foreach (Entry entry in _entries.Values.ToArray())
            {
                Remove(entry);
            }
        }

        await Task.WhenAll(loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _opening.Dispose();
    }

    // Callers hold the gate.
    private Entry EntryOf(OrganizationDb db, ModelVersion version)
    {
        (Guid, string) key = (db.Organization, version.Version);
        if (_entries.TryGetValue(key, out Entry? known) && !(known.HasFailed && _clock.GetElapsedTime(known.FailedAt) >= _options.TryAgainAfter))
        {
            return known;
        }

        ModelRecord record = _records.GetOrAdd(key, _ => new ModelRecord(db.Organization, version.Version, _circuit, _clock));
        var entry = new Entry(key, record);
        _entries[key] = entry;
        entry.Loading = Task.Run(() => LoadAsync(entry, db, version));
        return entry;
    }

    private async Task LoadAsync(Entry entry, OrganizationDb db, ModelVersion version)
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            long began = _clock.GetTimestamp();
            LiveModel model = await _open(db, version, CancellationToken.None).ConfigureAwait(false);
            entry.Record.Loaded(model, _clock.GetElapsedTime(began), _clock.GetUtcNow());
            lock (_gate)
            {
                (entry.Model, entry.Bytes) = (model, model.Bytes);
                if (entry.IsRemoved)
                {
                    DisposeUnused(entry); // forgotten meanwhile; who waits for it has it
                    return;
                }

                _bytes += entry.Bytes;
                _loaded++;
                while ((_bytes > _options.MostBytes || _loaded > _options.MostModels) && LeastUseful(entry) is { } other)
                {
                    Remove(other);
                    _evicted++;
                }
            }
        }
        catch (Exception e)
        {
            entry.Record.Failed(e, _clock.GetUtcNow());
            lock (_gate)
            {
                (entry.FailedAt, entry.HasFailed) = (_clock.GetTimestamp(), true);
            }

            throw new ModelNotLoadedException(version.Version, e);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<ModelUse> WaitAsync(Entry entry, CancellationToken ct)
    {
        try
        {
            await entry.Loading.WaitAsync(ct).ConfigureAwait(false);
            return UseOf(entry);
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    private ModelUse UseOf(Entry entry) => new(entry.Model!, entry.Record, () => Release(entry));

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            entry.Users--;
            DisposeUnused(entry);
        }
    }

    // One in use frees nothing yet, so it goes only where all are.
    private Entry? LeastUseful(Entry? but)
    {
        Entry? least = null;
        foreach (Entry entry in _entries.Values)
        {
            if (entry.Model is not null && entry != but && (least is null || IsLessUseful(entry, least)))
            {
                least = entry;
            }
        }

        return least;
    }

    private bool IsLessUseful(Entry one, Entry other) =>
        (one.Users > 0) != (other.Users > 0) ? one.Users == 0
        : _options.Eviction == ModelEviction.LeastFrequentlyUsed && one.Uses != other.Uses ? one.Uses < other.Uses
        : one.LastUse < other.LastUse;

    private void Remove(Entry entry)
    {
        _entries.Remove(entry.Key);
        entry.IsRemoved = true;
        if (entry.Model is not null)
        {
            _bytes -= entry.Bytes;
            _loaded--;
            DisposeUnused(entry);
        }
    }

    private static void DisposeUnused(Entry entry)
    {
        if (entry.IsRemoved && entry.Users == 0)
        {
            entry.Model?.Dispose();
        }
    }

    private sealed class Entry((Guid Organization, string Version) key, ModelRecord record)
    {
        public (Guid Organization, string Version) Key { get; } = key;

        public ModelRecord Record { get; } = record;

        public Task Loading { get; set; } = Task.CompletedTask;

        public LiveModel? Model { get; set; }

        public long Bytes { get; set; }

        public int Users { get; set; }

        public long Uses { get; set; }

        public long LastUse { get; set; }

        public bool HasFailed { get; set; }

        public long FailedAt { get; set; }

        public bool IsRemoved { get; set; }
    }
}

/// <summary>How the model cache is.</summary>
/// <param name="Models">Loaded now.</param>
/// <param name="Bytes">What they hold.</param>
/// <param name="MostModels">Room for so many.</param>
/// <param name="MostBytes">Room for so much.</param>
/// <param name="Takes">How often a model was asked for.</param>
/// <param name="Hits">How often it was there.</param>
/// <param name="Evicted">Let go of because others were of more use.</param>
/// <param name="Shed">Let go of because memory was short.</param>
public sealed record ModelCacheState(int Models, long Bytes, int MostModels, long MostBytes, long Takes, long Hits, long Evicted, long Shed)
{
    /// <summary>Share of the takes that found their model, 0 to 1; null before the first.</summary>
    public double? HitRate => Takes == 0 ? null : (double)Hits / Takes;
}
