using System.Net;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class AssetsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Tree_SiteLineAsset_ListsAndGets(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid line = await client.CreateAsync("/api/v1/tree", new { kind = "line", name = "Line 1", parentId = site });
        HttpResponseMessage made = await client.SendAsync(
            HttpMethod.Post, "/api/v1/assets", new { name = "Furnace 1", parentId = line, externalName = "plc-7", assetClass = "furnace", facts = new { age = 12, model = "F1" } });

        JsonElement asset = await made.JsonAsync(HttpStatusCode.Created);
        string path = made.Headers.Location!.ToString();
        HttpResponseMessage got = await client.GetAsync(path, Ct);

        Assert.Equal($"/api/v1/assets/{asset.GetProperty("id").GetGuid()}", path);
        Assert.Equal(asset.GetRawText(), (await got.JsonAsync()).GetRawText());
        Assert.Equal("\"1\"", got.Headers.ETag!.Tag);
        Assert.Equal(12, asset.GetProperty("facts").GetProperty("age").GetInt32());
        Assert.Equal(asset.GetRawText(), (await client.GetAsync(path.Replace("assets", "machines", StringComparison.Ordinal), HttpStatusCode.OK)).GetRawText());
        Assert.Equal(["Graz", "Line 1", "Furnace 1"], (await client.GetAsync($"/api/v1/tree/{asset.GetProperty("id").GetGuid()}", HttpStatusCode.OK)).GetProperty("path").EnumerateArray().Select(name => name.GetString()!));
        JsonElement sites = (await client.GetAsync("/api/v1/tree", HttpStatusCode.OK)).GetProperty("items");
        Assert.Equal(("Graz", 1), (sites[0].GetProperty("name").GetString(), sites[0].GetProperty("children").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/assets/{site}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"/api/v1/assets/{site}?subtree=true", Ct)).StatusCode);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Stranger_OwnAndUnknownId_GetTheSameAnswer(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Furnace 1", parentId = site });
        Guid own = await stranger.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        (HttpMethod, string, object?)[] calls =
        [
            (HttpMethod.Get, "/api/v1/tree/{0}", null),
            (HttpMethod.Get, "/api/v1/tree/{0}/moves", null),
            (HttpMethod.Put, "/api/v1/tree/{0}/name", new { name = "mine" }),
            (HttpMethod.Post, "/api/v1/tree/{0}/move", new { parentId = own }),
            (HttpMethod.Delete, "/api/v1/tree/{0}?subtree=true", null),
            (HttpMethod.Get, "/api/v1/assets/{0}", null),
            (HttpMethod.Get, "/api/v1/assets/{0}/moves", null),
            (HttpMethod.Patch, "/api/v1/assets/{0}", new { name = "mine" }),
            (HttpMethod.Post, "/api/v1/assets/{0}/move", new { parentId = own }),
            (HttpMethod.Delete, "/api/v1/assets/{0}?subtree=true", null),
        ];

        foreach ((HttpMethod method, string path, object? body) in calls)
        {
            await Strangers.SameAsUnknownAsync(stranger, method, path, asset, body);
        }

        Assert.Contains("no such site", await (await stranger.SendAsync(HttpMethod.Post, "/api/v1/assets", new { name = "x", parentId = site })).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        Assert.Empty((await stranger.GetAsync("/api/v1/assets?search=furnace", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Empty((await stranger.GetAsync($"/api/v1/assets?under={site}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Empty((await stranger.GetAsync($"/api/v1/tree?parent={site}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Equal("Furnace 1", (await client.GetAsync($"/api/v1/assets/{asset}", HttpStatusCode.OK)).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Move_IntoItsOwnPart_IsRefusedElseHistoryIsKept(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid one = await client.CreateAsync("/api/v1/tree", new { kind = "area", name = "one", parentId = site });
        Guid two = await client.CreateAsync("/api/v1/tree", new { kind = "area", name = "two", parentId = one });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = two });

        Assert.Contains("stands in what is to be moved", await (await client.SendAsync(HttpMethod.Post, $"/api/v1/tree/{one}/move", new { parentId = two })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("a site or an area", await (await client.SendAsync(HttpMethod.Post, $"/api/v1/tree/{two}/move", new { parentId = asset })).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Post, $"/api/v1/machines/{asset}/move", new { parentId = site })).JsonAsync(HttpStatusCode.NoContent);

        JsonElement moves = await client.GetAsync($"/api/v1/assets/{asset}/moves", HttpStatusCode.OK);
        Assert.Equal(("Graz / one / two", "Graz"), (moves[0].GetProperty("fromPath").GetString(), moves[0].GetProperty("toPath").GetString()));
        Assert.Equal(site, (await client.GetAsync($"/api/v1/assets/{asset}", HttpStatusCode.OK)).GetProperty("parentId").GetGuid());
        Assert.Contains("TREE_NODE_MOVED", await client.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
        Assert.Contains("subtree=true", await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tree/{one}")).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/tree/{one}?subtree=true")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/tree/{two}", Ct)).StatusCode);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Names_AmongSiblings_AreUniqueWhateverTheirCase(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid line = await client.CreateAsync("/api/v1/tree", new { kind = "line", name = "Line 1", parentId = site });
        Guid press = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = line, externalName = "p1" });
        Guid other = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site });

        Assert.Contains("name:", await (await client.SendAsync(HttpMethod.Post, "/api/v1/tree", new { kind = "site", name = "GRAZ " })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("name:", await (await client.SendAsync(HttpMethod.Post, $"/api/v1/assets/{other}/move", new { parentId = line })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("externalName:", await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/assets/{other}", new { externalName = "p1" })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/assets/{press}", new { externalName = "" })).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/assets/{other}", new { externalName = "p1", facts = new { age = 3 } })).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/assets/{other}", """{"facts": {"age": null, "power": 7.5}}""")).JsonAsync(HttpStatusCode.NoContent);
        JsonElement found = (await client.GetAsync("/api/v1/assets?externalName=p1", HttpStatusCode.OK)).GetProperty("items");
        Assert.Equal(other, found[0].GetProperty("id").GetGuid());
        Assert.Equal("""{"power":7.5}""", found[0].GetProperty("facts").GetRawText());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Patch_OfAnOlderRevision_Is412(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site });
        string path = $"/api/v1/assets/{asset}";
        await (await client.SendAsync(HttpMethod.Patch, path, new { name = "Press 1" }, ifMatch: "\"1\"")).JsonAsync(HttpStatusCode.NoContent);

        foreach (string tag in (string[])["\"1\"", "W/\"2\"", "nonsense", "\"99999999999999999999\""])
        {
            await (await client.SendAsync(HttpMethod.Patch, path, new { name = "Press 2" }, ifMatch: tag)).RefusalAsync(HttpStatusCode.PreconditionFailed);
            await (await client.SendAsync(HttpMethod.Delete, path, ifMatch: tag)).RefusalAsync(HttpStatusCode.PreconditionFailed);
            await (await client.SendAsync(HttpMethod.Post, $"{path}/move", new { parentId = site }, ifMatch: tag)).RefusalAsync(HttpStatusCode.PreconditionFailed);
        }

        Assert.Equal("Press 1", (await client.GetAsync(path, HttpStatusCode.OK)).GetProperty("name").GetString());
        await (await client.SendAsync(HttpMethod.Patch, path, new { name = "Press 2" }, ifMatch: "\"2\"")).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Delete, path, ifMatch: "*")).JsonAsync(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Create_SameKeyAgain_MakesItOnceAndAnswersTheSame(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        object body = new { kind = "site", name = "Graz" };

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.SendAsync(HttpMethod.Post, "/api/v1/tree", body, key: "k-1")));

        string[] bodies = [.. await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync(Ct)))];
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Single(bodies.Distinct());
        Assert.Single(answers.Select(answer => answer.Headers.Location).Distinct());
        Assert.All(answers, answer => Assert.Equal("\"1\"", answer.Headers.ETag!.Tag));
        Assert.Contains("new key", await (await client.SendAsync(HttpMethod.Post, "/api/v1/tree", new { kind = "site", name = "Linz" }, key: "k-1")).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        Assert.NotEqual(bodies[0], (await (await stranger.SendAsync(HttpMethod.Post, "/api/v1/tree", body, key: "k-1")).JsonAsync(HttpStatusCode.Created)).GetRawText());
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/tree", body, key: new string('k', 201))).RefusalAsync(HttpStatusCode.BadRequest);
        Assert.Single((await client.GetAsync("/api/v1/tree", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("name")]
    [InlineData("-name")]
    [InlineData("createdAt")]
    [InlineData("-createdAt")]
    public async Task List_PageByPage_GivesEachAssetOnceInOrder(string sort)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        string[] names = ["delta", "Alpha", "bravo", "Echo", "charlie", "100% !_x", "Ökoofen"];
        foreach (string name in names)
        {
            await client.CreateAsync("/api/v1/assets", new { name, parentId = site });
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await client.GetAsync($"/api/v1/assets?sort={sort}&limit=2&cursor={cursor}", HttpStatusCode.OK);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        IEnumerable<string> expected = sort.EndsWith("name", StringComparison.Ordinal) ? names.OrderBy(name => name.ToUpperInvariant(), StringComparer.Ordinal) : names;
        Assert.Equal(sort.StartsWith('-') ? expected.Reverse() : expected, seen);
        Assert.Equal(["100% !_x"], (await client.GetAsync($"/api/v1/assets?search={Uri.EscapeDataString("% !_")}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
        string foreign = (await client.GetAsync($"/api/v1/assets?sort={(sort == "name" ? "-name" : "name")}&limit=2", HttpStatusCode.OK)).GetProperty("next").GetString()!;
        Assert.Contains("cursor:", await (await client.GetAsync($"/api/v1/assets?sort={sort}&cursor={foreign}", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }
}
