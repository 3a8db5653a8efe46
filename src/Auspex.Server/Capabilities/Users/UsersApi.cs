using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Users;

/// <summary>The people of the caller's organization, and who is invited.</summary>
public static class UsersApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/users").WithTags("users").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listUsers").WithSummary("Members by e-mail address, a page at a time.");
        group.MapPut("/{id:guid}/role", SetRoleAsync).Needs(new Access.Member(Role.Admin)).WithName("setUserRole")
            .WithSummary("Gives a member another role, within a second. The last admin stays one.");
        group.MapDelete("/{id:guid}", RemoveAsync).Needs(new Access.Member(Role.Admin)).WithName("removeUser")
            .WithSummary("Takes a member out of the organization, within a second. The last admin stays.");
        group.MapGet("/invitations", InvitationsAsync).Needs(new Access.Member(Role.Admin)).WithName("listInvitations").WithSummary("Open invitations, newest first.");
        group.MapPost("/invitations", InviteAsync).Needs(new Access.Member(Role.Admin)).WithName("inviteUser")
            .WithSummary("Invites an address. The token is good for seven days and one use; it is in this answer and nowhere else.");
        group.MapDelete("/invitations/{id:guid}", RevokeAsync).Needs(new Access.Member(Role.Admin)).WithName("revokeInvitation").WithSummary("Takes an open invitation back.");
    }

    public sealed record RoleRequest([property: Required, AllowedValues("viewer", "operator", "engineer", "admin")] string Role);

    public sealed record InviteRequest(
        [property: Required, EmailAddress, StringLength(320)] string Email, [property: Required, AllowedValues("viewer", "operator", "engineer", "admin")] string Role);

    public sealed record Member(Guid Id, string Email, string Name, string Role, bool Disabled, DateTimeOffset CreatedAt);

    public sealed record Page(IReadOnlyList<Member> Items, string? Next);

    public sealed record OpenInvitation(Guid Id, string Email, string Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

    public sealed record Invited(Guid Id, string Token, DateTimeOffset ExpiresAt);

    private static async Task<Ok<Page>> ListAsync(
        OrganizationDb db, UserStore users, CancellationToken ct, [StringLength(320)] string? after = null, [Range(1, 1000)] int limit = 100)
    {
        IReadOnlyList<OrganizationMember> members = await users.MembersAsync(db.Organization, after ?? "", limit + 1, ct).ConfigureAwait(false);
        Member[] items = [.. members.Take(limit).Select(member => new Member(member.Id, member.Email, member.Name, member.Role.Name(), member.Disabled, member.CreatedAt))];
        return TypedResults.Ok(new Page(items, members.Count > limit ? items[^1].Email : null));
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> SetRoleAsync(
        Guid id, RoleRequest request, Caller caller, OrganizationDb db, UserStore users, TimeProvider clock, CancellationToken ct)
    {
        UserRefusal refusal = await users.ChangeRoleAsync(db.Organization, id, Roles.Parse(request.Role)!.Value, caller.SuperAdmin, ct).ConfigureAwait(false);
        return await AnswerAsync(refusal, db, caller, "USER_ROLE_CHANGED", id, new { request.Role }, clock, ct).ConfigureAwait(false);
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> RemoveAsync(
        Guid id, Caller caller, OrganizationDb db, UserStore users, TimeProvider clock, CancellationToken ct)
    {
        UserRefusal refusal = await users.RemoveAsync(db.Organization, id, caller.SuperAdmin, ct).ConfigureAwait(false);
        return await AnswerAsync(refusal, db, caller, "USER_REMOVED", id, new { }, clock, ct).ConfigureAwait(false);
    }

    private static async Task<Ok<IReadOnlyList<OpenInvitation>>> InvitationsAsync(OrganizationDb db, InvitationStore invitations, CancellationToken ct) =>
        TypedResults.Ok<IReadOnlyList<OpenInvitation>>([.. (await invitations.ListAsync(db.Organization, ct).ConfigureAwait(false))
            .Select(one => new OpenInvitation(one.Id, one.Email, one.Role.Name(), one.CreatedAt, one.ExpiresAt))]);

    private static async Task<Results<Ok<Invited>, ProblemHttpResult>> InviteAsync(
        InviteRequest request, Caller caller, OrganizationDb db, InvitationStore invitations, TimeProvider clock, CancellationToken ct)
    {
        if (await invitations.CreateAsync(db.Organization, request.Email, Roles.Parse(request.Role)!.Value, caller.Name, ct).ConfigureAwait(false) is not { } made)
        {
            return TypedResults.Problem($"email: {request.Email} is a member already; change the role instead.", statusCode: StatusCodes.Status409Conflict);
        }

        await AuditAsync(db, caller, "USER_INVITED", $"invitation {made.Id}", new { request.Email, request.Role }, clock, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Invited(made.Id, made.Token, made.ExpiresAt));
    }

    private static async Task<Results<NoContent, NotFound>> RevokeAsync(
        Guid id, Caller caller, OrganizationDb db, InvitationStore invitations, TimeProvider clock, CancellationToken ct)
    {
        if (!await invitations.RevokeAsync(db.Organization, id, ct).ConfigureAwait(false))
        {
            return TypedResults.NotFound();
        }

        await AuditAsync(db, caller, "INVITATION_REVOKED", $"invitation {id}", new { }, clock, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> AnswerAsync(
        UserRefusal refusal, OrganizationDb db, Caller caller, string action, Guid id, object metadata, TimeProvider clock, CancellationToken ct)
    {
        switch (refusal)
        {
            case UserRefusal.None:
                await AuditAsync(db, caller, action, $"user {id}", metadata, clock, ct).ConfigureAwait(false);
                return TypedResults.NoContent();
            case UserRefusal.Unknown:
                return TypedResults.NotFound();
            case UserRefusal.SuperAdmin:
                return TypedResults.Problem("This user is a super admin; only super admins change one.", statusCode: StatusCodes.Status403Forbidden);
            case UserRefusal.LastAdmin:
                return TypedResults.Problem("This is the organization's last admin. Make another member admin first.", statusCode: StatusCodes.Status409Conflict);
            default:
                throw new System.Diagnostics.UnreachableException($"bug: {refusal} of a member");
        }
    }

    private static Task<int> AuditAsync(OrganizationDb db, Caller caller, string action, string resource, object metadata, TimeProvider clock, CancellationToken ct) =>
        db.WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, resource, metadata, clock.GetUtcNow()).ConfigureAwait(false);
                return 0;
            },
            ct);
}
