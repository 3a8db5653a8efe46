using System.Net;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class ConfigurationTests
{
    private const string Root = "/api/v1/organizations/current";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Get_NobodyChangedIt_GivesTheDefaultsOfTheContract(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        Assert.Equal(
            """{"modelPath":null,"version":null,"features":[],"thresholds":{"failureProbability":0.85,"confidenceThreshold":0.7},"componentMapping":{"0":"General Equipment","1":"Heating System"},"timeToFailureMinutes":8,"lagSeconds":[60,120,300],"rollingWindows":[180,300,600]}""",
            await client.GetStringAsync($"{Root}/ml-model-config", Ct));
        Assert.Equal("""{"pattern":"0 2 * * 0","timezone":"UTC","enabled":false}""", await client.GetStringAsync($"{Root}/training-schedule", Ct));
        Assert.Equal(
            """{"continuousColumns":[],"booleanColumns":[],"columnMapping":{},"lagSeconds":[60,120,300],"rollingWindows":[180,300,600],"targetColumn":null,"columnUnits":{}}""",
            await client.GetStringAsync($"{Root}/schema", Ct));
        Assert.Equal("""{"retentionDays":null,"unknownAssets":"accept"}""", await client.GetStringAsync($"{Root}/telemetry", Ct));
        Assert.Equal("""{"predictionEnabled":false,"modelVersion":null,"modelAccuracy":null,"lastTrainingDate":null,"recordedWithinMinutes":480}""", await client.GetStringAsync($"{Root}/prediction", Ct));
    }

    [Theory]
    [InlineData("ml-model-config", """{"thresholds":{"failureProbability":1.5}}""", "thresholds.failureProbability is 1.5; 0 to 1")]
    [InlineData("ml-model-config", """{"thresholds":{"failureProbability":1e400}}""", "thresholds")]
    [InlineData("ml-model-config", """{"modelPath":"/etc/passwd"}""", "modelPath is read only")]
    [InlineData("ml-model-config", """{"version":"v9"}""", "version is read only")]
    [InlineData("ml-model-config", """{"modelpath2":1}""", "modelpath2")]
    [InlineData("ml-model-config", """{"features":["pressure","nothing_lag_60s"]}""", "features[1]: 'nothing_lag_60s' is neither")]
    [InlineData("ml-model-config", """{"features":[null]}""", "features[0]")]
    [InlineData("ml-model-config", """{"lagSeconds":[60,0]}""", "lagSeconds[1] is 0 s; 1 to 604800")]
    [InlineData("ml-model-config", """{"rollingWindows":[60,60]}""", "rollingWindows: one stands twice")]
    [InlineData("ml-model-config", """{"componentMapping":{"x":"Pump"}}""", "componentMapping: 'x' is no index; 0 to 99")]
    [InlineData("ml-model-config", """{"timeToFailureMinutes":0}""", "timeToFailureMinutes is 0; more than 0")]
    [InlineData("training-schedule", """{"pattern":"0 2 * *"}""", "has 4 fields; 5 are needed")]
    [InlineData("training-schedule", """{"pattern":"60 2 * * 0"}""", "has '60' as minute; 0 to 59")]
    [InlineData("training-schedule", """{"pattern":"0 2 30 2 *"}""", "never comes")]
    [InlineData("training-schedule", """{"timezone":"Mars/Base"}""", "'Mars/Base' is no IANA time zone")]
    [InlineData("schema", """{"continuousColumns":["pressure","nothing"]}""", "continuousColumns[1]: 'nothing' is no signal")]
    [InlineData("schema", """{"continuousColumns":["running"]}""", "continuousColumns[0]: 'running' is a boolean signal; continuous or counter is needed")]
    [InlineData("schema", """{"booleanColumns":["B7"],"columnMapping":{"B7":"gone"}}""", "'gone' by columnMapping")]
    [InlineData("schema", """{"continuousColumns":["pressure","P"],"columnMapping":{"P":"pressure"}}""", "two columns are the signal 'pressure'")]
    [InlineData("schema", """{"targetColumn":"pressure"}""", "targetColumn: 'pressure' is a continuous signal; boolean")]
    [InlineData("telemetry", """{"retentionDays":0}""", "retentionDays is 0; 1 to 36500")]
    [InlineData("telemetry", """{"retentionDays":36501}""", "retentionDays is 36501; 1 to 36500")]
    [InlineData("telemetry", """{"retentionDays":1.5}""", "retentionDays")]
    [InlineData("telemetry", """{"unknownAssets":"ask"}""", "unknownAssets: 'ask' is neither accept nor refuse")]
    [InlineData("prediction", """{"modelAccuracy":0.99}""", "modelAccuracy is read only")]
    [InlineData("prediction", """{"predictionEnabled":"yes"}""", "predictionEnabled")]
    public async Task Put_Wrong_NamesFieldLimitAndValue(string section, string body, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = await WithSignalsAsync(server);
        string before = await client.GetStringAsync($"{Root}/{section}", Ct);

        string refusal = await (await client.SendAsync(HttpMethod.Put, $"{Root}/{section}", body)).RefusalAsync(HttpStatusCode.BadRequest);

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.Equal(before, await client.GetStringAsync($"{Root}/{section}", Ct));
    }

    [Theory]
    [InlineData("*/15 0-6,22 1,15 JAN-MAR MON-FRI")]
    [InlineData("0 2 * * 7")]
    [InlineData("5/10 * 29 2 *")]
    public async Task Put_CronOfAnyForm_IsTaken(string pattern)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        await (await client.SendAsync(HttpMethod.Put, $"{Root}/training-schedule", new { pattern, timezone = "Europe/Vienna", enabled = true })).JsonAsync();

        Assert.Equal(pattern, (await client.GetAsync($"{Root}/training-schedule", HttpStatusCode.OK)).GetProperty("pattern").GetString());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Undo_AfterChanges_GoesBackAndTellsWho(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        HttpClient client = await WithSignalsAsync(server);
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        string path = $"{Root}/ml-model-config";
        await (await client.SendAsync(HttpMethod.Post, $"{path}/undo")).RefusalAsync(HttpStatusCode.Conflict);
        HttpResponseMessage first = await client.SendAsync(HttpMethod.Put, path, """{"features":["pressure","pressure_rolling_300s_mean","hour_sin"],"thresholds":{"failureProbability":0.9}}""", ifMatch: "\"0\"");
        JsonElement one = await first.JsonAsync();
        Assert.Equal("\"1\"", first.Headers.ETag!.Tag);
        Assert.Equal(0.7, one.GetProperty("thresholds").GetProperty("confidenceThreshold").GetDouble());
        await (await client.SendAsync(HttpMethod.Put, path, """{"features":[]}""", ifMatch: "\"0\"")).RefusalAsync(HttpStatusCode.PreconditionFailed);
        await (await client.SendAsync(HttpMethod.Put, path, """{"features":["running"]}""", ifMatch: "\"1\"")).JsonAsync();

        JsonElement back = await (await client.SendAsync(HttpMethod.Post, $"{path}/undo")).JsonAsync();

        Assert.Equal(one.GetRawText(), back.GetRawText());
        JsonElement history = (await client.GetAsync($"{path}/history", HttpStatusCode.OK)).GetProperty("items");
        Assert.Equal([3, 2, 1], history.EnumerateArray().Select(item => item.GetProperty("revision").GetInt64()));
        Assert.All(history.EnumerateArray(), item => Assert.StartsWith("user ", item.GetProperty("changedBy").GetString(), StringComparison.Ordinal));
        JsonElement page = await client.GetAsync($"{path}/history?limit=2", HttpStatusCode.OK);
        Assert.Equal([1L], (await client.GetAsync($"{path}/history?limit=2&before={page.GetProperty("next").GetInt64()}", HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("revision").GetInt64()));
        await (await client.SendAsync(HttpMethod.Post, $"{path}/undo", new { revision = 77 })).RefusalAsync(HttpStatusCode.UnprocessableEntity);
        JsonElement defaults = await (await client.SendAsync(HttpMethod.Post, $"{path}/undo", new { revision = 0 })).JsonAsync();
        Assert.Equal((await stranger.GetAsync(path, HttpStatusCode.OK)).GetRawText(), defaults.GetRawText());
        Assert.Empty((await stranger.GetAsync($"{path}/history", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        Assert.Contains("CONFIGURATION_UNDONE", await client.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Signals_OfAsset_NearestOfEachNameCounts(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        HttpClient client = await WithSignalsAsync(server);
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, assetClass = "press" });
        Guid other = await client.CreateAsync("/api/v1/assets", new { name = "Lathe", parentId = site });
        Guid own = await client.CreateAsync("/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "kPa", label = "own", assetId = asset });
        await client.CreateAsync("/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "bar", label = "of class", assetClass = "press" });
        await client.CreateAsync("/api/v1/signals", new { name = "mode", kind = "state", states = new[] { "idle", "run" }, assetClass = "press" });

        Assert.Equal(["mode mode", "pressure own", "running running"], await LabelsAsync(client, asset));
        Assert.Equal(["pressure everybody's", "running running"], await LabelsAsync(client, other));
        Assert.Contains("another kind", await (await client.SendAsync(HttpMethod.Post, "/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "K", assetClass = "lathe" })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("name:", await (await client.SendAsync(HttpMethod.Post, "/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "bar" })).RefusalAsync(HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("unit: 'bar' measures nothing", await (await client.SendAsync(HttpMethod.Post, "/api/v1/signals", new { name = "b", kind = "boolean", unit = "bar" })).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("states has 1", await (await client.SendAsync(HttpMethod.Post, "/api/v1/signals", new { name = "b", kind = "state", states = new[] { "on" } })).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("letter", await (await client.SendAsync(HttpMethod.Post, "/api/v1/signals", new { name = "1; drop table signal", kind = "boolean" })).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        foreach ((HttpMethod method, object? body) in ((HttpMethod, object?)[])[(HttpMethod.Get, null), (HttpMethod.Patch, new { label = "mine" }), (HttpMethod.Delete, null)])
        {
            await Strangers.SameAsUnknownAsync(stranger, method, "/api/v1/signals/{0}", own, body);
        }

        await Strangers.SameAsUnknownAsync(stranger, HttpMethod.Get, "/api/v1/assets/{0}/signals", asset, null);
        await (await client.SendAsync(HttpMethod.Patch, $"/api/v1/signals/{own}", new { label = "new" }, ifMatch: "\"1\"")).JsonAsync(HttpStatusCode.NoContent);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/signals/{own}", ifMatch: "\"1\"")).RefusalAsync(HttpStatusCode.PreconditionFailed);
        await (await client.SendAsync(HttpMethod.Delete, $"/api/v1/signals/{own}", ifMatch: "\"2\"")).JsonAsync(HttpStatusCode.NoContent);
        Assert.Equal(["mode mode", "pressure of class", "running running"], await LabelsAsync(client, asset));
    }

    private static async Task<string[]> LabelsAsync(HttpClient client, Guid asset) =>
        [.. (await client.GetAsync($"/api/v1/assets/{asset}/signals", HttpStatusCode.OK)).EnumerateArray().Select(signal => $"{signal.GetProperty("name")} {signal.GetProperty("label")}")];

    private static async Task<HttpClient> WithSignalsAsync(RunningServer server)
    {
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await client.CreateAsync("/api/v1/signals", new { name = "pressure", kind = "continuous", unit = "bar", label = "everybody's" });
        await client.CreateAsync("/api/v1/signals", new { name = "running", kind = "boolean" });
        return client;
    }
}
