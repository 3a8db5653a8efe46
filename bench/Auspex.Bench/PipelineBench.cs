using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Auspex.Models.Package;
using Auspex.Server;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Dapper;

namespace Auspex.Bench;

/// <summary>The live line under load: frames over HTTP through journal, features and a package, and how long it takes from a frame's arrival until its prediction can be read.</summary>
internal static class PipelineBench
{
    private const int FramesABatch = 500;
    private const string Plant = "00000000-0000-0000-0000-000000000001";
    private const string Probe = "probe";
    private static readonly string[] Scopes = ["frames:write", "predictions:read"];

    /// <param name="args">Folder, seconds, assets, folder of the package, values a frame, <c>json</c> or <c>lines</c>.</param>
    internal static void Run(string[] args) => RunAsync(
        args[0], Number(args[1]), Number(args[2]), args[3], Number(args[4]), args[5]).GetAwaiter().GetResult();

    /// <param name="args">Address, API key, seconds, assets, signals joined by commas, <c>json</c> or <c>lines</c>.</param>
    internal static void Load(string[] args) => LoadAsync(new Uri(args[0]), args[1], Number(args[2]), Number(args[3]), args[4].Split(','), args[5] == "lines").GetAwaiter().GetResult();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task RunAsync(string folder, int seconds, int assets, string packageFolder, int values, string format)
    {
        var package = ModelPackage.Load(packageFolder);
        string data = Path.Combine(folder, "data");
        using (DataFolder held = DataFolder.Hold(data))
        {
            await FillAsync(held.PathOf("metadata.db"), assets).ConfigureAwait(false);
        }

        await using AuspexServer server = await AuspexServer.StartAsync(
            new ServerOptions { DataFolder = data, Urls = ["http://127.0.0.1:0"], RequestsPerSecond = 10_000_000, ValuesPerSecond = int.MaxValue }, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        var address = new Uri(server.Urls.First());
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
        await BenchClient.SignInAsync(client, server.FirstAdmin!.Password, Plant).ConfigureAwait(false);
        string key = (await BenchClient.PostAsync(client, "/api/v1/api-keys", new { name = "bench", scopes = Scopes }).ConfigureAwait(false)).GetProperty("key").GetString()!;
        using var archive = new ByteArrayContent(package.ToArchive());
        archive.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        string version = (await BenchClient.PostAsync(client, "/api/v1/models", archive).ConfigureAwait(false)).GetProperty("version").GetString()!;
        await BenchClient.PostAsync(client, "/api/v1/ml/deploy", new { version }).ConfigureAwait(false);
        (await client.PutAsJsonAsync("/api/v1/organizations/current/prediction", new { predictionEnabled = true }).ConfigureAwait(false)).EnsureSuccessStatusCode();
        while (!(await client.GetFromJsonAsync<JsonElement>("/api/v1/ml/status").ConfigureAwait(false)).GetProperty("active")[0].GetProperty("loaded").GetBoolean())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System).ConfigureAwait(false);
        }

