using System.ComponentModel.DataAnnotations;
using Auspex.Core.Predictions;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Alerts;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.PredictiveAlerts;

/// <summary>What predictions claimed, what became of it, and what people say of it.</summary>
public static class PredictiveAlertsApi
{
    private const string Order = "-raisedAt";
    private const int MostPeriods = 400;

    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);

    /// <summary>Adds the routes.</summary>
    public static void MapPredictiveAlerts(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/predictive-alerts").WithTags("predictive alerts").Needs(new Access.Member(Role.Viewer, "predictions:read"));
        group.MapGet("/", ListAsync).WithName("listPredictiveAlerts")
            .WithSummary("What predictions claimed, the last first, a page at a time; of an asset, a component, an outcome, a model version, a period.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getPredictiveAlert").WithSummary("One of them.");
        group.MapPost("/{id:guid}/feedback", SayAsync).Needs(new Access.Member(Role.Operator)).WithName("sayOfPredictiveAlert")
            .WithSummary("Says whether it was right. May be said again; the last counts, all are in the audit.");
        group.MapGet("/component/{component}", OfComponentAsync).WithName("listPredictiveAlertsOfComponent").WithSummary("Those of one component.");
        group.MapGet("/statistics", StatisticsAsync).WithName("predictiveAlertStatistics")
            .WithSummary("What predictions were worth in a period, the last 30 days by default: precision, recall, false alerts an asset-day and lead time, in all and by component and model version.");
        group.MapGet("/trends/summary", TrendsAsync).WithName("predictiveAlertTrends").WithSummary("The same for each day or week of a period, beside the period before it.");
    }

    /// <param name="Type">PREDICTIVE.</param>
    /// <param name="Component">The component it is about; null where the model tells none apart.</param>
    /// <param name="Probability">Of the prediction that raised it.</param>
    /// <param name="HighestProbability">Of those that joined it.</param>
    /// <param name="TimeToFailure">Minutes, as that prediction said; null where the model tells none.</param>
    /// <param name="IsAccurate">What a person said; null while nobody did.</param>
    /// <param name="CreatedAt">When it was raised: the time of the frame that was judged.</param>
    /// <param name="ClosedAt">When it stopped taking further predictions in; null while it does.</param>
    /// <param name="ResolvedAt">When its outcome was known; null while it is open.</param>
    /// <param name="Outcome">hit, late, false, averted or open.</param>
    /// <param name="FailureAt">Of the failure that made it a hit or late.</param>
    /// <param name="LeadTimeSeconds">From raise to that failure.</param>
    public sealed record ShownAlert(
        Guid Id, Guid OrganizationId, Guid AssetId, string Type, string? Component, double Probability, double HighestProbability, double? Confidence, double? TimeToFailure, string ModelVersion,
        bool? IsAccurate, DateTimeOffset? FeedbackAt, string? FeedbackBy, string? FeedbackNote, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt, DateTimeOffset? ResolvedAt,
        PredictiveAlertOutcome Outcome, DateTimeOffset? FailureAt, double? LeadTimeSeconds);

    public sealed record AlertPage(IReadOnlyList<ShownAlert> Items, string? Next);

    /// <param name="IsAccurate">Whether the alert was right.</param>
    /// <param name="Note">Why, in words.</param>
    public sealed record FeedbackRequest([property: Required] bool? IsAccurate, [property: PlainText(2000, Lines = true)] string? Note);

    /// <param name="Name">Of the component, empty where none is named; or of the model version.</param>
    public sealed record NamedFigures(string Name, AlertFigures Figures);

    /// <param name="From">Of the period.</param>
    /// <param name="To">Of the period; itself not in it.</param>
    /// <param name="Assets">That have predictions.</param>
    /// <param name="Components">Their alerts and failures; asset-days are of all.</param>
    /// <param name="Versions">Of models.</param>
    public sealed record Statistics(DateTimeOffset From, DateTimeOffset To, long Assets, AlertFigures Figures, IReadOnlyList<NamedFigures> Components, IReadOnlyList<NamedFigures> Versions);

    /// <param name="From">Its beginning, midnight UTC.</param>
    public sealed record TrendPoint(DateTimeOffset From, AlertFigures Figures);

    /// <param name="By">day or week.</param>
    /// <param name="Previous">Of the period of the same length before.</param>
    public sealed record Trends(DateTimeOffset From, DateTimeOffset To, string By, AlertFigures Figures, AlertFigures Previous, IReadOnlyList<TrendPoint> Points);

    private static Task<Results<Ok<AlertPage>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, TimeProvider clock, CancellationToken ct, Guid? asset = null, [StringLength(120)] string? component = null,
        [AllowedValues(null, "open", "hit", "late", "false", "averted")] string? outcome = null, [StringLength(40)] string? version = null, DateTimeOffset? from = null,
        DateTimeOffset? to = null, string? cursor = null, [Range(1, 1_000)] int limit = 100) =>
        PageAsync(db, new AlertFilter(asset, component, OutcomeOf(outcome), version, FirstOf(from), LastOf(to, clock)), cursor, limit, ct);

    private static Task<Results<Ok<AlertPage>, ProblemHttpResult>> OfComponentAsync(
        [StringLength(120)] string component, OrganizationDb db, TimeProvider clock, CancellationToken ct, DateTimeOffset? from = null, DateTimeOffset? to = null, string? cursor = null,
        [Range(1, 1_000)] int limit = 100) =>
        PageAsync(db, new AlertFilter(null, component, null, null, FirstOf(from), LastOf(to, clock)), cursor, limit, ct);

    private static async Task<Results<Ok<AlertPage>, ProblemHttpResult>> PageAsync(OrganizationDb db, AlertFilter filter, string? cursor, int limit, CancellationToken ct)
    {
        if (Cursor.Read(cursor, Order) is not { } behind || (behind.Id.Length > 0 && !Guid.TryParse(behind.Id, out _)))
        {
            return Cursor.Fault();
        }

        IReadOnlyList<StoredAlert> alerts = await PredictiveAlertStore.ListAsync(
            db, filter, behind.Id.Length == 0 ? null : (behind.Number, Guid.Parse(behind.Id)), limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new AlertPage(
            [.. alerts.Take(limit).Select(alert => Shown(db, alert))],
            alerts.Count > limit ? new Cursor(Order, "", alerts[limit - 1].Alert.RaisedAtUnixMs, alerts[limit - 1].Id.ToString()).ToString() : null));
    }

    private static async Task<Results<Ok<ShownAlert>, NotFound>> GetAsync(Guid id, OrganizationDb db, CancellationToken ct) =>
        await PredictiveAlertStore.FindAsync(db, id, ct).ConfigureAwait(false) is { } alert ? TypedResults.Ok(Shown(db, alert)) : TypedResults.NotFound();

    private static async Task<Results<Ok<ShownAlert>, NotFound>> SayAsync(Guid id, FeedbackRequest request, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        await PredictiveAlertStore.SayAsync(db, id, request.IsAccurate!.Value, request.Note, caller.Name, clock.Now(), ct).ConfigureAwait(false) is { } alert
            ? TypedResults.Ok(Shown(db, alert)) : TypedResults.NotFound();

    private static async Task<Results<Ok<Statistics>, ProblemHttpResult>> StatisticsAsync(
        OrganizationDb db, TimeProvider clock, CancellationToken ct, DateTimeOffset? from = null, DateTimeOffset? to = null, [StringLength(40)] string? version = null)
    {
        (long fromMs, long toMs) = RangeOf(from, to, clock);
        if (fromMs >= toMs)
        {
            return Turned();
        }

        AlertFigures.Period period = await AlertFigures.ReadAsync(db, fromMs, toMs, version, ct).ConfigureAwait(false);
        double judged = period.Judged.Sum(day => day.JudgedMs);
        IEnumerable<string> components = period.Raised.Select(alert => alert.Alert.Component).Concat(period.Failed.Where(failure => failure.Verdict is not null).Select(failure => failure.Component))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        IEnumerable<string> versions = period.Judged.Select(day => day.ModelVersion).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return TypedResults.Ok(new Statistics(
            At(fromMs), At(toMs), await PredictiveAlertStore.AssetsAsync(db, ct).ConfigureAwait(false), AlertFigures.Of(period.Raised, period.Failed, judged),
            [.. components.Select(name => new NamedFigures(name, AlertFigures.Of(
                [.. period.Raised.Where(alert => alert.Alert.Component == name)], [.. period.Failed.Where(failure => failure.Component == name)], judged)))],
            [.. versions.Select(name => new NamedFigures(name, AlertFigures.Of(
                [.. period.Raised.Where(alert => alert.ModelVersion == name)], [.. period.Failed.Where(failure => failure.ModelVersion == name)],
                period.Judged.Where(day => day.ModelVersion == name).Sum(day => day.JudgedMs))))]));
    }

    private static async Task<Results<Ok<Trends>, ProblemHttpResult>> TrendsAsync(
        OrganizationDb db, TimeProvider clock, CancellationToken ct, DateTimeOffset? from = null, DateTimeOffset? to = null, [AllowedValues("day", "week")] string by = "day")
    {
        (long fromMs, long toMs) = RangeOf(from, to, clock);
        if (fromMs >= toMs)
        {
            return Turned();
        }

        // Whole days of UTC, and weeks of them from the first.
        long dayMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;
        long step = by == "week" ? 7 * dayMs : dayMs;
        long first = fromMs / dayMs * dayMs;
        long periods = (toMs - first + step - 1) / step;
        if (periods > MostPeriods)
        {
            return TypedResults.Problem($"from: {periods} times a {by} lie between from and to; at most {MostPeriods} are told. Ask for less, or by=week.", statusCode: StatusCodes.Status400BadRequest);
        }

        long length = periods * step;
        AlertFigures.Period all = await AlertFigures.ReadAsync(db, Math.Max(0, first - length), first + length, null, ct).ConfigureAwait(false);
        AlertFigures Within(long begins, long ends) => AlertFigures.Of(
            [.. all.Raised.Where(alert => alert.Alert.RaisedAtUnixMs >= begins && alert.Alert.RaisedAtUnixMs < ends)],
            [.. all.Failed.Where(failure => failure.StartedAtUnixMs >= begins && failure.StartedAtUnixMs < ends)],
            all.Judged.Where(day => day.Day * dayMs >= begins && day.Day * dayMs < ends).Sum(day => day.JudgedMs));
        return TypedResults.Ok(new Trends(
            At(first), At(first + length), by, Within(first, first + length), Within(first - length, first),
            [.. Enumerable.Range(0, (int)periods).Select(i => new TrendPoint(At(first + (i * step)), Within(first + (i * step), first + ((i + 1) * step))))]));
    }

    private static ShownAlert Shown(OrganizationDb db, StoredAlert stored) => new(
        stored.Id, db.Organization, Guid.Parse(stored.Alert.Asset.Value), "PREDICTIVE", stored.Alert.Component.Length == 0 ? null : stored.Alert.Component, stored.Alert.ProbabilityAtRaise,
        stored.Alert.HighestProbability, stored.Alert.ConfidenceAtRaise, stored.TimeToFailure, stored.ModelVersion, stored.Feedback?.IsAccurate, stored.Feedback?.At, stored.Feedback?.By,
        stored.Feedback?.Note, At(stored.Alert.RaisedAtUnixMs), stored.Alert.ClosedAtUnixMs is { } closed ? At(closed) : null, stored.SettledAt, stored.Alert.Outcome,
        stored.Alert.FailureStartUnixMs is { } failed ? At(failed) : null, stored.Alert.LeadTimeMs / 1000.0);

    private static PredictiveAlertOutcome? OutcomeOf(string? word) => word switch
    {
        "open" => PredictiveAlertOutcome.Open,
        "hit" => PredictiveAlertOutcome.Hit,
        "late" => PredictiveAlertOutcome.Late,
        "false" => PredictiveAlertOutcome.False,
        "averted" => PredictiveAlertOutcome.Averted,
        _ => null,
    };

    private static (long FromMs, long ToMs) RangeOf(DateTimeOffset? from, DateTimeOffset? to, TimeProvider clock)
    {
        long toMs = LastOf(to, clock);
        return (from is null ? Math.Max(0, toMs - (long)Usual.TotalMilliseconds) : FirstOf(from), toMs);
    }

    private static long FirstOf(DateTimeOffset? from) => Math.Max(0, from?.ToUnixTimeMilliseconds() ?? 0);

    private static long LastOf(DateTimeOffset? to, TimeProvider clock) => Math.Max(0, to?.ToUnixTimeMilliseconds() ?? (clock.GetUtcNow().ToUnixTimeMilliseconds() + 1));

    private static ProblemHttpResult Turned() => TypedResults.Problem("from: it must lie before to.", statusCode: StatusCodes.Status400BadRequest);

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
