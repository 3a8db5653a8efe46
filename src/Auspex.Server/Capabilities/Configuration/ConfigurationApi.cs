using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Auspex.Server.Capabilities.Configuration;

/// <summary>The organization's configuration, a section a route; each with its history and a way back.</summary>
public static class ConfigurationApi
{
    /// <summary>Adds the routes.</summary>
    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/organizations/current").WithTags("configuration").Needs(new Access.Member(Role.Viewer));
        Map(group, Sections.MlModel, "MlModelConfig");
        Map(group, Sections.Schedule, "TrainingSchedule");
        Map(group, Sections.Schema, "SchemaConfig");
        Map(group, Sections.Prediction, "PredictionSettings");
        Map(group, Sections.Telemetry, "TelemetrySettings");
    }

    /// <param name="Revision">The one to go back to; absent: the one before the present. 0 is the defaults.</param>
    public sealed record UndoRequest([property: Range(0, long.MaxValue)] long? Revision);

    public sealed record Revised<T>(long Revision, DateTimeOffset ChangedAt, string ChangedBy, T Value);

    public sealed record History<T>(IReadOnlyList<Revised<T>> Items, long? Next);

    private static void Map<T>(RouteGroupBuilder group, Section<T> section, string name)
        where T : class
    {
        group.MapGet($"/{section.Name}", (OrganizationDb db, HttpContext context, IOptions<JsonOptions> json, CancellationToken ct) =>
                GetAsync(section, db, context, json.Value.SerializerOptions, ct))
            .WithName($"get{name}").WithSummary("The present configuration; defaults where nobody changed it.");
        group.MapPut($"/{section.Name}", (T body, HttpContext context, Caller caller, OrganizationDb db, IOptions<JsonOptions> json, TimeProvider clock, CancellationToken ct) =>
                PutAsync(section, body, context, caller, db, json.Value.SerializerOptions, clock, ct))
            .Needs(new Access.Member(Role.Admin)).WithName($"put{name}").WithSummary("Replaces it; absent keys take their defaults. May carry If-Match.");
        group.MapGet($"/{section.Name}/history", (OrganizationDb db, IOptions<JsonOptions> json, CancellationToken ct, [Range(1, long.MaxValue)] long? before = null, [Range(1, 100)] int limit = 20) =>
                HistoryAsync(section, db, json.Value.SerializerOptions, before, limit, ct))
            .WithName($"list{name}History").WithSummary("What it was, when it was changed and by whom, newest first.");
        group.MapPost($"/{section.Name}/undo", (UndoRequest? body, HttpContext context, Caller caller, OrganizationDb db, IOptions<JsonOptions> json, TimeProvider clock, CancellationToken ct) =>
                UndoAsync(section, body?.Revision, context, caller, db, json.Value.SerializerOptions, clock, ct))
            .Needs(new Access.Member(Role.Admin)).WithName($"undo{name}").WithSummary("Makes an earlier revision count again, as a new one. May carry If-Match.");
    }

    private static async Task<Ok<T>> GetAsync<T>(Section<T> section, OrganizationDb db, HttpContext context, JsonSerializerOptions json, CancellationToken ct)
        where T : class
    {
        ConfigurationRevision? last = await ConfigurationStore.LastAsync(db, section.Name, ct).ConfigureAwait(false);
        Revisions.Tell(context.Response, last?.Revision ?? 0);
        return TypedResults.Ok(Read(section, last, json));
    }

    private static async Task<Results<Ok<T>, ProblemHttpResult>> PutAsync<T>(
        Section<T> section, T body, HttpContext context, Caller caller, OrganizationDb db, JsonSerializerOptions json, TimeProvider clock, CancellationToken ct)
        where T : class
    {
        if (section.ReadOnlyKey(body) is { } key)
        {
            return TypedResults.Problem($"{key} is read only: deploying a model writes it. Leave it out.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await WriteAsync(
            section, context, caller, db, json, clock,
            (_, _) => Task.FromResult<(T?, ProblemHttpResult?)>((section.Complete(body), null)), "CONFIGURATION_CHANGED", StatusCodes.Status400BadRequest, ct).ConfigureAwait(false);
    }

    private static async Task<Ok<History<T>>> HistoryAsync<T>(
        Section<T> section, OrganizationDb db, JsonSerializerOptions json, long? before, int limit, CancellationToken ct)
        where T : class
    {
        IReadOnlyList<ConfigurationRevision> rows = await ConfigurationStore.PageAsync(db, section.Name, before ?? long.MaxValue, limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new History<T>(
            [.. rows.Take(limit).Select(row => new Revised<T>(row.Revision, row.ChangedAt, row.ChangedBy, Read(section, row, json)))],
            rows.Count > limit ? rows[limit - 1].Revision : null));
    }

    private static Task<Results<Ok<T>, ProblemHttpResult>> UndoAsync<T>(
        Section<T> section, long? revision, HttpContext context, Caller caller, OrganizationDb db, JsonSerializerOptions json, TimeProvider clock, CancellationToken ct)
        where T : class =>
        WriteAsync<T>(
            section, context, caller, db, json, clock,
            async (transaction, present) =>
            {
                long target = revision ?? present - 1;
                if (target < 0)
                {
                    return (null, TypedResults.Problem("There is nothing to undo: nobody changed it yet.", statusCode: StatusCodes.Status409Conflict));
                }

                ConfigurationRevision? earlier = target == 0 ? null : await ConfigurationStore.FindAsync(transaction, section.Name, target).ConfigureAwait(false);
                return target > 0 && earlier is null
                    ? (null, TypedResults.Problem($"revision: there is no {target}; the last is {present}.", statusCode: StatusCodes.Status422UnprocessableEntity))
                    : (Read(section, earlier, json), null);
            },
            "CONFIGURATION_UNDONE",
            StatusCodes.Status409Conflict,
            ct);

    private static async Task<Results<Ok<T>, ProblemHttpResult>> WriteAsync<T>(
        Section<T> section, HttpContext context, Caller caller, OrganizationDb db, JsonSerializerOptions json, TimeProvider clock,
        Func<OrganizationTransaction, long, Task<(T? Value, ProblemHttpResult? Refused)>> choose, string action, int statusOfFault, CancellationToken ct)
        where T : class
    {
        long? expected = Revisions.Expected(context.Request);
        (T? value, long revision, ProblemHttpResult? refused) = await db.WriteAsync<(T?, long, ProblemHttpResult?)>(
            async transaction =>
            {
                ConfigurationRevision? last = await ConfigurationStore.LastAsync(transaction, section.Name).ConfigureAwait(false);
                long present = last?.Revision ?? 0;
                if (expected is { } seen && seen != present)
                {
                    return (null, present, Revisions.Changed());
                }

                (T? chosen, ProblemHttpResult? why) = await choose(transaction, present).ConfigureAwait(false);
                if (chosen is null)
                {
                    return (null, present, why);
                }

                if (section.Fault(chosen, await SignalStore.MeaningsAsync(transaction).ConfigureAwait(false)) is { } fault)
                {
                    return (null, present, TypedResults.Problem($"{fault}.", statusCode: statusOfFault));
                }

                string text = JsonSerializer.Serialize(chosen, json);
                if (text == JsonSerializer.Serialize(Read(section, last, json), json))
                {
                    return (chosen, present, null);
                }

                DateTimeOffset now = clock.Now();
                await ConfigurationStore.AppendAsync(transaction, section.Name, present + 1, text, caller.Name, now).ConfigureAwait(false);
                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, action, $"configuration {section.Name}", new { revision = present + 1 }, now).ConfigureAwait(false);
                return (chosen, present + 1, null);
            },
            ct).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused;
        }

        Revisions.Tell(context.Response, revision);
        return TypedResults.Ok(value!);
    }

    // What was stored before a key existed takes the key's default.
    private static T Read<T>(Section<T> section, ConfigurationRevision? revision, JsonSerializerOptions json)
        where T : class => section.Complete(revision is null ? null : JsonSerializer.Deserialize<T>(revision.Body, json));
}
