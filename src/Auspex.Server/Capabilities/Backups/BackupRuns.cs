using System.Data.Common;
using Auspex.Storage;
using Auspex.Storage.Audit;
using Auspex.Storage.Backup;
using Auspex.Storage.Db;

namespace Auspex.Server.Capabilities.Backups;

/// <summary>Backups of this start, one at a time, in the background. The end of the server ends one that runs; nothing half-written is left.</summary>
internal sealed partial class BackupRuns(InstallationBackup backup, InstallationDb db, TimeProvider clock, ILogger<BackupRuns> logger) : IHostedService, IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private BackupRun? _last;

    /// <summary>The run of an id, as it is now; only the last one is remembered.</summary>
    internal BackupRun? Find(Guid id)
    {
        lock (_lock)
        {
            return _last?.Id == id ? _last : null;
        }
    }

    /// <summary>Begins a backup; null where one runs.</summary>
    internal BackupRun? Begin(string folder, string by)
    {
        lock (_lock)
        {
            if (!_running.IsCompleted)
            {
                return null;
            }

            var run = new BackupRun(Guid.CreateVersion7(clock.GetUtcNow()), folder, "running", 0, 0, null, null);
            _last = run;
            _running = Task.Run(() => RunAsync(run, by));
            return run;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public void Dispose() => _ending.Dispose();

    private async Task RunAsync(BackupRun run, string by)
    {
        try
        {
            BackupManifest manifest = await backup.WriteAsync(run.Folder, (done, total) => Set(run with { BytesDone = done, BytesTotal = total }), _ending.Token).ConfigureAwait(false);
            await db.Of(AuditLog.Installation).WriteAsync(
                async transaction =>
                {
                    await AuditLog.AppendAsync(
                        transaction, AuditLog.Installation, by, "BACKUP_MADE", $"backup {run.Id}", new { run.Folder, manifest.TakenAt, files = manifest.Files.Count, manifest.Bytes }, clock.GetUtcNow())
                        .ConfigureAwait(false);
                    return 0;
                },
                CancellationToken.None).ConfigureAwait(false);
            Set(run with { State = "done", BytesDone = manifest.Bytes, BytesTotal = manifest.Bytes, Result = BackupResult.Of(manifest) });
        }
        catch (OperationCanceledException)
        {
            Set(run with { State = "failed", Error = "The server ended; nothing half-written was left." });
        }
        catch (Exception e) when (e is StorageException or DbException or IOException or UnauthorizedAccessException)
        {
            LogFailed(e, run.Folder);
            Set(run with { State = "failed", Error = e.Message });
        }
#pragma warning disable CA1031 // who waits for the run must hear of its end, whatever ended it
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e, run.Folder);
            Set(run with { State = "failed", Error = "Something failed inside; the server's log has it." });
        }
    }

    private void Set(BackupRun run)
    {
        lock (_lock)
        {
            _last = run;
        }
    }

    [LoggerMessage(8004, LogLevel.Error, "The backup to {Folder} failed; nothing of it was left")]
    private partial void LogFailed(Exception exception, string folder);
}

/// <summary>A backup as it is now.</summary>
/// <param name="State">running, done or failed.</param>
/// <param name="BytesTotal">0 where it is not known.</param>
public sealed record BackupRun(Guid Id, string Folder, string State, long BytesDone, long BytesTotal, string? Error, BackupResult? Result);

/// <summary>What a backup that is done holds.</summary>
public sealed record BackupResult(DateTimeOffset TakenAt, int Files, long Bytes, long Rows, string MasterKeyId, IReadOnlyList<string> Missing)
{
    /// <summary>The figures of a manifest.</summary>
    public static BackupResult Of(BackupManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new(manifest.TakenAt, manifest.Files.Count, manifest.Bytes, manifest.Tables.Sum(table => table.Rows), manifest.MasterKeyId, manifest.Missing);
    }
}
