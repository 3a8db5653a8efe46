using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Auspex.Storage.Db;

/// <summary>One SQLite file in WAL mode. A thread of its own writes; what waits together is committed together, with one fsync.</summary>
public sealed class SqliteDatabase : Database
{
    // So many writes wait at most for one commit; beyond it the first ones would wait for the last.
    private const int MostWritesACommit = 512;

    private readonly string _path;
    private readonly Channel<Write> _writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(8 * MostWritesACommit) { SingleReader = true });
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly Thread _writer;
    private readonly SqliteConnection _connection;
    private volatile StorageFailedException? _failed;
    private volatile bool _closed;

    private SqliteDatabase(string path)
    {
        _path = path;
        _connection = Connect("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 4000;");
        _writer = new Thread(WriteAll) { Name = $"write {Path.GetFileNameWithoutExtension(path)}", IsBackground = true };
        _writer.Start();
    }

    /// <inheritdoc/>
    public override Dialect Dialect => Dialect.Sqlite;

    /// <inheritdoc/>
    public override bool HasFailed => _failed is not null;

    /// <summary>Opens a file, or makes it.</summary>
    /// <exception cref="StorageException">It is no database of SQLite, or cannot be opened.</exception>
    public static SqliteDatabase Open(string path)
    {
        SqlMappings.Register();
        try
        {
            return new SqliteDatabase(path);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"{path} cannot be opened as a database: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override async Task<T> ReadAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_closed, this);
        ct.ThrowIfCancellationRequested();
        if (!_readers.TryTake(out SqliteConnection? reader))
        {
            reader = ConnectToRead();
        }

        try
        {
            // Deferred: a read transaction is a snapshot from its first statement on.
            Run(reader, "begin");
            try
            {
                return await work(reader, ct).ConfigureAwait(false);
            }
            finally
            {
                Run(reader, "rollback");
            }
        }
        finally
        {
            if (_closed)
            {
                await reader.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                _readers.Add(reader);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<T> WriteAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(_closed, this);
        var write = new Write<T>(work, ct);
        try
        {
            await _writes.Writer.WriteAsync(write, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteDatabase));
        }

        return await write.Done.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _writes.Writer.Complete();
        await Task.Run(_writer.Join).ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        while (_readers.TryTake(out SqliteConnection? reader))
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal SqliteConnection ConnectToRead() => Connect("pragma query_only = on;");

    private SqliteConnection Connect(string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Pooling = false, // connections are kept here, with their settings
            DefaultTimeout = 30,
        }.ConnectionString);
        try
        {
            connection.Open();
            Run(connection, pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Dapper takes a text of one word for the name of a procedure.
    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void WriteAll()
    {
        var taken = new List<Write>(MostWritesACommit);
        ChannelReader<Write> reader = _writes.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            taken.Clear();
            while (taken.Count < MostWritesACommit && reader.TryRead(out Write? write))
            {
                taken.Add(write);
            }

            if (_failed is null)
            {
                Commit(taken);
            }
            else
            {
                taken.ForEach(write => write.Fail(_failed));
            }
        }
    }

    // Each write stands behind a savepoint of its own, so that one that fails takes nothing with it.
    private void Commit(List<Write> writes)
    {
        var good = new List<Write>(writes.Count);
        try
        {
            Run(_connection, "begin immediate");
            foreach (Write write in writes)
            {
                Run(_connection, "savepoint one");
                if (write.Run(_connection))
                {
                    good.Add(write);
                }
                else
                {
                    Run(_connection, "rollback to one");
                }

                Run(_connection, "release one");
            }

            Run(_connection, "commit");
        }
        catch (SqliteException e)
        {
            StorageException why = Failure(e);
            writes.ForEach(write => write.Fail(why));
            try
            {
                Run(_connection, "rollback");
            }
            catch (SqliteException)
            {
                // SQLite ended the transaction itself.
            }

            return;
        }

        good.ForEach(write => write.Succeed());
    }

    private StorageException Failure(SqliteException e)
    {
        if (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL)
        {
            return new StorageFullException($"The disk of {_path} is full; nothing of this write was stored. Free space: writing goes on by itself.", e);
        }

        if (e.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED)
        {
            return new StorageException($"{_path} is held by another program; nothing of this write was stored. Let it end, then try again.", e);
        }

        // A page that a failed fsync gave up is gone from the cache: a second fsync would succeed and say nothing. So no second one.
        _failed = new StorageFailedException($"A write to {_path} failed: {e.Message}. Nothing more is stored until a new start.", e);
        return _failed;
    }

    private static bool IsOfDisk(int code) => code is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CORRUPT
        or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_NOMEM
        or SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED;

    private abstract class Write
    {
        /// <summary>Does the work; false when it failed, and its caller has been told.</summary>
        internal abstract bool Run(SqliteConnection connection);

        internal abstract void Succeed();

        internal abstract void Fail(Exception why);
    }

    private sealed class Write<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        internal Task<T> Done => _done.Task;

        internal override bool Run(SqliteConnection connection)
        {
            if (ct.IsCancellationRequested)
            {
                _done.TrySetCanceled(ct);
                return false;
            }

            try
            {
                Task<T> task = work(connection, ct);
                if (!task.IsCompleted)
                {
                    throw new UnreachableException("bug: a write awaited something else than its statements");
                }

                _result = task.GetAwaiter().GetResult();
                return true;
            }
            catch (SqliteException e) when (IsOfDisk(e.SqliteErrorCode))
            {
                throw; // the disk, not the statement: all that waits for this commit is told
            }
#pragma warning disable CA1031 // whatever the work threw belongs to whoever asked for it
            catch (Exception e)
#pragma warning restore CA1031
            {
                _done.TrySetException(e);
                return false;
            }
        }

        internal override void Succeed() => _done.TrySetResult(_result);

        internal override void Fail(Exception why) => _done.TrySetException(why);
    }
}
