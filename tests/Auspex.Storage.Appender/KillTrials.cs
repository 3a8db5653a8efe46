using System.Diagnostics;
using System.Globalization;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Dapper;
using Npgsql;

namespace Auspex.Storage.Appender;

/// <summary>What a number of kills did.</summary>
/// <param name="Kills">How often the appending process was killed.</param>
/// <param name="Acknowledged">Frames it was told were stored.</param>
/// <param name="Unacknowledged">Frames found that it was not told of: durable, but the answer was cut off.</param>
/// <param name="Chunks">Chunks, and pieces of segments, at the end.</param>
public sealed record KillReport(int Kills, long Acknowledged, long Unacknowledged, long Chunks);

/// <summary>A process appends frames and packs them, says which numbers were acknowledged, and is killed at a random moment; then all of them must be there once.</summary>
public static class KillTrials
{
    private const int Writers = 4;
    private const int Assets = 80;
    private const int Killed = 128 + 9;
    private const string WhereVariable = "AUSPEX_APPENDER_WHERE";
    private static readonly Guid Organization = new("00000000-0000-0000-0000-0000000000aa");
    private static readonly string[] Signals = ["number", "square"];
    private static readonly TelemetryOptions Options = new() { ChunkFrames = 256, PackAtValues = 2_000, SegmentsAMerge = 3 };

    /// <summary>Kills the appending process again and again, over one SQLite file.</summary>
    /// <param name="folder">Where the file is made; the caller deletes it.</param>
    /// <exception cref="InvalidOperationException">A frame was lost, doubled or changed, or the process ended before it was killed; the message says which.</exception>
    public static Task<KillReport> OnSqliteAsync(int kills, int seed, string folder, CancellationToken ct) =>
        RunAsync(kills, seed, Dialect.Sqlite, Path.Combine(folder, "telemetry.db"), ct);

    /// <summary>The same over one database of a PostgreSQL server, which is made for it and dropped behind it. The server itself lives on.</summary>
    /// <param name="server">Connection string of a login that may make databases.</param>
    /// <exception cref="InvalidOperationException">A frame was lost, doubled or changed, or the process ended before it was killed; the message says which.</exception>
    public static async Task<KillReport> OnPostgreSqlAsync(int kills, int seed, string server, CancellationToken ct)
    {
        string name = $"kills_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(server);
        await connection.ExecuteAsync($"create database {name}").ConfigureAwait(false);
        try
        {
            return await RunAsync(kills, seed, Dialect.PostgreSql, new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString, ct).ConfigureAwait(false);
        }
        finally
        {
            await connection.ExecuteAsync($"drop database {name} with (force)").ConfigureAwait(false);
        }
    }

