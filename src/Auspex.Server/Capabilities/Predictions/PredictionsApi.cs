using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Predictions;

/// <summary>What models say of assets: live, before, and on demand with reasons.</summary>
public static class PredictionsApi
{
    private const int MostRows = 10_000;
    private const int MostAssets = 1_000;

    /// <summary>Adds the routes.</summary>
    public static void MapPredictions(this IEndpointRouteBuilder routes)
    {
        var read = new Access.Member(Role.Viewer, "predictions:read");
        routes.MapPost("/api/v1/predictions", PredictAsync).WithTags("predictions").Needs(read).WithName("predict")
            .WithSummary("Judges the newest frames of up to 1,000 assets now; an asset that cannot be judged says why, and the others are.");
        RouteGroupBuilder group = routes.MapGroup("/api/v1/assets/{id:guid}/predictions").WithTags("predictions").Needs(read);
        group.MapGet("/", HistoryAsync).WithName("listPredictions").WithSummary("What was said of an asset in a range of time, the last day by default, a page at a time.");
        group.MapGet("/latest", LatestAsync).WithName("latestPrediction").WithSummary("What was said of an asset's newest judged frame.");
        group.MapGet("/explained", ExplainedAsync).WithName("explainPrediction")
            .WithSummary("Judges the newest frame now, and says why: the features that were scored, and what each signal adds.");
    }

    /// <param name="Assets">Ids of 1 to 1,000 assets.</param>
    /// <param name="Task">failure or rul; failure where it is absent.</param>
    public sealed record PredictRequest([property: Required, MinLength(1), MaxLength(MostAssets)] IReadOnlyList<string> Assets, [property: AllowedValues("failure", "rul", null)] string? Task);

    /// <param name="AssetId">As it was asked for.</param>
    /// <param name="Prediction">Null where there is none; then <paramref name="Error"/> says why.</param>
    public sealed record PredictedAsset(string AssetId, ShownPrediction? Prediction, string? Error);

    public sealed record PredictedAssets(IReadOnlyList<PredictedAsset> Items);

    /// <summary>How a prediction came about.</summary>
    /// <param name="ProcessingTime">Milliseconds it took to make; null for one that was read from the store.</param>
    /// <param name="ModelHealth">healthy; degraded where signals that the model was taught with were missing; failed.</param>
    /// <param name="FallbackUsed">Whether rules had to stand in.</param>
    /// <param name="Missing">Signals that were missing; only where it was made on demand.</param>
    public sealed record PredictionMetadata(double? ProcessingTime, double ModelLoadTime, int? FeatureCount, string ModelHealth, bool FallbackUsed, IReadOnlyList<string>? Missing);

    /// <summary>What a signal adds.</summary>
    public sealed record PredictionReason(string Signal, double Contribution, string Text, double? Value, string? Unit, double? NormalLow, double? NormalHigh);

    /// <param name="Task">failure or rul.</param>
    /// <param name="Probability">Of a failure inside the horizon, 0 to 1; null where the model tells none.</param>
    /// <param name="Confidence">0 to 1; null for a model without.</param>
    /// <param name="PredictedComponent">The likeliest; null where the model tells none apart.</param>
    /// <param name="TimeToFailure">Minutes; null where the model tells none.</param>
    /// <param name="RemainingUsefulLife">In <paramref name="LifeUnit"/>; null for other tasks.</param>
    /// <param name="ModelVersion">Null where the version is not kept any more.</param>
    /// <param name="Timestamp">Of the frame that was judged.</param>
    /// <param name="JudgedAt">When it was judged.</param>
    /// <param name="AgeSeconds">From that frame until now, by the server's clock: how stale what is said has grown.</param>
    /// <param name="Components">Probability of each component.</param>
    /// <param name="Features">The vector that was scored; only on demand.</param>
    /// <param name="Reasons">Only on demand.</param>
    public sealed record ShownPrediction(
        Guid OrganizationId, Guid AssetId, string Task, double? Probability, double? Confidence, string? PredictedComponent,
        double? TimeToFailure, double? TimeToFailureLower, double? TimeToFailureUpper,
        double? RemainingUsefulLife, double? RemainingUsefulLifeLower, double? RemainingUsefulLifeUpper, string? LifeUnit,
        string? ModelVersion, DateTimeOffset Timestamp, DateTimeOffset JudgedAt, double AgeSeconds, IReadOnlyDictionary<string, double?> Components,
        IReadOnlyDictionary<string, double?>? Features, IReadOnlyList<PredictionReason> Reasons, PredictionMetadata Metadata);

