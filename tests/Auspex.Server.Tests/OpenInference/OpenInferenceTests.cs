using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Flow.Tests;
using Auspex.Models.Package;
using Auspex.Storage.Models;

namespace Auspex.Server.Tests.OpenInference;

public sealed class OpenInferenceTests
{
    private static readonly ProtocolDescription Protocol = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryRoute_AsAClientOfTheProtocolCallsIt_AnswersAsItsDescriptionSays()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await DeployAsync(client, OvenPackage.Make(false));
        Assert.True((await GetAsync(server.Client, "/v2/health/live")).GetProperty("live").GetBoolean());
        Assert.True((await GetAsync(server.Client, "/v2/health/ready")).GetProperty("ready").GetBoolean());
        Assert.Equal("auspex_explain", (await GetAsync(server.Client, "/v2")).GetProperty("extensions")[0].GetString());
        foreach (string version in (string[])["", "/versions/v1.0.0"])
        {
            JsonElement metadata = await GetAsync(client, $"/v2/models/oven{version}");
            Assert.Equal("v1.0.0", metadata.GetProperty("versions")[0].GetString());
            JsonElement input = metadata.GetProperty("inputs")[0];
            int features = input.GetProperty("shape")[1].GetInt32();
            Assert.Equal(features, input.GetProperty("parameters").GetProperty("feature_names").GetArrayLength());
            Assert.True((await GetAsync(client, $"/v2/models/oven{version}/ready")).GetProperty("ready").GetBoolean());
            JsonElement answer = await PostAsync(client, $"/v2/models/oven{version}/infer", Request(2, features, new double[2 * features]), HttpStatusCode.OK);
            Assert.Equal(
                metadata.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()),
                answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()));
            foreach ((JsonElement told, JsonElement given) in metadata.GetProperty("outputs").EnumerateArray().Zip(answer.GetProperty("outputs").EnumerateArray()))
            {
                long[] shape = [.. told.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64() < 0 ? 2 : size.GetInt64())];
                Assert.Equal(shape, given.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
                Assert.Equal(shape.Aggregate((a, b) => a * b), given.GetProperty("data").GetArrayLength());
            }
        }

        // Refusals of every kind have the protocol's form: by the caller, by the name, by the body.
        await GetAsync(server.Client, "/v2/models/oven", HttpStatusCode.Unauthorized);
        await GetAsync(client, "/v2/models/Oven", HttpStatusCode.NotFound); // names are case-sensitive
        await GetAsync(client, "/v2/models/oven/versions/v9.0.0", HttpStatusCode.NotFound);
        await PostAsync(client, "/v2/models/oven/infer", "{", HttpStatusCode.BadRequest);
        Assert.Equal(Protocol.All.Order(StringComparer.Ordinal), Protocol.Seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Infer_RowsFlatNestedAndMissing_AreScoredAsTheLineScoresThem()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        ModelPackage package = OvenPackage.Make(false);
        await DeployAsync(client, package);
        using LiveModel model = LiveModel.Open(
            new ModelVersion("v1.0.0", 1, PredictionTask.Failure, "active", "oven", Guid.Empty, "", null, DateTimeOffset.UnixEpoch, "tests", null), package.ToArchive());
        int features = model.Plan.Definition.Columns.Count;
        var random = new Random(4);
        double[] rows = [.. Enumerable.Range(0, 3 * features).Select(i => i % 11 == 5 ? double.NaN : random.NextDouble() * 100)];
        string flat = Request(3, features, rows, "\"id\":\"call 7\",\"outputs\":[{\"name\":\"probability\"},{\"name\":\"score\"}],\"parameters\":{\"any\":1},");
        string nested = Request(3, features, rows, nested: true);
        JsonElement answer = await PostAsync(client, "/v2/models/oven/infer", flat, HttpStatusCode.OK);
        Assert.Equal(("call 7", "oven", "v1.0.0"), (answer.GetProperty("id").GetString(), answer.GetProperty("model_name").GetString(), answer.GetProperty("model_version").GetString()));
        Assert.Equal(["score", "probability"], answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()));
        JsonElement all = await PostAsync(client, "/v2/models/oven/infer", nested, HttpStatusCode.OK);
        Assert.False(all.TryGetProperty("id", out _));
        Assert.Equal(Data(answer, "score"), Data(all, "score"));
        var (scores, said) = (new double[model.TargetCount], new double[model.Columns.Signals.Length]);
        for (int row = 0; row < 3; row++)
        {
            model.Score(rows.AsSpan(row * features, features), scores, said, degraded: false);
            Assert.Equal(scores[0], Data(all, "score")[row]);
            Assert.Equal(said[PredictionColumns.Probability], Data(all, "probability")[row]);
            Assert.Equal(said[PredictionColumns.FirstComponent], Data(all, "componentProbabilities")[row]);
            Assert.Null(Data(all, "confidence")[row]); // the package has no calibration
        }

        HttpResponseMessage explained = await client.PostAsync("/v2/models/oven/explain", Json(flat.Replace("probability", "contributions", StringComparison.Ordinal)), Ct);
        Assert.Equal(HttpStatusCode.OK, explained.StatusCode);
        JsonElement why = await (await client.PostAsync("/v2/models/oven/explain", Json(nested), Ct)).Content.ReadFromJsonAsync<JsonElement>(Ct);
        for (int row = 0; row < 3; row++)
        {
            double sum = Data(why, "base")[row]!.Value + Data(why, "contributions").Skip(row * features).Take(features).Sum(value => value!.Value);
            Assert.Equal(Data(all, "score")[row]!.Value, sum, 9);
            Assert.Equal(Data(all, "score")[row], Data(why, "score")[row]);
        }
    }

    [Fact]
    public async Task Infer_WrongRequests_AreToldWhatIsWrong()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        await DeployAsync(client, OvenPackage.Make(false));
        int n = (await GetAsync(client, "/v2/models/oven")).GetProperty("inputs")[0].GetProperty("shape")[1].GetInt32();
        string good = Request(1, n, new double[n]);
        (string Body, string Says)[] cases =
        [
            ("", "no JSON object"), ("[]", "no JSON object"), ("{}", "inputs must be"), ("""{"inputs":[]}""", "inputs must be"), ("""{"inputs":{}}""", "inputs must be"),
            (good.Replace("\"features\"", "\"other\"", StringComparison.Ordinal), "inputs[0].name"), (good.Replace("FP64", "BYTES", StringComparison.Ordinal), "inputs[0].datatype"),
            (good.Replace($"[1,{n}]", $"[1,{n + 1}]", StringComparison.Ordinal), $"the model takes {n}"), (good.Replace($"[1,{n}]", $"[2,{n}]", StringComparison.Ordinal), $"has {n} values"),
            (good.Replace($"[1,{n}]", $"[0,{n}]", StringComparison.Ordinal), "1 to 10000"), (good.Replace($"[1,{n}]", $"[4611686018427387904,{n}]", StringComparison.Ordinal), "1 to 10000"),
            (good.Replace($"[1,{n}]", "[1.5]", StringComparison.Ordinal), "inputs[0].shape"), (good.Replace("[0,", "[\"x\",", StringComparison.Ordinal), "value 0 is no finite number"),
            (good.Replace("[0,", "[1e400,", StringComparison.Ordinal), "value 0 is no finite number"), (good.Replace("[0,", "[true,", StringComparison.Ordinal), "value 0 is no finite number"),
            (good.Replace("[0,", "[[[[0]]],", StringComparison.Ordinal), "flat or of rows"), (good.Replace("{\"inputs\"", "{\"outputs\":[{\"name\":\"x\"}],\"inputs\"", StringComparison.Ordinal), "no output of that name"),
            (good.Replace("{\"inputs\"", "{\"id\":7,\"inputs\"", StringComparison.Ordinal), "id must be a string"),
            ("{\"inputs\":" + string.Concat(Enumerable.Repeat("[", 10_000)), "no JSON object"),
        ];
        foreach ((string body, string says) in cases)
        {
            JsonElement error = await PostAsync(client, "/v2/models/oven/infer", body, HttpStatusCode.BadRequest);
            Assert.Contains(says, error.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task N58_ModelsOfOthers_AreAsUnknownOnesAndEqualNamesAreTheCallersOwn()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient one) = await server.OrganizationAsync("plant");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        await DeployAsync(one, OvenPackage.Make(false));
        int n = (await GetAsync(one, "/v2/models/oven")).GetProperty("inputs")[0].GetProperty("shape")[1].GetInt32();
        string request = Request(1, n, [.. Enumerable.Range(0, n).Select(i => (double)(i * 13 % 97))]);
        foreach (string path in (string[])["", "/versions/v1.0.0", "/ready", "/versions/v1.0.0/ready"])
        {
            JsonElement foreign = await GetAsync(other, $"/v2/models/oven{path}", HttpStatusCode.NotFound);
            Assert.Equal(foreign.ToString(), (await GetAsync(other, $"/v2/models/unknown{path}", HttpStatusCode.NotFound)).ToString());
        }

        foreach (string path in (string[])["infer", "explain", "versions/v1.0.0/infer", "versions/v1.0.0/explain"])
        {
            HttpResponseMessage foreign = await other.PostAsync($"/v2/models/oven/{path}", Json(request), Ct);
            HttpResponseMessage unknown = await other.PostAsync($"/v2/models/unknown/{path}", Json(request), Ct);
            Assert.Equal((HttpStatusCode.NotFound, await unknown.Content.ReadAsStringAsync(Ct)), (foreign.StatusCode, await foreign.Content.ReadAsStringAsync(Ct)));
        }

        await DeployAsync(other, OvenPackage.Make(false, seed: 2));
        double?[] own = Data(await PostAsync(one, "/v2/models/oven/infer", request, HttpStatusCode.OK), "score");
        double?[] theirs = Data(await PostAsync(other, "/v2/models/oven/infer", request, HttpStatusCode.OK), "score");
        Assert.NotEqual(own, theirs);
    }

    private static async Task DeployAsync(HttpClient client, ModelPackage package)
    {
        using var content = new ByteArrayContent(package.ToArchive());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsync("/api/v1/models", content, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync("/api/v1/ml/deploy", new { version = "v1.0.0" }, Ct)).StatusCode);
    }

    private static string Request(int rows, int features, double[] values, string before = "", bool nested = false)
    {
        string[] texts = [.. values.Select(value => double.IsNaN(value) ? "null" : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))];
        string data = nested ? string.Join(',', texts.Chunk(features).Select(row => $"[{string.Join(',', row)}]")) : string.Join(',', texts);
        return $$"""{{{before}}"inputs":[{"name":"features","shape":[{{rows}},{{features}}],"datatype":"FP64","data":[{{data}}]}]}""";
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static double?[] Data(JsonElement answer, string output) =>
    [
        .. answer.GetProperty("outputs").EnumerateArray().Single(one => one.GetProperty("name").GetString() == output).GetProperty("data").EnumerateArray()
            .Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble()),
    ];

    private static async Task<JsonElement> GetAsync(HttpClient client, string url, HttpStatusCode expected = HttpStatusCode.OK)
    {
        HttpResponseMessage answer = await client.GetAsync(url, Ct);
        string body = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == expected, $"{url}: {answer.StatusCode} {body}");
        return Protocol.Check(HttpMethod.Get, url, answer, body);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string url, string request, HttpStatusCode expected)
    {
        HttpResponseMessage answer = await client.PostAsync(url, Json(request), Ct);
        string body = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == expected, $"{url} {request[..Math.Min(200, request.Length)]}: {answer.StatusCode} {body}");
        return Protocol.Check(HttpMethod.Post, url, answer, body);
    }
}
