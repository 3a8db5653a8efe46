using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Auspex.Core.DataQuality;
using Auspex.Flow.Map;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.DataQuality;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.DataQuality;

/// <summary>What is expected of readings. A rule that is broken marks values; it rejects none.</summary>
public static class QualityRulesApi
{
    private const string Path = "/api/v1/quality-rules";
    private const int MostAllowed = 1_000;
    private const double MostAnHour = 3_600_000;

    /// <summary>Adds the routes.</summary>
    public static void MapQualityRules(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("data quality").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listQualityRules").WithSummary("Rules by name, a page at a time.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getQualityRule").WithSummary("One rule.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).WithName("createQualityRule")
            .WithSummary("Makes a rule; frames that arrive a second later are judged by it. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}", ReplaceAsync).Needs(new Access.Member(Role.Engineer)).WithName("replaceQualityRule").WithSummary("Replaces a rule. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteQualityRule")
            .WithSummary("Removes a rule; what it said of frames stays. May carry If-Match.");
    }

    /// <summary>A rule. What its kind does not need must be absent.</summary>
    /// <param name="Name">As people call it.</param>
    /// <param name="Kind">range, rate, freshness, completeness, flat, states or expression.</param>
    /// <param name="Signal">Of which signal. Of an expression: the one that is marked; absent marks all it names.</param>
    /// <param name="AssetClass">Of the assets of this class; absent with assetId: of all.</param>
    /// <param name="AssetId">Of this asset.</param>
    /// <param name="Quality">What a value that breaks it is: bad or uncertain.</param>
    /// <param name="Low">Range: least value, in the signal's unit.</param>
    /// <param name="High">Range: greatest value.</param>
    /// <param name="PerSecond">Rate: largest change a second.</param>
    /// <param name="Seconds">Freshness: longest time without a value. Flat: longest time without a change.</param>
    /// <param name="SamplesAnHour">Completeness: values an hour that are expected.</param>
    /// <param name="Share">Completeness: share of them that suffices.</param>
    /// <param name="Allowed">States: values that may be; of a signal of states their indices.</param>
    /// <param name="Expression">A condition over signals that holds where all is well, such as <c>not pump_on or flow &gt; 2</c>.</param>
    /// <param name="Enabled">Whether it counts.</param>
    public sealed record RuleRequest(
        [property: Required, PlainText(120)] string Name,
        [property: Required, AllowedValues("range", "rate", "freshness", "completeness", "flat", "states", "expression")] string Kind,
        [property: StringLength(200)] string? Signal,
        [property: PlainText(120)] string? AssetClass,
        Guid? AssetId,
        double? Low,
        double? High,
        double? PerSecond,
        double? Seconds,
        double? SamplesAnHour,
        double? Share,
        [property: MaxLength(MostAllowed)] IReadOnlyList<double>? Allowed,
        [property: StringLength(Core.Expressions.Expression.MaxLength)] string? Expression,
        [property: AllowedValues("bad", "uncertain")] string Quality = "bad",
        bool Enabled = true);

    /// <param name="Fault">Why it cannot be judged any more, such as a signal of its expression that was removed; null where it can.</param>
    public sealed record ShownRule(
        Guid Id, string Name, string Kind, string? Signal, string? AssetClass, Guid? AssetId, double? Low, double? High, double? PerSecond, double? Seconds, double? SamplesAnHour,
        double? Share, IReadOnlyList<double>? Allowed, string? Expression, string Quality, bool Enabled, string? Fault, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Page(IReadOnlyList<ShownRule> Items, string? Next);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, CancellationToken ct, [StringLength(200)] string? signal = null, Guid? asset = null, [StringLength(40)] string? kind = null, string? cursor = null,
        [Range(1, 1_000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "name") is not { } from)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<StoredQualityRule> rows = await QualityRuleStore.PageAsync(
            db, signal ?? "", asset?.ToString() ?? "", kind ?? "", from.Text, from.Id, limit + 1, ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, SignalMeaning> signals = await SignalStore.MeaningsAsync(db, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. rows.Take(limit).Select(row => Shown(row, signals))], rows.Count > limit ? new Cursor("name", rows[limit - 1].Name, 0, rows[limit - 1].Id).ToString() : null));
    }

    private static async Task<Results<Ok<ShownRule>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await QualityRuleStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } rule)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, rule.Revision);
        return TypedResults.Ok(Shown(rule, await SignalStore.MeaningsAsync(db, ct).ConfigureAwait(false)));
    }

    private static async Task<Results<Created<ShownRule>, ProblemHttpResult>> CreateAsync(
        RuleRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        await once.CreateAsync<ShownRule>(
            request,
            async transaction =>
            {
                if (!await QualityRuleStore.HasRoomAsync(transaction).ConfigureAwait(false))
                {
                    return new Made<ShownRule>.Refused(TypedResults.Problem(
                        $"The organization has {QualityRuleStore.Most} quality rules; remove one first.", statusCode: StatusCodes.Status409Conflict));
                }

                IReadOnlyDictionary<string, SignalMeaning> signals = await SignalStore.MeaningsAsync(transaction).ConfigureAwait(false);
                if (await RefusalAsync(transaction, request, signals).ConfigureAwait(false) is { } refused)
                {
                    return new Made<ShownRule>.Refused(refused);
                }

                DateTimeOffset now = clock.Now();
                StoredQualityRule rule = Stored(Guid.CreateVersion7(now).ToString(), request, now);
                await QualityRuleStore.CreateAsync(transaction, rule, now).ConfigureAwait(false);
                await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, "QUALITY_RULE_CREATED", $"quality rule {rule.Id}", request, now).ConfigureAwait(false);
                return new Made<ShownRule>.As(Shown(rule, signals), $"{Path}/{rule.Id}", 1);
            },
            ct).ConfigureAwait(false);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> ReplaceAsync(
        Guid id, RuleRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            id, context, db,
            async (transaction, present) =>
            {
                if (await RefusalAsync(transaction, request, await SignalStore.MeaningsAsync(transaction).ConfigureAwait(false)).ConfigureAwait(false) is { } refused)
                {
                    return refused;
                }

                DateTimeOffset now = clock.Now();
                await QualityRuleStore.ReplaceAsync(transaction, Stored(present.Id, request, now), now).ConfigureAwait(false);
                await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, "QUALITY_RULE_CHANGED", $"quality rule {id}", request, now).ConfigureAwait(false);
                return null;
            },
            ct);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            id, context, db,
            async (transaction, present) =>
            {
                await QualityRuleStore.RemoveAsync(transaction, id).ConfigureAwait(false);
                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "QUALITY_RULE_DELETED", $"quality rule {id}", new { present.Name, present.Kind, present.Signal }, clock.Now()).ConfigureAwait(false);
                return null;
            },
            ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        Guid id, HttpContext context, OrganizationDb db, Func<OrganizationTransaction, StoredQualityRule, Task<ProblemHttpResult?>> write, CancellationToken ct)
    {
        long? expected = Revisions.Expected(context.Request);
        (bool known, ProblemHttpResult? problem) = await db.WriteAsync<(bool, ProblemHttpResult?)>(
            async transaction => await QualityRuleStore.FindAsync(transaction, id).ConfigureAwait(false) is not { } rule ? (false, null)
                : expected is { } seen && seen != rule.Revision ? (true, Revisions.Changed())
                : (true, await write(transaction, rule).ConfigureAwait(false)),
            ct).ConfigureAwait(false);
        return !known ? TypedResults.NotFound() : problem is not null ? problem : TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> RefusalAsync(OrganizationTransaction transaction, RuleRequest request, IReadOnlyDictionary<string, SignalMeaning> signals) =>
        Fault(request, signals) is { } fault ? TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest)
        : request.AssetId is { } asset && !await QualityRuleStore.HasAssetAsync(transaction, asset.ToString()).ConfigureAwait(false)
            ? TypedResults.Problem("assetId: there is no such asset.", statusCode: StatusCodes.Status422UnprocessableEntity)
        : null;

    // The first thing that is wrong; null where nothing is.
    private static string? Fault(RuleRequest request, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        string[] needed = request.Kind switch
        {
            "range" => ["signal", "low", "high"],
            "rate" => ["signal", "perSecond"],
            "freshness" or "flat" => ["signal", "seconds"],
            "completeness" => ["signal", "samplesAnHour", "share"],
            "states" => ["signal", "allowed"],
            _ => ["signal", "expression"],
        };
        (string Field, bool Given)[] given =
        [
            ("signal", request.Signal is not null), ("low", request.Low is not null), ("high", request.High is not null), ("perSecond", request.PerSecond is not null),
            ("seconds", request.Seconds is not null), ("samplesAnHour", request.SamplesAnHour is not null), ("share", request.Share is not null),
            ("allowed", request.Allowed is not null), ("expression", request.Expression is not null),
        ];
        string[] optional = request.Kind switch
        {
            "range" => ["low", "high"],
            "expression" => ["signal"],
            _ => [],
        };
        foreach ((string field, bool isGiven) in given)
        {
            if (isGiven && !needed.Contains(field))
            {
                return $"{field} says nothing to a rule of {request.Kind}; leave it out";
            }

            if (!isGiven && needed.Contains(field) && !optional.Contains(field))
            {
                return $"{field} is missing; a rule of {request.Kind} needs it";
            }
        }

        return request is { AssetClass: not null, AssetId: not null } ? "assetClass, assetId: a rule is of a class or of one asset; leave one out"
            : request.Signal is { } signal && SignalFault(request.Kind, signal, signals) is { } ofSignal ? ofSignal
            : request.Kind switch
            {
                "range" => request.Low is null && request.High is null ? "low, high: a range needs one of them at least"
                    : request.Low > request.High ? string.Create(CultureInfo.InvariantCulture, $"low is {request.Low}; it must not be more than high, which is {request.High}")
                    : null,
                "rate" => Within("perSecond", request.PerSecond!.Value, 0, double.MaxValue, excludesLeast: true),
                "freshness" or "flat" => Within("seconds", request.Seconds!.Value, 1, AssetQuality.LongestRule.TotalSeconds),
                "completeness" => Within("samplesAnHour", request.SamplesAnHour!.Value, 1, MostAnHour) ?? Within("share", request.Share!.Value, 0, 1, excludesLeast: true),
                "states" => request.Allowed!.Count == 0 ? "allowed is empty; name one value at least" : null,
                _ => ConditionFault(request, signals),
            };
    }

    private static string? SignalFault(string kind, string name, IReadOnlyDictionary<string, SignalMeaning> signals) =>
        !signals.TryGetValue(name, out SignalMeaning? signal) ? $"signal: '{PlainTextAttribute.Shown(name)}' is no signal; make it first: POST /api/v1/signals"
        : kind is "range" or "rate" && signal.Kind is not ("continuous" or "counter") ? $"signal: '{name}' is a {signal.Kind} signal; a rule of {kind} is for continuous ones and counters, states for others"
        : null;

    private static string? ConditionFault(RuleRequest request, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        Core.Expressions.Expression? condition = QualityRuleSet.ConditionOf(request.Expression!, signals, out string? fault);
        return fault is not null ? $"expression {fault}"
            : request.Signal is { } marked && !condition!.Signals.Contains(marked, StringComparer.Ordinal) ? $"signal: '{marked}' is not named by the expression; it names {string.Join(", ", condition.Signals)}"
            : null;
    }

    private static string? Within(string field, double value, double least, double most, bool excludesLeast = false) =>
        value <= most && (excludesLeast ? value > least : value >= least) ? null
        : string.Create(CultureInfo.InvariantCulture, $"{field} is {value}; {(excludesLeast ? "more than " : "")}{least}{(most == double.MaxValue ? "" : $" to {most}")} is taken");

    private static StoredQualityRule Stored(string id, RuleRequest request, DateTimeOffset now) => new(
        id, request.Name.Trim(), request.Kind, request.Signal, request.AssetClass, request.AssetId?.ToString(), request.Quality, request.Enabled ? 1 : 0,
        JsonSerializer.Serialize(
            new QualityRuleBody(request.Low, request.High, request.PerSecond, request.Seconds, request.SamplesAnHour, request.Share, request.Allowed, request.Expression),
            JsonSerializerOptions.Web),
        1, now, now);

    private static ShownRule Shown(StoredQualityRule rule, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        QualityRuleBody body = JsonSerializer.Deserialize<QualityRuleBody>(rule.Body, JsonSerializerOptions.Web)!;
        string? fault = null;
        if (body.Expression is not null)
        {
            _ = QualityRuleSet.ConditionOf(body.Expression, signals, out fault);
        }

        return new ShownRule(
            Guid.Parse(rule.Id), rule.Name, rule.Kind, rule.Signal, rule.AssetClass, rule.Asset is null ? null : Guid.Parse(rule.Asset), body.Low, body.High, body.PerSecond, body.Seconds,
            body.SamplesAnHour, body.Share, body.Allowed, body.Expression, rule.Verdict, rule.Enabled != 0, fault is null ? null : $"expression {fault}", rule.CreatedAt, rule.UpdatedAt);
    }
}
