using Auspex.Storage;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>Packs what has been in memory for a while, and deletes what is older than its organization keeps it.</summary>
internal sealed partial class TelemetryUpkeep(TelemetryStore telemetry, TimeProvider clock, ILogger<TelemetryUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false);
                await telemetry.PackAsync(stoppingToken).ConfigureAwait(false);
                await telemetry.DeleteOldAsync(stoppingToken).ConfigureAwait(false);
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
    }

    [LoggerMessage(7001, LogLevel.Error, "Telemetry was not packed; the journal holds it, and the next round tries again")]
    private partial void LogFailed(Exception exception);
}
