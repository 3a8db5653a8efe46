using System.Collections.Concurrent;
using System.Text;
using Auspex.Storage.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Auspex.Server.Security;

/// <summary>Finds out who calls, and refuses who may not, before anything of the request is read.</summary>
/// <param name="next">The rest of the line.</param>
/// <param name="tokens">Knows access tokens.</param>
/// <param name="standing">Knows whether sessions and keys still stand.</param>
/// <param name="local">Knows the secret of the machine's own administrator.</param>
/// <param name="clock">Ends tokens.</param>
public sealed class CallerMiddleware(RequestDelegate next, AccessTokens tokens, Standing standing, LocalAdministration local, TimeProvider clock)
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    // Checking a signature takes longer than answering most requests, and comes to the same each time. Beyond so many tokens all are forgotten at once.
    private const int MostTokens = 10_000;

    private readonly ConcurrentDictionary<string, SignedToken> _good = new(StringComparer.Ordinal);

    /// <summary>One request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // What is no route of ours, such as 405, needs nobody.
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            Access access = endpoint.Metadata.GetMetadata<Access>()
                ?? throw new System.Diagnostics.UnreachableException($"bug: {endpoint.DisplayName} does not say what it needs");
            Caller? caller = access is Access.Anyone ? null : await CallerAsync(context, access, context.RequestAborted).ConfigureAwait(false);
            if (HasSecret(context.Request.Query))
            {
                await TypedResults.Problem(
                    "A key or token stands in the URL, where proxies and histories keep it: revoke it, and send its successor as Authorization: Bearer.",
                    statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context).ConfigureAwait(false);
                return;
            }

            if (Access.Refusal(access, caller) is { } refusal)
            {
                if (refusal.Status == StatusCodes.Status401Unauthorized)
                {
                    context.Response.Headers.WWWAuthenticate = "Bearer";
                }

                await TypedResults.Problem(refusal.Detail, statusCode: refusal.Status).ExecuteAsync(context).ConfigureAwait(false);
                return;
            }

            if (caller is not null)
            {
                context.Features.Set(caller);
            }
        }

        await next(context).ConfigureAwait(false);
    }

    private static bool HasSecret(IQueryCollection query) =>
        query.Any(pair => pair.Value.Any(value => value is { Length: > 40 } && (value.StartsWith(ApiKeyStore.Prefix + ".", StringComparison.Ordinal)
            || value.StartsWith(LocalAdministration.Prefix, StringComparison.Ordinal) || (value.StartsWith("eyJ", StringComparison.Ordinal) && value.Count(c => c == '.') == 2))));

    // Gateways say Token for Bearer, or have a user name, which does not count, and a password, which is the API key.
    private static string? Presented(string? header)
    {
        if (header is null || header.Length > 4_096 || header.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var space))
        {
            return null;
        }

        string credentials = header[space..].Trim();
        switch (header[..space].ToUpperInvariant())
        {
            case "BEARER":
                return credentials;
            case "TOKEN":
                return credentials.StartsWith(ApiKeyStore.Prefix + ".", StringComparison.Ordinal) ? credentials : null;
            case "BASIC":
                var decoded = new byte[credentials.Length];
                if (!Convert.TryFromBase64String(credentials, decoded, out int length))
                {
                    return null;
                }

                string both = Encoding.UTF8.GetString(decoded, 0, length);
                string password = both[(both.IndexOf(':', StringComparison.Ordinal) + 1)..];
                return password.StartsWith(ApiKeyStore.Prefix + ".", StringComparison.Ordinal) ? password : null;
            default:
                return null;
        }
    }

    private async Task<Caller?> CallerAsync(HttpContext context, Access access, CancellationToken ct)
    {
        if (Presented(context.Request.Headers.Authorization) is not { } presented)
        {
            return null;
        }

        if (presented.StartsWith(LocalAdministration.Prefix, StringComparison.Ordinal))
        {
            return access is Access.SuperAdmin && local.Admits(context, presented) ? Caller.LocalAdministrator : null;
        }

        if (presented.StartsWith(ApiKeyStore.Prefix + ".", StringComparison.Ordinal))
        {
            return await standing.OfKeyAsync(presented, ct).ConfigureAwait(false) is { } key
                ? new Caller(null, key.Id, null, key.Organization, null, key.Scopes, SuperAdmin: false, MustChangePassword: false) { KeyName = key.Name }
                : null;
        }

        if (await SignedAsync(presented).ConfigureAwait(false) is not var (session, organization, _))
        {
            return null;
        }

        SessionState? state = await standing.OfSessionAsync(session, organization, ct).ConfigureAwait(false);
        if (state is null || (organization is not null && state.Role is null))
        {
            return null;
        }

        return new Caller(state.UserId, null, session, organization, state.Role, [], state.SuperAdmin, state.MustChangePassword);
    }

    // What a token says, once its signature, issuer, audience and type were found good, for as long as it lives.
    private async Task<SignedToken?> SignedAsync(string presented)
    {
        string hash = Secrets.Hash(presented);
        if (_good.TryGetValue(hash, out SignedToken? known))
        {
            if (clock.GetUtcNow().UtcDateTime < known.Until)
            {
                return known;
            }

            _good.TryRemove(hash, out _);
        }

        TokenValidationResult result = await Handler.ValidateTokenAsync(presented, tokens.Validation).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token
            || !token.TryGetPayloadValue(AccessTokens.SessionClaim, out string? sessionText) || !Guid.TryParse(sessionText, out Guid session))
        {
            return null;
        }

        Guid? organization = token.TryGetPayloadValue(AccessTokens.OrganizationClaim, out string? organizationText) && Guid.TryParse(organizationText, out Guid id) ? id : null;
        if (_good.Count > MostTokens)
        {
            _good.Clear();
        }

        return _good[hash] = new SignedToken(session, organization, token.ValidTo);
    }

    private sealed record SignedToken(Guid Session, Guid? Organization, DateTime Until);
}

