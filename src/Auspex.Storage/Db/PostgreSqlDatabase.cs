using System.Data.Common;
using Npgsql;

namespace Auspex.Storage.Db;

/// <summary>A PostgreSQL database. Work of an organization runs as the role <c>auspex_app</c>, which owns no table, with row-level security
/// forced and the organization set for its transaction alone; installation work runs as <c>auspex_system</c>.</summary>
public sealed class PostgreSqlDatabase : Database
{
    /// <summary>The role of requests and ingest.</summary>
    public const string AppRole = "auspex_app";

    /// <summary>The role of migrations, compaction, outbox and scheduler.</summary>
    public const string SystemRole = "auspex_system";

    private readonly NpgsqlDataSource _source;

    private PostgreSqlDatabase(NpgsqlDataSource source) => _source = source;

    /// <inheritdoc/>
    public override Dialect Dialect => Dialect.PostgreSql;

    /// <summary>Connects to a database that exists. Nothing is asked of it before the first work.</summary>
    /// <param name="connectionString">Of a login that may make tables and roles, or whose roles were made beforehand.</param>
    /// <exception cref="StorageException">The connection string cannot be read.</exception>
    public static PostgreSqlDatabase Open(string connectionString)
    {
        SqlMappings.Register();
        try
        {
            return new PostgreSqlDatabase(NpgsqlDataSource.Create(connectionString));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StorageException($"The connection string of PostgreSQL cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override Task<T> ReadAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) =>
        InTransactionAsync(organization, "begin isolation level repeatable read read only", work, ct);

    /// <inheritdoc/>
    public override Task<T> WriteAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) =>
        InTransactionAsync(organization, "begin", work, ct);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>A transaction of the login itself, for the schema: it makes the roles the others run as.</summary>
    internal Task<T> MigrateAsync<T>(Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) => InTransactionAsync("begin", work, ct);

    // Role and organization are local to the transaction: a connection goes back to the pool with neither.
    private Task<T> InTransactionAsync<T>(Guid? organization, string begin, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct) =>
        InTransactionAsync(
            organization is { } id
                ? $"{begin}; set local role {AppRole}; select set_config('auspex.organization', '{id}', true)"
                : $"{begin}; set local role {SystemRole}",
            work,
            ct);

    private async Task<T> InTransactionAsync<T>(string begin, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        NpgsqlConnection connection;
        try
        {
            connection = await _source.OpenConnectionAsync(ct).ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new StorageException($"PostgreSQL cannot be reached: {e.Message}", e);
        }

        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await RunAsync(connection, begin).ConfigureAwait(false);
                T result = await work(connection, ct).ConfigureAwait(false);
                await RunAsync(connection, "commit").ConfigureAwait(false);
                return result;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DiskFull)
            {
                await RollBackAsync(connection).ConfigureAwait(false);
                throw new StorageFullException("The disk of PostgreSQL is full; nothing of this write was stored.", e);
            }
            catch (NpgsqlException e) when (e is not PostgresException)
            {
                await RollBackAsync(connection).ConfigureAwait(false);
                throw new StorageException($"PostgreSQL did not answer: {e.Message}", e);
            }
            catch
            {
                await RollBackAsync(connection).ConfigureAwait(false);
                throw;
            }
        }
    }

    // Dapper takes a text of one word for the name of a procedure.
    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        NpgsqlCommand command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await RunAsync(connection, "rollback").ConfigureAwait(false);
        }
        catch (NpgsqlException)
        {
            // A connection that broke took its transaction with it; the pool throws such a connection away.
        }
    }
}
