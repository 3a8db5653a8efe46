using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Flow.Predict;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Storage;
using Auspex.Storage.Audit;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Models;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Auspex.Flow;

/// <summary>The live line of an installation: every organization's frames become predictions, in the order they arrived.</summary>
/// <remarks>Connect and Map end where a frame is durable in the journal; here the partitions read it: features, prediction, and what follows from it.</remarks>
public sealed class LivePipeline : IAsyncDisposable
{
    private const string Organizations = "select id from organization where state = 'active' order by id";

    private static readonly TimeSpan MostLag = TimeSpan.FromMinutes(1);

    private readonly Database _metadata;
    private readonly Database _telemetryDatabase;
    private readonly TelemetryStore _telemetry;
    private readonly ModelStore _models;
    private readonly LineOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<LivePipeline> _logger;
    private readonly ConcurrentDictionary<Guid, OrganizationLine> _lines = new();
    private readonly FeaturePlans _plans = new();
    private readonly SemaphoreSlim _looking = new(1);
    private readonly CronPattern? _preload;
    private DateTimeOffset _preloadAt;
    private long _checkedAt;
    private volatile bool _hasLooked;

    /// <param name="metadata">Organizations, models and settings.</param>
    /// <param name="telemetryDatabase">Where frames and cursors are.</param>
    /// <param name="telemetry">The frames.</param>
    /// <param name="models">The models.</param>
    /// <param name="options">How it works.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="logger">Told what fails.</param>
    /// <param name="memory">How much memory the process has; null for this process's.</param>
    public LivePipeline(
        Database metadata, Database telemetryDatabase, TelemetryStore telemetry, ModelStore models, LineOptions options, TimeProvider clock, ILogger<LivePipeline> logger,
        Func<MemoryLoad>? memory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        (_metadata, _telemetryDatabase, _telemetry, _models, _options, _clock, _logger) = (metadata, telemetryDatabase, telemetry, models, options, clock, logger);
        Models = new ModelCache(OpenAsync, options.Models, clock, memory, options.Circuit);
        _preload = options.Models.PreloadAt.Length == 0 ? null : CronPattern.Parse(options.Models.PreloadAt);
        (_preloadAt, _checkedAt) = (NextPreload(), clock.GetTimestamp());
    }

    /// <summary>The models that are ready.</summary>
    public ModelCache Models { get; }

    /// <summary>Whether frames are judged by models at all; off, rules only, whatever organizations say.</summary>
    public bool IsMonitoring => _options.PredictiveMonitoring;

