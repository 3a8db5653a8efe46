using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Auspex.Server;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Auspex.Bench;

/// <summary>What the HTTP API costs: throughput beside a bare Kestrel endpoint in the same process, and how long lists take in a large installation.</summary>
internal static class ApiBench
{
    private const int Organizations = 100;
    private const int Assets = 10_000;
    private const int Events = 1_000_000;
    private const int Signals = 20;
    private const int FramesAWrite = 10;
    private const int Connections = 32;
    private const int Calls = 40;
    private static readonly string[] Scopes = ["frames:write"];

    private const string Plant = "00000000-0000-0000-0000-000000000001";

    /// <param name="args">Folder, seconds of each run of wrk.</param>
    internal static void Run(string[] args) => RunAsync(args[0], int.Parse(args[1], CultureInfo.InvariantCulture)).GetAwaiter().GetResult();

    private static async Task RunAsync(string folder, int seconds)
    {
        string data = Path.Combine(folder, "data");
        using (DataFolder held = DataFolder.Hold(data))
        {
            await FillAsync(held.PathOf("metadata.db")).ConfigureAwait(false);
        }

        await using AuspexServer server = await AuspexServer.StartAsync(
            new ServerOptions { DataFolder = data, Urls = ["http://127.0.0.1:0"], RequestsPerSecond = 10_000_000, ValuesPerSecond = int.MaxValue }, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        string address = server.Urls.First();
        using var client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(1) };
        await BenchClient.SignInAsync(client, server.FirstAdmin!.Password, Plant).ConfigureAwait(false);
        string key = (await BenchClient.PostAsync(client, "/api/v1/api-keys", new { name = "bench", scopes = Scopes }).ConfigureAwait(false)).GetProperty("key").GetString()!;
        await FramesOfAllAsync(client).ConfigureAwait(false);

        await ThroughputAsync(folder, seconds, address, client, key).ConfigureAwait(false);
        await ListsAsync(address, client, key).ConfigureAwait(false);
    }

    private static async Task ThroughputAsync(string folder, int seconds, string address, HttpClient client, string key)
    {
        string asset = (await GetAsync(client, "/api/v1/assets?limit=1").ConfigureAwait(false)).GetProperty("items")[0].GetProperty("id").GetString()!;
        string token = client.DefaultRequestHeaders.Authorization!.ToString();
        await using WebApplication bare = await BareAsync(await client.GetStringAsync($"/api/v1/assets/{asset}").ConfigureAwait(false)).ConfigureAwait(false);
        string write = Path.Combine(folder, "write.lua");
        await File.WriteAllTextAsync(write, WriteScript(key)).ConfigureAwait(false);

        double Wrk(string url, params string[] more) => Requests(seconds, [.. more, url]);
        // Before and behind, so that what else the machine does falls on both.
        double before = Wrk(bare.Urls.First() + "/");
        double read = Wrk($"{address}/api/v1/assets/{asset}", "-H", $"Authorization: {token}");
        double latest = Wrk($"{address}/api/v1/frames/latest?asset=sender-00017", "-H", $"Authorization: {token}");
        double frames = Wrk($"{address}/api/v1/frames", "-s", write);
        double behind = Wrk(bare.Urls.First() + "/");
        double floor = (before + behind) / 2;
        Say($"bare Kestrel JSON endpoint       {floor,9:F0} requests/s (before {before:F0}, behind {behind:F0}); wrk, {Connections} connections, {seconds} s each");
        Say($"read: one asset of the tree      {read,9:F0} requests/s, {read / floor:F2} of bare");
        Say($"read: newest frame of an asset   {latest,9:F0} requests/s, {latest / floor:F2} of bare (promised 0.5)");
        Say($"write: {FramesAWrite} frames of {Signals} signals, durable {frames,7:F0} requests/s, {frames / floor:F2} of bare, {frames * FramesAWrite * Signals:F0} values/s");
    }

