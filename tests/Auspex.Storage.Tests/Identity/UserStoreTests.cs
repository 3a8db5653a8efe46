using Auspex.Storage.Db;
using Auspex.Storage.Identity;

namespace Auspex.Storage.Tests.Identity;

public class UserStoreTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task LastAdmin_DemotedOrRemoved_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (UserStore users, Guid organization) = await WithOrganizationAsync(store);
        Guid anna = (await users.CreateAsync("anna@example.org", "Anna", "hash", false, false, Ct))!.Value;
        Guid ben = (await users.CreateAsync("ben@example.org", "Ben", "hash", false, false, Ct))!.Value;
        await users.SetRoleAsync(organization, anna, Role.Admin, Ct);
        await users.SetRoleAsync(organization, ben, Role.Viewer, Ct);

        Assert.Equal(UserRefusal.LastAdmin, await users.SetRoleAsync(organization, anna, Role.Engineer, Ct));
        Assert.Equal(UserRefusal.LastAdmin, await users.RemoveAsync(organization, anna, false, Ct));

        Assert.Equal(UserRefusal.None, await users.SetRoleAsync(organization, ben, Role.Admin, Ct));
        Assert.Equal(UserRefusal.None, await users.RemoveAsync(organization, anna, false, Ct));
        Assert.Equal(UserRefusal.Unknown, await users.RemoveAsync(organization, anna, false, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task SetDisabledAsync_LastSuperAdmin_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (UserStore users, _) = await WithOrganizationAsync(store);
        Guid root = (await users.CreateAsync("root@example.org", "Root", "hash", true, true, Ct))!.Value;

        Assert.Equal(UserRefusal.LastSuperAdmin, await users.SetDisabledAsync(root, true, Ct));
        await users.CreateAsync("two@example.org", "Two", "hash", true, true, Ct);
        Assert.Equal(UserRefusal.None, await users.SetDisabledAsync(root, true, Ct));
        Assert.Equal(UserRefusal.Unknown, await users.SetDisabledAsync(Guid.NewGuid(), true, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task CreateAsync_SameAddressInOtherCase_IsTaken(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (UserStore users, _) = await WithOrganizationAsync(store);
        Guid? first = await users.CreateAsync("Anna@Example.org", "Anna", "hash", true, false, Ct);

        Assert.Null(await users.CreateAsync(" anna@example.ORG", "Anna", "hash", false, false, Ct));

        Assert.Equal(new UserAccount(first!.Value, "anna@example.org", "Anna", "hash", true, false, false), await users.ByEmailAsync("ANNA@example.org", Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ChangeRoleAsync_TwoAdminsTakeEachOthersRightsAtOnce_LeavesOne(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (UserStore users, Guid organization) = await WithOrganizationAsync(store);
        Guid anna = (await users.CreateAsync("anna@example.org", "Anna", "hash", false, false, Ct))!.Value;
        Guid ben = (await users.CreateAsync("ben@example.org", "Ben", "hash", false, false, Ct))!.Value;
        for (int round = 0; round < 10; round++)
        {
            await users.SetRoleAsync(organization, anna, Role.Admin, Ct);
            await users.SetRoleAsync(organization, ben, Role.Admin, Ct);

            UserRefusal[] results = await Task.WhenAll(
                users.ChangeRoleAsync(organization, anna, Role.Viewer, false, Ct), users.ChangeRoleAsync(organization, ben, Role.Viewer, false, Ct));

            Assert.Equal([UserRefusal.None, UserRefusal.LastAdmin], results.Order());
        }
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ChangeRoleAsync_StrangerOrSuperAdmin_IsRefused(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (UserStore users, Guid organization) = await WithOrganizationAsync(store);
        Guid stranger = (await users.CreateAsync("anna@example.org", "Anna", "hash", false, false, Ct))!.Value;
        Guid root = (await users.CreateAsync("root@example.org", "Root", "hash", false, true, Ct))!.Value;
        await users.SetRoleAsync(organization, root, Role.Viewer, Ct);

        Assert.Equal(UserRefusal.Unknown, await users.ChangeRoleAsync(organization, stranger, Role.Admin, true, Ct));
        Assert.Equal(UserRefusal.SuperAdmin, await users.ChangeRoleAsync(organization, root, Role.Operator, false, Ct));
        Assert.Equal(UserRefusal.SuperAdmin, await users.RemoveAsync(organization, root, false, Ct));
        Assert.Equal([(root, Role.Viewer)], (await users.MembersAsync(organization, "", 10, Ct)).Select(member => (member.Id, member.Role)));
        Assert.Equal(UserRefusal.None, await users.RemoveAsync(organization, root, true, Ct));
        Assert.Empty(await users.MembersAsync(organization, "", 10, Ct));
    }

    private static async Task<(UserStore Users, Guid Organization)> WithOrganizationAsync(TestDatabase store)
    {
        var db = new InstallationDb(store.Database);
        var organization = Guid.NewGuid();
        await db.ExecuteAsync(
            "insert into organization (id, name, time_zone, state, created_at) values (@organization, 'plant', 'UTC', 'active', 0)", new { organization }, Ct);
        return (new UserStore(db, new ManualClock()), organization);
    }
}
