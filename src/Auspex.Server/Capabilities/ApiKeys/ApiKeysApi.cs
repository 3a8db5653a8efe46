using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.ApiKeys;

/// <summary>Keys for machines and services.</summary>
public static class ApiKeysApi
{
    /// <summary>What a key may be allowed.</summary>
    public static readonly IReadOnlyList<string> Scopes = ["frames:write", "frames:read", "predictions:read", "events:write"];

    private const int MostDays = 730;

    /// <summary>Adds the routes.</summary>
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/api-keys").WithTags("api keys").Needs(new Access.Member(Role.Admin));
        group.MapGet("/", ListAsync).WithName("listApiKeys").WithSummary("The organization's keys, newest first; never their secrets.");
        group.MapPost("/", CreateAsync).WithName("createApiKey").WithSummary("Makes a key. Its text is in this answer and nowhere else.");
        group.MapDelete("/{id:guid}", RevokeAsync).WithName("revokeApiKey").WithSummary("Ends a key, within a second.");
    }

    public sealed record CreateRequest(
        [property: Required, StringLength(120, MinimumLength = 1)] string Name,
        [property: Required, MinLength(1), MaxLength(20)] IReadOnlyList<string> Scopes,
        [property: Range(1, MostDays)] int ExpiresInDays = 365);

    public sealed record Created(Guid Id, string Key, DateTimeOffset ExpiresAt);

    public sealed record Listed(
        Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

    private static async Task<Ok<IReadOnlyList<Listed>>> ListAsync(OrganizationDb db, ApiKeyStore keys, CancellationToken ct) =>
        TypedResults.Ok<IReadOnlyList<Listed>>([.. (await keys.ListAsync(db.Organization, ct).ConfigureAwait(false)).Select(key => new Listed(
            Guid.Parse(key.Id), key.Name, key.Scopes.Split(' '), key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt))]);

    private static async Task<Results<Ok<Created>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Caller caller, OrganizationDb db, ApiKeyStore keys, TimeProvider clock, CancellationToken ct)
    {
        if (request.Scopes.FirstOrDefault(scope => !Scopes.Contains(scope)) is { } unknown)
        {
            return TypedResults.Problem($"scopes: '{unknown}' is none; they are {string.Join(", ", Scopes)}.", statusCode: StatusCodes.Status400BadRequest);
        }

        DateTimeOffset expires = clock.GetUtcNow().AddDays(request.ExpiresInDays);
        (Guid id, string text) = await keys.CreateAsync(db.Organization, request.Name, request.Scopes.Distinct(), caller.Name, expires, ct).ConfigureAwait(false);
        await AuditAsync(db, caller, "API_KEY_CREATED", id, clock, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Created(id, text, expires));
    }

    private static async Task<Results<NoContent, NotFound>> RevokeAsync(
        Guid id, Caller caller, OrganizationDb db, ApiKeyStore keys, TimeProvider clock, CancellationToken ct)
    {
        if (!await keys.RevokeAsync(db.Organization, id, ct).ConfigureAwait(false))
        {
            return TypedResults.NotFound();
        }

        await AuditAsync(db, caller, "API_KEY_REVOKED", id, clock, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static Task<int> AuditAsync(OrganizationDb db, Caller caller, string action, Guid id, TimeProvider clock, CancellationToken ct) => db.WriteAsync(
        async transaction =>
        {
            await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"key {id}", new { }, clock.GetUtcNow()).ConfigureAwait(false);
            return 0;
        },
        ct);
}
