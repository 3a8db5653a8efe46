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

    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>A password for one use, easy to type: 99 random bits.</summary>
    public static string OneTime() => InGroups(RandomNumberGenerator.GetString(Letters, 20));

    /// <summary>The same of bytes that are as good as random; at least 64.</summary>
    public static string OneTime(ReadOnlySpan<byte> random)
    {
        Span<char> text = stackalloc char[20];
        int length = 0;
        int fair = 256 - (256 % Letters.Length); // what lies above would make the first letters likelier
        for (int i = 0; i < random.Length && length < text.Length; i++)
        {
            if (random[i] < fair)
            {
                text[length++] = Letters[random[i] % Letters.Length];
            }
        }

        return length == text.Length ? InGroups(new string(text)) : throw new ArgumentException($"{random.Length} bytes do not make a password.", nameof(random));
    }

    private static string InGroups(string text) => string.Join('-', text.Chunk(4).Select(group => new string(group)));
}
