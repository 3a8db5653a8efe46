using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Dapper;
using Npgsql;

namespace Auspex.Bench;

/// <summary>A million assets of one organization, each in turn: frames as rows of a table, a journal packed into a chunk an asset, and a journal packed into segments.</summary>
internal static class MillionAssetsBench
{
    private const int Assets = 1_000_000;
    private const int BatchFrames = 500;

    // Coprime to their number: assets come in no order of their names.
    private const int Stride = 617_411;
    private const int WritersAtOnce = 4;

    /// <param name="args">Folder, seconds of each run; <c>segments</c> leaves out what was not chosen.</param>
    internal static void Run(string[] args) =>
        RunAsync(args[0], TimeSpan.FromSeconds(int.Parse(args[1], CultureInfo.InvariantCulture)), args.Length > 2 && args[2] == "segments").GetAwaiter().GetResult();

    private static async Task RunAsync(string folder, TimeSpan seconds, bool chosenAlone)
    {
        if (!chosenAlone)
        {
            await using SqliteDatabase keyed = SqliteDatabase.Open(Path.Combine(folder, "keyed.db"));
            await KeyedRowsAsync("SQLite", keyed, folder, seconds).ConfigureAwait(false);
        }

        foreach ((string name, TelemetryOptions options) in Stores(chosenAlone))
        {
            await using SqliteDatabase database = await StorageBench.SqliteAsync(Path.Combine(folder, $"{options.ChunkFrames}.db")).ConfigureAwait(false);
            await StoreAsync($"SQLite, {name}", database, options, folder, seconds).ConfigureAwait(false);
        }

        if (Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL") is not { Length: > 0 } server)
        {
            StorageBench.Say($"PostgreSQL: left out, AUSPEX_TEST_POSTGRESQL is not set");
            return;
        }

        if (!chosenAlone)
        {
            await InSchemaAsync(server, database => KeyedRowsAsync("PostgreSQL", database, null, seconds)).ConfigureAwait(false);
        }

        foreach ((string name, TelemetryOptions options) in Stores(chosenAlone))
        {
            await InSchemaAsync(server, async database =>
            {
                await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
                await StoreAsync($"PostgreSQL, {name}", database, options, null, seconds).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    // A chunk of 8 frames is begun by a single one: every asset has chunks of its own.
    private static IEnumerable<(string Name, TelemetryOptions Options)> Stores(bool chosenAlone) =>
        chosenAlone
            ? [("journal, then segments", new TelemetryOptions())]
            : [("journal, then segments", new TelemetryOptions()), ("journal, then a chunk an asset", new TelemetryOptions { ChunkFrames = 8 })];

    private static async Task KeyedRowsAsync(string name, Database database, string? folder, TimeSpan seconds)
    {
        var db = new InstallationDb(database);
        if (database.Dialect == Dialect.PostgreSql)
        {
            await db.WriteAsync(async (connection, _) => await connection.ExecuteAsync("reset role; create table frame (asset text not null, at bigint not null, body bytea not null, primary key (asset, at))").ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            await db.ExecuteAsync("create table frame (asset text not null, at bigint not null, body bytea not null, primary key (asset, at)) without rowid", null, CancellationToken.None).ConfigureAwait(false);
        }

        await MeasureAsync($"{name}, a row a frame", folder, seconds, frames => db.WriteAsync(
            async (connection, _) =>
            {
                if (database.Dialect == Dialect.PostgreSql)
                {
                    return await connection.ExecuteAsync(
                        "reset role; insert into frame (asset, at, body) select * from unnest(@assets, @times, @bodies)",
                        new { assets = frames.Select(frame => frame.Asset.Value).ToArray(), times = frames.Select(frame => frame.TimeUnixMs).ToArray(), bodies = frames.Select(BytesOf).ToArray() }).ConfigureAwait(false);
                }

                foreach (Frame frame in frames)
                {
                    await connection.ExecuteAsync("insert into frame (asset, at, body) values (@asset, @at, @body)", new { asset = frame.Asset.Value, at = frame.TimeUnixMs, body = BytesOf(frame) }).ConfigureAwait(false);
                }

                return frames.Length;
            },
            CancellationToken.None)).ConfigureAwait(false);
    }

    private static async Task StoreAsync(string name, Database database, TelemetryOptions options, string? folder, TimeSpan seconds)
    {
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, options, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        Task Append(Frame[] frames) => store.AppendAsync(StorageBench.Plant, frames, CancellationToken.None);
        await MeasureAsync(name, folder, seconds, Append).ConfigureAwait(false);
        if (options.ChunkFrames > 8)
        {
            // The first frame of each asset costs its name, once.
            await MeasureAsync($"{name}, each asset known", folder, seconds, Append, first: Assets).ConfigureAwait(false);
        }

        long start = Stopwatch.GetTimestamp();
        await store.PackAsync(CancellationToken.None).ConfigureAwait(false);
        double packed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var random = new Random(1);
        double[] reads = new double[200];
        for (int i = 0; i < reads.Length; i++)
        {
            start = Stopwatch.GetTimestamp();
            await store.ReadAsync(StorageBench.Plant, AssetOf(random.Next(Assets)), 0, long.MaxValue, null, 10_000, CancellationToken.None).ConfigureAwait(false);
            reads[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(reads);
        StorageBench.Say($"    what was left packed in {packed:F1} s; all frames of one asset read in {reads[reads.Length / 2]:F1} ms (median), {reads[(int)(0.99 * reads.Length)]:F1} ms (p99)");
    }

    private static async Task MeasureAsync(string name, string? folder, TimeSpan seconds, Func<Frame[], Task> append, long first = 0)
    {
        // Behind the first measurement: the rest of the assets, once each, not measured.
        long next = first == 0 ? 0 : _reached;
        while (next < first)
        {
            await append(FramesFrom(next, new Random(0))).ConfigureAwait(false);
            next += BatchFrames;
        }

        long before = WrittenBytes();
        (long batches, double rate, double p50, double p99) = await StorageBench.LoadAsync(WritersAtOnce, seconds, random =>
        {
            return append(FramesFrom(Interlocked.Add(ref next, BatchFrames) - BatchFrames, random));
        }).ConfigureAwait(false);
        _reached = next;
        string written = folder is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {(WrittenBytes() - before) / 1e3 / (batches * BatchFrames):F2} KB written a frame");
        StorageBench.Say($"{name}: {rate * BatchFrames * StorageBench.Signals / 1e6:F2} M values/s, p50 {p50:F1} ms, p99 {p99:F1} ms{written} ({batches * BatchFrames} frames, {WritersAtOnce} writers of {BatchFrames}, fsync before each answer)");
    }

    private static long _reached;

    private static Frame[] FramesFrom(long first, Random random) => [.. Enumerable.Range(0, BatchFrames).Select(i => StorageBench.FrameOf(
        AssetOf((int)((first + i) * Stride % Assets)), 1_767_268_800_000 + (30_000 * ((first + i) / Assets)), random))];

    private static async Task InSchemaAsync(string server, Func<Database, Task> work)
    {
        string schema = $"bench_{Guid.NewGuid():N}";
        await using var settings = new NpgsqlConnection(server);
        await settings.ExecuteAsync($"create schema {schema}").ConfigureAwait(false);
        await using (PostgreSqlDatabase database = PostgreSqlDatabase.Open(new NpgsqlConnectionStringBuilder(server) { SearchPath = schema }.ConnectionString))
        {
            await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            await work(database).ConfigureAwait(false);
        }

        await settings.ExecuteAsync($"drop schema {schema} cascade").ConfigureAwait(false);
    }

    private static AssetId AssetOf(int asset) => new(string.Create(CultureInfo.InvariantCulture, $"machine {asset}"));

    private static byte[] BytesOf(Frame frame)
    {
        byte[] bytes = new byte[8 * frame.Values.Length];
        Buffer.BlockCopy(frame.Values, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    // Handed to the disk by this process, as Linux counts it.
    private static long WrittenBytes() => long.Parse(
        File.ReadLines("/proc/self/io").First(line => line.StartsWith("write_bytes:", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
