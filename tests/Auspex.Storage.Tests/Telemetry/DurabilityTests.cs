using Auspex.Core.Assets;
using Auspex.Storage.Appender;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Tests.Telemetry;

public class DurabilityTests
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly AssetId Press = new("press 1");
    private static readonly string[] One = ["x"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // A sample; ./dev bench durability kills a thousand times.
    [Fact]
    public async Task Checklist1And2_KilledAtRandomMoments_EveryAcknowledgedFrameIsThereOnce()
    {
        using var folder = new StorageFolder();

        KillReport report = await KillTrials.OnSqliteAsync(20, seed: 11, folder.FullPath, Ct);

        Assert.True(report.Acknowledged > 1_000, $"only {report.Acknowledged} frames were acknowledged");
        Assert.True(report.Chunks > 0, "nothing was packed");
    }

    [Fact]
    public async Task Checklist1And2_KilledAtRandomMomentsOverPostgreSql_EveryAcknowledgedFrameIsThereOnce()
    {
        KillReport report = await KillTrials.OnPostgreSqlAsync(5, seed: 11, TestDatabase.Server(), Ct);

        Assert.True(report.Acknowledged > 1_000, $"only {report.Acknowledged} frames were acknowledged");
        Assert.True(report.Chunks > 0, "nothing was packed");
    }

    [Fact]
    public async Task Checklist5_LogCutAnywhereInItsLastCommit_KeepsTheCommitsBefore()
    {
        using var folder = new StorageFolder();
        string file = folder.PathOf("telemetry.db");
        await using SqliteDatabase database = SqliteDatabase.Open(file);
        await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, Ct);
        await using TelemetryStore store = await OpenAsync(database);
        await store.AppendAsync(Plant, [At(1), At(2)], Ct);
        long before = new FileInfo(file + "-wal").Length;
        await store.AppendAsync(Plant, [At(3)], Ct);
        long after = new FileInfo(file + "-wal").Length;
        Assert.True(after > before);

        for (long length = before; length <= after; length += Math.Max(1, (after - before) / 97))
        {
            string copy = folder.PathOf("cut.db");
            File.Copy(file, copy, overwrite: true);
            File.Copy(file + "-wal", copy + "-wal", overwrite: true);
            using (FileStream wal = File.OpenWrite(copy + "-wal"))
            {
                wal.SetLength(length);
            }

            await using (SqliteDatabase cut = SqliteDatabase.Open(copy))
            await using (TelemetryStore opened = await OpenAsync(cut))
            {
                long[] expected = length == after ? [1, 2, 3] : [1, 2];
                Assert.Equal(expected, (await opened.ReadAsync(Plant, Press, 0, 10, null, 10, Ct)).Times);
                Assert.Equal([FrameOutcome.Stored], await opened.AppendAsync(Plant, [At(4)], Ct));
            }

            File.Delete(copy + "-wal");
            File.Delete(copy + "-shm");
        }
    }

    [Theory]
    [InlineData(Dialect.Sqlite, "telemetry_journal")]
    [InlineData(Dialect.Sqlite, "telemetry_chunk")]
    [InlineData(Dialect.Sqlite, "telemetry_piece")]
    [InlineData(Dialect.PostgreSql, "telemetry_journal")]
    [InlineData(Dialect.PostgreSql, "telemetry_chunk")]
    [InlineData(Dialect.PostgreSql, "telemetry_piece")]
    public async Task Checklist6_OneBitFlipped_IsNamedAndNothingOfItServed(Dialect dialect, string table)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        var other = Guid.NewGuid();
        // 50 frames of an asset are many where a chunk has 64, and few where it has 2,048.
        var options = new TelemetryOptions { ChunkFrames = table == "telemetry_chunk" ? 64 : 2_048 };
        await using (TelemetryStore store = await TelemetryStore.OpenAsync(database.Database, options, TimeProvider.System, Ct))
        {
            await store.AppendAsync(Plant, [.. Enumerable.Range(1, 50).Select(i => At(i))], Ct);
            await store.AppendAsync(other, [At(1)], Ct);
            if (table != "telemetry_journal")
            {
                await store.PackAsync(Ct);
            }
        }

        var db = new InstallationDb(database.Database);
        byte[] body = (await db.QuerySingleOrDefaultAsync<byte[]>($"select body from {table} where organization = @Plant", new { Plant }, Ct))!;
        for (int bit = 0; bit < 8 * body.Length; bit += 7)
        {
            body[bit / 8] ^= (byte)(1 << (bit % 8));
            await db.ExecuteAsync($"update {table} set body = @body where organization = @Plant", new { body, Plant }, Ct);
            body[bit / 8] ^= (byte)(1 << (bit % 8));

            await using TelemetryStore store = await OpenAsync(database.Database);
            StorageException thrown = await Assert.ThrowsAsync<StorageException>(() => store.ReadAsync(Plant, Press, 0, 100, null, 100, Ct));
            Assert.Contains($"{table} row (organization {Plant}", thrown.Message, StringComparison.Ordinal);
            Assert.Contains("is damaged", thrown.Message, StringComparison.Ordinal);
            Assert.Single((await store.ReadAsync(other, Press, 0, 100, null, 100, Ct)).Times);
        }
    }

    [Fact]
    public async Task Checklist8_DiskFull_ReadsGoOnAndAppendsRecover()
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(Dialect.Sqlite, "telemetry");
        var db = new InstallationDb(database.Database);
        await using TelemetryStore store = await OpenAsync(database.Database);
        await store.AppendAsync(Plant, [At(1)], Ct);
        // The engine's own limit of pages gives the same error as a disk without space.
        long pages = await db.QuerySingleOrDefaultAsync<long>("pragma page_count", null, Ct);
        await db.WriteAsync((connection, _) => connection.ExecuteAsync($"pragma max_page_count = {pages}"), Ct);
        Frame[] many = [.. Enumerable.Range(2, 5_000).Select(i => At(i))];

        await Assert.ThrowsAsync<StorageFullException>(() => store.AppendAsync(Plant, many, Ct));

        Assert.Equal((long[])[1], (await store.ReadAsync(Plant, Press, 0, 10_000, null, 10_000, Ct)).Times);
        await db.WriteAsync((connection, _) => connection.ExecuteAsync("pragma max_page_count = 1000000"), Ct);
        Assert.All(await store.AppendAsync(Plant, many, Ct), outcome => Assert.Equal(FrameOutcome.Stored, outcome));
        Assert.Equal(5_001, (await store.ReadAsync(Plant, Press, 0, 10_000, null, 10_000, Ct)).Times.Length);
    }

    [Fact]
    public async Task AppendAsync_MoreThanMemoryMayHold_IsPackedAndKept()
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(Dialect.Sqlite, "telemetry");
        await using TelemetryStore store = await TelemetryStore.OpenAsync(
            database.Database, new TelemetryOptions { PackAtValues = 500, MostUnpackedValues = 1_000, ChunkFrames = 100 }, TimeProvider.System, Ct);

        for (int i = 0; i < 200; i++)
        {
            await store.AppendAsync(Plant, [.. Enumerable.Range(50 * i, 50).Select(time => At(time))], Ct);
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(time => (long)time), (await store.ReadAsync(Plant, Press, 0, 20_000, null, 20_000, Ct)).Times);
        long waiting = await new InstallationDb(database.Database).QuerySingleOrDefaultAsync<long>("select coalesce(sum(frames), 0) from telemetry_journal", null, Ct);
        Assert.InRange(waiting, 0, 300);
    }

    // Commits are prepared while others are on their way: one that fails takes those behind it along, and nothing else.
    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task AppendAsync_CommitsThatFailBetweenOthers_LoseAndDoubleNothing(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        var db = new InstallationDb(database.Database);
        if (dialect == Dialect.Sqlite)
        {
            await db.ExecuteAsync("create trigger refuse before insert on telemetry_journal when new.frames % 4 = 1 begin select raise(abort, 'refused'); end", null, Ct);
        }
        else
        {
            await db.WriteAsync((connection, _) => connection.ExecuteAsync("reset role; alter table telemetry_journal add constraint refuse check (frames % 4 <> 1)"), Ct);
        }

        await using TelemetryStore store = await TelemetryStore.OpenAsync(database.Database, new TelemetryOptions { PackAtValues = 3_000, ChunkFrames = 64 }, TimeProvider.System, Ct);
        long time = 0;
        int refused = 0;
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                var random = new Random(writer);
                for (int i = 0; i < 60; i++)
                {
                    int count = random.Next(1, 12);
                    long[] times = [.. Enumerable.Range(0, count).Select(_ => Interlocked.Increment(ref time))];
                    for (int attempt = 0; attempt < 3; attempt++)
                    {
                        // Sent again in halves, whose numbers of frames are others.
                        int parts = attempt == 0 ? 1 : 2;
                        try
                        {
                            foreach (long[] part in times.Chunk((times.Length + parts - 1) / parts))
                            {
                                await store.AppendAsync(Plant, [.. part.Select(At)], Ct);
                                Array.ForEach(part, acknowledged.Add);
                            }

                            break;
                        }
                        catch (StorageException)
                        {
                            Interlocked.Increment(ref refused);
                        }
                    }
                }
            },
            Ct)));

        Assert.True(refused > 10, $"only {refused} appends were refused");
        long[] read = (await store.ReadAsync(Plant, Press, 0, long.MaxValue, null, 100_000, Ct)).Times;
        Assert.Empty(acknowledged.Except(read));
        await store.PackAsync(Ct);
        Assert.Equal(read, (await store.ReadAsync(Plant, Press, 0, long.MaxValue, null, 100_000, Ct)).Times);
        await using TelemetryStore again = await OpenAsync(database.Database);
        Assert.Equal(read, (await again.ReadAsync(Plant, Press, 0, long.MaxValue, null, 100_000, Ct)).Times);
        // Stored once each, whatever was sent again.
        Assert.Equal(read.Length, await db.QuerySingleOrDefaultAsync<long>("select (select coalesce(sum(frames), 0) from telemetry_chunk) + (select coalesce(sum(frames), 0) from telemetry_piece)", null, Ct));
    }

    // The bound is a second; five are allowed here, where other tests run beside.
    [Fact]
    public async Task Checklist14_TenMillionValuesInTheJournal_AreReadBackInTime()
    {
        using var folder = new StorageFolder();
        string[] signals = [.. Enumerable.Range(0, 20).Select(i => $"signal {i}")];
        double[] values = new double[20];
        var options = new TelemetryOptions { PackAtValues = long.MaxValue, MostUnpackedValues = long.MaxValue };
        await using SqliteDatabase database = SqliteDatabase.Open(folder.PathOf("telemetry.db"));
        await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, Ct);
        await using (TelemetryStore store = await TelemetryStore.OpenAsync(database, options, TimeProvider.System, Ct))
        {
            for (int i = 0; i < 25; i++)
            {
                await store.AppendAsync(Plant, [.. Enumerable.Range(0, 20_000).Select(j => new Frame(new AssetId($"asset {j % 1_000}"), (20 * i) + (j / 1_000), 5, signals, values))], Ct);
            }
        }

        long start = TimeProvider.System.GetTimestamp();
        await using TelemetryStore again = await TelemetryStore.OpenAsync(database, options, TimeProvider.System, Ct);
        TimeSpan took = TimeProvider.System.GetElapsedTime(start);

        Assert.Equal(500, (await again.ReadAsync(Plant, new AssetId("asset 7"), 0, 1_000, null, 1_000, Ct)).Times.Length);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        TestContext.Current.SendDiagnosticMessage($"10 M values of the journal were read back in {took.TotalSeconds:F2} s");
    }

    private static Frame At(long time) => new(Press, time, 1_000, One, [time / 10.0]);

    private static Task<TelemetryStore> OpenAsync(Database database) => TelemetryStore.OpenAsync(database, new TelemetryOptions(), TimeProvider.System, Ct);
}
