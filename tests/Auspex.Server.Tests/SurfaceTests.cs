using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Auspex.Server.Tests;

/// <summary>What every answer has, whatever the route: description, headers, limits.</summary>
public class SurfaceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Description_EachOperation_HasIdTagSecurityAndProblems()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        JsonElement description = await server.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Ct);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty path in description.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                Assert.True(ids.Add(operation.Value.GetProperty("operationId").GetString()!), $"{path.Name} has an operation id twice");
                Assert.NotEmpty(operation.Value.GetProperty("tags").EnumerateArray());
                JsonElement responses = operation.Value.GetProperty("responses");
                bool isOpen = operation.Value.GetProperty("description").GetString() == "Needs nothing.";
                Assert.Equal(!isOpen, operation.Value.TryGetProperty("security", out _));
                Assert.Equal(!isOpen, responses.TryGetProperty("403", out _));
                // Where a protocol has a form of its own for what fails, it is that.
                bool isInference = path.Name.StartsWith("/v2", StringComparison.Ordinal);
                Assert.Equal(
                    isInference ? "#/components/schemas/InferenceError" : "#/components/schemas/Problem",
                    responses.GetProperty("429").GetProperty("content").GetProperty(isInference ? "application/json" : "application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
            }
        }

        Assert.Equal("http", description.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("type").GetString());
        Assert.True(description.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetProperty("properties").TryGetProperty("detail", out _));
    }

    [Fact]
    public async Task Docs_Page_RunsOwnScriptsOnly()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage page = await server.Client.GetAsync("/docs/index.html", Ct);

        string html = await page.Content.ReadAsStringAsync(Ct);
        Assert.Contains("script-src 'self';", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)[^>]*>\s*\S", html); // an inline script would not run
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/docs/swagger-ui-bundle.js", Ct)).StatusCode);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", (await server.Client.GetAsync("/api/v1/version", Ct)).Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("order-17.a", true)]
    [InlineData("with space", false)]
    [InlineData("<script>", false)]
    public async Task CorrelationId_Sent_ComesBackWhereItIsPlain(string sent, bool kept)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/users");
        request.Headers.Add("X-Correlation-Id", sent);
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        HttpResponseMessage answer = await server.Client.SendAsync(request, Ct);

        JsonElement problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        string header = answer.Headers.GetValues("X-Correlation-Id").Single();
        Assert.Equal(kept, header == sent);
        Assert.Equal(header, problem.GetProperty("correlationId").GetString());
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", problem.GetProperty("traceId").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_TooMany_AreToldWhenToComeAgain()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { RequestsPerSecond = 1 });
        var answers = new List<HttpResponseMessage>();
        for (int i = 0; i < 60; i++)
        {
            answers.Add(await server.Client.GetAsync("/api/health/live", Ct));
        }

        Assert.Equal(HttpStatusCode.OK, answers[0].StatusCode);
        HttpResponseMessage refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.InRange(answers.Count(answer => answer.IsSuccessStatusCode), 20, 40);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
    }

    [Fact]
    public async Task Body_TooLong_Is413()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using var body = new StringContent("{\"email\":\"" + new string('a', 11 * 1024 * 1024), System.Text.Encoding.UTF8, "application/json");

        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/sign-in") { Content = body };
        request.Headers.ExpectContinue = true; // else the connection is cut while the body is still being sent

        // On a busy machine the answer may take longer than the second after which a body is sent all the same.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = server.Client.BaseAddress };
        HttpResponseMessage answer = await client.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://plant.example", true)]
    [InlineData("https://evil.example", false)]
    public async Task Cors_Origin_IsLetInByConfigurationOnly(string origin, bool allowed)
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { AllowedOrigins = ["https://plant.example"] });
        var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/users");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "GET");

        HttpResponseMessage answer = await server.Client.SendAsync(preflight, Ct);

        Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Answer_Accepted_IsCompressed(string encoding)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.Add("Accept-Encoding", encoding);

        Assert.Equal([encoding], (await server.Client.SendAsync(request, Ct)).Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task LogLevel_Changed_ActsAndIsAudited()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient root = await server.SuperAdminAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await root.PutAsJsonAsync("/api/v1/installation/log-levels", new { room = "kitchen", level = "debug" }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await root.PutAsJsonAsync("/api/v1/installation/log-levels", new { room = "storage", level = "debug", minutes = 5 }, Ct)).StatusCode);

        JsonElement storage = (await root.GetFromJsonAsync<JsonElement>("/api/v1/installation/log-levels", Ct)).EnumerateArray().Single(one => one.GetProperty("room").GetString() == "storage");
        Assert.Equal("debug", storage.GetProperty("level").GetString());
        Assert.NotEqual(JsonValueKind.Null, storage.GetProperty("until").ValueKind);
        Assert.Contains("LOG_LEVEL_CHANGED", await root.GetStringAsync("/api/v1/installation/audit", Ct), StringComparison.Ordinal);
    }
}
