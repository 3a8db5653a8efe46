using Auspex.Storage.Db;

namespace Auspex.Storage.Identity;

/// <summary>An API key as it is listed; its secret is nowhere but with its owner.</summary>
/// <param name="Id">Stands in the key's text too.</param>
/// <param name="Name">As its maker called it.</param>
/// <param name="Scopes">What it may do, separated by spaces.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When it ends by itself.</param>
/// <param name="RevokedAt">When it was ended; null while it stands.</param>
/// <param name="LastUsedAt">Last use, to the minute; null before the first.</param>
public sealed record ApiKey(
    string Id, string Name, string Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>A key that was presented and stands.</summary>
/// <param name="Id">Which.</param>
/// <param name="Organization">Whose.</param>
/// <param name="Name">As its maker called it.</param>
/// <param name="Scopes">What it may do.</param>
public sealed record PresentedKey(Guid Id, Guid Organization, string Name, IReadOnlyList<string> Scopes);

/// <summary>Keys of machines and services. A key's text is <c>auspex.&lt;id&gt;.&lt;secret&gt;</c>.</summary>
/// <param name="db">The metadata.</param>
/// <param name="clock">Stamps rows and ends keys.</param>
public sealed class ApiKeyStore(InstallationDb db, TimeProvider clock)
{
    /// <summary>What every key begins with.</summary>
    public const string Prefix = "auspex";

    private const string Insert = """
        insert into api_key (organization, id, name, secret_hash, scopes, created_by, created_at, expires_at)
        values (@organization, @id, @name, @hash, @scopes, @createdBy, @now, @expiresAt)
        """;

    private const string Find = """
        select k.organization as Organization, k.name as Name, k.secret_hash as SecretHash, k.scopes as Scopes
        from api_key k join organization o on o.id = k.organization and o.state = 'active'
        where k.id = @id and k.revoked_at is null and k.expires_at > @now
        """;

    private const string List = """
        select id as Id, name as Name, scopes as Scopes, created_at as CreatedAt, expires_at as ExpiresAt, revoked_at as RevokedAt, last_used_at as LastUsedAt
        from api_key where organization = @organization order by created_at desc, id
        """;

    /// <summary>Makes a key.</summary>
    /// <returns>Its id and its text, which is shown this once.</returns>
    public async Task<(Guid Id, string Text)> CreateAsync(
        Guid organization, string name, IEnumerable<string> scopes, string createdBy, DateTimeOffset expiresAt, CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        string secret = Secrets.New();
        await db.Of(organization).ExecuteAsync(
            Insert, new { id, name, hash = Secrets.Hash(secret), scopes = string.Join(' ', scopes), createdBy, now, expiresAt }, ct).ConfigureAwait(false);
        return (id, $"{Prefix}.{id:N}.{secret}");
    }

    /// <summary>The key a text stands for.</summary>
    /// <returns>Null where it is none, is not the secret, was revoked or has expired, or its organization is disabled.</returns>
    public async Task<PresentedKey?> PresentedAsync(string text, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('.');
        if (parts.Length != 3 || parts[0] != Prefix || !Guid.TryParseExact(parts[1], "N", out Guid id))
        {
            return null;
        }

        Row? row = await db.QuerySingleOrDefaultAsync<Row>(Find, new { id, now = clock.GetUtcNow() }, ct).ConfigureAwait(false);
        return row is not null && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(
            Convert.FromHexString(row.SecretHash), Convert.FromHexString(Secrets.Hash(parts[2])))
            ? new PresentedKey(id, Guid.Parse(row.Organization), row.Name, row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : null;
    }

    /// <summary>The keys of an organization, newest first.</summary>
    public Task<IReadOnlyList<ApiKey>> ListAsync(Guid organization, CancellationToken ct) => db.Of(organization).QueryAsync<ApiKey>(List, null, ct);

    /// <summary>Ends a key.</summary>
    /// <returns>Whether there was one that stood.</returns>
    public async Task<bool> RevokeAsync(Guid organization, Guid id, CancellationToken ct) =>
        await db.Of(organization).ExecuteAsync(
            "update api_key set revoked_at = @now where organization = @organization and id = @id and revoked_at is null",
            new { id, now = clock.GetUtcNow() }, ct).ConfigureAwait(false) == 1;

    private sealed record Row(string Organization, string Name, string SecretHash, string Scopes);
}
