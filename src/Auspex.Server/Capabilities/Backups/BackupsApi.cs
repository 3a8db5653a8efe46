using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Backups;

/// <summary>Backups while the server runs. They are asked for on the server's own machine: a backup is written to a folder of it.</summary>
public static class BackupsApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapBackups(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/installation/backups").WithTags("installation").Needs(new Access.SuperAdmin());
        group.MapPost("/", Begin).WithName("beginBackup")
            .WithSummary("Begins a backup of the installation to a new folder of the server's machine; only for the local administrator, as auspex backup is.");
        group.MapGet("/{id:guid}", Get).WithName("getBackup").WithSummary("How far the last backup is, and what came of it.");
    }

    public sealed record BeginRequest([property: Required, StringLength(4096, MinimumLength = 1)] string Folder);

    private static Results<Accepted<BackupRun>, ProblemHttpResult> Begin(BeginRequest request, Caller caller, BackupRuns runs)
    {
        // Over the network nobody names paths of the server's machine.
        if (caller != Caller.LocalAdministrator)
        {
            return TypedResults.Problem("Backups are made on the server's own machine: auspex backup --data DIR --to FOLDER.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (!Path.IsPathFullyQualified(request.Folder) || request.Folder.Contains('\0', StringComparison.Ordinal))
        {
            return TypedResults.Problem($"folder: '{PlainTextAttribute.Shown(request.Folder)}' is no full path.", statusCode: StatusCodes.Status400BadRequest);
        }

        return runs.Begin(request.Folder, caller.Name) is { } run
            ? TypedResults.Accepted($"/api/v1/installation/backups/{run.Id}", run)
            : TypedResults.Problem("A backup runs already. Wait for its end.", statusCode: StatusCodes.Status409Conflict);
    }

    private static Results<Ok<BackupRun>, NotFound> Get(Guid id, BackupRuns runs) => runs.Find(id) is { } run ? TypedResults.Ok(run) : TypedResults.NotFound();
}
