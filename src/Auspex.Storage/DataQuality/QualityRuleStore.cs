using Auspex.Storage.Db;

namespace Auspex.Storage.DataQuality;

/// <summary>A rule as it is stored.</summary>
/// <param name="Id">Stable.</param>
/// <param name="Name">As people call it.</param>
/// <param name="Kind"><c>range</c>, <c>rate</c>, <c>freshness</c>, <c>completeness</c>, <c>flat</c>, <c>states</c> or <c>expression</c>.</param>
/// <param name="Signal">Of which signal; null for an expression about all signals it names.</param>
/// <param name="AssetClass">Of the assets of which class; null for all.</param>
/// <param name="Asset">Of which asset; null for all.</param>
/// <param name="Verdict"><c>bad</c> or <c>uncertain</c>.</param>
/// <param name="Enabled">1 where it counts.</param>
/// <param name="Body">What its kind needs, JSON.</param>
/// <param name="Revision">1, 2, 3 …; grows with each change.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record StoredQualityRule(
    string Id, string Name, string Kind, string? Signal, string? AssetClass, string? Asset, string Verdict, long Enabled, string Body, long Revision,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    // By properties: SQLite says no type of a column that holds nothing.
    private StoredQualityRule()
        : this("", "", "", null, null, null, "", 0, "", 0, default, default)
    {
    }
}

/// <summary>What tells whether anything of mapping and rules has changed.</summary>
public sealed record MapStamp
{
    /// <summary>Revision of the schema section; 0 for the defaults.</summary>
    public long Schema { get; init; }

    /// <summary>Rules there are.</summary>
    public long Rules { get; init; }

    /// <summary>Changes with every change of a rule.</summary>
    public long RulesChanged { get; init; }

    /// <summary>Signals there are.</summary>
    public long Signals { get; init; }

    /// <summary>Changes with every change of a signal.</summary>
    public long SignalsChanged { get; init; }
}

/// <summary>The quality rules of an organization.</summary>
public static class QualityRuleStore
{
    /// <summary>Most rules of an organization.</summary>
    public const int Most = 1_000;

    private const string Columns = """
        id as Id, name as Name, kind as Kind, signal as Signal, asset_class as AssetClass, asset as Asset, verdict as Verdict, enabled as Enabled, body as Body, revision as Revision,
        created_at as CreatedAt, updated_at as UpdatedAt
        """;

    private const string Stamp = """
        select
          (select coalesce(max(c.revision), 0) from configuration c where c.organization = @organization and c.section = 'schema') as Schema,
          (select count(*) from quality_rule q where q.organization = @organization) as Rules,
          (select cast(coalesce(sum(q.revision), 0) + coalesce(max(q.updated_at), 0) as bigint) from quality_rule q where q.organization = @organization) as RulesChanged,
          (select count(*) from signal s where s.organization = @organization) as Signals,
          (select cast(coalesce(sum(s.revision), 0) + coalesce(max(s.updated_at), 0) as bigint) from signal s where s.organization = @organization) as SignalsChanged
        """;

    private const string All = $"select {Columns} from quality_rule where organization = @organization order by name, id";

    private const string ById = $"select {Columns} from quality_rule where organization = @organization and id = @id";

    private const string Page = $"""
        select {Columns} from quality_rule where organization = @organization and (@signal = '' or signal = @signal) and (@asset = '' or asset = @asset) and (@kind = '' or kind = @kind)
          and (@afterId = '' or (name, id) > (@after, @afterId)) order by name, id limit @most
        """;

    private const string Count = "select count(*) from quality_rule where organization = @organization";

    private const string AssetExists = "select count(*) from tree_node where organization = @organization and id = @asset and kind = 'asset'";

    private const string Insert = """
        insert into quality_rule (organization, id, name, kind, signal, asset_class, asset, verdict, enabled, body, revision, created_at, updated_at)
        values (@organization, @id, @name, @kind, @signal, @assetClass, @asset, @verdict, @enabled, @body, 1, @now, @now)
        """;

    private const string Update = """
        update quality_rule set name = @name, kind = @kind, signal = @signal, asset_class = @assetClass, asset = @asset, verdict = @verdict, enabled = @enabled, body = @body,
          revision = revision + 1, updated_at = @now
        where organization = @organization and id = @id
        """;

    private const string Delete = "delete from quality_rule where organization = @organization and id = @id";

    /// <summary>Whether anything has changed: compare it with the one before.</summary>
    public static async Task<MapStamp> StampAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return (await db.QuerySingleOrDefaultAsync<MapStamp>(Stamp, null, ct).ConfigureAwait(false))!;
    }

    /// <summary>All rules, by name.</summary>
    public static Task<IReadOnlyList<StoredQualityRule>> AllAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<StoredQualityRule>(All, null, ct);
    }

    /// <summary>A rule; null where the organization has none of the id.</summary>
    public static Task<StoredQualityRule?> FindAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QuerySingleOrDefaultAsync<StoredQualityRule>(ById, new { id }, ct);
    }

    /// <summary>The same, and no rule changes until the transaction ends.</summary>
    public static async Task<StoredQualityRule?> FindAsync(OrganizationTransaction transaction, Guid id)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("quality rules").ConfigureAwait(false);
        return await transaction.QuerySingleOrDefaultAsync<StoredQualityRule>(ById, new { id }).ConfigureAwait(false);
    }

    /// <summary>Rules by name.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="signal">Of this signal alone; empty for all.</param>
    /// <param name="asset">Of this asset alone; empty for all.</param>
    /// <param name="kind">Of this kind alone; empty for all.</param>
    /// <param name="after">Behind this name …</param>
    /// <param name="afterId">… and this id; empty from the first on.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="ct">Ends waiting.</param>
    public static Task<IReadOnlyList<StoredQualityRule>> PageAsync(
        OrganizationDb db, string signal, string asset, string kind, string after, string afterId, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<StoredQualityRule>(Page, new { signal, asset, kind, after, afterId, most }, ct);
    }

    /// <summary>Whether there is room for another rule. Nobody else makes one until the transaction ends.</summary>
    public static async Task<bool> HasRoomAsync(OrganizationTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("quality rules").ConfigureAwait(false);
        return await transaction.QuerySingleOrDefaultAsync<long>(Count, null).ConfigureAwait(false) < Most;
    }

    /// <summary>Whether the organization has an asset.</summary>
    public static async Task<bool> HasAssetAsync(OrganizationTransaction transaction, string asset)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return await transaction.QuerySingleOrDefaultAsync<long>(AssetExists, new { asset }).ConfigureAwait(false) == 1;
    }

    /// <summary>Makes a rule of revision 1.</summary>
    public static Task CreateAsync(OrganizationTransaction transaction, StoredQualityRule rule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.ExecuteAsync(Insert, Values(rule, now));
    }

    /// <summary>Replaces a rule that was found in the same transaction.</summary>
    public static Task ReplaceAsync(OrganizationTransaction transaction, StoredQualityRule rule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.ExecuteAsync(Update, Values(rule, now));
    }

    /// <summary>Removes a rule that was found in the same transaction.</summary>
    public static Task RemoveAsync(OrganizationTransaction transaction, Guid id)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.ExecuteAsync(Delete, new { id });
    }

    private static object Values(StoredQualityRule rule, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new
        {
            id = rule.Id,
            name = rule.Name,
            kind = rule.Kind,
            signal = rule.Signal,
            assetClass = rule.AssetClass,
            asset = rule.Asset,
            verdict = rule.Verdict,
            enabled = rule.Enabled,
            body = rule.Body,
            now,
        };
    }
}
