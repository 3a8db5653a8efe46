using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Auspex.Core.Csv;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Events;

/// <summary>Events as a CSV file, newest first, in columns that are called as the fields of an event are. What is changed while it is written may stand in it as it was or as it is.</summary>
internal static class ExportEvents
{
    private const int EventsARead = 1_000;

    private static readonly string[] Columns =
    [
        "id", "assetId", "kind", "startedAt", "endedAt", "component", "failureMode", "routine", "activity", "number", "code", "note", "createdAt", "createdBy", "updatedAt",
    ];

    internal static async Task<PushStreamHttpResult> HandleAsync(
        OrganizationDb db, Caller caller, TimeProvider clock, CancellationToken ct, Guid? asset = null,
        [AllowedValues(null, "failure", "maintenance", "error", "note")] string? kind = null, [StringLength(120)] string? component = null,
        DateTimeOffset? from = null, DateTimeOffset? to = null, [AllowedValues(CsvDownload.Comma, CsvDownload.Semicolon)] string separator = CsvDownload.Comma)
    {
        var filter = new EventsApi.Filter(asset, kind, component, from, to);
        // Read before anything is answered: a database that fails is told as such.
        IReadOnlyList<EventsApi.Row> rows = await EventsApi.PageAsync(db, filter, Cursor.Start(EventsApi.Order), EventsARead, ct).ConfigureAwait(false);
        return CsvDownload.Of(
            $"events-{clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}.csv",
            separator,
            new CsvDownload.Export(db, caller, clock, "EVENTS_EXPORTED", "events", new { asset, kind, component, from, to }),
            async file =>
            {
                Array.ForEach(Columns, file.Cells.Text);
                await file.EndRowAsync(ct).ConfigureAwait(false);
                while (rows.Count > 0)
                {
                    foreach (EventsApi.Row row in rows)
                    {
                        Write(file.Cells, row);
                        await file.EndRowAsync(ct).ConfigureAwait(false);
                    }

                    rows = rows.Count < EventsARead ? [] : await EventsApi.PageAsync(db, filter, EventsApi.Behind(rows[^1]), EventsARead, ct).ConfigureAwait(false);
                }
            });
    }

    private static void Write(CsvWriter cells, EventsApi.Row row)
    {
        cells.Text(row.Id);
        cells.Text(row.Asset);
        cells.Text(row.Kind);
        cells.Time(row.StartedAt);
        cells.Time(row.EndedAt);
        cells.Text(row.Component);
        cells.Text(row.FailureMode);
        cells.Text(row.Routine is { } routine ? (routine != 0 ? "true" : "false") : null);
        cells.Text(row.Activity);
        cells.Text(row.Number);
        cells.Text(row.Code);
        cells.Text(row.Note);
        cells.Time(row.CreatedAt);
        cells.Text(row.CreatedBy);
        cells.Time(row.UpdatedAt);
    }
}
