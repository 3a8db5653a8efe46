using System.Security.Cryptography;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Identity;

namespace Auspex.Server.Security;

/// <summary>Passwords: the framework's PBKDF2, and what a password must be (NIST SP 800-63B: length counts, composition does not).</summary>
public static class Passwords
{
    /// <summary>Fewest characters.</summary>
    public const int Least = 12;

    /// <summary>Most characters.</summary>
    public const int Most = 128;

    private static readonly PasswordHasher<string> Hasher = new();

    // Somebody who is no user is checked against it, so that the time taken tells nothing.
    private static readonly string Nobody = Hasher.HashPassword("", Secrets.New());

    /// <summary>What is stored of a password.</summary>
    public static string Hash(string password) => Hasher.HashPassword("", password);

    /// <summary>Whether a password is the one of a user; takes as long for nobody.</summary>
    public static bool Fits(string? storedHash, string password) =>
        Hasher.VerifyHashedPassword("", storedHash ?? Nobody, password) != PasswordVerificationResult.Failed && storedHash is not null;

    /// <summary>Why a password is refused; null where it is not.</summary>
    public static string? Fault(string password, string email) =>
        password.Length < Least ? $"password has {password.Length} characters; at least {Least} are needed"
        : password.Length > Most ? $"password has {password.Length} characters; at most {Most} are taken"
        : password.Contains(email.Split('@')[0], StringComparison.OrdinalIgnoreCase) && email.Split('@')[0].Length > 3 ? "password contains the e-mail address; choose one that does not"
        : password.Distinct().Count() < 5 ? "password repeats the same few characters; choose another"
        : null;

    /// <summary>A password for one use, easy to type: 100 random bits.</summary>
    public static string OneTime()
    {
        const string letters = "abcdefghjkmnpqrstuvwxyz23456789";
        return string.Join('-', Enumerable.Range(0, 5).Select(_ => RandomNumberGenerator.GetString(letters, 4)));
    }
}
