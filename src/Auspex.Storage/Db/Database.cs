using System.Data.Common;

namespace Auspex.Storage.Db;

/// <summary>One database, on either engine. All work on it is done in a transaction of one organization, or of none.</summary>
/// <remarks>On PostgreSQL the organization of a transaction is a setting that row-level security reads; on SQLite the predicates of the
/// statements are the only wall, and a test runs every one of them against a stranger's rows.</remarks>
public abstract class Database : IAsyncDisposable
{
    /// <summary>Which SQL it speaks.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>Whether a write did not reach the disk, so that only a new start lets it write again.</summary>
    public virtual bool HasFailed => false;

    /// <summary>Reads in one snapshot.</summary>
    /// <param name="organization">Whose rows may be seen; null for the installation's own work.</param>
    /// <param name="work">Reads with the connection; it must not keep it.</param>
    /// <param name="ct">Looked at before the work begins, and handed to it.</param>
    public abstract Task<T> ReadAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct);

    /// <summary>Writes in one transaction; when the task ends the rows are on the disk.</summary>
    /// <param name="organization">Whose rows may be written; null for the installation's own work.</param>
    /// <param name="work">Writes with the connection; it must not keep it, nor await anything but its statements. What it throws undoes it.</param>
    /// <param name="ct">Looked at before the work begins, and handed to it. Work that was committed is not undone by it.</param>
    /// <exception cref="StorageFullException">The disk is full.</exception>
    /// <exception cref="StorageFailedException">The disk failed; every later write throws it too.</exception>
    public abstract Task<T> WriteAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct);

    /// <summary>Ends all work that was begun and lets go of the files.</summary>
    public abstract ValueTask DisposeAsync();
}