    private static async Task<KillReport> RunAsync(int kills, int seed, Dialect dialect, string where, CancellationToken ct)
    {
        var random = new Random(seed);
        var acknowledged = new HashSet<long>();
        long unacknowledged = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            long first = (kill * 1_000_000L) + 1;
            using Process appender = Start(dialect, where, first, seed + kill);
            string? line = await appender.StandardOutput.ReadLineAsync(ct).ConfigureAwait(false);
            if (line != "ready")
            {
                throw new InvalidOperationException($"Trial {kill}: the store did not open: {line} {await appender.StandardError.ReadToEndAsync(ct).ConfigureAwait(false)}");
            }

            // From the first append on, to well after the first packs, however fast the machine is; then at any moment of a commit.
            var said = new StringBuilder();
            for (int answers = random.Next(0, 1_500); answers > 0 && await appender.StandardOutput.ReadLineAsync(ct).ConfigureAwait(false) is { } answer; answers--)
            {
                said.Append(answer).Append('\n');
            }

            if (kill == 0)
            {
                // However slow the machine: every later start is one over packed frames.
                await PackedAsync(dialect, where, ct).ConfigureAwait(false);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 20)), TimeProvider.System, ct).ConfigureAwait(false);
            appender.Kill();
            said.Append(await appender.StandardOutput.ReadToEndAsync(ct).ConfigureAwait(false));
            await appender.WaitForExitAsync(ct).ConfigureAwait(false);
            if (appender.ExitCode != Killed)
            {
                throw new InvalidOperationException($"Trial {kill}: appending failed before the kill: {await appender.StandardError.ReadToEndAsync(ct).ConfigureAwait(false)}");
            }

            string[] lines = said.ToString().Split('\n');
            foreach (string number in lines[..^1]) // the last one may be cut off
            {
                acknowledged.Add(long.Parse(number, CultureInfo.InvariantCulture));
            }

            // Every start after a kill is a recovery; the whole is compared now and then, and at the end.
            if (kill % 10 == 9 || kill == kills - 1)
            {
                unacknowledged = await CheckAsync(dialect, where, acknowledged, ct).ConfigureAwait(false);
            }
        }

        return new KillReport(kills, acknowledged.Count, unacknowledged, await ChunksAsync(dialect, where, ct).ConfigureAwait(false));
    }

    /// <summary>Appends numbered frames without end and prints each number after its append has ended.</summary>
    public static async Task AppendAsync(Dialect dialect, long first, int seed)
    {
        await using Database database = Open(dialect, Environment.GetEnvironmentVariable(WhereVariable) ?? throw new InvalidOperationException($"{WhereVariable} is not set."));
        await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, Options, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync("ready\n"u8.ToArray()).ConfigureAwait(false);
        long next = first - 1;
        using var turn = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            var random = new Random(seed + writer);
            while (true)
            {
                long[] numbers = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Interlocked.Increment(ref next))];
                await store.AppendAsync(Organization, [.. numbers.Select(FrameOf)], CancellationToken.None).ConfigureAwait(false);
                byte[] said = Encoding.ASCII.GetBytes(string.Concat(numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{number}\n"))));
                await turn.WaitAsync().ConfigureAwait(false);
                await output.WriteAsync(said).ConfigureAwait(false);
                turn.Release();
            }
        })).ConfigureAwait(false);
    }

    private static Frame FrameOf(long number) => new(new AssetId($"asset {number % Assets}"), number, number + 7, Signals, [number, (double)number * number]);

    private static Database Open(Dialect dialect, string where) => dialect == Dialect.Sqlite ? SqliteDatabase.Open(where) : PostgreSqlDatabase.Open(where);

    private static Process Start(Dialect dialect, string where, long first, int seed)
    {
        string assembly = typeof(KillTrials).Assembly.Location;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[assembly, dialect.ToString(), first.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        // A connection string may hold a password, and arguments are everybody's to read.
        start.Environment[WhereVariable] = where;

        return Process.Start(start) ?? throw new InvalidOperationException("The appending process did not start.");
    }

    private static async Task<long> CheckAsync(Dialect dialect, string where, HashSet<long> acknowledged, CancellationToken ct)
    {
        await using Database database = Open(dialect, where);
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database, Options, TimeProvider.System, ct).ConfigureAwait(false);
        var found = new HashSet<long>();
        for (int asset = 0; asset < Assets; asset++)
        {
            FrameColumns read = await store.ReadAsync(Organization, new AssetId($"asset {asset}"), 0, long.MaxValue, Signals, int.MaxValue, ct).ConfigureAwait(false);
            for (int i = 0; i < read.Times.Length; i++)
            {
                long number = read.Times[i];
                if (number % Assets != asset || read.Arrived[i] != number + 7 || read.Values[0][i] != number || read.Values[1][i] != (double)number * number)
                {
                    throw new InvalidOperationException($"Frame {number} of asset {asset} came back changed.");
                }

                if (!found.Add(number))
                {
                    throw new InvalidOperationException($"Frame {number} is there twice.");
                }
            }
        }

        long[] lost = [.. acknowledged.Where(number => !found.Contains(number)).Order()];
        return lost.Length == 0
            ? found.Count - acknowledged.Count
            : throw new InvalidOperationException($"{lost.Length} acknowledged frames are lost, the first is {lost[0]}.");
    }

    private static async Task PackedAsync(Dialect dialect, string where, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (await ChunksAsync(dialect, where, patience.Token).ConfigureAwait(false) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token).ConfigureAwait(false);
        }
    }

    private static async Task<long> ChunksAsync(Dialect dialect, string where, CancellationToken ct)
    {
        await using Database database = Open(dialect, where);
        return await new InstallationDb(database).QuerySingleOrDefaultAsync<long>("select (select count(*) from telemetry_chunk) + (select count(*) from telemetry_piece)", null, ct).ConfigureAwait(false);
    }
}
