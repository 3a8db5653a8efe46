using Auspex.Storage.Identity;

namespace Auspex.Server.Security;

/// <summary>What a route asks of its caller. Every route says it, or says that it asks for nothing.</summary>
public abstract record Access
{
    private Access()
    {
    }

    /// <summary>Nothing: sign-in, health, version, description.</summary>
    public sealed record Anyone : Access;

    /// <summary>A user who is signed in, whatever the organization.</summary>
    /// <param name="BeforePasswordChange">Whether it is allowed while the password must be changed.</param>
    public sealed record SignedIn(bool BeforePasswordChange = false) : Access;

    /// <summary>A member of an organization with a role, or a key of it with a scope.</summary>
    /// <param name="Least">The least role.</param>
    /// <param name="Scope">The scope that lets a key in; null lets none in.</param>
    public sealed record Member(Role Least, string? Scope = null) : Access;

    /// <summary>Who manages the installation.</summary>
    public sealed record SuperAdmin : Access;

    /// <summary>Why a caller is refused.</summary>
    /// <returns>Status and sentence; null where the caller may go on.</returns>
    internal static (int Status, string Detail)? Refusal(Access access, Caller? caller)
    {
        if (access is Anyone)
        {
            return null;
        }

        if (caller is null)
        {
            return (StatusCodes.Status401Unauthorized, "Sign in, or send an API key: Authorization: Bearer TOKEN.");
        }

        if (caller.MustChangePassword && access is not SignedIn { BeforePasswordChange: true })
        {
            return (StatusCodes.Status403Forbidden, "The password was made by the program and must be changed first: POST /api/v1/auth/password.");
        }

        return access switch
        {
            SignedIn => caller.UserId is null ? (StatusCodes.Status403Forbidden, "This is for users; an API key cannot do it.") : null,
            SuperAdmin => caller.SuperAdmin ? null : (StatusCodes.Status403Forbidden, "This is for super admins."),
            Member member => OfMember(member, caller),
            _ => throw new System.Diagnostics.UnreachableException("bug: an access nobody decides"),
        };
    }

    private static (int Status, string Detail)? OfMember(Member member, Caller caller)
    {
        if (caller.KeyId is not null)
        {
            return member.Scope is { } scope && caller.Scopes.Contains(scope, StringComparer.Ordinal)
                ? null
                : (StatusCodes.Status403Forbidden, member.Scope is { } asked ? $"This key lacks the scope {asked}." : "An API key cannot do this.");
        }

        return caller.Organization is null
            ? (StatusCodes.Status403Forbidden, "Choose an organization first: POST /api/v1/auth/organization.")
            : caller.Role < member.Least
                ? (StatusCodes.Status403Forbidden, $"This needs the role {member.Least.Name()}; yours is {caller.Role!.Value.Name()}.")
                : null;
    }
}

/// <summary>Puts an access on routes.</summary>
public static class AccessExtensions
{
    /// <summary>What the route, or each of the group, asks for. The last one said counts, and may only be stricter than the group's: a test compares them.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Access access)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(access);
}
