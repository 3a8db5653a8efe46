using System.ComponentModel.DataAnnotations;
using Auspex.Flow;
using Auspex.Flow.Connect.Sql;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Organizations;
using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Organizations;

/// <summary>The organizations of the installation, for super admins. No other route carries an organization's id.</summary>
public static class OrganizationsApi
{
    private const string List = """
        select id as Id, name as Name, time_zone as TimeZone, state as State, created_at as CreatedAt from organization
        where name > @after order by name limit @most
        """;

    private const string Insert = """
        insert into organization (id, name, time_zone, state, created_at) values (@id, @Name, @zone, 'active', @now) on conflict (name) do nothing
        """;

    private const string Find = "select name from organization where id = @id";

    private const string Update = """
        update organization set name = @name, time_zone = @zone
        where id = @id and not exists (select 1 from organization o where o.name = @name and o.id <> @id)
        """;

    private const string Own = "select id as Id, name as Name, time_zone as TimeZone, state as State, created_at as CreatedAt from organization where id = @organization";

    private const string SetState = "update organization set state = @state where id = @id";

    /// <summary>Adds the routes.</summary>
    public static void MapOrganizations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/installation/organizations").WithTags("installation").Needs(new Access.SuperAdmin());
        group.MapGet("/", ListAsync).WithName("listOrganizations").WithSummary("Organizations by name, a page at a time.");
        group.MapPost("/", CreateAsync).WithName("createOrganization").WithSummary("Makes an organization.");
        group.MapPut("/{id:guid}", UpdateAsync).WithName("updateOrganization").WithSummary("Changes an organization's name and time zone.");
        group.MapDelete("/{id:guid}", RemoveAsync).WithName("removeOrganization")
            .WithSummary("Removes an organization with everything of it, for good: disabled first, then emptied from every store. Backups made before still hold it.");
        routes.MapGet("/api/v1/organization", GetOwnAsync).WithTags("organization").Needs(new Access.Member(Role.Viewer)).WithName("getOrganization")
            .WithSummary("The caller's organization: name and time zone.");
        group.MapPut("/{id:guid}/state", SetStateAsync).WithName("setOrganizationState")
            .WithSummary("Disables an organization, so that nobody and nothing enters it, or lets it in again.");
    }

    public sealed record CreateRequest([property: Required, StringLength(120, MinimumLength = 1)] string Name, [property: StringLength(60)] string? TimeZone);

    public sealed record UpdateRequest([property: Required, StringLength(120, MinimumLength = 1)] string Name, [property: Required, StringLength(60)] string TimeZone);

    public sealed record StateRequest([property: Required, AllowedValues("active", "disabled")] string State);

    public sealed record Organization(Guid Id, string Name, string TimeZone, string State, DateTimeOffset CreatedAt);

    public sealed record Page(IReadOnlyList<Organization> Items, string? Next);

    private static async Task<Ok<Page>> ListAsync(InstallationDb db, CancellationToken ct, string? after = null, [Range(1, 1000)] int limit = 100)
    {
        IReadOnlyList<Row> rows = await db.QueryAsync<Row>(List, new { after = after ?? "", most = limit + 1 }, ct).ConfigureAwait(false);
        Organization[] items = [.. rows.Take(limit).Select(row => new Organization(Guid.Parse(row.Id), row.Name, row.TimeZone, row.State, row.CreatedAt))];
        return TypedResults.Ok(new Page(items, rows.Count > limit ? items[^1].Name : null));
    }

    private static async Task<Results<Created<Organization>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Caller caller, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        string zone = request.TimeZone ?? "UTC";
        if (ZoneFault(zone) is { } fault)
        {
            return fault;
        }

        DateTimeOffset now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        string name = request.Name.Trim();
        int rows = await db.ExecuteAsync(Insert, new { id, Name = name, zone, now }, ct).ConfigureAwait(false);
        if (rows == 0)
        {
            return NameTaken(name);
        }

        await AuditAsync(db, id, caller, "ORGANIZATION_CREATED", new { name }, now, ct).ConfigureAwait(false);
        return TypedResults.Created($"/api/v1/installation/organizations/{id}", new Organization(id, name, zone, "active", now));
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> UpdateAsync(
        Guid id, UpdateRequest request, Caller caller, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        if (ZoneFault(request.TimeZone) is { } fault)
        {
            return fault;
        }

        string name = request.Name.Trim();
        string? before = await db.QuerySingleOrDefaultAsync<string>(Find, new { id }, ct).ConfigureAwait(false);
        if (before is null)
        {
            return TypedResults.NotFound();
        }

        if (await db.ExecuteAsync(Update, new { id, name, zone = request.TimeZone }, ct).ConfigureAwait(false) == 0)
        {
            return NameTaken(name);
        }

        await AuditAsync(db, id, caller, "ORGANIZATION_CHANGED", new { Before = before, name, request.TimeZone }, clock.GetUtcNow(), ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, NotFound>> RemoveAsync(
        Guid id, Caller caller, InstallationDb db, OrganizationRemoval removal, LivePipeline line, SourcePolling polling, SqlSources sources, TimeProvider clock, CancellationToken ct)
    {
        string? name = await db.QuerySingleOrDefaultAsync<string>(Find, new { id }, ct).ConfigureAwait(false);
        if (name is null)
        {
            return TypedResults.NotFound();
        }

        await db.ExecuteAsync(SetState, new { id, state = "disabled" }, ct).ConfigureAwait(false);
        // Who was let in just before is remembered that long, on every node.
        await Task.Delay(2 * Standing.Remembered, clock, ct).ConfigureAwait(false);
        await polling.ForgetAsync(id).ConfigureAwait(false);
        await line.ForgetAsync(id).ConfigureAwait(false);
        await removal.RemoveAsync(id, name, caller.Name, clock.GetUtcNow(), ct).ConfigureAwait(false);
        sources.RemoveFolder(id);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Organization>> GetOwnAsync(OrganizationDb db, CancellationToken ct)
    {
        Row row = (await db.QuerySingleOrDefaultAsync<Row>(Own, null, ct).ConfigureAwait(false))!;
        return TypedResults.Ok(new Organization(Guid.Parse(row.Id), row.Name, row.TimeZone, row.State, row.CreatedAt));
    }

    private static ProblemHttpResult? ZoneFault(string zone) => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out TimeZoneInfo? found) && found.HasIanaId
        ? null
        : TypedResults.Problem($"timeZone: '{zone}' is no IANA time zone, such as Europe/Berlin.", statusCode: StatusCodes.Status400BadRequest);

    private static ProblemHttpResult NameTaken(string name) =>
        TypedResults.Problem($"name: there is an organization '{name}' already.", statusCode: StatusCodes.Status409Conflict);

    private static async Task<Results<NoContent, NotFound>> SetStateAsync(
        Guid id, StateRequest request, Caller caller, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        int rows = await db.WriteAsync((connection, _) => connection.ExecuteAsync(SetState, new { id, state = request.State }), ct).ConfigureAwait(false);
        if (rows == 0)
        {
            return TypedResults.NotFound();
        }

        await AuditAsync(db, id, caller, request.State == "active" ? "ORGANIZATION_ENABLED" : "ORGANIZATION_DISABLED", new { }, clock.GetUtcNow(), ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static Task<int> AuditAsync(InstallationDb db, Guid id, Caller caller, string action, object metadata, DateTimeOffset now, CancellationToken ct) => db.Of(id).WriteAsync(
        async transaction =>
        {
            await AuditLog.AppendAsync(transaction, id, caller.Name, action, $"organization {id}", metadata, now).ConfigureAwait(false);
            return 0;
        },
        ct);

    private sealed record Row(string Id, string Name, string TimeZone, string State, DateTimeOffset CreatedAt);
}
