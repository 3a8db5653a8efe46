using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Auspex.Server.Tests;

public class LineProtocolTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_PointsOfOneAssetAndInstant_AreOneFrame()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        string key = await KeyAsync(admin);
        using HttpClient gateway = server.Anonymous();
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", key);

        string lines = $"""
            modbus,asset=furnace\ 1,host=gw hz1pv=850.5,door=t,recipe="C45" {Noon}000000
            plc,asset=furnace\ 1 hz2pv=861i {Noon}000999
            vibration value=1.25 {Noon}500000

            """;
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/api/v2/write?org=any&bucket=any&precision=ns", new StringContent(lines), Ct)).StatusCode);
        JsonElement items = await LatestAsync(admin);
        Assert.Equal(["furnace 1 {\"hz1pv\":850.5,\"door\":1,\"hz2pv\":861}", "vibration {\"vibration\":1.25}"],
            items.EnumerateArray().Select(item => $"{item.GetProperty("asset").GetString()} {item.GetProperty("values")}").Order(StringComparer.Ordinal));

        // What is said of the same instant later adds to the frame, and what is said again counts anew.
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/api/v2/write?precision=ms", new StringContent($"oil,asset=furnace\\ 1 oiltemp=62,door=f {Noon}"), Ct)).StatusCode);
        JsonElement whole = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/frames?asset=furnace%201&from={Noon}&to={Noon + 1}", Ct);
        Assert.Equal("door=0 hz1pv=850.5 hz2pv=861 oiltemp=62", string.Join(' ', whole.GetProperty("signals").EnumerateArray()
            .Select(signal => $"{signal.GetProperty("name").GetString()}={signal.GetProperty("values")[0]}").Order(StringComparer.Ordinal)));

        // Version 1: user and password, gzip, seconds; the same again is stored once.
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{key}")));
        Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("/query?q=CREATE%20DATABASE%20telegraf", null, Ct)).StatusCode);
        foreach (int _ in (int[])[1, 2])
        {
            using var packed = new ByteArrayContent(Gzip($"vibration value=1.5 {(Noon / 1000) + 60}\n"));
            packed.Headers.ContentEncoding.Add("gzip");
            Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/write?db=telegraf&precision=s", packed, Ct)).StatusCode);
        }

        // Whatever a client says the body is.
        foreach (string? type in (string?[])[null, "application/x-www-form-urlencoded", "application/octet-stream"])
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($"vibration value=1.5 {(Noon / 1000) + 60}"));
            content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/write?precision=s", content, Ct)).StatusCode);
        }

        JsonElement frames = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/frames?asset=vibration&from={Noon}&to={Noon + 100_000}", Ct);
        Assert.Equal($"[{Noon},{Noon + 60_000}]", frames.GetProperty("timesUnixMs").GetRawText());
        HttpResponseMessage ping = await server.Client.GetAsync("/ping", Ct);
        Assert.Equal((HttpStatusCode.NoContent, "1.8.10"), (ping.StatusCode, ping.Headers.GetValues("X-Influxdb-Version").Single()));
        using var head = new HttpRequestMessage(HttpMethod.Head, "/ping");
        ping = await server.Client.SendAsync(head, Ct);
        Assert.Equal((HttpStatusCode.NoContent, "1.8.10"), (ping.StatusCode, ping.Headers.GetValues("X-Influxdb-Version").Single()));
    }

    [Fact]
    public async Task Write_BadLines_AreNamedAndTheGoodOnesLand()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        using HttpClient gateway = server.Anonymous();
        RunningServer.Authorize(gateway, await KeyAsync(admin));
        string lines = string.Join('\n', $"a x=1 {Noon}", "b x=", "c y=\"text\" 1", $"d x=1 {Noon}000000", $"e x=2 {Noon}");
        HttpResponseMessage answer = await gateway.PostAsync("/api/v2/write?precision=ms", new StringContent(lines), Ct);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (answer.StatusCode, error.GetProperty("code").GetString()));
        string message = error.GetProperty("message").GetString()!;
        Assert.StartsWith("partial write: 2 frames are stored, 3 lines are not; 3 are kept in quarantine. line 2, column 5:", message, StringComparison.Ordinal);
        Assert.Contains("line 3", message, StringComparison.Ordinal);
        Assert.Contains("line 4", message, StringComparison.Ordinal);
        Assert.Equal(2, (await LatestAsync(admin)).GetArrayLength());
    }

    [Fact]
    public async Task Write_WhatIsNoneOrMayNot_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        string key = await KeyAsync(admin);
        using HttpClient gateway = server.Anonymous();
        foreach (string header in (string[])["Token none", "Basic !!!", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("u:p"))}", $"Digest {key}", "Token", key])
        {
            gateway.DefaultRequestHeaders.Remove("Authorization");
            gateway.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
            Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.PostAsync("/api/v2/write", new StringContent("a x=1"), Ct)).StatusCode);
        }

        gateway.DefaultRequestHeaders.Remove("Authorization");
        RunningServer.Authorize(gateway, key);
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync($"/write?u=telegraf&p={key}", new StringContent("a x=1"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync("/write?precision=days", new StringContent("a x=1"), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.GetAsync("/query?q=DROP%20DATABASE%20x", Ct)).StatusCode);
        using (var form = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5_000).Select(i => $"k{i}=v&")))))
        {
            form.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync("/query", form, Ct)).StatusCode);
        }

        using (var statement = new FormUrlEncodedContent([new("q", "CREATE DATABASE plant")]))
        {
            Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("/query", statement, Ct)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync("/write", new ByteArrayContent([0xff, 0xfe, 0xfd]), Ct)).StatusCode);
        (byte[] Body, string Encoding, HttpStatusCode Expected)[] packed =
        [
            (Encoding.UTF8.GetBytes("a x=1"), "gzip", HttpStatusCode.BadRequest),
            (Gzip(new string('#', 40 << 20)), "gzip", HttpStatusCode.RequestEntityTooLarge),
            (Gzip("a x=1"), "br", HttpStatusCode.UnsupportedMediaType),
        ];
        foreach ((byte[] body, string encoding, HttpStatusCode expected) in packed)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentEncoding.Add(encoding);
            Assert.Equal(expected, (await gateway.PostAsync("/write", content, Ct)).StatusCode);
        }

        Assert.Equal(0, (await LatestAsync(admin)).GetArrayLength());
    }

    private static async Task<string> KeyAsync(HttpClient admin)
    {
        HttpResponseMessage made = await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "gateway", scopes = new[] { "frames:write" } }, Ct);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("key").GetString()!;
    }

    private static async Task<JsonElement> LatestAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/v1/frames/latest", Ct)).GetProperty("items");

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
