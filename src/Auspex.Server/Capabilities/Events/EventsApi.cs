using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Events;

/// <summary>What happened to assets beside their readings: failures, work orders, errors, notes.</summary>
public static class EventsApi
{
    /// <summary>The one order that they are listed in.</summary>
    internal const string Order = "-startedAt";

    private const string Path = "/api/v1/events";
    private const string Scope = "events:write";

    // A clock of a source may run ahead a little; beyond it, somebody typed the wrong year.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset First = new(1970, 1, 2, 0, 0, 0, TimeSpan.Zero);

    private const string Columns = """
        id as Id, asset as Asset, kind as Kind, started_at as StartedAt, ended_at as EndedAt, component as Component, failure_mode as FailureMode, routine as Routine,
        activity as Activity, number as Number, code as Code, note as Note, revision as Revision, created_at as CreatedAt, created_by as CreatedBy, updated_at as UpdatedAt
        """;

    private const string ById = $"select {Columns} from plant_event where organization = @organization and id = @id";

    // "between" and not two comparisons: for those SQLite walks the index of times whatever else is asked for.
    private const string Chosen = $"""
        select {Columns} from plant_event where organization = @organization and started_at between @from and @last
          and (@afterId = '' or (started_at, id) < (@afterNumber, @afterId))
        """;

    private const string Newest = "order by started_at desc, id desc limit @most";

    // A text for each way to narrow it, so that each has its index: of a million events a few are looked at.
    private const string All = $"{Chosen} {Newest}";

    private const string OfKind = $"{Chosen} and kind = @kind {Newest}";

    private const string OfComponent = $"{Chosen} and component = @component and (@kind = '' or kind = @kind) {Newest}";

    private const string OfAsset = $"{Chosen} and asset = @asset and (@kind = '' or kind = @kind) and (@component = '' or component = @component) {Newest}";

    private const string Insert = """
        insert into plant_event (organization, id, asset, kind, started_at, ended_at, component, failure_mode, routine, activity, number, code, note, revision,
          created_at, created_by, updated_at)
        values (@organization, @Id, @Asset, @Kind, @StartedAt, @EndedAt, @Component, @FailureMode, @Routine, @Activity, @Number, @Code, @Note, 1,
          @CreatedAt, @CreatedBy, @UpdatedAt)
        """;

    private const string Update = """
        update plant_event set started_at = @StartedAt, ended_at = @EndedAt, component = @Component, failure_mode = @FailureMode, routine = @Routine,
          activity = @Activity, number = @Number, code = @Code, note = @Note, revision = revision + 1, updated_at = @UpdatedAt
        where organization = @organization and id = @Id and revision = @Revision
        """;

    private const string Delete = "delete from plant_event where organization = @organization and id = @id and revision = @revision";

    /// <summary>Adds the routes.</summary>
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("events").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listEvents").WithSummary("Events, newest first, a page at a time; of an asset, a kind, a component, a period.");
        // However long it takes; who asks goes away and ends it.
        group.MapGet("/export", ExportEvents.HandleAsync).Produces<string>(StatusCodes.Status200OK, "text/csv").Needs(new Access.Member(Role.Admin)).DisableRequestTimeout().WithName("exportEvents")
            .WithSummary("The same events as a CSV file, newest first.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getEvent").WithSummary("One event.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Operator, Scope)).WithName("createEvent").WithSummary("Records an event. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}", ReplaceAsync).Needs(new Access.Member(Role.Operator, Scope)).WithName("replaceEvent")
            .WithSummary("Records it otherwise; asset and kind stay. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Operator, Scope)).WithName("deleteEvent").WithSummary("Takes it back. May carry If-Match.");
    }

    /// <param name="Kind"><c>failure</c>, <c>maintenance</c>, <c>error</c> or <c>note</c>.</param>
    /// <param name="AssetId">Of which asset.</param>
    /// <param name="StartedAt">When it began; with offset.</param>
    /// <param name="EndedAt">When it was over; absent while it is not, or for an instant.</param>
    /// <param name="Component">Which part failed or was worked on; absent where nobody said.</param>
    /// <param name="FailureMode">How it failed, or what was found at maintenance.</param>
    /// <param name="Routine">Whether maintenance was planned; of maintenance alone, and needed there.</param>
    /// <param name="Activity">What was done; of maintenance alone.</param>
    /// <param name="Number">Of the work order; of maintenance alone.</param>
    /// <param name="Code">Of an error alone, and needed there.</param>
    /// <param name="Note">In words; needed of a note.</param>
    public sealed record EventRequest(
        [property: Required, AllowedValues("failure", "maintenance", "error", "note")] string Kind,
        [property: Required] Guid? AssetId,
        [property: Required] DateTimeOffset? StartedAt,
        DateTimeOffset? EndedAt,
        [property: PlainText(120)] string? Component,
        [property: PlainText(120)] string? FailureMode,
        bool? Routine,
        [property: PlainText(200)] string? Activity,
        [property: PlainText(80)] string? Number,
        [property: PlainText(80)] string? Code,
        [property: PlainText(4000, Lines = true)] string? Note);

