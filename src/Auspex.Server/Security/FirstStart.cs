using Auspex.Storage.Identity;

namespace Auspex.Server.Security;

/// <summary>The first start of an installation.</summary>
internal static class FirstStart
{
    /// <summary>Makes the super admin where nobody can sign in yet.</summary>
    /// <returns>The password for one use; null where there are users.</returns>
    internal static async Task<string?> MakeSuperAdminAsync(UserStore users, string email, CancellationToken ct)
    {
        if (await users.AnyAsync(ct).ConfigureAwait(false))
        {
            return null;
        }

        string password = Passwords.OneTime();
        // Two nodes that start at once both come here; the address is unique, so one of them makes it.
        Guid? made = await users.CreateAsync(email, "Administrator", Passwords.Hash(password), mustChange: true, superAdmin: true, ct).ConfigureAwait(false);
        return made is null ? null : password;
    }
}
