using System.Globalization;
using System.Net;
using System.Text;
using Auspex.Storage.Db;
using Microsoft.Extensions.DependencyInjection;

namespace Auspex.Server.Tests;

public class ExportTests
{
    private const long Noon = 1_767_268_800_000; // 2026-01-01T12:00:00Z

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Frames_OfSeveralAssets_HaveAColumnASignalAndTheirQuality(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid press = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site, externalName = "=press;1" });
        await AppendAsync(client, $$$"""
            {"asset":"=press;1","time":{{{Noon}}},"values":{"temperature":-5,"@running":true}},
            {"asset":"=press;1","time":{{{Noon + 1500}}},"values":{"temperature":null,"@running":false},"quality":{"@running":"uncertain"}},
            {"asset":"pump","time":{{{Noon + 1}}},"values":{"flow, l/min":1e-7}},
            {"asset":"pump","time":{{{Noon + 60_000}}},"values":{"flow, l/min":2}}
            """);

        HttpResponseMessage answer = await client.GetAsync($"/api/v1/frames/export?asset=%3Dpress%3B1&asset=pump&asset={press}&from={Noon}&to=2026-01-01T12:01:00Z", Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("frames-20260101T120000Z-20260101T120100Z.csv", answer.Content.Headers.ContentDisposition.FileName);
        Assert.Equal(
            [
                "asset,time,quality,temperature,'@running,\"flow, l/min\"",
                "\"'=press;1\",2026-01-01T12:00:00.000Z,,-5,1,",
                "\"'=press;1\",2026-01-01T12:00:01.500Z,\"{\"\"temperature\"\":\"\"bad\"\",\"\"@running\"\":\"\"uncertain\"\"}\",,0,",
                "pump,2026-01-01T12:00:00.001Z,,,,1E-07",
            ],
            await LinesAsync(answer));
        Assert.StartsWith("asset;time;quality\r\n", await client.GetStringAsync($"/api/v1/frames/export?asset=pump&from=0&to=1&separator=semicolon", Ct), StringComparison.Ordinal);
        string audit = await client.GetStringAsync("/api/v1/audit", Ct);
        Assert.Contains("\"FRAMES_EXPORTED\"", audit, StringComparison.Ordinal);
        Assert.Contains("\"rows\":3,\"whole\":true", audit.Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/frames/export?asset=pump&from={Noon}&to={Noon + 1}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/v1/frames/export?asset=pump&asset=unknown&from={Noon}&to={Noon + 1}", Ct)).StatusCode);
    }

    [Theory]
    [InlineData("from=0&to=1", "sset")]
    [InlineData("asset=pump&from=0&to=0", "must be later")]
    [InlineData("asset=pump&from=x&to=0", "from: 'x'")]
    [InlineData("asset=a%00b&from=0&to=1", "control character")]
    [InlineData("asset=pump&from=0&to=1&separator=%7C", "eparator")]
    [InlineData("asset=pump&from=0&to=1&separator=", "eparator")]
    public async Task Frames_AskedWrongly_SaysWhatWouldBeRight(string query, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");

        Assert.Contains(expected, await (await client.GetAsync($"/api/v1/frames/export?{query}", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    // More than one read, and signals that come late.
    [Fact]
    public async Task Frames_Many_StandThereOnceEach()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        for (int batch = 0; batch < 4; batch++)
        {
            await AppendAsync(client, string.Join(',', Enumerable.Range(batch * 2_000, 2_000).Select(i => string.Create(
                CultureInfo.InvariantCulture, $$$"""{"asset":"press","time":{{{Noon + i}}},"values":{"signal {{{i / 100}}}":{{{i}}}}}"""))));
        }

        string[] lines = await LinesAsync(await client.GetAsync($"/api/v1/frames/export?asset=press&from={Noon}&to={Noon + 100_000}", Ct));

        Assert.Equal(8_001, lines.Length);
        Assert.Equal(["asset", "time", "quality", .. Enumerable.Range(0, 80).Select(i => $"signal {i}")], lines[0].Split(','));
        for (int i = 0; i < 8_000; i++)
        {
            string[] cells = lines[i + 1].Split(',');
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), cells[3 + (i / 100)]);
            Assert.Equal(79, cells.Count(cell => cell.Length == 0) - 1);
        }
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Events_AsListed_AreExported(Dialect dialect)
    {
        await using RunningServer server = await RunningServer.StartAsync(dialect);
        (Guid organization, HttpClient client) = await server.OrganizationAsync("plant");
        (_, HttpClient stranger) = await server.OrganizationAsync("other plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site });
        Guid work = await client.CreateAsync("/api/v1/events", new
        {
            kind = "maintenance",
            assetId = asset,
            startedAt = "2026-01-03T00:00:00Z",
            endedAt = "2026-01-03T01:00:00+01:00",
            component = "+pump",
            routine = true,
            activity = "seal, valve",
            number = "-7",
        });
        await client.CreateAsync("/api/v1/events", new { kind = "note", assetId = asset, startedAt = "2026-01-04T00:00:00Z", note = "=1+1\nsaid \"Bo\"" });

        HttpResponseMessage answer = await client.GetAsync("/api/v1/events/export?component=%2Bpump", Ct);

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Matches("^events-[0-9]{8}T[0-9]{6}Z\\.csv$", answer.Content.Headers.ContentDisposition!.FileName);
        string[] lines = await LinesAsync(answer);
        Assert.Equal("id,assetId,kind,startedAt,endedAt,component,failureMode,routine,activity,number,code,note,createdAt,createdBy,updatedAt", lines[0]);
        Assert.StartsWith($"{work},{asset},maintenance,2026-01-03T00:00:00.000Z,2026-01-03T00:00:00.000Z,'+pump,,true,\"seal, valve\",'-7,,,2", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
        string all = await client.GetStringAsync("/api/v1/events/export?separator=semicolon", Ct);
        Assert.Contains(";note;2026-01-04T00:00:00.000Z;;;;;;;;\"'=1+1\nsaid \"\"Bo\"\"\";", all, StringComparison.Ordinal);
        Assert.DoesNotContain("note", (await client.GetStringAsync("/api/v1/events/export?to=2026-01-04T00:00:00Z", Ct)).Split('\n', 2)[1], StringComparison.Ordinal);
        Assert.Single(await LinesAsync(await stranger.GetAsync("/api/v1/events/export", Ct)));
        Assert.Contains("eparator", await (await client.GetAsync("/api/v1/events/export?separator=tab", Ct)).RefusalAsync(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("\"EVENTS_EXPORTED\"", await client.GetStringAsync("/api/v1/audit", Ct), StringComparison.Ordinal);

        // More than one read, many of one instant.
        await server.Server.Services.GetRequiredService<InstallationDb>().Of(organization).ExecuteAsync(
            """
            insert into plant_event (organization, id, asset, kind, started_at, code, revision, created_at, created_by, updated_at)
            with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500)
            select @organization, 'event ' || i, @asset, 'error', 1000000 + i / 900, 'code ' || i, 1, 0, '', 0 from n
            """,
            new { asset = asset.ToString() },
            Ct);
        string[] errors = await LinesAsync(await client.GetAsync($"/api/v1/events/export?kind=error&asset={asset}", Ct));
        Assert.Equal(2_501, errors.Length);
        Assert.Equal(2_500, errors.Skip(1).Select(line => line.Split(',')[10]).Distinct(StringComparer.Ordinal).Count());
    }

    private static async Task AppendAsync(HttpClient client, string rows)
    {
        HttpResponseMessage answer = await client.PostAsync("/api/v1/frames", new StringContent($$"""{"frames":[{{rows}}]}""", Encoding.UTF8, "application/json"), Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    private static async Task<string[]> LinesAsync(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        return text[..^2].Split("\r\n");
    }
}
