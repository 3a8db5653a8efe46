using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Identity;

/// <summary>What came of a refresh token.</summary>
public abstract record Refresh
{
    private Refresh()
    {
    }

    /// <summary>It was good; the old one is spent.</summary>
    public sealed record Renewed(Guid Session, Guid UserId, string Token) : Refresh;

    /// <summary>It had been spent before: somebody has a copy. The session was ended.</summary>
    public sealed record Reused(Guid UserId) : Refresh;

    /// <summary>It is of no session that is open.</summary>
    public sealed record Unknown : Refresh;
}

/// <summary>Whether a session still stands, and what its user is.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="SuperAdmin">Whether the user manages the installation.</param>
/// <param name="MustChangePassword">Whether nothing else is allowed before.</param>
/// <param name="Role">Role in the organization asked for; null where the user is no member of it, or it is disabled.</param>
public sealed record SessionState(Guid UserId, bool SuperAdmin, bool MustChangePassword, Role? Role);

/// <summary>Sign-ins.</summary>
/// <param name="db">The metadata.</param>
/// <param name="clock">Stamps rows and ends sessions.</param>
public sealed class SessionStore(InstallationDb db, TimeProvider clock)
{
    /// <summary>How long a session lasts without use.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromDays(14);

    // A browser with two tabs may send the same token twice within this; a thief rarely is so fast.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private const string Insert = """
        insert into session (id, user_id, refresh_hash, created_at, used_at, expires_at) values (@id, @userId, @hash, @now, @now, @expires)
        """;

    private const string Find = """
        select s.id as Id, s.user_id as UserId, s.refresh_hash as RefreshHash, s.used_at as UsedAt
        from session s join user_account u on u.id = s.user_id
        where (s.refresh_hash = @hash or s.previous_refresh_hash = @hash) and s.ended_at is null and s.expires_at > @now and u.disabled = 0
        """;

    private const string State = """
        select u.id as UserId, u.super_admin as SuperAdmin, u.must_change_password as MustChangePassword, m.role as Role, o.state as OrganizationState
        from session s join user_account u on u.id = s.user_id
        left join organization o on o.id = @organization
        left join membership m on m.user_id = u.id and m.organization = o.id and o.state = 'active'
        where s.id = @session and s.ended_at is null and s.expires_at > @now and u.disabled = 0
        """;

    /// <summary>Begins one.</summary>
    /// <returns>Its id and its first refresh token.</returns>
    public async Task<(Guid Session, string Token)> StartAsync(Guid userId, CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        string token = Secrets.New();
        await db.ExecuteAsync(Insert, new { id, userId, hash = Secrets.Hash(token), now, expires = now + Idle }, ct).ConfigureAwait(false);
        return (id, token);
    }

    /// <summary>Spends a refresh token for the next one.</summary>
    public Task<Refresh> RefreshAsync(string token, CancellationToken ct)
    {
        string hash = Secrets.Hash(token);
        return db.WriteAsync<Refresh>(
            async (connection, _) =>
            {
                DateTimeOffset now = clock.GetUtcNow();
                Row? row = await connection.QuerySingleOrDefaultAsync<Row>(Find, new { hash, now }).ConfigureAwait(false);
                if (row is null)
                {
                    return new Refresh.Unknown();
                }

                if (!string.Equals(row.RefreshHash, hash, StringComparison.Ordinal) && now - row.UsedAt > Overlap)
                {
                    await connection.ExecuteAsync(
                        "update session set ended_at = @now, end_reason = 'refresh token used twice' where id = @Id", new { row.Id, now }).ConfigureAwait(false);
                    return new Refresh.Reused(Guid.Parse(row.UserId));
                }

                string next = Secrets.New();
                await connection.ExecuteAsync(
                    "update session set previous_refresh_hash = @hash, refresh_hash = @next, used_at = @now, expires_at = @expires where id = @Id",
                    new { row.Id, hash, next = Secrets.Hash(next), now, expires = now + Idle }).ConfigureAwait(false);
                return new Refresh.Renewed(Guid.Parse(row.Id), Guid.Parse(row.UserId), next);
            },
            ct);
    }

    /// <summary>Ends one; a session that has ended stays as it is.</summary>
    public Task EndAsync(Guid session, string why, CancellationToken ct) =>
        db.ExecuteAsync(
            "update session set ended_at = @now, end_reason = @why where id = @session and ended_at is null", new { session, why, now = clock.GetUtcNow() }, ct);

    /// <summary>Whether it stands.</summary>
    /// <param name="session">Which.</param>
    /// <param name="organization">In which organization; null for none.</param>
    /// <param name="ct">Looked at before it begins.</param>
    /// <returns>Null where it has ended, or its user is disabled.</returns>
    public async Task<SessionState?> StateAsync(Guid session, Guid? organization, CancellationToken ct)
    {
        StateRow? row = await db.QuerySingleOrDefaultAsync<StateRow>(
            State, new { session, organization = organization ?? Guid.Empty, now = clock.GetUtcNow() }, ct).ConfigureAwait(false);
        if (row is null)
        {
            return null;
        }

        // A super admin may enter any organization that is active, as its admin, whatever a membership says.
        Role? role = row.SuperAdmin != 0 && row.OrganizationState == "active" ? Role.Admin : Roles.Parse(row.Role);
        return new SessionState(Guid.Parse(row.UserId), row.SuperAdmin != 0, row.MustChangePassword != 0, role);
    }

    private sealed record Row(string Id, string UserId, string RefreshHash, DateTimeOffset UsedAt);

    private sealed record StateRow(string UserId, long SuperAdmin, long MustChangePassword, string? Role, string? OrganizationState);
}
