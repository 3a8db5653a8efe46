using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Flow.Map;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Auspex.Storage.Quarantine;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>What assets measured: in, and out again.</summary>
public static class FramesApi
{
    private const int MostRows = 10_000;
    private const int MostAsked = 100;
    private const int FramesACopy = 5_000;

    // A year of frames a second is copied in minutes.
    private static readonly TimeSpan PlacementTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Adds the routes.</summary>
    public static void MapFrames(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/frames").WithTags("frames");
        var read = new Access.Member(Role.Viewer, "frames:read");
        group.MapPost("/", AppendAsync).Needs(new Access.Member(Role.Engineer, "frames:write")).WithMetadata(new TakesValues()).WithName("appendFrames")
            .WithSummary("Stores a batch. The answer comes when the good rows are durable; the others are named.");
        group.MapGet("/", ReadAsync).Needs(read).WithName("readFrames").WithSummary("Frames of one asset in columns, a page at a time.");
        group.MapGet("/latest", LatestAsync).Needs(read).WithName("latestFrames").WithSummary("The newest frame of each asset.");
        group.MapGet("/unassigned", UnassignedAsync).Needs(read).WithName("listUnassignedFrames")
            .WithSummary("Names that frames came under and that are no asset's, and how many names of assets and signals the organization may still send.");
        group.MapPost("/placements", PlaceAsync).Needs(new Access.Member(Role.Engineer)).WithRequestTimeout(PlacementTimeout).WithName("placeFrames")
            .WithSummary("Says which asset an unassigned name means: its frames, those of before too, are the asset's. May be sent again where it was cut off.");
        // However long it takes; who asks goes away and ends it.
        group.MapGet("/export", ExportFrames.HandleAsync).Produces<string>(StatusCodes.Status200OK, "text/csv").Needs(new Access.Member(Role.Admin)).DisableRequestTimeout().WithName("exportFrames")
            .WithSummary("Frames of assets as a CSV file: asset, time, quality and a column for each signal.");
        group.MapGet("/chart", ChartAsync).Needs(read).WithName("chartFrames").WithSummary("Least and greatest value of each signal in equal buckets of time.");
    }

    public sealed record AppendRequest([property: Required, MinLength(1), MaxLength(MostRows)] IReadOnlyList<JsonElement> Frames);

    /// <summary>What became of a batch; the numbers add up to its rows.</summary>
    /// <param name="Stored">Rows stored; late and revised ones are among them.</param>
    /// <param name="Duplicates">Rows that were stored before, with the same values.</param>
    /// <param name="Late">Rows stored that are older than the newest of their asset.</param>
    /// <param name="Revised">Rows stored that replace other values of the same instant.</param>
    /// <param name="Rejected">Rows that were not stored.</param>
    /// <param name="Quarantined">Of those, rows that are kept until they are mapped again or deleted: <c>GET /api/v1/quarantine</c>.</param>
    public sealed record Appended(int Stored, int Duplicates, int Late, int Revised, IReadOnlyList<RejectedRow> Rejected, int Quarantined);

    /// <summary>One signal's column.</summary>
    /// <param name="Values">A value a time; null where there is none.</param>
    /// <param name="Quality">A quality a time; null where all are good.</param>
    public sealed record SignalColumn(string Name, IReadOnlyList<double?> Values, IReadOnlyList<string>? Quality);

    /// <summary>Frames in columns.</summary>
    /// <param name="Next">Cursor of the next page; null at the end.</param>
    public sealed record FramesPage(string Asset, IReadOnlyList<long> TimesUnixMs, IReadOnlyList<SignalColumn> Signals, string? Next);

    /// <summary>The newest frame of an asset.</summary>
    /// <param name="Asset">As frames name it: its external name, or its id where it has none; the name that was sent where it is no asset yet.</param>
    /// <param name="AssetId">Its id; null where the name is no asset's.</param>
    /// <param name="AgeSeconds">Since it was measured, by the server's clock.</param>
    /// <param name="Quality">Of the signals that are not good.</param>
    public sealed record LatestFrame(
        string Asset, Guid? AssetId, DateTimeOffset Time, DateTimeOffset ArrivedAt, double AgeSeconds, IReadOnlyDictionary<string, double?> Values, IReadOnlyDictionary<string, string> Quality);

    public sealed record LatestPage(IReadOnlyList<LatestFrame> Items, string? Next);

