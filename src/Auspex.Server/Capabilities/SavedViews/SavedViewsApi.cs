using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.SavedViews;

/// <summary>How people look at a screen: filters, columns, order. A view is its maker's alone until it is shared with the organization.</summary>
public static class SavedViewsApi
{
    private const string Path = "/api/v1/saved-views";
    private const int MostOfPerson = 200;
    private const int MostBytes = 16 * 1024;

    private const string Columns = """
        id as Id, user_id as UserId, screen as Screen, name as Name, body as Body, shared as Shared, revision as Revision, created_at as CreatedAt, updated_at as UpdatedAt
        """;

    // What is not the caller's and not shared is not there.
    private const string ById = $"select {Columns} from saved_view where organization = @organization and id = @id and (user_id = @user or shared = 1)";

    private const string List = $"""
        select {Columns} from saved_view where organization = @organization and (user_id = @user or shared = 1) and (@screen = '' or screen = @screen)
          and (@afterId = '' or (key_name, id) > (@after, @afterId)) order by key_name, id limit @most
        """;

    private const string Count = "select count(*) from saved_view where organization = @organization and user_id = @user";

    private const string OthersOfName = """
        select count(*) from saved_view where organization = @organization and user_id = @user and screen = @screen and key_name = @keyName and id <> @id
        """;

    private const string Insert = """
        insert into saved_view (organization, id, user_id, screen, name, key_name, body, shared, revision, created_at, updated_at)
        values (@organization, @id, @user, @screen, @name, @keyName, @body, @shared, 1, @now, @now)
        """;

    private const string Update = """
        update saved_view set screen = @screen, name = @name, key_name = @keyName, body = @body, shared = @shared, revision = revision + 1, updated_at = @now
        where organization = @organization and id = @id
        """;

    private const string Delete = "delete from saved_view where organization = @organization and id = @id";

    /// <summary>Adds the routes.</summary>
    public static void MapSavedViews(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("saved views").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listSavedViews").WithSummary("The caller's views and those that are shared, by name, a page at a time; of one screen or all.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getSavedView").WithSummary("One view.");
        group.MapPost("/", CreateAsync).WithName("createSavedView").WithSummary("Keeps a view. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}", ReplaceAsync).WithName("replaceSavedView").WithSummary("Replaces a view of the caller's own. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteSavedView")
            .WithSummary("Removes a view of the caller's own; an admin removes any that is shared. May carry If-Match.");
    }

    /// <param name="Name">Unique among the caller's of the screen, whatever its case.</param>
    /// <param name="Screen">Which screen it is of, such as <c>assets</c>.</param>
    /// <param name="Content">A JSON object of at most 16 KiB that means something to the screen.</param>
    /// <param name="Shared">Whether all of the organization see it.</param>
    public sealed record ViewRequest(
        [property: Required, PlainText(120)] string Name,
        [property: Required, RegularExpression("^[a-z][a-z0-9-]{0,59}$", ErrorMessage = "Screen must be a lower-case letter, then letters, digits and hyphens, at most 60.")] string Screen,
        [property: Required] JsonElement? Content,
        bool Shared = false);