    private static async Task ListsAsync(string address, HttpClient client, string key)
    {
        using var stop = new CancellationTokenSource();
        Task<int> flow = FlowAsync(address, key, stop.Token);
        string asset = (await GetAsync(client, "/api/v1/assets?limit=1").ConfigureAwait(false)).GetProperty("items")[0].GetProperty("id").GetString()!;
        Say($"lists: {Assets} assets, {Events} events, {Organizations} organizations, while frames flow; p95 of {Calls} calls, promised 200 ms");
        bool kept = true;
        foreach (string path in (string[])
        [
            "assets", "assets?limit=1000", "assets?sort=-createdAt", "assets?search=99", "assets?assetClass=press", "tree", "tree?parent=site-0", "events", "events?limit=1000", "events?kind=failure",
            $"events?asset={asset}", "events?component=nowhere", "signals", $"assets/{asset}/signals", $"assets/{asset}/documents", $"assets/{asset}/moves", "frames/latest", "frames/latest?limit=1000",
            "frames/unassigned", "operator-positions", "saved-views", "users", "users/invitations", "api-keys", "audit", "installation/organizations", "installation/users", "installation/audit",
            "organizations/current/telemetry/history",
        ])
        {
            var times = new List<double>();
            for (int i = 0; i < Calls; i++)
            {
                long start = Stopwatch.GetTimestamp();
                using HttpResponseMessage answer = await client.GetAsync(new Uri($"/api/v1/{path.Replace("site-0", SiteId, StringComparison.Ordinal)}", UriKind.Relative)).ConfigureAwait(false);
                await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException($"{path}: {(int)answer.StatusCode}");
                }
            }

            double[] sorted = [.. times.Order()];
            double p95 = sorted[(int)(0.95 * Calls)];
            kept &= p95 < 200;
            Say($"  {path.Split(asset)[0] + (path.Contains(asset, StringComparison.Ordinal) ? "…" + path.Split(asset)[1] : ""),-44} median {sorted[Calls / 2],7:F1} ms   p95 {p95,7:F1} ms{(p95 < 200 ? "" : "   too slow")}");
        }

