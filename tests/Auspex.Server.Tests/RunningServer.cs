using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Server.Wiring;

namespace Auspex.Server.Tests;

/// <summary>A server of a test's own on a free port, over SQLite or over a schema of the PostgreSQL that <c>./dev test</c> starts.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-server-").FullName;
    private AuspexServer? _server;

    public HttpClient Client { get; private set; } = new();

    public string FirstPassword { get; private set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<RunningServer> StartAsync()
    {
        var running = new RunningServer();
        await running.StartAgainAsync();
        return running;
    }

    public async Task StartAgainAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _server = await AuspexServer.StartAsync(
            new ServerOptions { DataFolder = Path.Combine(_folder, "data"), Urls = ["http://127.0.0.1:0"] }, TimeProvider.System, Ct);
        FirstPassword = _server.FirstPassword ?? FirstPassword;
        Client = Anonymous();
    }

    public HttpClient Anonymous() => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(_server!.Urls.First()) };

    /// <summary>A client of the super admin, whose first password has been changed.</summary>
    public async Task<HttpClient> SuperAdminAsync()
    {
        HttpClient client = Anonymous();
        HttpResponseMessage first = await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = FirstPassword }, Ct);
        if (first.IsSuccessStatusCode)
        {
            Authorize(client, await TokenAsync(first));
            (await client.PostAsJsonAsync("/api/v1/auth/password", new { current = FirstPassword, @new = AdminPassword }, Ct)).EnsureSuccessStatusCode();
        }

        Authorize(client, await TokenAsync(await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = AdminPassword }, Ct)));
        return client;
    }

    /// <summary>A new organization, and a client of the super admin in it.</summary>
    public async Task<(Guid Id, HttpClient Client)> OrganizationAsync(string name)
    {
        HttpClient client = await SuperAdminAsync();
        HttpResponseMessage made = await client.PostAsJsonAsync("/api/v1/installation/organizations", new { name }, Ct);
        made.EnsureSuccessStatusCode();
        Guid id = (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
        Authorize(client, await TokenAsync(await client.PostAsJsonAsync("/api/v1/auth/organization", new { organizationId = id }, Ct)));
        return (id, client);
    }

    /// <summary>A client of the super admin in an organization that exists.</summary>
    public async Task<HttpClient> InAsync(string name)
    {
        HttpClient client = await SuperAdminAsync();
        JsonElement all = await client.GetFromJsonAsync<JsonElement>("/api/v1/installation/organizations", Ct);
        Guid id = all.GetProperty("items").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name).GetProperty("id").GetGuid();
        Authorize(client, await TokenAsync(await client.PostAsJsonAsync("/api/v1/auth/organization", new { organizationId = id }, Ct)));
        return client;
    }

    public static void Authorize(HttpClient client, string token) => client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public static async Task<string> TokenAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Ct)}");
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("accessToken").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
