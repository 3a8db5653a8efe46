using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Positions;

/// <summary>Operator positions: named sets of nodes of the tree with their people. Alarms are counted and sent by them.</summary>
public static class PositionsApi
{
    private const string Path = "/api/v1/operator-positions";
    private const int MostNodes = 500;
    private const int MostPeople = 200;

    /// <summary>Adds the routes.</summary>
    public static void MapPositions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("operator positions").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listOperatorPositions").WithSummary("Operator positions by name, a page at a time. One is made with each site.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getOperatorPosition").WithSummary("One operator position.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Admin)).WithName("createOperatorPosition").WithSummary("Makes an operator position. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}", ReplaceAsync).Needs(new Access.Member(Role.Admin)).WithName("replaceOperatorPosition")
            .WithSummary("Gives it another name, other nodes and other people. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Admin)).WithName("deleteOperatorPosition")
            .WithSummary("Removes it; its nodes and people stay. May carry If-Match.");
    }

    /// <param name="Name">Unique in the organization, whatever its case.</param>
    /// <param name="NodeIds">Sites, areas, lines and assets, each with all that stands in it.</param>
    /// <param name="UserIds">Members of the organization.</param>
    public sealed record PositionRequest(
        [property: Required, PlainText(120)] string Name,
        [property: Required, MaxLength(MostNodes)] IReadOnlyList<Guid> NodeIds,
        [property: Required, MaxLength(MostPeople)] IReadOnlyList<Guid> UserIds);

    /// <param name="SiteId">The site it was made with and goes with; null where a person made it.</param>
    public sealed record Position(
        Guid Id, Guid? SiteId, string Name, IReadOnlyList<Guid> NodeIds, IReadOnlyList<Guid> UserIds, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Page(IReadOnlyList<Position> Items, string? Next);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, CancellationToken ct, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "name") is not { } from)
        {
            return Cursor.Fault();
        }

        (IReadOnlyList<OperatorPosition> rows, ILookup<string, string> nodes, ILookup<string, string> people) =
            await PositionStore.PageAsync(db, null, from.Text, from.Id, limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. rows.Take(limit).Select(row => Shown(row, nodes[row.Id], people[row.Id]))],
            rows.Count > limit ? new Cursor("name", TreeStore.KeyOf(rows[limit - 1].Name), 0, rows[limit - 1].Id).ToString() : null));
    }

    private static async Task<Results<Ok<Position>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        (IReadOnlyList<OperatorPosition> rows, ILookup<string, string> nodes, ILookup<string, string> people) =
            await PositionStore.PageAsync(db, id, "", "", 1, ct).ConfigureAwait(false);
        if (rows is not [var row])
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, row.Revision);
        return TypedResults.Ok(Shown(row, nodes[row.Id], people[row.Id]));
    }

    private static Task<Results<Created<Position>, ProblemHttpResult>> CreateAsync(
        PositionRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) => once.CreateAsync<Position>(
        request,
        async transaction =>
        {
            DateTimeOffset now = clock.Now();
            var id = Guid.CreateVersion7(now);
            string name = request.Name.Trim();
            Guid[] nodes = Sorted(request.NodeIds);
            Guid[] people = Sorted(request.UserIds);
            PositionRefusal refusal = await PositionStore.CreateAsync(transaction, id, name, nodes, people, now).ConfigureAwait(false);
            if (refusal != PositionRefusal.None)
            {
                return new Made<Position>.Refused(Problem(refusal));
            }

            await AuditLog.AppendAsync(
                transaction, db.Organization, caller.Name, "OPERATOR_POSITION_CREATED", $"operator position {id}", new { name, nodes, people }, now).ConfigureAwait(false);
            return new Made<Position>.As(new Position(id, null, name, nodes, people, now, now), $"{Path}/{id}", 1);
        },
        ct);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> ReplaceAsync(
        Guid id, PositionRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        string name = request.Name.Trim();
        Guid[] nodes = Sorted(request.NodeIds);
        Guid[] people = Sorted(request.UserIds);
        return WriteAsync(
            db, caller, "OPERATOR_POSITION_CHANGED", id, new { name, nodes, people }, clock.Now(),
            (transaction, now) => PositionStore.ReplaceAsync(transaction, id, Revisions.Expected(context.Request), name, nodes, people, now), ct);
    }

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            db, caller, "OPERATOR_POSITION_DELETED", id, new { }, clock.Now(),
            (transaction, _) => PositionStore.RemoveAsync(transaction, id, Revisions.Expected(context.Request)), ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        OrganizationDb db, Caller caller, string action, Guid id, object metadata, DateTimeOffset now,
        Func<OrganizationTransaction, DateTimeOffset, Task<PositionRefusal>> write, CancellationToken ct)
    {
        PositionRefusal refusal = await db.WriteAsync(
            async transaction =>
            {
                PositionRefusal refusal = await write(transaction, now).ConfigureAwait(false);
                if (refusal == PositionRefusal.None)
                {
                    await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"operator position {id}", metadata, now).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);
        return refusal switch
        {
            PositionRefusal.None => TypedResults.NoContent(),
            PositionRefusal.Unknown => TypedResults.NotFound(),
            _ => Problem(refusal),
        };
    }

    private static ProblemHttpResult Problem(PositionRefusal refusal) => refusal switch
    {
        PositionRefusal.Changed => Revisions.Changed(),
        PositionRefusal.NameTaken => TypedResults.Problem("name: there is an operator position of this name already; case does not count.", statusCode: StatusCodes.Status409Conflict),
        PositionRefusal.NodeUnknown => TypedResults.Problem("nodeIds: one of them is no site, area, line or asset.", statusCode: StatusCodes.Status422UnprocessableEntity),
        PositionRefusal.PersonUnknown => TypedResults.Problem("userIds: one of them is no member of the organization.", statusCode: StatusCodes.Status422UnprocessableEntity),
        PositionRefusal.TooMany => TypedResults.Problem(
            $"The organization has {PositionStore.Most} operator positions beside those of its sites; no more are taken.", statusCode: StatusCodes.Status409Conflict),
        _ => throw new System.Diagnostics.UnreachableException($"bug: {refusal} is no refusal"),
    };

    // As they come back when they are read.
    private static Guid[] Sorted(IReadOnlyList<Guid> ids) => [.. ids.Distinct().OrderBy(id => id.ToString(), StringComparer.Ordinal)];

    private static Position Shown(OperatorPosition row, IEnumerable<string> nodes, IEnumerable<string> people) => new(
        Guid.Parse(row.Id), row.Site is null ? null : Guid.Parse(row.Site), row.Name, [.. nodes.Select(Guid.Parse)], [.. people.Select(Guid.Parse)], row.CreatedAt, row.UpdatedAt);
}
