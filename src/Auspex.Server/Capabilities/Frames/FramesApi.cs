using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Server.Security;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>What assets measured: in, and out again.</summary>
public static class FramesApi
{
    private const int MostRows = 10_000;
    private const int MostAsked = 100;

    /// <summary>Adds the routes.</summary>
    public static void MapFrames(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/frames").WithTags("frames");
        var read = new Access.Member(Role.Viewer, "frames:read");
        group.MapPost("/", AppendAsync).Needs(new Access.Member(Role.Engineer, "frames:write")).WithName("appendFrames")
            .WithSummary("Stores a batch. The answer comes when the good rows are durable; the others are named.");
        group.MapGet("/", ReadAsync).Needs(read).WithName("readFrames").WithSummary("Frames of one asset in columns, a page at a time.");
        group.MapGet("/latest", LatestAsync).Needs(read).WithName("latestFrames").WithSummary("The newest frame of each asset.");
        group.MapGet("/chart", ChartAsync).Needs(read).WithName("chartFrames").WithSummary("Least and greatest value of each signal in equal buckets of time.");
    }

    public sealed record AppendRequest([property: Required, MinLength(1), MaxLength(MostRows)] IReadOnlyList<JsonElement> Frames);

    /// <summary>What became of a batch; the numbers add up to its rows.</summary>
    /// <param name="Stored">Rows stored; late and revised ones are among them.</param>
    /// <param name="Duplicates">Rows that were stored before, with the same values.</param>
    /// <param name="Late">Rows stored that are older than the newest of their asset.</param>
    /// <param name="Revised">Rows stored that replace other values of the same instant.</param>
    /// <param name="Rejected">Rows that were not stored.</param>
    public sealed record Appended(int Stored, int Duplicates, int Late, int Revised, IReadOnlyList<RejectedRow> Rejected);

    /// <summary>One signal's column.</summary>
    /// <param name="Values">A value a time; null where there is none.</param>
    /// <param name="Quality">A quality a time; null where all are good.</param>
    public sealed record SignalColumn(string Name, IReadOnlyList<double?> Values, IReadOnlyList<string>? Quality);

    /// <summary>Frames in columns.</summary>
    /// <param name="Next">Cursor of the next page; null at the end.</param>
    public sealed record FramesPage(string Asset, IReadOnlyList<long> TimesUnixMs, IReadOnlyList<SignalColumn> Signals, string? Next);

    /// <summary>The newest frame of an asset.</summary>
    /// <param name="AgeSeconds">Since it was measured, by the server's clock.</param>
    /// <param name="Quality">Of the signals that are not good.</param>
    public sealed record LatestFrame(
        string Asset, DateTimeOffset Time, DateTimeOffset ArrivedAt, double AgeSeconds, IReadOnlyDictionary<string, double?> Values, IReadOnlyDictionary<string, string> Quality);

    public sealed record LatestPage(IReadOnlyList<LatestFrame> Items, string? Next);

    /// <summary>One signal of a chart; each column has an entry a bucket.</summary>
    public sealed record ChartSignal(
        string Name,
        [property: JsonPropertyName("min")] IReadOnlyList<double?> Least,
        [property: JsonPropertyName("max")] IReadOnlyList<double?> Greatest,
        IReadOnlyList<int> Count,
        IReadOnlyList<string> Quality);

    public sealed record Chart(string Asset, IReadOnlyList<long> TimesUnixMs, long BucketMs, IReadOnlyList<ChartSignal> Signals);

    private static async Task<Results<Ok<Appended>, BadRequest<Appended>>> AppendAsync(
        AppendRequest request, OrganizationDb db, TelemetryStore telemetry, TimeProvider clock, CancellationToken ct)
    {
        var rows = FrameRows.Read(request.Frames, clock.GetUtcNow());
        IReadOnlyList<FrameOutcome> outcomes = await telemetry.AppendAsync(db.Organization, rows.Frames, ct).ConfigureAwait(false);
        int Count(FrameOutcome outcome) => outcomes.Count(one => one == outcome);
        int duplicates = Count(FrameOutcome.Duplicate);
        var appended = new Appended(outcomes.Count - duplicates, duplicates, Count(FrameOutcome.Late), Count(FrameOutcome.Revised), rows.Rejected);
        return rows.Frames.Count > 0 ? TypedResults.Ok(appended) : TypedResults.BadRequest(appended);
    }

