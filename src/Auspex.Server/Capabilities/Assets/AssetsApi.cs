using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Assets;

/// <summary>The organization's assets. <c>/api/v1/machines</c> is the same under the name users know.</summary>
public static class AssetsApi
{
    private const string Path = "/api/v1/assets";

    /// <summary>Adds the routes.</summary>
    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup(Path).WithTags("assets"), "Asset");
        Map(routes.MapGroup("/api/v1/machines").WithTags("machines"), "Machine");
    }

    public sealed record CreateRequest(
        [property: Required, PlainText(120)] string Name,
        [property: Required] Guid? ParentId,
        [property: PlainText(200)] string? ExternalName,
        [property: PlainText(120)] string? AssetClass,
        IReadOnlyDictionary<string, JsonElement>? Facts);

    /// <param name="Name">Absent: as it is.</param>
    /// <param name="ExternalName">Absent: as it is; empty: none.</param>
    /// <param name="AssetClass">Absent: as it is; empty: none.</param>
    /// <param name="Facts">Those that change; null takes one away.</param>
    public sealed record PatchRequest(
        [property: PlainText(120)] string? Name,
        [property: PlainText(200, Clears = true)] string? ExternalName,
        [property: PlainText(120, Clears = true)] string? AssetClass,
        IReadOnlyDictionary<string, JsonElement>? Facts);

    public sealed record MoveRequest([property: Required] Guid? ParentId);

    public sealed record Move(Guid FromParentId, string FromPath, Guid ToParentId, string ToPath, DateTimeOffset MovedAt, string MovedBy);

    public sealed record Asset(
        Guid Id, Guid ParentId, string Name, string? ExternalName, string? AssetClass, JsonElement Facts, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Page(IReadOnlyList<Asset> Items, string? Next);

    internal static Asset Shown(TreeNode node) => new(
        Guid.Parse(node.Id), Guid.Parse(node.Parent!), node.Name, node.ExternalName, node.AssetClass, JsonElement.Parse(node.Facts), node.CreatedAt, node.UpdatedAt);

    private static void Map(RouteGroupBuilder group, string noun)
    {
        group.Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAssets.HandleAsync).WithName($"list{noun}s").WithSummary("Assets, a page at a time; filtered, searched and sorted.");
        group.MapGet("/{id:guid}", GetAsync).WithName($"get{noun}").WithSummary("One asset.");
        group.MapGet("/{id:guid}/moves", MovesAsync).WithName($"list{noun}Moves").WithSummary("Where the asset stood before, newest first.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).WithName($"create{noun}").WithSummary("Makes an asset. May carry Idempotency-Key.");
        group.MapPatch("/{id:guid}", PatchAsync).Needs(new Access.Member(Role.Engineer)).WithName($"patch{noun}")
            .WithSummary("Changes name, external name, class and facts. May carry If-Match.");
        group.MapPost("/{id:guid}/move", MoveAsync).Needs(new Access.Member(Role.Engineer)).WithName($"move{noun}")
            .WithSummary("Moves an asset; its id and history stay. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName($"delete{noun}")
            .WithSummary("Removes an asset that has no parts and no record; with subtree=true those too. May carry If-Match.");
    }

    private static async Task<Results<Ok<Asset>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await TreeStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { Kind: TreeKinds.Asset } node)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, node.Revision);
        return TypedResults.Ok(Shown(node));
    }

    private static async Task<Results<Created<Asset>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Facts.Fault(request.Facts) is { } fault)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await once.CreateAsync<Asset>(
            request,
            async transaction =>
            {
                DateTimeOffset now = clock.Now();
                var id = Guid.CreateVersion7(now);
                var node = new TreeNode(
                    id.ToString(), request.ParentId!.Value.ToString(), TreeKinds.Asset, request.Name.Trim(), request.ExternalName, request.AssetClass,
                    Facts.Merged("{}", request.Facts), 1, now, now);
                TreeRefusal refusal = await TreeStore.CreateAsync(transaction, node, now).ConfigureAwait(false);
                if (refusal != TreeRefusal.None)
                {
                    return new Made<Asset>.Refused(TreeRefusals.Problem(refusal, TreeKinds.Asset));
                }

                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "ASSET_CREATED", $"asset {id}", new { node.Name, request.ParentId }, now).ConfigureAwait(false);
                return new Made<Asset>.As(Shown(node), $"{Path}/{id}", 1);
            },
            ct).ConfigureAwait(false);
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> PatchAsync(
        Guid id, PatchRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Facts.Fault(request.Facts) is { } fault)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await WriteAsync(
            context, db,
            async (transaction, revision) =>
            {
                DateTimeOffset now = clock.Now();
                TreeRefusal refusal = await TreeStore.ChangeAsync(
                    transaction, id, revision,
                    present => present with
                    {
                        Name = request.Name?.Trim() ?? present.Name,
                        ExternalName = Changed(request.ExternalName, present.ExternalName),
                        AssetClass = Changed(request.AssetClass, present.AssetClass),
                        Facts = Facts.Merged(present.Facts, request.Facts),
                    },
                    now, TreeKinds.Asset).ConfigureAwait(false);
                if (refusal == TreeRefusal.None)
                {
                    await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, "ASSET_CHANGED", $"asset {id}", request, now).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);
    }

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> MoveAsync(
        Guid id, MoveRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            context, db,
            (transaction, revision) => TreeStore.MoveAsync(transaction, id, revision, request.ParentId!.Value, caller.Name, clock.Now(), TreeKinds.Asset), ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, RecordedFrames frames, TimeProvider clock, CancellationToken ct, bool subtree = false)
    {
        bool measured = !subtree && await frames.AreOfAsync(db, id, ct).ConfigureAwait(false);
        return await WriteAsync(
            context, db,
            async (transaction, revision) => measured
                ? TreeRefusal.NotEmpty
                : await TreeStore.RemoveAsync(transaction, id, revision, subtree, caller.Name, clock.Now(), TreeKinds.Asset).ConfigureAwait(false),
            ct).ConfigureAwait(false);
    }

    private static async Task<Results<Ok<IReadOnlyList<Move>>, NotFound>> MovesAsync(Guid id, OrganizationDb db, CancellationToken ct) =>
        await TreeStore.FindAsync(db, id, ct).ConfigureAwait(false) is { Kind: TreeKinds.Asset }
            ? TypedResults.Ok<IReadOnlyList<Move>>([.. (await TreeStore.MovesAsync(db, id, ct).ConfigureAwait(false)).Select(move => new Move(
                Guid.Parse(move.FromParent), move.FromPath, Guid.Parse(move.ToParent), move.ToPath, move.MovedAt, move.MovedBy))])
            : TypedResults.NotFound();

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        HttpContext context, OrganizationDb db, Func<OrganizationTransaction, long?, Task<TreeRefusal>> write, CancellationToken ct)
    {
        long? revision = Revisions.Expected(context.Request);
        return TreeRefusals.Answer(await db.WriteAsync(transaction => write(transaction, revision), ct).ConfigureAwait(false), TreeKinds.Asset);
    }

    private static string? Changed(string? asked, string? present) => asked is null ? present : asked.Length == 0 ? null : asked;
}