    public sealed record Page(IReadOnlyList<ShownPrediction> Items, string? Next);

    private static async Task<Results<Ok<Page>, NotFound, ProblemHttpResult>> HistoryAsync(
        Guid id, OrganizationDb db, TelemetryStore telemetry, LivePipeline line, TimeProvider clock, CancellationToken ct,
        string? from = null, string? to = null, [AllowedValues("failure", "rul", null)] string? task = null, [Range(1, MostRows)] int limit = 1_000, string? cursor = null)
    {
        // The last day where nobody says otherwise.
        to ??= (clock.GetUtcNow().ToUnixTimeMilliseconds() + 1).ToString(CultureInfo.InvariantCulture);
        from ??= clock.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        if (InstantRange.Fault(cursor ?? from, to, cursor is null ? "from" : "cursor", out long fromMs, out long toMs) is { } fault)
        {
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest);
        }

        if (await KeyOfAsync(db, id, ct).ConfigureAwait(false) is not { } key)
        {
            return TypedResults.NotFound();
        }

        PredictionTask asked = PredictionTaskWords.Of(task) ?? PredictionTask.Failure;
        FrameColumns read = await telemetry.ReadAsync(db.Organization, Series.PredictionsOf(key, asked), fromMs, toMs, null, limit, ct).ConfigureAwait(false);
        VersionNames names = await VersionNames.OfAsync(db, line, ct).ConfigureAwait(false);
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var items = new List<ShownPrediction>(read.Times.Length);
        for (int row = 0; row < read.Times.Length; row++)
        {
            items.Add(Shown(
                db.Organization, id, asked, read.Times[row], read.Arrived[row], nowMs, names,
                read.Signals.Select((name, i) => (name, i)).ToDictionary(signal => signal.name, signal => read.Values[signal.i][row], StringComparer.Ordinal)));
        }

