using Auspex.Core.Expressions;
using Auspex.Storage.Db;

namespace Auspex.Storage.Plant;

/// <summary>A signal: of every asset, of the assets of a class, or of one asset.</summary>
/// <param name="Id">Stable.</param>
/// <param name="AssetClass">Whose, when of a class.</param>
/// <param name="Asset">Whose, when of one asset.</param>
/// <param name="Name">In code, API and features: a letter, then letters, digits and underscores; unique among those of the same owner.</param>
/// <param name="Label">As shown.</param>
/// <param name="Unit">As plants write it; null for booleans, states and pure numbers.</param>
/// <param name="Kind"><c>continuous</c>, <c>boolean</c>, <c>counter</c> or <c>state</c>.</param>
/// <param name="Role"><c>reading</c>, <c>operatingSetting</c> or <c>fact</c>.</param>
/// <param name="States">Names of the states in index order, a JSON array; empty for other kinds.</param>
/// <param name="Revision">1, 2, 3 …; grows with each change.</param>
public sealed record Signal(string Id, string? AssetClass, string? Asset, string Name, string Label, string? Unit, string Kind, string Role, string States, long Revision);

/// <summary>What a name of signals means, on every asset that has it.</summary>
/// <param name="Kind"><c>continuous</c>, <c>boolean</c>, <c>counter</c> or <c>state</c>.</param>
/// <param name="Units">Units it is declared with, of one kind; null among them where it is declared with none.</param>
public sealed record SignalMeaning(string Kind, IReadOnlyList<string?> Units);

/// <summary>Why a change of signals was refused.</summary>
public enum SignalRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such signal in this organization.</summary>
    Unknown,

    /// <summary>It was changed since the caller saw it.</summary>
    Changed,

    /// <summary>There is no such asset in this organization.</summary>
    AssetUnknown,

    /// <summary>Its owner has a signal of the name.</summary>
    NameTaken,

    /// <summary>A signal of the name elsewhere is of another kind, or measures something else: features of the name would mean two things.</summary>
    OtherMeaning,

    /// <summary>There are <see cref="SignalStore.Most"/> already.</summary>
    TooMany,
}

/// <summary>The signals of an organization: changes that keep one meaning for one name.</summary>
public static class SignalStore
{
    /// <summary>Most signals of an organization.</summary>
    public const int Most = 20_000;

    private const string Columns = """
        id as Id, asset_class as AssetClass, asset as Asset, name as Name, label as Label, unit as Unit, kind as Kind, role as Role, states as States, revision as Revision
        """;

    private const string ById = $"select {Columns} from signal where organization = @organization and id = @id";

    private const string Page = $"""
        select {Columns} from signal where organization = @organization and (@asset = '' or asset = @asset) and (@assetClass = '' or asset_class = @assetClass)
          and (@afterId = '' or (name, id) > (@after, @afterId)) order by name, id limit @most
        """;

    // The nearest of each name: the asset's own, then its class's, then everybody's.
    private const string OfAsset = """
        select s.id as Id, s.asset_class as AssetClass, s.asset as Asset, s.name as Name, s.label as Label, s.unit as Unit, s.kind as Kind, s.role as Role,
          s.states as States, s.revision as Revision
        from signal s join tree_node a on a.organization = s.organization and a.id = @asset
        where s.organization = @organization and a.organization = @organization
          and (s.asset = a.id or s.asset_class = a.asset_class or (s.asset is null and s.asset_class is null))
        order by s.name, case when s.asset is not null then 0 when s.asset_class is not null then 1 else 2 end
        """;

    private const string OfName = $"select {Columns} from signal where organization = @organization and name = @name";

    private const string Count = "select count(*) from signal where organization = @organization";

    private const string AssetExists = "select count(*) from tree_node where organization = @organization and id = @asset and kind = 'asset'";

    private const string Insert = """
        insert into signal (organization, id, asset_class, asset, name, label, unit, kind, role, states, revision, created_at, updated_at)
        values (@organization, @Id, @AssetClass, @Asset, @Name, @Label, @Unit, @Kind, @Role, @States, 1, @now, @now)
        """;

    private const string Update = """
        update signal set label = @Label, unit = @Unit, role = @Role, states = @States, revision = revision + 1, updated_at = @now
        where organization = @organization and id = @Id
        """;

    private const string Delete = "delete from signal where organization = @organization and id = @id";

    private const string Meanings = "select distinct name as Name, kind as Kind, unit as Unit from signal where organization = @organization order by name";

