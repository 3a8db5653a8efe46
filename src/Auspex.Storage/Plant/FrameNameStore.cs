using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Plant;

/// <summary>An asset as frames name it.</summary>
/// <param name="Name">The name that was looked for.</param>
/// <param name="Asset">Id of the asset.</param>
/// <param name="ExternalName">As sources call it now; null where they do not.</param>
/// <param name="Key">What its frames are kept under; the same for life, whatever it is called and wherever it stands.</param>
public sealed record FrameAsset(string Name, string Asset, string? ExternalName, string Key)
{
    /// <summary>Its class; null where it has none, or was not asked for by name.</summary>
    public string? AssetClass { get; init; }
}

/// <summary>What became of a placement.</summary>
public enum PlacementRefusal
{
    /// <summary>The name means the asset from now on; its frames of before are to be copied.</summary>
    None,

    /// <summary>There is no such asset in this organization.</summary>
    AssetUnknown,

    /// <summary>The name means an asset already.</summary>
    Placed,
}

/// <summary>Which asset a name in a frame means: the one of this id, else the one of this external name, else the one it meant before.</summary>
public static class FrameNameStore
{
    // What a name means is found first, name by name: else a planner may go through all assets for each.
    private const string Meant = """
        coalesce(
          (select i.id from tree_node i where i.organization = @organization and i.kind = 'asset' and i.id = lower(j.value)),
          (select e.id from tree_node e where e.organization = @organization and e.external_name = j.value),
          (select f.asset from frame_name f where f.organization = @organization and f.name = j.value))
        """;

    private const string OfMeant = """
        ) select w.name as Name, a.id as Asset, a.external_name as ExternalName, coalesce(k.name, a.id) as Key, a.asset_class as AssetClass
        from w join tree_node a on a.organization = @organization and a.id = w.asset
        left join frame_name k on k.organization = @organization and k.asset = a.id and k.kind = 'key'
        """;

    private const string OfNamesSqlite = $"with w (name, asset) as materialized (select j.value, {Meant} from json_each(@names) j {OfMeant}";

    private const string OfNamesPostgreSql = $"""
        with w (name, asset) as materialized (select j.value, {Meant} from json_array_elements_text(cast(@names as json)) j (value) {OfMeant}
        """;

    private const string Kept = """
        left join frame_name f on f.organization = @organization and f.name = j.value and f.kind in ('key', 'copied')
        """;

    private const string OfKept = """
        ) select w.name as Name, a.id as Asset, a.external_name as ExternalName, w.kind as Kind
        from w join tree_node a on a.organization = @organization and a.kind = 'asset' and a.id = w.asset
        """;

    private const string OfKeysSqlite = $"""
        with w (name, asset, kind) as materialized (select j.value, coalesce(f.asset, j.value), coalesce(f.kind, 'key') from json_each(@names) j {Kept} {OfKept}
        """;

    private const string OfKeysPostgreSql = $"""
        with w (name, asset, kind) as materialized (
          select j.value, coalesce(f.asset, j.value), coalesce(f.kind, 'key') from json_array_elements_text(cast(@names as json)) j (value) {Kept} {OfKept}
        """;

    private const string InsertKey = """
        insert into frame_name (organization, name, asset, kind) values (@organization, @externalName, @id, 'key') on conflict (organization, name) do nothing
        """;

    private const string OfName = "select asset as Asset, kind as Kind from frame_name where organization = @organization and name = @name";

    private const string External = "select id from tree_node where organization = @organization and external_name = @name";

    private const string InsertPlacement = "insert into frame_name (organization, name, asset, kind) values (@organization, @name, @asset, 'copying')";

    private const string EndPlacement = "update frame_name set kind = 'copied' where organization = @organization and name = @name and asset = @asset and kind = 'copying'";

    private const string Signals = "select name from frame_signal where organization = @organization";

    private const string InsertSignal = """
        insert into frame_signal (organization, name, first_seen_at) values (@organization, @name, @now) on conflict (organization, name) do nothing
        """;

