using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Storage.Db;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Auspex.Server.Tests;

/// <summary>People, invitations, organizations; numbers are those of the checklist of faults.</summary>
public class PeopleTests
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task N66_OrganizationAdmin_CannotTouchSuperAdminsNorTheLastAdmin(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient root) = await server.OrganizationAsync("plant");
        (Guid anna, HttpClient admin) = await server.MemberAsync(root, organization, "anna@example.org", "admin");
        (Guid rootId, _) = await MakeRootMemberAsync(server, root, admin);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(admin.PutAsJsonAsync($"/api/v1/users/{rootId}/role", new { role = "viewer" }, Ct)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(admin.DeleteAsync($"/api/v1/users/{rootId}", Ct)));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(root.DeleteAsync($"/api/v1/users/{rootId}", Ct)));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(admin.PutAsJsonAsync($"/api/v1/users/{anna}/role", new { role = "engineer" }, Ct)));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(admin.DeleteAsync($"/api/v1/users/{anna}", Ct)));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(root.PutAsJsonAsync($"/api/v1/installation/users/{rootId}/disabled", new { disabled = true }, Ct)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(admin.PutAsJsonAsync($"/api/v1/installation/users/{rootId}/disabled", new { disabled = true }, Ct)));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task N67_OrganizationRemoved_LeavesNothingToANamesake(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid other, HttpClient otherAdmin) = await server.OrganizationAsync("other plant");
        (Guid organization, HttpClient root) = await server.OrganizationAsync("plant");
        (_, HttpClient member) = await server.MemberAsync(root, organization, "anna@example.org", "engineer");
        (Guid both, _) = await server.MemberAsync(root, organization, "ben@example.org", "viewer");
        await JoinAsync(server, otherAdmin, "ben@example.org");
        await root.PostAsJsonAsync("/api/v1/users/invitations", new { email = "carla@example.org", role = "viewer" }, Ct);
        string key = (await (await root.PostAsJsonAsync("/api/v1/api-keys", new { name = "gateway", scopes = new[] { "frames:write" } }, Ct))
            .Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("key").GetString()!;

        root = await server.SuperAdminAsync();
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(root.DeleteAsync($"/api/v1/installation/organizations/{organization}", Ct)));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(root.DeleteAsync($"/api/v1/installation/organizations/{organization}", Ct)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(member.GetAsync("/api/v1/users", Ct)));
        HttpClient gateway = server.Anonymous();
        RunningServer.Authorize(gateway, key);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway.GetAsync("/api/v1/users", Ct)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server.Client.PostAsJsonAsync(
            "/api/v1/auth/sign-in", new { email = "anna@example.org", password = "a good long password" }, Ct)));
        (Guid again, HttpClient namesake) = await server.OrganizationAsync("plant");
        Assert.NotEqual(organization, again);
        Assert.Empty((await namesake.GetFromJsonAsync<JsonElement>("/api/v1/users", Ct)).GetProperty("items").EnumerateArray());
        Assert.Equal("[]", await namesake.GetStringAsync("/api/v1/users/invitations", Ct));
        Assert.Equal("[]", await namesake.GetStringAsync("/api/v1/api-keys", Ct));
        Assert.DoesNotContain("gateway", await namesake.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);
        string users = await namesake.GetStringAsync("/api/v1/installation/users", Ct);
        Assert.DoesNotContain("anna@example.org", users, StringComparison.Ordinal);
        Assert.Contains("ben@example.org", users, StringComparison.Ordinal); // a member of another organization too
        Assert.Contains(both.ToString(), await otherAdmin.GetStringAsync("/api/v1/users", Ct), StringComparison.Ordinal);
        Assert.Contains("ORGANIZATION_REMOVED", await namesake.GetStringAsync("/api/v1/installation/audit", Ct), StringComparison.Ordinal);
        if (dialect == Dialect.Sqlite)
        {
            Assert.Equal([], await TablesWithAsync(server, organization));
            Assert.Contains("audit_entry", await TablesWithAsync(server, other)); // the search finds what is there
        }
    }

    [Fact]
    public async Task N69_SigningKey_IsRandomForEachInstallationAndSealed()
    {
        await using RunningServer one = await RunningServer.StartAsync();
        await using RunningServer two = await RunningServer.StartAsync();
        HttpClient ofOne = await one.SuperAdminAsync();
        HttpClient atTwo = two.Anonymous();
        atTwo.DefaultRequestHeaders.Authorization = ofOne.DefaultRequestHeaders.Authorization;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ofOne.GetAsync("/api/v1/auth/me", Ct)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(atTwo.GetAsync("/api/v1/auth/me", Ct)));
        using SqliteConnection connection = Open(one);
        string sealedKey = connection.QuerySingle<string>("select sealed from signing_key");
        Assert.Throws<System.Security.Cryptography.CryptographicException>(() =>
        {
            using var key = System.Security.Cryptography.ECDsa.Create();
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(sealedKey), out _);
        });
    }

    [Fact]
    public async Task N70_UserDisabledOrRoleLowered_ActsWithinASecond()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient root) = await server.OrganizationAsync("plant");
        (Guid anna, HttpClient member) = await server.MemberAsync(root, organization, "anna@example.org", "admin");
        await server.MemberAsync(root, organization, "ben@example.org", "admin");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(member.GetAsync("/api/v1/audit", Ct)));

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(root.PutAsJsonAsync($"/api/v1/users/{anna}/role", new { role = "viewer" }, Ct)));
        Assert.True(await RunningServer.WithinAsync(Promised, async () => await StatusAsync(member.GetAsync("/api/v1/audit", Ct)) == HttpStatusCode.Forbidden));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(member.GetAsync("/api/v1/users", Ct)));

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(root.PutAsJsonAsync($"/api/v1/installation/users/{anna}/disabled", new { disabled = true }, Ct)));
        Assert.True(await RunningServer.WithinAsync(Promised, async () => await StatusAsync(member.GetAsync("/api/v1/users", Ct)) == HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server.Client.PostAsJsonAsync(
            "/api/v1/auth/sign-in", new { email = "anna@example.org", password = "a good long password" }, Ct)));
        string audit = await root.GetStringAsync("/api/v1/audit", Ct);
        Assert.Contains("USER_ROLE_CHANGED", audit, StringComparison.Ordinal);
        Assert.Contains("INVITATION_ACCEPTED", audit, StringComparison.Ordinal);
        Assert.Contains("USER_DISABLED", await root.GetStringAsync("/api/v1/installation/audit", Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task N71_PasswordSprayOverManyNames_IsLimitedByAddress()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await server.SuperAdminAsync();
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 80).Select(i =>
            server.Client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = $"user{i}@example.org", password = "Winter2026!!" }, Ct)));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
        HttpResponseMessage last = await server.Client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "one.more@example.org", password = "Winter2026!!" }, Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
    }

    [Fact]
    public async Task N72_ApiKey_IsShownOnceStoredHashedExpiresAndIsRefusedInTheUrl()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        JsonElement made = await (await admin.PostAsJsonAsync("/api/v1/api-keys", new { name = "gateway", scopes = new[] { "frames:write" }, expiresInDays = 1 }, Ct))
            .Content.ReadFromJsonAsync<JsonElement>(Ct);
        string key = made.GetProperty("key").GetString()!;

        Assert.DoesNotContain(key.Split('.')[2], await admin.GetStringAsync("/api/v1/api-keys", Ct), StringComparison.Ordinal);
        using SqliteConnection connection = Open(server);
        Assert.DoesNotContain(key.Split('.')[2], connection.QuerySingle<string>("select secret_hash || name || scopes from api_key"), StringComparison.Ordinal);
        HttpResponseMessage inUrl = await admin.GetAsync($"/api/v1/users?api_key={key}", Ct);
        Assert.Equal(HttpStatusCode.BadRequest, inUrl.StatusCode);
        Assert.DoesNotContain(key, await inUrl.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        HttpClient gateway = server.Anonymous();
        RunningServer.Authorize(gateway, key);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway.GetAsync("/api/v1/users", Ct)));
        connection.Execute("update api_key set expires_at = 0");
        Assert.True(await RunningServer.WithinAsync(Promised, async () => await StatusAsync(gateway.GetAsync("/api/v1/users", Ct)) == HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Invitation_UsedRevokedOrOfAnAccount_IsNoWayIn(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient root) = await server.OrganizationAsync("plant");
        await server.MemberAsync(root, organization, "anna@example.org", "viewer");
        (_, HttpClient other) = await server.OrganizationAsync("other plant");
        string token = await TokenAsync(other, "ANNA@example.org");

        // Whoever invites an address that has an account cannot sign in as its owner.
        HttpResponseMessage stolen = await AcceptAsync(server, token, "another password");
        Assert.Equal(HttpStatusCode.Forbidden, stolen.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AcceptAsync(server, token, "a good long password")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(server, token, "a good long password")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(other.PostAsJsonAsync("/api/v1/users/invitations", new { email = "anna@example.org", role = "admin" }, Ct)));

        string first = await TokenAsync(other, "ben@example.org");
        string second = await TokenAsync(other, "ben@example.org");
        Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(server, first, "a good long password")).StatusCode);
        HttpResponseMessage weak = await AcceptAsync(server, second, "short");
        Assert.Contains("password has 5 characters", await weak.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Guid id = (await other.GetFromJsonAsync<JsonElement>("/api/v1/users/invitations", Ct))[0].GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(other.DeleteAsync($"/api/v1/users/invitations/{id}", Ct)));
        Assert.Equal(HttpStatusCode.NotFound, (await AcceptAsync(server, second, "a good long password")).StatusCode);
    }

    [Fact]
    public async Task Organization_RenamedWithZone_IsSeenByItsMembers()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient root) = await server.OrganizationAsync("plant");
        await server.OrganizationAsync("other plant");
        (_, HttpClient viewer) = await server.MemberAsync(root, organization, "anna@example.org", "viewer");
        string route = $"/api/v1/installation/organizations/{organization}";

        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(root.PutAsJsonAsync(route, new { name = "other plant", timeZone = "UTC" }, Ct)));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(root.PutAsJsonAsync(route, new { name = "plant", timeZone = "Mars" }, Ct)));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(root.PutAsJsonAsync(route, new { name = "north plant", timeZone = "Europe/Berlin" }, Ct)));

        JsonElement seen = await viewer.GetFromJsonAsync<JsonElement>("/api/v1/organization", Ct);
        Assert.Equal(("north plant", "Europe/Berlin"), (seen.GetProperty("name").GetString(), seen.GetProperty("timeZone").GetString()));
    }

    [Fact]
    public async Task SuperAdmin_MadeByAnother_ChangesThePasswordFirst()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        HttpClient root = await server.SuperAdminAsync();
        JsonElement made = await (await root.PostAsJsonAsync("/api/v1/installation/users", new { email = "two@example.org", name = "Two" }, Ct)).Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(root.PostAsJsonAsync("/api/v1/installation/users", new { email = "TWO@example.org", name = "Two" }, Ct)));
        HttpClient two = server.Anonymous();
        RunningServer.Authorize(two, await RunningServer.TokenAsync(await two.PostAsJsonAsync(
            "/api/v1/auth/sign-in", new { email = "two@example.org", password = made.GetProperty("password").GetString() }, Ct)));

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(two.GetAsync("/api/v1/installation/users", Ct)));
        JsonElement all = await root.GetFromJsonAsync<JsonElement>("/api/v1/installation/users?superAdmins=true", Ct);
        Assert.Equal(["admin@localhost", "two@example.org"], all.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("email").GetString()));
    }

    private static async Task<(Guid Id, HttpClient Client)> MakeRootMemberAsync(RunningServer server, HttpClient root, HttpClient admin)
    {
        Guid id = (await root.GetFromJsonAsync<JsonElement>("/api/v1/auth/me", Ct)).GetProperty("id").GetGuid();
        string token = await TokenAsync(admin, "admin@localhost");
        Assert.Equal(HttpStatusCode.OK, (await AcceptAsync(server, token, RunningServer.AdminPassword)).StatusCode);
        return (id, root);
    }

    private static async Task JoinAsync(RunningServer server, HttpClient admin, string email) =>
        Assert.Equal(HttpStatusCode.OK, (await AcceptAsync(server, await TokenAsync(admin, email), "a good long password")).StatusCode);

    private static async Task<string> TokenAsync(HttpClient admin, string email)
    {
        HttpResponseMessage invited = await admin.PostAsJsonAsync("/api/v1/users/invitations", new { email, role = "viewer" }, Ct);
        Assert.True(invited.IsSuccessStatusCode, await invited.Content.ReadAsStringAsync(Ct));
        return (await invited.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("token").GetString()!;
    }

    private static Task<HttpResponseMessage> AcceptAsync(RunningServer server, string token, string password) =>
        server.Client.PostAsJsonAsync("/api/v1/auth/invitation", new { token, name = "Somebody", password }, Ct);

    private static async Task<HttpStatusCode> StatusAsync(Task<HttpResponseMessage> answer) => (await answer).StatusCode;

    private static SqliteConnection Open(RunningServer server)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "metadata.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    // Tables in which any column holds the id.
    private static async Task<IReadOnlyList<string>> TablesWithAsync(RunningServer server, Guid id)
    {
        using SqliteConnection connection = Open(server);
        var found = new List<string>();
        foreach (string table in await connection.QueryAsync<string>("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"))
        {
            IEnumerable<dynamic> rows = await connection.QueryAsync($"select * from {table}");
            if (rows.Any(row => ((IDictionary<string, object>)row).Any(cell => cell.Key == "organization" && Equals(cell.Value, id.ToString()))))
            {
                found.Add(table);
            }
        }

        return found;
    }
}
