using Auspex.Storage.Db;

namespace Auspex.Storage.Plant;

/// <summary>An operator position: a named set of nodes of the tree with its people.</summary>
/// <param name="Id">Stable. Of the one that was made with a site, the site's.</param>
/// <param name="Site">The site it was made with and goes with; null where a person made it.</param>
/// <param name="Name">As shown; unique in the organization, whatever its case.</param>
/// <param name="Revision">1, 2, 3 …; grows with each change a person makes.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When a person changed it last.</param>
public sealed record OperatorPosition(string Id, string? Site, string Name, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What stands in a position.</summary>
/// <param name="Position">Id of the position.</param>
/// <param name="Member">Id of the node or of the person.</param>
internal sealed record PositionMember(string Position, string Member);

/// <summary>Why a change of positions was refused.</summary>
public enum PositionRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such position in this organization.</summary>
    Unknown,

    /// <summary>It was changed since the caller saw it.</summary>
    Changed,

    /// <summary>Another position has the name.</summary>
    NameTaken,

    /// <summary>One of the nodes is none of the organization's tree.</summary>
    NodeUnknown,

    /// <summary>One of the people is no member of the organization.</summary>
    PersonUnknown,

    /// <summary>There are <see cref="PositionStore.Most"/> already.</summary>
    TooMany,
}

/// <summary>The operator positions of an organization. One is made with each site; a node or a member that goes leaves its positions.</summary>
public static class PositionStore
{
    /// <summary>Most positions that people make in an organization; those of sites come on top.</summary>
    public const int Most = 1_000;

    private const string Columns = "id as Id, site as Site, name as Name, revision as Revision, created_at as CreatedAt, updated_at as UpdatedAt";

    private const string ById = $"select {Columns} from operator_position where organization = @organization and id = @id";

    // A page of them, or the one of an id.
    private const string Chosen = """
        from operator_position where organization = @organization and (@id = '' or id = @id) and (@afterId = '' or (key_name, id) > (@after, @afterId))
        order by key_name, id limit @most
        """;

    private const string Page = $"select {Columns} {Chosen}";

    private const string Nodes = $"""
        select m.position as Position, m.node as Member from operator_position_node m
        where m.organization = @organization and m.position in (select id {Chosen}) order by m.position, m.node
        """;

    private const string People = $"""
        select m.position as Position, m.user_id as Member from operator_position_person m
        where m.organization = @organization and m.position in (select id {Chosen}) order by m.position, m.user_id
        """;

    private const string OthersOfName = "select count(*) from operator_position where organization = @organization and key_name = @keyName and id <> @id";

    private const string MadeByPeople = "select count(*) from operator_position where organization = @organization and site is null";

    private const string OfSite = $"select {Columns} from operator_position where organization = @organization and site = @id";

    private const string Insert = """
        insert into operator_position (organization, id, site, name, key_name, revision, created_at, updated_at)
        values (@organization, @id, @site, @name, @keyName, 1, @now, @now)
        """;

    private const string Update = """
        update operator_position set name = @name, key_name = @keyName, revision = revision + 1, updated_at = @now where organization = @organization and id = @id
        """;

    private const string Delete = "delete from operator_position where organization = @organization and id = @id";

    private const string ClearNodes = "delete from operator_position_node where organization = @organization and position = @id";

    private const string ClearPeople = "delete from operator_position_person where organization = @organization and position = @id";

    private const string InsertNode = "insert into operator_position_node (organization, position, node) values (@organization, @id, @member)";

    private const string InsertPerson = "insert into operator_position_person (organization, position, user_id) values (@organization, @id, @member)";

    private const string IsNode = "select count(*) from tree_node where organization = @organization and id = @member";

    private const string IsPerson = "select count(*) from membership where organization = @organization and user_id = @member";