    private static async Task<Results<Ok<FramesPage>, NotFound, ProblemHttpResult>> ReadAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        [Required, StringLength(AssetId.MaxLength)] string asset,
        string from,
        string to,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? signals = null,
        [Range(1, MostRows)] int limit = 1_000,
        string? cursor = null)
    {
        if (RangeOf(cursor ?? from, to, cursor is null ? "from" : "cursor", out long fromMs, out long toMs) is { } problem)
        {
            return problem;
        }

        var id = new AssetId(asset);
        if (!await telemetry.HasAsync(db.Organization, id, ct).ConfigureAwait(false))
        {
            return TypedResults.NotFound();
        }

        FrameColumns read = await telemetry.ReadAsync(db.Organization, id, fromMs, toMs, Asked(signals), limit, ct).ConfigureAwait(false);
        return TypedResults.Ok(new FramesPage(
            asset,
            read.Times,
            [.. read.Signals.Select((name, i) => new SignalColumn(name, Array.ConvertAll(read.Values[i], Shown), read.Qualities[i] is { } column ? Array.ConvertAll(column, Word) : null))],
            read.More ? (read.Times[^1] + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Ok<LatestPage>> LatestAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        TimeProvider clock,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? asset = null,
        [Range(1, 1_000)] int limit = 100,
        [StringLength(AssetId.MaxLength)] string? cursor = null)
    {
        IEnumerable<AssetId> asked = asset is { Length: > 0 } ? asset.Select(name => new AssetId(name)) : await telemetry.AssetsAsync(db.Organization, ct).ConfigureAwait(false);
        var items = new List<LatestFrame>();
        bool more = false;
        foreach (AssetId id in asked.Where(id => cursor is null || id > new AssetId(cursor)))
        {
            if (items.Count == limit)
            {
                more = true;
                break;
            }

            if (await telemetry.NewestAsync(db.Organization, id, ct).ConfigureAwait(false) is { } frame)
            {
                items.Add(Latest(frame, clock.GetUtcNow()));
            }
        }

        return TypedResults.Ok(new LatestPage(items, more ? items[^1].Asset : null));
    }

    private static async Task<Results<Ok<Chart>, NotFound, ProblemHttpResult>> ChartAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        [Required, StringLength(AssetId.MaxLength)] string asset,
        string from,
        string to,
        CancellationToken ct,
        [MaxLength(MostAsked)] string[]? signals = null,
        [Range(1, 5_000)] int points = 800)
    {
        if (RangeOf(from, to, "from", out long fromMs, out long toMs) is { } problem)
        {
            return problem;
        }

        var id = new AssetId(asset);
        if (!await telemetry.HasAsync(db.Organization, id, ct).ConfigureAwait(false))
        {
            return TypedResults.NotFound();
        }

        ChartColumns chart = await telemetry.ChartAsync(db.Organization, id, fromMs, toMs, Asked(signals), points, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Chart(
            asset,
            chart.Times,
            chart.BucketMs,
            [.. chart.Signals.Select((name, i) => new ChartSignal(
                name, Array.ConvertAll(chart.Least[i], Shown), Array.ConvertAll(chart.Greatest[i], Shown), chart.Counts[i], Array.ConvertAll(chart.Worst[i], Word)))]));
    }

    private static string[]? Asked(string[]? signals) => signals is { Length: > 0 } ? [.. signals.Distinct(StringComparer.Ordinal)] : null;

    private static LatestFrame Latest(Frame frame, DateTimeOffset now)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(frame.TimeUnixMs);
        return new LatestFrame(
            frame.Asset.Value,
            time,
            DateTimeOffset.FromUnixTimeMilliseconds(frame.ArrivedUnixMs),
            (now - time).TotalSeconds,
            frame.Signals.Select((name, i) => (name, i)).ToDictionary(signal => signal.name, signal => Shown(frame.Values[signal.i]), StringComparer.Ordinal),
            frame.Signals.Select((name, i) => (name, Quality: frame.Qualities?[i] ?? Quality.Good)).Where(signal => signal.Quality != Quality.Good)
                .ToDictionary(signal => signal.name, signal => Word(signal.Quality), StringComparer.Ordinal));
    }

    // Dates of a chart may lie anywhere in the years that a date can have.
    private static ProblemHttpResult? RangeOf(string from, string to, string field, out long fromMs, out long toMs)
    {
        toMs = 0;
        string? fault = !InstantText.TryParse(from, out fromMs) ? $"{field}: '{from}' is not {InstantText.Forms}."
            : !InstantText.TryParse(to, out toMs) ? $"to: '{to}' is not {InstantText.Forms}."
            : Math.Min(fromMs, toMs) < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || Math.Max(fromMs, toMs) > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? "from and to lie between the years 1 and 9999."
            : toMs <= fromMs ? $"to ({toMs}) must be later than {field} ({fromMs})."
            : null;
        return fault is null ? null : TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest);
    }

    // JSON has no word for what is not finite.
    private static double? Shown(double value) => double.IsFinite(value) ? value : null;

    private static string Word(Quality quality) => quality switch
    {
        Quality.Good => "good",
        Quality.Uncertain => "uncertain",
        Quality.Bad => "bad",
        _ => "absent",
    };
}
