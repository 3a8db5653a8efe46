using Auspex.Storage.Identity;
using Auspex.Storage.Keys;

namespace Auspex.Server.Security;

/// <summary>The super admin of a new installation, who has not chosen a password yet.</summary>
/// <param name="Email">Address to sign in with.</param>
/// <param name="Password">Good until another is chosen.</param>
public sealed record FirstAdmin(string Email, string Password);

/// <summary>The first start of an installation.</summary>
internal static class FirstStart
{
    /// <summary>Makes the super admin where nobody can sign in yet. The password is derived from the master key: a start that was cut off before it told it takes nothing
    /// with it, for every later one tells it again until it is changed.</summary>
    /// <returns>Null where the first super admin has chosen a password.</returns>
    internal static async Task<FirstAdmin?> AdminAsync(UserStore users, MasterKey master, string email, TimeProvider clock, CancellationToken ct)
    {
        if (!await users.AnyAsync(ct).ConfigureAwait(false))
        {
            var id = Guid.CreateVersion7(clock.GetUtcNow());
            // Two nodes that start at once both come here; the address is unique, so one of them makes it.
            await users.CreateFirstAsync(id, email, "Administrator", Passwords.Hash(PasswordOf(id, master)), ct).ConfigureAwait(false);
        }

        return await users.FirstSuperAdminAsync(ct).ConfigureAwait(false) is { MustChangePassword: true, Disabled: false } first
            && PasswordOf(first.Id, master) is var password && Passwords.Fits(first.PasswordHash, password)
            ? new FirstAdmin(first.Email, password)
            : null;
    }

    private static string PasswordOf(Guid id, MasterKey master) => Passwords.OneTime(master.Derive($"first password of user {id}", 64));
}
