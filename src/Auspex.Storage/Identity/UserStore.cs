using System.Data.Common;
using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Identity;

/// <summary>A person who can sign in.</summary>
/// <param name="Id">Stable.</param>
/// <param name="Email">Lower case; unique in the installation.</param>
/// <param name="Name">As shown.</param>
/// <param name="PasswordHash">Of the framework's password hasher.</param>
/// <param name="MustChangePassword">Whether the password was made by the program.</param>
/// <param name="SuperAdmin">Whether the person manages the installation.</param>
/// <param name="Disabled">Whether sign-in is refused.</param>
public sealed record UserAccount(Guid Id, string Email, string Name, string PasswordHash, bool MustChangePassword, bool SuperAdmin, bool Disabled);

/// <summary>Why a change of users was refused.</summary>
public enum UserRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such user in this organization.</summary>
    Unknown,

    /// <summary>The address is taken.</summary>
    Taken,

    /// <summary>It would leave the organization without an admin.</summary>
    LastAdmin,

    /// <summary>The user is a super admin, whom only super admins change.</summary>
    SuperAdmin,

    /// <summary>It would leave the installation without a super admin.</summary>
    LastSuperAdmin,
}

/// <summary>The people of an installation and what they are in its organizations.</summary>
/// <param name="db">The metadata.</param>
/// <param name="clock">Stamps rows.</param>
public sealed class UserStore(InstallationDb db, TimeProvider clock)
{
    private const string Columns = """
        id as Id, email as Email, name as Name, password_hash as PasswordHash, must_change_password as MustChangePassword,
        super_admin as SuperAdmin, disabled as Disabled
        """;

    private const string ByEmail = $"select {Columns} from user_account where email = @email";

    private const string ById = $"select {Columns} from user_account where id = @id";

    internal const string InsertUser = """
        insert into user_account (id, email, name, password_hash, must_change_password, super_admin, created_at)
        values (@id, @email, @name, @passwordHash, @mustChange, @superAdmin, @now) on conflict (email) do nothing
        """;

    internal const string InsertMember = "insert into membership (organization, user_id, role, created_at) values (@organization, @userId, @role, @now)";

    private const string Demote = """
        update membership set role = @role where organization = @organization and user_id = @userId
          and (@role = 'admin' or role <> 'admin' or (select count(*) from membership m join user_account u on u.id = m.user_id
            where m.organization = @organization and m.role = 'admin' and u.disabled = 0 and m.user_id <> @userId) > 0)
        """;

    private const string Remove = """
        delete from membership where organization = @organization and user_id = @userId
          and (role <> 'admin' or (select count(*) from membership m join user_account u on u.id = m.user_id
            where m.organization = @organization and m.role = 'admin' and u.disabled = 0 and m.user_id <> @userId) > 0)
        """;

    // What somebody shared stays with the organization.
    private const string RemoveViews = "delete from saved_view where organization = @organization and user_id = @userId and shared = 0";

    private const string RemoveSettings = "delete from notification_setting where organization = @organization and user_id = @userId";

    private const string Disable = """
        update user_account set disabled = @disabled where id = @userId
          and (@disabled = 0 or super_admin = 0 or (select count(*) from user_account where super_admin = 1 and disabled = 0 and id <> @userId) > 0)
        """;

    private const string Member = "select count(*) from membership where organization = @organization and user_id = @userId";

    // Two nodes that each take the rights of the other's admin would both still see two.
    private const string LockOrganization = "select id from organization where id = @organization for update";

    private const string LockSuperAdmins = "select id from user_account where super_admin = 1 order by id for update";

    private const string IsSuperAdmin = "select count(*) from user_account where id = @userId and super_admin = 1";

    private const string Members = """
        select u.id as Id, u.email as Email, u.name as Name, m.role as Role, u.disabled as Disabled, m.created_at as CreatedAt
        from membership m join user_account u on u.id = m.user_id
        where m.organization = @organization and u.email > @after order by u.email limit @most
        """;

    private const string All = """
        select id as Id, email as Email, name as Name, super_admin as SuperAdmin, disabled as Disabled, created_at as CreatedAt
        from user_account where email > @after and (@superAdmins = 0 or super_admin = 1) order by email limit @most
        """;

    private const string FirstSuperAdmin = $"select {Columns} from user_account where super_admin = 1 order by created_at, id limit 1";

