using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.InstallationUsers;

/// <summary>All users of the installation, for super admins: who there is, further super admins, and who may not sign in any more.</summary>
public static class InstallationUsersApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapInstallationUsers(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/installation/users").WithTags("installation").Needs(new Access.SuperAdmin());
        group.MapGet("/", ListAsync).WithName("listInstallationUsers").WithSummary("Users by e-mail address, a page at a time; all, or super admins only.");
        group.MapPost("/", CreateAsync).WithName("createSuperAdmin").WithSummary("Makes a super admin with a password for one use, which is in this answer and nowhere else.");
        group.MapPut("/{id:guid}/disabled", SetDisabledAsync).WithName("setUserDisabled")
            .WithSummary("Refuses a user's sign-in and ends the sessions, within a second, or allows it again. The last super admin stays.");
    }

    public sealed record CreateRequest(
        [property: Required, EmailAddress, StringLength(320)] string Email, [property: Required, StringLength(120, MinimumLength = 1)] string Name);

    public sealed record DisabledRequest([property: Required] bool? Disabled);

    public sealed record User(Guid Id, string Email, string Name, bool SuperAdmin, bool Disabled, DateTimeOffset CreatedAt);

    public sealed record Page(IReadOnlyList<User> Items, string? Next);

    public sealed record CreatedUser(Guid Id, string Password);

    private static async Task<Ok<Page>> ListAsync(
        UserStore users, CancellationToken ct, [StringLength(320)] string? after = null, [Range(1, 1000)] int limit = 100, bool superAdmins = false)
    {
        IReadOnlyList<InstallationUser> found = await users.AllAsync(after ?? "", superAdmins, limit + 1, ct).ConfigureAwait(false);
        User[] items = [.. found.Take(limit).Select(user => new User(user.Id, user.Email, user.Name, user.SuperAdmin, user.Disabled, user.CreatedAt))];
        return TypedResults.Ok(new Page(items, found.Count > limit ? items[^1].Email : null));
    }

    private static async Task<Results<Ok<CreatedUser>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Caller caller, UserStore users, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        string password = Passwords.OneTime();
        string hash = await Task.Run(() => Passwords.Hash(password), ct).ConfigureAwait(false);
        if (await users.CreateAsync(request.Email, request.Name, hash, mustChange: true, superAdmin: true, ct).ConfigureAwait(false) is not { } id)
        {
            return TypedResults.Problem($"email: there is a user {request.Email} already; a super admin has an address of its own.", statusCode: StatusCodes.Status409Conflict);
        }

        await AuditAsync(db, caller, "SUPER_ADMIN_CREATED", id, new { request.Email }, clock, ct).ConfigureAwait(false);
        return TypedResults.Ok(new CreatedUser(id, password));
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> SetDisabledAsync(
        Guid id, DisabledRequest request, Caller caller, UserStore users, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        bool disabled = request.Disabled!.Value;
        switch (await users.SetDisabledAsync(id, disabled, ct).ConfigureAwait(false))
        {
            case UserRefusal.None:
                await AuditAsync(db, caller, disabled ? "USER_DISABLED" : "USER_ENABLED", id, new { }, clock, ct).ConfigureAwait(false);
                return TypedResults.NoContent();
            case UserRefusal.Unknown:
                return TypedResults.NotFound();
            case UserRefusal.LastSuperAdmin:
                return TypedResults.Problem("This is the last super admin. Make another one first.", statusCode: StatusCodes.Status409Conflict);
            case var other:
                throw new System.Diagnostics.UnreachableException($"bug: {other} of disabling");
        }
    }

    private static Task<int> AuditAsync(InstallationDb db, Caller caller, string action, Guid id, object metadata, TimeProvider clock, CancellationToken ct) =>
        db.Of(AuditLog.Installation).WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(transaction, AuditLog.Installation, caller.Name, action, $"user {id}", metadata, clock.GetUtcNow()).ConfigureAwait(false);
                return 0;
            },
            ct);
}
