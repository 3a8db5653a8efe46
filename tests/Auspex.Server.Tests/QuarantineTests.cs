using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Storage.Db;
using Auspex.Storage.Quarantine;

namespace Auspex.Server.Tests;

public class QuarantineTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task RefusedRows_OfBothProtocols_AreKeptOverARestartWithSenderAndReason(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        using HttpClient gateway = await KeyAsync(server, admin, "gateway 7");

        JsonElement appended = await (await AppendAsync(gateway, Row("press", Noon, "1"), Row("press", Noon + 1, "\"1,5\""), """["no row"]""")).JsonAsync();
        Assert.Equal((1, 2), (appended.GetProperty("stored").GetInt32(), appended.GetProperty("quarantined").GetInt32()));
        HttpResponseMessage lines = await gateway.PostAsync("/api/v2/write?precision=ms", new StringContent($"a x=1 {Noon}\nb,asset=oven x= {Noon}\nc y=\"two\nlines\" {Noon}"), Ct);
        Assert.Contains("2 lines are not; 2 are kept in quarantine.", await lines.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        await server.StartAgainAsync();
        using HttpClient client = await server.InAsync("plant");
        JsonElement page = await client.GetAsync("/api/v1/quarantine?limit=3", HttpStatusCode.OK);
        Assert.Equal(4, page.GetProperty("room").GetProperty("kept").GetInt64());
        JsonElement next = await client.GetAsync($"/api/v1/quarantine?limit=3&cursor={page.GetProperty("next").GetString()}", HttpStatusCode.OK);
        Assert.Equal(JsonValueKind.Null, next.GetProperty("next").ValueKind);
        JsonElement[] rows = [.. page.GetProperty("items").EnumerateArray(), .. next.GetProperty("items").EnumerateArray()];
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row => Assert.Equal("gateway 7", row.GetProperty("keyName").GetString()));
        Assert.All(rows, row => Assert.Equal(1, row.GetProperty("times").GetInt64()));
        JsonElement decimalComma = Assert.Single(rows, row => row.GetProperty("field").GetString() == "values.x");
        Assert.Equal(("http", "json", "press", Row("press", Noon + 1, "\"1,5\"")), (Text(decimalComma, "door"), Text(decimalComma, "form"), Text(decimalComma, "asset"), Text(decimalComma, "row")));
        Assert.Contains("decimal point", Text(decimalComma, "reason"), StringComparison.Ordinal);
        Assert.Contains(rows, row => Text(row, "row") == $"c y=\"two\nlines\" {Noon}" && Text(row, "asset") == "c" && Text(row, "linePrecision") == "ms");
        Assert.Equal(decimalComma.GetRawText(), (await client.GetAsync($"/api/v1/quarantine/{decimalComma.GetProperty("id").GetGuid()}", HttpStatusCode.OK)).GetRawText());
        foreach ((string query, int expected) in ((string, int)[])
            [("field=values.x", 1), ("reason=DECIMAL%20point", 1), ("asset=press", 1), ("door=line", 2), ("door=http&asset=press&field=time", 0), ("reason=100%25", 0), ("to=2000-01-01T00:00:00Z", 0), ("from=2000-01-01T00:00:00Z", 4)])
        {
            Assert.Equal((query, expected), (query, (await client.GetAsync($"/api/v1/quarantine?{query}", HttpStatusCode.OK)).GetProperty("items").GetArrayLength()));
        }

        Assert.Contains("from: 'x' is not", await (await client.GetAsync("/api/v1/quarantine?from=x", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("cursor", await (await client.GetAsync("/api/v1/quarantine?cursor=x", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task SameRowSentAgain_IsKeptOnceAndCounted(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string bad = Row("press", 0, "1");

        await AppendAsync(client, bad, bad, Row("press", Noon, "1"));
        await AppendAsync(client, bad);

        JsonElement page = await client.GetAsync("/api/v1/quarantine", HttpStatusCode.OK);
        Assert.Equal(3, Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("times").GetInt64());
        Assert.Equal(1, page.GetProperty("room").GetProperty("kept").GetInt64());
        Assert.Equal(0, page.GetProperty("room").GetProperty("dropped").GetInt64());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Replay_OfRowsThatAreGoodNow_StoresThemWithTheirTimeAndLeavesTheOthers(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "site" });
        await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/telemetry", new { unknownAssets = "refuse" })).JsonAsync();
        await AppendAsync(client, Row("press", Noon, "1"), Row("press", Noon + 1, "2"), Row("press", 0, "3"));
        await client.PostAsync("/api/v2/write?precision=ms", new StringContent($"m,asset=press y=5 {Noon}\nm,asset=press z=6 {Noon}"), Ct);
        await client.CreateAsync("/api/v1/assets", new { name = "press", externalName = "press", parentId = site });
        // What was said right meanwhile counts.
        await RunningServer.WithinAsync(TimeSpan.FromSeconds(5), async () => (await AppendAsync(client, Row("press", Noon + 1, "20"))).IsSuccessStatusCode);

        JsonElement replayed = await (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { filter = new { asset = "press" }, limit = 1_000 })).JsonAsync();

        Assert.Equal((3, 1, 1), (replayed.GetProperty("stored").GetInt32(), replayed.GetProperty("known").GetInt32(), replayed.GetProperty("refused").GetInt32()));
        JsonElement refused = Assert.Single(replayed.GetProperty("rows").EnumerateArray(), row => Text(row, "outcome") == "refused");
        Assert.Contains("Before 1990-01-01", Text(refused, "reason"), StringComparison.Ordinal);
        JsonElement frames = await client.GetAsync($"/api/v1/frames?asset=press&from={Noon}&to={Noon + 10}", HttpStatusCode.OK);
        Assert.Equal($"[{Noon},{Noon + 1}]", frames.GetProperty("timesUnixMs").GetRawText());
        Assert.Equal("x=[1,20] y=[5,null] z=[6,null]", Columns(frames));
        JsonElement left = await client.GetAsync("/api/v1/quarantine", HttpStatusCode.OK);
        Assert.Equal(refused.GetProperty("id").GetGuid(), Assert.Single(left.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal(1, left.GetProperty("room").GetProperty("kept").GetInt64());

        // By ids: what is gone is unknown.
        Guid[] ids = [refused.GetProperty("id").GetGuid(), Guid.NewGuid()];
        JsonElement again = await (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { ids })).JsonAsync();
        Assert.Equal(["unknown", "refused"], again.GetProperty("rows").EnumerateArray().Select(row => Text(row, "outcome")));
        foreach (object bad in (object[])[new { }, new { ids, filter = new { } }, new { ids, cursor = "x" }, new { filter = new { }, limit = 0 }, new { filter = new { from = "x" } }])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", bad)).StatusCode);
        }
    }

    [Fact]
    public async Task Replay_KilledBeforeTheRowLeft_StoresItOnce()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid id, HttpClient client) = await server.OrganizationAsync("plant");
        await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/telemetry", new { unknownAssets = "refuse" })).JsonAsync();
        await AppendAsync(client, Row("press", Noon, "1"));
        await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/telemetry", new { unknownAssets = "accept" })).JsonAsync();
        // As a replay leaves it that ends between its two transactions: the frame is durable, the row still there.
        var store = (QuarantineStore)server.Server.Services.GetService(typeof(QuarantineStore))!;
        QuarantinedRow kept = Assert.Single(await store.PageAsync(id, QuarantineFilter.All, "", 10, Ct));
        JsonElement first = await (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { filter = new { } })).JsonAsync();
        Assert.Equal(1, first.GetProperty("stored").GetInt32());
        await store.KeepAsync(id, kept.Door, kept.Sender, kept.SenderName, [new RefusedRow(kept.Form, kept.LinePrecision, kept.Asset, kept.Field, kept.Reason, kept.Body, true)], Ct);

        JsonElement second = await (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { filter = new { } })).JsonAsync();

        Assert.Equal((0, 1), (second.GetProperty("stored").GetInt32(), second.GetProperty("known").GetInt32()));
        var telemetry = (Storage.Telemetry.TelemetryStore)server.Server.Services.GetService(typeof(Storage.Telemetry.TelemetryStore))!;
        Assert.Single(await telemetry.RevisionsAsync(id, new Core.Assets.AssetId("press"), Noon, Ct));
        Assert.Equal(0, (await client.GetAsync("/api/v1/quarantine", HttpStatusCode.OK)).GetProperty("room").GetProperty("kept").GetInt64());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task HostileOrganization_FillsItsOwnRoomOnly(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(
            dialect, options => options with { RequestsPerSecond = 10_000, Quarantine = new QuarantineLimits(Rows: 500, Bytes: 250_000, CharactersARow: 5_000) });
        (_, HttpClient own) = await server.OrganizationAsync("own");
        (_, HttpClient hostile) = await server.OrganizationAsync("hostile");
        await AppendAsync(own, Row("press", 0, "1"));

        // More rows than there is room for, then more bytes, then one row that is too long, then names no database keeps.
        await AppendAsync(hostile, [.. Enumerable.Range(0, 1_300).Select(i => Row($"press {i}", 0, "1"))]);
        JsonElement room = (await hostile.GetAsync("/api/v1/quarantine?limit=1", HttpStatusCode.OK)).GetProperty("room");
        Assert.Equal((500, 800), (room.GetProperty("kept").GetInt64(), room.GetProperty("dropped").GetInt64()));
        Assert.Equal("press 1299", Text((await hostile.GetAsync("/api/v1/quarantine?limit=1", HttpStatusCode.OK)).GetProperty("items")[0], "asset"));
        await AppendAsync(hostile, [.. Enumerable.Range(0, 100).Select(i => Row($"{new string('x', 4_500)} {i}", 0, "1"))]);
        room = (await hostile.GetAsync("/api/v1/quarantine?limit=1", HttpStatusCode.OK)).GetProperty("room");
        Assert.InRange(room.GetProperty("bytes").GetInt64(), 200_000, 250_000);
        await AppendAsync(hostile, Row(new string('y', 100_000), 0, "1"));
        JsonElement longest = (await hostile.GetAsync("/api/v1/quarantine?limit=1", HttpStatusCode.OK)).GetProperty("items")[0];
        Assert.False(longest.GetProperty("whole").GetBoolean());
        Assert.Equal(4_096, Text(longest, "row").Length);
        JsonElement replayed = await (await hostile.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { ids = new[] { longest.GetProperty("id").GetGuid() } })).JsonAsync();
        Assert.Contains("Send it again from its source", Text(replayed.GetProperty("rows")[0], "reason"), StringComparison.Ordinal);
        await AppendAsync(hostile, """{"asset":"p","time":0,"values":{"\u0000\ud800":1},"\u0000":2}""");
        await hostile.PostAsync("/api/v2/write", new StringContent("a\0b x=1 1\nc x=1 1"), Ct);
        Assert.Equal(2, (await hostile.GetAsync("/api/v1/quarantine?door=line", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());

        JsonElement others = await own.GetAsync("/api/v1/quarantine", HttpStatusCode.OK);
        Assert.Equal((1, 0), (others.GetProperty("room").GetProperty("kept").GetInt64(), others.GetProperty("room").GetProperty("dropped").GetInt64()));
        Assert.Equal("press", Text(Assert.Single(others.GetProperty("items").EnumerateArray()), "asset"));

        Guid foreign = others.GetProperty("items")[0].GetProperty("id").GetGuid();
        Assert.Equal(0, (await (await hostile.SendAsync(HttpMethod.Delete, $"/api/v1/quarantine?id={foreign}")).JsonAsync()).GetProperty("rows").GetInt32());
        Assert.Equal("unknown", Text((await (await hostile.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { ids = new[] { foreign } })).JsonAsync()).GetProperty("rows")[0], "outcome"));
        Assert.Equal(HttpStatusCode.BadRequest, (await hostile.SendAsync(HttpMethod.Delete, "/api/v1/quarantine")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await hostile.SendAsync(HttpMethod.Delete, $"/api/v1/quarantine?all=true&id={foreign}")).StatusCode);
        Assert.Equal(2, (await (await hostile.SendAsync(HttpMethod.Delete, "/api/v1/quarantine?door=line")).JsonAsync()).GetProperty("rows").GetInt32());
        await (await hostile.SendAsync(HttpMethod.Delete, "/api/v1/quarantine?all=true")).JsonAsync();
        room = (await hostile.GetAsync("/api/v1/quarantine", HttpStatusCode.OK)).GetProperty("room");
        Assert.Equal((0, 0), (room.GetProperty("kept").GetInt64(), room.GetProperty("bytes").GetInt64()));
        Assert.Equal(1, (await own.GetAsync("/api/v1/quarantine", HttpStatusCode.OK)).GetProperty("room").GetProperty("kept").GetInt64());
    }

    // Checklist 18, 19 and 21: the good rows of a batch land, each bad one is kept with its reason.
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist18_19_21_RowsWithImpossibleTimesAndValues_AreQuarantinedAndMakeNoRange(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        (string Row, string Reason)[] bad =
        [
            (Row("p", 0, "1"), "Before 1990-01-01"), (Row("p", -1, "1"), "Before 1990-01-01"), (Row("p", now / 1000, "1"), "were seconds sent for milliseconds"),
            (Row("p", now * 1_000_000, "1"), "ahead of the server's clock"), (Row("p", 253_370_764_800_000, "1"), "ahead of the server's clock"),
            (Row("p", now + (3 * 86_400_000), "1"), "ahead of the server's clock"), (Row("p", now, "\"NaN\""), "not text"), (Row("p", now, "\"\""), "not text"),
            (Row("p", now, "\"true\""), "not text"), (Row("p", now, "\"1,5\""), "decimal point"), (Row("p", now, "1e400"), "Too large"),
        ];

        JsonElement answer = await (await AppendAsync(client, [.. bad.Select(row => row.Row), Row("p", now - 2, "1e308"), Row("p", now - 1, "null")])).JsonAsync();

        Assert.Equal((2, bad.Length), (answer.GetProperty("stored").GetInt32(), answer.GetProperty("quarantined").GetInt32()));
        JsonElement[] kept = [.. (await client.GetAsync("/api/v1/quarantine", HttpStatusCode.OK)).GetProperty("items").EnumerateArray()];
        Assert.Equal(bad.Length, kept.Length);
        Assert.All(bad, row => Assert.Contains(row.Reason, Text(Assert.Single(kept, one => Text(one, "row") == row.Row), "reason"), StringComparison.Ordinal));
        JsonElement latest = (await client.GetAsync("/api/v1/frames/latest", HttpStatusCode.OK)).GetProperty("items")[0];
        Assert.Equal(now - 1, latest.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        JsonElement frames = await client.GetAsync($"/api/v1/frames?asset=p&from=0&to={now + (4 * 86_400_000L)}", HttpStatusCode.OK);
        Assert.Equal("x=[1E+308,null]", Columns(frames));
    }

    [Fact]
    public async Task Checklist31_OneOrganizationFloods_IsHeldUpAndOthersAreNot()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { RequestsPerSecond = 10_000, ValuesPerSecond = 1_000 });
        (_, HttpClient flooding) = await server.OrganizationAsync("flooding");
        (_, HttpClient other) = await server.OrganizationAsync("other");
        long time = Noon;
        double[] alone = await TimesAsync(other, 60);
        string batch = string.Join(',', Enumerable.Range(0, 1_000).Select(i => Row("press", Noon + i, "1")));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        (int taken, int refused, int badRetry) = (0, 0, 0);
        Task flood = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using HttpResponseMessage answer = await AppendAsync(flooding, batch);
                    if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                    {
                        Interlocked.Increment(ref refused);
                        Interlocked.Add(ref badRetry, answer.Headers.RetryAfter?.Delta is { TotalSeconds: >= 1 } ? 0 : 1);
                    }
                    else
                    {
                        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                        Interlocked.Increment(ref taken);
                    }
                }
            },
            Ct)));
        // Twenty seconds' worth comes at once; then it is held up.
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(60), () => Task.FromResult(Volatile.Read(ref refused) > 50)), $"{taken} taken, {refused} refused");

        double[] beside = await TimesAsync(other, 60);
        await stop.CancelAsync();
        await flood;

        Assert.Equal(0, badRetry);
        Assert.InRange(taken, 20, 60);
        // The bound is generous: all of it runs on one small machine.
        Assert.True(beside[^1] < Math.Max(1_000, 10 * alone[^1]), $"the slowest of 60 took {beside[^1]:0} ms beside the flood, {alone[^1]:0} ms alone");
        HttpResponseMessage lines = await flooding.PostAsync("/api/v2/write?precision=ms", new StringContent($"a x=1 {Noon}"), Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, lines.StatusCode);
        Assert.Contains("more than 1000 values a second", await lines.RefusalAsync(HttpStatusCode.TooManyRequests), StringComparison.Ordinal);

        async Task<double[]> TimesAsync(HttpClient client, int count)
        {
            var times = new List<double>();
            for (int i = 0; i < count; i++)
            {
                long start = TimeProvider.System.GetTimestamp();
                using HttpResponseMessage answer = await AppendAsync(client, Row("oven", time++, "1"));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }

            return [.. times.Order()];
        }
    }

    private static string Row(string asset, long time, string x) =>
        string.Create(CultureInfo.InvariantCulture, $$$"""{"asset":"{{{asset}}}","time":{{{time}}},"values":{"x":{{{x}}}}}""");

    private static Task<HttpResponseMessage> AppendAsync(HttpClient client, params string[] rows) =>
        client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$"""{"frames":[{{string.Join(',', rows)}}]}""");

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static string Columns(JsonElement frames) => string.Join(' ', frames.GetProperty("signals").EnumerateArray()
        .Select(signal => $"{Text(signal, "name")}={signal.GetProperty("values").GetRawText()}").Order(StringComparer.Ordinal));

    private static async Task<HttpClient> KeyAsync(RunningServer server, HttpClient admin, string name)
    {
        JsonElement made = await (await admin.PostAsJsonAsync("/api/v1/api-keys", new { name, scopes = new[] { "frames:write" } }, Ct)).JsonAsync();
        HttpClient client = server.Anonymous();
        RunningServer.Authorize(client, Text(made, "key"));
        return client;
    }
}