    /// <summary>Whether anybody can sign in yet.</summary>
    public async Task<bool> AnyAsync(CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<long>("select count(*) from user_account", null, ct).ConfigureAwait(false) > 0;

    /// <summary>The user of an address, whatever its case.</summary>
    public Task<UserAccount?> ByEmailAsync(string email, CancellationToken ct) => FindAsync(ByEmail, new { email = Normal(email) }, ct);

    /// <summary>The user of an id.</summary>
    public Task<UserAccount?> ByIdAsync(Guid id, CancellationToken ct) => FindAsync(ById, new { id }, ct);

    /// <summary>The super admin who was made first; null where there is none yet.</summary>
    public Task<UserAccount?> FirstSuperAdminAsync(CancellationToken ct) => FindAsync(FirstSuperAdmin, new { }, ct);

    /// <summary>Makes a user.</summary>
    /// <returns>Null where the address is taken.</returns>
    public async Task<Guid?> CreateAsync(string email, string name, string passwordHash, bool mustChange, bool superAdmin, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        return await InsertAsync(id, email, name, passwordHash, mustChange, superAdmin, ct).ConfigureAwait(false) == 1 ? id : null;
    }

    /// <summary>Makes the first super admin, with a password to be changed; where the address is taken, nothing.</summary>
    public Task CreateFirstAsync(Guid id, string email, string name, string passwordHash, CancellationToken ct) =>
        InsertAsync(id, email, name, passwordHash, mustChange: true, superAdmin: true, ct);

    /// <summary>Sets a password; sessions that are open end, but for one.</summary>
    public Task SetPasswordAsync(Guid userId, string passwordHash, Guid? keepSession, CancellationToken ct) =>
        db.WriteAsync(
            async (connection, _) =>
            {
                await connection.ExecuteAsync(
                    "update user_account set password_hash = @passwordHash, must_change_password = 0 where id = @userId", new { userId, passwordHash }).ConfigureAwait(false);
                return await EndSessionsAsync(connection, userId, keepSession, "password changed").ConfigureAwait(false);
            },
            ct);

    /// <summary>Makes somebody a member, or gives a member another role.</summary>
    public async Task<UserRefusal> SetRoleAsync(Guid organization, Guid userId, Role role, CancellationToken ct) =>
        await db.WriteAsync(
            async (connection, _) =>
            {
                var who = new { organization, userId, role = role.Name(), now = clock.GetUtcNow() };
                if (await connection.ExecuteScalarAsync<long>(Member, who).ConfigureAwait(false) == 0)
                {
                    await connection.ExecuteAsync(InsertMember, who).ConfigureAwait(false);
                    return UserRefusal.None;
                }

                return await ChangeAsync(connection, Demote, who).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);

    /// <summary>Gives a member another role.</summary>
    /// <param name="organization">Where.</param>
    /// <param name="userId">Whom.</param>
    /// <param name="role">Which.</param>
    /// <param name="bySuperAdmin">Whether a super admin does it; others may not change one.</param>
    /// <param name="ct">Looked at before it begins.</param>
    public Task<UserRefusal> ChangeRoleAsync(Guid organization, Guid userId, Role role, bool bySuperAdmin, CancellationToken ct) =>
        ChangeMemberAsync(Demote, new { organization, userId, role = role.Name() }, bySuperAdmin, ct);

    /// <summary>Takes somebody out of an organization, with the views and settings that were the person's alone.</summary>
    /// <param name="organization">Out of which.</param>
    /// <param name="userId">Whom.</param>
    /// <param name="bySuperAdmin">Whether a super admin does it; others may not take out one.</param>
    /// <param name="ct">Looked at before it begins.</param>
    public Task<UserRefusal> RemoveAsync(Guid organization, Guid userId, bool bySuperAdmin, CancellationToken ct) =>
        ChangeMemberAsync(
            Remove, new { organization, userId }, bySuperAdmin, ct,
            async connection =>
            {
                await connection.ExecuteAsync(RemoveViews, new { organization, userId }).ConfigureAwait(false);
                await connection.ExecuteAsync(RemoveSettings, new { organization, userId }).ConfigureAwait(false);
            });

    /// <summary>Members of an organization by address, behind one.</summary>
    public async Task<IReadOnlyList<OrganizationMember>> MembersAsync(Guid organization, string after, int most, CancellationToken ct) =>
        [.. (await db.Of(organization).QueryAsync<MemberRow>(Members, new { after, most }, ct).ConfigureAwait(false))
            .Select(row => new OrganizationMember(Guid.Parse(row.Id), row.Email, row.Name, Roles.Parse(row.Role)!.Value, row.Disabled != 0, row.CreatedAt))];

    /// <summary>Users of the installation by address, behind one.</summary>
    public async Task<IReadOnlyList<InstallationUser>> AllAsync(string after, bool superAdminsOnly, int most, CancellationToken ct) =>
        [.. (await db.QueryAsync<UserRow>(All, new { after, superAdmins = superAdminsOnly ? 1 : 0, most }, ct).ConfigureAwait(false))
            .Select(row => new InstallationUser(Guid.Parse(row.Id), row.Email, row.Name, row.SuperAdmin != 0, row.Disabled != 0, row.CreatedAt))];

    /// <summary>Refuses somebody's sign-in from now on, or allows it again; disabling ends all sessions.</summary>
    public async Task<UserRefusal> SetDisabledAsync(Guid userId, bool disabled, CancellationToken ct) =>
        await db.WriteAsync(
            async (connection, _) =>
            {
                if (await connection.ExecuteScalarAsync<long>("select count(*) from user_account where id = @userId", new { userId }).ConfigureAwait(false) == 0)
                {
                    return UserRefusal.Unknown;
                }

                if (db.Dialect == Dialect.PostgreSql)
                {
                    await connection.ExecuteAsync(LockSuperAdmins).ConfigureAwait(false);
                }

                if (await connection.ExecuteAsync(Disable, new { userId, disabled = disabled ? 1 : 0 }).ConfigureAwait(false) == 0)
                {
                    return UserRefusal.LastSuperAdmin;
                }

                if (disabled)
                {
                    await EndSessionsAsync(connection, userId, null, "disabled").ConfigureAwait(false);
                }

                return UserRefusal.None;
            },
            ct).ConfigureAwait(false);

    private async Task<UserRefusal> ChangeMemberAsync(string sql, object who, bool bySuperAdmin, CancellationToken ct, Func<DbConnection, Task>? then = null) =>
        await db.WriteAsync(
            async (connection, _) =>
            {
                UserRefusal refusal = await connection.ExecuteScalarAsync<long>(Member, who).ConfigureAwait(false) == 0 ? UserRefusal.Unknown
                    : !bySuperAdmin && await connection.ExecuteScalarAsync<long>(IsSuperAdmin, who).ConfigureAwait(false) == 1 ? UserRefusal.SuperAdmin
                    : await ChangeAsync(connection, sql, who).ConfigureAwait(false);
                if (refusal == UserRefusal.None && then is not null)
                {
                    await then(connection).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);

    private async Task<UserRefusal> ChangeAsync(DbConnection connection, string sql, object who)
    {
        if (db.Dialect == Dialect.PostgreSql)
        {
            await connection.ExecuteAsync(LockOrganization, who).ConfigureAwait(false);
        }

        return await connection.ExecuteAsync(sql, who).ConfigureAwait(false) == 1 ? UserRefusal.None : UserRefusal.LastAdmin;
    }

    private Task<int> EndSessionsAsync(DbConnection connection, Guid userId, Guid? keep, string why) =>
        connection.ExecuteAsync(
            "update session set ended_at = @now, end_reason = @why where user_id = @userId and ended_at is null and id <> @keep",
            new { userId, why, keep = keep ?? Guid.Empty, now = clock.GetUtcNow() });

    private Task<int> InsertAsync(Guid id, string email, string name, string passwordHash, bool mustChange, bool superAdmin, CancellationToken ct) => db.ExecuteAsync(
        InsertUser,
        new { id, email = Normal(email), name, passwordHash, mustChange = mustChange ? 1 : 0, superAdmin = superAdmin ? 1 : 0, now = clock.GetUtcNow() },
        ct);

    private async Task<UserAccount?> FindAsync(string sql, object by, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<Row>(sql, by, ct).ConfigureAwait(false) is { } row
            ? new UserAccount(Guid.Parse(row.Id), row.Email, row.Name, row.PasswordHash, row.MustChangePassword != 0, row.SuperAdmin != 0, row.Disabled != 0)
            : null;

    internal static string Normal(string email) => email.Trim().ToLowerInvariant();

    private sealed record Row(string Id, string Email, string Name, string PasswordHash, long MustChangePassword, long SuperAdmin, long Disabled);

    private sealed record MemberRow(string Id, string Email, string Name, string Role, long Disabled, DateTimeOffset CreatedAt);

    private sealed record UserRow(string Id, string Email, string Name, long SuperAdmin, long Disabled, DateTimeOffset CreatedAt);
}

/// <summary>A member of an organization.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">Lower case.</param>
/// <param name="Name">As shown.</param>
/// <param name="Role">What the member may do.</param>
/// <param name="Disabled">Whether sign-in is refused.</param>
/// <param name="CreatedAt">When the user became a member.</param>
public sealed record OrganizationMember(Guid Id, string Email, string Name, Role Role, bool Disabled, DateTimeOffset CreatedAt);

/// <summary>A user of the installation, whatever the organizations.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">Lower case.</param>
/// <param name="Name">As shown.</param>
/// <param name="SuperAdmin">Whether the user manages the installation.</param>
/// <param name="Disabled">Whether sign-in is refused.</param>
/// <param name="CreatedAt">When.</param>
public sealed record InstallationUser(Guid Id, string Email, string Name, bool SuperAdmin, bool Disabled, DateTimeOffset CreatedAt);