    /// <summary>A position; null where the organization has none of the id.</summary>
    public static Task<OperatorPosition?> FindAsync(OrganizationTransaction transaction, Guid id)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.QuerySingleOrDefaultAsync<OperatorPosition>(ById, new { id });
    }

    /// <summary>Positions by name with the ids of their nodes and people.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="id">This one alone; null for all.</param>
    /// <param name="after">Behind this name, as names are compared …</param>
    /// <param name="afterId">… and this id; empty from the first on.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="ct">Ends waiting.</param>
    public static async Task<(IReadOnlyList<OperatorPosition> Positions, ILookup<string, string> Nodes, ILookup<string, string> People)> PageAsync(
        OrganizationDb db, Guid? id, string after, string afterId, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        var page = new { id = id?.ToString() ?? "", after, afterId, most };
        IReadOnlyList<OperatorPosition> positions = await db.QueryAsync<OperatorPosition>(Page, page, ct).ConfigureAwait(false);
        IReadOnlyList<PositionMember> nodes = await db.QueryAsync<PositionMember>(Nodes, page, ct).ConfigureAwait(false);
        IReadOnlyList<PositionMember> people = await db.QueryAsync<PositionMember>(People, page, ct).ConfigureAwait(false);
        return (positions, Of(nodes), Of(people));

        static ILookup<string, string> Of(IReadOnlyList<PositionMember> rows) => rows.ToLookup(row => row.Position, row => row.Member, StringComparer.Ordinal);
    }

    /// <summary>Makes a position of revision 1.</summary>
    public static async Task<PositionRefusal> CreateAsync(
        OrganizationTransaction transaction, Guid id, string name, IReadOnlyList<Guid> nodes, IReadOnlyList<Guid> people, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("positions").ConfigureAwait(false);
        if (await transaction.QuerySingleOrDefaultAsync<long>(MadeByPeople, null).ConfigureAwait(false) >= Most)
        {
            return PositionRefusal.TooMany;
        }

        string keyName = TreeStore.KeyOf(name);
        PositionRefusal refusal = await FaultAsync(transaction, id, keyName, nodes, people).ConfigureAwait(false);
        if (refusal == PositionRefusal.None)
        {
            await transaction.ExecuteAsync(Insert, new { id, site = (string?)null, name, keyName, now }).ConfigureAwait(false);
            await FillAsync(transaction, id, nodes, people).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Gives a position another name, other nodes and other people.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">The one the caller saw; null whatever it is now.</param>
    /// <param name="name">All of the name.</param>
    /// <param name="nodes">All of its nodes.</param>
    /// <param name="people">All of its people.</param>
    /// <param name="now">When.</param>
    public static async Task<PositionRefusal> ReplaceAsync(
        OrganizationTransaction transaction, Guid id, long? revision, string name, IReadOnlyList<Guid> nodes, IReadOnlyList<Guid> people, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("positions").ConfigureAwait(false);
        string keyName = TreeStore.KeyOf(name);
        PositionRefusal refusal = Stale(await FindAsync(transaction, id).ConfigureAwait(false), revision);
        if (refusal == PositionRefusal.None)
        {
            refusal = await FaultAsync(transaction, id, keyName, nodes, people).ConfigureAwait(false);
        }

        if (refusal == PositionRefusal.None)
        {
            await transaction.ExecuteAsync(Update, new { id, name, keyName, now }).ConfigureAwait(false);
            await transaction.ExecuteAsync(ClearNodes, new { id }).ConfigureAwait(false);
            await transaction.ExecuteAsync(ClearPeople, new { id }).ConfigureAwait(false);
            await FillAsync(transaction, id, nodes, people).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Removes a position; its nodes and people stay.</summary>
    public static async Task<PositionRefusal> RemoveAsync(OrganizationTransaction transaction, Guid id, long? revision)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("positions").ConfigureAwait(false);
        PositionRefusal refusal = Stale(await FindAsync(transaction, id).ConfigureAwait(false), revision);
        if (refusal == PositionRefusal.None)
        {
            await transaction.ExecuteAsync(Delete, new { id }).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Makes the position of a site that is being made: the site alone, nobody yet, named as the site where the name is free.</summary>
    internal static async Task MakeOfSiteAsync(OrganizationTransaction transaction, TreeNode site, DateTimeOffset now)
    {
        await transaction.AloneAsync("positions").ConfigureAwait(false);
        string name = await FreeNameAsync(transaction, site.Id, site.Name).ConfigureAwait(false);
        await transaction.ExecuteAsync(Insert, new { id = site.Id, site = site.Id, name, keyName = TreeStore.KeyOf(name), now }).ConfigureAwait(false);
        await transaction.ExecuteAsync(InsertNode, new { id = site.Id, member = site.Id }).ConfigureAwait(false);
    }

    /// <summary>A site is renamed: its position follows, unless somebody gave that one a name of its own.</summary>
    internal static async Task RenameOfSiteAsync(OrganizationTransaction transaction, TreeNode before, string name, DateTimeOffset now)
    {
        await transaction.AloneAsync("positions").ConfigureAwait(false);
        if (before.Name != name
            && await transaction.QuerySingleOrDefaultAsync<OperatorPosition>(OfSite, new { id = before.Id }).ConfigureAwait(false) is { } position && position.Name == before.Name)
        {
            string free = await FreeNameAsync(transaction, position.Id, name).ConfigureAwait(false);
            await transaction.ExecuteAsync(Update, new { id = position.Id, name = free, keyName = TreeStore.KeyOf(free), now }).ConfigureAwait(false);
        }
    }

    private static async Task<string> FreeNameAsync(OrganizationTransaction transaction, string id, string wanted)
    {
        string name = wanted;
        for (int number = 2; await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, new { keyName = TreeStore.KeyOf(name), id }).ConfigureAwait(false) > 0; number++)
        {
            name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{wanted} ({number})");
        }

        return name;
    }

    // All is looked at before anything is written.
    private static async Task<PositionRefusal> FaultAsync(
        OrganizationTransaction transaction, Guid id, string keyName, IReadOnlyList<Guid> nodes, IReadOnlyList<Guid> people)
    {
        if (await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, new { keyName, id }).ConfigureAwait(false) > 0)
        {
            return PositionRefusal.NameTaken;
        }

        foreach (Guid member in nodes)
        {
            if (await transaction.QuerySingleOrDefaultAsync<long>(IsNode, new { member }).ConfigureAwait(false) == 0)
            {
                return PositionRefusal.NodeUnknown;
            }
        }

        foreach (Guid member in people)
        {
            if (await transaction.QuerySingleOrDefaultAsync<long>(IsPerson, new { member }).ConfigureAwait(false) == 0)
            {
                return PositionRefusal.PersonUnknown;
            }
        }

        return PositionRefusal.None;
    }

    private static async Task FillAsync(OrganizationTransaction transaction, Guid id, IReadOnlyList<Guid> nodes, IReadOnlyList<Guid> people)
    {
        foreach (Guid member in nodes)
        {
            await transaction.ExecuteAsync(InsertNode, new { id, member }).ConfigureAwait(false);
        }

        foreach (Guid member in people)
        {
            await transaction.ExecuteAsync(InsertPerson, new { id, member }).ConfigureAwait(false);
        }
    }

    private static PositionRefusal Stale(OperatorPosition? position, long? revision) =>
        position is null ? PositionRefusal.Unknown : revision is { } seen && seen != position.Revision ? PositionRefusal.Changed : PositionRefusal.None;
}
