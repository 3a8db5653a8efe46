using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Audit;

/// <summary>What was done in the organization, and by whom.</summary>
public static class AuditApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/api/v1/audit").WithTags("audit").Needs(new Access.Member(Role.Admin))
            .MapGet("/", ListAsync).WithName("listAudit").WithSummary("The audit log, oldest first, a page at a time.");
        routes.MapGroup("/api/v1/installation/audit").WithTags("installation").Needs(new Access.SuperAdmin())
            .MapGet("/", ListOfInstallationAsync).WithName("listInstallationAudit").WithSummary("What was done to the installation itself, oldest first, a page at a time.");
    }

    public sealed record Entry(
        long Sequence, string UserId, string Action, string Resource, DateTimeOffset Timestamp, JsonElement Metadata, string Hash);

    public sealed record Page(IReadOnlyList<Entry> Items, long? Next);

    private static Task<Ok<Page>> ListAsync(OrganizationDb db, CancellationToken ct, [Range(0, long.MaxValue)] long after = 0, [Range(1, 1000)] int limit = 100) =>
        PageAsync(db, after, limit, ct);

    private static Task<Ok<Page>> ListOfInstallationAsync(InstallationDb db, CancellationToken ct, [Range(0, long.MaxValue)] long after = 0, [Range(1, 1000)] int limit = 100) =>
        PageAsync(db.Of(AuditLog.Installation), after, limit, ct);

    private static async Task<Ok<Page>> PageAsync(OrganizationDb db, long after, int limit, CancellationToken ct)
    {
        IReadOnlyList<AuditEntry> entries = await AuditLog.PageAsync(db, after, limit + 1, ct).ConfigureAwait(false);
        Entry[] items =
        [
            .. entries.Take(limit).Select(entry => new Entry(
                entry.Sequence, entry.UserId, entry.Action, entry.Resource, entry.OccurredAt, JsonElement.Parse(entry.Metadata), entry.Hash)),
        ];
        return TypedResults.Ok(new Page(items, entries.Count > limit ? items[^1].Sequence : null));
    }
}
