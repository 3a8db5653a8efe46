using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Storage;

namespace Auspex.Server.Tests;

/// <summary>Who has the machine reaches the server through a file of the data folder; nobody else comes in by it.</summary>
public class LocalAdministrationTests
{
    private const string Levels = "/api/v1/installation/log-levels";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Secret_OverLoopback_IsASuperAdminWhomTheAuditNames()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient local = ClientOf(server, out _);

        Assert.Equal(HttpStatusCode.OK, (await local.GetAsync(Levels, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await local.PutAsJsonAsync(Levels, new { room = "storage", level = "debug" }, Ct)).StatusCode);

        JsonElement audit = await local.GetFromJsonAsync<JsonElement>("/api/v1/installation/audit", Ct);
        JsonElement line = audit.GetProperty("items").EnumerateArray().Last();
        Assert.Equal(("local administrator", "LOG_LEVEL_CHANGED"), (line.GetProperty("userId").GetString(), line.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task File_IsOfItsOwnerAndOfThisStart()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient first = ClientOf(server, out LocalServer before);
        string path = Path.Combine(server.Folder, LocalAdministration.FileName);
        Assert.True(before.Secret.Length >= "auspex-local.".Length + 43); // 256 bits
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        await server.StartAgainAsync();
        using HttpClient second = ClientOf(server, out LocalServer after);
        Assert.NotEqual(before.Secret, after.Secret);
        RunningServer.Authorize(second, before.Secret);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync(Levels, Ct)).StatusCode);

        await server.Server.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Forwarded-Proto", "http")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    public async Task Secret_Forwarded_IsNothing(string header, string value)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient local = ClientOf(server, out _);
        local.DefaultRequestHeaders.Add(header, value);

        Assert.Equal(HttpStatusCode.Unauthorized, (await local.GetAsync(Levels, Ct)).StatusCode);
    }

    [Fact]
    public async Task Secret_OverAnotherAddressOfTheMachine_IsNothing()
    {
        IPAddress? own = Array.Find(await Dns.GetHostAddressesAsync(Dns.GetHostName(), System.Net.Sockets.AddressFamily.InterNetwork, Ct), address => !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "this machine has no address but loopback");
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { Urls = [$"http://{own}:0"] });
        using HttpClient local = ClientOf(server, out LocalServer found);
        Assert.Equal("127.0.0.1", new Uri(found.Url).Host); // an address of its own for the machine, where none was given
        Assert.Equal(HttpStatusCode.OK, (await local.GetAsync(Levels, Ct)).StatusCode);

        using HttpClient outside = server.Anonymous();
        Assert.Equal(own!.ToString(), outside.BaseAddress!.Host);
        RunningServer.Authorize(outside, found.Secret);
        Assert.Equal(HttpStatusCode.Unauthorized, (await outside.GetAsync(Levels, Ct)).StatusCode);
    }

    [Fact]
    public async Task Secret_RoutesOfUsersAndOrganizations_AreNotItsOwn()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient local = ClientOf(server, out LocalServer found);

        foreach (string path in (string[])["/api/v1/auth/me", "/api/v1/organization", "/api/v1/users", "/api/v1/assets", "/api/v1/audit", "/api/v1/frames"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await local.GetAsync(path, Ct)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await local.PostAsJsonAsync("/api/v1/auth/organization", new { organizationId = Guid.NewGuid() }, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.GetAsync($"{Levels}?token={found.Secret}", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("auspex-local.")]
    [InlineData("auspex-local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Secret_Other_IsNothing(string secret)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient client = server.Anonymous();
        RunningServer.Authorize(client, secret);

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(Levels, Ct)).StatusCode);
    }

    [Theory]
    [InlineData(Auspex.Storage.Db.Dialect.Sqlite)]
    [InlineData(Auspex.Storage.Db.Dialect.PostgreSql)]
    public async Task Backup_BesideTheServer_IsMadeAndAudited(Auspex.Storage.Db.Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        await server.OrganizationAsync("plant");
        using HttpClient local = ClientOf(server, out _);
        string folder = Path.Combine(Path.GetDirectoryName(server.Folder)!, "backup");

        HttpResponseMessage begun = await local.PostAsJsonAsync("/api/v1/installation/backups", new { folder }, Ct);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        JsonElement run = default;
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(30), async () =>
        {
            run = await local.GetFromJsonAsync<JsonElement>(begun.Headers.Location, Ct);
            return run.GetProperty("state").GetString() != "running";
        }));

        Assert.Equal("done", run.GetProperty("state").GetString());
        Assert.True(run.GetProperty("result").GetProperty("rows").GetInt64() > 0);
        Assert.True(File.Exists(Path.Combine(folder, "manifest.json")));
        Assert.Contains("BACKUP_MADE", await local.GetStringAsync("/api/v1/installation/audit", Ct), StringComparison.Ordinal);

        JsonElement again = await (await local.PostAsJsonAsync("/api/v1/installation/backups", new { folder }, Ct)).JsonAsync(HttpStatusCode.Accepted);
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(30), async () =>
        {
            run = await local.GetFromJsonAsync<JsonElement>($"/api/v1/installation/backups/{again.GetProperty("id").GetString()}", Ct);
            return run.GetProperty("state").GetString() == "failed";
        }));
        Assert.Contains("is not an empty folder", run.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_OverTheNetworkOrToNoPath_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient local = ClientOf(server, out _);
        HttpClient root = await server.SuperAdminAsync();

        string refused = await (await root.PostAsJsonAsync("/api/v1/installation/backups", new { folder = "/tmp/stolen" }, Ct)).RefusalAsync(HttpStatusCode.Forbidden);
        Assert.Contains("on the server's own machine", refused, StringComparison.Ordinal);
        Assert.Contains("is no full path", await (await local.PostAsJsonAsync("/api/v1/installation/backups", new { folder = "backup" }, Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await local.PostAsJsonAsync("/api/v1/installation/backups", new { folder = "" }, Ct)).StatusCode);
    }

    private static HttpClient ClientOf(RunningServer server, out LocalServer found)
    {
        using DataFolder folder = DataFolder.LookInto(server.Folder);
        found = LocalAdministration.Find(folder)!;
        Assert.DoesNotContain(found.Secret, found.ToString(), StringComparison.Ordinal);
        var client = new HttpClient { BaseAddress = new Uri(found.Url) };
        RunningServer.Authorize(client, found.Secret);
        return client;
    }
}
