using System.ComponentModel.DataAnnotations;
using Auspex.Core.Assets;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Quarantine;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Quarantines;

/// <summary>Rows that were refused, as they were sent: to look at, to map again, to delete.</summary>
public static class QuarantineApi
{
    internal const int MostIds = 1_000;
    private const int RowsADelete = 256;

    /// <summary>Adds the routes.</summary>
    public static void MapQuarantine(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/quarantine").WithTags("quarantine").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listQuarantine").WithSummary("Rows that were refused, newest first, a page at a time; and how full the quarantine is.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getQuarantined").WithSummary("One row, as it was sent.");
        group.MapPost("/replay", ReplayQuarantine.HandleAsync).Needs(new Access.Member(Role.Engineer)).WithName("replayQuarantine")
            .WithSummary("Maps rows again, by ids or by a filter. Those that are stored now leave the quarantine; the answer says of each what became of it.");
        group.MapDelete("/", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteQuarantined")
            .WithSummary("Deletes rows, by ids, by a filter, or all of them (all=true).");
    }

    /// <summary>A row that was refused.</summary>
    /// <param name="Door">How it came: http, line, or the protocol of a source.</param>
    /// <param name="Form">How it is written: json or line.</param>
    /// <param name="LinePrecision">Precision of a line's timestamp.</param>
    /// <param name="Sender">Who sent it last.</param>
    /// <param name="KeyName">Name of the API key it came with.</param>
    /// <param name="Asset">As it was sent; null where none could be read.</param>
    /// <param name="Field">What was wrong.</param>
    /// <param name="Reason">Why, and what would be right.</param>
    /// <param name="Row">As it was sent.</param>
    /// <param name="Whole">False where it was too long: then <paramref name="Row"/> is its beginning, and it cannot be mapped again.</param>
    /// <param name="FirstAt">When it first came.</param>
    /// <param name="LastAt">When it last came.</param>
    /// <param name="Times">How often it came.</param>
    public sealed record Quarantined(
        Guid Id, string Door, string Form, string? LinePrecision, string Sender, string? KeyName, string? Asset, string Field, string Reason, string Row, bool Whole,
        DateTimeOffset FirstAt, DateTimeOffset LastAt, long Times);

    /// <param name="Kept">Rows.</param>
    /// <param name="MostKept">Rows at most.</param>
    /// <param name="Bytes">What they take up.</param>
    /// <param name="MostBytes">Bytes at most.</param>
    /// <param name="Dropped">The oldest rows that had to go for newer ones, since ever.</param>
    public sealed record Room(long Kept, long MostKept, long Bytes, long MostBytes, long Dropped);

    public sealed record Page(IReadOnlyList<Quarantined> Items, string? Next, Room Room);

    /// <param name="Rows">How many.</param>
    public sealed record Deleted(int Rows);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, QuarantineStore quarantine, ServerOptions options, CancellationToken ct,
        [StringLength(400)] string? field = null, [StringLength(400)] string? reason = null, [StringLength(AssetId.MaxLength)] string? asset = null, [StringLength(40)] string? door = null,
        string? from = null, string? to = null, string? cursor = null, [Range(1, 1_000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "newest") is not { } start)
        {
            return Cursor.Fault();
        }

        if (FilterOf(field, reason, asset, door, from, to, out QuarantineFilter filter) is { } problem)
        {
            return problem;
        }

