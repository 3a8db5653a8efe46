using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Dapper;
using Npgsql;

namespace Auspex.Bench;

/// <summary>What the telemetry store takes in, gives out, and needs.</summary>
internal static class StorageBench
{
    internal const int Signals = 20;
    private const int Assets = 100;
    private const int Writers = 32;
    private const string SqliteDurability = "SQLite WAL, synchronous=FULL: an fsync before each answer";
    internal static readonly Guid Plant = new("00000000-0000-0000-0000-0000000000bb");
    private static readonly string[] Names = [.. Enumerable.Range(0, Signals).Select(i => $"signal {i}")];

    /// <param name="args">Folder, seconds of each run.</param>
    internal static void Run(string[] args)
    {
        var seconds = TimeSpan.FromSeconds(int.Parse(args[1], CultureInfo.InvariantCulture));
        RunAsync(args[0], seconds).GetAwaiter().GetResult();
    }

    private static async Task RunAsync(string folder, TimeSpan seconds)
    {
        Say($"one write of 4 KB with fsync here: {FsyncMilliseconds(folder):F2} ms");
        foreach (int writers in (int[])[1, 4, 16])
        {
            await AppendAsync(folder, writers, seconds).ConfigureAwait(false);
        }

        await PeerDatabases.IngestAsync(folder, 4, seconds).ConfigureAwait(false);

        await BulkReadAsync(folder).ConfigureAwait(false);
        foreach ((string name, IEnumerable<Frame> frames) in FrameSets.All())
        {
            await BytesAsync(folder, name, frames).ConfigureAwait(false);
        }

        if (Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL") is { Length: > 0 } server)
        {
            await WritersAsync(server, seconds).ConfigureAwait(false);
        }
        else
        {
            Say($"32 writers: left out, AUSPEX_TEST_POSTGRESQL is not set");
        }
    }

    private static async Task AppendAsync(string folder, int writers, TimeSpan seconds)
    {
        await using SqliteDatabase database = await SqliteAsync(Path.Combine(folder, $"append-{writers}.db")).ConfigureAwait(false);
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, new TelemetryOptions(), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        long time = 0;
        (long batches, double rate, double p50, double p99) = await LoadAsync(writers, seconds, async random =>
        {
            long first = Interlocked.Add(ref time, 5) - 5;
            var frames = new Frame[500];
            for (int i = 0; i < frames.Length; i++)
            {
                frames[i] = FrameOf(i % Assets, 1_767_268_800_000 + (1000 * (first + (i / Assets))), random);
            }

            await store.AppendAsync(Plant, frames, CancellationToken.None).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Say($"append, {writers} writer(s) of 500 frames x {Signals} values, packing beside: {rate * 500 * Signals / 1e6:F2} M values/s, p50 {p50:F1} ms, p99 {p99:F1} ms, {batches} batches ({SqliteDurability})");
    }

    private static async Task BulkReadAsync(string folder)
    {
        const int Frames = 100_000;
        await using SqliteDatabase database = await SqliteAsync(Path.Combine(folder, "read.db")).ConfigureAwait(false);
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, new TelemetryOptions(), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        var random = new Random(3);
        for (int from = 0; from < Frames; from += 20_000)
        {
            await store.AppendAsync(Plant, [.. Enumerable.Range(from, 20_000).Select(i => FrameOf(0, 1000L * i, random))], CancellationToken.None).ConfigureAwait(false);
        }

        await store.PackAsync(CancellationToken.None).ConfigureAwait(false);
        double bestWall = double.MaxValue;
        double bestProcessor = double.MaxValue;
        for (int round = 0; round < 7; round++)
        {
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            FrameColumns read = await store.ReadAsync(Plant, AssetOf(0), 0, long.MaxValue, null, Frames, CancellationToken.None).ConfigureAwait(false);
            bestWall = Math.Min(bestWall, Stopwatch.GetElapsedTime(start).TotalSeconds);
            bestProcessor = Math.Min(bestProcessor, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
            if (read.Times.Length != Frames)
            {
                throw new InvalidOperationException($"{read.Times.Length} frames were read of {Frames}.");
            }
        }

        double values = (double)Frames * Signals;
        Say($"bulk read of {Frames} frames x {Signals} values: {values / bestWall / 1e6:F1} M values/s, {values / bestProcessor / 1e6:F1} M values a second of processor (best of 7, cached file)");
    }

    private static async Task BytesAsync(string folder, string name, IEnumerable<Frame> frames)
    {
        string file = Path.Combine(folder, $"{Guid.NewGuid():N}.db");
        await using SqliteDatabase database = await SqliteAsync(file).ConfigureAwait(false);
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, new TelemetryOptions(), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        long values = 0;
        foreach (Frame[] batch in frames.Chunk(5_000))
        {
            values += batch.Sum(frame => (long)frame.Values.Length);
            await store.AppendAsync(Plant, batch, CancellationToken.None).ConfigureAwait(false);
        }

        long start = Stopwatch.GetTimestamp();
        await store.PackAsync(CancellationToken.None).ConfigureAwait(false);
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long bytes = await new InstallationDb(database).QuerySingleOrDefaultAsync<long>(
            "select (select coalesce(sum(length(body)), 0) from telemetry_chunk) + (select coalesce(sum(length(body)), 0) from telemetry_piece)", null, CancellationToken.None).ConfigureAwait(false);
        double ours = (double)bytes / values;
        double? peer = await PeerDatabases.VictoriaBytesAsync(folder, frames).ConfigureAwait(false);
        string beside = peer is { } theirs ? $"; VictoriaMetrics {theirs / values:F2}, ours is {ours * values / theirs:F2} times as many" : "";
        Say($"{name}: {values} values, {ours:F2} bytes a value with times; packed at {values / took / 1e6:F1} M values/s{beside}");
    }

    private static async Task WritersAsync(string server, TimeSpan seconds)
    {
        string schema = $"bench_{Guid.NewGuid():N}";
        await using (var connection = new NpgsqlConnection(server))
        {
            await connection.ExecuteAsync($"create schema {schema}").ConfigureAwait(false);
        }

        string where = new NpgsqlConnectionStringBuilder(server) { SearchPath = schema, MaxPoolSize = Writers + 8 }.ConnectionString;
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(where);
        string durability = await DurabilityOfAsync(server).ConfigureAwait(false);
        await using NpgsqlConnection settings = await source.OpenConnectionAsync().ConfigureAwait(false);
        await settings.ExecuteAsync("create table single (asset text not null, at bigint not null, body bytea not null, primary key (asset, at))").ConfigureAwait(false);
        byte[] body = new byte[8 * Signals];
        long time = 0;
        async Task InsertAsync(Random random)
        {
            long at = Interlocked.Increment(ref time);
            random.NextBytes(body);
            await using NpgsqlConnection connection = await source.OpenConnectionAsync().ConfigureAwait(false);
            await connection.ExecuteAsync("insert into single (asset, at, body) values (@asset, @at, @body)", new { asset = AssetOf((int)(at % Assets)).Value, at, body }).ConfigureAwait(false);
        }

        (_, double alone, _, _) = await LoadAsync(1, seconds, InsertAsync).ConfigureAwait(false);
        (_, double single, _, double singleP99) = await LoadAsync(Writers, seconds, InsertAsync).ConfigureAwait(false);

        await using PostgreSqlDatabase database = PostgreSqlDatabase.Open(where);
        await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        await using (TelemetryStore store = await TelemetryStore.OpenAsync(database, new TelemetryOptions(), TimeProvider.System, CancellationToken.None).ConfigureAwait(false))
        {
            (_, double grouped, double p50, double p99) = await LoadAsync(Writers, seconds, async random =>
            {
                long at = Interlocked.Increment(ref time);
                await store.AppendAsync(Plant, [FrameOf((int)(at % Assets), at, random)], CancellationToken.None).ConfigureAwait(false);
            }).ConfigureAwait(false);
            Say($"{Writers} writers of one frame, {durability}: single-row commits {alone:F0} frames/s on one connection, {single:F0} on {Writers} (p99 {singleP99:F1} ms); the journal {grouped:F0} frames/s (p50 {p50:F1} ms, p99 {p99:F1} ms), {grouped / alone:F1} and {grouped / single:F1} times");
        }

        await settings.ExecuteAsync($"drop schema {schema} cascade").ConfigureAwait(false);
    }

    /// <summary>What a commit of a PostgreSQL waits for.</summary>
    internal static async Task<string> DurabilityOfAsync(string server)
    {
        await using var connection = new NpgsqlConnection(server);
        return $"PostgreSQL fsync={await connection.ExecuteScalarAsync<string>("select current_setting('fsync')").ConfigureAwait(false)}, "
            + $"synchronous_commit={await connection.ExecuteScalarAsync<string>("select current_setting('synchronous_commit')").ConfigureAwait(false)}";
    }

    internal static async Task<(long Calls, double ASecond, double P50, double P99)> LoadAsync(int writers, TimeSpan seconds, Func<Random, Task> call)
    {
        var took = new List<double>[writers];
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            took[writer] = [];
            while (Stopwatch.GetElapsedTime(start) < seconds)
            {
                long began = Stopwatch.GetTimestamp();
                await call(random).ConfigureAwait(false);
                took[writer].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }))).ConfigureAwait(false);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] all = [.. took.SelectMany(one => one).Order()];
        return (all.Length, all.Length / elapsed, all[all.Length / 2], all[(int)(all.Length * 0.99)]);
    }

    private static double FsyncMilliseconds(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create);
        byte[] page = new byte[4_096];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 50; i++)
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / 50;
    }

    internal static async Task<SqliteDatabase> SqliteAsync(string path)
    {
        SqliteDatabase database = SqliteDatabase.Open(path);
        await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        return database;
    }

    internal static AssetId AssetOf(int asset) => new($"machine {asset}");

    // Readings as sensors give them: two decimals around a level of their own.
    internal static Frame FrameOf(int asset, long time, Random random) => FrameOf(AssetOf(asset), time, random);

    internal static Frame FrameOf(AssetId asset, long time, Random random)
    {
        double[] values = new double[Signals];
        for (int i = 0; i < Signals; i++)
        {
            values[i] = Math.Round((20 * i) + (5 * random.NextDouble()), 2);
        }

        return new Frame(asset, time, time + 40, Names, values);
    }

    internal static void Say(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
