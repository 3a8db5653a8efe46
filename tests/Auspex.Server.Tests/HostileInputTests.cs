using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Auspex.Server.Tests;

public class HostileInputTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Json_ThatCouldBeReadInTwoWays_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        string rest = $"\"parentId\":\"{site}\"";
        (string What, byte[] Body)[] bodies =
        [
            ("duplicate key", Bytes($$$"""{"name":"a","name":"b",{{{rest}}}}""")),
            ("duplicate key in another case", Bytes($$$"""{"name":"a","Name":"b",{{{rest}}}}""")),
            ("deep", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"x":{{{new string('[', 10_000)}}}{{{new string(']', 10_000)}}}}}""")),
            ("1e400", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"x":1e400}}""")),
            ("lone surrogate", Bytes($$$"""{"name":"a\ud800",{{{rest}}}}""")),
            ("lone surrogate in a fact", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"x":"\udc00"}}""")),
            ("lone surrogate in a key", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"\ud800":1}}""")),
            ("not UTF-8", [.. Bytes("{\"name\":\""), 0xFF, 0xFE, .. Bytes($"\",{rest}}}")]),
            ("object as fact", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"x":{ } }}""")),
            ("comment", Bytes($$$"""{"name":"a",/* */{{{rest}}}}""")),
            ("trailing comma", Bytes($$$"""{"name":"a",{{{rest}}},}""")),
            ("two documents", Bytes($$$"""{"name":"a",{{{rest}}}}{}""")),
            ("NaN", Bytes($$$"""{"name":"a",{{{rest}}},"facts":{"x":NaN}}""")),
            ("null", Bytes("null")),
            ("nothing", []),
            ("organization", Bytes($$$"""{"name":"a",{{{rest}}},"organizationId":"{{{Guid.NewGuid()}}}"}""")),
            ("role", Bytes($$$"""{"name":"a",{{{rest}}},"role":"admin"}""")),
        ];

        var taken = new List<string>();
        foreach ((string what, byte[] body) in bodies)
        {
            HttpResponseMessage response = await SendAsync(client, "/api/v1/assets", body);
            if (response.StatusCode != HttpStatusCode.BadRequest || response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            {
                taken.Add($"{what}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Ct)}");
            }
        }

        Assert.True(taken.Count == 0, string.Join('\n', taken));
        Assert.Empty((await client.GetAsync("/api/v1/assets", HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
        // A byte order mark is no part of JSON (RFC 8259, 8.1): refused or skipped, the rest means the same.
        HttpStatusCode marked = (await SendAsync(client, "/api/v1/assets", [0xEF, 0xBB, 0xBF, .. Bytes($$$"""{"name":"marked",{{{rest}}}}""")])).StatusCode;
        Assert.True(marked is HttpStatusCode.BadRequest or HttpStatusCode.Created, $"{marked}");
    }

    [Theory]
    [InlineData("a\r\nX-Injected: 1")]
    [InlineData("a\u0000b")]
    [InlineData("\u202Egnp.exe")]
    [InlineData("\u2066a")]
    [InlineData("   ")]
    [InlineData("64 KB")]
    public async Task Name_ThatControls_IsRefusedAndNamedSafely(string name)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/api/v1/tree", new { kind = "site", name = name == "64 KB" ? new string('x', 65_536) : name });

        string refusal = await response.RefusalAsync(HttpStatusCode.BadRequest);
        Assert.Contains("Name", refusal, StringComparison.Ordinal);
        Assert.True(refusal.Length < 500);
        Assert.DoesNotContain("X-Injected", string.Join(' ', response.Headers.Select(header => header.Key)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'; drop table tree_node; --")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("{__name__=~\".+\"}")]
    [InlineData("=cmd|' /C calc'!A0")]
    [InlineData("100% _sure_ !")]
    [InlineData("מכונה 1")]
    public async Task Name_OfAnyLetters_ComesBackAsItWasAndIsFound(string name)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name });
        await client.CreateAsync("/api/v1/assets", new { name, parentId = site, externalName = name });

        Assert.Equal(name, (await client.GetAsync($"/api/v1/assets?search={Uri.EscapeDataString(name)}", HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("name").GetString());
        Assert.Equal(name, (await client.GetAsync($"/api/v1/assets?externalName={Uri.EscapeDataString(name)}", HttpStatusCode.OK)).GetProperty("items")[0].GetProperty("externalName").GetString());
        HttpResponseMessage listed = await client.GetAsync("/api/v1/tree", Ct);
        Assert.Equal("application/json", listed.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("<script", await listed.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OutsideTheLists_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        string[] paths =
        [
            "/api/v1/assets?sort=name;drop table tree_node", "/api/v1/assets?sort=facts", "/api/v1/assets?sort=%0d%0aX-Injected:%201", "/api/v1/assets?limit=0",
            "/api/v1/assets?limit=1001", "/api/v1/assets?limit=x", "/api/v1/assets?under=x", "/api/v1/assets?cursor=!!", "/api/v1/assets?cursor=bnVsbA",
            "/api/v1/assets?search=" + new string('x', 121), "/api/v1/events?kind=x", "/api/v1/events?from=yesterday", "/api/v1/tree?parent=1",
        ];

        foreach (string path in paths)
        {
            string refusal = await (await client.GetAsync(path, Ct)).RefusalAsync(HttpStatusCode.BadRequest);
            Assert.DoesNotContain("tree_node\"", refusal, StringComparison.Ordinal);
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, byte[] body) =>
        await client.PostAsync(path, new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, Ct);
}
