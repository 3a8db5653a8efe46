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

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ApplyAsync_SitesOfBefore_GetTheirPositions(Dialect dialect)
    {
        await using TestDatabase store = TestDatabase.Empty(dialect);
        IReadOnlyList<SchemaScript> scripts = SchemaScript.Of("metadata", dialect);
        Task<int> Earlier(System.Data.Common.DbConnection connection, CancellationToken ct) =>
            SchemaUpgrade.ApplyAsync(connection, dialect, "metadata", [.. scripts.TakeWhile(script => script.Name != "position")], TimeProvider.System);
        await (store.Database is PostgreSqlDatabase server ? server.MigrateAsync(Earlier, Ct) : store.Database.WriteAsync(null, Earlier, Ct));
        var db = new InstallationDb(store.Database);
        await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values ('o', 'plant', 'UTC', 'active', 0)", null, Ct);
        await db.ExecuteAsync("insert into tree_node (organization, id, kind, name, key_name, facts, revision, created_at, updated_at) values ('o', 's', 'site', 'Graz', 'GRAZ', '{}', 1, 0, 0)", null, Ct);
        await db.ExecuteAsync("insert into tree_node (organization, id, parent, kind, name, key_name, external_name, facts, revision, created_at, updated_at) values ('o', 'a', 's', 'asset', 'Press', 'PRESS', 'P-1', '{}', 1, 0, 0)", null, Ct);

        await SchemaUpgrade.ApplyAsync(store.Database, "metadata", TimeProvider.System, Ct);

        Assert.Equal(["s Graz"], await db.QueryAsync<string>("select id || ' ' || name from operator_position where site = 's'", null, Ct));
        Assert.Equal(["s"], await db.QueryAsync<string>("select node from operator_position_node where position = 's'", null, Ct));
        Assert.Equal(["P-1 a key"], await db.QueryAsync<string>("select name || ' ' || asset || ' ' || kind from frame_name", null, Ct));
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
