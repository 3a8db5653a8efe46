using System.Text.Json.Serialization;
using Auspex.Flow;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Health;

/// <summary>Whether the process lives, whether it can work, and the state of its parts.</summary>
public static class HealthApi
{
    // Parts that report for themselves once they exist.
    private static readonly string[] Later = ["training-service", "model-cache", "background-monitor"];

    /// <summary>Adds the routes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/health").WithTags("health").Needs(new Access.Anyone());
        group.MapGet("/live", () => TypedResults.Ok(new Health("alive"))).WithName("healthLive").WithSummary("Answers while the process runs.");
        group.MapGet("/ready", ReadyAsync).WithName("healthReady").WithSummary("200 when the database answers and takes writes, 503 otherwise.");
        group.MapGet("/prediction-service", (LivePipeline line) => TypedResults.Ok(new Health(line.State.ToString().ToLowerInvariant()))).WithName("health-prediction-service")
            .WithSummary("starting, ready, degraded where an active model is not loaded, or behind where frames wait for more than a minute.");
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
