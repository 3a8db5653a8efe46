using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Tree;

/// <summary>Sites, areas and lines, and the assets in them: one tree.</summary>
public static class TreeApi
{
    private const string Path = "/api/v1/tree";

    private const string Children = """
        select n.id as Id, n.parent as Parent, n.kind as Kind, n.name as Name,
          (select count(*) from tree_node c where c.organization = @organization and c.parent = n.id) as Children
        from tree_node n where n.organization = @organization and coalesce(n.parent, '') = @parent
          and (@afterId = '' or (n.key_name, n.id) > (@after, @afterId))
        order by n.key_name, n.id limit @most
        """;

    /// <summary>Adds the routes.</summary>
    public static void MapTree(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("tree").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listTree").WithSummary("What stands in a node, or the sites where no node is named, by name, a page at a time.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getTreeNode").WithSummary("A node with the names above it.");
        group.MapGet("/{id:guid}/moves", MovesAsync).WithName("listTreeMoves").WithSummary("Where a node stood before, newest first.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).WithName("createTreeNode")
            .WithSummary("Makes a site, area or line. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}/name", RenameAsync).Needs(new Access.Member(Role.Engineer)).WithName("renameTreeNode").WithSummary("Renames a node. May carry If-Match.");
        group.MapPost("/{id:guid}/move", MoveAsync).Needs(new Access.Member(Role.Engineer)).WithName("moveTreeNode")
            .WithSummary("Moves a node with all that stands in it; ids and history stay. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteTreeNode")
            .WithSummary("Removes a node that is empty; with subtree=true all that stands in it too. May carry If-Match.");
    }

    public sealed record CreateRequest(
        [property: Required, AllowedValues("site", "area", "line")] string Kind, [property: Required, PlainText(120)] string Name, Guid? ParentId);

    public sealed record NameRequest([property: Required, PlainText(120)] string Name);

    public sealed record MoveRequest([property: Required] Guid? ParentId);

    public sealed record Node(Guid Id, Guid? ParentId, string Kind, string Name, IReadOnlyList<string> Path, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Child(Guid Id, Guid? ParentId, string Kind, string Name, long Children);

    public sealed record Page(IReadOnlyList<Child> Items, string? Next);

    public sealed record Move(Guid FromParentId, string FromPath, Guid ToParentId, string ToPath, DateTimeOffset MovedAt, string MovedBy);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, CancellationToken ct, Guid? parent = null, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "name") is not { } from)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<ChildRow> rows = await db.QueryAsync<ChildRow>(
            Children, new { parent = parent?.ToString() ?? "", after = from.Text, afterId = from.Id, most = limit + 1 }, ct).ConfigureAwait(false);
        Child[] items = [.. rows.Take(limit).Select(row => new Child(Guid.Parse(row.Id), row.Parent is null ? null : Guid.Parse(row.Parent), row.Kind, row.Name, row.Children))];
        return TypedResults.Ok(new Page(
            items, rows.Count > limit ? new Cursor("name", TreeStore.KeyOf(items[^1].Name), 0, items[^1].Id.ToString()).ToString() : null));
    }

    private static async Task<Results<Ok<Node>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await TreeStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } node)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, node.Revision);
        return TypedResults.Ok(Shown(node, await TreeStore.PathAsync(db, id, ct).ConfigureAwait(false)));
    }

    private static async Task<Results<Ok<IReadOnlyList<Move>>, NotFound>> MovesAsync(Guid id, OrganizationDb db, CancellationToken ct) =>
        await TreeStore.FindAsync(db, id, ct).ConfigureAwait(false) is null
            ? TypedResults.NotFound()
            : TypedResults.Ok<IReadOnlyList<Move>>([.. (await TreeStore.MovesAsync(db, id, ct).ConfigureAwait(false)).Select(move => new Move(
                Guid.Parse(move.FromParent), move.FromPath, Guid.Parse(move.ToParent), move.ToPath, move.MovedAt, move.MovedBy))]);

    private static Task<Results<Created<Node>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) => once.CreateAsync<Node>(
        request,
        async transaction =>
        {
            DateTimeOffset now = clock.Now();
            var id = Guid.CreateVersion7(now);
            var node = new TreeNode(id.ToString(), request.ParentId?.ToString(), request.Kind, request.Name.Trim(), null, null, "{}", 1, now, now);
            TreeRefusal refusal = await TreeStore.CreateAsync(transaction, node, now).ConfigureAwait(false);
            if (refusal != TreeRefusal.None)
            {
                return new Made<Node>.Refused(TreeRefusals.Problem(refusal, request.Kind));
            }

            await AuditAsync(transaction, db, caller, "TREE_NODE_CREATED", id, new { request.Kind, node.Name, request.ParentId }, now).ConfigureAwait(false);
            return new Made<Node>.As(Shown(node, await TreeStore.PathAsync(transaction, id).ConfigureAwait(false)), $"{Path}/{id}", 1);
        },
        ct);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> RenameAsync(
        Guid id, NameRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(context, db, id, async (transaction, node, revision) =>
        {
            DateTimeOffset now = clock.Now();
            string name = request.Name.Trim();
            TreeRefusal refusal = await TreeStore.ChangeAsync(transaction, id, revision, present => present with { Name = name }, now).ConfigureAwait(false);
            if (refusal == TreeRefusal.None)
            {
                await AuditAsync(transaction, db, caller, "TREE_NODE_RENAMED", id, new { from = node.Name, to = name }, now).ConfigureAwait(false);
            }

            return refusal;
        }, ct);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> MoveAsync(
        Guid id, MoveRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(context, db, id, (transaction, _, revision) => TreeStore.MoveAsync(transaction, id, revision, request.ParentId!.Value, caller.Name, clock.Now()), ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, RecordedFrames frames, TimeProvider clock, CancellationToken ct, bool subtree = false)
    {
        bool measured = !subtree && await frames.AreOfAsync(db, id, ct).ConfigureAwait(false);
        return await WriteAsync(
            context, db, id,
            async (transaction, _, revision) => measured
                ? TreeRefusal.NotEmpty
                : await TreeStore.RemoveAsync(transaction, id, revision, subtree, caller.Name, clock.Now()).ConfigureAwait(false),
            ct).ConfigureAwait(false);
    }

    // A change of one node, with the revision the caller wants to change.
    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        HttpContext context, OrganizationDb db, Guid id, Func<OrganizationTransaction, TreeNode, long?, Task<TreeRefusal>> write, CancellationToken ct)
    {
        long? revision = Revisions.Expected(context.Request);
        (TreeRefusal refusal, string kind) = await db.WriteAsync(
            async transaction => await TreeStore.FindAsync(transaction, id).ConfigureAwait(false) is { } node
                ? (await write(transaction, node, revision).ConfigureAwait(false), node.Kind)
                : (TreeRefusal.Unknown, ""),
            ct).ConfigureAwait(false);
        return TreeRefusals.Answer(refusal, kind);
    }

    private static Task AuditAsync(
        OrganizationTransaction transaction, OrganizationDb db, Caller caller, string action, Guid id, object metadata, DateTimeOffset now) =>
        AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"node {id}", metadata, now);

    private static Node Shown(TreeNode node, IReadOnlyList<string> path) => new(
        Guid.Parse(node.Id), node.Parent is null ? null : Guid.Parse(node.Parent), node.Kind, node.Name, path, node.CreatedAt, node.UpdatedAt);

    private sealed record ChildRow
    {
        public string Id { get; init; } = "";

        public string? Parent { get; init; }

        public string Kind { get; init; } = "";

        public string Name { get; init; } = "";

        public long Children { get; init; }
    }
}
