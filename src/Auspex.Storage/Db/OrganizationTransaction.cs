using System.Data.Common;
using Dapper;

namespace Auspex.Storage.Db;

/// <summary>Statements of one organization that are stored together or not at all.</summary>
public sealed class OrganizationTransaction
{
    private readonly DbConnection _connection;
    private readonly Guid _organization;
    private readonly CancellationToken _ct;

    internal OrganizationTransaction(DbConnection connection, Dialect dialect, Guid organization, CancellationToken ct)
    {
        Dialect = dialect;
        _connection = connection;
        _organization = organization;
        _ct = ct;
    }

    /// <summary>Which SQL it speaks.</summary>
    public Dialect Dialect { get; }

    /// <summary>Whose statements.</summary>
    internal Guid Organization => _organization;

    /// <summary>All rows of a query.</summary>
    public Task<IEnumerable<T>> QueryAsync<T>(string sql, object? parameters) => _connection.QueryAsync<T>(Command(sql, parameters));

    /// <summary>The one row of a query, or the default value where there is none.</summary>
    public Task<T?> QuerySingleOrDefaultAsync<T>(string sql, object? parameters) => _connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters));

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows written.</returns>
    public Task<int> ExecuteAsync(string sql, object? parameters) => _connection.ExecuteAsync(Command(sql, parameters));

    /// <summary>Waits until no other transaction of the organization does this work: what it reads stays so until it ends. SQLite has one writer anyway.</summary>
    /// <param name="work">Name of the work, such as <c>tree</c>.</param>
    public Task AloneAsync(string work) => Dialect == Dialect.Sqlite
        ? Task.CompletedTask
        : ExecuteAsync("select pg_advisory_xact_lock(hashtextextended(@work || ' ' || @organization, 0))", new { work });

    private CommandDefinition Command(string sql, object? parameters) => OrganizationDb.Scoped(sql, parameters, _organization, _ct);
}
