using System.Text;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;

namespace Auspex.Storage.Plant;

/// <summary>The tree of an organization: changes that keep it one.</summary>
public static class TreeStore
{
    /// <summary>Most levels, counted from a site.</summary>
    public const int MostLevels = 16;

    internal const string Columns = """
        id as Id, parent as Parent, kind as Kind, name as Name, external_name as ExternalName, asset_class as AssetClass, facts as Facts,
        revision as Revision, created_at as CreatedAt, updated_at as UpdatedAt
        """;

    private const string ById = $"select {Columns} from tree_node where organization = @organization and id = @id";

    private const string Sibling = """
        select count(*) from tree_node where organization = @organization and coalesce(parent, '') = @parent and key_name = @keyName and id <> @id
        """;

    private const string External = "select count(*) from tree_node where organization = @organization and external_name = @externalName and id <> @id";

    // From the node up to its site. The bound ends it even where somebody wrote a cycle by hand.
    private const string Path = """
        with recursive above (id, parent, name, level) as (
          select id, parent, name, 1 from tree_node where organization = @organization and id = @id
          union all
          select n.id, n.parent, n.name, a.level + 1 from tree_node n join above a on n.id = a.parent where n.organization = @organization and a.level < 64
        )
        select id as Id, name as Name from above order by level desc
        """;

    // From the node down, the deepest first.
    private const string Below = """
        with recursive below (id, level) as (
          select id, 1 from tree_node where organization = @organization and id = @id
          union all
          select n.id, b.level + 1 from tree_node n join below b on n.parent = b.id where n.organization = @organization and b.level < 64
        )
        select id as Id, cast(level as bigint) as Level from below order by level desc, id
        """;

    private const string Insert = """
        insert into tree_node (organization, id, parent, kind, name, key_name, external_name, asset_class, facts, revision, created_at, updated_at)
        values (@organization, @id, @parent, @kind, @name, @keyName, @externalName, @assetClass, @facts, 1, @now, @now)
        """;

    private const string Change = """
        update tree_node set name = @name, key_name = @keyName, external_name = @externalName, asset_class = @assetClass, facts = @facts,
          revision = revision + 1, updated_at = @now where organization = @organization and id = @id
        """;

    private const string Move = "update tree_node set parent = @parent, revision = revision + 1, updated_at = @now where organization = @organization and id = @id";

    private const string InsertMove = """
        insert into tree_move (organization, node, id, from_parent, from_path, to_parent, to_path, moved_at, moved_by)
        values (@organization, @node, @id, @fromParent, @fromPath, @toParent, @toPath, @now, @who)
        """;

    private const string Moves = """
        select from_parent as FromParent, from_path as FromPath, to_parent as ToParent, to_path as ToPath, moved_at as MovedAt, moved_by as MovedBy
        from tree_move where organization = @organization and node = @id order by id desc limit 1000
        """;

    private const string Recorded = """
        select (select count(*) from plant_event where organization = @organization and asset = @id)
          + (select count(*) from document where organization = @organization and asset = @id)
        """;

    private const string Delete = "delete from tree_node where organization = @organization and id = @id";

