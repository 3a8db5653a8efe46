using Microsoft.Data.Sqlite;

namespace Auspex.Storage.Db;

/// <summary>A SQLite file as it was at one instant, while writes go on beside it.</summary>
public sealed class SqliteSnapshot : IDisposable
{
    private readonly SqliteConnection _connection;

    private SqliteSnapshot(SqliteConnection connection) => _connection = connection;

    /// <summary>All databases at one instant: no write of any of them ends while the snapshots are taken, which is a matter of milliseconds. What was acknowledged before is in
    /// them.</summary>
    public static async Task<IReadOnlyList<SqliteSnapshot>> TakeAsync(IReadOnlyList<SqliteDatabase> databases, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(databases);
        using var taken = new ManualResetEventSlim();
        var standing = new List<Task>();
        var ended = new List<Task>();
        var snapshots = new List<SqliteSnapshot>();
        try
        {
            foreach (SqliteDatabase database in databases)
            {
                var stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                standing.Add(stands.Task);
                // The writer's own thread waits here, behind all it has acknowledged and before all it has not.
                ended.Add(database.WriteAsync(
                    null,
                    (_, _) =>
                    {
                        stands.SetResult();
                        taken.Wait(CancellationToken.None);
                        return Task.FromResult(0);
                    },
                    ct));
            }

            // One that is cancelled or fails ends without ever standing.
            await (await Task.WhenAny([Task.WhenAll(standing), .. ended]).ConfigureAwait(false)).ConfigureAwait(false);
            foreach (SqliteDatabase database in databases)
            {
                SqliteConnection connection = database.ConnectToRead();
                snapshots.Add(new SqliteSnapshot(connection));
                Run(connection, "begin");
                Run(connection, "select count(*) from sqlite_master"); // the first read fixes the instant
            }

            return snapshots;
        }
        catch
        {
            snapshots.ForEach(snapshot => snapshot.Dispose());
            throw;
        }
        finally
        {
            taken.Set();
            await Task.WhenAll(ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Writes it to a new file, page by page.</summary>
    /// <param name="path">Where there is nothing.</param>
    /// <param name="copied">Told the bytes copied since it was last told.</param>
    /// <param name="ct">Looked at between some pages.</param>
    public void CopyTo(string path, Action<long> copied, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(copied);
        using var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        target.Open();
        using SQLitePCL.sqlite3_backup backup = SQLitePCL.raw.sqlite3_backup_init(target.Handle, "main", _connection.Handle, "main");
        if (backup.IsInvalid)
        {
            throw new StorageException($"{path} cannot be written: {SQLitePCL.raw.sqlite3_errmsg(target.Handle).utf8_to_string()}");
        }

        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "pragma page_size";
        long pageBytes = (long)command.ExecuteScalar()!;
        long left = -1;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            int code = SQLitePCL.raw.sqlite3_backup_step(backup, 1024);
            long now = SQLitePCL.raw.sqlite3_backup_remaining(backup);
            copied(((left < 0 ? SQLitePCL.raw.sqlite3_backup_pagecount(backup) : left) - now) * pageBytes);
            left = now;
            if (code == SQLitePCL.raw.SQLITE_DONE)
            {
                break;
            }

            if (code != SQLitePCL.raw.SQLITE_OK)
            {
                throw new StorageException($"{path} cannot be written: {SQLitePCL.raw.sqlite3_errstr(code).utf8_to_string()}");
            }
        }
    }

    /// <summary>Length of the file, bytes.</summary>
    public long Bytes()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "select page_count * page_size from pragma_page_count(), pragma_page_size()";
        return (long)command.ExecuteScalar()!;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteScalar();
    }
}