    /// <summary>Looks at organizations, models and settings again and again until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.LookEvery, _clock);
        try
        {
            do
            {
                try
                {
                    Models.Shed();
                    await LookAsync(ct).ConfigureAwait(false);
                    await PreloadAsync(ct).ConfigureAwait(false);
                    if (_clock.GetElapsedTime(_checkedAt) >= _options.CheckModelsEvery)
                    {
                        await CheckModelsAsync(ct).ConfigureAwait(false);
                    }
                }
                catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
                {
                    Log.NotLooked(_logger, e);
                }
            }
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The line itself ends when it is disposed.
        }
    }

    /// <summary>Begins the lines of organizations that have none, ends those of organizations that are gone, and takes up what changed of models and settings.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        await _looking.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            Guid[] active = [.. (await new InstallationDb(_metadata).QueryAsync<string>(Organizations, null, ct).ConfigureAwait(false)).Select(Guid.Parse)];
            foreach (Guid gone in _lines.Keys.Except(active))
            {
                await ForgetAsync(gone).ConfigureAwait(false);
            }

            foreach (Guid organization in active)
            {
                try
                {
                    await LookAtAsync(new OrganizationDb(_metadata, organization), ct).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // what is wrong with one organization keeps no other from its line, nor the server from starting
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Log.NotLookedAt(_logger, e, organization);
                }
            }

            _hasLooked = true;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Ends the line of an organization that is being removed.</summary>
    public async Task ForgetAsync(Guid organization)
    {
        if (_lines.TryRemove(organization, out OrganizationLine? line))
        {
            await line.DisposeAsync().ConfigureAwait(false);
            Models.Forget(organization, []);
        }
    }

    /// <summary>Journal rows of an organization that are durable and not judged yet; null where it has no line.</summary>
    public long? BehindOf(Guid organization) => _lines.TryGetValue(organization, out OrganizationLine? line) ? line.Behind : null;

    /// <summary>How the line is, over all organizations.</summary>
    public LineState State => !_hasLooked ? LineState.Starting
        : _lines.Values.Any(line => line.IsBehindBy(MostLag)) ? LineState.Behind
        : !IsMonitoring ? LineState.Off
        : _lines.Values.Any(line => line.Versions.Any(version => Models.RecordOf(line.Id, version.Version)?.Fault is not null)) ? LineState.Degraded
        : LineState.Ready;

    /// <summary>Versions that an organization's frames are scored with now; one a task.</summary>
    public IReadOnlyList<ModelVersion> VersionsOf(Guid organization) => _lines.TryGetValue(organization, out OrganizationLine? line) ? line.Versions : [];

    /// <summary>The model that an organization's frames are scored with for a task; the caller lets go of it.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="task">What it tells.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null where none is active, or predictions are off.</returns>
    /// <exception cref="ModelNotLoadedException">It does not load.</exception>
    public async ValueTask<ModelUse?> TakeAsync(OrganizationDb db, PredictionTask task, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return VersionsOf(db.Organization).FirstOrDefault(version => version.Task == task) is { } version
            ? await Models.TakeAsync(db, version, ct).ConfigureAwait(false) : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_lines.Keys.Select(ForgetAsync)).ConfigureAwait(false);
        await Models.DisposeAsync().ConfigureAwait(false);
        _looking.Dispose();
    }

    private async Task LookAtAsync(OrganizationDb db, CancellationToken ct)
    {
        IReadOnlyList<ModelVersion> wanted = _options.PredictiveMonitoring && await PredictionSettings.IsEnabledAsync(db, ct).ConfigureAwait(false)
            ? await ModelStore.ActiveAsync(db, ct).ConfigureAwait(false) : [];
        string[] versions = [.. wanted.Select(version => version.Version)];
        _lines.TryGetValue(db.Organization, out OrganizationLine? line);
        if (line is not null && line.Versions.Select(version => version.Version).SequenceEqual(versions, StringComparer.Ordinal))
        {
            return;
        }

        // Ready before the first row asks for it; where there is no room it is loaded then.
        foreach (ModelVersion version in wanted)
        {
            if (await Models.PreloadAsync(db, version, ct).ConfigureAwait(false))
            {
                await AuditAsync(db, version, "loaded").ConfigureAwait(false);
            }
        }

        if (line is null)
        {
            _lines[db.Organization] = await OrganizationLine.StartAsync(
                db, new OrganizationDb(_telemetryDatabase, db.Organization), _telemetry, Models, wanted, _options, _clock, _logger).ConfigureAwait(false);
        }
        else
        {
            line.Versions = wanted;
            Models.Forget(db.Organization, versions);
        }
    }

    private async Task PreloadAsync(CancellationToken ct)
    {
        if (_clock.GetUtcNow() < _preloadAt)
        {
            return;
        }

        _preloadAt = NextPreload();
        foreach (OrganizationLine line in _lines.Values)
        {
            foreach (ModelVersion version in line.Versions)
            {
                await Models.PreloadAsync(line.Db, version, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Holds every active model that is in memory against what is kept of its package: its golden rows must have the scores they were packaged with. One that differs is degraded,
    /// by name.</summary>
    /// <returns>Models that differ.</returns>
    public async Task<int> CheckModelsAsync(CancellationToken ct)
    {
        _checkedAt = _clock.GetTimestamp();
        int faulty = 0;
        foreach (OrganizationLine line in _lines.Values)
        {
            foreach (ModelVersion version in line.Versions.Where(version => Models.IsLoaded(line.Id, version.Version)))
            {
                using ModelUse use = await Models.TakeAsync(line.Db, version, ct).ConfigureAwait(false);
                string? fault;
                try
                {
                    ScoringForm form = await KeptAsync(line.Db, version, ct).ConfigureAwait(false)
                        ?? ScoringForm.Of(ModelPackage.FromArchive(await _models.OpenAsync(line.Db, version, ct).ConfigureAwait(false)));
                    fault = use.Model.Fault(form);
                }
                catch (Exception e) when (e is StorageException or ModelPackageException)
                {
                    fault = "what is kept of its package cannot be read";
                }

                if (fault is not null)
                {
                    Log.ModelDiffers(_logger, version.Version, line.Id, fault);
                    faulty++;
                }

                use.Record.Checked(fault, _clock.GetUtcNow());
            }
        }

        return faulty;
    }

    private DateTimeOffset NextPreload() => _preload?.Next(_clock.GetUtcNow()) ?? DateTimeOffset.MaxValue;

    private async Task<LiveModel> OpenAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        try
        {
            return await KeptAsync(db, version, ct).ConfigureAwait(false) is { } form
                ? LiveModel.Open(version, form, _plans.Of(db.Organization, form.Definition, form.FeatureHash))
                : LiveModel.Open(version, await _models.OpenAsync(db, version, ct).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            Log.ModelNotLoaded(_logger, e, version.Version, db.Organization);
            if (Models.RecordOf(db.Organization, version.Version)?.Health != ModelHealth.Failed)
            {
                // Told once, not each time it is tried again.
                await AuditAsync(db, version, "failed").ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task AuditAsync(OrganizationDb db, ModelVersion version, string outcome)
    {
        try
        {
            await db.WriteAsync(
                async transaction =>
                {
                    await AuditLog.AppendAsync(transaction, db.Organization, "live line", "MODEL_LOAD", $"model {version.Version}", new { outcome }, _clock.GetUtcNow()).ConfigureAwait(false);
                    return 0;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
        {
            Log.NotAudited(_logger, e, version.Version, db.Organization);
        }
    }

    // What is kept for scoring can always be made of the package again.
    private async Task<ScoringForm?> KeptAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        try
        {
            return await _models.OpenScoringAsync(db, version, ct).ConfigureAwait(false) is { } kept ? ScoringForm.Read(kept) : null;
        }
        catch (Exception e) when (e is StorageException or ModelFormatException)
        {
            Log.ScoringNotRead(_logger, e, version.Version, db.Organization);
            return null;
        }
    }
}
