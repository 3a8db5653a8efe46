using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Audit;

/// <summary>One line of an organization's audit log.</summary>
/// <param name="Sequence">1, 2, 3 …</param>
/// <param name="UserId">Who; a user, an API key, or <c>system</c>.</param>
/// <param name="Action">What, such as MODEL_LOAD or USER_CREATED.</param>
/// <param name="Resource">To what.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Metadata">More, as a JSON object.</param>
/// <param name="PreviousHash">Hash of the line before; of the first line 64 zeros.</param>
/// <param name="Hash">SHA-256 over all of it, hexadecimal.</param>
public sealed record AuditEntry(
    long Sequence, string UserId, string Action, string Resource, DateTimeOffset OccurredAt, string Metadata, string PreviousHash, string Hash);

/// <summary>Appends to and checks the audit log: a chain of hashes for each organization, so that a line that was changed or taken out shows.</summary>
public static class AuditLog
{
    /// <summary>What is done to the installation itself stands in a log of its own, under this in place of an organization.</summary>
    public static readonly Guid Installation = Guid.Empty;

    /// <summary>Action of the installation's log that tells of an organization whose own log is gone with it.</summary>
    public const string OrganizationRemoved = "ORGANIZATION_REMOVED";

    private const string Last = "select sequence, hash from audit_entry where organization = @organization order by sequence desc limit 1";

    private const string Insert = """
        insert into audit_entry (organization, sequence, user_id, action, resource, occurred_at, metadata, previous_hash, hash)
        values (@organization, @Sequence, @UserId, @Action, @Resource, @OccurredAt, @Metadata, @PreviousHash, @Hash)
        """;

    private const string Page = """
        select sequence, user_id as UserId, action, resource, occurred_at as OccurredAt, metadata, previous_hash as PreviousHash, hash
        from audit_entry where organization = @organization and sequence > @after order by sequence limit @most
        """;

    private static readonly string NoHash = new('0', 64);

    /// <summary>Appends a line within the transaction of what it tells of.</summary>
    public static async Task AppendAsync(
        OrganizationTransaction transaction, Guid organization, string userId, string action, string resource, object metadata, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction.Dialect == Dialect.PostgreSql)
        {
            // Two nodes that append at once would both follow the same line.
            await transaction.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('audit ' || @organization, 0))", null).ConfigureAwait(false);
        }

        (long sequence, string? hash) = await transaction.QuerySingleOrDefaultAsync<(long, string?)>(Last, null).ConfigureAwait(false);
        var entry = new AuditEntry(sequence + 1, userId, action, resource, now, JsonSerializer.Serialize(metadata, JsonSerializerOptions.Web), hash ?? NoHash, "");
        await transaction.ExecuteAsync(Insert, entry with { Hash = HashOf(organization, entry) }).ConfigureAwait(false);
    }

    /// <summary>Lines behind a sequence, oldest first.</summary>
    public static Task<IReadOnlyList<AuditEntry>> PageAsync(OrganizationDb db, long after, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<AuditEntry>(Page, new { after, most }, ct);
    }

    /// <summary>Goes through the whole chain.</summary>
    /// <returns>What is wrong with the first line that does not follow from those before; null when nothing is.</returns>
    public static async Task<string?> FaultAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        string previous = NoHash;
        long sequence = 0;
        while (true)
        {
            IReadOnlyList<AuditEntry> page = await PageAsync(db, sequence, 10_000, ct).ConfigureAwait(false);
            if (page.Count == 0)
            {
                return null;
            }

            foreach (AuditEntry entry in page)
            {
                if (entry.Sequence != sequence + 1)
                {
                    return $"line {sequence + 1} is missing; the next one is {entry.Sequence}";
                }

                if (!string.Equals(entry.PreviousHash, previous, StringComparison.Ordinal) || !string.Equals(entry.Hash, HashOf(db.Organization, entry), StringComparison.Ordinal))
                {
                    return $"line {entry.Sequence} ({entry.Action} of {entry.OccurredAt.ToString("u", CultureInfo.InvariantCulture)}) was changed, or a line before it";
                }

                (previous, sequence) = (entry.Hash, entry.Sequence);
            }
        }
    }

    // Each part with its length, so that no two entries read alike.
    private static string HashOf(Guid organization, AuditEntry entry)
    {
        var text = new StringBuilder();
        foreach (string part in (string[])
        [
            organization.ToString(), entry.Sequence.ToString(CultureInfo.InvariantCulture), entry.UserId, entry.Action, entry.Resource,
            entry.OccurredAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), entry.Metadata, entry.PreviousHash,
        ])
        {
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
