using Auspex.Storage.Identity;

namespace Auspex.Server.Security;

/// <summary>Who calls, in which organization, and what that lets them do. It comes from a token or key only.</summary>
/// <param name="UserId">The user; null for an API key and for the local administrator.</param>
/// <param name="KeyId">The API key; null for a user and for the local administrator.</param>
/// <param name="Session">The user's session; null for an API key.</param>
/// <param name="Organization">Where; null for a user who has not chosen one.</param>
/// <param name="Role">What the user is there; null for a key, or where no organization was chosen.</param>
/// <param name="Scopes">What a key may do; empty for a user.</param>
/// <param name="SuperAdmin">Whether the user manages the installation.</param>
/// <param name="MustChangePassword">Whether nothing else is allowed before.</param>
public sealed record Caller(
    Guid? UserId, Guid? KeyId, Guid? Session, Guid? Organization, Role? Role, IReadOnlyList<string> Scopes, bool SuperAdmin, bool MustChangePassword)
{
    /// <summary>Who has the machine: came with the secret of the data folder, and is let into routes of the installation only.</summary>
    public static readonly Caller LocalAdministrator = new(null, null, null, null, null, [], SuperAdmin: true, MustChangePassword: false);

    /// <summary>What the API key's maker called it; null for whoever came without one.</summary>
    public string? KeyName { get; init; }

    /// <summary>As audit lines name them.</summary>
    public string Name => UserId is { } user ? $"user {user}" : KeyId is { } key ? $"key {key}" : "local administrator";
}