    /// <summary>A signal; null where the organization has none of the id.</summary>
    public static Task<Signal?> FindAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QuerySingleOrDefaultAsync<Signal>(ById, new { id }, ct);
    }

    /// <summary>Signals by name.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="asset">Of this asset alone; empty for all.</param>
    /// <param name="assetClass">Of this class alone; empty for all.</param>
    /// <param name="after">Behind this name …</param>
    /// <param name="afterId">… and this id; empty from the first on.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="ct">Ends waiting.</param>
    public static Task<IReadOnlyList<Signal>> PageAsync(
        OrganizationDb db, string asset, string assetClass, string after, string afterId, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<Signal>(Page, new { asset, assetClass, after, afterId, most }, ct);
    }

    /// <summary>What is recorded of one asset, by name, each name once; empty where the organization has no such asset.</summary>
    public static async Task<IReadOnlyList<Signal>> OfAssetAsync(OrganizationDb db, Guid asset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<Signal>(OfAsset, new { asset }, ct).ConfigureAwait(false)).DistinctBy(signal => signal.Name, StringComparer.Ordinal)];
    }

    /// <summary>What each name means, whoever's it is.</summary>
    public static async Task<IReadOnlyDictionary<string, SignalMeaning>> MeaningsAsync(OrganizationTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return Meant(await transaction.QueryAsync<NameAndKind>(Meanings, null).ConfigureAwait(false));
    }

    /// <summary>What each name means, whoever's it is.</summary>
    public static async Task<IReadOnlyDictionary<string, SignalMeaning>> MeaningsAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return Meant(await db.QueryAsync<NameAndKind>(Meanings, null, ct).ConfigureAwait(false));
    }

    /// <summary>Makes a signal of revision 1.</summary>
    public static async Task<SignalRefusal> CreateAsync(OrganizationTransaction transaction, Signal signal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(signal);
        await transaction.AloneAsync("signals").ConfigureAwait(false);
        if (signal.Asset is not null && await transaction.QuerySingleOrDefaultAsync<long>(AssetExists, new { asset = signal.Asset }).ConfigureAwait(false) == 0)
        {
            return SignalRefusal.AssetUnknown;
        }

        if (await transaction.QuerySingleOrDefaultAsync<long>(Count, null).ConfigureAwait(false) >= Most)
        {
            return SignalRefusal.TooMany;
        }

        SignalRefusal refusal = await MeaningAsync(transaction, signal).ConfigureAwait(false);
        if (refusal == SignalRefusal.None)
        {
            await transaction.ExecuteAsync(Insert, Values(signal, now)).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Changes label, unit, role and states; owner, name and kind stay.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">The one the caller saw; null whatever it is now.</param>
    /// <param name="change">Makes the new signal of the present one.</param>
    /// <param name="now">When.</param>
    public static async Task<SignalRefusal> ChangeAsync(OrganizationTransaction transaction, Guid id, long? revision, Func<Signal, Signal> change, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(change);
        await transaction.AloneAsync("signals").ConfigureAwait(false);
        Signal? signal = await transaction.QuerySingleOrDefaultAsync<Signal>(ById, new { id }).ConfigureAwait(false);
        SignalRefusal refusal = Stale(signal, revision);
        if (refusal != SignalRefusal.None)
        {
            return refusal;
        }

        Signal changed = change(signal!);
        refusal = await MeaningAsync(transaction, changed).ConfigureAwait(false);
        if (refusal == SignalRefusal.None)
        {
            await transaction.ExecuteAsync(Update, Values(changed, now)).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Removes a signal; what was recorded of it stays.</summary>
    public static async Task<SignalRefusal> RemoveAsync(OrganizationTransaction transaction, Guid id, long? revision)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("signals").ConfigureAwait(false);
        SignalRefusal refusal = Stale(await transaction.QuerySingleOrDefaultAsync<Signal>(ById, new { id }).ConfigureAwait(false), revision);
        if (refusal == SignalRefusal.None)
        {
            await transaction.ExecuteAsync(Delete, new { id }).ConfigureAwait(false);
        }

        return refusal;
    }

    private static SignalRefusal Stale(Signal? signal, long? revision) =>
        signal is null ? SignalRefusal.Unknown : revision is { } seen && seen != signal.Revision ? SignalRefusal.Changed : SignalRefusal.None;

    private static async Task<SignalRefusal> MeaningAsync(OrganizationTransaction transaction, Signal signal)
    {
        var unit = Unit.Parse(signal.Unit);
        foreach (Signal other in (await transaction.QueryAsync<Signal>(OfName, new { name = signal.Name }).ConfigureAwait(false)).Where(other => other.Id != signal.Id))
        {
            if (other.Asset == signal.Asset && other.AssetClass == signal.AssetClass)
            {
                return SignalRefusal.NameTaken;
            }

            if (other.Kind != signal.Kind || !Unit.Parse(other.Unit).IsSameKindAs(unit))
            {
                return SignalRefusal.OtherMeaning;
            }
        }

        return SignalRefusal.None;
    }

    private static object Values(Signal signal, DateTimeOffset now) => new
    {
        signal.Id,
        signal.AssetClass,
        signal.Asset,
        signal.Name,
        signal.Label,
        signal.Unit,
        signal.Kind,
        signal.Role,
        signal.States,
        now,
    };

    private static Dictionary<string, SignalMeaning> Meant(IEnumerable<NameAndKind> rows) => rows.GroupBy(row => row.Name, StringComparer.Ordinal).ToDictionary(
        rows => rows.Key, rows => new SignalMeaning(rows.First().Kind, [.. rows.Select(row => row.Unit)]), StringComparer.Ordinal);

    private sealed record NameAndKind
    {
        public string Name { get; init; } = "";

        public string Kind { get; init; } = "";

        public string? Unit { get; init; }
    }
}