/// <summary>Whether sessions and keys still stand, remembered for half a second: a revocation acts within that, on every node.</summary>
/// <param name="sessions">Sign-ins.</param>
/// <param name="keys">API keys.</param>
/// <param name="clock">Ages what is remembered.</param>
public sealed class Standing(SessionStore sessions, ApiKeyStore keys, TimeProvider clock)
{
    /// <summary>How long.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMilliseconds(500);

    // Beyond this all is forgotten at once; it is only half a second's worth.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(Guid Session, Guid? Organization), (SessionState? State, long At)> _sessions = new();
    private readonly ConcurrentDictionary<string, (PresentedKey? Key, long At)> _keys = new(StringComparer.Ordinal);

    /// <summary>A session in an organization.</summary>
    public async Task<SessionState?> OfSessionAsync(Guid session, Guid? organization, CancellationToken ct)
    {
        if (_sessions.TryGetValue((session, organization), out var known) && clock.GetElapsedTime(known.At) < Remembered)
        {
            return known.State;
        }

        SessionState? state = await sessions.StateAsync(session, organization, ct).ConfigureAwait(false);
        Trim(_sessions);
        _sessions[(session, organization)] = (state, clock.GetTimestamp());
        return state;
    }

    /// <summary>A key by its text.</summary>
    public async Task<PresentedKey?> OfKeyAsync(string text, CancellationToken ct)
    {
        string hash = Secrets.Hash(text);
        if (_keys.TryGetValue(hash, out var known) && clock.GetElapsedTime(known.At) < Remembered)
        {
            return known.Key;
        }

        PresentedKey? key = await keys.PresentedAsync(text, ct).ConfigureAwait(false);
        Trim(_keys);
        _keys[hash] = (key, clock.GetTimestamp());
        return key;
    }

    private static void Trim<TKey, TValue>(ConcurrentDictionary<TKey, TValue> remembered)
        where TKey : notnull
    {
        if (remembered.Count > Most)
        {
            remembered.Clear();
        }
    }
}
