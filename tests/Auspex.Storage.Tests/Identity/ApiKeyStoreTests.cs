using Auspex.Storage.Db;
using Auspex.Storage.Identity;

namespace Auspex.Storage.Tests.Identity;

public class ApiKeyStoreTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task PresentedAsync_KeyOfItsText_StandsUntilRevokedOrExpired(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        var db = new InstallationDb(store.Database);
        var clock = new ManualClock();
        var keys = new ApiKeyStore(db, clock);
        Guid[] organizations = [Guid.NewGuid(), Guid.NewGuid()];
        foreach (Guid organization in organizations)
        {
            await db.ExecuteAsync(
                "insert into organization (id, name, time_zone, state, created_at) values (@organization, @organization, 'UTC', 'active', 0)", new { organization }, Ct);
        }

        (Guid id, string text) = await keys.CreateAsync(organizations[0], "gateway", ["frames:write"], "anna", clock.GetUtcNow().AddDays(1), Ct);
        (Guid second, string expiring) = await keys.CreateAsync(organizations[0], "short", ["frames:write"], "anna", clock.GetUtcNow().AddHours(1), Ct);

        PresentedKey? presented = await keys.PresentedAsync(text, Ct);
        Assert.NotNull(presented);
        Assert.Equal((id, organizations[0]), (presented.Id, presented.Organization));
        Assert.Equal(["frames:write"], presented.Scopes);
        Assert.Null(await keys.PresentedAsync(text[..^1] + (text[^1] == 'A' ? 'B' : 'A'), Ct));
        Assert.Null(await keys.PresentedAsync($"auspex.{id:N}.", Ct));
        Assert.Null(await keys.PresentedAsync("auspex", Ct));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await keys.PresentedAsync(expiring, Ct));

        Assert.False(await keys.RevokeAsync(organizations[1], id, Ct)); // a stranger's
        Assert.NotNull(await keys.PresentedAsync(text, Ct));
        Assert.True(await keys.RevokeAsync(organizations[0], id, Ct));
        Assert.Null(await keys.PresentedAsync(text, Ct));
        Assert.Equal(new[] { id, second }.Order(), (await keys.ListAsync(organizations[0], Ct)).Select(key => Guid.Parse(key.Id)).Order());
        Assert.Empty(await keys.ListAsync(organizations[1], Ct));
    }
}
