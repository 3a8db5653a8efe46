using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Auspex.Server.Security;

/// <summary>Access tokens: JWT of ten minutes that name a session and the organization it is in. What the caller may do is looked up, not read from the token.</summary>
/// <param name="keys">Sign them.</param>
/// <param name="clock">Dates them.</param>
public sealed class AccessTokens(SigningKeys keys, TimeProvider clock)
{
    /// <summary>How long a token is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    internal const string Issuer = "auspex";
    internal const string Audience = "auspex-api";
    internal const string SessionClaim = "sid";
    internal const string OrganizationClaim = "org";

    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>A token for a session.</summary>
    /// <returns>The token and when it ends.</returns>
    public (string Token, DateTimeOffset ExpiresAt) Issue(Guid userId, Guid session, Guid? organization)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var claims = new List<Claim> { new("sub", userId.ToString()), new(SessionClaim, session.ToString()), new("jti", Guid.NewGuid().ToString("N")) };
        if (organization is { } id)
        {
            claims.Add(new Claim(OrganizationClaim, id.ToString()));
        }

        string token = Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            Subject = new ClaimsIdentity(claims),
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + Life).UtcDateTime,
            TokenType = "at+jwt",
            SigningCredentials = new SigningCredentials(keys.Signing, SecurityAlgorithms.EcdsaSha256),
        });
        return (token, now + Life);
    }

    /// <summary>What a token must be: one algorithm, our issuer and audience, a type of its own, an end, and a key of ours.</summary>
    internal TokenValidationParameters Validation => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidTypes = ["at+jwt"],
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = TimeSpan.FromSeconds(5),
        IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Accepted.Where(key => key.KeyId == keyId),
        LifetimeValidator = (from, to, _, parameters) =>
        {
            DateTime now = clock.GetUtcNow().UtcDateTime;
            return to is { } end && now < end + parameters.ClockSkew && (from is not { } start || now >= start - parameters.ClockSkew);
        },
    };
}
