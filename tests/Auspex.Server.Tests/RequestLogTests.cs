using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Auspex.Server.Tests;

public class RequestLogTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task N65_LinesOfARequest_NameItsOrganizationAndNothingOfAnother()
    {
        using var log = new StandardError();
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { LogLevel = LogLevel.Trace });
        (Guid own, HttpClient client) = await server.OrganizationAsync("plant of secrets");
        (Guid other, HttpClient stranger) = await server.OrganizationAsync("stranger's plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "secret site" });
        await client.CreateAsync("/api/v1/assets", new { name = "secret asset", parentId = site, externalName = "secret sender" });
        await (await client.SendAsync(HttpMethod.Post, "/api/v1/frames", """{"frames":[{"asset":"secret sender","time":1767268800000,"values":{"secret_signal":4711.25}}]}""")).JsonAsync();

        var texts = new List<string>();
        foreach (string path in (string[])[$"tree/{site}", "tree", "assets?search=secret", "frames/latest", "frames/unassigned", "frames/latest?asset=secret%20sender", "audit", "users", "operator-positions", "signals"])
        {
            texts.Add(await (await stranger.GetAsync($"/api/v1/{path}", Ct)).Content.ReadAsStringAsync(Ct));
        }

        texts.Add(await (await stranger.SendAsync(HttpMethod.Post, "/api/v1/tree", new { kind = "area", name = "a", parentId = site })).RefusalAsync(HttpStatusCode.UnprocessableEntity));
        texts.Add(await (await stranger.SendAsync(HttpMethod.Post, "/api/v1/tree", "{")).RefusalAsync(HttpStatusCode.BadRequest));
        Assert.All(texts, text => Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase));
        await server.StopAsync();

        string[] lines = [.. log.Lines.Where(line => line.Contains(own.ToString(), StringComparison.Ordinal) || line.Contains(other.ToString(), StringComparison.Ordinal))];
        Assert.True(lines.Length >= 15, $"{lines.Length} lines");
        Assert.All(lines, line => Assert.DoesNotContain("secret", line, StringComparison.OrdinalIgnoreCase));
        Assert.All(lines, line => Assert.DoesNotContain("4711.25", line, StringComparison.Ordinal));
        foreach (JsonElement line in lines.Select(line => JsonElement.Parse(line)).Where(line => line.GetProperty("EventId").GetInt32() == 8003))
        {
            Dictionary<string, string> scopes = line.GetProperty("Scopes").EnumerateArray().Where(scope => scope.ValueKind == JsonValueKind.Object)
                .SelectMany(scope => scope.EnumerateObject()).DistinctBy(one => one.Name).ToDictionary(one => one.Name, one => one.Value.ToString(), StringComparer.Ordinal);
            Assert.Contains(scopes["organization"], (string[])[own.ToString(), other.ToString()]);
            Assert.Matches("^[0-9a-f]{32}$", scopes["TraceId"]);
            Assert.Matches("^[0-9a-f]{32}$", scopes["correlationId"]);
        }
    }

    [Fact]
    public async Task Lines_OfAFailure_CarryOrganizationTraceAndCorrelation()
    {
        using var log = new StandardError();
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid own, HttpClient client) = await server.OrganizationAsync("plant");
        await server.Server.Services.GetRequiredService<Storage.Telemetry.TelemetryStore>().ForgetAsync(own);
        client.DefaultRequestHeaders.Add("X-Correlation-Id", "order-17");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/api/v1/frames/latest", Ct)).StatusCode);

        await server.StopAsync();
        JsonElement failed = Assert.Single(log.Lines.Where(line => line.Contains("order-17", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line)), line => line.GetProperty("EventId").GetInt32() == 8001);
        string scopes = failed.GetProperty("Scopes").GetRawText();
        Assert.All((string[])[own.ToString(), "TraceId", "order-17"], part => Assert.Contains(part, scopes, StringComparison.Ordinal));
    }
}
