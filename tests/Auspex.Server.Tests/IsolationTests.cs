using System.Net.Http.Json;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Server.Security;
using Auspex.Storage.Alerts;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Auspex.Server.Tests;

/// <summary>Every route of the API's own description, called by who may not: without a token, with too low a role, with ids of another organization,
/// with ids of nobody, with a field of privilege. A route without a case here fails.</summary>
public sealed class IsolationTests
{
    private enum Needs
    {
        Anyone,
        SignedIn,
        Viewer,
        Operator,
        Engineer,
        Admin,
        SuperAdmin,
    }

    /// <param name="Route">Verb and path as the description has them.</param>
    /// <param name="Needs">The least that may call it, by the table of who may do what; not read from the program.</param>
    /// <param name="Body">A good body, around an id that a body may name; null where there is none.</param>
    /// <param name="Foreign">Makes a thing in another organization and tells its id; null where the route names none of an organization.</param>
    private sealed record Case(string Route, Needs Needs, Func<Guid, object>? Body = null, Func<World, Task<Guid>>? Foreign = null)
    {
        public HttpMethod Method => new(Route.Split(' ')[0]);

        public string Path(Guid id) => Route.Split(' ')[1].Replace("{id}", id.ToString(), StringComparison.Ordinal).Replace("{asset}", id.ToString(), StringComparison.Ordinal);
    }

