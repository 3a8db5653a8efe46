using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.DataQuality;
using Auspex.Flow.Map;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.DataQuality;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.DataQuality;

/// <summary>How good an asset's readings are, hour by hour and now; and over all assets, the worst first.</summary>
public static class AssetQualityApi
{
    private const int MostHours = 168;

    // Hours of all assets that one report goes through.
    private const int MostAssetHours = 20_000;

    private static readonly TimeSpan ReportTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Adds the routes.</summary>
    public static void MapAssetQuality(this IEndpointRouteBuilder routes)
    {
        var read = new Access.Member(Role.Viewer, "frames:read");
        RouteGroupBuilder group = routes.MapGroup("").WithTags("data quality").Needs(read);
        group.MapGet("/api/v1/assets/{id:guid}/quality", HoursAsync).WithName("getAssetQuality")
            .WithSummary("Quality of an asset's readings by the hour: counts by signal, rules that were broken, grade; whole hours, a page at a time.");
        group.MapGet("/api/v1/assets/{id:guid}/status", AssetStatus.HandleAsync).WithName("getAssetStatus")
            .WithSummary("How an asset's readings are now: running, silent or degraded, and why.");
        group.MapGet("/api/v1/quality/report", ReportAsync).WithRequestTimeout(ReportTimeout).WithName("getQualityReport")
            .WithSummary("Quality of all assets over a range of time, the worst first, a page at a time.");
    }

    /// <summary>Values of one signal in an hour.</summary>
    /// <param name="Missing">Of the bad ones, those without a value.</param>
    /// <param name="Flat">Those that had not changed for as long as a rule allows.</param>
    public sealed record SignalCounts(string Signal, int Samples, int Good, int Uncertain, int Bad, int Missing, int Flat);

    /// <param name="Samples">Values that broke it; of completeness, values that are missing.</param>
    /// <param name="Seconds">Of freshness: time without a value beyond what it allows.</param>
    public sealed record Broken(Guid RuleId, string Name, string Kind, string? Signal, int Samples, double Seconds);

    /// <param name="From">A whole hour.</param>
    /// <param name="Grade">A to E.</param>
    /// <param name="Score">0 to 100.</param>
    public sealed record ShownHour(
        DateTimeOffset From, string Grade, double Score, int Frames, int Late, double Completeness, double GoodShare, double LateShare, double FlatShare, double BrokenShare,
        IReadOnlyList<SignalCounts> Signals, IReadOnlyList<Broken> BrokenRules);

    public sealed record HoursPage(Guid AssetId, IReadOnlyList<ShownHour> Items, string? Next);

    /// <param name="Score">Mean of its hours.</param>
    /// <param name="WorstHour">The hour with the least score.</param>
    /// <param name="BrokenRules">Names of the rules that were broken.</param>
    public sealed record Reported(
        Guid AssetId, string Name, string Grade, double Score, int Hours, long Frames, long Late, double Completeness, double GoodShare, DateTimeOffset? WorstHour, double WorstScore,
        IReadOnlyList<string> BrokenRules);

    /// <param name="Frames">Of all assets.</param>
    /// <param name="Late">Of those, frames that arrived more than a minute after they were measured.</param>
    public sealed record ReportPage(DateTimeOffset From, DateTimeOffset To, long Frames, long Late, IReadOnlyList<Reported> Items, string? Next);

