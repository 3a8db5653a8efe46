using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Map;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Sources;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow;

/// <summary>What came of reading a source once.</summary>
/// <param name="Status">As it is told from now on; null where the source is gone or paused.</param>
/// <param name="More">Whether there is more to read at once.</param>
internal sealed record SourceRead(SourceStatus? Status, bool More);

/// <summary>Reads sources: rows become readings (Connect), readings become frames of assets (Map), and frames are durable before the progress is.</summary>
/// <param name="sources">Reads the databases.</param>
/// <param name="store">Keeps how far they are read.</param>
/// <param name="telemetry">Keeps the frames.</param>
/// <param name="assets">Knows whose they are.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class SourceReading(SqlSources sources, DataSourceStore store, TelemetryStore telemetry, FrameAssets assets, TimeProvider clock)
{
    // Then others have their turn.
    private const int MostPages = 10;

    /// <summary>Reads what is new, and again what may have shown late, some pages of each at most. Each page is read by the mapping that counts when it begins.</summary>
    /// <exception cref="SqlSourceException">The source cannot be read; what was read before is stored.</exception>
    /// <exception cref="StorageException">The frames or the progress were not stored: the same is read again, and stored once.</exception>
    internal async Task<SourceRead> ReadAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        SourceStatus? status = null;
        for (int page = 0; page < MostPages; page++)
        {
            if (await DataSourceStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { Paused: false } source)
            {
                return new SourceRead(null, false);
            }

            Part part = await ReadPageAsync(db, id, source, ct).ConfigureAwait(false);
            status = part.Status;
            if (!part.IsKept)
            {
                continue; // it reads something else by now
            }

            if (!part.More)
            {
                return new SourceRead(status, false);
            }
        }

        return new SourceRead(status, true);
    }

    /// <summary>The first rows of a table as they would be taken, and nothing is stored.</summary>
    internal async Task<SourcePreview> PreviewAsync(Guid organization, SqlConnectionSettings settings, SqlMapping mapping, int most, CancellationToken ct)
    {
        SqlPage page = await sources.FirstRowsAsync(organization, settings, mapping, most, ct).ConfigureAwait(false);
        var incoming = new IncomingFrames(clock.GetUtcNow());
        incoming.Add(page.Readings);
        return new SourcePreview(page.Rows, [.. incoming.Frames.Select(frame => frame.Frame)], [.. Bad(page, incoming)], page.Missing, page.WaitsForTime);
    }

    // What is new first; what may have shown late when there is nothing new, or not much.
    private async Task<Part> ReadPageAsync(OrganizationDb db, Guid id, DataSource source, CancellationToken ct)
    {
        var settings = SqlConnectionSettings.Read(await store.OpenAsync(db, source, ct).ConfigureAwait(false));
        var mapping = SqlMapping.Read(source.Mapping);
        var overlap = TimeSpan.FromSeconds(source.OverlapSeconds);
        SourceProgress progress = SourceProgress.Read(source.Progress);
        var before = SourceStatus.Read(source.Status);

        SqlPage head = await sources.ReadAsync(db.Organization, id, settings, mapping, new SqlRange(progress.Head, null), ct).ConfigureAwait(false);
        (int frames, IReadOnlyList<SqlBadCell> bad, int badRows) = await TakeAsync(db, head, onlyNew: false, ct).ConfigureAwait(false);
        DateTimeOffset now = clock.GetUtcNow();
        progress = progress.At(head.Last ?? progress.Head, overlap, now);
        SourceStatus status = before with
        {
            State = "running",
            Circuit = SourceCircuit.Closed,
            LastReadAt = now,
            LastError = null,
            IsCatchingUp = head.More,
            LastKey = progress.Head?.ToString(),
            NewestAt = Newest(head, before.NewestAt),
            Rows = before.Rows + head.Rows,
            Frames = before.Frames + frames,
            Bad = before.Bad + head.BadCells + badRows,
            BadExamples = Last(before.BadExamples, bad),
            MissingColumns = head.Missing,
            HasRowsAhead = head.WaitsForTime,
        };

        bool more = head.More;
        if (progress.Due(overlap, now) is { } due)
        {
            SqlPage again = await sources.ReadAsync(db.Organization, id, settings, mapping, new SqlRange(progress.Settled, due), ct).ConfigureAwait(false);
            (int late, _, _) = await TakeAsync(db, again, onlyNew: true, ct).ConfigureAwait(false);
            progress = progress.Settle(again.Last, due, !again.More);
            status = status with { Frames = status.Frames + late, LateFrames = status.LateFrames + late };
            more |= again.More;
        }

        bool isKept = await DataSourceStore.SetProgressAsync(db, id, source.Epoch, progress.ToText(), status.ToText(), ct).ConfigureAwait(false);
        return new Part(status, more, isKept);
    }

    private async Task<(int Frames, IReadOnlyList<SqlBadCell> Bad, int BadRows)> TakeAsync(OrganizationDb db, SqlPage page, bool onlyNew, CancellationToken ct)
    {
        var incoming = new IncomingFrames(clock.GetUtcNow());
        incoming.Add(page.Readings);
        IReadOnlyList<Frame> frames = await assets.AdmitAsync(db, incoming, ct).ConfigureAwait(false);
        frames = onlyNew && frames.Count > 0 ? await KnownFrames.NewAsync(telemetry, db.Organization, frames, ct).ConfigureAwait(false) : frames;
        await PartialFrames.AppendAsync(telemetry, db.Organization, frames, ct).ConfigureAwait(false);
        return (frames.Count, [.. Bad(page, incoming)], incoming.Rejected.Count);
    }

    private static IEnumerable<SqlBadCell> Bad(SqlPage page, IncomingFrames incoming) => page.Bad.Concat(incoming.Rejected.Select(row => new SqlBadCell(page.KeyOf(row.Index), row.Field, row.Reason)));

    private static List<SqlBadCell> Last(IReadOnlyList<SqlBadCell> before, IReadOnlyList<SqlBadCell> bad) => [.. before.Concat(bad).TakeLast(SqlPage.MostNamed)];

    private static DateTimeOffset? Newest(SqlPage page, DateTimeOffset? before)
    {
        long newest = page.Readings.Count == 0 ? long.MinValue : page.Readings.Max(reading => reading.TimeUnixMs ?? long.MinValue);
        return newest < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || (before is { } known && known.ToUnixTimeMilliseconds() >= newest) ? before : DateTimeOffset.FromUnixTimeMilliseconds(newest);
    }

    private sealed record Part(SourceStatus Status, bool More, bool IsKept);
}

/// <summary>The first rows of a table as they would be taken.</summary>
/// <param name="Rows">Rows that were read.</param>
/// <param name="Frames">What they become.</param>
/// <param name="Bad">What of them could not be taken.</param>
/// <param name="MissingColumns">Columns of the mapping that the table lacks, or that hold no numbers.</param>
/// <param name="HasRowsAhead">Whether rows ahead of the server's clock wait for their time.</param>
public sealed record SourcePreview(int Rows, IReadOnlyList<Frame> Frames, IReadOnlyList<SqlBadCell> Bad, IReadOnlyList<string> MissingColumns, bool HasRowsAhead);
