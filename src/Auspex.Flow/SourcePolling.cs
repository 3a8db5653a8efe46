using System.Collections.Concurrent;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Map;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Sources;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Auspex.Flow;

/// <summary>Reads every source of every organization at its own pace. Each has a loop of its own, so that one that hangs or fails holds up no other; few of one organization are
/// read at once, so that one that catches up leaves room for others.</summary>
public sealed class SourcePolling : IAsyncDisposable
{
    private const int MostAtOnce = 4;

    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(1);

    private readonly InstallationDb _metadata;
    private readonly SqlSources _sources;
    private readonly SourceReading _reading;
    private readonly TimeSpan _lookEvery;
    private readonly TimeProvider _clock;
    private readonly ILogger<SourcePolling> _logger;
    private readonly ConcurrentDictionary<(Guid Organization, Guid Id), Runner> _runners = new();
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _turns = new();
    private readonly SemaphoreSlim _looking = new(1);
    private bool _hasLooked;

    /// <param name="metadata">Organizations and their sources.</param>
    /// <param name="sources">Reads the databases.</param>
    /// <param name="store">Keeps what opens them, and how far they are read.</param>
    /// <param name="telemetry">Keeps the frames.</param>
    /// <param name="assets">Knows whose frames are.</param>
    /// <param name="lookEvery">How often it is looked for sources that were made, changed or removed elsewhere.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="logger">Told what fails.</param>
    public SourcePolling(
        InstallationDb metadata, SqlSources sources, DataSourceStore store, TelemetryStore telemetry, FrameAssets assets, TimeSpan lookEvery, TimeProvider clock,
        ILogger<SourcePolling> logger)
    {
        (_metadata, _sources, _lookEvery, _clock, _logger) = (metadata, sources, lookEvery, clock, logger);
        _reading = new SourceReading(sources, store, telemetry, assets, clock);
    }

