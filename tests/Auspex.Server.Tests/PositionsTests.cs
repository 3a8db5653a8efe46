using System.Net;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class PositionsTests
{
    private const string Root = "/api/v1/operator-positions";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Site_MadeRenamedRemoved_ItsPositionFollows(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await client.CreateAsync(Root, new { name = "GRAZ", nodeIds = Array.Empty<Guid>(), userIds = Array.Empty<Guid>() });

        Guid graz = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid linz = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Linz" });

        Assert.Equal(["GRAZ", "Graz (2)", "Linz"], await NamesAsync(client));
        JsonElement position = await client.GetAsync($"{Root}/{linz}", HttpStatusCode.OK);
        Assert.Equal(linz, position.GetProperty("siteId").GetGuid());
        Assert.Equal([linz], Ids(position, "nodeIds"));
        await (await client.SendAsync(HttpMethod.Put, $"/api/v1/tree/{linz}/name", new { name = "Steyr" })).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Put, $"/api/v1/tree/{graz}/name", new { name = "Wels" })).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(["GRAZ", "Graz (2)", "Steyr"], await NamesAsync(client)); // "Graz (2)" is no longer the site's own name
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tree/{linz}")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(["GRAZ", "Graz (2)"], await NamesAsync(client));
        await (await client.SendAsync(HttpMethod.Get, $"{Root}/{linz}")).JsonAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Position_ChangedByAdmins_IsAuditedAndLosesWhatGoes(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        (Guid anna, HttpClient viewer) = await server.MemberAsync(client, organization, "anna@example.org", "viewer");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid hall = await client.CreateAsync("/api/v1/tree", new { kind = "area", name = "Hall", parentId = site });
        Guid foreign = await stranger.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        var body = new { name = "Night shift", nodeIds = new[] { hall, hall }, userIds = new[] { anna } };

        await (await viewer.SendAsync(HttpMethod.Post, Root, body)).RefusalAsync(HttpStatusCode.Forbidden);
        Guid id = await client.CreateAsync(Root, body);
        Assert.Contains("nodeIds", await RefusedAsync(client, id, new { body.name, nodeIds = new[] { foreign }, body.userIds }), StringComparison.Ordinal);
        Assert.Contains("userIds", await RefusedAsync(client, id, new { body.name, body.nodeIds, userIds = new[] { Guid.NewGuid() } }), StringComparison.Ordinal);
        Assert.Contains("already", await (await client.SendAsync(HttpMethod.Put, $"{Root}/{id}", new { name = "graz", body.nodeIds, body.userIds })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);

        HttpResponseMessage read = await viewer.SendAsync(HttpMethod.Get, $"{Root}/{id}");
        Assert.Equal("\"1\"", read.Headers.ETag!.Tag);
        Assert.Equal([hall], Ids(await read.JsonAsync(), "nodeIds"));
        await (await client.SendAsync(HttpMethod.Put, $"{Root}/{id}", new { name = "Night", nodeIds = new[] { hall, site }, body.userIds }, ifMatch: "\"1\"")).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Delete, $"{Root}/{id}", ifMatch: "\"1\"")).RefusalAsync(HttpStatusCode.PreconditionFailed);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tree/{hall}")).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/users/{anna}")).JsonAsync(HttpStatusCode.NoContent);
        JsonElement after = await client.GetAsync($"{Root}/{id}", HttpStatusCode.OK);
        Assert.Equal([site], Ids(after, "nodeIds"));
        Assert.Empty(Ids(after, "userIds"));
        await (await client.SendAsync(HttpMethod.Delete, $"{Root}/{id}", ifMatch: "\"2\"")).JsonAsync(HttpStatusCode.NoContent);
        string audit = await client.GetStringAsync("/api/v1/audit?limit=100", Ct);
        Assert.All((string[])["OPERATOR_POSITION_CREATED", "OPERATOR_POSITION_CHANGED", "OPERATOR_POSITION_DELETED"], action => Assert.Contains(action, audit, StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_ManyPages_NamesEachOnce()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        for (int i = 0; i < 7; i++)
        {
            await client.CreateAsync("/api/v1/tree", new { kind = "site", name = $"site {i}" });
        }

        var names = new List<string>();
        for (string? next = ""; next is not null;)
        {
            JsonElement page = await client.GetAsync($"{Root}?limit=3&cursor={next}", HttpStatusCode.OK);
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            Assert.All(page.GetProperty("items").EnumerateArray(), item => Assert.Single(Ids(item, "nodeIds")));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"site {i}"), names);
    }

    private static async Task<string> RefusedAsync(HttpClient client, Guid id, object body) =>
        await (await client.SendAsync(HttpMethod.Put, $"{Root}/{id}", body)).RefusalAsync(HttpStatusCode.UnprocessableEntity);

    private static async Task<string[]> NamesAsync(HttpClient client) =>
        [.. (await client.GetAsync(Root, HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    private static Guid[] Ids(JsonElement position, string field) => [.. position.GetProperty(field).EnumerateArray().Select(id => id.GetGuid())];
}
