using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Flow.Settle;
using Auspex.Flow.Tests;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Auspex.Server.Tests;

public class PredictiveAlertsTests
{
    private static readonly string[] Signals = new PredictionColumns(["fan"]).Signals;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Predictions_FailureFollows_AreSettledListedCountedAndSpokenOf(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect, options => options with { Settle = new SettleOptions { Every = TimeSpan.FromMilliseconds(50) } });
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        JsonElement site = await JsonAsync(await client.PostAsJsonAsync("/api/v1/tree", new { kind = "site", name = "south" }, Ct));
        Guid oven = (await JsonAsync(await client.PostAsJsonAsync("/api/v1/assets", new { name = "oven", parentId = site.GetProperty("id").GetGuid() }, Ct))).GetProperty("id").GetGuid();
        using var package = new ByteArrayContent(OvenPackage.Make(wholeLife: false).ToArchive());
        package.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsync("/api/v1/models", package, Ct)).StatusCode);

        // What the live line would have said: a failure of the fan is coming since four minutes before it, and at another time for nothing.
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        DateTimeOffset failed = now.AddMinutes(-1);
        AssetId series = Series.PredictionsOf(new AssetId(oven.ToString()), PredictionTask.Failure);
        Frame Said(DateTimeOffset time, double probability) =>
            new(series, time.ToUnixTimeMilliseconds(), time.ToUnixTimeMilliseconds(), Signals, [probability, double.NaN, 7.5, 5, 10, 1, 0, probability]);
        await server.Server.Services.GetRequiredService<TelemetryStore>().AppendAsync(
            organization,
            [Said(now.AddHours(-20), .9), Said(now.AddHours(-20).AddMinutes(1), .1), Said(failed.AddMinutes(-4), .9), Said(failed.AddMinutes(-3), .97), Said(now, .1)], Ct);
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsJsonAsync(
            "/api/v1/events", new { kind = "failure", assetId = oven, startedAt = failed, component = "fan" }, Ct)).StatusCode);

        JsonElement items = default;
        await UntilAsync(async () =>
        {
            items = (await JsonAsync(await client.GetAsync("/api/v1/predictive-alerts", Ct))).GetProperty("items");
            JsonElement counted = (await JsonAsync(await client.GetAsync("/api/v1/predictive-alerts/statistics", Ct))).GetProperty("figures");
            return items.GetArrayLength() == 2 && items.EnumerateArray().All(item => Text(item, "outcome") != "open") && counted.GetProperty("failures").GetInt32() == 1;
        });
        JsonElement hit = items[0];
        Assert.Equal(
            ("PREDICTIVE", "fan", "hit", "v1.0.0", 240.0, .9, .97, 7.5),
            (Text(hit, "type"), Text(hit, "component"), Text(hit, "outcome"), Text(hit, "modelVersion"), hit.GetProperty("leadTimeSeconds").GetDouble(), hit.GetProperty("probability").GetDouble(),
                hit.GetProperty("highestProbability").GetDouble(), hit.GetProperty("timeToFailure").GetDouble()));
        Assert.Equal((organization, oven), (hit.GetProperty("organizationId").GetGuid(), hit.GetProperty("assetId").GetGuid()));
        Assert.Equal("false", Text(items[1], "outcome"));

        JsonElement statistics = await JsonAsync(await client.GetAsync("/api/v1/predictive-alerts/statistics", Ct));
        JsonElement figures = statistics.GetProperty("figures");
        Assert.Equal(
            (2, 1, 1, 1.0, .5, 240.0),
            (figures.GetProperty("alerts").GetInt32(), figures.GetProperty("caught").GetInt32(), figures.GetProperty("byOutcome").GetProperty("false").GetInt32(),
                figures.GetProperty("recall").GetProperty("value").GetDouble(), figures.GetProperty("precision").GetProperty("value").GetDouble(), figures.GetProperty("leadMedianSeconds").GetDouble()));
        Assert.Equal("fan", Text(Assert.Single(statistics.GetProperty("components").EnumerateArray()), "name"));
        Assert.Equal("v1.0.0", Text(Assert.Single(statistics.GetProperty("versions").EnumerateArray()), "name"));
        Assert.True(figures.GetProperty("assetDays").GetDouble() > 0);
        JsonElement none = (await JsonAsync(await client.GetAsync("/api/v1/predictive-alerts/statistics?version=v9.0.0", Ct))).GetProperty("figures");
        Assert.Equal((0, JsonValueKind.Null), (none.GetProperty("alerts").GetInt32(), none.GetProperty("precision").GetProperty("value").ValueKind));

        JsonElement trends = await JsonAsync(await client.GetAsync($"/api/v1/predictive-alerts/trends/summary?from={Uri.EscapeDataString(now.AddDays(-3).ToString("O"))}", Ct));
        Assert.Equal(2, trends.GetProperty("points").EnumerateArray().Sum(point => point.GetProperty("figures").GetProperty("alerts").GetInt32()));
        Assert.Equal((2, 0), (trends.GetProperty("figures").GetProperty("alerts").GetInt32(), trends.GetProperty("previous").GetProperty("alerts").GetInt32()));

        foreach ((string query, int count) in ((string, int)[])
        [
            ("?outcome=hit", 1), ("?outcome=averted", 0), ("?component=pump", 0), ($"?asset={oven}", 2), ($"?asset={Guid.NewGuid()}", 0), ("?version=v1.0.0", 2),
            ($"?from={Uri.EscapeDataString(now.AddHours(-1).ToString("O"))}", 1), ($"?to={Uri.EscapeDataString(now.AddHours(-1).ToString("O"))}", 1), ("/component/fan", 2), ("/component/pump", 0),
        ])
        {
            Assert.Equal((query, count), (query, (await JsonAsync(await client.GetAsync($"/api/v1/predictive-alerts{query}", Ct))).GetProperty("items").GetArrayLength()));
        }

        JsonElement first = await JsonAsync(await client.GetAsync("/api/v1/predictive-alerts?limit=1", Ct));
        JsonElement second = await JsonAsync(await client.GetAsync($"/api/v1/predictive-alerts?limit=1&cursor={Text(first, "next")}", Ct));
        Assert.Equal([Text(items[0], "id"), Text(items[1], "id")], [Text(first.GetProperty("items")[0], "id"), Text(second.GetProperty("items")[0], "id")]);
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);

        string one = $"/api/v1/predictive-alerts/{Text(items[1], "id")}";
        Assert.Equal(JsonValueKind.Null, (await JsonAsync(await client.GetAsync(one, Ct))).GetProperty("isAccurate").ValueKind);
        await JsonAsync(await client.PostAsJsonAsync($"{one}/feedback", new { isAccurate = true, note = "the belt was tightened" }, Ct));
        JsonElement said = await JsonAsync(await client.PostAsJsonAsync($"{one}/feedback", new { isAccurate = false, note = "it was the door" }, Ct));
        Assert.Equal((false, "it was the door"), (said.GetProperty("isAccurate").GetBoolean(), Text(said, "feedbackNote")));
        Assert.Equal(2, (await JsonAsync(await client.GetAsync("/api/v1/audit?limit=100", Ct))).GetProperty("items").EnumerateArray().Count(entry => Text(entry, "action") == "FEEDBACK"));
    }

    [Fact]
    public async Task Requests_NotAsTheyShouldBe_AreRefusedByName()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        foreach (string query in (string[])
        [
            "?outcome=lost", "?limit=0", "?limit=1001", "?cursor=nonsense", "?asset=oven", "?from=yesterday", "/trends/summary?by=year", "/trends/summary?from=1970-01-01T00:00:00Z",
            "/statistics?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "/trends/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", $"?component={new string('c', 121)}",
        ])
        {
            Assert.Equal((query, HttpStatusCode.BadRequest), (query, (await client.GetAsync($"/api/v1/predictive-alerts{query}", Ct)).StatusCode));
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync($"/api/v1/predictive-alerts/{Guid.NewGuid()}/feedback", new { note = "no verdict" }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync($"/api/v1/predictive-alerts/{Guid.NewGuid()}/feedback", new { isAccurate = true, note = new string('n', 2_001) }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true, recordedWithinMinutes = 43_201 }, Ct)).StatusCode);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }
}
