using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Models.Package;
using Auspex.Server.Security;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Models;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Auspex.Server.Capabilities.Models;

/// <summary>Models of an organization: added as candidates, deployed, and taken back.</summary>
public static class ModelsApi
{
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>Adds the routes.</summary>
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder models = routes.MapGroup("/api/v1/models").WithTags("models").Needs(new Access.Member(Role.Viewer));
        models.MapGet("/", ListAsync).WithName("listModels").WithSummary("Versions of the organization's models, the newest first.");
        models.MapPost("/", AddAsync).Needs(new Access.Member(Role.Engineer)).Accepts<byte[]>("application/zip").WithMetadata(new RequestSizeLimitAttribute(MostBytes))
            .WithName("addModel").WithSummary("Stores the body, a package as one ZIP file, as a candidate after every check of it held; at most 64 MiB.");
        RouteGroupBuilder ml = routes.MapGroup("/api/v1/ml").WithTags("models").Needs(new Access.Member(Role.Viewer));
        ml.MapGet("/status", StatusAsync).WithName("modelStatus").WithSummary("Which models are active, whether they are loaded, and how far the live line is.");
        ml.MapGet("/models/metrics", MetricsAsync).WithName("modelMetrics").WithSummary("How long active models took to load and to answer, and what they hold.");
        ml.MapGet("/circuits", CircuitsAsync).WithName("modelCircuits").WithSummary("Which active models are asked, and which are not because they failed.");
        ml.MapPost("/deploy", DeployAsync).Needs(new Access.Member(Role.Admin)).WithName("deployModel")
            .WithSummary("Makes a version the active one of its task; from the next frames on they are scored with it.");
        ml.MapPost("/rollback", RollbackAsync).Needs(new Access.Member(Role.Admin)).WithName("rollbackModel")
            .WithSummary("Makes the version active again whose place the active one took.");
    }

    /// <param name="Version">Such as v1.2.0.</param>
    /// <param name="Task">failure, rul or anomaly.</param>
    /// <param name="Stage">candidate, shadow, active or archived.</param>
    /// <param name="Predecessor">The version it took the place of.</param>
    public sealed record Model(
        string Version, string Task, string Stage, string Name, string? Predecessor, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? DeployedAt);

    public sealed record Page(IReadOnlyList<Model> Items, string? Next);

    public sealed record DeployRequest([property: Required, StringLength(40, MinimumLength = 1)] string Version);

    /// <param name="Task">failure, rul or anomaly; failure where it is absent.</param>
    public sealed record RollbackRequest([property: AllowedValues("failure", "rul", "anomaly", null)] string? Task);

    /// <param name="Loaded">Whether it is in memory now; one that is not is loaded with the next frame.</param>
    /// <param name="Health">healthy, degraded where it answers other than it was packaged to, or failed where it does not load.</param>
    /// <param name="Fault">What is wrong with it; null where nothing is.</param>
    public sealed record ActiveModel(Model Model, bool Loaded, string Health, string? Fault);

    /// <param name="PredictionEnabled">Whether frames are scored; PUT /api/v1/organizations/current/prediction changes it.</param>
    /// <param name="PredictiveMonitoring">Whether the installation judges by models at all; off means rules only, whatever organizations say.</param>
    /// <param name="RowsBehind">Journal rows that are durable and not judged yet.</param>
    public sealed record Status(bool PredictionEnabled, bool PredictiveMonitoring, IReadOnlyList<ActiveModel> Active, long RowsBehind);

    /// <param name="P50">Milliseconds that half of the rows did not take longer than; null before the first.</param>
    public sealed record Latency(double? P50, double? P95, double? P99);

    /// <param name="LoadTime">Milliseconds of the last load; null before the first.</param>
    /// <param name="PredictionLatency">From a frame to its prediction, since the server started.</param>
    /// <param name="MemoryUsage">Bytes it holds while it is loaded; 0 before the first load.</param>
    /// <param name="Accuracy">Share of settled predictive alerts that were hits; null until some are settled.</param>
    /// <param name="HitRate">How often it was in memory when it was asked for, 0 to 1; null before the first time.</param>
    public sealed record ModelMetrics(
        Guid OrganizationId, string Version, string Task, bool Loaded, double? LoadTime, Latency PredictionLatency, long MemoryUsage, double? Accuracy, double? HitRate,
        long Predictions, DateTimeOffset? LastUpdated);

    public sealed record ModelMetricsList(IReadOnlyList<ModelMetrics> Items);

    /// <param name="Scope">The model it is of: <c>model v1.2.0</c>.</param>
    /// <param name="State">CLOSED, OPEN or HALF_OPEN.</param>
    /// <param name="FailureCount">Failures in a row.</param>
    public sealed record CircuitBreaker(Guid OrganizationId, string Scope, string State, int FailureCount, DateTimeOffset? LastFailureTime);

    public sealed record CircuitList(IReadOnlyList<CircuitBreaker> Items);

    private static async Task<Ok<Page>> ListAsync(
        OrganizationDb db, CancellationToken ct, [Range(1, 1_000)] int limit = 100, [Range(1, long.MaxValue)] long? cursor = null)
    {
        IReadOnlyList<ModelVersion> page = await ModelStore.ListAsync(db, cursor, limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. page.Take(limit).Select(Shown)], page.Count > limit ? page[limit - 1].Number.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<Results<Created<Model>, ProblemHttpResult>> AddAsync(HttpRequest request, Caller caller, OrganizationDb db, ModelStore models, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct).ConfigureAwait(false);
        byte[] archive = body.ToArray();
        ModelPackage package;
        ScoringForm form;
        try
        {
            package = ModelPackage.FromArchive(archive);
            LiveModel.PlanOf(package);
            form = ScoringForm.Of(package);
        }
        catch (ModelPackageException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        // Stored as it was checked, not as it was sent.
        ModelVersion added = await models.AddAsync(
            db, package.ToArchive(), form.Write(),
            new PackageFacts(package.Manifest.Task, package.Manifest.Name, package.Manifest.Features.Hash, JsonSerializer.Serialize(package.Manifest.Label)),
            caller.Name, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/models?cursor={added.Number + 1}", Shown(added));
    }

    private static async Task<Ok<Status>> StatusAsync(OrganizationDb db, LivePipeline line, CancellationToken ct)
    {
        IReadOnlyList<ModelVersion> active = await ModelStore.ActiveAsync(db, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Status(
            await PredictionSettings.IsEnabledAsync(db, ct).ConfigureAwait(false),
            line.IsMonitoring,
            [
                .. active.Select(version => line.Models.RecordOf(db.Organization, version.Version) is { } record
                    ? new ActiveModel(Shown(version), line.Models.IsLoaded(db.Organization, version.Version), record.Health.ToString().ToLowerInvariant(), record.ShownFault)
                    : new ActiveModel(Shown(version), false, "healthy", null)),
            ],
            line.BehindOf(db.Organization) ?? 0));
    }

    private static async Task<Ok<ModelMetricsList>> MetricsAsync(OrganizationDb db, LivePipeline line, CancellationToken ct)
    {
        IReadOnlyList<ModelVersion> active = await ModelStore.ActiveAsync(db, ct).ConfigureAwait(false);
        return TypedResults.Ok(new ModelMetricsList([.. active.Select(version => Metrics(db.Organization, version, line.Models))]));
    }

    private static ModelMetrics Metrics(Guid organization, ModelVersion version, ModelCache models)
    {
        ModelRecord? record = models.RecordOf(organization, version.Version);
        return new ModelMetrics(
            organization, version.Version, version.Task.Word(), models.IsLoaded(organization, version.Version), record?.LoadTime?.TotalMilliseconds,
            new Latency(record?.Latency(0.5), record?.Latency(0.95), record?.Latency(0.99)), record?.Bytes ?? 0, null,
            record is { Takes: > 0 } ? (double)record.Hits / record.Takes : null, record?.Scored ?? 0, record?.LastUpdated);
    }

    private static async Task<Ok<CircuitList>> CircuitsAsync(OrganizationDb db, LivePipeline line, CancellationToken ct)
    {
        IReadOnlyList<ModelVersion> active = await ModelStore.ActiveAsync(db, ct).ConfigureAwait(false);
        return TypedResults.Ok(new CircuitList(
        [
            .. active.Select(version => line.Models.RecordOf(db.Organization, version.Version)?.Circuit is { } circuit
                ? new CircuitBreaker(db.Organization, $"model {version.Version}", Word(circuit.State), circuit.FailureCount, circuit.LastFailureTime)
                : new CircuitBreaker(db.Organization, $"model {version.Version}", Word(CircuitState.Closed), 0, null)),
        ]));
    }

    private static string Word(CircuitState state) => state switch
    {
        CircuitState.Closed => "CLOSED",
        CircuitState.Open => "OPEN",
        _ => "HALF_OPEN",
    };

    private static async Task<Results<Ok<Model>, NotFound>> DeployAsync(
        DeployRequest request, Caller caller, OrganizationDb db, ModelStore models, LivePipeline line, CancellationToken ct)
    {
        (ModelVersion? active, DeploymentRefusal refusal) = await models.DeployAsync(db, request.Version, caller.Name, ct).ConfigureAwait(false);
        if (refusal != DeploymentRefusal.None)
        {
            return TypedResults.NotFound();
        }

        await line.LookAsync(CancellationToken.None).ConfigureAwait(false);
        return TypedResults.Ok(Shown(active!));
    }

    private static async Task<Results<Ok<Model>, ProblemHttpResult>> RollbackAsync(
        RollbackRequest request, Caller caller, OrganizationDb db, ModelStore models, LivePipeline line, CancellationToken ct)
    {
        (ModelVersion? active, DeploymentRefusal refusal) = await models.RollbackAsync(db, PredictionTaskWords.Of(request.Task) ?? PredictionTask.Failure, caller.Name, ct).ConfigureAwait(false);
        switch (refusal)
        {
            case DeploymentRefusal.NoPredecessor:
                return TypedResults.Problem(
                    active is null ? "No model of this task is active." : $"{active.Version} took no other version's place; deploy the one you want.",
                    statusCode: StatusCodes.Status409Conflict);
            case DeploymentRefusal.Unknown:
                return TypedResults.Problem(
                    $"{active!.Predecessor}, whose place {active.Version} took, is not kept any more; deploy the one you want.", statusCode: StatusCodes.Status409Conflict);
            default:
                await line.LookAsync(CancellationToken.None).ConfigureAwait(false);
                return TypedResults.Ok(Shown(active!));
        }
    }

    private static Model Shown(ModelVersion version) => new(
        version.Version, version.Task.Word(), version.Stage, version.Name, version.Predecessor, version.CreatedAt, version.CreatedBy, version.DeployedAt);
}