        IReadOnlyList<QuarantinedRow> rows = await quarantine.PageAsync(db.Organization, filter, start.Id, limit + 1, ct).ConfigureAwait(false);
        QuarantineTotal total = await quarantine.TotalAsync(db.Organization, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. rows.Take(limit).Select(Shown)], rows.Count > limit ? new Cursor("newest", "", 0, rows[limit - 1].Id).ToString() : null,
            new Room(total.Kept, options.Quarantine.Rows, total.Bytes, options.Quarantine.Bytes, total.Dropped)));
    }

    private static async Task<Results<Ok<Quarantined>, NotFound>> GetAsync(Guid id, OrganizationDb db, QuarantineStore quarantine, CancellationToken ct) =>
        await quarantine.FindAsync(db.Organization, id, ct).ConfigureAwait(false) is { } row ? TypedResults.Ok(Shown(row)) : TypedResults.NotFound();

    private static async Task<Results<Ok<Deleted>, ProblemHttpResult>> DeleteAsync(
        Caller caller, OrganizationDb db, QuarantineStore quarantine, TimeProvider clock, CancellationToken ct,
        [MaxLength(MostIds)] Guid[]? id = null, [StringLength(400)] string? field = null, [StringLength(400)] string? reason = null,
        [StringLength(AssetId.MaxLength)] string? asset = null, [StringLength(40)] string? door = null, string? from = null, string? to = null, bool all = false)
    {
        if (FilterOf(field, reason, asset, door, from, to, out QuarantineFilter filter) is { } problem)
        {
            return problem;
        }

        bool byId = id is { Length: > 0 };
        bool byFilter = filter != QuarantineFilter.All;
        if ((byId ? 1 : 0) + (byFilter ? 1 : 0) + (all ? 1 : 0) != 1)
        {
            return TypedResults.Problem(
                "Say which rows: id, or a filter of field, reason, asset, door, from and to, or all=true; one of the three.", statusCode: StatusCodes.Status400BadRequest);
        }

        int deleted = 0;
        if (byId)
        {
            deleted = await quarantine.RemoveAsync(db.Organization, [.. id!.Select(one => one.ToString())], ct).ConfigureAwait(false);
        }
        else
        {
            // A piece a transaction: frames that are stored meanwhile wait for one piece at most.
            IReadOnlyList<QuarantinedRow> rows;
            string after = "";
            do
            {
                rows = await quarantine.OldestAsync(db.Organization, filter, after, RowsADelete, ct).ConfigureAwait(false);
                deleted += await quarantine.RemoveAsync(db.Organization, [.. rows.Select(row => row.Id)], ct).ConfigureAwait(false);
                after = rows.Count > 0 ? rows[^1].Id : after;
            }
            while (rows.Count == RowsADelete);
        }

        await db.WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "QUARANTINE_DELETED", "quarantine", new { id, field, reason, asset, door, from, to, all, rows = deleted }, clock.Now())
                    .ConfigureAwait(false);
                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
        return TypedResults.Ok(new Deleted(deleted));
    }

    internal static ProblemHttpResult? FilterOf(string? field, string? reason, string? asset, string? door, string? from, string? to, out QuarantineFilter filter)
    {
        filter = QuarantineFilter.All;
        (long fromMs, long toMs) = (long.MinValue, long.MaxValue);
        if (from is not null && !InstantText.TryParse(from, out fromMs))
        {
            return TypedResults.Problem($"from: '{PlainTextAttribute.Shown(from)}' is not {InstantText.Forms}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (to is not null && !InstantText.TryParse(to, out toMs))
        {
            return TypedResults.Problem($"to: '{PlainTextAttribute.Shown(to)}' is not {InstantText.Forms}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (toMs <= fromMs)
        {
            return TypedResults.Problem($"to ({toMs}) must be later than from ({fromMs}).", statusCode: StatusCodes.Status400BadRequest);
        }

        // A NUL stands in no row.
        if (((string?[])[field, reason, asset, door]).Any(text => text?.Contains('\0', StringComparison.Ordinal) == true))
        {
            return TypedResults.Problem("field, reason, asset and door have no NUL.", statusCode: StatusCodes.Status400BadRequest);
        }

        filter = new QuarantineFilter(field ?? "", reason ?? "", asset ?? "", door ?? "", fromMs, toMs);
        return null;
    }

    private static Quarantined Shown(QuarantinedRow row) => new(
        Guid.Parse(row.Id), row.Door, row.Form, row.LinePrecision, row.Sender, row.SenderName, row.Asset, row.Field, row.Reason, row.Body, row.Whole != 0,
        row.FirstAt, row.LastAt, row.Times);
}
