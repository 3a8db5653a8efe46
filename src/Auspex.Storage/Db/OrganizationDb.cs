using Dapper;

namespace Auspex.Storage.Db;

/// <summary>The database as one organization sees it. Every statement has <c>@organization</c>, and must use it for each of its tables.</summary>
/// <param name="database">Where.</param>
/// <param name="organization">Whose rows.</param>
public sealed class OrganizationDb(Database database, Guid organization)
{
    /// <summary>Whose rows.</summary>
    public Guid Organization => organization;

    /// <summary>Which SQL it speaks.</summary>
    public Dialect Dialect => database.Dialect;

    /// <summary>All rows of a query.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<T>>(
            organization, async (connection, ct) => (await connection.QueryAsync<T>(Command(sql, parameters, ct)).ConfigureAwait(false)).AsList(), ct);

    /// <summary>The one row of a query, or the default value where there is none.</summary>
    public Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? parameters, CancellationToken ct) =>
        database.ReadAsync(organization, (connection, ct) => connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters, ct)), ct);

    /// <summary>Runs a statement in a transaction of its own.</summary>
    /// <returns>Rows written.</returns>
    public Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken ct) =>
        database.WriteAsync(organization, (connection, ct) => connection.ExecuteAsync(Command(sql, parameters, ct)), ct);

    /// <summary>Several statements in one transaction.</summary>
    public Task<T> WriteAsync<T>(Func<OrganizationTransaction, Task<T>> work, CancellationToken ct) =>
        database.WriteAsync(organization, (connection, ct) => work(new OrganizationTransaction(connection, database.Dialect, organization, ct)), ct);

    private CommandDefinition Command(string sql, object? parameters, CancellationToken ct) => Scoped(sql, parameters, organization, ct);

    internal static CommandDefinition Scoped(string sql, object? parameters, Guid organization, CancellationToken ct)
    {
        var all = new DynamicParameters(parameters);
        all.Add("organization", organization.ToString());
        return new CommandDefinition(sql, all, cancellationToken: ct);
    }
}
