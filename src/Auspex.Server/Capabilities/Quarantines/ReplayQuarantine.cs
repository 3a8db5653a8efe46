using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Flow.Connect.LineProtocol;
using Auspex.Flow.Map;
using Auspex.Server.Capabilities.Frames;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Quarantine;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Quarantines;

/// <summary>Maps rows of the quarantine again, as if they came now with the time they have.</summary>
/// <remarks>A row leaves when its frame is durable. What was stored of the same instant meanwhile counts: a row adds signals that are not there, and changes none. So a row that was stored
/// by a replay which was killed before it left is stored once however often it is mapped.</remarks>
internal static class ReplayQuarantine
{
    /// <summary>Which rows.</summary>
    /// <param name="Ids">These; or</param>
    /// <param name="Filter">those it finds, the oldest first, a page at a time.</param>
    /// <param name="Cursor">The next of the answer before; with a filter only.</param>
    public sealed record Request(
        [property: MaxLength(QuarantineApi.MostIds)] IReadOnlyList<Guid>? Ids, FilterRequest? Filter, string? Cursor, [property: Range(1, QuarantineApi.MostIds)] int Limit = 500);

    /// <summary>What is absent leaves no row out.</summary>
    public sealed record FilterRequest(
        [property: StringLength(400)] string? Field, [property: StringLength(400)] string? Reason, [property: StringLength(AssetId.MaxLength)] string? Asset,
        [property: StringLength(40)] string? Door, string? From, string? To);

    /// <param name="Outcome"><c>stored</c>: its values are stored now, and it left. <c>known</c>: they were stored before, and it left. <c>refused</c>: it stays. <c>unknown</c>: there is no such row.</param>
    /// <param name="Field">What is wrong with it now.</param>
    /// <param name="Reason">Why, and what would be right.</param>
    public sealed record RowOutcome(Guid Id, string Outcome, string? Field, string? Reason);

    /// <param name="Next">Where the next rows of the filter begin; null at the end.</param>
    public sealed record Replayed(int Stored, int Known, int Refused, IReadOnlyList<RowOutcome> Rows, string? Next);

    public static async Task<Results<Ok<Replayed>, ProblemHttpResult>> HandleAsync(
        Request request, Caller caller, OrganizationDb db, QuarantineStore quarantine, TelemetryStore telemetry, FrameAssets assets, TimeProvider clock, CancellationToken ct)
    {
        if ((request.Ids is { Count: > 0 }) == (request.Filter is not null))
        {
            return TypedResults.Problem("Say which rows: ids or filter, one of them; an empty filter means all.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (Cursor.Read(request.Cursor, "replay") is not { } start || (request.Filter is null && request.Cursor is not null))
        {
            return Cursor.Fault();
        }

        var outcomes = new List<RowOutcome>();
        IReadOnlyList<QuarantinedRow> rows;
        string? next = null;
        if (request.Filter is { } asked)
        {
            if (QuarantineApi.FilterOf(asked.Field, asked.Reason, asked.Asset, asked.Door, asked.From, asked.To, out QuarantineFilter filter) is { } problem)
            {
                return problem;
            }

            rows = await quarantine.OldestAsync(db.Organization, filter, start.Id, request.Limit + 1, ct).ConfigureAwait(false);
            next = rows.Count > request.Limit ? new Cursor("replay", "", 0, rows[request.Limit - 1].Id).ToString() : null;
            rows = [.. rows.Take(request.Limit)];
        }
        else
        {
            var found = new List<QuarantinedRow>();
            foreach (Guid id in request.Ids!.Distinct().Order())
            {
                if (await quarantine.FindAsync(db.Organization, id, ct).ConfigureAwait(false) is { } row)
                {
                    found.Add(row);
                }
                else
                {
                    outcomes.Add(new RowOutcome(id, "unknown", null, null));
                }
            }

            rows = found;
        }

        outcomes.AddRange(await ReplayAsync(db, rows, quarantine, telemetry, assets, clock, ct).ConfigureAwait(false));
        int Count(string outcome) => outcomes.Count(one => one.Outcome == outcome);
        var replayed = new Replayed(Count("stored"), Count("known"), Count("refused"), outcomes, next);
        await db.WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "QUARANTINE_REPLAYED", "quarantine",
                    new { ids = request.Ids?.Count, request.Filter, replayed.Stored, replayed.Known, replayed.Refused }, clock.Now()).ConfigureAwait(false);
                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
        return TypedResults.Ok(replayed);
    }

    private static async Task<IReadOnlyList<RowOutcome>> ReplayAsync(
        OrganizationDb db, IReadOnlyList<QuarantinedRow> rows, QuarantineStore quarantine, TelemetryStore telemetry, FrameAssets assets, TimeProvider clock, CancellationToken ct)
    {
        var outcomes = new List<RowOutcome>(rows.Count);
        var gone = new List<string>();
        // What this replay stores of an instant, behind what is stored of it already.
        var made = new Dictionary<(AssetId Asset, long TimeMs), Frame>();
        foreach (QuarantinedRow row in rows)
        {
            var id = Guid.Parse(row.Id);
            IncomingFrames incoming = Incoming(row, clock.GetUtcNow());
            IReadOnlyList<Frame> frames = await assets.AdmitAsync(db, incoming, ct).ConfigureAwait(false);
            if (incoming.Rejected is [var rejected, ..])
            {
                outcomes.Add(new RowOutcome(id, "refused", rejected.Field, rejected.Reason));
                continue;
            }

            bool adds = false;
            foreach (Frame frame in frames)
            {
                (AssetId, long) instant = (frame.Asset, frame.TimeUnixMs);
                Frame? stored = made.TryGetValue(instant, out Frame? before) ? before
                    : (await telemetry.RevisionsAsync(db.Organization, frame.Asset, frame.TimeUnixMs, ct).ConfigureAwait(false)) is [.., var last] ? last : null;
                if ((stored is null ? frame : PartialFrames.Added(stored, frame)) is { } whole)
                {
                    made[instant] = whole;
                    adds = true;
                }
            }

            outcomes.Add(new RowOutcome(id, adds ? "stored" : "known", null, null));
            gone.Add(row.Id);
        }

        // Stored before they leave: killed in between, they are known next time.
        await telemetry.AppendAsync(db.Organization, [.. made.Values], ct).ConfigureAwait(false);
        await quarantine.RemoveAsync(db.Organization, gone, CancellationToken.None).ConfigureAwait(false);
        return outcomes;
    }

    private static IncomingFrames Incoming(QuarantinedRow row, DateTimeOffset now)
    {
        var incoming = new IncomingFrames(now);
        if (row.Whole == 0)
        {
            incoming.Rejected.Add(new RejectedRow(0, row.Field, null, "Only its beginning is kept: it was too long, or held what no database keeps. Send it again from its source."));
        }
        else if (row.Form == "json")
        {
            return FrameRows.Read([JsonElement.Parse(row.Body)], now);
        }
        else
        {
            var points = new List<LinePoint>();
            var faults = new List<LineFault>();
            new LineParser().Read(row.Body, points, faults);
            // What has no time of its own was measured when it came.
            incoming.Add(LineReadings.Of(points, LineReadings.PrecisionOf(row.LinePrecision)!.Value, faults)
                .Select(reading => reading.TimeUnixMs is null ? reading with { TimeUnixMs = row.FirstAt.ToUnixTimeMilliseconds() } : reading));
            incoming.Rejected.AddRange(faults.Select(fault => new RejectedRow(fault.Line, $"column {fault.Column}", null, fault.Reason)));
        }

        return incoming;
    }
}