    /// <summary>A node; null where the organization has none of the id.</summary>
    public static Task<TreeNode?> FindAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QuerySingleOrDefaultAsync<TreeNode>(ById, new { id }, ct);
    }

    /// <summary>The same within a transaction.</summary>
    public static Task<TreeNode?> FindAsync(OrganizationTransaction transaction, Guid id)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.QuerySingleOrDefaultAsync<TreeNode>(ById, new { id });
    }

    /// <summary>Names from the site down to a node, it included; empty where the organization has none of the id.</summary>
    public static async Task<IReadOnlyList<string>> PathAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<Step>(Path, new { id }, ct).ConfigureAwait(false)).Select(step => step.Name)];
    }

    /// <summary>The same within a transaction.</summary>
    public static async Task<IReadOnlyList<string>> PathAsync(OrganizationTransaction transaction, Guid id)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return [.. (await transaction.QueryAsync<Step>(Path, new { id }).ConfigureAwait(false)).Select(step => step.Name)];
    }

    /// <summary>Where a node was, newest first, at most 1000 moves.</summary>
    public static Task<IReadOnlyList<TreeMove>> MovesAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<TreeMove>(Moves, new { id }, ct);
    }

    /// <summary>Names as they are compared: whatever their case and however their letters are composed.</summary>
    public static string KeyOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Normalize(NormalizationForm.FormKC).ToUpperInvariant();
    }

    /// <summary>Makes a node of revision 1; with a site its operator position.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="node">All of it; its revision and instants are not read.</param>
    /// <param name="now">Its instants.</param>
    public static async Task<TreeRefusal> CreateAsync(OrganizationTransaction transaction, TreeNode node, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(node);
        await transaction.AloneAsync("tree").ConfigureAwait(false);
        TreeRefusal refusal = node.Parent is null
            ? (node.Kind == TreeKinds.Site ? TreeRefusal.None : TreeRefusal.ParentUnfit)
            : await PlaceAsync(transaction, node.Id, node.Kind, node.Parent, levels: 1).ConfigureAwait(false);
        if (refusal == TreeRefusal.None)
        {
            refusal = await NamesAsync(transaction, node).ConfigureAwait(false);
        }

        if (refusal == TreeRefusal.None)
        {
            await transaction.ExecuteAsync(Insert, Values(node, now)).ConfigureAwait(false);
            if (node.Kind == TreeKinds.Site)
            {
                await PositionStore.MakeOfSiteAsync(transaction, node, now).ConfigureAwait(false);
            }

            if (node.ExternalName is not null)
            {
                await FrameNameStore.AddKeyAsync(transaction, node).ConfigureAwait(false);
            }
        }

        return refusal;
    }

    /// <summary>Changes names, class and facts of a node; what it is and where it stands stay.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">The one the caller saw; null whatever it is now.</param>
    /// <param name="change">Makes the new node of the present one.</param>
    /// <param name="now">When.</param>
    /// <param name="kind">What it must be, else it is unknown; null: anything.</param>
    public static async Task<TreeRefusal> ChangeAsync(
        OrganizationTransaction transaction, Guid id, long? revision, Func<TreeNode, TreeNode> change, DateTimeOffset now, string? kind = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(change);
        await transaction.AloneAsync("tree").ConfigureAwait(false);
        TreeNode? node = await FindAsync(transaction, id).ConfigureAwait(false);
        TreeRefusal refusal = Stale(node, kind, revision);
        if (refusal != TreeRefusal.None)
        {
            return refusal;
        }

        TreeNode changed = change(node!);
        refusal = await NamesAsync(transaction, changed).ConfigureAwait(false);
        if (refusal == TreeRefusal.None)
        {
            await transaction.ExecuteAsync(Change, Values(changed, now)).ConfigureAwait(false);
            if (node!.Kind == TreeKinds.Site)
            {
                await PositionStore.RenameOfSiteAsync(transaction, node, changed.Name, now).ConfigureAwait(false);
            }
        }

        return refusal;
    }

    /// <summary>Moves a node with all that stands in it; where it stood is kept, and the audit log tells who moved it.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="id">Which; a site cannot be moved.</param>
    /// <param name="revision">The one the caller saw; null whatever it is now.</param>
    /// <param name="parent">What it shall stand in.</param>
    /// <param name="who">Who moves it.</param>
    /// <param name="now">When.</param>
    /// <param name="kind">What it must be, else it is unknown; null: anything.</param>
    public static async Task<TreeRefusal> MoveAsync(
        OrganizationTransaction transaction, Guid id, long? revision, Guid parent, string who, DateTimeOffset now, string? kind = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("tree").ConfigureAwait(false);
        TreeNode? node = await FindAsync(transaction, id).ConfigureAwait(false);
        TreeRefusal refusal = Stale(node, kind, revision);
        if (refusal != TreeRefusal.None)
        {
            return refusal;
        }

        string toParent = parent.ToString();
        if (node!.Parent is not { } fromParent)
        {
            return TreeRefusal.ParentUnfit;
        }

        if (fromParent == toParent)
        {
            return TreeRefusal.None;
        }

        IEnumerable<Under> below = await transaction.QueryAsync<Under>(Below, new { id }).ConfigureAwait(false);
        refusal = await PlaceAsync(transaction, node.Id, node.Kind, toParent, below.Max(under => under.Level)).ConfigureAwait(false);
        if (refusal == TreeRefusal.None)
        {
            refusal = await NamesAsync(transaction, node with { Parent = toParent }).ConfigureAwait(false);
        }

        if (refusal == TreeRefusal.None)
        {
            string fromPath = await PathTextAsync(transaction, fromParent).ConfigureAwait(false);
            string toPath = await PathTextAsync(transaction, toParent).ConfigureAwait(false);
            await transaction.ExecuteAsync(Move, new { id, parent, now }).ConfigureAwait(false);
            await transaction.ExecuteAsync(
                InsertMove, new { node = node.Id, id = Guid.CreateVersion7(now), fromParent, fromPath, toParent, toPath, now, who }).ConfigureAwait(false);
            await AuditLog.AppendAsync(
                transaction, transaction.Organization, who, "TREE_NODE_MOVED", $"node {id}", new { from = fromParent, to = toParent }, now).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Removes a node; the audit log tells who did.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">The one the caller saw; null whatever it is now.</param>
    /// <param name="subtree">Whether what stands in it, and what was recorded of it, goes too.</param>
    /// <param name="who">Who removes it.</param>
    /// <param name="now">When.</param>
    /// <param name="kind">What it must be, else it is unknown; null: anything.</param>
    public static async Task<TreeRefusal> RemoveAsync(
        OrganizationTransaction transaction, Guid id, long? revision, bool subtree, string who, DateTimeOffset now, string? kind = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("tree").ConfigureAwait(false);
        TreeNode? node = await FindAsync(transaction, id).ConfigureAwait(false);
        TreeRefusal refusal = Stale(node, kind, revision);
        if (refusal != TreeRefusal.None)
        {
            return refusal;
        }

        Under[] gone = [.. await transaction.QueryAsync<Under>(Below, new { id }).ConfigureAwait(false)];
        if (!subtree && (gone.Length > 1 || await transaction.QuerySingleOrDefaultAsync<long>(Recorded, new { id }).ConfigureAwait(false) > 0))
        {
            return TreeRefusal.NotEmpty;
        }

        foreach (Under under in gone)
        {
            await transaction.ExecuteAsync(Delete, new { id = under.Id }).ConfigureAwait(false);
        }

        await AuditLog.AppendAsync(
            transaction, transaction.Organization, who, "TREE_NODE_DELETED", $"node {id}", new { node!.Kind, node.Name, nodes = gone.Length }, now).ConfigureAwait(false);
        return TreeRefusal.None;
    }

    private static TreeRefusal Stale(TreeNode? node, string? kind, long? revision) =>
        node is null || (kind is not null && node.Kind != kind) ? TreeRefusal.Unknown : revision is { } seen && seen != node.Revision ? TreeRefusal.Changed : TreeRefusal.None;

    private static async Task<TreeRefusal> PlaceAsync(OrganizationTransaction transaction, string id, string kind, string parent, long levels)
    {
        if (await FindAsync(transaction, Guid.Parse(parent)).ConfigureAwait(false) is not { } above)
        {
            return TreeRefusal.ParentUnknown;
        }

        if (!TreeKinds.MayStandIn(kind, above.Kind))
        {
            return TreeRefusal.ParentUnfit;
        }

        Step[] path = [.. await transaction.QueryAsync<Step>(Path, new { id = parent }).ConfigureAwait(false)];
        return path.Any(step => step.Id == id) ? TreeRefusal.Cycle
            : path.Length + levels > MostLevels ? TreeRefusal.TooDeep
            : TreeRefusal.None;
    }

    private static async Task<TreeRefusal> NamesAsync(OrganizationTransaction transaction, TreeNode node)
    {
        var names = new { id = node.Id, parent = node.Parent ?? "", keyName = KeyOf(node.Name), externalName = node.ExternalName ?? "" };
        return await transaction.QuerySingleOrDefaultAsync<long>(Sibling, names).ConfigureAwait(false) > 0 ? TreeRefusal.NameTaken
            : node.ExternalName is not null && await transaction.QuerySingleOrDefaultAsync<long>(External, names).ConfigureAwait(false) > 0 ? TreeRefusal.ExternalNameTaken
            : TreeRefusal.None;
    }

    private static async Task<string> PathTextAsync(OrganizationTransaction transaction, string id) =>
        string.Join(" / ", await PathAsync(transaction, Guid.Parse(id)).ConfigureAwait(false));

    private static object Values(TreeNode node, DateTimeOffset now) => new
    {
        id = node.Id,
        parent = node.Parent,
        kind = node.Kind,
        name = node.Name,
        keyName = KeyOf(node.Name),
        externalName = node.ExternalName,
        assetClass = node.AssetClass,
        facts = node.Facts,
        now,
    };

    // By properties: where there is no row, SQLite does not know the type of an expression.
    private sealed record Step
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";
    }

    private sealed record Under
    {
        public string Id { get; init; } = "";

        public long Level { get; init; }
    }
}