    private static readonly Case[] Cases =
    [
        new("GET /api/health/live", Needs.Anyone),
        new("GET /api/health/ready", Needs.Anyone),
        new("GET /api/health/prediction-service", Needs.Anyone),
        new("GET /api/health/training-service", Needs.Anyone),
        new("GET /api/health/model-cache", Needs.Anyone),
        new("GET /api/health/background-monitor", Needs.Anyone),
        new("GET /api/v1/version", Needs.Anyone),
        new("POST /api/v1/auth/sign-in", Needs.Anyone, _ => new { email = "nobody@example.org", password = "no password at all" }),
        new("POST /api/v1/auth/invitation", Needs.Anyone, _ => new { token = "none", name = "Nobody", password = "no password at all" }),
        new("POST /api/v1/auth/refresh", Needs.Anyone),
        new("POST /api/v1/auth/sign-out", Needs.SignedIn),
        new("POST /api/v1/auth/organization", Needs.SignedIn, id => new { organizationId = id }, world => Task.FromResult(world.OtherOrganization)),
        new("POST /api/v1/auth/password", Needs.SignedIn, _ => new { current = "wrong password", @new = "another long password" }),
        new("GET /api/v1/auth/me", Needs.SignedIn),
        new("GET /api/v1/organization", Needs.Viewer),
        new("GET /api/v1/users", Needs.Viewer),
        new("PUT /api/v1/users/{id}/role", Needs.Admin, _ => new { role = "viewer" }, world => Task.FromResult(world.OtherMember)),
        new("DELETE /api/v1/users/{id}", Needs.Admin, null, world => Task.FromResult(world.OtherMember)),
        new("GET /api/v1/users/invitations", Needs.Admin),
        new("POST /api/v1/users/invitations", Needs.Admin, _ => new { email = "somebody@example.org", role = "viewer" }),
        new("DELETE /api/v1/users/invitations/{id}", Needs.Admin, null, world => world.MadeByOtherAsync("/api/v1/users/invitations", new { email = $"{Guid.NewGuid():N}@example.org", role = "viewer" })),
        new("GET /api/v1/api-keys", Needs.Admin),
        new("POST /api/v1/api-keys", Needs.Admin, _ => new { name = "key", scopes = new[] { "frames:write" } }),
        new("DELETE /api/v1/api-keys/{id}", Needs.Admin, null, world => world.MadeByOtherAsync("/api/v1/api-keys", new { name = "key", scopes = new[] { "frames:write" } })),
        new("GET /api/v1/audit", Needs.Admin),
        new("GET /api/v1/tree", Needs.Viewer),
        new("POST /api/v1/tree", Needs.Engineer, _ => new { kind = "site", name = $"site {Guid.NewGuid()}" }),
        new("GET /api/v1/tree/{id}", Needs.Viewer, null, world => world.OtherSiteAsync()),
        new("GET /api/v1/tree/{id}/moves", Needs.Viewer, null, world => world.OtherSiteAsync()),
        new("PUT /api/v1/tree/{id}/name", Needs.Engineer, _ => new { name = "renamed" }, world => world.OtherSiteAsync()),
        new("POST /api/v1/tree/{id}/move", Needs.Engineer, id => new { parentId = id }, world => world.OtherSiteAsync()),
        new("DELETE /api/v1/tree/{id}", Needs.Engineer, null, world => world.OtherSiteAsync()),
        new("GET /api/v1/assets", Needs.Viewer),
        new("POST /api/v1/assets", Needs.Engineer, id => new { name = "asset", parentId = id }),
        new("GET /api/v1/assets/{id}", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{id}/moves", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("PATCH /api/v1/assets/{id}", Needs.Engineer, _ => new { name = "renamed" }, world => world.OtherAssetAsync()),
        new("POST /api/v1/assets/{id}/move", Needs.Engineer, id => new { parentId = id }, world => world.OtherAssetAsync()),
        new("DELETE /api/v1/assets/{id}", Needs.Engineer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/machines", Needs.Viewer),
        new("POST /api/v1/machines", Needs.Engineer, id => new { name = "asset", parentId = id }),
        new("GET /api/v1/machines/{id}", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/machines/{id}/moves", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("PATCH /api/v1/machines/{id}", Needs.Engineer, _ => new { name = "renamed" }, world => world.OtherAssetAsync()),
        new("POST /api/v1/machines/{id}/move", Needs.Engineer, id => new { parentId = id }, world => world.OtherAssetAsync()),
        new("DELETE /api/v1/machines/{id}", Needs.Engineer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{id}/signals", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{asset}/documents", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("POST /api/v1/assets/{asset}/documents", Needs.Engineer),
        new("GET /api/v1/assets/{asset}/documents/{id}/content", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("DELETE /api/v1/assets/{asset}/documents/{id}", Needs.Engineer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/signals", Needs.Viewer),
        new("POST /api/v1/signals", Needs.Engineer, _ => new { name = "s", kind = "continuous" }),
        new("GET /api/v1/signals/{id}", Needs.Viewer, null, world => world.OtherSignalAsync()),
        new("PATCH /api/v1/signals/{id}", Needs.Engineer, _ => new { label = "renamed" }, world => world.OtherSignalAsync()),
        new("DELETE /api/v1/signals/{id}", Needs.Engineer, null, world => world.OtherSignalAsync()),
        new("GET /api/v1/operator-positions", Needs.Viewer),
        new("POST /api/v1/operator-positions", Needs.Admin, _ => new { name = $"position {Guid.NewGuid()}", nodeIds = Array.Empty<Guid>(), userIds = Array.Empty<Guid>() }),
        new("GET /api/v1/operator-positions/{id}", Needs.Viewer, null, world => world.OtherPositionAsync()),
        new("PUT /api/v1/operator-positions/{id}", Needs.Admin, _ => new { name = "renamed", nodeIds = Array.Empty<Guid>(), userIds = Array.Empty<Guid>() }, world => world.OtherPositionAsync()),
        new("DELETE /api/v1/operator-positions/{id}", Needs.Admin, null, world => world.OtherPositionAsync()),
        new("GET /api/v1/saved-views", Needs.Viewer),
        new("POST /api/v1/saved-views", Needs.Viewer, _ => new { name = $"view {Guid.NewGuid()}", screen = "assets", content = new { } }),
        new("GET /api/v1/saved-views/{id}", Needs.Viewer, null, world => world.OtherViewAsync()),
        new("PUT /api/v1/saved-views/{id}", Needs.Viewer, _ => new { name = "renamed", screen = "assets", content = new { } }, world => world.OtherViewAsync()),
        new("DELETE /api/v1/saved-views/{id}", Needs.Viewer, null, world => world.OtherViewAsync()),
        new("GET /api/v1/notification-settings", Needs.Viewer),
        new("PUT /api/v1/notification-settings", Needs.Viewer, _ => new { channels = new[] { "email" }, leastPriority = "high" }),
        new("GET /api/v1/organizations/current/ml-model-config", Needs.Viewer),
        new("PUT /api/v1/organizations/current/ml-model-config", Needs.Admin, _ => new { features = Array.Empty<string>() }),
        new("GET /api/v1/organizations/current/ml-model-config/history", Needs.Viewer),
        new("POST /api/v1/organizations/current/ml-model-config/undo", Needs.Admin, _ => new { revision = 1 }),
        new("GET /api/v1/organizations/current/training-schedule", Needs.Viewer),
        new("PUT /api/v1/organizations/current/training-schedule", Needs.Admin, _ => new { enabled = false }),
        new("GET /api/v1/organizations/current/training-schedule/history", Needs.Viewer),
        new("POST /api/v1/organizations/current/training-schedule/undo", Needs.Admin, _ => new { revision = 1 }),
        new("GET /api/v1/organizations/current/schema", Needs.Viewer),
        new("PUT /api/v1/organizations/current/schema", Needs.Admin, _ => new { continuousColumns = Array.Empty<string>() }),
        new("GET /api/v1/organizations/current/schema/history", Needs.Viewer),
        new("POST /api/v1/organizations/current/schema/undo", Needs.Admin, _ => new { revision = 1 }),
        new("GET /api/v1/organizations/current/prediction", Needs.Viewer),
        new("PUT /api/v1/organizations/current/prediction", Needs.Admin, _ => new { predictionEnabled = false }),
        new("GET /api/v1/organizations/current/prediction/history", Needs.Viewer),
        new("POST /api/v1/organizations/current/prediction/undo", Needs.Admin, _ => new { revision = 1 }),
        new("GET /api/v1/organizations/current/telemetry", Needs.Viewer),
        new("PUT /api/v1/organizations/current/telemetry", Needs.Admin, _ => new { retentionDays = 400 }),
        new("GET /api/v1/organizations/current/telemetry/history", Needs.Viewer),
        new("POST /api/v1/organizations/current/telemetry/undo", Needs.Admin, _ => new { revision = 1 }),
        new("GET /api/v1/events", Needs.Viewer),
        new("GET /api/v1/events/export", Needs.Admin),
        new("POST /api/v1/events", Needs.Operator, id => new { kind = "note", assetId = id, startedAt = "2026-01-01T00:00:00Z", note = "n" }),
        new("GET /api/v1/events/{id}", Needs.Viewer, null, world => world.OtherEventAsync()),
        new("PUT /api/v1/events/{id}", Needs.Operator, id => new { kind = "note", assetId = id, startedAt = "2026-01-01T00:00:00Z", note = "n" }, world => world.OtherEventAsync()),
        new("DELETE /api/v1/events/{id}", Needs.Operator, null, world => world.OtherEventAsync()),
        new("GET /api/v1/frames", Needs.Viewer),
        new("POST /api/v1/frames", Needs.Engineer, _ => new { frames = Array.Empty<object>() }),
        new("GET /api/v1/frames/latest", Needs.Viewer),
        new("GET /api/v1/frames/chart", Needs.Viewer),
        new("GET /api/v1/frames/export", Needs.Admin),
        new("GET /api/v1/frames/unassigned", Needs.Viewer),
        new("POST /api/v1/frames/placements", Needs.Engineer, id => new { name = "unknown", assetId = id }),
        new("POST /api/v2/write", Needs.Engineer),
        new("POST /write", Needs.Engineer),
        new("GET /query", Needs.Engineer),
        new("POST /query", Needs.Engineer),
        new("GET /ping", Needs.Anyone),
        new("GET /api/v1/data-sources", Needs.Viewer),
        new("POST /api/v1/data-sources", Needs.Engineer, _ => World.Source()),
        new("GET /api/v1/data-sources/{id}", Needs.Viewer, null, world => world.OtherSourceAsync()),
        new("PUT /api/v1/data-sources/{id}", Needs.Engineer, _ => World.Source(), world => world.OtherSourceAsync()),
        new("DELETE /api/v1/data-sources/{id}", Needs.Engineer, null, world => world.OtherSourceAsync()),
        new("GET /api/v1/data-sources/{id}/status", Needs.Viewer, null, world => world.OtherSourceAsync()),
        new("POST /api/v1/data-sources/{id}/pause", Needs.Engineer, null, world => world.OtherSourceAsync()),
        new("POST /api/v1/data-sources/{id}/resume", Needs.Engineer, null, world => world.OtherSourceAsync()),
        new("POST /api/v1/data-sources/test", Needs.Engineer, id => new { sourceId = id }, world => world.OtherSourceAsync()),
        new("POST /api/v1/data-sources/tables", Needs.Engineer, id => new { sourceId = id }, world => world.OtherSourceAsync()),
        new("POST /api/v1/data-sources/preview", Needs.Engineer, id => new { sourceId = id, mapping = World.Mapping() }, world => world.OtherSourceAsync()),
        new("HEAD /ping", Needs.Anyone),
        new("GET /api/v1/quarantine", Needs.Viewer),
        new("GET /api/v1/quarantine/{id}", Needs.Viewer, null, world => world.OtherQuarantinedAsync()),
        new("POST /api/v1/quarantine/replay", Needs.Engineer, id => new { ids = new[] { id } }),
        new("DELETE /api/v1/quarantine", Needs.Engineer),
        new("GET /api/v1/quality-rules", Needs.Viewer),
        new("POST /api/v1/quality-rules", Needs.Engineer, _ => new { name = "rule", kind = "expression", expression = "1 < 2" }),
        new("GET /api/v1/quality-rules/{id}", Needs.Viewer, null, world => world.OtherRuleAsync()),
        new("PUT /api/v1/quality-rules/{id}", Needs.Engineer, _ => new { name = "rule", kind = "flat", signal = "none", seconds = 5 }, world => world.OtherRuleAsync()),
        new("DELETE /api/v1/quality-rules/{id}", Needs.Engineer, null, world => world.OtherRuleAsync()),
        new("GET /api/v1/assets/{id}/quality", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{id}/status", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/quality/report", Needs.Viewer),
        new("GET /api/v1/models", Needs.Viewer),
        new("POST /api/v1/models", Needs.Engineer),
        new("GET /api/v1/ml/status", Needs.Viewer),
        new("GET /api/v1/ml/models/metrics", Needs.Viewer),
        new("GET /api/v1/ml/circuits", Needs.Viewer),
        new("POST /api/v1/ml/deploy", Needs.Admin, _ => new { version = "v9.9.9" }),
        new("POST /api/v1/ml/rollback", Needs.Admin, _ => new { task = "rul" }),
        new("POST /api/v1/predictions", Needs.Viewer, id => new { assets = new[] { id } }),
        new("GET /v2", Needs.Anyone),
        new("GET /v2/health/live", Needs.Anyone),
        new("GET /v2/health/ready", Needs.Anyone),
        .. ((string[])["", "/versions/{version}"]).SelectMany(version => (Case[])
        [
            new($"GET /v2/models/{{model}}{version}", Needs.Viewer), new($"GET /v2/models/{{model}}{version}/ready", Needs.Viewer),
            new($"POST /v2/models/{{model}}{version}/infer", Needs.Viewer), new($"POST /v2/models/{{model}}{version}/explain", Needs.Viewer),
        ]),
        new("GET /api/v1/assets/{id}/predictions", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{id}/predictions/latest", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/assets/{id}/predictions/explained", Needs.Viewer, null, world => world.OtherAssetAsync()),
        new("GET /api/v1/predictive-alerts", Needs.Viewer),
        new("GET /api/v1/predictive-alerts/{id}", Needs.Viewer, null, world => world.OtherAlertAsync()),
        new("POST /api/v1/predictive-alerts/{id}/feedback", Needs.Operator, _ => new { isAccurate = true }, world => world.OtherAlertAsync()),
        new("GET /api/v1/predictive-alerts/component/{component}", Needs.Viewer),
        new("GET /api/v1/predictive-alerts/statistics", Needs.Viewer),
        new("GET /api/v1/predictive-alerts/trends/summary", Needs.Viewer),
        new("GET /api/v1/installation/organizations", Needs.SuperAdmin),
        new("POST /api/v1/installation/organizations", Needs.SuperAdmin, _ => new { name = $"plant {Guid.NewGuid()}" }),
        new("PUT /api/v1/installation/organizations/{id}", Needs.SuperAdmin, _ => new { name = "renamed", timeZone = "UTC" }),
        new("DELETE /api/v1/installation/organizations/{id}", Needs.SuperAdmin),
        new("PUT /api/v1/installation/organizations/{id}/state", Needs.SuperAdmin, _ => new { state = "disabled" }),
        new("GET /api/v1/installation/users", Needs.SuperAdmin),
        new("POST /api/v1/installation/users", Needs.SuperAdmin, _ => new { email = "root2@example.org", name = "Root" }),
        new("PUT /api/v1/installation/users/{id}/disabled", Needs.SuperAdmin, _ => new { disabled = true }),
        new("GET /api/v1/installation/audit", Needs.SuperAdmin),
        new("POST /api/v1/installation/backups", Needs.SuperAdmin, _ => new { folder = "backup" }),
        new("GET /api/v1/installation/backups/{id}", Needs.SuperAdmin),
        new("POST /api/v1/installation/exports", Needs.SuperAdmin, _ => new { organization = "plant", folder = "archive" }),
        new("POST /api/v1/installation/imports", Needs.SuperAdmin, _ => new { folder = "archive" }),
        new("GET /api/v1/installation/log-levels", Needs.SuperAdmin),
        new("PUT /api/v1/installation/log-levels", Needs.SuperAdmin, _ => new { room = "server", level = "warning" }),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task EveryRoute_CalledByWhoMayNot_TellsNothing(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect, options => options with { RequestsPerSecond = 10_000 });
        World world = await World.MakeAsync(server);
        JsonElement description = await server.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Ct);
        string[] described =
        [
            .. description.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}")).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(Cases.Select(one => one.Route).Order(StringComparer.Ordinal), described);
        Assert.Equal([], Undescribed(server, described));

        var faults = new List<string>();
        foreach (Case one in Cases)
        {
            foreach ((HttpClient client, string who, HttpStatusCode expected) in world.Refused(one))
            {
                await ExpectAsync(faults, one, who, client, Guid.NewGuid(), expected);
            }

            HttpClient allowed = world.Allowed(one.Needs);
            if (one.Foreign is not null || one.Route.Contains("{id}", StringComparison.Ordinal))
            {
                (HttpStatusCode Status, string Body, string Headers) unknown = await AnswerAsync(one, allowed, Guid.NewGuid());
                if (unknown.Status != HttpStatusCode.NotFound)
                {
                    faults.Add($"{one.Route}, unknown id: {unknown}");
                }

                if (one.Foreign is { } make && await AnswerAsync(one, allowed, await make(world)) is var foreign && foreign != unknown)
                {
                    faults.Add($"{one.Route}, another organization's id: {foreign} instead of {unknown}");
                }
            }

            foreach (string field in one.Body is null ? [] : (string[])["isSuperAdmin", "tenantId"])
            {
                JsonObject body = JsonSerializer.SerializeToNode(one.Body!(Guid.NewGuid()))!.AsObject();
                body[field] = "true";
                HttpResponseMessage answer = await allowed.SendAsync(new HttpRequestMessage(one.Method, one.Path(Guid.NewGuid())) { Content = JsonContent.Create(body) }, Ct);
                string text = await answer.Content.ReadAsStringAsync(Ct);
                if (answer.StatusCode != HttpStatusCode.BadRequest || !text.Contains(field, StringComparison.Ordinal))
                {
                    faults.Add($"{one.Route}, field {field}: {answer.StatusCode} {text}");
                }
            }
        }

        foreach (IGrouping<string, Case> path in Cases.GroupBy(one => one.Route.Split(' ')[1]))
        {
            foreach (HttpMethod method in ((HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete]).Except(path.Select(one => one.Method)))
            {
                HttpResponseMessage answer = await server.Client.SendAsync(new HttpRequestMessage(method, path.First().Path(Guid.NewGuid())), Ct);
                if (answer.StatusCode is not (HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotFound))
                {
                    faults.Add($"{method} {path.Key}: {answer.StatusCode}");
                }
            }
        }

        Assert.Equal([], faults);
        // What was tried on the other organization's things came to nothing.
        Assert.Contains(world.OtherMember.ToString(), await world.Other.GetStringAsync("/api/v1/users", Ct), StringComparison.Ordinal);
        Assert.Contains("\"revokedAt\":null", await world.Other.GetStringAsync("/api/v1/api-keys", Ct), StringComparison.Ordinal);
        Assert.Contains("\"paused\":false", await world.Other.GetStringAsync("/api/v1/data-sources", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("\"paused\":true", await world.Other.GetStringAsync("/api/v1/data-sources", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain("REVOKED", await world.Other.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task N58_OthersIds_TakeAsLongAsUnknownOnes()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { RequestsPerSecond = 10_000 });
        World world = await World.MakeAsync(server);
        (string Path, Guid Others)[] routes =
        [
            ("/api/v1/tree/{0}", await world.OtherSiteAsync()), ("/api/v1/assets/{0}", await world.OtherAssetAsync()), ("/api/v1/signals/{0}", await world.OtherSignalAsync()),
            ("/api/v1/events/{0}", await world.OtherEventAsync()), ("/api/v1/operator-positions/{0}", await world.OtherPositionAsync()),
        ];
        foreach ((string path, Guid others) in routes)
        {
            // By turns, so that what else the machine does falls on both.
            var times = (Others: new List<double>(), Unknown: new List<double>());
            for (int i = 0; i < 120; i++)
            {
                times.Others.Add(await TimeAsync(world.Members[Needs.Admin], string.Format(null, path, others)));
                times.Unknown.Add(await TimeAsync(world.Members[Needs.Admin], string.Format(null, path, Guid.NewGuid())));
            }

            (double Others, double Unknown) median = (Median(times.Others), Median(times.Unknown));
            Assert.True(median.Others < 2 * median.Unknown && median.Unknown < 2 * median.Others, $"{path}: {median.Others:0.000} ms for others' ids, {median.Unknown:0.000} ms for unknown ones");
        }
    }

    private static async Task<double> TimeAsync(HttpClient client, string path)
    {
        long start = TimeProvider.System.GetTimestamp();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path, Ct)).StatusCode);
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    // What each route says it needs is what the table here says; and the description leaves out none but itself and its page.
    private static IEnumerable<string> Undescribed(RunningServer server, string[] described)
    {
        Dictionary<string, Case> cases = Cases.ToDictionary(one => one.Route, StringComparer.Ordinal);
        foreach (RouteEndpoint endpoint in server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            string path = System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!.TrimEnd('/'), @"\{(\w+):\w+\}", "{$1}");
            Access? access = endpoint.Metadata.GetMetadata<Access>();
            foreach (string method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            {
                string route = $"{method} {path}";
                if (path.StartsWith("/openapi", StringComparison.Ordinal))
                {
                    continue;
                }

                if (!described.Contains(route, StringComparer.Ordinal))
                {
                    yield return $"{route} is not in the description";
                }
                else if (NeedsOf(access) != cases[route].Needs)
                {
                    yield return $"{route} needs {access} instead of {cases[route].Needs}";
                }
            }
        }
    }

    private static Needs? NeedsOf(Access? access) => access switch
    {
        Access.Anyone => Needs.Anyone,
        Access.SignedIn => Needs.SignedIn,
        Access.SuperAdmin => Needs.SuperAdmin,
        Access.Member { Least: Role.Viewer } => Needs.Viewer,
        Access.Member { Least: Role.Operator } => Needs.Operator,
        Access.Member { Least: Role.Engineer } => Needs.Engineer,
        Access.Member { Least: Role.Admin } => Needs.Admin,
        _ => null,
    };

    private static async Task ExpectAsync(List<string> faults, Case one, string who, HttpClient client, Guid id, HttpStatusCode expected)
    {
        (HttpStatusCode status, string body, _) = await AnswerAsync(one, client, id);
        if (status != expected)
        {
            faults.Add($"{one.Route} by {who}: {status} instead of {expected}; {body}");
        }
    }

    private static async Task<(HttpStatusCode Status, string Body, string Headers)> AnswerAsync(Case one, HttpClient client, Guid id)
    {
        var request = new HttpRequestMessage(one.Method, one.Path(id)) { Content = one.Body is null ? null : JsonContent.Create(one.Body(id)) };
        HttpResponseMessage answer = await client.SendAsync(request, Ct);
        string text = await answer.Content.ReadAsStringAsync(Ct);
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            JsonObject problem = JsonNode.Parse(text)!.AsObject();
            problem.Remove("traceId");
            problem.Remove("correlationId");
            problem.Remove("instance");
            text = problem.ToJsonString();
        }

        string headers = string.Join(", ", answer.Headers.Concat(answer.Content.Headers).Select(header => header.Key)
            .Where(name => name is not ("Date" or "Content-Length")).Order(StringComparer.Ordinal));
        return (answer.StatusCode, text, headers);
    }

    /// <summary>Two organizations with equal names of things, and somebody of every role in the first.</summary>
    private sealed record World(
        HttpClient Nobody, HttpClient SignedIn, HttpClient Key, HttpClient OtherKey, IReadOnlyDictionary<Needs, HttpClient> Members, HttpClient Root, HttpClient Other, Guid OtherOrganization, Guid OtherMember,
        AuspexServer Server)
    {
        public static async Task<World> MakeAsync(RunningServer server)
        {
            (Guid own, HttpClient admin) = await server.OrganizationAsync("plant");
            (Guid other, HttpClient otherAdmin) = await server.OrganizationAsync("other plant");
            (Guid otherMember, _) = await server.MemberAsync(otherAdmin, other, "stranger@example.org", "viewer");
            var members = new Dictionary<Needs, HttpClient>();
            foreach (Needs role in (Needs[])[Needs.Viewer, Needs.Operator, Needs.Engineer, Needs.Admin])
            {
                string name = role.ToString().ToLowerInvariant();
                members[role] = (await server.MemberAsync(admin, own, $"{name}@example.org", name)).Client;
            }

            (_, HttpClient signedIn) = await server.InvitedAsync(admin, "signed.in@example.org", "admin");
            async Task<HttpClient> KeyAsync(string scope)
            {
                HttpClient key = server.Anonymous();
                HttpResponseMessage made = await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "key", scopes = new[] { scope } }, Ct);
                RunningServer.Authorize(key, (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("key").GetString()!);
                return key;
            }

            return new World(server.Anonymous(), signedIn, await KeyAsync("predictions:read"), await KeyAsync("events:write"), members, await server.SuperAdminAsync(), otherAdmin, other, otherMember,
                server.Server);
        }

        public async Task<Guid> MadeByOtherAsync(string route, object body)
        {
            HttpResponseMessage made = await Other.PostAsJsonAsync(route, body, Ct);
            return (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
        }

        public Task<Guid> OtherSiteAsync() => MadeByOtherAsync("/api/v1/tree", new { kind = "site", name = $"site {Guid.NewGuid()}" });

        public async Task<Guid> OtherAssetAsync() =>
            await MadeByOtherAsync("/api/v1/assets", new { name = $"asset {Guid.NewGuid()}", parentId = await OtherSiteAsync() });

        public Task<Guid> OtherPositionAsync() => MadeByOtherAsync(
            "/api/v1/operator-positions", new { name = $"position {Guid.NewGuid()}", nodeIds = Array.Empty<Guid>(), userIds = Array.Empty<Guid>() });

        public Task<Guid> OtherViewAsync() => MadeByOtherAsync("/api/v1/saved-views", new { name = $"view {Guid.NewGuid()}", screen = "assets", content = new { }, shared = true });

        public static object Mapping() => new { table = "readings", keyColumn = "id", timeColumn = "t", asset = "oven", columns = new[] { new { column = "temp" } } };

        public static object Source() => new { name = $"source {Guid.NewGuid()}", connection = new { kind = "sqlite", file = "scada.db" }, mapping = Mapping() };

        public Task<Guid> OtherSourceAsync() => MadeByOtherAsync("/api/v1/data-sources", Source());

        public Task<Guid> OtherSignalAsync() => MadeByOtherAsync("/api/v1/signals", new { name = $"s{Guid.NewGuid():N}", kind = "continuous" });

        public async Task<Guid> OtherRuleAsync()
        {
            await Other.PostAsJsonAsync("/api/v1/signals", new { name = "ruled", kind = "continuous" }, Ct);
            return await MadeByOtherAsync("/api/v1/quality-rules", new { name = "rule", kind = "flat", signal = "ruled", seconds = 5 });
        }

        public async Task<Guid> OtherQuarantinedAsync()
        {
            await Other.PostAsJsonAsync("/api/v1/frames", new { frames = new[] { new { asset = "press", time = 0 } } }, Ct);
            return (await Other.GetFromJsonAsync<JsonElement>("/api/v1/quarantine", Ct)).GetProperty("items")[0].GetProperty("id").GetGuid();
        }

        // Alerts come of predictions, and no route makes one.
        public async Task<Guid> OtherAlertAsync()
        {
            Guid asset = await OtherAssetAsync();
            var id = Guid.NewGuid();
            await SettleStore.StoreAsync(
                Server.Services.GetRequiredService<InstallationDb>().Of(OtherOrganization),
                new Settled([new StoredAlert(id, new PredictiveAlert(new AssetId(asset.ToString()), "fan", 1, .9, .9, null, PredictiveAlertOutcome.Open, null, null), "v1.0.0", null, null, null)], [], [], []),
                DateTimeOffset.UnixEpoch, Ct);
            return id;
        }

        public async Task<Guid> OtherEventAsync() => await MadeByOtherAsync(
            "/api/v1/events", new { kind = "note", assetId = await OtherAssetAsync(), startedAt = "2026-01-01T00:00:00Z", note = "n" });

        /// <summary>Who may not, and what each is told.</summary>
        public IEnumerable<(HttpClient Client, string Who, HttpStatusCode Expected)> Refused(Case one)
        {
            Needs needs = one.Needs;
            if (needs == Needs.Anyone)
            {
                yield break;
            }

            yield return (Nobody, "nobody", HttpStatusCode.Unauthorized);
            // One that is good for something else.
            yield return (one.Route.Contains("/predictions", StringComparison.Ordinal) || one.Route.Contains("/predictive-alerts", StringComparison.Ordinal) || one.Route.Contains(" /v2/", StringComparison.Ordinal) ? OtherKey : Key, "a key", HttpStatusCode.Forbidden);
            if (needs > Needs.SignedIn)
            {
                yield return (SignedIn, "an admin who chose no organization", HttpStatusCode.Forbidden);
            }

            foreach ((Needs role, HttpClient client) in Members.Where(member => member.Key < needs))
            {
                yield return (client, $"a member with the role {role}", HttpStatusCode.Forbidden);
            }
        }

        /// <summary>The least who may.</summary>
        public HttpClient Allowed(Needs needs) => needs switch
        {
            Needs.Anyone => Nobody,
            Needs.SignedIn => SignedIn,
            Needs.SuperAdmin => Root,
            _ => Members[needs],
        };
    }
}