    /// <param name="Own">Whether it is the caller's.</param>
    public sealed record View(Guid Id, string Name, string Screen, JsonElement Content, bool Shared, bool Own, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Page(IReadOnlyList<View> Items, string? Next);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        Caller caller, OrganizationDb db, CancellationToken ct, [StringLength(60)] string? screen = null, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "name") is not { } from)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<Row> rows = await db.QueryAsync<Row>(
            List, new { user = caller.UserId, screen = screen ?? "", after = from.Text, afterId = from.Id, most = limit + 1 }, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. rows.Take(limit).Select(row => Shown(row, caller))],
            rows.Count > limit ? new Cursor("name", TreeStore.KeyOf(rows[limit - 1].Name), 0, rows[limit - 1].Id).ToString() : null));
    }

    private static async Task<Results<Ok<View>, NotFound>> GetAsync(Guid id, Caller caller, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await db.QuerySingleOrDefaultAsync<Row>(ById, new { id, user = caller.UserId }, ct).ConfigureAwait(false) is not { } row)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, row.Revision);
        return TypedResults.Ok(Shown(row, caller));
    }

    private static async Task<Results<Created<View>, ProblemHttpResult>> CreateAsync(
        ViewRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        Fault(request) is { } fault
            ? fault
            : await once.CreateAsync<View>(
                request,
                async transaction =>
                {
                    await transaction.AloneAsync($"views {caller.UserId}").ConfigureAwait(false);
                    if (await transaction.QuerySingleOrDefaultAsync<long>(Count, new { user = caller.UserId }).ConfigureAwait(false) >= MostOfPerson)
                    {
                        return new Made<View>.Refused(TypedResults.Problem($"You have {MostOfPerson} views; remove one first.", statusCode: StatusCodes.Status409Conflict));
                    }

                    DateTimeOffset now = clock.Now();
                    var id = Guid.CreateVersion7(now);
                    if (await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, Values(id, request, caller, now)).ConfigureAwait(false) > 0)
                    {
                        return new Made<View>.Refused(NameTaken());
                    }

                    await transaction.ExecuteAsync(Insert, Values(id, request, caller, now)).ConfigureAwait(false);
                    return new Made<View>.As(
                        new View(id, request.Name.Trim(), request.Screen, request.Content!.Value, request.Shared, Own: true, now, now), $"{Path}/{id}", 1);
                },
                ct).ConfigureAwait(false);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> ReplaceAsync(
        Guid id, ViewRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        Fault(request) is { } fault
            ? fault
            : await WriteAsync(
                id, context, caller, db,
                async (transaction, row) =>
                {
                    object values = Values(id, request, caller, clock.Now());
                    if (row.UserId != caller.UserId.ToString())
                    {
                        return TypedResults.Problem("The view is somebody else's; keep it under your own name first.", statusCode: StatusCodes.Status403Forbidden);
                    }

                    if (await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, values).ConfigureAwait(false) > 0)
                    {
                        return NameTaken();
                    }

                    await transaction.ExecuteAsync(Update, values).ConfigureAwait(false);
                    return null;
                },
                ct).ConfigureAwait(false);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            id, context, caller, db,
            async (transaction, row) =>
            {
                bool own = row.UserId == caller.UserId.ToString();
                if (!own && caller.Role < Role.Admin)
                {
                    return TypedResults.Problem("The view is somebody else's; its maker or an admin removes it.", statusCode: StatusCodes.Status403Forbidden);
                }

                await transaction.ExecuteAsync(Delete, new { id }).ConfigureAwait(false);
                if (!own)
                {
                    await AuditLog.AppendAsync(
                        transaction, db.Organization, caller.Name, "SAVED_VIEW_DELETED", $"saved view {id}", new { row.Name, row.Screen, of = $"user {row.UserId}" }, clock.Now())
                        .ConfigureAwait(false);
                }

                return null;
            },
            ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, Func<OrganizationTransaction, Row, Task<ProblemHttpResult?>> write, CancellationToken ct)
    {
        long? expected = Revisions.Expected(context.Request);
        (bool known, ProblemHttpResult? problem) = await db.WriteAsync<(bool, ProblemHttpResult?)>(
            async transaction =>
            {
                await transaction.AloneAsync($"views {caller.UserId}").ConfigureAwait(false);
                return await transaction.QuerySingleOrDefaultAsync<Row>(ById, new { id, user = caller.UserId }).ConfigureAwait(false) is not { } row ? (false, null)
                    : expected is { } seen && seen != row.Revision ? (true, Revisions.Changed())
                    : (true, await write(transaction, row).ConfigureAwait(false));
            },
            ct).ConfigureAwait(false);
        return !known ? TypedResults.NotFound() : problem is not null ? problem : TypedResults.NoContent();
    }

    private static ProblemHttpResult? Fault(ViewRequest request)
    {
        JsonElement content = request.Content!.Value;
        string? fault = content.ValueKind != JsonValueKind.Object ? $"content is {Word(content.ValueKind)}; a JSON object is taken"
            : Encoding.UTF8.GetByteCount(content.GetRawText()) is > MostBytes and var bytes ? $"content has {bytes} bytes; at most {MostBytes} are taken"
            : null;
        return fault is null ? null : TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
    }

    private static string Word(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private static ProblemHttpResult NameTaken() => TypedResults.Problem(
        "name: you have a view of this name for this screen already; case does not count.", statusCode: StatusCodes.Status409Conflict);

    private static object Values(Guid id, ViewRequest request, Caller caller, DateTimeOffset now) => new
    {
        id,
        user = caller.UserId,
        screen = request.Screen,
        name = request.Name.Trim(),
        keyName = TreeStore.KeyOf(request.Name.Trim()),
        body = request.Content!.Value.GetRawText(),
        shared = request.Shared ? 1 : 0,
        now,
    };

    private static View Shown(Row row, Caller caller) => new(
        Guid.Parse(row.Id), row.Name, row.Screen, JsonElement.Parse(row.Body), row.Shared != 0, row.UserId == caller.UserId.ToString(), row.CreatedAt, row.UpdatedAt);

    private sealed record Row(
        string Id, string UserId, string Screen, string Name, string Body, long Shared, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
}