    /// <summary>Looks at the sources again and again until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_lookEvery, _clock);
        try
        {
            do
            {
                try
                {
                    await LookAsync(ct).ConfigureAwait(false);
                }
                catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
                {
                    Log.SourcesNotLookedAt(_logger, e);
                }
            }
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Readings under way end when it is disposed.
        }
    }

    /// <summary>Begins to read sources that were made or go on, and ends those that are gone or paused.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        await _looking.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            Dictionary<(Guid Organization, Guid Id), DataSourceMark> wanted = (await DataSourceStore.MarksAsync(_metadata, ct).ConfigureAwait(false))
                .Where(mark => !mark.Paused).ToDictionary(mark => (mark.Organization, mark.Id));
            foreach ((Guid Organization, Guid Id) gone in _runners.Keys.Where(key => !wanted.ContainsKey(key)).ToArray())
            {
                await EndAsync(gone).ConfigureAwait(false);
            }

            foreach (((Guid Organization, Guid Id) key, DataSourceMark mark) in wanted)
            {
                if (!_runners.TryGetValue(key, out Runner? runner))
                {
                    // Those of before a start do not begin all at once.
                    _runners[key] = new Runner(this, mark, wait: !_hasLooked);
                }
                else if (runner.Revision != mark.Revision)
                {
                    runner.Changed(mark.Revision);
                }
            }

            _hasLooked = true;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Ends reading of an organization that is being removed.</summary>
    public async Task ForgetAsync(Guid organization)
    {
        await Task.WhenAll(_runners.Keys.Where(key => key.Organization == organization).Select(EndAsync)).ConfigureAwait(false);
        _turns.TryRemove(organization, out _);
    }

    /// <summary>How reading a source goes.</summary>
    public SourceStatus StatusOf(Guid organization, DataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        SourceStatus status = _runners.TryGetValue((organization, Guid.Parse(source.Id)), out Runner? runner) && runner.Status is { } present ? present : SourceStatus.Read(source.Status);
        return source.Paused ? status with { State = "paused", NextAttemptAt = null, Circuit = SourceCircuit.Closed } : status;
    }

    /// <summary>The first rows of a table as they would be taken; nothing is stored.</summary>
    /// <exception cref="SqlSourceException">It cannot be read.</exception>
    public Task<SourcePreview> PreviewAsync(Guid organization, SqlConnectionSettings settings, SqlMapping mapping, int most, CancellationToken ct) =>
        _reading.PreviewAsync(organization, settings, mapping, most, ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_runners.Keys.Select(EndAsync)).ConfigureAwait(false);
        _looking.Dispose();
    }

    private async Task EndAsync((Guid Organization, Guid Id) key)
    {
        if (_runners.TryRemove(key, out Runner? runner))
        {
            await runner.DisposeAsync().ConfigureAwait(false);
            _sources.Forget(key.Organization, key.Id);
        }
    }

    /// <summary>The loop of one source.</summary>
    private sealed class Runner : IAsyncDisposable
    {
        private readonly SourcePolling _polling;
        private readonly OrganizationDb _db;
        private readonly Guid _id;
        private readonly CancellationTokenSource _stop = new();
        private readonly SemaphoreSlim _changed = new(0, 1);
        private readonly Task _loop;
        private long _revision;
        private volatile SourceStatus? _status;

        internal Runner(SourcePolling polling, DataSourceMark mark, bool wait)
        {
            (_polling, _db, _id, _revision) = (polling, polling._metadata.Of(mark.Organization), mark.Id, mark.Revision);
            _loop = Task.Run(() => LoopAsync(wait));
        }

        internal long Revision => Volatile.Read(ref _revision);

        internal SourceStatus? Status => _status;

        internal void Changed(long revision)
        {
            Volatile.Write(ref _revision, revision);
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(false);
            _stop.Dispose();
            _changed.Dispose();
        }

        private async Task LoopAsync(bool wait)
        {
            try
            {
                if (wait)
                {
                    await Task.Delay(BusyWait * Jitter(0), _polling._clock, _stop.Token).ConfigureAwait(false);
                }

                SourceCircuit circuit = SourceCircuit.Closed;
                for (int attempt = 1; ; attempt++)
                {
                    (circuit, TimeSpan pause) = await AttemptAsync(circuit.Attempt(), attempt).ConfigureAwait(false);
                    if (pause > TimeSpan.Zero && await PauseAsync(pause).ConfigureAwait(false))
                    {
                        circuit = SourceCircuit.Closed; // a person changed it: what failed before says nothing
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // It was told to end.
            }
        }

        private async Task<(SourceCircuit Circuit, TimeSpan Pause)> AttemptAsync(SourceCircuit circuit, int attempt)
        {
            CancellationToken ct = _stop.Token;
            TimeSpan pace = BusyWait;
            _status = (_status ?? new SourceStatus()) with { Circuit = circuit };
            SemaphoreSlim turn = _polling._turns.GetOrAdd(_db.Organization, _ => new SemaphoreSlim(MostAtOnce));
            await turn.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                DataSource? source = await DataSourceStore.FindAsync(_db, _id, ct).ConfigureAwait(false);
                if (source is null or { Paused: true })
                {
                    return (SourceCircuit.Closed, pace); // the next look ends this loop
                }

                pace = TimeSpan.FromSeconds(source.PollSeconds);
                _status = SourceStatus.Read(source.Status) with { Circuit = circuit, LastError = _status.LastError, State = _status.LastError is null ? SourceStatus.Read(source.Status).State : _status.State };
                SourceRead read = await _polling._reading.ReadAsync(_db, _id, ct).ConfigureAwait(false);
                TimeSpan pause = read.More ? TimeSpan.Zero : pace * (0.95 + (0.1 * Jitter(attempt)));
                _status = read.Status is null ? _status : read.Status with { NextAttemptAt = _polling._clock.GetUtcNow() + pause };
                return (SourceCircuit.Closed, pause);
            }
            catch (SqlSourceException e)
            {
                return await FailedAsync(circuit, pace, e.Message, e.NeedsPerson ? "stopped" : "failing", attempt).ConfigureAwait(false);
            }
            catch (StorageBusyException)
            {
                return (circuit, BusyWait); // more comes in than is judged: nothing is wrong with the source
            }
#pragma warning disable CA1031 // whatever fails, the source is tried again, and no other is held up
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.SourceNotRead(_polling._logger, e, _id, _db.Organization, pace);
                return await FailedAsync(circuit, pace, "The server could not store what was read; it is read again.", "failing", attempt).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }

        private async Task<(SourceCircuit Circuit, TimeSpan Pause)> FailedAsync(SourceCircuit circuit, TimeSpan pace, string error, string state, int attempt)
        {
            DateTimeOffset now = _polling._clock.GetUtcNow();
            SourceCircuit failed = circuit.Failed(now);
            TimeSpan pause = failed.Wait(pace, Jitter(attempt));
            Log.SourceFailed(_polling._logger, _id, _db.Organization, pause, error);
            _status = _status! with { State = state, Circuit = failed, LastError = error, NextAttemptAt = now + pause };
            try
            {
                await DataSourceStore.SetStatusAsync(_db, _id, _status.ToText(), _stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
            {
                Log.SourceNotRead(_polling._logger, e, _id, _db.Organization, pause);
            }

            return (failed, pause);
        }

        // True where a person changed the source meanwhile.
        private async Task<bool> PauseAsync(TimeSpan pause)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task<bool> changed = _changed.WaitAsync(Timeout.InfiniteTimeSpan, ended.Token);
            Task over = Task.Delay(pause, _polling._clock, ended.Token);
            Task first = await Task.WhenAny(changed, over).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            _stop.Token.ThrowIfCancellationRequested();
            return first == changed;
        }

        // 0 to 1; other sources and other attempts have others. It need not be secret.
        private double Jitter(int attempt) => ((uint)HashCode.Combine(_id, attempt) % 1_000) / 1_000.0;
    }
}