        await stop.CancelAsync().ConfigureAwait(false);
        Say($"frames stored meanwhile: {await flow.ConfigureAwait(false)}; {(kept ? "every list within 200 ms" : "not every list within 200 ms")}");
    }

    private const string SiteId = "00000000-0000-0000-0001-000000000000";

    // A batch of every hundredth asset ten times a second.
    private static async Task<int> FlowAsync(string address, string key, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse($"Bearer {key}");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        int frames = 0;
        try
        {
            for (int round = 0; await timer.WaitForNextTickAsync(stop).ConfigureAwait(false); round++)
            {
                await AppendAsync(client, Enumerable.Range(0, 100).Select(i => (i * 100) + (round % 100))).ConfigureAwait(false);
                frames += 100;
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }

        return frames;
    }

    private static async Task FramesOfAllAsync(HttpClient client)
    {
        for (int first = 0; first < Assets; first += 2_000)
        {
            await AppendAsync(client, Enumerable.Range(first, 2_000)).ConfigureAwait(false);
        }
    }

    private static async Task AppendAsync(HttpClient client, IEnumerable<int> assets)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string body = $"{{\"frames\":[{string.Join(',', assets.Select(asset => Frame(asset, now.ToString(CultureInfo.InvariantCulture))))}]}}";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/api/v1/frames", UriKind.Relative), content).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
    }

    private static string Frame(int asset, string time) =>
        $$$"""{"asset":"sender-{{{asset:D5}}}","time":{{{time}}},"values":{{{{string.Join(',', Enumerable.Range(0, Signals).Select(i => $"\"signal_{i}\":{i}.{asset % 97:D2}"))}}}}}""";

    // Each request has a time of its own, so that none is a duplicate.
    private static string WriteScript(string key) => $$"""
        local time = {{TimeProvider.System.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds()}}
        local from = 0
        setup = function(thread) thread:set("first", from); from = from + 5000000 end
        init = function() time = time + first end
        local frame = '{{Frame(17, "%d")}}'
        request = function()
          local frames = {}
          for i = 1, {{FramesAWrite}} do time = time + 1; frames[i] = string.format(frame, time) end
          return wrk.format("POST", nil, {["Authorization"] = "Bearer {{key}}", ["Content-Type"] = "application/json"}, '{"frames":[' .. table.concat(frames, ",") .. ']}')
        end
        """;

    private static double Requests(int seconds, string[] arguments)
    {
        using var wrk = Process.Start(new ProcessStartInfo("wrk", ["-t", "1", "-c", Connections.ToString(CultureInfo.InvariantCulture), "-d", $"{seconds}s", .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        string said = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        if (said.Contains("Non-2xx", StringComparison.Ordinal) || wrk.ExitCode != 0)
        {
            throw new InvalidOperationException($"wrk: {said}");
        }

        string line = said.Split('\n').Single(one => one.StartsWith("Requests/sec:", StringComparison.Ordinal));
        return double.Parse(line["Requests/sec:".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<WebApplication> BareAsync(string sample)
    {
        Sample answer = JsonSerializer.Deserialize<Sample>(sample, JsonSerializerOptions.Web)!;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapGet("/", () => TypedResults.Ok(answer));
        await app.StartAsync().ConfigureAwait(false);
        return app;
    }

    private static async Task FillAsync(string path)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(path);
        await SchemaUpgrade.ApplyAsync(database, "metadata", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(
            null,
            async (connection, _) =>
            {
                const string numbers = "with recursive n (i) as (select 0 union all select i + 1 from n where i < @most - 1)";
                const string organization = "printf('00000000-0000-0000-0000-%012d', i + 1)";
                foreach ((string sql, int most) in ((string, int)[])
                [
                    ($"insert into organization (id, name, time_zone, state, created_at) {numbers} select {organization}, printf('plant %03d', i), 'UTC', 'active', @now from n", Organizations),
                    ($"insert into tree_node (organization, id, kind, name, key_name, facts, revision, created_at, updated_at) {numbers} select {organization}, @site, 'site', 'site', 'SITE', '{{}}', 1, @now, @now from n", Organizations),
                    ($"insert into tree_node (organization, id, parent, kind, name, key_name, external_name, asset_class, facts, revision, created_at, updated_at) {numbers} select @plant, printf('00000000-0000-0000-0002-%012d', i), @site, 'asset', printf('asset %05d', i), printf('ASSET %05d', i), printf('sender-%05d', i), case when i % 10 = 0 then 'press' else 'lathe' end, '{{\"age\":7}}', 1, @now + i, @now from n", Assets),
                    ($"insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) {numbers} select printf('00000000-0000-0000-0000-%012d', 2 + i / 100), printf('00000000-0000-0000-0003-%012d', i), @site, 'asset', printf('asset %05d', i), printf('ASSET %05d', i), '{{}}', 1, @now + i, @now from n", 100 * (Organizations - 1)),
                    ($"insert into plant_event (organization, id, asset, kind, started_at, component, note, revision, created_at, created_by, updated_at) {numbers} select @plant, printf('00000000-0000-0000-0004-%012d', i), printf('00000000-0000-0000-0002-%012d', i * 7919 % @assets), case when i % 1000 = 0 then 'failure' else 'note' end, @now - 60000 * cast(i as bigint), case when i % 3 = 0 then 'belt' end, 'n', 1, @now, 'user', @now from n", Events),
                    ($"insert into signal (organization, id, name, label, kind, role, states, revision, created_at, updated_at) {numbers} select @plant, printf('00000000-0000-0000-0005-%012d', i), printf('signal_%d', i), 's', 'continuous', 'reading', '[]', 1, @now, @now from n", Signals),
                ])
                {
                    await connection.ExecuteAsync(sql, new { most, now, plant = Plant, site = SiteId, assets = Assets }).ConfigureAwait(false);
                }

                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetFromJsonAsync<JsonElement>(path);

    private static void Say(string line) => Console.WriteLine(line);

    private sealed record Sample(
        Guid Id, Guid ParentId, string Name, string? ExternalName, string? AssetClass, JsonElement Facts, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
}
