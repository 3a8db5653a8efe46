using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Auspex.Storage.Telemetry;

namespace Auspex.Bench;

/// <summary>VictoriaMetrics and InfluxDB of Debian, started for one measurement each; what is not installed is left out and said so.</summary>
internal static class PeerDatabases
{
    private const string Victoria = "victoria-metrics";
    private const string Influx = "influxd";

    /// <summary>Appends as the telemetry store has them, over HTTP in line protocol, to each of the two.</summary>
    internal static async Task IngestAsync(string folder, int writers, TimeSpan seconds)
    {
        foreach (string program in (string[])[Victoria, Influx])
        {
            await using Peer? peer = await Peer.StartAsync(program, Path.Combine(folder, $"{program}-ingest")).ConfigureAwait(false);
            if (peer is null)
            {
                StorageBench.Say($"{program}: left out, it is not installed");
                continue;
            }

            long time = 0;
            (long batches, double rate, double p50, double p99) = await StorageBench.LoadAsync(writers, seconds, async random =>
            {
                long first = Interlocked.Add(ref time, 5) - 5;
                await peer.WriteAsync(Enumerable.Range(0, 500).Select(i => StorageBench.FrameOf(i % 100, 1_767_268_800_000 + (1000 * (first + (i / 100))), random))).ConfigureAwait(false);
            }).ConfigureAwait(false);
            string durability = program == Victoria ? "answers before anything is on the disk" : "write-ahead log, an fsync before each answer";
            StorageBench.Say($"{program}, {writers} writers of 500 frames x {StorageBench.Signals} values in line protocol over HTTP: {rate * 500 * StorageBench.Signals / 1e6:F2} M values/s, p50 {p50:F1} ms, p99 {p99:F1} ms, {batches} batches ({durability})");
        }
    }

    /// <summary>Bytes VictoriaMetrics keeps the same frames in, index not counted; null where it is not installed.</summary>
    internal static async Task<double?> VictoriaBytesAsync(string folder, IEnumerable<Frame> frames)
    {
        string data = Path.Combine(folder, $"victoria-{Guid.NewGuid():N}");
        await using Peer? peer = await Peer.StartAsync(Victoria, data).ConfigureAwait(false);
        if (peer is null)
        {
            return null;
        }

        foreach (Frame[] batch in frames.Chunk(5_000))
        {
            await peer.WriteAsync(batch).ConfigureAwait(false);
        }

        await peer.SettleAsync().ConfigureAwait(false);
        // Its values and times; names and their index stand in indexdb.
        return Directory.EnumerateFiles(Path.Combine(data, "data"), "*.bin", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
    }

    private sealed class Peer(Process process, HttpClient client, string write) : IAsyncDisposable
    {
        internal static async Task<Peer?> StartAsync(string program, string data)
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
            {
                return null;
            }

            Directory.CreateDirectory(data);
            string address = $"127.0.0.1:{FreePort()}";
            string[] arguments;
            if (program == Victoria)
            {
                arguments = [$"-storageDataPath={data}", $"-httpListenAddr={address}", "-retentionPeriod=100y", "-loggerLevel=ERROR"];
            }
            else
            {
                string settings = Path.Combine(data, "influxdb.conf");
                await File.WriteAllTextAsync(settings, $"""
                    reporting-disabled = true
                    bind-address = "127.0.0.1:{FreePort()}"
                    [meta]
                    dir = "{data}/meta"
                    [data]
                    dir = "{data}/data"
                    wal-dir = "{data}/wal"
                    query-log-enabled = false
                    max-series-per-database = 0
                    [http]
                    bind-address = "{address}"
                    log-enabled = false
                    """).ConfigureAwait(false);
                arguments = ["-config", settings];
            }

            var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.OutputDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };
            var peer = new Peer(process, client, program == Victoria ? "/write?precision=ms" : "/write?db=bench&precision=ms");
            for (int i = 0; ; i++)
            {
                try
                {
                    using HttpResponseMessage answer = await client.PostAsync(
                        new Uri("/query", UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("q", "create database bench")])).ConfigureAwait(false);
                    return peer;
                }
                catch (HttpRequestException) when (i < 100)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System).ConfigureAwait(false);
                }
            }
        }

        internal async Task WriteAsync(IEnumerable<Frame> frames)
        {
            var lines = new StringBuilder();
            foreach (Frame frame in frames)
            {
                lines.Append("m,asset=").Append(Escaped(frame.Asset.Value));
                char before = ' ';
                for (int i = 0; i < frame.Values.Length; i++)
                {
                    if (double.IsFinite(frame.Values[i]))
                    {
                        lines.Append(before).Append(Escaped(frame.Signals[i])).Append('=').Append(CultureInfo.InvariantCulture, $"{frame.Values[i]:R}");
                        before = ',';
                    }
                }

                lines.Append(CultureInfo.InvariantCulture, $" {frame.TimeUnixMs}\n");
            }

            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines.ToString()));
            content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
            using HttpResponseMessage answer = await client.PostAsync(new Uri(write, UriKind.Relative), content).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.NoContent)
            {
                throw new InvalidOperationException($"{process.ProcessName} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync().ConfigureAwait(false)}");
            }
        }

        // All rows on the disk, in as few parts as it makes of them.
        internal async Task SettleAsync()
        {
            foreach (string step in (string[])["/internal/force_flush", "/internal/force_merge"])
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri(step, UriKind.Relative)).ConfigureAwait(false);
                answer.EnsureSuccessStatusCode();
                await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System).ConfigureAwait(false);
            }
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            process.Kill();
            await process.WaitForExitAsync().ConfigureAwait(false);
            process.Dispose();
        }

        private static string Escaped(string name) => name.Replace(" ", "\\ ", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