    internal static ShownHour Shown(HourQuality hour) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(hour.FromMs), hour.Grade.ToString(), Rounded(hour.Score), hour.Frames, hour.Late, hour.Completeness, hour.GoodShare, hour.LateShare,
        hour.FlatShare, hour.BrokenShare,
        [.. hour.Signals.Select(signal => new SignalCounts(signal.Signal, signal.Samples, signal.Good, signal.Uncertain, signal.Bad, signal.Missing, signal.Flat))],
        [
            .. hour.Broken.Select(broken => new Broken(
                Guid.Parse(broken.Rule.Id), broken.Rule.Name, Word(broken.Rule.Kind), broken.Rule.Signal, broken.Samples, broken.Seconds)),
        ]);

    internal static double Rounded(double score) => Math.Round(score, 2);

    // As the API says it.
    internal static string Word(QualityRuleKind kind) => kind.ToString().ToLowerInvariant();

    internal static async Task<QualityRuleSet> RulesAsync(OrganizationDb db, CancellationToken ct) => QualityRuleSet.Of(
        await QualityRuleStore.AllAsync(db, ct).ConfigureAwait(false), await SignalStore.MeaningsAsync(db, ct).ConfigureAwait(false));

    private static async Task<Results<Ok<HoursPage>, NotFound, ProblemHttpResult>> HoursAsync(
        Guid id, OrganizationDb db, TelemetryStore telemetry, TimeProvider clock, CancellationToken ct,
        string? from = null, string? to = null, [Range(1, MostHours)] int limit = 24, string? cursor = null)
    {
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (RangeOf(cursor ?? from, to, cursor is null ? "from" : "cursor", nowMs, out long fromMs, out long toMs) is { } problem)
        {
            return problem;
        }

        if (await FrameNameStore.FindAsync(db, [id.ToString()], ct).ConfigureAwait(false) is not [var asset])
        {
            return TypedResults.NotFound();
        }

        long pageMs = Math.Min(toMs, fromMs + (limit * AssetReadings.HourMs));
        IReadOnlyList<QualityRule> rules = (await RulesAsync(db, ct).ConfigureAwait(false)).OfAsset(asset.Asset, asset.AssetClass);
        IReadOnlyList<HourQuality> hours = await AssetReadings.HoursAsync(db, telemetry, new AssetId(asset.Key), rules, fromMs, pageMs, nowMs, ct).ConfigureAwait(false);
        return TypedResults.Ok(new HoursPage(id, [.. hours.Select(Shown)], pageMs < Math.Min(toMs, nowMs) ? pageMs.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Ok<ReportPage>, ProblemHttpResult>> ReportAsync(
        OrganizationDb db, TelemetryStore telemetry, TimeProvider clock, CancellationToken ct,
        string? from = null, string? to = null, [StringLength(120)] string? assetClass = null, [Range(1, 1_000)] int limit = 100, string? cursor = null)
    {
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (RangeOf(from, to, "from", nowMs, out long fromMs, out long toMs) is { } problem)
        {
            return problem;
        }

        if (Cursor.Read(cursor, "worst") is not { } start)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<ReportedAsset> assets = await QualityAssets.OfAsync(db, assetClass ?? "", ct).ConfigureAwait(false);
        long hours = (toMs - fromMs) / AssetReadings.HourMs;
        if (assets.Count * hours > MostAssetHours)
        {
            return TypedResults.Problem(
                $"from, to: {hours} hours of {assets.Count} assets are {assets.Count * hours} hours; at most {MostAssetHours} are gone through. Take a shorter range, or one assetClass.",
                statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        QualityRuleSet rules = await RulesAsync(db, ct).ConfigureAwait(false);
        var reported = new List<Reported>(assets.Count);
        foreach (ReportedAsset asset in assets)
        {
            IReadOnlyList<HourQuality> graded = await AssetReadings.HoursAsync(
                db, telemetry, new AssetId(asset.Key), rules.OfAsset(asset.Id, asset.AssetClass), fromMs, toMs, nowMs, ct).ConfigureAwait(false);
            reported.Add(Of(asset, graded));
        }

        Reported[] page =
        [
            .. reported.OrderBy(one => one.Score).ThenBy(one => one.AssetId.ToString(), StringComparer.Ordinal)
                .Where(one => start.Id.Length == 0 || Hundredths(one) > start.Number || (Hundredths(one) == start.Number && string.CompareOrdinal(one.AssetId.ToString(), start.Id) > 0))
                .Take(limit + 1),
        ];
        return TypedResults.Ok(new ReportPage(
            DateTimeOffset.FromUnixTimeMilliseconds(fromMs), DateTimeOffset.FromUnixTimeMilliseconds(toMs), reported.Sum(one => one.Frames), reported.Sum(one => one.Late),
            [.. page.Take(limit)],
            page.Length > limit ? new Cursor("worst", "", Hundredths(page[limit - 1]), page[limit - 1].AssetId.ToString()).ToString() : null));
    }

    private static long Hundredths(Reported one) => (long)Math.Round(one.Score * 100);

    private static Reported Of(ReportedAsset asset, IReadOnlyList<HourQuality> hours)
    {
        double score = Rounded(hours.Count == 0 ? 0 : hours.Average(hour => hour.Score));
        HourQuality? worst = hours.MinBy(hour => hour.Score);
        return new Reported(
            Guid.Parse(asset.Id), asset.Name, HourQuality.GradeOf(score).ToString(), score, hours.Count, hours.Sum(hour => (long)hour.Frames), hours.Sum(hour => (long)hour.Late),
            hours.Count == 0 ? 0 : hours.Average(hour => hour.Completeness), hours.Count == 0 ? 0 : hours.Average(hour => hour.GoodShare),
            worst is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(worst.FromMs), Rounded(worst?.Score ?? 0),
            [.. hours.SelectMany(hour => hour.Broken).Select(broken => broken.Rule.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    // Whole hours that the range touches; the last day where nobody says otherwise.
    private static ProblemHttpResult? RangeOf(string? from, string? to, string field, long nowMs, out long fromMs, out long toMs)
    {
        to ??= (nowMs + 1).ToString(CultureInfo.InvariantCulture);
        from ??= (nowMs - (24 * AssetReadings.HourMs)).ToString(CultureInfo.InvariantCulture);
        if (InstantRange.Fault(from, to, field, out fromMs, out toMs) is { } fault)
        {
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest);
        }

        if (fromMs < IncomingFrames.Earliest.ToUnixTimeMilliseconds())
        {
            return TypedResults.Problem($"{field}: no frame is older than {IncomingFrames.Earliest:yyyy-MM-dd}.", statusCode: StatusCodes.Status400BadRequest);
        }

        fromMs -= fromMs % AssetReadings.HourMs;
        toMs = (toMs + AssetReadings.HourMs - 1) / AssetReadings.HourMs * AssetReadings.HourMs;
        return null;
    }
}