    /// <summary>One signal of a chart; each column has an entry a bucket.</summary>
    public sealed record ChartSignal(
        string Name,
        [property: JsonPropertyName("min")] IReadOnlyList<double?> Least,
        [property: JsonPropertyName("max")] IReadOnlyList<double?> Greatest,
        IReadOnlyList<int> Count,
        IReadOnlyList<string> Quality);

    public sealed record Chart(string Asset, IReadOnlyList<long> TimesUnixMs, long BucketMs, IReadOnlyList<ChartSignal> Signals);

    /// <param name="Name">As it came in frames.</param>
    /// <param name="NewestAt">Time of its newest frame.</param>
    public sealed record Unassigned(string Name, DateTimeOffset? NewestAt);

    /// <param name="UnassignedAssets">Names that are no asset's yet.</param>
    /// <param name="Signals">Names of signals in frames.</param>
    public sealed record UnassignedPage(IReadOnlyList<Unassigned> Items, string? Next, NameLimit UnassignedAssets, NameLimit Signals);

    public sealed record PlacementRequest([property: Required, StringLength(Core.Assets.AssetId.MaxLength)] string Name, [property: Required] Guid? AssetId);

    /// <param name="Frames">Frames of before that are the asset's now.</param>
    public sealed record Placement(string Name, Guid AssetId, long Frames);

    private static async Task<Results<Ok<Appended>, BadRequest<Appended>>> AppendAsync(
        AppendRequest request, Caller caller, OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, QuarantineStore quarantine, ValueQuota quota, TimeProvider clock,
        CancellationToken ct)
    {
        IncomingFrames rows = FrameRows.Read(request.Frames, clock.GetUtcNow());
        quota.Spend(db.Organization, rows.Values);
        IReadOnlyList<Frame> frames = await assets.AdmitAsync(db, rows, ct).ConfigureAwait(false);
        IReadOnlyList<FrameOutcome> outcomes = await telemetry.AppendAsync(db.Organization, frames, ct).ConfigureAwait(false);
        if (rows.Rejected.Count > 0)
        {
            RefusedRow[] refused = [.. rows.Rejected.Select(row => FrameRows.Refused(request.Frames[row.Index], row))];
            quota.Spend(db.Organization, refused.Sum(row => ValueQuota.OfRefused(row.Text)));
            await quarantine.KeepAsync(db.Organization, QuarantineDoors.Http, caller.Name, caller.KeyName, refused, ct).ConfigureAwait(false);
        }

        int Count(FrameOutcome outcome) => outcomes.Count(one => one == outcome);
        int duplicates = Count(FrameOutcome.Duplicate);
        var appended = new Appended(outcomes.Count - duplicates, duplicates, Count(FrameOutcome.Late), Count(FrameOutcome.Revised), rows.Rejected, rows.Rejected.Count);
        return frames.Count > 0 ? TypedResults.Ok(appended) : TypedResults.BadRequest(appended);
    }

