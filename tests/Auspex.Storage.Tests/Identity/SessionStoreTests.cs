using Auspex.Storage.Db;
using Auspex.Storage.Identity;

namespace Auspex.Storage.Tests.Identity;

public class SessionStoreTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task RefreshAsync_TokenUsedTwice_EndsTheSession(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (ManualClock clock, SessionStore sessions, Guid user) = await WithUserAsync(store);
        (Guid session, string first) = await sessions.StartAsync(user, Ct);
        var renewed = Assert.IsType<Refresh.Renewed>(await sessions.RefreshAsync(first, Ct));
        Assert.Equal((session, user), (renewed.Session, renewed.UserId));
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.IsType<Refresh.Reused>(await sessions.RefreshAsync(first, Ct));

        Assert.IsType<Refresh.Unknown>(await sessions.RefreshAsync(renewed.Token, Ct));
        Assert.Null(await sessions.StateAsync(session, null, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task StateAsync_UserDisabledOrTimeOver_IsNull(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (ManualClock clock, SessionStore sessions, Guid user) = await WithUserAsync(store);
        (Guid disabled, _) = await sessions.StartAsync(user, Ct);
        Assert.NotNull(await sessions.StateAsync(disabled, null, Ct));
        var users = new UserStore(new InstallationDb(store.Database), clock);

        await users.SetDisabledAsync(user, true, Ct);
        Assert.Null(await sessions.StateAsync(disabled, null, Ct));
        await users.SetDisabledAsync(user, false, Ct);
        Assert.Null(await sessions.StateAsync(disabled, null, Ct));

        (Guid old, string token) = await sessions.StartAsync(user, Ct);
        clock.Advance(SessionStore.Idle);
        Assert.Null(await sessions.StateAsync(old, null, Ct));
        Assert.IsType<Refresh.Unknown>(await sessions.RefreshAsync(token, Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task RefreshAsync_TwoTabsAtOnce_KeepsTheSession(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        (_, SessionStore sessions, Guid user) = await WithUserAsync(store);
        (Guid session, string token) = await sessions.StartAsync(user, Ct);

        await sessions.RefreshAsync(token, Ct);
        Assert.IsType<Refresh.Renewed>(await sessions.RefreshAsync(token, Ct));

        Assert.NotNull(await sessions.StateAsync(session, null, Ct));
    }

    private static async Task<(ManualClock Clock, SessionStore Sessions, Guid User)> WithUserAsync(TestDatabase store)
    {
        var clock = new ManualClock();
        var db = new InstallationDb(store.Database);
        Guid user = (await new UserStore(db, clock).CreateAsync("Anna@Example.org", "Anna", "hash", false, false, Ct))!.Value;
        return (clock, new SessionStore(db, clock), user);
    }
}
