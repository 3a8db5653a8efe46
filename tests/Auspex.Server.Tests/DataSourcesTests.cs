using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Auspex.Server.Tests;

public class DataSourcesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Source_OfSqlite_BecomesFrames()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient admin) = await server.OrganizationAsync("plant");
        using SqliteConnection plant = Plant(server, organization);
        plant.Execute("create table readings (id integer primary key, t text not null, machine text, temp real, \"door open\" integer)");
        plant.Execute("insert into readings values (1, '2026-05-01T06:00:00Z', 'furnace-1', 851.5, 0), (2, '2026-05-01T06:00:30Z', 'furnace-1', 852, 1), (3, '2026-05-01T06:00:30Z', 'furnace-2', null, 0)");

        Guid id = await MadeAsync(admin, Body("scada"));
        JsonElement status = await UntilAsync(admin, id, status => status.GetProperty("rows").GetInt64() == 3);
        Assert.Equal("running", status.GetProperty("state").GetString());
        Assert.Equal("3", status.GetProperty("lastKey").GetString());
        Assert.Equal(3, status.GetProperty("frames").GetInt64());

        JsonElement frames = await FramesAsync(admin, "furnace-1");
        Assert.Equal(2, frames.GetProperty("timesUnixMs").GetArrayLength());
        Assert.Equal("door open=[0,1] temp=[851.5,852]", string.Join(' ', frames.GetProperty("signals").EnumerateArray()
            .Select(signal => $"{signal.GetProperty("name").GetString()}={signal.GetProperty("values").GetRawText()}").Order(StringComparer.Ordinal)));

        plant.Execute("insert into readings values (4, '2026-05-01T06:01:00Z', 'furnace-1', 853, 1)");
        await UntilAsync(admin, id, status => status.GetProperty("rows").GetInt64() == 4);
        Assert.Equal(3, (await FramesAsync(admin, "furnace-1")).GetProperty("timesUnixMs").GetArrayLength());
    }

    [Fact]
    public async Task Password_IsWrittenAndNeverRead()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        object Request(string host, string? password) => new
        {
            name = "mes",
            connection = new { kind = "postgresql", host, port = 1, database = "mes", user = "reader", password },
            mapping = new { table = "readings", keyColumn = "id", timeColumn = "t", asset = "oven", columns = new[] { new { column = "temp" } } },
        };
        HttpResponseMessage made = await admin.PostAsJsonAsync("/api/v1/data-sources", Request("127.0.0.1", "hush hush"), Ct);
        string text = await made.Content.ReadAsStringAsync(Ct);
        Assert.True(made.StatusCode == HttpStatusCode.Created, text);
        var id = JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid();
        await UntilAsync(admin, id, status => status.GetProperty("state").GetString() == "failing");
        foreach (string path in (string[])[$"/{id}", "", $"/{id}/status"])
        {
            text += await admin.GetStringAsync($"/api/v1/data-sources{path}", Ct);
        }

        text += await admin.GetStringAsync("/api/v1/audit", Ct);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.Contains("\"hasPassword\":true", text, StringComparison.Ordinal);
        Assert.Contains("DATA_SOURCE_CREATED", text, StringComparison.Ordinal);
        // It goes to no other host; where nothing else changes it stays.
        HttpResponseMessage elsewhere = await admin.PutAsJsonAsync($"/api/v1/data-sources/{id}", Request("elsewhere.example", null), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        Assert.Contains("connection.password: give it again", await elsewhere.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PutAsJsonAsync($"/api/v1/data-sources/{id}", Request("127.0.0.1", null), Ct)).StatusCode);
        Assert.Contains("\"hasPassword\":true", await admin.GetStringAsync($"/api/v1/data-sources/{id}", Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/data-sources/{id}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"/api/v1/data-sources/{id}", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("""{"kind":"sqlite","file":"../metadata.db"}""", "connection.file")]
    [InlineData("""{"kind":"sqlite","file":"/etc/passwd"}""", "connection.file")]
    [InlineData("""{"kind":"sqlite","file":"a/../../x.db"}""", "connection.file")]
    [InlineData("""{"kind":"sqlite","file":"file:x?mode=rwc"}""", "connection.file")]
    [InlineData("""{"kind":"postgresql","host":"/var/run/postgresql","database":"d","user":"u"}""", "connection.host")]
    [InlineData("""{"kind":"mysql","host":"a;AllowLoadLocalInfile=true","database":"d","user":"u"}""", "connection.host")]
    [InlineData("""{"kind":"mysql","host":"h","port":0,"database":"d","user":"u"}""", "connection.port")]
    [InlineData("""{"kind":"mysql","host":"h","database":"d","user":"u","tls":"maybe"}""", "connection.tls")]
    [InlineData("""{"kind":"oracle","host":"h","database":"d","user":"u"}""", "connection.kind")]
    public async Task Connection_ThatMayNotBe_IsRefused(string connection, string field)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        HttpResponseMessage answer = await admin.PostAsync("/api/v1/data-sources/test", new StringContent($"{{\"connection\":{connection}}}", System.Text.Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(field, await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestTablesPreview_OfAFile_TellWhatItHolds()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (Guid organization, HttpClient admin) = await server.OrganizationAsync("plant");
        using SqliteConnection plant = Plant(server, organization);
        plant.Execute("create table readings (id integer primary key, t text not null, machine text, temp_degc real)");
        plant.Execute("insert into readings values (1, '2026-05-01T06:00:00Z', 'furnace-1', 851.5), (2, '2026-05-01T06:00:30Z', 'furnace-1', 'broken')");
        var connection = new { kind = "sqlite", file = "scada.db" };
        Assert.Contains("SQLite", await AskAsync(admin, "test", new { connection }, HttpStatusCode.OK), StringComparison.Ordinal);
        JsonElement table = JsonDocument.Parse(await AskAsync(admin, "tables", new { connection }, HttpStatusCode.OK)).RootElement.GetProperty("items")[0];
        Assert.Equal(("readings", 2, "id", "wide"), (
            table.GetProperty("name").GetString(), table.GetProperty("rows").GetInt32(), table.GetProperty("key").GetString(), table.GetProperty("layout").GetString()));
        Assert.Equal(["id  ", "t time ", "machine asset ", "temp_degc signal °C"], table.GetProperty("columns").EnumerateArray()
            .Select(column => $"{column.GetProperty("name").GetString()} {column.GetProperty("guess").GetString()} {column.GetProperty("unit").GetString()}"));
        var mapping = new { table = "readings", keyColumn = "id", timeColumn = "t", assetColumn = "machine", columns = new[] { new { column = "temp_degc", signal = "temp" } } };
        JsonElement preview = JsonDocument.Parse(await AskAsync(admin, "preview", new { connection, mapping }, HttpStatusCode.OK)).RootElement;
        Assert.Equal("""{"temp":851.5}""", preview.GetProperty("frames")[0].GetProperty("values").GetRawText());
        Assert.Equal("2", preview.GetProperty("bad")[0].GetProperty("key").GetString());
        Assert.Equal(0, (await admin.GetFromJsonAsync<JsonElement>("/api/v1/frames/latest", Ct)).GetProperty("items").GetArrayLength());
        File.CreateSymbolicLink(Path.Combine(server.Folder, "sources", organization.ToString(), "link.db"), Path.Combine(server.Folder, "metadata.db"));
        Assert.Contains("leads through a link", await AskAsync(admin, "test", new { connection = new { kind = "sqlite", file = "link.db" } }, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_ToTheInstallationsOwnDatabase_IsRefused()
    {
        await using RunningServer server = await RunningServer.StartAsync(Auspex.Storage.Db.Dialect.PostgreSql);
        (_, HttpClient admin) = await server.OrganizationAsync("plant");
        var own = new Npgsql.NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL"));
        foreach (string host in (string[])["127.0.0.1", "localhost", "::1", "0.0.0.0", "127.0.0.2"])
        {
            string said = await AskAsync(admin, "tables", new { connection = new { kind = "postgresql", host, port = own.Port, database = own.Database, user = own.Username } }, HttpStatusCode.UnprocessableEntity);
            Assert.Contains(host == "0.0.0.0" ? "cannot be looked up" : "the database of the installation itself", said, StringComparison.Ordinal);
        }
    }

    private static async Task<string> AskAsync(HttpClient client, string what, object body, HttpStatusCode expected)
    {
        HttpResponseMessage answer = await client.PostAsJsonAsync($"/api/v1/data-sources/{what}", body, Ct);
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == expected, text);
        return text;
    }

    private static object Body(string name, object? mapping = null) => new
    {
        name,
        connection = new { kind = "sqlite", file = "scada.db" },
        mapping = mapping ?? new
        {
            table = "readings",
            keyColumn = "id",
            timeColumn = "t",
            assetColumn = "machine",
            columns = new[] { new { column = "temp" }, new { column = "door open" } },
        },
        pollSeconds = 1,
    };

    private static SqliteConnection Plant(RunningServer server, Guid organization)
    {
        string folder = Path.Combine(server.Folder, "sources", organization.ToString());
        Directory.CreateDirectory(folder);
        var plant = new SqliteConnection($"Data Source={Path.Combine(folder, "scada.db")};Pooling=false");
        plant.Open();
        return plant;
    }

    private static async Task<Guid> MadeAsync(HttpClient client, object body)
    {
        HttpResponseMessage made = await client.PostAsJsonAsync("/api/v1/data-sources", body, Ct);
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Ct));
        return (await made.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("id").GetGuid();
    }

    private static async Task<JsonElement> StatusAsync(HttpClient client, Guid id) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/v1/data-sources/{id}/status", Ct)).GetProperty("reading");

    private static async Task<JsonElement> UntilAsync(HttpClient client, Guid id, Func<JsonElement, bool> holds)
    {
        JsonElement status = default;
        Assert.True(await RunningServer.WithinAsync(Soon, async () => holds(status = await StatusAsync(client, id))), status.ToString());
        return status;
    }

    private static Task<JsonElement> FramesAsync(HttpClient client, string asset) =>
        client.GetFromJsonAsync<JsonElement>($"/api/v1/frames?asset={asset}&from=1767225600000&to=1798761600000", Ct);
}
