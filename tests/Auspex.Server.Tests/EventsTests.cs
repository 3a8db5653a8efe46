using System.Net;
using System.Text;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class EventsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Events_RecordedChangedTakenBack_StandInTheAudit(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (HttpClient client, HttpClient stranger, Guid asset) = await WithAssetAsync(server);
        Guid failure = await client.CreateAsync("/api/v1/events", new { kind = "failure", assetId = asset, startedAt = "2026-01-02T03:04:05.678+01:00", component = "pump", failureMode = "leak" });
        Guid work = await client.CreateAsync("/api/v1/events", new { kind = "maintenance", assetId = asset, startedAt = "2026-01-03T00:00:00Z", component = "pump", routine = false, activity = "seal replaced", number = "WO-7", failureMode = "worn seal" });
        await client.CreateAsync("/api/v1/events", new { kind = "error", assetId = asset, startedAt = "2026-01-04T00:00:00Z", code = "E7" });
        await client.CreateAsync("/api/v1/events", new { kind = "note", assetId = asset, startedAt = "2026-01-05T00:00:00Z", note = "noisy\nsince morning" });

        Assert.Equal(["note", "error", "maintenance", "failure"], await KindsAsync(client, ""));
        Assert.Equal(["maintenance", "failure"], await KindsAsync(client, "?component=pump"));
        Assert.Equal(["error"], await KindsAsync(client, $"?asset={asset}&kind=error"));
        Assert.Equal(["maintenance"], await KindsAsync(client, "?from=2026-01-03T00:00:00Z&to=2026-01-04T00:00:00Z"));
        JsonElement page = await client.GetAsync("/api/v1/events?limit=3", HttpStatusCode.OK);
        Assert.Equal(["failure"], await KindsAsync(client, $"?limit=3&cursor={page.GetProperty("next").GetString()}"));
        Assert.Equal("2026-01-02T02:04:05.678+00:00", (await client.GetAsync($"/api/v1/events/{failure}", HttpStatusCode.OK)).GetProperty("startedAt").GetString());

        object otherwise = new { kind = "failure", assetId = asset, startedAt = "2026-01-02T03:00:00Z", component = "valve" };
        await (await client.SendAsync(HttpMethod.Put, $"/api/v1/events/{failure}", otherwise, ifMatch: "\"1\"")).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Put, $"/api/v1/events/{failure}", otherwise, ifMatch: "\"1\"")).RefusalAsync(HttpStatusCode.PreconditionFailed);
        await (await client.SendAsync(HttpMethod.Put, $"/api/v1/events/{work}", otherwise)).RefusalAsync(HttpStatusCode.UnprocessableEntity);
        foreach ((HttpMethod method, object? body) in ((HttpMethod, object?)[])[(HttpMethod.Get, null), (HttpMethod.Put, otherwise), (HttpMethod.Delete, null)])
        {
            await Strangers.SameAsUnknownAsync(stranger, method, "/api/v1/events/{0}", failure, body);
        }

        Assert.Empty(await KindsAsync(stranger, ""));
        Assert.Contains("no such asset", await (await stranger.SendAsync(HttpMethod.Post, "/api/v1/events", otherwise)).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/events/{failure}", ifMatch: "\"2\"")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/events/{failure}", Ct)).StatusCode);
        string audit = await client.GetStringAsync("/api/v1/audit", Ct);
        Assert.All((string[])["EVENT_RECORDED", "EVENT_CHANGED", "EVENT_DELETED"], action => Assert.Contains(action, audit, StringComparison.Ordinal));
        Assert.DoesNotContain("EVENT_", await stranger.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/assets/{asset}")).RefusalAsync(HttpStatusCode.Conflict);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/assets/{asset}?subtree=true")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Empty(await KindsAsync(client, ""));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Event_Wrong_NamesTheField(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (HttpClient client, _, Guid asset) = await WithAssetAsync(server);
        (string, string)[] cases =
        [
            ("""{"kind":"failure","startedAt":"9999-01-01T00:00:00Z"}""", "startedAt"),
            ("""{"kind":"failure","startedAt":"1969-01-01T00:00:00Z"}""", "startedAt"),
            ("""{"kind":"failure","startedAt":"2026-01-01T00:00:00Z","endedAt":"2025-01-01T00:00:00Z"}""", "endedAt"),
            ("""{"kind":"maintenance","startedAt":"2026-01-01T00:00:00Z"}""", "routine"),
            ("""{"kind":"error","startedAt":"2026-01-01T00:00:00Z"}""", "code"),
            ("""{"kind":"note","startedAt":"2026-01-01T00:00:00Z"}""", "note"),
            ("""{"kind":"failure","startedAt":"2026-01-01T00:00:00Z","number":"WO-1"}""", "number"),
            ("""{"kind":"explosion","startedAt":"2026-01-01T00:00:00Z"}""", "Kind"),
            ("""{"kind":"failure"}""", "StartedAt"),
        ];

        foreach ((string body, string field) in cases)
        {
            Assert.Contains(field, await (await client.SendAsync(HttpMethod.Post, "/api/v1/events", body.Replace("{\"kind", $"{{\"assetId\":\"{asset}\",\"kind", StringComparison.Ordinal))).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        }

        Assert.Empty(await KindsAsync(client, ""));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Key_WithTheScope_RecordsAndDoesNotRead(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (HttpClient client, _, Guid asset) = await WithAssetAsync(server);
        JsonElement key = await (await client.SendAsync(HttpMethod.Post, "/api/v1/api-keys", new { name = "mes", scopes = new[] { "events:write" } })).JsonAsync();
        HttpClient mes = server.Anonymous();
        RunningServer.Authorize(mes, key.GetProperty("key").GetString()!);

        await mes.CreateAsync("/api/v1/events", new { kind = "error", assetId = asset, startedAt = "2026-01-04T00:00:00Z", code = "E7" });

        Assert.Equal(HttpStatusCode.Forbidden, (await mes.GetAsync("/api/v1/events", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await mes.SendAsync(HttpMethod.Post, "/api/v1/tree", new { kind = "site", name = "x" })).StatusCode);
        Assert.StartsWith("key ", (await client.GetAsync("/api/v1/events", HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("createdBy").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Document_OfAsset_IsTakenByContentAndHandedOutAsAttachment(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (HttpClient client, HttpClient stranger, Guid asset) = await WithAssetAsync(server);
        string path = $"/api/v1/assets/{asset}/documents";
        byte[] pdf = Encoding.ASCII.GetBytes("%PDF-1.7\nmanual");

        JsonElement made = await (await UploadAsync(client, $"{path}?name=manual.pdf", pdf)).JsonAsync(HttpStatusCode.Created);

        string content = $"{path}/{made.GetProperty("id").GetGuid()}/content";
        HttpResponseMessage got = await client.GetAsync(content, Ct);
        Assert.Equal(pdf, await got.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("attachment", got.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", got.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'none'", got.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        await (await UploadAsync(client, $"{path}?name=page.html", "<script>"u8.ToArray())).RefusalAsync(HttpStatusCode.BadRequest);
        await (await UploadAsync(client, $"{path}?name=logo.svg", "<svg onload=alert(1)>"u8.ToArray())).RefusalAsync(HttpStatusCode.BadRequest);
        await (await UploadAsync(client, $"{path}?name=page.pdf", "<script>"u8.ToArray())).RefusalAsync(HttpStatusCode.UnsupportedMediaType);
        await (await UploadAsync(client, $"{path}?name=page.txt", "  <script>"u8.ToArray())).RefusalAsync(HttpStatusCode.UnsupportedMediaType);
        await (await UploadAsync(client, $"{path}?name=..%2Fmanual.pdf", pdf)).RefusalAsync(HttpStatusCode.BadRequest);
        await (await UploadAsync(client, $"{path}?name=a%0D%0Ab.pdf", pdf)).RefusalAsync(HttpStatusCode.BadRequest);
        await (await UploadAsync(client, $"{path}?name=big.txt", new byte[(5 * 1024 * 1024) + 1])).RefusalAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.Single((await client.GetAsync(path, HttpStatusCode.OK)).EnumerateArray());
        await Strangers.SameAsUnknownAsync(stranger, HttpMethod.Get, "/api/v1/assets/{0}/documents", asset, null);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(content, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await UploadAsync(stranger, $"{path}?name=manual.pdf", pdf)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync(content.Replace("/content", "", StringComparison.Ordinal), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(content.Replace("/content", "", StringComparison.Ordinal), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(content, Ct)).StatusCode);
    }

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient client, string path, byte[] content) =>
        await client.PostAsync(path, new ByteArrayContent(content), Ct);

    private static async Task<string[]> KindsAsync(HttpClient client, string query) =>
        [.. (await client.GetAsync($"/api/v1/events{query}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString()!)];

    private static async Task<(HttpClient Client, HttpClient Stranger, Guid Asset)> WithAssetAsync(RunningServer server)
    {
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        return (client, stranger, await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site }));
    }
}
