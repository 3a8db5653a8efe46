using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Tests.Db;

public class DatabaseTests
{
    private const string Insert = "insert into organization (id, name, time_zone, state, created_at) values (@id, @name, 'UTC', 'active', @now)";
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task WriteAsync_ManyAtOnceOneOfThemBad_StoresTheOthers(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        var db = new InstallationDb(store.Database);
        Task<int>[] writes = [.. Enumerable.Range(0, 200).Select(i => db.ExecuteAsync(Insert, Named(i == 77 ? "plant 76" : $"plant {i}"), Ct))];

        Exception? thrown = await Record.ExceptionAsync(() => Task.WhenAll(writes));

        Assert.NotNull(thrown);
        Assert.Equal(1, writes.Count(write => write.IsFaulted));
        Assert.Equal(199, await db.QuerySingleOrDefaultAsync<long>("select count(*) from organization", null, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task WriteAsync_WorkThatThrows_LeavesNothing(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        var db = new InstallationDb(store.Database);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => db.WriteAsync<int>(
            async (connection, _) =>
            {
                await connection.ExecuteAsync(Insert, Named("half"));
                throw new InvalidTimeZoneException();
            },
            Ct));

        Assert.Equal(0, await db.QuerySingleOrDefaultAsync<long>("select count(*) from organization", null, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task QueryAsync_OfOneOrganization_SeesItselfOnly(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        var db = new InstallationDb(store.Database);
        var own = Guid.NewGuid();
        await db.ExecuteAsync(Insert, new { id = own, name = "own", now = DateTimeOffset.UnixEpoch }, Ct);
        await db.ExecuteAsync(Insert, Named("other"), Ct);

        var seen = await db.Of(own).QueryAsync<string>("select name from organization where id = @organization", null, Ct);

        Assert.Equal(["own"], seen);
    }

    [Fact]
    public async Task QueryAsync_PredicateForgotten_PostgreSqlStillHidesTheOthers()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.PostgreSql);
        var db = new InstallationDb(store.Database);
        var own = Guid.NewGuid();
        await db.ExecuteAsync(Insert, new { id = own, name = "own", now = DateTimeOffset.UnixEpoch }, Ct);
        await db.ExecuteAsync(Insert, Named("other"), Ct);

        Assert.Equal(["own"], await db.Of(own).QueryAsync<string>("select name from organization", null, Ct));
        Assert.Empty(await db.Of(Guid.NewGuid()).QueryAsync<string>("select name from organization", null, Ct));
        Assert.Equal(2, (await db.QueryAsync<string>("select name from organization", null, Ct)).Count);
    }

    [Fact]
    public async Task ReadAsync_ThatWrites_IsRefusedBySqlite()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);

        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => new InstallationDb(store.Database).QueryAsync<string>("delete from organization returning name", null, Ct));
    }

    [Fact]
    public async Task WriteAsync_AwaitsSomethingElse_IsABug()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);

        await Assert.ThrowsAsync<System.Diagnostics.UnreachableException>(() => new InstallationDb(store.Database).WriteAsync(
            async (_, ct) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
                return 1;
            },
            Ct));
    }

    [Fact]
    public async Task WriteAsync_DiskFull_RefusesAndRecovers()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);
        var db = new InstallationDb(store.Database);
        // The engine's own limit of pages gives the same error as a disk without space.
        long pages = await db.QuerySingleOrDefaultAsync<long>("pragma page_count", null, Ct);
        await db.WriteAsync((connection, _) => connection.ExecuteAsync($"pragma max_page_count = {pages}"), Ct);

        await Assert.ThrowsAsync<StorageFullException>(async () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                await db.ExecuteAsync(Insert, Named($"{i} {new string('x', 1000)}"), Ct);
            }
        });

        await db.WriteAsync((connection, _) => connection.ExecuteAsync("pragma max_page_count = 1000000"), Ct);
        long before = await db.QuerySingleOrDefaultAsync<long>("select count(*) from organization", null, Ct);
        Assert.Equal(1, await db.ExecuteAsync(Insert, Named("after"), Ct));
        Assert.Equal(before + 1, await db.QuerySingleOrDefaultAsync<long>("select count(*) from organization", null, Ct));
    }

    [Fact]
    public async Task WriteAsync_HeldByAnotherProgram_IsRefusedAndGoesOnAfterwards()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);
        var db = new InstallationDb(store.Database);
        await db.WriteAsync((connection, _) => Task.FromResult(((Microsoft.Data.Sqlite.SqliteConnection)connection).DefaultTimeout = 1), Ct);
        await using var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store.Where};Pooling=false");
        await other.OpenAsync(Ct);
        await other.ExecuteAsync("begin immediate; select 1");

        var refused = await Assert.ThrowsAsync<StorageException>(() => db.ExecuteAsync(Insert, Named("held"), Ct));

        Assert.Contains("held by another program", refused.Message, StringComparison.Ordinal);
        Assert.False(store.Database.HasFailed);
        await other.ExecuteAsync("rollback; select 1");
        Assert.Equal(1, await db.ExecuteAsync(Insert, Named("held"), Ct));
    }

    [Fact]
    public async Task DisposeAsync_WritesUnderWay_EndsThem()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);
        var db = new InstallationDb(store.Database);
        Task<int>[] writes = [.. Enumerable.Range(0, 50).Select(i => db.ExecuteAsync(Insert, Named($"plant {i}"), Ct))];

        await store.Database.DisposeAsync();

        Assert.All(await Task.WhenAll(writes), rows => Assert.Equal(1, rows));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => db.ExecuteAsync(Insert, Named("late"), Ct));
    }

    private static object Named(string name) => new { id = Guid.NewGuid(), name, now = DateTimeOffset.UnixEpoch };
}