    private static async Task<Results<Ok<FramesPage>, NotFound, ProblemHttpResult>> ReadAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        FrameAssets assets,
        [Required, StringLength(AssetId.MaxLength)] string asset,
        string from,
        string to,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? signals = null,
        [Range(1, MostRows)] int limit = 1_000,
        string? cursor = null)
    {
        (Stretch? stretch, ProblemHttpResult? problem) = await StretchAsync(db, telemetry, assets, asset, cursor ?? from, to, cursor is null ? "from" : "cursor", ct).ConfigureAwait(false);
        if (stretch is null)
        {
            return problem is null ? TypedResults.NotFound() : problem;
        }

        FrameColumns read = await telemetry.ReadAsync(db.Organization, stretch.Key, stretch.FromMs, stretch.ToMs, Asked(signals), limit, ct).ConfigureAwait(false);
        return TypedResults.Ok(new FramesPage(
            asset,
            read.Times,
            [.. read.Signals.Select((name, i) => new SignalColumn(name, Array.ConvertAll(read.Values[i], Shown), read.Qualities[i] is { } column ? Array.ConvertAll(column, Word) : null))],
            read.More ? (read.Times[^1] + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Ok<LatestPage>> LatestAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        FrameAssets assets,
        TimeProvider clock,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? asset = null,
        [Range(1, 1_000)] int limit = 100,
        [StringLength(AssetId.MaxLength)] string? cursor = null)
    {
        // Pages go by what frames are kept under, which never changes.
        IEnumerable<AssetId> chosen;
        IReadOnlyDictionary<string, FrameAsset?>? kept = null;
        if (asset is { Length: > 0 })
        {
            string[] names = [.. asset.Distinct(StringComparer.Ordinal)];
            IReadOnlyDictionary<string, FrameAsset> known = await assets.FindAsync(db, names, ct).ConfigureAwait(false);
            // What was said of an asset is read where predictions are.
            chosen = names.Select(name => new AssetId(known.TryGetValue(name, out FrameAsset? one) ? one.Key : name)).Distinct().Where(key => !Series.IsDerived(key));
            kept = known.Values.DistinctBy(one => one.Key).ToDictionary(one => one.Key, FrameAsset? (one) => one, StringComparer.Ordinal);
        }
        else
        {
            chosen = await telemetry.AssetsAsync(db.Organization, ct).ConfigureAwait(false);
        }

        AssetId[] page = [.. chosen.Where(key => cursor is null || key > new AssetId(cursor)).Take(limit + 1)];
        kept ??= await FrameNameStore.OfKeysAsync(db, page.Select(key => key.Value), ct).ConfigureAwait(false);
        var items = new List<LatestFrame>();
        foreach (AssetId key in page.Take(limit))
        {
            // Frames that were copied to an asset's are told there.
            bool isKept = kept.TryGetValue(key.Value, out FrameAsset? of);
            if ((!isKept || of is not null) && await telemetry.NewestAsync(db.Organization, key, ct).ConfigureAwait(false) is { } frame)
            {
                items.Add(Latest(frame, of, clock.GetUtcNow()));
            }
        }

        return TypedResults.Ok(new LatestPage(items, page.Length > limit ? page[limit - 1].Value : null));
    }

    private static async Task<Ok<UnassignedPage>> UnassignedAsync(
        OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, CancellationToken ct,
        [Range(1, 1_000)] int limit = 100, [StringLength(AssetId.MaxLength)] string? cursor = null)
    {
        IReadOnlyList<string> all = await assets.UnassignedAsync(db, ct).ConfigureAwait(false);
        (NameLimit unassigned, NameLimit signals) = await assets.LimitsAsync(db, all, ct).ConfigureAwait(false);
        string[] page = [.. all.Where(name => cursor is null || string.CompareOrdinal(name, cursor) > 0).Take(limit + 1)];
        var items = new List<Unassigned>();
        foreach (string name in page.Take(limit))
        {
            Frame? newest = await telemetry.NewestAsync(db.Organization, new AssetId(name), ct).ConfigureAwait(false);
            items.Add(new Unassigned(name, newest is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(newest.TimeUnixMs)));
        }

        return TypedResults.Ok(new UnassignedPage(items, page.Length > limit ? page[limit - 1] : null, unassigned, signals));
    }

    private static async Task<Results<Ok<Placement>, ProblemHttpResult>> PlaceAsync(
        PlacementRequest request, Caller caller, OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, TimeProvider clock, CancellationToken ct)
    {
        Guid asset = request.AssetId!.Value;
        if (!(await assets.UnassignedAsync(db, ct).ConfigureAwait(false)).Contains(request.Name, StringComparer.Ordinal))
        {
            return TypedResults.Problem("name: no frames came under it, or it is an asset's already.", statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        PlacementRefusal refusal = await db.WriteAsync(
            async transaction =>
            {
                PlacementRefusal refusal = await FrameNameStore.PlaceAsync(transaction, request.Name, asset).ConfigureAwait(false);
                if (refusal == PlacementRefusal.None)
                {
                    await AuditLog.AppendAsync(
                        transaction, db.Organization, caller.Name, "FRAMES_PLACED", $"asset {asset}", new { request.Name }, clock.Now()).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);
        switch (refusal)
        {
            case PlacementRefusal.AssetUnknown:
                return TypedResults.Problem("assetId: there is no such asset.", statusCode: StatusCodes.Status422UnprocessableEntity);
            case PlacementRefusal.Placed:
                return TypedResults.Problem("name: it means another asset; place it there.", statusCode: StatusCodes.Status409Conflict);
            default:
                FrameAsset placed = await assets.FindAsync(db, asset.ToString(), ct).ConfigureAwait(false)
                    ?? throw new BadHttpRequestException("assetId: the asset was removed a moment ago.", StatusCodes.Status409Conflict);
                // Batches that were under way still came under the name.
                await Task.Delay(Standing.Remembered, clock, ct).ConfigureAwait(false);
                long frames = await CopyAsync(telemetry, db.Organization, new AssetId(request.Name), new AssetId(placed.Key), ct).ConfigureAwait(false);
                await FrameNameStore.EndPlacementAsync(db, request.Name, asset, ct).ConfigureAwait(false);
                return TypedResults.Ok(new Placement(request.Name, asset, frames));
        }
    }

    private static async Task<long> CopyAsync(TelemetryStore telemetry, Guid organization, AssetId from, AssetId to, CancellationToken ct)
    {
        long copied = 0;
        long fromMs = long.MinValue;
        FrameColumns read;
        do
        {
            read = await telemetry.ReadAsync(organization, from, fromMs, long.MaxValue, null, FramesACopy, ct).ConfigureAwait(false);
            await telemetry.AppendAsync(organization, FrameCopies.Of(read, to), ct).ConfigureAwait(false);
            copied += read.Times.Length;
            fromMs = read.Times.Length > 0 ? read.Times[^1] + 1 : fromMs;
        }
        while (read.More);
        return copied;
    }

    private static async Task<Results<Ok<Chart>, NotFound, ProblemHttpResult>> ChartAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        FrameAssets assets,
        [Required, StringLength(AssetId.MaxLength)] string asset,
        string from,
        string to,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? signals = null,
        [Range(1, 5_000)] int points = 800)
    {
        (Stretch? stretch, ProblemHttpResult? problem) = await StretchAsync(db, telemetry, assets, asset, from, to, "from", ct).ConfigureAwait(false);
        if (stretch is null)
        {
            return problem is null ? TypedResults.NotFound() : problem;
        }

        ChartColumns chart = await telemetry.ChartAsync(db.Organization, stretch.Key, stretch.FromMs, stretch.ToMs, Asked(signals), points, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Chart(
            asset,
            chart.Times,
            chart.BucketMs,
            [.. chart.Signals.Select((name, i) => new ChartSignal(
                name, Array.ConvertAll(chart.Least[i], Shown), Array.ConvertAll(chart.Greatest[i], Shown), chart.Counts[i], Array.ConvertAll(chart.Worst[i], Word)))]));
    }

    private static string[]? Asked(string[]? signals) => signals is { Length: > 0 } ? [.. signals.Distinct(StringComparer.Ordinal)] : null;

    // Which frames are asked for: null without a problem where the name is nobody's.
    internal static async Task<(Stretch? Stretch, ProblemHttpResult? Problem)> StretchAsync(
        OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, string asset, string from, string to, string field, CancellationToken ct)
    {
        if (RangeOf(from, to, field, out long fromMs, out long toMs) is { } problem)
        {
            return (null, problem);
        }

        // An asset of the tree may have no frames yet.
        FrameAsset? known = await assets.FindAsync(db, asset, ct).ConfigureAwait(false);
        var key = new AssetId(known?.Key ?? asset);
        return (known is not null || (!Series.IsDerived(key) && await telemetry.HasAsync(db.Organization, key, ct).ConfigureAwait(false)) ? new Stretch(key, fromMs, toMs) : null, null);
    }

    private static LatestFrame Latest(Frame frame, FrameAsset? asset, DateTimeOffset now)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(frame.TimeUnixMs);
        return new LatestFrame(
            asset is null ? frame.Asset.Value : asset.ExternalName ?? asset.Asset,
            asset is null ? null : Guid.Parse(asset.Asset),
            time,
            DateTimeOffset.FromUnixTimeMilliseconds(frame.ArrivedUnixMs),
            (now - time).TotalSeconds,
            frame.Signals.Select((name, i) => (name, i)).ToDictionary(signal => signal.name, signal => Shown(frame.Values[signal.i]), StringComparer.Ordinal),
            frame.Signals.Select((name, i) => (name, Quality: frame.Qualities?[i] ?? Quality.Good)).Where(signal => signal.Quality != Quality.Good)
                .ToDictionary(signal => signal.name, signal => Word(signal.Quality), StringComparer.Ordinal));
    }

    private static ProblemHttpResult? RangeOf(string from, string to, string field, out long fromMs, out long toMs) =>
        InstantRange.Fault(from, to, field, out fromMs, out toMs) is { } fault ? TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest) : null;

    // JSON has no word for what is not finite.
    private static double? Shown(double value) => double.IsFinite(value) ? value : null;

    internal static string Word(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        Quality.Bad => "bad",
        _ => "absent",
    };

    internal sealed record Stretch(AssetId Key, long FromMs, long ToMs);
}