    /// <summary>The assets that names mean; names that mean none are left out.</summary>
    public static async Task<IReadOnlyList<FrameAsset>> FindAsync(OrganizationDb db, IEnumerable<string> names, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        IReadOnlyList<NameRow> rows = await db.QueryAsync<NameRow>(
            db.Dialect == Dialect.Sqlite ? OfNamesSqlite : OfNamesPostgreSql, new { names = JsonSerializer.Serialize(names) }, ct).ConfigureAwait(false);
        return [.. rows.Select(row => new FrameAsset(row.Name, row.Asset, row.ExternalName, row.Key) { AssetClass = row.AssetClass })];
    }

    /// <summary>The assets whose frames are kept under keys.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="keys">Keys that have frames.</param>
    /// <param name="ct">Ends waiting.</param>
    /// <returns>By key: the asset, or null where its frames were copied to an asset's. Keys that are of no asset are left out.</returns>
    public static async Task<IReadOnlyDictionary<string, FrameAsset?>> OfKeysAsync(OrganizationDb db, IEnumerable<string> keys, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        IReadOnlyList<KeyRow> rows = await db.QueryAsync<KeyRow>(
            db.Dialect == Dialect.Sqlite ? OfKeysSqlite : OfKeysPostgreSql, new { names = JsonSerializer.Serialize(keys) }, ct).ConfigureAwait(false);
        return rows.ToDictionary(
            row => row.Name, row => row.Kind == "key" ? new FrameAsset(row.Name, row.Asset, row.ExternalName, row.Name) : null, StringComparer.Ordinal);
    }

    /// <summary>Makes a name that means no asset mean one. A placement that was cut off may be asked for again.</summary>
    public static async Task<PlacementRefusal> PlaceAsync(OrganizationTransaction transaction, string name, Guid asset)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("tree").ConfigureAwait(false);
        if (await TreeStore.FindAsync(transaction, asset).ConfigureAwait(false) is not { Kind: TreeKinds.Asset })
        {
            return PlacementRefusal.AssetUnknown;
        }

        // The asset's own present name may have been sent before the asset was called so.
        Placed? placed = await transaction.QuerySingleOrDefaultAsync<Placed>(OfName, new { name }).ConfigureAwait(false);
        string? external = await transaction.QuerySingleOrDefaultAsync<string>(External, new { name }).ConfigureAwait(false);
        string id = asset.ToString();
        if ((placed is not null && (placed.Asset != id || placed.Kind != "copying")) || (external is not null && external != id))
        {
            return PlacementRefusal.Placed;
        }

        if (placed is null)
        {
            await transaction.ExecuteAsync(InsertPlacement, new { name, asset }).ConfigureAwait(false);
        }

        return PlacementRefusal.None;
    }

    /// <summary>All frames of a placed name stand under the asset's key.</summary>
    public static Task EndPlacementAsync(OrganizationDb db, string name, Guid asset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.ExecuteAsync(EndPlacement, new { name, asset }, ct);
    }

    /// <summary>Names of signals that frames carried.</summary>
    public static Task<IReadOnlyList<string>> SignalsAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<string>(Signals, null, ct);
    }

    /// <summary>Remembers names of signals that frames carry for the first time.</summary>
    public static Task AddSignalsAsync(OrganizationDb db, IReadOnlyList<string> names, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.WriteAsync(
            async transaction =>
            {
                foreach (string name in names)
                {
                    await transaction.ExecuteAsync(InsertSignal, new { name, now }).ConfigureAwait(false);
                }

                return 0;
            },
            ct);
    }

    /// <summary>An asset is made: frames that came under its external name before are its own, and stay where they are.</summary>
    internal static Task AddKeyAsync(OrganizationTransaction transaction, TreeNode asset) =>
        transaction.ExecuteAsync(InsertKey, new { id = asset.Id, externalName = asset.ExternalName });

    private sealed record Placed(string Asset, string Kind);

    // By properties: where there is no row, SQLite does not know the type of an expression.
    private sealed record NameRow
    {
        public string Name { get; init; } = "";

        public string Asset { get; init; } = "";

        public string? ExternalName { get; init; }

        public string Key { get; init; } = "";

        public string? AssetClass { get; init; }
    }

    private sealed record KeyRow
    {
        public string Name { get; init; } = "";

        public string Asset { get; init; } = "";

        public string? ExternalName { get; init; }

        public string Kind { get; init; } = "";
    }
}