        // What the model does not know is stored beside.
        string[] signals = [.. package.Manifest.Schema.Signals.Select(signal => signal.Name).Concat(Enumerable.Range(0, values).Select(i => $"other{i}")).Take(values)];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Process own = Process.GetCurrentProcess();
        TimeSpan cpu = own.TotalProcessorTime;
        long began = Stopwatch.GetTimestamp();
        using var load = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, ["pipeline-load", address.ToString(), key, seconds.ToString(CultureInfo.InvariantCulture), assets.ToString(CultureInfo.InvariantCulture), string.Join(',', signals), format])
        {
            RedirectStandardOutput = true,
        })!;
        Task<string> said = load.StandardOutput.ReadToEndAsync();
        using var prober = new HttpClient { BaseAddress = address };
        prober.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        List<double> latencies = await ProbeAsync(prober, signals, said).ConfigureAwait(false);
        await load.WaitForExitAsync().ConfigureAwait(false);
        string[] sent = (await said.ConfigureAwait(false)).Trim().Split(' ');
        long frames = long.Parse(sent[0], CultureInfo.InvariantCulture);
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        long behind = (await client.GetFromJsonAsync<JsonElement>("/api/v1/ml/status").ConfigureAwait(false)).GetProperty("rowsBehind").GetInt64();
        while ((await client.GetFromJsonAsync<JsonElement>("/api/v1/ml/status").ConfigureAwait(false)).GetProperty("rowsBehind").GetInt64() > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System).ConfigureAwait(false);
        }

        double judged = Stopwatch.GetElapsedTime(began).TotalSeconds;
        own.Refresh();
        double[] sorted = [.. latencies.Order()];
        Say($"package    {package.Manifest.Name}: {package.Manifest.Features.Names.Count} features of {package.Manifest.Schema.Signals.Count} signals, {package.Ensemble.TreeCount} trees, {package.Ensemble.LeafCount} leaves");
        Say($"input      {frames} frames of {values} signals of {assets} assets in batches of {FramesABatch}, {format} over HTTP, {took:F1} s; SQLite, fsync before each answer; {Environment.ProcessorCount} cores, the generator among them");
        Say($"taken      {frames * values / took:F0} values/s, {frames / took:F0} frames/s");
        Say($"judged     {frames * values / judged:F0} values/s until all were judged and their predictions durable; {behind} rows behind when the last was taken, {sent[2]} batches refused");
        Say($"latency    p50 {At(sorted, .5):F1} ms, p99 {At(sorted, .99):F1} ms from sending a frame to reading its prediction over HTTP; {sorted.Length} probes");
        Say($"processor  server {(own.TotalProcessorTime - cpu).TotalSeconds / judged:F2} cores, generator {double.Parse(sent[1], CultureInfo.InvariantCulture) / took:F2} cores");
        Say($"memory     {(GC.GetTotalMemory(forceFullCollection: true) - before) / (double)assets:F0} bytes an asset, frames that are not packed yet among them; {own.WorkingSet64 / 1048576} MiB resident");
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)(share * (sorted.Length - 1))];

    // A frame of an asset of its own, and then asked for until its prediction is there.
    private static async Task<List<double>> ProbeAsync(HttpClient client, string[] signals, Task until)
    {
        var latencies = new List<double>();
        string id = "00000000-0000-0000-0009-000000000000";
        while (!until.IsCompleted)
        {
            long time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            long began = Stopwatch.GetTimestamp();
            await BenchClient.PostAsync(client, "/api/v1/frames", new { frames = new[] { new { asset = Probe, time, values = signals.ToDictionary(name => name, _ => 1.0) } } }).ConfigureAwait(false);
            while (true)
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri($"/api/v1/assets/{id}/predictions/latest", UriKind.Relative)).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<JsonElement>().ConfigureAwait(false)).GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds() >= time)
                {
                    break;
                }
            }

            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System).ConfigureAwait(false);
        }

        return latencies;
    }

    private static async Task LoadAsync(Uri address, string key, int seconds, int assets, string[] signals, bool lines)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        long end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        long frames = 0;
        long refused = 0;
        // A month back, so that frames 30 s apart stay behind the clock.
        long start = TimeProvider.System.GetUtcNow().AddDays(-30).ToUnixTimeMilliseconds();
        int next = -FramesABatch;
        Task[] senders = [.. Enumerable.Range(0, 2).Select(sender => Task.Run(async () =>
        {
            var random = new Random(sender);
            var text = new StringBuilder();
            while (Stopwatch.GetTimestamp() < end)
            {
                long first = Interlocked.Add(ref next, FramesABatch);
                text.Clear();
                if (!lines)
                {
                    text.Append("{\"frames\":[");
                }

                for (long i = first; i < first + FramesABatch; i++)
                {
                    long time = start + (i / assets * 30_000);
                    text.Append(CultureInfo.InvariantCulture, $"{(lines ? $"plc,asset=asset-{i % assets} " : $"{(i > first ? "," : "")}{{\"asset\":\"asset-{i % assets}\",\"time\":{time},\"values\":{{")}");
                    for (int s = 0; s < signals.Length; s++)
                    {
                        double value = Math.Round((100 * s) + (20 * random.NextDouble()), 2);
                        text.Append(CultureInfo.InvariantCulture, $"{(s > 0 ? "," : "")}{(lines ? "" : "\"")}{signals[s]}{(lines ? "=" : "\":")}{value}");
                    }

                    text.Append(CultureInfo.InvariantCulture, $"{(lines ? $" {time}\n" : "}}")}");
                }

                if (!lines)
                {
                    text.Append("]}");
                }

                string body = text.ToString();
                while (true)
                {
                    using var content = new StringContent(body, Encoding.UTF8, lines ? "text/plain" : "application/json");
                    using HttpResponseMessage answer = await client.PostAsync(new Uri(lines ? "/api/v2/write?precision=ms" : "/api/v1/frames", UriKind.Relative), content).ConfigureAwait(false);
                    if (answer.IsSuccessStatusCode)
                    {
                        break;
                    }

                    if (answer.StatusCode != System.Net.HttpStatusCode.ServiceUnavailable)
                    {
                        throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync().ConfigureAwait(false)}");
                    }

                    Interlocked.Increment(ref refused);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System).ConfigureAwait(false);
                }

                Interlocked.Add(ref frames, FramesABatch);
            }
        }))];
        await Task.WhenAll(senders).ConfigureAwait(false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{frames} {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds} {refused}"));
    }

    private static async Task FillAsync(string path, int assets)
    {
        await using SqliteDatabase database = SqliteDatabase.Open(path);
        await SchemaUpgrade.ApplyAsync(database, "metadata", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(
            null,
            async (connection, _) =>
            {
                const string site = "00000000-0000-0000-0001-000000000001";
                const string numbers = "with recursive n (i) as (select 0 union all select i + 1 from n where i < @assets - 1)";
                foreach (string sql in (string[])
                [
                    "insert into organization (id, name, time_zone, state, created_at) values (@plant, 'plant', 'UTC', 'active', @now)",
                    "insert into tree_node (organization, id, kind, name, key_name, facts, revision, created_at, updated_at) values (@plant, @site, 'site', 'site', 'SITE', '{}', 1, @now, @now)",
                    $"insert into tree_node (organization, id, parent, kind, name, key_name, external_name, facts, revision, created_at, updated_at) {numbers} select @plant, printf('00000000-0000-0000-0002-%012d', i), @site, 'asset', printf('asset %d', i), printf('ASSET %d', i), printf('asset-%d', i), '{{}}', 1, @now, @now from n",
                    "insert into tree_node (organization, id, parent, kind, name, key_name, external_name, facts, revision, created_at, updated_at) values (@plant, '00000000-0000-0000-0009-000000000000', @site, 'asset', 'probe', 'PROBE', 'probe', '{}', 1, @now, @now)",
                    "insert into frame_name (organization, name, asset, kind) select organization, external_name, id, 'key' from tree_node where external_name is not null",
                ])
                {
                    await connection.ExecuteAsync(sql, new { assets, now, plant = Plant, site }).ConfigureAwait(false);
                }

                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
