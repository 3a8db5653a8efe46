using System.Globalization;
using System.Net;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Tests;

public class DataQualityTests
{
    private const long Hour = 3_600_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // A whole hour that is over.
    private static long Past => (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / Hour * Hour) - (3 * Hour);

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Rules_OnIngest_TellTheQualityAndKeepTheValue(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (Guid press, _) = await PlantAsync(client);
        await RuleAsync(client, new { name = "hot", kind = "range", signal = "temperature", low = 0, high = 100, quality = "bad" });
        await RuleAsync(client, new { name = "jump", kind = "rate", signal = "temperature", perSecond = 1, quality = "uncertain" });
        await RuleAsync(client, new { name = "oven only", kind = "range", signal = "temperature", high = -1000, assetClass = "oven" });
        await RuleAsync(client, new { name = "off", kind = "range", signal = "temperature", high = -1000, enabled = false });
        await RuleAsync(client, new { name = "flow", kind = "expression", expression = "not pump or pressure > 2", signal = "pressure" });
        await RuleAsync(client, new { name = "mode", kind = "states", signal = "mode", allowed = new[] { 0, 1 }, assetId = press });
        long t = Past;
        await SettledAsync(client, t - 1000);

        await AppendAsync(client, Row("press", t, "\"temperature\":20,\"pump\":true,\"pressure\":3,\"mode\":0"));
        JsonElement answer = await AppendAsync(client,
            Row("press", t + 1000, "\"temperature\":20.5,\"pump\":true,\"pressure\":1,\"mode\":2"), Row("press", t + 2000, "\"temperature\":30,\"pump\":false,\"pressure\":1,\"mode\":1"),
            Row("press", t + 3000, "\"temperature\":130"), Row("press", t + 4000, "\"temperature\":null"), Row("oven", t, "\"temperature\":20"), Row("stranger", t, "\"temperature\":500"));

        Assert.Equal((6, 0), (answer.GetProperty("stored").GetInt32(), answer.GetProperty("rejected").GetArrayLength()));
        JsonElement frames = await client.GetAsync($"/api/v1/frames?asset=press&from={t}&to={t + 10_000}", HttpStatusCode.OK);
        Assert.Equal("[20,20.5,30,130,null]", Column(frames, "temperature", "values"));
        Assert.Equal("[\"good\",\"good\",\"uncertain\",\"bad\",\"bad\"]", Column(frames, "temperature", "quality"));
        Assert.Equal("[\"good\",\"bad\",\"good\",\"absent\",\"absent\"]", Column(frames, "pressure", "quality"));
        Assert.Equal("[\"good\",\"bad\",\"good\",\"absent\",\"absent\"]", Column(frames, "mode", "quality"));
        Assert.Equal("[\"bad\"]", Column(await client.GetAsync($"/api/v1/frames?asset=oven&from={t}&to={t + 10_000}", HttpStatusCode.OK), "temperature", "quality"));
        Assert.Equal("[\"bad\"]", Column(await client.GetAsync($"/api/v1/frames?asset=stranger&from={t}&to={t + 10_000}", HttpStatusCode.OK), "temperature", "quality"));

        JsonElement page = await client.GetAsync($"/api/v1/assets/{press}/quality?from={t}&to={t + 1}", HttpStatusCode.OK);
        JsonElement hour = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal(t, hour.GetProperty("from").GetDateTimeOffset().ToUnixTimeMilliseconds());
        Assert.Equal(5, hour.GetProperty("frames").GetInt32());
        Assert.Equal(["flow 1", "hot 1", "jump 2", "mode 1"], hour.GetProperty("brokenRules").EnumerateArray().Select(one => $"{Text(one, "name")} {one.GetProperty("samples").GetInt32()}"));
        JsonElement temperature = hour.GetProperty("signals").EnumerateArray().Single(signal => Text(signal, "signal") == "temperature");
        Assert.Equal((5, 2, 1, 2, 1), (Int(temperature, "samples"), Int(temperature, "good"), Int(temperature, "uncertain"), Int(temperature, "bad"), Int(temperature, "missing")));
        Assert.Equal("E", Text(hour, "grade"));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Rules_MadeChangedAndRemoved_AreWhatIsListed(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("stranger");
        await PlantAsync(client);
        Guid id = await RuleAsync(client, new { name = "b", kind = "flat", signal = "temperature", seconds = 600 });
        await RuleAsync(client, new { name = "a", kind = "completeness", signal = "temperature", samplesAnHour = 60, share = 0.9 });

        JsonElement page = await client.GetAsync("/api/v1/quality-rules?limit=1", HttpStatusCode.OK);
        Assert.Equal("a", Text(page.GetProperty("items")[0], "name"));
        JsonElement rest = await client.GetAsync($"/api/v1/quality-rules?cursor={Text(page, "next")}", HttpStatusCode.OK);
        Assert.Equal(id, Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal(0, (await stranger.GetAsync("/api/v1/quality-rules", HttpStatusCode.OK)).GetProperty("items").GetArrayLength());
        var changed = new { name = "b", kind = "flat", signal = "temperature", seconds = 60 };
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await client.SendAsync(HttpMethod.Put, $"/api/v1/quality-rules/{id}", changed, ifMatch: "\"7\"")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(HttpMethod.Put, $"/api/v1/quality-rules/{id}", changed, ifMatch: "\"1\"")).StatusCode);
        Assert.Equal(60, (await client.GetAsync($"/api/v1/quality-rules/{id}", HttpStatusCode.OK)).GetProperty("seconds").GetDouble());
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(HttpMethod.Delete, $"/api/v1/quality-rules/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(HttpMethod.Delete, $"/api/v1/quality-rules/{id}")).StatusCode);

        foreach ((object body, string says) in ((object, string)[])
        [
            (new { name = "r", kind = "range", signal = "temperature" }, "low, high"),
            (new { name = "r", kind = "range", signal = "temperature", low = 5, high = 4 }, "low is 5; it must not be more than high, which is 4"),
            (new { name = "r", kind = "range", signal = "pump", low = 5 }, "'pump' is a boolean signal"),
            (new { name = "r", kind = "range", signal = "none", low = 5 }, "'none' is no signal"),
            (new { name = "r", kind = "range", low = 5 }, "signal is missing"),
            (new { name = "r", kind = "rate", signal = "temperature", perSecond = 0 }, "perSecond is 0; more than 0 is taken"),
            (new { name = "r", kind = "rate", signal = "temperature", perSecond = 1, low = 3 }, "low says nothing to a rule of rate"),
            (new { name = "r", kind = "flat", signal = "temperature", seconds = 604_801 }, "seconds is 604801; 1 to 604800"),
            (new { name = "r", kind = "completeness", signal = "temperature", samplesAnHour = 1, share = 1.5 }, "share is 1.5"),
            (new { name = "r", kind = "states", signal = "mode", allowed = Array.Empty<double>() }, "allowed is empty"),
            (new { name = "r", kind = "expression", expression = "pressure +" }, "expression cannot be read: column"),
            (new { name = "r", kind = "expression", expression = "pressure * 2" }, "expression is a number"),
            (new { name = "r", kind = "expression", expression = "1 < 2" }, "names no signal"),
            (new { name = "r", kind = "expression", expression = "pressure > temperature" }, "column"),
            (new { name = "r", kind = "expression", expression = "pressure > 2", signal = "pump" }, "not named by the expression"),
            (new { name = "r", kind = "range", signal = "temperature", low = 1, assetId = Guid.NewGuid(), assetClass = "oven" }, "leave one out"),
        ])
        {
            Assert.Contains(says, await (await client.SendAsync(HttpMethod.Post, "/api/v1/quality-rules", body)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        }

        Assert.Contains("no such asset", await (await client.SendAsync(HttpMethod.Post, "/api/v1/quality-rules", new { name = "r", kind = "range", signal = "temperature", low = 1, assetId = Guid.NewGuid() }))
            .RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Mapping_WithUnits_IsAppliedToBothProtocolsAndRowsThatDoNotFitAreQuarantined(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await PlantAsync(client);
        await PutSchemaAsync(client, new { columnMapping = new { t1 = "temperature", t2 = "temperature", p = "pressure" }, columnUnits = new { t1 = "°F", p = "kPa" } });
        long t = Past;
        await MappedAsync(client, t - 1000, "t1", "temperature");

        JsonElement answer = await AppendAsync(client,
            Row("press", t, "\"t1\":212,\"p\":250,\"other\":7"), Row("press", t + 1000, "\"t1\":32,\"t2\":5"), Row("press", t + 2000, "\"t1\":null,\"p\":1e308"), Row("press", t + 3000, "\"t1\":50"));
        await client.PostAsync("/api/v2/write?precision=ms", new StringContent($"m,asset=press t1=-40,p=100 {t + 4000}"), Ct);

        JsonElement frames = await client.GetAsync($"/api/v1/frames?asset=press&from={t}&to={t + 10_000}", HttpStatusCode.OK);
        Assert.Equal(["other", "pressure", "temperature"], frames.GetProperty("signals").EnumerateArray().Select(signal => Text(signal, "name")).Order(StringComparer.Ordinal));
        Assert.Equal("[100,null,10,-40]", Column(frames, "temperature", "values"));
        Assert.Equal("[2.5,1E+306,null,1]", Column(frames, "pressure", "values"));
        JsonElement rejected = Assert.Single(answer.GetProperty("rejected").EnumerateArray());
        Assert.Equal((1, "values.t2"), (rejected.GetProperty("index").GetInt32(), Text(rejected, "field")));
        Assert.Contains("'t1' and 't2' are both the signal 'temperature'", Text(rejected, "reason"), StringComparison.Ordinal);

        // Mapped elsewhere, the row is good.
        await PutSchemaAsync(client, new { columnMapping = new { t1 = "temperature" }, columnUnits = new { t1 = "K" } });
        await MappedAsync(client, t - 2000, "p", "p");
        JsonElement replayed = await (await client.SendAsync(HttpMethod.Post, "/api/v1/quarantine/replay", new { filter = new { } })).JsonAsync();
        Assert.Equal(1, replayed.GetProperty("stored").GetInt32());
        frames = await client.GetAsync($"/api/v1/frames?asset=press&from={t + 1000}&to={t + 1001}", HttpStatusCode.OK);
        Assert.Equal("[-241.14999999999998]", Column(frames, "temperature", "values"));

        foreach ((object units, string says) in ((object, string)[])
        [
            (new { temperature = "furlong" }, "columnUnits['temperature']: 'furlong' cannot be converted to °C"), (new { temperature = "bar" }, "'bar' cannot be converted to °C"),
            (new { pump = "bar" }, "is no unit of a boolean signal"), (new { nothing = "K" }, "the column is no signal"), (new { temperature = "" }, "is blank"), (new { plain = "K" }, "declared without a unit"),
        ])
        {
            Assert.Contains(says, await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/schema", new { columnUnits = units })).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Checklist25_MappingChangedAmidConcurrentWrites_EachBatchIsWhollyByOneRevision()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { RequestsPerSecond = 10_000 });
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await PlantAsync(client);
        foreach (string name in (string[])["a1", "b1", "a2", "b2"])
        {
            await client.CreateAsync("/api/v1/signals", new { name, kind = "continuous", unit = "m" });
        }

        var one = new { columnMapping = new { a = "a1", b = "b1" }, columnUnits = new { a = "m", b = "mm" } };
        var two = new { columnMapping = new { a = "a2", b = "b2" }, columnUnits = new { a = "mm", b = "m" } };
        await PutSchemaAsync(client, one);
        await MappedAsync(client, Past - 1000, "a", "a1");
        long t = Past;
        int next = 0;
        bool done = false;
        Task[] writers =
        [
            .. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                while (!Volatile.Read(ref done))
                {
                    long from = t + (10L * Interlocked.Increment(ref next));
                    await AppendAsync(client, [.. Enumerable.Range(0, 10).Select(i => Row("press", from + i, "\"a\":1000,\"b\":1000"))]);
                }
            }, Ct)),
        ];
        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Ct);
            await PutSchemaAsync(client, i % 2 == 0 ? two : one);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(1_200), TimeProvider.System, Ct);
        Volatile.Write(ref done, true);
        await Task.WhenAll(writers);

        var kinds = new Dictionary<string, int>(StringComparer.Ordinal);
        long at = t;
        while (true)
        {
            JsonElement page = await client.GetAsync($"/api/v1/frames?asset=press&from={at}&to={t + 10_000_000}&limit=10000", HttpStatusCode.OK);
            long[] times = [.. page.GetProperty("timesUnixMs").EnumerateArray().Select(time => time.GetInt64())];
            string[] shown = [.. times.Select((_, row) => string.Join(' ', page.GetProperty("signals").EnumerateArray()
                .Where(signal => signal.GetProperty("values")[row].ValueKind == JsonValueKind.Number)
                .Select(signal => $"{Text(signal, "name")}={signal.GetProperty("values")[row].GetRawText()}").Order(StringComparer.Ordinal)))];
            foreach (IGrouping<long, string> batch in times.Zip(shown).GroupBy(pair => (pair.First - t) / 10, pair => pair.Second))
            {
                Assert.Single(batch.Distinct());
                kinds[batch.First()] = kinds.GetValueOrDefault(batch.First()) + 1;
            }

            if (page.GetProperty("next").ValueKind == JsonValueKind.Null)
            {
                break;
            }

            // Batches are ten milliseconds each; a page may end inside one.
            at = (long.Parse(Text(page, "next"), CultureInfo.InvariantCulture) - t) / 10 * 10 + t;
        }

        Assert.Equal(["a1=1000 b1=1", "a2=1 b2=1000"], kinds.Keys.Order(StringComparer.Ordinal));
        Assert.All(kinds.Values, count => Assert.True(count >= 5, $"{count}"));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist22And23_Status_NamesMissingStaleAndFlatSignals(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid plant, HttpClient client) = await server.OrganizationAsync("plant");
        (Guid press, Guid oven) = await PlantAsync(client);
        await PutSchemaAsync(client, new { continuousColumns = new[] { "t1", "pressure" }, booleanColumns = new[] { "pump" }, columnMapping = new { t1 = "temperature" } });
        await RuleAsync(client, new { name = "stuck", kind = "flat", signal = "temperature", seconds = 60 });
        await RuleAsync(client, new { name = "fresh", kind = "freshness", signal = "pressure", seconds = 120 });
        await MappedAsync(client, Past, "t1", "temperature");
        Assert.Equal("silent", Text(await client.GetAsync($"/api/v1/assets/{oven}/status", HttpStatusCode.OK), "state"));
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        await AppendAsync(client, [Row("press", now - 3_000_000, "\"t1\":5,\"pressure\":3,\"pump\":true"), .. Enumerable.Range(0, 8).Select(i => Row("press", now - 80_000 + (i * 10_000), "\"t1\":21.5"))]);

        JsonElement status = await client.GetAsync($"/api/v1/assets/{press}/status", HttpStatusCode.OK);
        Assert.Equal("degraded", Text(status, "state"));
        Assert.Equal("[\"pressure\",\"pump\"]", status.GetProperty("missingSignals").GetRawText());
        Assert.Equal("[\"pressure\"]", status.GetProperty("staleSignals").GetRawText());
        Assert.Equal("[\"temperature\"]", status.GetProperty("flatSignals").GetRawText());
        Assert.Equal("[]", status.GetProperty("predictionsDegraded").GetRawText());
        Assert.InRange(status.GetProperty("ageSeconds").GetDouble(), 9.9, 60);

        await AppendAsync(client, Row("press", now - 5_000, "\"t1\":22,\"pressure\":3,\"pump\":true"));
        status = await client.GetAsync($"/api/v1/assets/{press}/status", HttpStatusCode.OK);
        Assert.Equal("running", Text(status, "state"));

        // A prediction that lacked signals.
        var telemetry = (TelemetryStore)server.Server.Services.GetService(typeof(TelemetryStore))!;
        await telemetry.AppendAsync(plant, [new Frame(Series.PredictionsOf(new AssetId("press"), PredictionTask.Failure), now, now, ["probability", "degraded"], [0.5, 1])], Ct);
        await telemetry.AppendAsync(plant, [new Frame(Series.PredictionsOf(new AssetId(press.ToString()), PredictionTask.Failure), now, now, ["probability", "degraded"], [0.5, 1])], Ct);
        JsonElement lacking = await client.GetAsync($"/api/v1/assets/{press}/status", HttpStatusCode.OK);
        Assert.Equal(("degraded", "[\"failure\"]"), (Text(lacking, "state"), lacking.GetProperty("predictionsDegraded").GetRawText()));
        Assert.Equal("[][][]", status.GetProperty("missingSignals").GetRawText() + status.GetProperty("staleSignals").GetRawText() + status.GetProperty("flatSignals").GetRawText());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Report_OverAssets_IsWorstFirstAndOfTheOrganizationAlone(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("stranger");
        (Guid press, Guid oven) = await PlantAsync(client);
        await PlantAsync(stranger);
        long t = Past;
        await AppendAsync(client, [.. Enumerable.Range(0, 60).Select(i => Row("oven", t + (i * 60_000), "\"temperature\":1"))]);
        await AppendAsync(client, [.. Enumerable.Range(0, 30).Select(i => Row("press", t + (i * 60_000), "\"temperature\":1"))]);

        JsonElement report = await client.GetAsync($"/api/v1/quality/report?from={t}&to={t + Hour}&limit=1", HttpStatusCode.OK);
        JsonElement worst = Assert.Single(report.GetProperty("items").EnumerateArray());
        Assert.Equal((press, 60), (worst.GetProperty("assetId").GetGuid(), worst.GetProperty("frames").GetInt64() * 2));
        // Checklist 17: what came late is stored, and counted for the organization.
        Assert.Equal((90, 90), (report.GetProperty("frames").GetInt64(), report.GetProperty("late").GetInt64()));
        JsonElement rest = await client.GetAsync($"/api/v1/quality/report?from={t}&to={t + Hour}&cursor={Text(report, "next")}", HttpStatusCode.OK);
        JsonElement best = Assert.Single(rest.GetProperty("items").EnumerateArray());
        // The frames arrived hours after they were measured: all of them are late.
        Assert.Equal((oven, 85.0, "B"), (best.GetProperty("assetId").GetGuid(), best.GetProperty("score").GetDouble(), Text(best, "grade")));
        Assert.Equal(0, (await stranger.GetAsync($"/api/v1/quality/report?from={t}&to={t + Hour}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Sum(one => one.GetProperty("frames").GetInt32()));

        // Hours a page at a time are those of one page.
        JsonElement all = (await client.GetAsync($"/api/v1/assets/{press}/quality?from={t}&to={t + (3 * Hour)}", HttpStatusCode.OK)).GetProperty("items");
        JsonElement first = await client.GetAsync($"/api/v1/assets/{press}/quality?from={t}&to={t + (3 * Hour)}&limit=1", HttpStatusCode.OK);
        JsonElement others = await client.GetAsync($"/api/v1/assets/{press}/quality?to={t + (3 * Hour)}&cursor={Text(first, "next")}", HttpStatusCode.OK);
        Assert.Equal(all.EnumerateArray().Select(hour => hour.GetRawText()), first.GetProperty("items").EnumerateArray().Concat(others.GetProperty("items").EnumerateArray()).Select(hour => hour.GetRawText()));
        Assert.Contains("hours of 2 assets", await (await client.GetAsync("/api/v1/quality/report?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", Ct)).RefusalAsync(HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
        Assert.Contains("no frame is older", await (await client.GetAsync($"/api/v1/assets/{press}/quality?from=1970-01-01T00:00:00Z", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    private static async Task<(Guid Press, Guid Oven)> PlantAsync(HttpClient client)
    {
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "site" });
        await client.CreateAsync("/api/v1/signals", new { name = "temperature", kind = "continuous", unit = "°C" });
        await client.CreateAsync("/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "bar" });
        await client.CreateAsync("/api/v1/signals", new { name = "plain", kind = "continuous" });
        await client.CreateAsync("/api/v1/signals", new { name = "pump", kind = "boolean" });
        await client.CreateAsync("/api/v1/signals", new { name = "mode", kind = "state", states = new[] { "idle", "run", "fault" } });
        return (await client.CreateAsync("/api/v1/assets", new { name = "press", externalName = "press", parentId = site }),
            await client.CreateAsync("/api/v1/assets", new { name = "oven", externalName = "oven", assetClass = "oven", parentId = site }));
    }

    private static Task<Guid> RuleAsync(HttpClient client, object rule) => client.CreateAsync("/api/v1/quality-rules", rule);

    private static async Task PutSchemaAsync(HttpClient client, object schema) =>
        await (await client.SendAsync(HttpMethod.Put, "/api/v1/organizations/current/schema", schema)).JsonAsync();

    // Rules act within a second.
    private static async Task SettledAsync(HttpClient client, long time) => Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(5), async () =>
    {
        await AppendAsync(client, Row("oven", time, "\"temperature\":-5"));
        await AppendAsync(client, Row("oven", time, "\"temperature\":-6"));
        return Column(await client.GetAsync($"/api/v1/frames?asset=oven&from={time}&to={time + 1}", HttpStatusCode.OK), "temperature", "quality") == "[\"bad\"]";
    }));

    // And mappings.
    private static async Task MappedAsync(HttpClient client, long time, string column, string signal) => Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(5), async () =>
    {
        await AppendAsync(client, Row($"probe {time}", time, $"\"{column}\":1"));
        JsonElement frames = await client.GetAsync($"/api/v1/frames?asset=probe%20{time}&from={time}&to={time + 1}", HttpStatusCode.OK);
        return frames.GetProperty("signals").EnumerateArray().Any(one => Text(one, "name") == signal && one.GetProperty("values")[0].ValueKind == JsonValueKind.Number);
    }));

    private static string Row(string asset, long time, string values) => string.Create(CultureInfo.InvariantCulture, $$"""{"asset":"{{asset}}","time":{{time}},"values":{ {{values}} } }""");

    private static async Task<JsonElement> AppendAsync(HttpClient client, params string[] rows) =>
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", $$"""{"frames":[{{string.Join(',', rows)}}]}""")).JsonAsync();

    private static string Column(JsonElement frames, string name, string part) =>
        frames.GetProperty("signals").EnumerateArray().Single(signal => Text(signal, "name") == name).GetProperty(part).GetRawText();

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static int Int(JsonElement row, string name) => row.GetProperty(name).GetInt32();
}
