using Auspex.Core.Assets;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>Finds organizations whose telemetry cannot be read, packs what has been in memory for a while, and deletes what is older than its organization keeps it.</summary>
internal sealed partial class TelemetryUpkeep(TelemetryStore telemetry, InstallationDb db, DamagedTelemetry damaged, TimeProvider clock, ILogger<TelemetryUpkeep> logger) : BackgroundService
{
    private const string Organizations = "select id from organization where state = 'active' order by id";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>One round. What fails of one organization keeps no other from it.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        await LookAsync(ct).ConfigureAwait(false);
        await telemetry.PackAsync(ct).ConfigureAwait(false);
        foreach ((Guid organization, TelemetrySettings settings) in await TelemetrySettings.OfAllAsync(db, ct).ConfigureAwait(false))
        {
            try
            {
                if (await telemetry.RetentionDaysAsync(organization, ct).ConfigureAwait(false) != settings.RetentionDays)
                {
                    await telemetry.SetRetentionDaysAsync(organization, settings.RetentionDays, ct).ConfigureAwait(false);
                }

                await telemetry.DeleteOldAsync(organization, ct).ConfigureAwait(false);
            }
            catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
            {
                LogNotDeleted(e, organization);
            }
        }
    }

    /// <summary>Asks each organization's telemetry for something. One that is damaged is told once, and again only after it was whole in between.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        foreach (string id in await db.QueryAsync<string>(Organizations, null, ct).ConfigureAwait(false))
        {
            var organization = Guid.Parse(id);
            try
            {
                await telemetry.HasAsync(organization, new AssetId("any"), ct).ConfigureAwait(false);
                damaged.IsWhole(organization);
            }
            catch (StorageException e) when (e.InnerException is null) // a database that does not answer says so inside
            {
                if (damaged.IsDamaged(organization))
                {
                    LogDamaged(organization, e.Message);
                }
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        await TryAsync(LookAsync, stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryAsync(
                async ct =>
                {
                    await timer.WaitForNextTickAsync(ct).ConfigureAwait(false);
                    await RunAsync(ct).ConfigureAwait(false);
                },
                stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> round, CancellationToken stoppingToken)
    {
        try
        {
            await round(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
        {
            LogFailed(e);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends; the journal holds what was not packed.
        }
    }

    [LoggerMessage(7001, LogLevel.Error, "Telemetry was not packed; the journal holds it, and the next round tries again")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(7002, LogLevel.Error, "Frames of organization {Organization} that are older than it keeps them were not deleted; the next round tries again")]
    private partial void LogNotDeleted(Exception exception, Guid organization);

    [LoggerMessage(7003, LogLevel.Error, "Telemetry of organization {Organization} cannot be read; it takes and gives no frames, the others go on: {Cause}")]
    private partial void LogDamaged(Guid organization, string cause);
}
