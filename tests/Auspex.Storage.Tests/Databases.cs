using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Dapper;
using Npgsql;

namespace Auspex.Storage.Tests;

/// <summary>A database of a test's own on either engine: a file, or a schema of the server that <c>./dev test</c> starts.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly StorageFolder _folder = new();

    private TestDatabase(Dialect dialect)
    {
        if (dialect == Dialect.Sqlite)
        {
            Where = _folder.PathOf("metadata.db");
            Database = SqliteDatabase.Open(Where);
            return;
        }

        string server = Server();
        string schema = $"test_{Guid.NewGuid():N}";
        using (var connection = new NpgsqlConnection(server))
        {
            connection.Execute($"create schema {schema}");
        }

        Where = new NpgsqlConnectionStringBuilder(server) { SearchPath = schema, MaxPoolSize = 20 }.ConnectionString;
        Database = PostgreSqlDatabase.Open(Where);
    }

    /// <summary>Path of the file, or connection string.</summary>
    public string Where { get; }

    public Database Database { get; }

    /// <summary>Connection string of the PostgreSQL that tests may fill; the test is skipped where there is none.</summary>
    public static string Server()
    {
        string? server = Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "no PostgreSQL: AUSPEX_TEST_POSTGRESQL is not set; ./dev test starts one");
        return server;
    }

    public static TestDatabase Empty(Dialect dialect) => new(dialect);

    public static async Task<TestDatabase> WithSchemaAsync(Dialect dialect, string store = "metadata")
    {
        var database = new TestDatabase(dialect);
        await SchemaUpgrade.ApplyAsync(database.Database, store, TimeProvider.System, TestContext.Current.CancellationToken);
        return database;
    }

    public Database OpenAgain() => Database.Dialect == Dialect.Sqlite ? SqliteDatabase.Open(Where) : PostgreSqlDatabase.Open(Where);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
