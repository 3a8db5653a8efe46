using Auspex.Storage.Db;
using Auspex.Storage.Schema;

namespace Auspex.Storage.Tests.Schema;

public class SchemaUpgradeTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ApplyAsync_TwoNodesAtOnce_AppliesEachScriptOnce(Dialect dialect)
    {
        await using TestDatabase one = TestDatabase.Empty(dialect);
        await using Database two = one.OpenAgain();

        int[] applied = await Task.WhenAll(
            SchemaUpgrade.ApplyAsync(one.Database, "metadata", TimeProvider.System, Ct), SchemaUpgrade.ApplyAsync(two, "metadata", TimeProvider.System, Ct));

        int all = SchemaScript.Of("metadata", dialect).Count;
        Assert.Equal([0, all], applied.Order());
        var rows = await new InstallationDb(one.Database).QueryAsync<string>("select name from organization", null, Ct);
        Assert.Empty(rows);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ApplyAsync_NewerSchema_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        int number = SchemaScript.Of("metadata", dialect).Count + 1;
        await ByTheOwner(store, $"insert into schema_version (store, number, name, hash, applied_at) values ('metadata', {number}, 'later', 'x', 0)");

        var refused = await Assert.ThrowsAsync<StorageException>(() => SchemaUpgrade.ApplyAsync(store.Database, "metadata", TimeProvider.System, Ct));

        Assert.Contains("newer Auspex", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ApplyAsync_ScriptThatChanged_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        await ByTheOwner(store, "update schema_version set hash = 'x' where number = 1");

        var refused = await Assert.ThrowsAsync<StorageException>(() => SchemaUpgrade.ApplyAsync(store.Database, "metadata", TimeProvider.System, Ct));

        Assert.Contains("Schema script 1 (organization)", refused.Message, StringComparison.Ordinal);
    }

    private static async Task ByTheOwner(TestDatabase store, string sql)
    {
        if (store.Database is PostgreSqlDatabase server)
        {
            await server.MigrateAsync(async (connection, _) => await Dapper.SqlMapper.ExecuteAsync(connection, sql), Ct);
        }
        else
        {
            await new InstallationDb(store.Database).ExecuteAsync(sql, null, Ct);
        }
    }
}