    public sealed record Event(
        Guid Id, Guid AssetId, string Kind, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Component, string? FailureMode, bool? Routine, string? Activity,
        string? Number, string? Code, string? Note, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset UpdatedAt);

    public sealed record EventPage(IReadOnlyList<Event> Items, string? Next);

    private static async Task<Results<Ok<EventPage>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, CancellationToken ct, Guid? asset = null, [AllowedValues(null, "failure", "maintenance", "error", "note")] string? kind = null,
        [StringLength(120)] string? component = null, DateTimeOffset? from = null, DateTimeOffset? to = null, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (Cursor.Read(cursor, Order) is not { } behind)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<Row> rows = await PageAsync(db, new Filter(asset, kind, component, from, to), behind, limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new EventPage(
            [.. rows.Take(limit).Select(Shown)],
            rows.Count > limit ? Behind(rows[limit - 1]).ToString() : null));
    }

    /// <summary>Events behind a place in the order, newest first.</summary>
    internal static Task<IReadOnlyList<Row>> PageAsync(OrganizationDb db, Filter filter, Cursor behind, int most, CancellationToken ct) => db.QueryAsync<Row>(
        filter.Asset is not null ? OfAsset : filter.Component is { Length: > 0 } ? OfComponent : filter.Kind is not null ? OfKind : All,
        new
        {
            asset = filter.Asset?.ToString() ?? "",
            kind = filter.Kind ?? "",
            component = filter.Component ?? "",
            from = filter.From ?? DateTimeOffset.UnixEpoch,
            last = (filter.To < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : filter.To ?? DateTimeOffset.MaxValue).AddMilliseconds(-1),
            afterNumber = behind.Number,
            afterId = behind.Id,
            most,
        },
        ct);

    internal static Cursor Behind(Row row) => new(Order, "", row.StartedAt.ToUnixTimeMilliseconds(), row.Id);

    private static async Task<Results<Ok<Event>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await db.QuerySingleOrDefaultAsync<Row>(ById, new { id }, ct).ConfigureAwait(false) is not { } row)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, row.Revision);
        return TypedResults.Ok(Shown(row));
    }

    private static async Task<Results<Created<Event>, ProblemHttpResult>> CreateAsync(
        EventRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset now = clock.Now();
        if (Fault(request, now) is { } fault)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await once.CreateAsync<Event>(
            request,
            async transaction =>
            {
                if (await TreeStore.FindAsync(transaction, request.AssetId!.Value).ConfigureAwait(false) is not { Kind: TreeKinds.Asset })
                {
                    return new Made<Event>.Refused(TypedResults.Problem("assetId: there is no such asset.", statusCode: StatusCodes.Status422UnprocessableEntity));
                }

                Row row = Stored(request, new Row { Id = Guid.CreateVersion7(now).ToString(), CreatedAt = now, CreatedBy = caller.Name }, now);
                await transaction.ExecuteAsync(Insert, row).ConfigureAwait(false);
                await AuditAsync(transaction, db, caller, "EVENT_RECORDED", row, now).ConfigureAwait(false);
                return new Made<Event>.As(Shown(row), $"{Path}/{row.Id}", 1);
            },
            ct).ConfigureAwait(false);
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> ReplaceAsync(
        Guid id, EventRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset now = clock.Now();
        return Fault(request, now) is { } fault
            ? TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest)
            : await WriteAsync(
                id, context, db,
                async (transaction, row) =>
                {
                    if (row.Kind != request.Kind || row.Asset != request.AssetId!.Value.ToString())
                    {
                        return TypedResults.Problem("kind, assetId: they stay as they are; take the event back and record another.", statusCode: StatusCodes.Status422UnprocessableEntity);
                    }

                    if (await transaction.ExecuteAsync(Update, Stored(request, row, now)).ConfigureAwait(false) == 0)
                    {
                        return Revisions.Changed();
                    }

                    await AuditAsync(transaction, db, caller, "EVENT_CHANGED", row, now).ConfigureAwait(false);
                    return null;
                },
                ct).ConfigureAwait(false);
    }

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            id, context, db,
            async (transaction, row) =>
            {
                if (await transaction.ExecuteAsync(Delete, new { id, revision = row.Revision }).ConfigureAwait(false) == 0)
                {
                    return Revisions.Changed();
                }

                await AuditAsync(transaction, db, caller, "EVENT_DELETED", row, clock.Now()).ConfigureAwait(false);
                return null;
            },
            ct);

    // The statement itself asks for the revision that was read here: of two that change it at once, one is told.
    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        Guid id, HttpContext context, OrganizationDb db, Func<OrganizationTransaction, Row, Task<ProblemHttpResult?>> write, CancellationToken ct)
    {
        long? expected = Revisions.Expected(context.Request);
        (bool known, ProblemHttpResult? problem) = await db.WriteAsync<(bool, ProblemHttpResult?)>(
            async transaction => await transaction.QuerySingleOrDefaultAsync<Row>(ById, new { id }).ConfigureAwait(false) is not { } row ? (false, null)
                : expected is { } seen && seen != row.Revision ? (true, Revisions.Changed())
                : (true, await write(transaction, row).ConfigureAwait(false)),
            ct).ConfigureAwait(false);
        return !known ? TypedResults.NotFound() : problem is not null ? problem : TypedResults.NoContent();
    }

    private static string? Fault(EventRequest request, DateTimeOffset now)
    {
        bool maintenance = request.Kind == "maintenance";
        return request.StartedAt < First || request.StartedAt > now + Ahead ? $"startedAt is {request.StartedAt:O}; {First:O} to a day from now is taken"
            : request.EndedAt < request.StartedAt || request.EndedAt > now + Ahead ? $"endedAt is {request.EndedAt:O}; startedAt to a day from now is taken"
            : maintenance && request.Routine is null ? "routine: say whether the maintenance was planned"
            : !maintenance && (request.Routine is not null || request.Activity is not null || request.Number is not null) ? "routine, activity, number: they are of maintenance"
            : request.Kind == "error" && request.Code is null ? "code: an error has one"
            : request.Kind != "error" && request.Code is not null ? "code: it is of errors"
            : request.Kind is not ("failure" or "maintenance") && request.FailureMode is not null ? "failureMode: it is of failures and maintenance"
            : request.Kind == "note" && request.Note is null ? "note: say what is to be noted"
            : null;
    }

    private static Task AuditAsync(OrganizationTransaction transaction, OrganizationDb db, Caller caller, string action, Row row, DateTimeOffset now) =>
        AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"event {row.Id}", Shown(row), now);

    private static Row Stored(EventRequest request, Row row, DateTimeOffset now) => row with
    {
        Asset = request.AssetId!.Value.ToString(),
        Kind = request.Kind,
        StartedAt = Milliseconds(request.StartedAt!.Value),
        EndedAt = request.EndedAt is { } ended ? Milliseconds(ended) : null,
        Component = request.Component,
        FailureMode = request.FailureMode,
        Routine = request.Routine is { } routine ? (routine ? 1 : 0) : null,
        Activity = request.Activity,
        Number = request.Number,
        Code = request.Code,
        Note = request.Note,
        UpdatedAt = now,
    };

    private static DateTimeOffset Milliseconds(DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());

    private static Event Shown(Row row) => new(
        Guid.Parse(row.Id), Guid.Parse(row.Asset), row.Kind, row.StartedAt, row.EndedAt, row.Component, row.FailureMode, row.Routine is { } routine ? routine != 0 : null,
        row.Activity, row.Number, row.Code, row.Note, row.CreatedAt, row.CreatedBy, row.UpdatedAt);

    /// <summary>Which events; null asks for all.</summary>
    internal sealed record Filter(Guid? Asset, string? Kind, string? Component, DateTimeOffset? From, DateTimeOffset? To);

    internal sealed record Row
    {
        public string Id { get; init; } = "";

        public string Asset { get; init; } = "";

        public string Kind { get; init; } = "";

        public DateTimeOffset StartedAt { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public string? Component { get; init; }

        public string? FailureMode { get; init; }

        public long? Routine { get; init; }

        public string? Activity { get; init; }

        public string? Number { get; init; }

        public string? Code { get; init; }

        public string? Note { get; init; }

        public long Revision { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public string CreatedBy { get; init; } = "";

        public DateTimeOffset UpdatedAt { get; init; }
    }
}
