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
