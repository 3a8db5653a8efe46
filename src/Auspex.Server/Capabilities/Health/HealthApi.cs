using System.Text.Json.Serialization;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Health;

/// <summary>Whether the process lives, whether it can work, and the state of its parts.</summary>
public static class HealthApi
{
    // Parts that report for themselves once they exist.
    private static readonly string[] Later = ["training-service", "background-monitor"];

    /// <summary>Adds the routes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/health").WithTags("health").Needs(new Access.Anyone());
        group.MapGet("/live", () => TypedResults.Ok(new Health("alive"))).WithName("healthLive").WithSummary("Answers while the process runs.");
        group.MapGet("/ready", ReadyAsync).WithName("healthReady").WithSummary("200 when the database answers and takes writes, 503 otherwise.");
        group.MapGet("/prediction-service", (LivePipeline line) => TypedResults.Ok(new Health(line.State.ToString().ToLowerInvariant()))).WithName("health-prediction-service")
            .WithSummary("starting, ready, off where the installation judges by rules only, degraded where an active model cannot be used, or behind where frames wait for more than a minute.");
        group.MapGet("/model-cache", (LivePipeline line) => TypedResults.Ok(ModelCacheHealth.Of(line.Models.State))).WithName("health-model-cache")
            .WithSummary("How many models are in memory, what they hold, and how often one was there when it was asked for.");
        foreach (string part in Later)
        {
            group.MapGet($"/{part}", () => TypedResults.Ok(new Health("notConfigured"))).WithName($"health-{part}").WithSummary($"State of the {part.Replace('-', ' ')}.");
        }

        routes.MapGet("/api/v1/version", () => TypedResults.Ok(new Version(typeof(HealthApi).Assembly.GetName().Version!.ToString(3), 1)))
            .WithTags("version").Needs(new Access.Anyone()).WithName("version").WithSummary("Version of the program and of the API.");
    }

    /// <param name="Telemetry"><c>damaged</c> where an organization's telemetry cannot be read; the log says whose, and the others go on. Left out else.</param>
    public sealed record Health(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Telemetry = null);

    public sealed record Version(string Program, int Api);

    /// <param name="Status">ready, or full where models are put out for others.</param>
    /// <param name="Models">In memory now, of all organizations.</param>
    /// <param name="MemoryUsage">Bytes they hold.</param>
    /// <param name="HitRate">How often one was in memory when it was asked for, 0 to 1; null before the first time.</param>
    /// <param name="Evicted">Put out because others were of more use.</param>
    /// <param name="Shed">Put out because memory was short.</param>
    public sealed record ModelCacheHealth(string Status, int Models, int MostModels, long MemoryUsage, long MostMemory, double? HitRate, long Evicted, long Shed)
    {
        internal static ModelCacheHealth Of(ModelCacheState state) => new(
            state.Evicted > 0 ? "full" : "ready", state.Models, state.MostModels, state.Bytes, state.MostBytes, state.HitRate, state.Evicted, state.Shed);
    }

    private static async Task<Results<Ok<Health>, JsonHttpResult<Health>>> ReadyAsync(
        InstallationDb db, IReadOnlyList<Database> databases, DamagedTelemetry damaged, CancellationToken ct)
    {
        if (databases.Any(database => database.HasFailed))
        {
            return TypedResults.Json(new Health("diskFailed"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            await db.QuerySingleOrDefaultAsync<long>("select 1 as one", null, ct).ConfigureAwait(false);
            return TypedResults.Ok(new Health("ready", damaged.Any ? "damaged" : null));
        }
        catch (Storage.StorageException)
        {
            return TypedResults.Json(new Health("databaseUnreachable"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
