using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>One revision of a section of an organization's configuration.</summary>
/// <param name="Revision">1, 2, 3 …</param>
/// <param name="Body">All of it, JSON.</param>
/// <param name="ChangedAt">When it began to count.</param>
/// <param name="ChangedBy">Who made it count.</param>
public sealed record ConfigurationRevision(long Revision, string Body, DateTimeOffset ChangedAt, string ChangedBy);

/// <summary>Configuration of organizations by section; every revision is kept.</summary>
public static class ConfigurationStore
{
    private const string Columns = "revision as Revision, body as Body, changed_at as ChangedAt, changed_by as ChangedBy";

    private const string Last = $"select {Columns} from configuration where organization = @organization and section = @section order by revision desc limit 1";

    private const string One = $"select {Columns} from configuration where organization = @organization and section = @section and revision = @revision";

    private const string Page = $"""
        select {Columns} from configuration where organization = @organization and section = @section and revision < @before order by revision desc limit @most
        """;

    private const string LastOfAll = """
        select c.organization as Organization, c.body as Body from configuration c
        where c.section = @section and not exists (
          select 1 from configuration l where l.organization = c.organization and l.section = c.section and l.revision > c.revision)
        """;

    private const string Insert = """
        insert into configuration (organization, section, revision, body, changed_at, changed_by)
        values (@organization, @section, @revision, @body, @now, @who)
        """;

    /// <summary>The revision that counts; null where nobody changed the section yet.</summary>
    public static Task<ConfigurationRevision?> LastAsync(OrganizationDb db, string section, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QuerySingleOrDefaultAsync<ConfigurationRevision>(Last, new { section }, ct);
    }

    /// <summary>The same, and nobody else changes the section until the transaction ends.</summary>
    public static async Task<ConfigurationRevision?> LastAsync(OrganizationTransaction transaction, string section)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync($"configuration {section}").ConfigureAwait(false);
        return await transaction.QuerySingleOrDefaultAsync<ConfigurationRevision>(Last, new { section }).ConfigureAwait(false);
    }

    /// <summary>A revision; null where there is none of the number.</summary>
    public static Task<ConfigurationRevision?> FindAsync(OrganizationTransaction transaction, string section, long revision)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.QuerySingleOrDefaultAsync<ConfigurationRevision>(One, new { section, revision });
    }

    /// <summary>The body that counts of every organization that changed the section.</summary>
    public static async Task<IReadOnlyList<(Guid Organization, string Body)>> LastOfAllAsync(InstallationDb db, string section, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<OfOrganization>(LastOfAll, new { section }, ct).ConfigureAwait(false)).Select(row => (Guid.Parse(row.Organization), row.Body))];
    }

    /// <summary>Revisions before one, newest first.</summary>
    public static Task<IReadOnlyList<ConfigurationRevision>> PageAsync(OrganizationDb db, string section, long before, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<ConfigurationRevision>(Page, new { section, before, most }, ct);
    }

    /// <summary>Makes a body count from now on. Call <see cref="LastAsync(OrganizationTransaction, string)"/> first, in the same transaction.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="section">Which.</param>
    /// <param name="revision">One more than the last.</param>
    /// <param name="body">All of it, JSON.</param>
    /// <param name="who">Who does it.</param>
    /// <param name="now">When.</param>
    public static Task AppendAsync(OrganizationTransaction transaction, string section, long revision, string body, string who, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.ExecuteAsync(Insert, new { section, revision, body, who, now });
    }

    private sealed record OfOrganization(string Organization, string Body);
}
