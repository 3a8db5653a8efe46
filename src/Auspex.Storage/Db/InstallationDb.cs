using System.Data.Common;
using Dapper;

namespace Auspex.Storage.Db;

/// <summary>The database as the installation itself sees it: all organizations. Each use stands on a list that a test compares.</summary>
/// <param name="database">Where.</param>
public sealed class InstallationDb(Database database)
{
    /// <summary>Which SQL it speaks.</summary>
    public Dialect Dialect => database.Dialect;

    /// <summary>The same database as one organization sees it.</summary>
    public OrganizationDb Of(Guid organization) => new(database, organization);

    /// <summary>All rows of a query.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<T>>(
            null, async (connection, ct) => (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: ct)).ConfigureAwait(false)).AsList(), ct);

    /// <summary>The one row of a query, or the default value where there is none.</summary>
    public Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? parameters, CancellationToken ct) =>
        database.ReadAsync(null, (connection, ct) => connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: ct)), ct);

    /// <summary>Runs a statement in a transaction of its own.</summary>
    /// <returns>Rows written.</returns>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken ct) =>
        database.WriteAsync(null, (connection, ct) => connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: ct)), ct);

    /// <summary>Several statements in one transaction.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) => database.WriteAsync(null, work, ct);

    /// <summary>A transaction of the installation as statements of one organization see it, such as its audit log's.</summary>
    internal OrganizationTransaction InTransaction(DbConnection connection, Guid organization, CancellationToken ct) => new(connection, database.Dialect, organization, ct);
}