        return TypedResults.Ok(new Page(items, read.More ? (read.Times[^1] + 1).ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Ok<ShownPrediction>, NotFound>> LatestAsync(
        Guid id, OrganizationDb db, TelemetryStore telemetry, LivePipeline line, TimeProvider clock, CancellationToken ct, [AllowedValues("failure", "rul", null)] string? task = null)
    {
        PredictionTask asked = PredictionTaskWords.Of(task) ?? PredictionTask.Failure;
        return await KeyOfAsync(db, id, ct).ConfigureAwait(false) is { } key
            && await telemetry.NewestAsync(db.Organization, Series.PredictionsOf(key, asked), ct).ConfigureAwait(false) is { } said
            ? TypedResults.Ok(Shown(
                db.Organization, id, asked, said.TimeUnixMs, said.ArrivedUnixMs, clock.GetUtcNow().ToUnixTimeMilliseconds(), await VersionNames.OfAsync(db, line, ct).ConfigureAwait(false),
                said.Signals.Select((name, i) => (name, i)).ToDictionary(signal => signal.name, signal => said.Values[signal.i], StringComparer.Ordinal)))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Ok<ShownPrediction>, NotFound, ProblemHttpResult>> ExplainedAsync(
        Guid id, Caller caller, OrganizationDb db, LivePipeline line, OnDemandPrediction predictions, TimeProvider clock, CancellationToken ct,
        [AllowedValues("failure", "rul", null)] string? task = null)
    {
        if (await KeyOfAsync(db, id, ct).ConfigureAwait(false) is not { } key)
        {
            return TypedResults.NotFound();
        }

        PredictionTask asked = PredictionTaskWords.Of(task) ?? PredictionTask.Failure;
        (ModelUse? taken, string? fault) = await TakeAsync(line, db, asked, ct).ConfigureAwait(false);
        if (taken is null)
        {
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status409Conflict);
        }

        using ModelUse use = taken;
        LiveModel model = use.Model;
        if (await predictions.OfAsync(db, model, key, explained: true, ct).ConfigureAwait(false) is not { } made)
        {
            return TypedResults.Problem("The asset has no frames to judge.", statusCode: StatusCodes.Status409Conflict);
        }

        ShownPrediction shown = ShownOf(
            db.Organization, id, asked, model, made, clock.GetUtcNow().ToUnixTimeMilliseconds(), await VersionNames.OfAsync(db, line, ct).ConfigureAwait(false));
        await AuditAsync(db, caller, model, 1, clock).ConfigureAwait(false);
        return TypedResults.Ok(shown);
    }

    private static ShownPrediction ShownOf(Guid organization, Guid asset, PredictionTask task, LiveModel model, ExplainedPrediction made, long nowMs, VersionNames names)
    {
        ShownPrediction shown = Shown(
            organization, asset, task, made.TimeUnixMs, nowMs, nowMs, names,
            model.Columns.Signals.Select((name, i) => (name, i)).ToDictionary(signal => signal.name, signal => made.Said[signal.i], StringComparer.Ordinal));
        return shown with
        {
            Features = made.Features.ToDictionary(feature => feature.Key, feature => Number(feature.Value), StringComparer.Ordinal),
            Reasons =
            [
                .. made.Reasons.Select(reason => new PredictionReason(
                    reason.Signal, reason.Contribution, reason.Text, reason.Value, reason.Unit, reason.Normal?.Low, reason.Normal?.High)),
            ],
            Metadata = shown.Metadata with { ProcessingTime = made.Took.TotalMilliseconds, FeatureCount = made.Features.Count, Missing = made.Missing },
        };
    }

    private static async Task<Results<Ok<PredictedAssets>, ProblemHttpResult>> PredictAsync(
        PredictRequest request, Caller caller, OrganizationDb db, LivePipeline line, OnDemandPrediction predictions, TimeProvider clock, CancellationToken ct)
    {
        PredictionTask asked = PredictionTaskWords.Of(request.Task) ?? PredictionTask.Failure;
        (ModelUse? taken, string? fault) = await TakeAsync(line, db, asked, ct).ConfigureAwait(false);
        if (taken is null)
        {
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status409Conflict);
        }

        using ModelUse use = taken;
        var keys = new Dictionary<Guid, AssetId>();
        string[] ids = [.. request.Assets.Where(id => Guid.TryParse(id, out _)).Select(id => Guid.Parse(id).ToString()).Distinct(StringComparer.Ordinal)];
        foreach (FrameAsset known in await FrameNameStore.FindAsync(db, ids, ct).ConfigureAwait(false))
        {
            keys[Guid.Parse(known.Asset)] = new AssetId(known.Key);
        }

        VersionNames names = await VersionNames.OfAsync(db, line, ct).ConfigureAwait(false);
        var seen = new HashSet<Guid>();
        var items = new List<PredictedAsset>(request.Assets.Count);
        foreach (string text in request.Assets)
        {
            string shown = PlainTextAttribute.Shown(text ?? "");
            if (!Guid.TryParse(text, out Guid id) || !keys.TryGetValue(id, out AssetId key))
            {
                items.Add(new PredictedAsset(shown, null, "There is no such asset."));
                continue;
            }

            if (!seen.Add(id))
            {
                items.Add(new PredictedAsset(shown, null, "It stands in the list already."));
                continue;
            }

            ExplainedPrediction? made = await predictions.OfAsync(db, use.Model, key, explained: false, ct).ConfigureAwait(false);
            items.Add(made is null
                ? new PredictedAsset(shown, null, "The asset has no frames to judge.")
                : new PredictedAsset(shown, ShownOf(db.Organization, id, asked, use.Model, made, clock.GetUtcNow().ToUnixTimeMilliseconds(), names) with { Features = null }, null));
        }

        await AuditAsync(db, caller, use.Model, items.Count(item => item.Prediction is not null), clock).ConfigureAwait(false);
        return TypedResults.Ok(new PredictedAssets(items));
    }

    private static Task<int> AuditAsync(OrganizationDb db, Caller caller, LiveModel model, int assets, TimeProvider clock) => db.WriteAsync(
        async transaction =>
        {
            await AuditLog.AppendAsync(
                transaction, db.Organization, caller.Name, "PREDICTION", $"model {model.Version.Version}", new { assets, task = model.Version.Task.Word() }, clock.GetUtcNow()).ConfigureAwait(false);
            return 0;
        },
        CancellationToken.None);

    // The model to answer with, or why there is none.
    private static async Task<(ModelUse? Use, string? Fault)> TakeAsync(LivePipeline line, OrganizationDb db, PredictionTask task, CancellationToken ct)
    {
        try
        {
            return (
                await line.TakeAsync(db, task, ct).ConfigureAwait(false),
                line.IsMonitoring
                    ? "No model of this task is active, or predictions are off: deploy one (POST /api/v1/ml/deploy) and switch them on (PUT /api/v1/organizations/current/prediction)."
                    : "Predictive monitoring is switched off for the whole installation; its administrators can switch it on (auspex serve --predictive-monitoring on).");
        }
        catch (ModelNotLoadedException e)
        {
            return (null, $"Model {e.Version} cannot be used now: it does not load. Deploy another version, or add it again; the server's log says why.");
        }
    }

    private static async Task<AssetId?> KeyOfAsync(OrganizationDb db, Guid id, CancellationToken ct) =>
        await FrameNameStore.FindAsync(db, [id.ToString()], ct).ConfigureAwait(false) is [var known] ? new AssetId(known.Key) : null;

    private static ShownPrediction Shown(
        Guid organization, Guid asset, PredictionTask task, long timeMs, long judgedMs, long nowMs, VersionNames versions, Dictionary<string, double> said)
    {
        string[] fixedNames = PredictionColumns.FixedSignals;
        double? Of(int place) => said.TryGetValue(fixedNames[place], out double value) ? Number(value) : null;
        var components = said.Select(pair => (Component: PredictionColumns.ComponentOf(pair.Key), pair.Value)).Where(pair => pair.Component is not null)
            .ToDictionary(pair => pair.Component!, pair => Number(pair.Value), StringComparer.Ordinal);
        bool life = task == PredictionTask.RemainingUsefulLife;
        (double? lower, double? time, double? upper) = (Of(PredictionColumns.Lower), Of(PredictionColumns.Time), Of(PredictionColumns.Upper));
        return new ShownPrediction(
            organization, asset, task.Word(), Of(PredictionColumns.Probability), Of(PredictionColumns.Confidence),
            components.Count == 0 ? null : components.MaxBy(component => component.Value ?? double.NegativeInfinity).Key,
            life ? null : time, life ? null : lower, life ? null : upper, life ? time : null, life ? lower : null, life ? upper : null,
            life ? versions.LifeUnitOf(Of(PredictionColumns.Model)) : null, versions.Of(Of(PredictionColumns.Model)),
            DateTimeOffset.FromUnixTimeMilliseconds(timeMs), DateTimeOffset.FromUnixTimeMilliseconds(judgedMs), (nowMs - timeMs) / 1000.0, components, null, [],
            new PredictionMetadata(null, versions.LoadMs(Of(PredictionColumns.Model)), null, Of(PredictionColumns.Degraded) == 0 ? "healthy" : "degraded", false, null));
    }

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
