using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Transfer;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Archives;

/// <summary>Organizations written to, and made of, archives on the server's own machine.</summary>
public static class ArchivesApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapArchives(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/installation").WithTags("installation").Needs(new Access.SuperAdmin());
        // However large an organization is; who asks goes away and ends it.
        group.MapPost("/exports", ExportAsync).DisableRequestTimeout().WithName("exportOrganization")
            .WithSummary("Writes everything an organization owns to a new folder of the server's machine; only for the local administrator, as auspex organization export is.");
        group.MapPost("/imports", ImportAsync).DisableRequestTimeout().WithName("importOrganization")
            .WithSummary("Makes an organization of an archive in a folder of the server's machine; only for the local administrator, as auspex organization import is.");
    }

    public sealed record ExportRequest([property: Required, StringLength(120, MinimumLength = 1)] string Organization, [property: Required, StringLength(4096, MinimumLength = 1)] string Folder);

    public sealed record ImportRequest([property: Required, StringLength(4096, MinimumLength = 1)] string Folder, [property: StringLength(120, MinimumLength = 1)] string? Name);

    private static async Task<Results<Ok<OrganizationArchive>, NotFound, ProblemHttpResult>> ExportAsync(
        ExportRequest request, Caller caller, InstallationDb db, OrganizationExport export, TimeProvider clock, CancellationToken ct)
    {
        if (Refusal(caller, request.Folder) is { } refusal)
        {
            return refusal;
        }

        if (await OrganizationExport.FindAsync(db, request.Organization, ct).ConfigureAwait(false) is not { } id)
        {
            return TypedResults.NotFound();
        }

        try
        {
            OrganizationArchive archive = await export.WriteAsync(id, request.Folder, _ => { }, ct).ConfigureAwait(false);
            await db.Of(id).WriteAsync(
                async transaction =>
                {
                    await AuditLog.AppendAsync(
                        transaction, id, caller.Name, "ORGANIZATION_EXPORTED", $"organization {id}", new { request.Folder, archive.TakenAt, archive.Rows }, clock.GetUtcNow()).ConfigureAwait(false);
                    return 0;
                },
                CancellationToken.None).ConfigureAwait(false);
            return TypedResults.Ok(archive);
        }
        catch (StorageException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static async Task<Results<Ok<ImportedOrganization>, ProblemHttpResult>> ImportAsync(
        ImportRequest request, Caller caller, OrganizationImport import, CancellationToken ct)
    {
        if (Refusal(caller, request.Folder) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return TypedResults.Ok(await import.RunAsync(request.Folder, request.Name, caller.Name, _ => { }, ct).ConfigureAwait(false));
        }
        catch (StorageException e)
        {
            return TypedResults.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }

    // Over the network nobody names paths of the server's machine.
    private static ProblemHttpResult? Refusal(Caller caller, string folder) =>
        caller != Caller.LocalAdministrator
            ? TypedResults.Problem("Archives are written and read on the server's own machine: auspex organization export|import.", statusCode: StatusCodes.Status403Forbidden)
        : !Path.IsPathFullyQualified(folder) || folder.Contains('\0', StringComparison.Ordinal)
            ? TypedResults.Problem($"folder: '{PlainTextAttribute.Shown(folder)}' is no full path.", statusCode: StatusCodes.Status400BadRequest)
        : null;
}
