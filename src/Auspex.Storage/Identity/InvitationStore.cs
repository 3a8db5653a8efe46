using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Identity;

/// <summary>An invitation that has not been accepted; its token is nowhere but with whom it was sent to.</summary>
/// <param name="Id">Stands in no link.</param>
/// <param name="Email">Who is invited, lower case.</param>
/// <param name="Role">As what.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When its token ends.</param>
public sealed record Invitation(Guid Id, string Email, Role Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>An invitation whose token was presented and is good.</summary>
/// <param name="Organization">Into which organization.</param>
/// <param name="Id">Which.</param>
/// <param name="Email">Who is invited.</param>
/// <param name="Role">As what.</param>
public sealed record PresentedInvitation(Guid Organization, Guid Id, string Email, Role Role);

/// <summary>Invitations into organizations: a token for one use, shown once.</summary>
/// <param name="db">The metadata.</param>
/// <param name="clock">Stamps rows and ends invitations.</param>
public sealed class InvitationStore(InstallationDb db, TimeProvider clock)
{
    /// <summary>How long a token is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private const string Insert = """
        insert into invitation (organization, id, email, role, token_hash, invited_by, created_at, expires_at)
        values (@organization, @id, @email, @role, @hash, @invitedBy, @now, @expiresAt)
        """;

    private const string IsMember = """
        select count(*) from membership m join user_account u on u.id = m.user_id where m.organization = @organization and u.email = @email
        """;

    private const string List = """
        select id as Id, email as Email, role as Role, created_at as CreatedAt, expires_at as ExpiresAt
        from invitation where organization = @organization and accepted_at is null and expires_at > @now order by created_at desc, id limit 1000
        """;

    private const string Find = """
        select i.organization as Organization, i.id as Id, i.email as Email, i.role as Role
        from invitation i join organization o on o.id = i.organization and o.state = 'active'
        where i.token_hash = @hash and i.accepted_at is null and i.expires_at > @now
        """;

    private const string Spend = """
        update invitation set accepted_at = @now where organization = @organization and id = @id and accepted_at is null and expires_at > @now
        """;

    /// <summary>Invites somebody. An earlier invitation of the same address ends.</summary>
    /// <returns>Its id and its token, which is shown this once; null where the address is a member's already.</returns>
    public async Task<(Guid Id, string Token, DateTimeOffset ExpiresAt)?> CreateAsync(Guid organization, string email, Role role, string invitedBy, CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        string token = Secrets.New();
        var row = new { organization, id, email = UserStore.Normal(email), role = role.Name(), hash = Secrets.Hash(token), invitedBy, now, expiresAt = now + Life };
        bool made = await db.WriteAsync(
            async (connection, _) =>
            {
                if (await connection.ExecuteScalarAsync<long>(IsMember, row).ConfigureAwait(false) > 0)
                {
                    return false;
                }

                await connection.ExecuteAsync("delete from invitation where organization = @organization and email = @email and accepted_at is null", row).ConfigureAwait(false);
                return await connection.ExecuteAsync(Insert, row).ConfigureAwait(false) == 1;
            },
            ct).ConfigureAwait(false);
        return made ? (id, token, row.expiresAt) : null;
    }

    /// <summary>Invitations of an organization that are open, newest first.</summary>
    public async Task<IReadOnlyList<Invitation>> ListAsync(Guid organization, CancellationToken ct) =>
        [.. (await db.Of(organization).QueryAsync<ListRow>(List, new { now = clock.GetUtcNow() }, ct).ConfigureAwait(false))
            .Select(row => new Invitation(Guid.Parse(row.Id), row.Email, Roles.Parse(row.Role)!.Value, row.CreatedAt, row.ExpiresAt))];

    /// <summary>Takes an invitation back.</summary>
    /// <returns>Whether there was one that had not been accepted.</returns>
    public async Task<bool> RevokeAsync(Guid organization, Guid id, CancellationToken ct) =>
        await db.Of(organization).ExecuteAsync(
            "delete from invitation where organization = @organization and id = @id and accepted_at is null", new { id }, ct).ConfigureAwait(false) == 1;

    /// <summary>The invitation a token stands for.</summary>
    /// <returns>Null where it is none, was accepted or has expired, or its organization is disabled.</returns>
    public async Task<PresentedInvitation?> PresentedAsync(string token, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<FindRow>(Find, new { hash = Secrets.Hash(token), now = clock.GetUtcNow() }, ct).ConfigureAwait(false) is { } row
            ? new PresentedInvitation(Guid.Parse(row.Organization), Guid.Parse(row.Id), row.Email, Roles.Parse(row.Role)!.Value)
            : null;

    /// <summary>Spends an invitation and makes its user a member, all or nothing. A user who is a member already keeps the present role.</summary>
    /// <param name="invitation">Which.</param>
    /// <param name="userId">The account of the address; null makes one.</param>
    /// <param name="name">Of an account that is made.</param>
    /// <param name="passwordHash">Of an account that is made.</param>
    /// <param name="ct">Looked at before it begins.</param>
    /// <returns>The user; null where somebody else spent the invitation, or took the address, meanwhile.</returns>
    public async Task<Guid?> AcceptAsync(PresentedInvitation invitation, Guid? userId, string name, string passwordHash, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        DateTimeOffset now = clock.GetUtcNow();
        Guid user = userId ?? Guid.CreateVersion7(now);
        var row = new
        {
            organization = invitation.Organization,
            invitation.Id,
            userId = user,
            role = invitation.Role.Name(),
            now,
            email = invitation.Email,
            name,
            passwordHash,
            mustChange = 0,
            superAdmin = 0,
        };
        bool accepted = await db.WriteAsync(
            async (connection, _) =>
            {
                if (await connection.ExecuteAsync(Spend, new { row.organization, id = invitation.Id, now }).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                if (userId is null && await connection.ExecuteAsync(
                    UserStore.InsertUser, new { id = user, row.email, row.name, row.passwordHash, row.mustChange, row.superAdmin, now }).ConfigureAwait(false) == 0)
                {
                    // Somebody took the address meanwhile: the invitation stays good for that account.
                    await connection.ExecuteAsync("update invitation set accepted_at = null where organization = @organization and id = @id", new { row.organization, id = invitation.Id }).ConfigureAwait(false);
                    return false;
                }

                await connection.ExecuteAsync($"{UserStore.InsertMember} on conflict (organization, user_id) do nothing", row).ConfigureAwait(false);
                return true;
            },
            ct).ConfigureAwait(false);
        return accepted ? user : null;
    }

    private sealed record ListRow(string Id, string Email, string Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

    private sealed record FindRow(string Organization, string Id, string Email, string Role);
}
