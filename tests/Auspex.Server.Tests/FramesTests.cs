using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class FramesTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Frames_AppendedAndServerStartedAgain_ReadBackWithQuality(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        JsonElement appended = await OkAsync(await PostAsync(client, $$$"""
            {"frames": [
              {"asset": "press 1", "time": "2026-01-01T12:00:00Z", "values": {"temperature": 21.5, "running": true}},
              {"asset": "press 1", "time": "2026-01-01T13:00:01+01:00", "values": {"temperature": null, "running": false}},
              {"asset": "press 1", "time": {{{Noon + 2000}}}, "values": {"temperature": 22.5, "running": false}, "quality": {"temperature": "uncertain"}}
            ]}
            """));
        Assert.Equal(3, appended.GetProperty("stored").GetInt32());
        await server.StartAgainAsync();
        client.Dispose();
        client = await server.InAsync("plant");

        JsonElement page = await OkAsync(await client.GetAsync($"/api/v1/frames?asset=press%201&from=2026-01-01T12:00:00Z&to={Noon + 3000}&limit=2", Ct));
        Assert.Equal([Noon, Noon + 1000], Numbers(page.GetProperty("timesUnixMs")));
        JsonElement temperature = page.GetProperty("signals").EnumerateArray().Single(signal => signal.GetProperty("name").GetString() == "temperature");
        Assert.Equal("[21.5,null]", temperature.GetProperty("values").GetRawText());
        Assert.Equal("[\"good\",\"bad\"]", temperature.GetProperty("quality").GetRawText());
        string next = page.GetProperty("next").GetString()!;
        JsonElement rest = await OkAsync(await client.GetAsync($"/api/v1/frames?asset=press%201&from={Noon}&to={Noon + 3000}&cursor={next}&signals=temperature", Ct));
        Assert.Equal([Noon + 2000], Numbers(rest.GetProperty("timesUnixMs")));
        Assert.Equal("[{\"name\":\"temperature\",\"values\":[22.5],\"quality\":[\"uncertain\"]}]", rest.GetProperty("signals").GetRawText());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);

        JsonElement latest = (await OkAsync(await client.GetAsync("/api/v1/frames/latest", Ct))).GetProperty("items")[0];
        Assert.Equal("{\"temperature\":22.5,\"running\":0}", latest.GetProperty("values").GetRawText());
        Assert.Equal("{\"temperature\":\"uncertain\"}", latest.GetProperty("quality").GetRawText());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Chart_OneSpikeAmongThousands_IsShown(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string rows = string.Join(',', Enumerable.Range(0, 5_000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $$$"""{"asset":"press","time":{{{Noon + (i * 100)}}},"values":{"x":{{{(i == 3_333 ? 99 : i % 7)}}}}}""")));
        await OkAsync(await PostAsync(client, $$$"""{"frames":[{{{rows}}}]}"""));

        JsonElement chart = await OkAsync(await client.GetAsync($"/api/v1/frames/chart?asset=press&from={Noon}&to={Noon + 1_000_000}&points=100", Ct));

        JsonElement x = chart.GetProperty("signals")[0];
        Assert.Equal(10_000, chart.GetProperty("bucketMs").GetInt64());
        Assert.Equal(99, x.GetProperty("max")[33].GetDouble());
        Assert.Equal(0, x.GetProperty("min")[33].GetDouble());
        Assert.Equal(6, x.GetProperty("max")[34].GetDouble());
        Assert.Equal(5_000, x.GetProperty("count").EnumerateArray().Sum(count => count.GetInt32()));
        Assert.Equal(JsonValueKind.Null, x.GetProperty("max")[60].ValueKind);
        Assert.Equal("absent", x.GetProperty("quality")[60].GetString());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist15_BatchSentAgain_IsStoredOnce(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string batch = $$$"""{"frames":[{"asset":"press","time":{{{Noon}}},"values":{"x":1}},{"asset":"press","time":{{{Noon + 1}}},"values":{"x":2}}]}""";
        await OkAsync(await PostAsync(client, batch));

        JsonElement again = await OkAsync(await PostAsync(client, batch));

        Assert.Equal(0, again.GetProperty("stored").GetInt32());
        Assert.Equal(2, again.GetProperty("duplicates").GetInt32());
        JsonElement revised = await OkAsync(await PostAsync(client, $$$"""{"frames":[{"asset":"press","time":{{{Noon}}},"values":{"x":5}}]}"""));
        Assert.Equal(1, revised.GetProperty("revised").GetInt32());
        JsonElement page = await OkAsync(await client.GetAsync($"/api/v1/frames?asset=press&from={Noon}&to={Noon + 10}", Ct));
        Assert.Equal("[5,2]", page.GetProperty("signals")[0].GetProperty("values").GetRawText());
    }

    // Checklist 18, 19, 21
    private static readonly (string Row, string Field, string Reason)[] Bad =
    [
        ("""{"asset":"p","time":0,"values":{"x":1}}""", "time", "Before 1990-01-01"),
        ("""{"asset":"p","time":-5,"values":{"x":1}}""", "time", "Before 1990-01-01"),
        ("""{"asset":"p","time":1767268800,"values":{"x":1}}""", "time", "seconds sent for milliseconds"),
        ("""{"asset":"p","time":1767268800000000000,"values":{"x":1}}""", "time", "ahead of the server's clock"),
        ("""{"asset":"p","time":"9999-01-01T00:00:00Z","values":{"x":1}}""", "time", "ahead of the server's clock"),
        ("""{"asset":"p","time":"2026-01-01T12:00:00","values":{"x":1}}""", "time", "ISO 8601 time with zone"),
        ("""{"asset":"p","time":"yesterday","values":{"x":1}}""", "time", "ISO 8601 time with zone"),
        ("""{"asset":"p","time":1.5,"values":{"x":1}}""", "time", "ISO 8601 time with zone"),
        ("""{"asset":"p","values":{"x":1}}""", "time", "ISO 8601 time with zone"),
        ("""{"asset":"","time":1767268800000,"values":{"x":1}}""", "asset", "1 to 200 characters"),
        ("""{"asset":7,"time":1767268800000,"values":{"x":1}}""", "asset", "must be text"),
        ("""{"asset":"p\u0000","time":1767268800000,"values":{"x":1}}""", "asset", "no control characters"),
        ("""{"asset":"p","time":1767268800000,"values":{}}""", "values", "1 to 1000 signals"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":"1,5"}}""", "values.x", "decimal point"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":"true"}}""", "values.x", "not text"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":""}}""", "values.x", "not text"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":"NaN"}}""", "values.x", "not text"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":1e400}}""", "values.x", "Too large"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":[1]}}""", "values.x", "Must be a number"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":1},"quality":{"y":"bad"}}""", "quality.y", "No signal of this name"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":1},"quality":{"x":"fine"}}""", "quality.x", "good, uncertain or bad"),
        ("""{"asset":"p","time":1767268800000,"values":{"x":1},"organizationId":"other"}""", "organizationId", "Unknown field"),
        ("""[1]""", "", "A row is an object"),
    ];

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist18And19And21_BadRows_AreNamedAndTheGoodOnesLand(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string rows = string.Join(',', Bad.Select((bad, i) => $$$"""{{{bad.Row}}},{"asset":"good","time":{{{Noon + i}}},"values":{"x":1e308}}"""));

        JsonElement appended = await OkAsync(await PostAsync(client, $$$"""{"frames":[{{{rows}}}]}"""));

        Assert.Equal(Bad.Length, appended.GetProperty("stored").GetInt32());
        JsonElement[] rejected = [.. appended.GetProperty("rejected").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, Bad.Length).Select(i => 2 * i), rejected.Select(row => row.GetProperty("index").GetInt32()));
        Assert.Equal(Bad.Select(bad => bad.Field), rejected.Select(row => row.GetProperty("field").GetString()));
        Assert.All(rejected, (row, i) => Assert.Contains(Bad[i].Reason, row.GetProperty("reason").GetString(), StringComparison.Ordinal));
        JsonElement page = await OkAsync(await client.GetAsync($"/api/v1/frames?asset=good&from={Noon}&to={Noon + 2}", Ct));
        Assert.Equal("[1E+308,1E+308]", page.GetProperty("signals")[0].GetProperty("values").GetRawText());
        Assert.Equal(1, (await OkAsync(await client.GetAsync("/api/v1/frames/latest", Ct))).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Append_NothingGoodOrTooMuch_IsRefused(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        HttpResponseMessage none = await PostAsync(client, """{"frames":[{"asset":"p","time":0,"values":{"x":1}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Contains("Before 1990-01-01", await none.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, """{"frames":[]}""")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, $$$"""{"frames":[{{{string.Join(',', Enumerable.Repeat("1", 10_001))}}}]}""")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, $$$"""{"frames":[{"asset":"p","time":{{{Noon}}},"values":{"x":1,"x":2}}]}""")).StatusCode);
        client.DefaultRequestHeaders.ExpectContinue = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(client, new string(' ', 11 * 1024 * 1024))).StatusCode);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Frames_OfAStranger_AreNotFound(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient own) = await server.OrganizationAsync("own");
        (_, HttpClient stranger) = await server.OrganizationAsync("stranger");
        await OkAsync(await PostAsync(own, $$$"""{"frames":[{"asset":"press","time":{{{Noon}}},"values":{"x":1}}]}"""));

        foreach (string name in (string[])["press", "unknown"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/frames?asset={name}&from={Noon}&to={Noon + 1}", Ct)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/frames/chart?asset={name}&from={Noon}&to={Noon + 1}", Ct)).StatusCode);
            Assert.Equal(0, (await OkAsync(await stranger.GetAsync($"/api/v1/frames/latest?asset={name}", Ct))).GetProperty("items").GetArrayLength());
        }

        Assert.Equal(0, (await OkAsync(await stranger.GetAsync("/api/v1/frames/latest", Ct))).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Append_ByKey_NeedsTheScope(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string batch = $$$"""{"frames":[{"asset":"press","time":{{{Noon}}},"values":{"x":1}}]}""";

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(server.Anonymous(), batch)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(await KeyAsync(server, client, "frames:read"), batch)).StatusCode);
        HttpClient writer = await KeyAsync(server, client, "frames:write");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(writer, batch)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await writer.GetAsync("/api/v1/frames/latest", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("from=x&to=2026-01-01T00:00:00Z", "from: 'x' is not")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "must be later than from")]
    [InlineData("from=-9223372036854775808&to=9223372036854775807", "between the years 1 and 9999")]
    public async Task Read_BadRange_SaysWhatWouldBeRight(string query, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        foreach (string route in (string[])["frames", "frames/chart"])
        {
            HttpResponseMessage refused = await client.GetAsync($"/api/v1/{route}?asset=press&{query}", Ct);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains(expected, (await refused.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private static async Task<HttpClient> KeyAsync(RunningServer server, HttpClient admin, string scope)
    {
        JsonElement made = await OkAsync(await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = scope, scopes = new[] { scope } }, Ct));
        HttpClient client = server.Anonymous();
        RunningServer.Authorize(client, made.GetProperty("key").GetString()!);
        return client;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string json) =>
        client.PostAsync("/api/v1/frames", new StringContent(json, Encoding.UTF8, "application/json"), Ct);

    private static async Task<JsonElement> OkAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Ct)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }

    private static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];
}
