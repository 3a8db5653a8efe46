using Auspex.Storage;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Server.Security;

/// <summary>Seals the heads of the audit logs at start, each minute, and at the end.</summary>
internal sealed partial class AuditSealing(DataFolder folder, InstallationDb db, MasterKey master, TimeProvider clock, ILogger<AuditSealing> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(AuditSeal.Period, clock);
        try
        {
            do
            {
                await SealAsync(stoppingToken).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            await SealAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task SealAsync(CancellationToken ct)
    {
        try
        {
            await AuditSeal.WriteAsync(folder, db, master, clock.GetUtcNow(), ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or System.Data.Common.DbException)
        {
            LogUnsealed(e);
        }
    }

    [LoggerMessage(8002, LogLevel.Error, "The audit log could not be sealed; the next try is in a minute")]
    private partial void LogUnsealed(Exception exception);
}
