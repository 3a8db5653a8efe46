using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Flow;
using Auspex.Flow.Tests;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class PredictionsTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Frames_ModelDeployedAndPredictionsOn_AreJudgedExplainedAndKeptOverAStart(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid oven = await AssetAsync(client, "oven-1");
        JsonElement added = await OkAsync(await AddAsync(client, OvenPackage.Make(wholeLife: true).ToArchive()), HttpStatusCode.Created);
        Assert.Equal(("v1.0.0", "candidate", "failure"), (Text(added, "version"), Text(added, "stage"), Text(added, "task")));
        Assert.Equal("active", Text(await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version = "v1.0.0" }, Ct)), "stage"));
        await SendAsync(client, 0, 30);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/assets/{oven}/predictions/latest", Ct)).StatusCode);

        await OkAsync(await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true }, Ct));
        await UntilAsync(async () => (await StatusAsync(client)).GetProperty("active")[0].GetProperty("loaded").GetBoolean());
        await SendAsync(client, 30, 60);
        JsonElement latest = await JudgedAsync(client, oven, Noon + (59 * 30_000));
        Assert.InRange(latest.GetProperty("probability").GetDouble(), 0, 1);
        Assert.Equal(("v1.0.0", "fan", "failure"), (Text(latest, "modelVersion"), Text(latest, "predictedComponent"), Text(latest, "task")));
        Assert.Equal(oven, latest.GetProperty("assetId").GetGuid());
        Assert.True(latest.GetProperty("ageSeconds").GetDouble() > 3_600); // its frame is of that day's noon
        Assert.Equal("healthy", Text(latest.GetProperty("metadata"), "modelHealth"));

        Assert.Equal("{\"status\":\"ready\"}", await server.Client.GetStringAsync("/api/health/prediction-service", Ct));
        JsonElement metrics = (await OkAsync(await client.GetAsync("/api/v1/ml/models/metrics", Ct))).GetProperty("items")[0];
        Assert.True(metrics.GetProperty("loadTime").GetDouble() > 0 && metrics.GetProperty("memoryUsage").GetInt64() > 10_000, metrics.ToString());
        Assert.True(metrics.GetProperty("predictions").GetInt64() >= 30 && metrics.GetProperty("hitRate").GetDouble() > 0.9, metrics.ToString());
        double[] latencies = [.. ((string[])["p50", "p95", "p99"]).Select(name => metrics.GetProperty("predictionLatency").GetProperty(name).GetDouble())];
        Assert.Equal(latencies.Order(), latencies);
        Assert.Equal(JsonValueKind.Null, metrics.GetProperty("accuracy").ValueKind);
        JsonElement circuit = (await OkAsync(await client.GetAsync("/api/v1/ml/circuits", Ct))).GetProperty("items")[0];
        Assert.Equal(("model v1.0.0", "CLOSED", 0), (Text(circuit, "scope"), Text(circuit, "state"), circuit.GetProperty("failureCount").GetInt32()));
        JsonElement cache = await OkAsync(await server.Client.GetAsync("/api/health/model-cache", Ct));
        Assert.Equal(("ready", 1, metrics.GetProperty("memoryUsage").GetInt64()), (Text(cache, "status"), cache.GetProperty("models").GetInt32(), cache.GetProperty("memoryUsage").GetInt64()));
        JsonElement explained = await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions/explained", Ct));
        Assert.Equal(latest.GetProperty("probability").GetDouble(), explained.GetProperty("probability").GetDouble());
        Assert.NotEmpty(explained.GetProperty("reasons").EnumerateArray());
        Assert.Equal(explained.GetProperty("metadata").GetProperty("featureCount").GetInt32(), explained.GetProperty("features").EnumerateObject().Count());

        // A signal that is missing degrades what is said, by name.
        await OkAsync(await client.PostAsJsonAsync("/api/v1/frames", new { frames = new[] { new { asset = "oven-1", time = Noon + (60 * 30_000), values = new { heat = 70.0 } } } }, Ct));
        Assert.Equal("degraded", Text((await JudgedAsync(client, oven, Noon + (60 * 30_000))).GetProperty("metadata"), "modelHealth"));
        JsonElement missing = (await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions/explained", Ct))).GetProperty("metadata").GetProperty("missing");
        Assert.Equal(["load", "door"], missing.EnumerateArray().Select(name => name.GetString()!));

        string range = $"from={Noon}&to={Noon + (61 * 30_000)}";
        JsonElement before = await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions?{range}&limit=20", Ct));
        Assert.Equal(20, before.GetProperty("items").GetArrayLength());
        JsonElement rest = await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions?{range}&limit=20&cursor={Text(before, "next")}", Ct));
        Assert.Equal(11, rest.GetProperty("items").GetArrayLength());

        await server.StartAgainAsync();
        client.Dispose();
        client = await server.InAsync("plant");
        JsonElement after = await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions?{range}&limit=20", Ct));
        static IEnumerable<string> Said(JsonElement page) =>
            page.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("timestamp")} {item.GetProperty("probability")} {item.GetProperty("components")} {item.GetProperty("judgedAt")}");
        Assert.Equal(Said(before), Said(after));
        await SendAsync(client, 61, 70);
        await JudgedAsync(client, oven, Noon + (69 * 30_000));
        // What the line writes is no asset of its own, and is read by no name a sender could make up.
        Assert.Equal(0, (await OkAsync(await client.GetAsync("/api/v1/frames/latest?asset=oven-1%1Fprediction0", Ct))).GetProperty("items").GetArrayLength());
        foreach (string route in (string[])["frames", "frames/chart", "frames/export"])
        {
            Assert.NotEqual(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/{route}?asset=oven-1%1Fprediction0&{range}", Ct)).StatusCode);
        }

        Assert.Equal(1, (await OkAsync(await client.GetAsync("/api/v1/frames/latest", Ct))).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Deploy_PackageThatDoesNotOpen_IsToldAndFramesGoOn()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        Guid oven = await AssetAsync(client, "oven-1");
        await OkAsync(await AddAsync(client, OvenPackage.Make(false).ToArchive()), HttpStatusCode.Created);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(server.Folder, "artefacts", organization.ToString())))
        {
            byte[] bytes = await File.ReadAllBytesAsync(file, Ct);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, Ct);
        }

        await OkAsync(await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true }, Ct));
        await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version = "v1.0.0" }, Ct));
        await SendAsync(client, 0, 5);
        Assert.False((await StatusAsync(client)).GetProperty("active")[0].GetProperty("loaded").GetBoolean());
        JsonElement failed = (await StatusAsync(client)).GetProperty("active")[0];
        Assert.Equal("failed", Text(failed, "health"));
        JsonElement[] loads = [.. (await OkAsync(await client.GetAsync("/api/v1/audit?limit=1000", Ct))).GetProperty("items").EnumerateArray().Where(line => Text(line, "action") == "MODEL_LOAD")];
        Assert.Equal(["model v1.0.0"], loads.Select(line => Text(line, "resource")));
        Assert.Contains("failed", loads[0].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Folder, Text(failed, "fault")!, StringComparison.Ordinal);
        Assert.True((await OkAsync(await client.GetAsync("/api/v1/ml/circuits", Ct))).GetProperty("items")[0].GetProperty("failureCount").GetInt32() >= 1);
        Assert.Equal("{\"status\":\"degraded\"}", await server.Client.GetStringAsync("/api/health/prediction-service", Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/assets/{oven}/predictions/latest", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync($"/api/v1/assets/{oven}/predictions/explained", Ct)).StatusCode);
        await UntilAsync(async () => (await StatusAsync(client)).GetProperty("rowsBehind").GetInt64() == 0);
    }

    [Fact]
    public async Task Predict_ManyAssets_EachIsAnsweredOrSaysWhyNotAndTheAskingIsAudited()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        Guid strangers = await AssetAsync(other, "oven-1");
        client.Dispose();
        client = await server.InAsync("plant");
        Guid oven = await AssetAsync(client, "oven-1");
        Guid silent = await AssetAsync(client, "oven-2");
        HttpResponseMessage none = await client.PostAsJsonAsync("/api/v1/predictions", new { assets = new[] { oven } }, Ct);
        Assert.Equal(HttpStatusCode.Conflict, none.StatusCode);
        await OkAsync(await AddAsync(client, OvenPackage.Make(false).ToArchive()), HttpStatusCode.Created);
        await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version = "v1.0.0" }, Ct));
        await OkAsync(await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true }, Ct));
        await SendAsync(client, 0, 20);
        await UntilAsync(async () => (await StatusAsync(client)).GetProperty("active")[0].GetProperty("loaded").GetBoolean());
        JsonElement explained = await OkAsync(await client.GetAsync($"/api/v1/assets/{oven}/predictions/explained", Ct));
        string[] assets = [oven.ToString(), silent.ToString(), strangers.ToString(), Guid.NewGuid().ToString(), "oven-1", oven.ToString().ToUpperInvariant()];
        JsonElement items = (await OkAsync(await client.PostAsJsonAsync("/api/v1/predictions", new { assets, task = "failure" }, Ct))).GetProperty("items");
        Assert.Equal(assets, items.EnumerateArray().Select(item => Text(item, "assetId")!));
        Assert.Equal(explained.GetProperty("probability").GetDouble(), items[0].GetProperty("prediction").GetProperty("probability").GetDouble());
        Assert.Equal("v1.0.0", Text(items[0].GetProperty("prediction"), "modelVersion"));
        Assert.Equal(
            [null, "The asset has no frames to judge.", "There is no such asset.", "There is no such asset.", "There is no such asset.", "It stands in the list already."],
            items.EnumerateArray().Select(item => Text(item, "error")));
        JsonElement[] audited = [.. (await OkAsync(await client.GetAsync("/api/v1/audit?limit=1000", Ct))).GetProperty("items").EnumerateArray().Where(line => Text(line, "action") == "PREDICTION")];
        Assert.Equal(2, audited.Length);
        Assert.All(audited, line => Assert.Equal("model v1.0.0", Text(line, "resource")));
        foreach (object bad in (object[])[new { }, new { assets = Array.Empty<string>() }, new { assets = Enumerable.Repeat("a", 1_001) }, new { assets = new[] { oven }, task = "weather" }])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/v1/predictions", bad, Ct)).StatusCode);
        }
    }

    [Fact]
    public async Task Frames_MonitoringOffForTheInstallation_AreNotJudgedAndItIsShown()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { Line = new LineOptions { PredictiveMonitoring = false } });
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid oven = await AssetAsync(client, "oven-1");
        await OkAsync(await AddAsync(client, OvenPackage.Make(false).ToArchive()), HttpStatusCode.Created);
        await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version = "v1.0.0" }, Ct));
        await OkAsync(await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true }, Ct));
        await SendAsync(client, 0, 5);
        await UntilAsync(async () => (await StatusAsync(client)).GetProperty("rowsBehind").GetInt64() == 0);
        JsonElement status = await StatusAsync(client);
        Assert.Equal((true, false), (status.GetProperty("predictionEnabled").GetBoolean(), status.GetProperty("predictiveMonitoring").GetBoolean()));
        Assert.Equal("{\"status\":\"off\"}", await server.Client.GetStringAsync("/api/health/prediction-service", Ct));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/assets/{oven}/predictions/latest", Ct)).StatusCode);
        HttpResponseMessage asked = await client.GetAsync($"/api/v1/assets/{oven}/predictions/explained", Ct);
        Assert.Equal(HttpStatusCode.Conflict, asked.StatusCode);
        Assert.Contains("switched off for the whole installation", await asked.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_Twice_TakesOneVersionBackAndThenSaysThatThereIsNone()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await OkAsync(await AddAsync(client, OvenPackage.Make(false).ToArchive()), HttpStatusCode.Created);
        Assert.Equal("v1.1.0", Text(await OkAsync(await AddAsync(client, OvenPackage.Make(false, seed: 2).ToArchive()), HttpStatusCode.Created), "version"));
        Assert.Equal("v2.0.0", Text(await OkAsync(await AddAsync(client, OvenPackage.Make(true).ToArchive()), HttpStatusCode.Created), "version"));
        foreach (string version in (string[])["v1.0.0", "v1.1.0", "v1.1.0"])
        {
            await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version }, Ct));
        }

        Assert.Equal("v1.0.0", Text(await OkAsync(await client.PostAsJsonAsync("/api/v1/ml/rollback", new { task = "failure" }, Ct)), "version"));
        HttpResponseMessage second = await client.PostAsJsonAsync("/api/v1/ml/rollback", new { task = "failure" }, Ct);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.StartsWith("v1.0.0 took no other version's place", Text(await second.Content.ReadFromJsonAsync<JsonElement>(Ct), "detail"), StringComparison.Ordinal);
        JsonElement list = await OkAsync(await client.GetAsync("/api/v1/models?limit=2", Ct));
        Assert.Equal(["v2.0.0 candidate", "v1.1.0 archived"], list.GetProperty("items").EnumerateArray().Select(model => $"{Text(model, "version")} {Text(model, "stage")}"));
        JsonElement rest = await OkAsync(await client.GetAsync($"/api/v1/models?limit=2&cursor={Text(list, "next")}", Ct));
        Assert.Equal(["v1.0.0 active"], rest.GetProperty("items").EnumerateArray().Select(model => $"{Text(model, "version")} {Text(model, "stage")}"));
    }

    [Fact]
    public async Task Add_NoPackage_IsRefusedWithItsFault()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        byte[] whole = OvenPackage.Make(false).ToArchive();
        (byte[] Body, string Says)[] cases =
        [
            ([], "no ZIP archive"),
            ([1, 2, 3], "no ZIP archive"),
            (new byte[20 << 20], "no ZIP archive"), // more than other routes take
            (whole[..^30], "no ZIP archive"),
            (Zip(("manifest.json", new byte[20 << 20])), "unpacks to more than"),
            (Zip(("model.onnx", [1])), "manifest.json"),
            (Zip([.. Enumerable.Range(0, 17).Select(i => ($"f{i}", new byte[1]))]), "17 entries"),
            (Zip(("manifest.json", [1]), ("manifest.json", [2])), "two entries"),
            (Changed(whole, "model.onnx", bytes => bytes[100] ^= 1), "SHA-256"),
            (Changed(whole, "manifest.json", bytes => bytes[0] = (byte)'x'), "manifest.json"),
            (Zip([.. Entries(whole), ("../evil", [1])]), "../evil"),
        ];
        foreach ((byte[] body, string says) in cases)
        {
            HttpResponseMessage answer = await AddAsync(client, body);
            string text = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.UnprocessableEntity && text.Contains(says, StringComparison.Ordinal), $"{says}: {answer.StatusCode} {text}");
        }

        Assert.Equal(0, (await OkAsync(await client.GetAsync("/api/v1/models", Ct))).GetProperty("items").GetArrayLength());
    }

    private static async Task<HttpResponseMessage> AddAsync(HttpClient client, byte[] archive)
    {
        using var content = new ByteArrayContent(archive);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return await client.PostAsync("/api/v1/models", content, Ct);
    }

    private static IEnumerable<(string Name, byte[] Content)> Entries(byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            yield return (entry.FullName, bytes.ToArray());
        }
    }

    private static byte[] Changed(byte[] archive, string name, Action<byte[]> change)
    {
        (string Name, byte[] Content)[] entries = [.. Entries(archive)];
        change(entries.Single(entry => entry.Name == name).Content);
        return Zip(entries);
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        }

        return bytes.ToArray();
    }

    private static async Task<Guid> AssetAsync(HttpClient client, string name)
    {
        JsonElement site = await OkAsync(await client.PostAsJsonAsync("/api/v1/tree", new { kind = "site", name = $"site of {name}" }, Ct), HttpStatusCode.Created);
        JsonElement asset = await OkAsync(
            await client.PostAsJsonAsync("/api/v1/assets", new { name, parentId = site.GetProperty("id").GetGuid(), externalName = name, facts = new { age = 4 } }, Ct), HttpStatusCode.Created);
        return asset.GetProperty("id").GetGuid();
    }

    private static async Task SendAsync(HttpClient client, int from, int to) => await OkAsync(await client.PostAsJsonAsync(
        "/api/v1/frames",
        new
        {
            frames = Enumerable.Range(from, to - from).Select(i => new { asset = "oven-1", time = Noon + (i * 30_000L), values = new { heat = 60 + (i % 9), load = 20.5 + (i % 4), door = i % 2 == 0 } }),
        },
        Ct));

    private static async Task<JsonElement> StatusAsync(HttpClient client) => await OkAsync(await client.GetAsync("/api/v1/ml/status", Ct));

    private static async Task<JsonElement> JudgedAsync(HttpClient client, Guid asset, long timeMs)
    {
        JsonElement latest = default;
        await UntilAsync(async () =>
        {
            HttpResponseMessage answer = await client.GetAsync($"/api/v1/assets/{asset}/predictions/latest", Ct);
            latest = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>(Ct) : default;
            return answer.IsSuccessStatusCode && latest.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds() == timeMs;
        });
        return latest;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 600, string.Create(CultureInfo.InvariantCulture, $"not within {tries * 0.05} s"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
    }

    private static async Task<JsonElement> OkAsync(HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.OK)
    {
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
