using System.Net;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

/// <summary>Views and notification settings of people.</summary>
public class SavedViewsTests
{
    private const string Root = "/api/v1/saved-views";
    private const string Settings = "/api/v1/notification-settings";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task View_OfAPerson_IsOthersOnlyOnceShared(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient admin) = await server.OrganizationAsync("plant");
        (Guid annaId, HttpClient anna) = await server.MemberAsync(admin, organization, "anna@example.org", "viewer");
        (_, HttpClient ben) = await server.MemberAsync(admin, organization, "ben@example.org", "viewer");
        Guid id = await anna.CreateAsync(Root, new { name = "Mine", screen = "assets", content = new { sort = "-name" } });
        await ben.CreateAsync(Root, new { name = "mine", screen = "assets", content = new { } });
        Assert.Contains("already", await (await anna.SendAsync(HttpMethod.Post, Root, new { name = "MINE", screen = "assets", content = new { } })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);

        foreach ((HttpMethod method, object? body) in ((HttpMethod, object?)[])
            [(HttpMethod.Get, null), (HttpMethod.Put, new { name = "x", screen = "assets", content = new { } }), (HttpMethod.Delete, null)])
        {
            await Strangers.SameAsUnknownAsync(ben, method, $"{Root}/{{0}}", id, body);
            await Strangers.SameAsUnknownAsync(admin, method, $"{Root}/{{0}}", id, body);
        }

        await (await anna.SendAsync(HttpMethod.Put, $"{Root}/{id}", new { name = "Ours", screen = "assets", content = new { sort = "name" }, shared = true }, ifMatch: "\"1\"")).JsonAsync(HttpStatusCode.NoContent);
        JsonElement seen = await ben.GetAsync($"{Root}/{id}", HttpStatusCode.OK);
        Assert.Equal("{\"sort\":\"name\"}", seen.GetProperty("content").GetRawText());
        Assert.False(seen.GetProperty("own").GetBoolean());
        Assert.Equal(2, (await ben.GetAsync($"{Root}?screen=assets", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        Assert.Empty((await ben.GetAsync($"{Root}?screen=alerts", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        await (await ben.SendAsync(HttpMethod.Delete, $"{Root}/{id}")).RefusalAsync(HttpStatusCode.Forbidden);
        await (await ben.SendAsync(HttpMethod.Put, $"{Root}/{id}", new { name = "x", screen = "assets", content = new { } })).RefusalAsync(HttpStatusCode.Forbidden);
        await (await admin.SendAsync(HttpMethod.Delete, $"{Root}/{id}")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Contains("SAVED_VIEW_DELETED", await admin.GetStringAsync("/api/v1/audit?limit=100", Ct), StringComparison.Ordinal);

        // Who leaves takes along what was not shared.
        await anna.CreateAsync(Root, new { name = "private", screen = "assets", content = new { } });
        await anna.CreateAsync(Root, new { name = "shared", screen = "assets", content = new { }, shared = true });
        await (await admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{annaId}")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(["shared"], (await admin.GetAsync(Root, HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(view => view.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("""{"name":"a","screen":"assets","content":[]}""", "content is an array")]
    [InlineData("""{"name":"a","screen":"assets","content":null}""", "Content")]
    [InlineData("""{"name":"a","screen":"As sets","content":{}}""", "lower-case letter")]
    [InlineData("""{"name":" ","screen":"assets","content":{}}""", "required")]
    [InlineData("""{"name":"a","screen":"assets","content":{"a":1,"a":2}}""", "a")]
    [InlineData("long", "content has 16385 bytes; at most 16384")]
    public async Task View_Wrong_IsRefused(string body, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        body = body == "long" ? $$$"""{"name":"a","screen":"assets","content":{"x":"{{{new string('é', 8_188)}}}y"}}""" : body;

        Assert.Contains(expected, await (await client.SendAsync(HttpMethod.Post, Root, body)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Empty((await client.GetAsync(Root, HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Settings_OfAPerson_AreThePersonsAlone(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient admin) = await server.OrganizationAsync("plant");
        (_, HttpClient anna) = await server.MemberAsync(admin, organization, "anna@example.org", "viewer");
        const string body = """{"channels":["email"],"quietHours":{"from":"22:00","to":"06:00","timeZone":"Europe/Vienna"},"leastPriority":"high"}""";

        HttpResponseMessage put = await anna.SendAsync(HttpMethod.Put, Settings, body, ifMatch: "\"0\"");

        Assert.Equal(body, (await put.JsonAsync()).GetRawText());
        Assert.Equal("\"1\"", put.Headers.ETag!.Tag);
        Assert.Equal(body, await anna.GetStringAsync(Settings, Ct));
        Assert.Equal("""{"channels":["screen","push","email"],"quietHours":null,"leastPriority":"low"}""", await admin.GetStringAsync(Settings, Ct));
        await (await anna.SendAsync(HttpMethod.Put, Settings, body, ifMatch: "\"0\"")).RefusalAsync(HttpStatusCode.PreconditionFailed);
        await (await anna.SendAsync(HttpMethod.Put, Settings, """{"channels":[],"leastPriority":"urgent"}""", ifMatch: "\"1\"")).JsonAsync();
        Assert.Equal("""{"channels":[],"quietHours":null,"leastPriority":"urgent"}""", await anna.GetStringAsync(Settings, Ct));
    }

    [Theory]
    [InlineData("""{"channels":["fax"],"leastPriority":"low"}""", "channels: 'fax' is none")]
    [InlineData("""{"channels":[null],"leastPriority":"low"}""", "channels: null")]
    [InlineData("""{"channels":["push","push"],"leastPriority":"low"}""", "channels: one stands twice")]
    [InlineData("""{"channels":[],"leastPriority":"severe"}""", "LeastPriority")]
    [InlineData("""{"channels":[]}""", "leastPriority")]
    [InlineData("""{"channels":[],"leastPriority":"low","quietHours":{"from":"25:00","to":"06:00","timeZone":"UTC"}}""", "quietHours.from: '25:00'")]
    [InlineData("""{"channels":[],"leastPriority":"low","quietHours":{"from":"22:00","to":"22:00","timeZone":"UTC"}}""", "both 22:00")]
    [InlineData("""{"channels":[],"leastPriority":"low","quietHours":{"from":"22:00","to":"06:00","timeZone":"CEST"}}""", "'CEST' is no IANA")]
    public async Task Settings_Wrong_AreRefused(string body, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        Assert.Contains(expected, await (await client.SendAsync(HttpMethod.Put, Settings, body)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.OrdinalIgnoreCase);
    }
}
