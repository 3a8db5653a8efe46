using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Auspex.Server.Tests;

/// <summary>A server of a test's own on a free port, over SQLite or over a schema of the PostgreSQL that <c>./dev test</c> starts.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-server-").FullName;
    private readonly string? _postgreSql;
    private AuspexServer? _server;

    private RunningServer(Dialect dialect)
    {
        if (dialect == Dialect.PostgreSql)
        {
            string? server = Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL");
            Assert.SkipWhen(string.IsNullOrEmpty(server), "no PostgreSQL: AUSPEX_TEST_POSTGRESQL is not set; ./dev test starts one");
            string schema = $"server_{Guid.NewGuid():N}";
            using var connection = new NpgsqlConnection(server);
            connection.Execute($"create schema {schema}");
            _postgreSql = new NpgsqlConnectionStringBuilder(server) { SearchPath = schema, MaxPoolSize = 10 }.ConnectionString;
        }
    }

    public string Folder => Path.Combine(_folder, "data");

    /// <summary>Options of every start from now on.</summary>
    public Func<ServerOptions, ServerOptions> With { get; set; } = options => options;

    public AuspexServer Server => _server!;

    public HttpClient Client { get; private set; } = new();

    public string FirstPassword { get; private set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<RunningServer> StartAsync(Dialect dialect = Dialect.Sqlite, Func<ServerOptions, ServerOptions>? with = null)
    {
        var running = new RunningServer(dialect);
        running.With = with ?? running.With;
        await running.StartAgainAsync();
        return running;
    }

    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    public async Task StartAgainAsync()
    {
        await StopAsync();
        _server = await AuspexServer.StartAsync(
            With(new ServerOptions { DataFolder = Folder, Urls = ["http://127.0.0.1:0"], PostgreSql = _postgreSql, LogLevel = LogLevel.Warning }), TimeProvider.System, Ct);
        FirstPassword = _server.FirstAdmin?.Password ?? FirstPassword;
        Client = Anonymous();
    }

    /// <summary>A second server over the same PostgreSQL, with a folder of its own and the same master key.</summary>
    public Task<AuspexServer> StartBesideAsync()
    {
        Assert.NotNull(_postgreSql);
        string folder = Path.Combine(_folder, "beside");
        Directory.CreateDirectory(folder);
        string key = File.ReadAllText(Path.Combine(Folder, "master.key")).Trim();
        return AuspexServer.StartAsync(
            With(new ServerOptions { DataFolder = folder, Urls = ["http://127.0.0.1:0"], PostgreSql = _postgreSql, LogLevel = LogLevel.Warning, MasterKey = key }), TimeProvider.System, Ct);
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

    /// <summary>Somebody new, invited by an organization's admin; not in the organization yet.</summary>
    public async Task<(Guid Id, HttpClient Client)> InvitedAsync(HttpClient admin, string email, string role, string password = "a good long password")
    {
        HttpResponseMessage invited = await admin.PostAsJsonAsync("/api/v1/users/invitations", new { email, role }, Ct);
        Assert.True(invited.IsSuccessStatusCode, await invited.Content.ReadAsStringAsync(Ct));
        string token = (await invited.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("token").GetString()!;
        HttpClient client = Anonymous();
        HttpResponseMessage accepted = await client.PostAsJsonAsync("/api/v1/auth/invitation", new { token, name = email.Split('@')[0], password }, Ct);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(Ct));
        Authorize(client, await TokenAsync(await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email, password }, Ct)));
        return ((await client.GetFromJsonAsync<JsonElement>("/api/v1/auth/me", Ct)).GetProperty("id").GetGuid(), client);
    }

    /// <summary>A new member of an organization, and a client in it.</summary>
    public async Task<(Guid Id, HttpClient Client)> MemberAsync(HttpClient admin, Guid organization, string email, string role)
    {
        (Guid id, HttpClient client) = await InvitedAsync(admin, email, role);
        Authorize(client, await TokenAsync(await client.PostAsJsonAsync("/api/v1/auth/organization", new { organizationId = organization }, Ct)));
        return (id, client);
    }

    public static async Task<bool> WithinAsync(TimeSpan time, Func<Task<bool>> holds)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > time)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }

        return true;
    }

    public static void Authorize(HttpClient client, string token) => client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public static async Task<string> TokenAsync(HttpResponseMessage response)
    {
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Ct)}");
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("accessToken").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
