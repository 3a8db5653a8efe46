using Auspex.Storage.Db;
using Auspex.Storage.Plant;

namespace Auspex.Storage.Tests.Plant;

public class TreeStoreTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task MoveAsync_TwoThatTogetherMakeACycle_OneIsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        OrganizationDb db = await OrganizationAsync(store, "plant");
        for (int i = 0; i < 10; i++)
        {
            Guid site = await MakeAsync(db, TreeKinds.Site, $"site {i}", null);
            Guid one = await MakeAsync(db, TreeKinds.Area, "one", site);
            Guid two = await MakeAsync(db, TreeKinds.Area, "two", site);

            TreeRefusal[] refusals = await Task.WhenAll(MoveAsync(db, one, two), MoveAsync(db, two, one));

            Assert.Equal([TreeRefusal.None, TreeRefusal.Cycle], refusals.Order());
        }
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task CreateAsync_BelowTheLastLevel_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        OrganizationDb db = await OrganizationAsync(store, "plant");
        Guid site = await MakeAsync(db, TreeKinds.Site, "site", null);
        Guid other = await MakeAsync(db, TreeKinds.Area, "other", site);
        Guid node = site;
        for (int level = 2; level <= TreeStore.MostLevels; level++)
        {
            node = await MakeAsync(db, TreeKinds.Area, $"area {level}", node);
        }

        Assert.Equal(TreeRefusal.TooDeep, (await TryMakeAsync(db, TreeKinds.Area, "below", node)).Refusal);
        Guid top = (await db.QuerySingleOrDefaultAsync<string>("select id from tree_node where organization = @organization and name = 'area 2'", null, Ct)) is { } id ? Guid.Parse(id) : default;
        Assert.Equal(TreeRefusal.TooDeep, await MoveAsync(db, top, other));
        Assert.Equal(TreeStore.MostLevels, (await TreeStore.PathAsync(db, node, Ct)).Count);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Everything_OfAnotherOrganization_IsUnknown(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        OrganizationDb db = await OrganizationAsync(store, "plant");
        OrganizationDb stranger = await OrganizationAsync(store, "other plant");
        Guid site = await MakeAsync(db, TreeKinds.Site, "site", null);
        Guid asset = await MakeAsync(db, TreeKinds.Asset, "press", site);
        Guid own = await MakeAsync(stranger, TreeKinds.Site, "site", null);

        Assert.Null(await TreeStore.FindAsync(stranger, asset, Ct));
        Assert.Empty(await TreeStore.PathAsync(stranger, asset, Ct));
        Assert.Equal(TreeRefusal.Unknown, await MoveAsync(stranger, asset, own));
        Assert.Equal(TreeRefusal.ParentUnknown, (await TryMakeAsync(stranger, TreeKinds.Asset, "press", site)).Refusal);
        Assert.Equal(TreeRefusal.Unknown, await stranger.WriteAsync(tx => TreeStore.ChangeAsync(tx, asset, null, node => node with { Name = "mine" }, Now), Ct));
        Assert.Equal(TreeRefusal.Unknown, await stranger.WriteAsync(tx => TreeStore.RemoveAsync(tx, asset, null, subtree: true, "eve", Now), Ct));
        Assert.Equal(TreeRefusal.Unknown, await db.WriteAsync(tx => TreeStore.RemoveAsync(tx, site, null, subtree: true, "anna", Now, TreeKinds.Asset), Ct));
        Assert.Equal(["site", "press"], await TreeStore.PathAsync(db, asset, Ct));
        Assert.Equal(TreeRefusal.None, await db.WriteAsync(tx => TreeStore.RemoveAsync(tx, site, null, subtree: true, "anna", Now), Ct));
        Assert.Null(await TreeStore.FindAsync(db, asset, Ct));
        Assert.NotNull(await TreeStore.FindAsync(stranger, own, Ct));
    }

    internal static async Task<OrganizationDb> OrganizationAsync(TestDatabase store, string name)
    {
        var db = new InstallationDb(store.Database);
        var id = Guid.NewGuid();
        await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@id, @name, 'UTC', 'active', 0)", new { id, name }, Ct);
        return db.Of(id);
    }

    internal static async Task<Guid> MakeAsync(OrganizationDb db, string kind, string name, Guid? parent)
    {
        (TreeRefusal refusal, Guid id) = await TryMakeAsync(db, kind, name, parent);
        Assert.Equal(TreeRefusal.None, refusal);
        return id;
    }

    private static async Task<(TreeRefusal Refusal, Guid Id)> TryMakeAsync(OrganizationDb db, string kind, string name, Guid? parent)
    {
        var id = Guid.CreateVersion7(Now);
        var node = new TreeNode(id.ToString(), parent?.ToString(), kind, name, null, null, "{}", 1, Now, Now);
        return (await db.WriteAsync(tx => TreeStore.CreateAsync(tx, node, Now), Ct), id);
    }

    private static Task<TreeRefusal> MoveAsync(OrganizationDb db, Guid id, Guid parent) =>
        db.WriteAsync(tx => TreeStore.MoveAsync(tx, id, null, parent, "anna", Now), Ct);
}
