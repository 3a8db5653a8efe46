using System.Globalization;
using System.Net;
using System.Text.Json;
using Auspex.Flow;
using Auspex.Flow.Map;
using Auspex.Server.Capabilities.Frames;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Auspex.Server.Tests;

/// <summary>Frames and the assets of the tree; how long frames are kept; numbers are those of the checklist of faults.</summary>
public class FrameAssetsTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Frames_OfAnAsset_StayItsOwnWhateverItIsCalled(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid hall = await client.CreateAsync("/api/v1/tree", new { kind = "area", name = "Hall", parentId = site });
        Guid press = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, externalName = "P-1" });

        await StoredAsync(client, "P-1", Noon, 1);
        await StoredAsync(client, press.ToString().ToUpperInvariant(), Noon + 1, 2);
        await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/assets/{press}", new { name = "Big press", externalName = "P-2" })).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Post, $"/api/v1/assets/{press}/move", new { parentId = hall })).JsonAsync(HttpStatusCode.NoContent);
        await StoredAsync(client, "P-2", Noon + 2, 3);
        await StoredAsync(client, "P-1", Noon + 3, 4); // its former name, and nobody else's

        foreach (string name in (string[])["P-2", "P-1", press.ToString()])
        {
            Assert.Equal("[1,2,3,4]", await ValuesAsync(client, name));
        }

        JsonElement latest = Assert.Single((await client.GetAsync("/api/v1/frames/latest", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Equal($"P-2 {press}", $"{latest.GetProperty("asset")} {latest.GetProperty("assetId")}");
        Guid other = await client.CreateAsync("/api/v1/assets", new { name = "Small press", parentId = site, externalName = "P-1" });
        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, Ct); // what a name means is remembered for half a second
        await StoredAsync(client, "P-1", Noon + 4, 5);
        Assert.Equal("[5]", await ValuesAsync(client, other.ToString()));
        Assert.Equal("[1,2,3,4]", await ValuesAsync(client, "P-2"));
        Assert.Empty((await UnassignedAsync(client)).EnumerateArray());

        // The stranger's frame of the same id is of a name that is nobody's there.
        await StoredAsync(stranger, press.ToString(), Noon, 9);
        Assert.Equal(press.ToString(), Assert.Single((await UnassignedAsync(stranger)).EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("[9]", await ValuesAsync(stranger, press.ToString()));
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/assets/{other}")).RefusalAsync(HttpStatusCode.Conflict);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/assets/{other}?subtree=true")).JsonAsync(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Unassigned_Placed_IsTheAssetsWithWhatCameBefore(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid press = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, externalName = "P-1" });
        Guid foreign = await stranger.CreateAsync("/api/v1/assets", new { name = "Press", parentId = await stranger.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" }) });
        await StoredAsync(client, "P-1", Noon, 1);
        await StoredAsync(client, "new sender", Noon + 1, 2);
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{"asset":"new sender","time":{{{Noon + 2}}},"values":{"y":3,"x":null}}]}""")).JsonAsync();
        await StoredAsync(client, "later", Noon, 7);

        Assert.Equal(["later", "new sender"], (await UnassignedAsync(client)).EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        foreach (Guid unknown in (Guid[])[foreign, Guid.NewGuid(), site])
        {
            Assert.Contains("no such asset", await (await PlaceAsync(client, "new sender", unknown)).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        }

        JsonElement placed = await (await PlaceAsync(client, "new sender", press)).JsonAsync();
        Assert.Equal(2, placed.GetProperty("frames").GetInt64());
        Assert.Contains("already", await (await PlaceAsync(client, "new sender", press)).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        await StoredAsync(client, "new sender", Noon + 3, 4);
        Assert.Equal("[1,2,null,4]", await ValuesAsync(client, "P-1"));
        JsonElement y = (await client.GetAsync($"/api/v1/frames?asset=P-1&from={Noon}&to={Noon + 10}&signals=y", HttpStatusCode.OK)).GetProperty("signals")[0];
        Assert.Equal("""[null,null,3,null]["absent","absent","good","absent"]""", y.GetProperty("values").GetRawText() + y.GetProperty("quality").GetRawText());
        Assert.Equal(2, (await client.GetAsync("/api/v1/frames/latest", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());

        // An asset that is made under the name has its frames at once.
        Guid later = await client.CreateAsync("/api/v1/assets", new { name = "Later", parentId = site, externalName = "later" });
        Assert.Equal("[7]", await ValuesAsync(client, later.ToString()));
        Assert.Empty((await UnassignedAsync(client)).EnumerateArray());
        Assert.Contains("FRAMES_PLACED", await client.GetStringAsync("/api/v1/audit?limit=100", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_WhereTheOrganizationRefusesThem_IsNamed()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, externalName = "P-1" });
        await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/telemetry", new { unknownAssets = "refuse" })).JsonAsync();

        JsonElement appended = await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""
            {"frames":[{"asset":"P-2","time":{{{Noon}}},"values":{"x":1}},{"asset":"P-1","time":{{{Noon}}},"values":{"x":1}},{"asset":"P-1","time":0,"values":{"x":1}}]}
            """)).JsonAsync();

        Assert.Equal(1, appended.GetProperty("stored").GetInt32());
        Assert.Equal([0, 2], appended.GetProperty("rejected").EnumerateArray().Select(row => row.GetProperty("index").GetInt32()));
        JsonElement refused = appended.GetProperty("rejected")[0];
        Assert.Equal("asset \"P-2\"", $"{refused.GetProperty("field").GetString()} {refused.GetProperty("value").GetString()}");
        Assert.Contains("make the asset first", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{"asset":"P-2","time":{{{Noon}}},"values":{"x":1}}]}""")).JsonAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Checklist26_EverNewNames_HoldUpTheirOrganizationAlone()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, externalName = "P-1" });
        string Assets(string prefix) => string.Join(',', Enumerable.Range(0, 1_500).Select(i => $$$"""{"asset":"{{{prefix}}} {{{i}}}","time":{{{Noon}}},"values":{"x":1}}"""));
        string Signals(int batch) => $$$"""{"asset":"P-1","time":{{{Noon + batch}}},"values":{{{{string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"s{batch}_{i}\":1"))}}}}}""";

        JsonElement first = await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{{{Assets("a")}}}]}""")).JsonAsync();
        Assert.Equal(FrameAssets.MostUnassigned, first.GetProperty("stored").GetInt32());
        Assert.Equal(500, first.GetProperty("rejected").GetArrayLength());
        Assert.Contains("1000 names wait", first.GetProperty("rejected")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        JsonElement signals = await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{{{string.Join(',', Enumerable.Range(0, 21).Select(Signals))}}}]}""")).JsonAsync();
        Assert.Equal(19, signals.GetProperty("stored").GetInt32()); // x was there before
        Assert.Contains("20000 names of signals", signals.GetProperty("rejected")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);

        // Known names go on, also behind a new start; the other organization notices nothing.
        await server.StartAgainAsync();
        client = await server.InAsync("plant");
        await StoredAsync(client, "P-1", Noon + 100, 1);
        await StoredAsync(client, "a 1", Noon + 100, 1);
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{"asset":"b","time":{{{Noon}}},"values":{"x":1}}]}""")).JsonAsync(HttpStatusCode.BadRequest);
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$$"""{"frames":[{{{Signals(30)}}}]}""")).JsonAsync(HttpStatusCode.BadRequest);
        JsonElement page = await client.GetAsync("/api/v1/frames/unassigned?limit=2", HttpStatusCode.OK);
        Assert.Equal("""{"used":1000,"most":1000,"refusedRows":1}""", page.GetProperty("unassignedAssets").GetRawText());
        Assert.Equal("""{"used":20000,"most":20000,"refusedRows":1}""", page.GetProperty("signals").GetRawText());
        Assert.Equal("a 1", page.GetProperty("next").GetString());
        other = await server.InAsync("other plant");
        await StoredAsync(other, "b", Noon, 1);
        Assert.Equal("""{"used":1,"most":20000,"refusedRows":0}""", (await other.GetAsync("/api/v1/frames/unassigned", HttpStatusCode.OK)).GetProperty("signals").GetRawText());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Retention_Set_IsAppliedByTheUpkeep(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        long old = Noon - (long)TimeSpan.FromDays(400).TotalMilliseconds;
        foreach (HttpClient one in (HttpClient[])[client, other])
        {
            await StoredAsync(one, "retired", old, 1);
            await StoredAsync(one, "press", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 2);
        }

        HttpResponseMessage put = await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/telemetry", new { retentionDays = 30 }, ifMatch: "\"0\"");
        Assert.Equal("\"1\"", put.Headers.ETag!.Tag);
        TelemetryUpkeep upkeep = server.Server.Services.GetRequiredService<TelemetryUpkeep>();
        LivePipeline line = server.Server.Services.GetRequiredService<LivePipeline>();
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(20), () => Task.FromResult(line.BehindOf(organization) == 0)));
        await upkeep.RunAsync(Ct);

        TelemetryStore telemetry = server.Server.Services.GetRequiredService<TelemetryStore>();
        Assert.Equal(30, await telemetry.RetentionDaysAsync(organization, Ct));
        Assert.Contains("CONFIGURATION_CHANGED", await client.GetStringAsync("/api/v1/audit?limit=100", Ct), StringComparison.Ordinal);
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/organizations/current/telemetry/undo", new { revision = 0 })).JsonAsync();
        await upkeep.RunAsync(Ct);
        Assert.Null(await telemetry.RetentionDaysAsync(organization, Ct));
        Assert.Empty((await client.GetAsync($"/api/v1/frames?asset=retired&from={old}&to={old + 1}", HttpStatusCode.OK)).GetProperty("timesUnixMs").EnumerateArray());
        Assert.Equal("[1]", await ValuesAsync(other, "retired", old));
    }

    [Fact]
    public async Task Journal_DamagedAtOpen_IsToldOnceAndShownInHealth()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        await StoredAsync(client, "press", Noon, 1);
        await StoredAsync(other, "press", Noon, 2);
        await server.StopAsync();
        await using (var file = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "telemetry.db")};Pooling=false"))
        {
            Assert.Equal(1, await file.ExecuteAsync("update telemetry_journal set body = x'0102' where organization = @id", new { id = organization.ToString() }));
        }

        using var log = new StandardError();
        await server.StartAgainAsync();
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(20), async () => (await server.Client.GetStringAsync("/api/health/ready", Ct)).Contains("damaged", StringComparison.Ordinal)));
        await server.Server.Services.GetRequiredService<TelemetryUpkeep>().LookAsync(Ct);

        Assert.Equal("""{"status":"ready","telemetry":"damaged"}""", await server.Client.GetStringAsync("/api/health/ready", Ct));
        await server.StopAsync();
        Assert.Single(log.Lines, line => line.Contains("7003", StringComparison.Ordinal) && line.Contains(organization.ToString(), StringComparison.Ordinal));
        await server.StartAgainAsync();
        Assert.Equal("[2]", await ValuesAsync(await server.InAsync("other plant"), "press"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await (await server.InAsync("plant")).GetAsync($"/api/v1/frames?asset=press&from={Noon}&to={Noon + 1}", Ct)).StatusCode);
    }

    private static Task<HttpResponseMessage> PlaceAsync(HttpClient client, string name, Guid asset) =>
        client.SendAsync(HttpMethod.Post, "/api/v1/frames/placements", new { name, assetId = asset });

    private static async Task<JsonElement> UnassignedAsync(HttpClient client) =>
        (await client.GetAsync("/api/v1/frames/unassigned", HttpStatusCode.OK)).GetProperty("items");

    private static async Task StoredAsync(HttpClient client, string asset, long time, double x)
    {
        JsonElement appended = await (await client.SendAsync(
            HttpMethod.Post, "/api/v1/frames", new { frames = new[] { new { asset, time, values = new { x } } } })).JsonAsync();
        Assert.Equal(1, appended.GetProperty("stored").GetInt32());
    }

    private static async Task<string> ValuesAsync(HttpClient client, string asset, long from = Noon) =>
        (await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/frames?asset={Uri.EscapeDataString(asset)}&from={from}&to={from + 1_000}&signals=x"), HttpStatusCode.OK))
            .GetProperty("signals")[0].GetProperty("values").GetRawText();
}
