using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class AuthTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task FirstPassword_UntilItIsChanged_IsToldAtEachStart(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        FirstAdmin first = server.Server.FirstAdmin!;
        await server.StartAgainAsync(); // the first start may have been killed before it told anybody

        Assert.Equal(first, server.Server.FirstAdmin);
        Assert.Matches("^([a-z2-9]{4}-){4}[a-z2-9]{4}$", first.Password);
        await using RunningServer other = await RunningServer.StartAsync();
        Assert.NotEqual(first.Password, other.Server.FirstAdmin!.Password);
        await server.SuperAdminAsync();
        await server.StartAgainAsync();
        Assert.Null(server.Server.FirstAdmin);
    }

    [Fact]
    public async Task FirstStart_OneTimePassword_MustBeChangedBeforeAnythingElse()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = server.Client;
        RunningServer.Authorize(client, await RunningServer.TokenAsync(
            await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = server.FirstPassword }, Ct)));

        HttpResponseMessage before = await client.GetAsync("/api/v1/installation/organizations", Ct);
        Assert.Equal(HttpStatusCode.Forbidden, before.StatusCode);
        Assert.Contains("must be changed first", await before.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);

        HttpResponseMessage weak = await client.PostAsJsonAsync("/api/v1/auth/password", new { current = server.FirstPassword, @new = "short" }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, weak.StatusCode);
        Assert.Contains("has 5 characters; at least 12", await weak.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        HttpClient admin = await server.SuperAdminAsync();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/v1/installation/organizations", Ct)).StatusCode);

        await server.StartAgainAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.PostAsJsonAsync(
            "/api/v1/auth/sign-in", new { email = "admin@localhost", password = server.FirstPassword }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await (await server.SuperAdminAsync()).GetAsync("/api/v1/auth/me", Ct)).StatusCode);
    }

    [Fact]
    public async Task SignOut_TokenStillYoung_IsRefusedWithinASecond()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = await server.SuperAdminAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/auth/me", Ct)).StatusCode);

        (await client.PostAsync("/api/v1/auth/sign-out", null, Ct)).EnsureSuccessStatusCode();

        // Five times the second that is promised.
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(5), async () => (await client.GetAsync("/api/v1/auth/me", Ct)).StatusCode == HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Refresh_CookieOfTheBrowser_NeedsTheHeaderAndRotates()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await server.SuperAdminAsync();
        HttpResponseMessage signedIn = await server.Client.PostAsJsonAsync(
            "/api/v1/auth/sign-in", new { email = "admin@localhost", password = RunningServer.AdminPassword }, Ct);
        string cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        Assert.Equal(HttpStatusCode.BadRequest, (await RefreshAsync(server, cookie, marked: false)).StatusCode);
        HttpResponseMessage renewed = await RefreshAsync(server, cookie, marked: true);

        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        Assert.NotEqual(cookie.Split(';')[0], renewed.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await RefreshAsync(server, "auspex_refresh=made-up", marked: true)).StatusCode);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("hs256")]
    [InlineData("expired")]
    [InlineData("audience")]
    [InlineData("type")]
    [InlineData("trailing")]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("kidPath")]
    [InlineData("notYet")]
    [InlineData("noExpiry")]
    [InlineData("payload")]
    public async Task N68_Token_ForgedInOneWay_IsRefused(string how)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = await server.SuperAdminAsync();
        string good = client.DefaultRequestHeaders.Authorization!.Parameter!;
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/auth/me", Ct)).StatusCode);
        client.DefaultRequestHeaders.Authorization = null;

        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Forge(good, how)}");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/v1/auth/me", Ct)).StatusCode);
    }

    [Fact]
    public async Task SignIn_ManyWrongPasswords_IsLimitedForTheAddressOnly()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await server.SuperAdminAsync();
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 14; i++)
        {
            statuses.Add((await server.Client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = $"wrong {i}" }, Ct)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        // Somebody else from the same place still comes to the password.
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "other@localhost", password = "wrong" }, Ct)).StatusCode);
    }

    [Fact]
    public async Task Body_ExtraPrivilegedField_IsRefusedByName()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = await server.SuperAdminAsync();

        HttpResponseMessage refused = await client.PostAsJsonAsync("/api/v1/installation/organizations", new { name = "plant", organizationId = Guid.NewGuid() }, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("organizationId", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiKey_RevokedOrTooNarrow_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        JsonElement key = await (await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "gateway", scopes = new[] { "frames:write" } }, Ct)).Content.ReadFromJsonAsync<JsonElement>(Ct);
        HttpClient gateway = server.Anonymous();
        RunningServer.Authorize(gateway, key.GetProperty("key").GetString()!);

        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.GetAsync("/api/v1/api-keys", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync($"/api/v1/api-keys/{key.GetProperty("id").GetGuid()}", Ct)).StatusCode);
        Assert.Equal("[]", await stranger.GetStringAsync("/api/v1/api-keys", Ct));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/api-keys/{key.GetProperty("id").GetGuid()}", Ct)).StatusCode);
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(5), async () => (await gateway.GetAsync("/api/v1/api-keys", Ct)).StatusCode == HttpStatusCode.Unauthorized));
        string audit = await admin.GetStringAsync("/api/v1/audit", Ct);
        Assert.Contains("API_KEY_REVOKED", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("API_KEY", await stranger.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Organization_OfOthers_CannotBeChosen()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient client = await server.SuperAdminAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsJsonAsync("/api/v1/auth/organization", new { organizationId = Guid.NewGuid() }, Ct)).StatusCode);
        HttpResponseMessage missing = await client.PostAsJsonAsync("/api/v1/auth/organization", new { }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
    }

    private static Task<HttpResponseMessage> RefreshAsync(RunningServer server, string cookie, bool marked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/refresh");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        if (marked)
        {
            request.Headers.Add("X-Auspex", "1");
        }

        return server.Client.SendAsync(request, Ct);
    }

    // Tokens somebody without the key can make of a good one.
    private static string Forge(string good, string how)
    {
        string[] parts = good.Split('.');
        Dictionary<string, JsonElement> header = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Decode(parts[0]))!;
        Dictionary<string, JsonElement> payload = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Decode(parts[1]))!;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        switch (how)
        {
            case "none":
                return $"{Encode(JsonSerializer.SerializeToUtf8Bytes(new { alg = "none", typ = "at+jwt" }))}.{parts[1]}.";
            case "hs256":
                header["alg"] = JsonSerializer.SerializeToElement("HS256");
                string signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{parts[1]}";
                return $"{signed}.{Encode(HMACSHA256.HashData(Encoding.ASCII.GetBytes("secret"), Encoding.ASCII.GetBytes(signed)))}";
            case "trailing":
                return good + "x";
            case "payload":
                payload["sub"] = JsonSerializer.SerializeToElement(Guid.NewGuid());
                return $"{parts[0]}.{Encode(JsonSerializer.SerializeToUtf8Bytes(payload))}.{parts[2]}";
            case "expired":
                payload["exp"] = JsonSerializer.SerializeToElement(1_000_000);
                break;
            case "jku":
                header["jku"] = JsonSerializer.SerializeToElement("https://keys.example/jwks.json");
                header["x5u"] = JsonSerializer.SerializeToElement("https://keys.example/cert.pem");
                break;
            case "kidPath":
                header["kid"] = JsonSerializer.SerializeToElement("../../../dev/null");
                break;
            case "notYet":
                payload["nbf"] = JsonSerializer.SerializeToElement(4_000_000_000);
                break;
            case "noExpiry":
                payload.Remove("exp");
                break;
            case "audience":
                payload["aud"] = JsonSerializer.SerializeToElement("somebody");
                break;
            case "type":
                header["typ"] = JsonSerializer.SerializeToElement("JWT");
                break;
            case "jwk":
                ECParameters key = stranger.ExportParameters(includePrivateParameters: false);
                header["jwk"] = JsonSerializer.SerializeToElement(new { kty = "EC", crv = "P-256", x = Encode(key.Q.X!), y = Encode(key.Q.Y!) });
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(how), how, "is no way");
        }

        string text = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(payload))}";
        return $"{text}.{Encode(stranger.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
}
