using System.ComponentModel.DataAnnotations;
using Auspex.Flow.Settle;
using Auspex.Storage;
using Auspex.Storage.Alerts;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Models;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Auspex.Flow;

/// <summary>Says again and again of each organization what its predictions claimed and what became of it: alerts by the thresholds in use, hits and false alerts, failures that were
/// caught and missed, and how long each version has judged.</summary>
/// <remarks>It reads stored predictions and recorded events and nothing else, so it may be stopped at any moment and begins again behind what it stored.</remarks>
public sealed class Settlement : IDisposable
{
    private const string Organizations = "select id from organization where state = 'active' order by id";

    private readonly Database _metadata;
    private readonly TelemetryStore _telemetry;
    private readonly ModelStore _models;
    private readonly SettleOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Settlement> _logger;
    private readonly SemaphoreSlim _round = new(1);

    // What a version was taught to tell never changes.
    private readonly Dictionary<(Guid Organization, long Number), TaughtVersion> _taught = [];

    /// <param name="metadata">Organizations, models, events and alerts.</param>
    /// <param name="telemetry">The predictions.</param>
    /// <param name="models">Tells what versions were taught.</param>
    /// <param name="options">How it works.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="logger">Told what fails.</param>
    public Settlement(Database metadata, TelemetryStore telemetry, ModelStore models, SettleOptions options, TimeProvider clock, ILogger<Settlement> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        (_metadata, _telemetry, _models, _options, _clock, _logger) = (metadata, telemetry, models, options, clock, logger);
    }

    /// <inheritdoc/>
    public void Dispose() => _round.Dispose();

    /// <summary>Round after round until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await RoundAsync(ct).ConfigureAwait(false);
                await Task.Delay(_options.Every, _clock, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What was not stored is settled after the next start.
        }
    }

    /// <summary>One round. What fails of one organization keeps no other from it.</summary>
    public async Task RoundAsync(CancellationToken ct)
    {
        await _round.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            foreach (string id in await new InstallationDb(_metadata).QueryAsync<string>(Organizations, null, ct).ConfigureAwait(false))
            {
                var organization = Guid.Parse(id);
                try
                {
                    await SettleAsync(new OrganizationDb(_metadata, organization), ct).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // what is wrong with one organization keeps no other from being settled
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Log.NotSettled(_logger, e, organization);
                }
            }
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
        {
            Log.NotLooked(_logger, e);
        }
        finally
        {
            _round.Release();
        }
    }

    private async Task SettleAsync(OrganizationDb db, CancellationToken ct)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        IReadOnlyList<ModelVersion> versions = await ModelStore.ListAsync(db, null, int.MaxValue, ct).ConfigureAwait(false);
        if (versions.Count == 0)
        {
            return;
        }

        var round = new SettleRound(
            db, _telemetry, new TaughtVersions(db, _models, versions, _taught, await AlertThresholds.OfAsync(db, ct).ConfigureAwait(false)), now,
            now - await PredictionSettings.RecordedWithinAsync(db, ct).ConfigureAwait(false), _options);
        string after = "";
        while (await SettleStore.PageAsync(db, after, _options.AssetsAPage, ct).ConfigureAwait(false) is { } page)
        {
            await SettleStore.StoreAsync(db, await round.SettleAsync(page, ct).ConfigureAwait(false), now, ct).ConfigureAwait(false);
            after = page.Assets[^1].Asset;
        }
    }
}
