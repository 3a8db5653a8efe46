using System.Security.Cryptography;
using System.Text;

namespace Auspex.Storage.Identity;

/// <summary>Random tokens, and how they are stored: their SHA-256, which is enough for 256 random bits.</summary>
public static class Secrets
{
    /// <summary>A new token: 256 random bits, base64url.</summary>
    public static string New() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>What is stored of a token, hexadecimal.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
