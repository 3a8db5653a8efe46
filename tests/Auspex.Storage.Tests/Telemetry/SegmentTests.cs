using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Tests.Telemetry;

public class SegmentTests
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly string[] TwoSignals = ["temperature", "pressure"];
    private static readonly string[] OtherSignals = ["pressure", "speed"];
    private static readonly TelemetryOptions Small = new() { ChunkFrames = 64, SegmentsAMerge = 3 };

    // In UTF-16 the last two stand the other way round.
    private static readonly AssetId[] Names = [.. Enumerable.Range(0, 57).Select(i => new AssetId($"machine {i}")), new("Öl"), new("\uff41"), new("\U0001f3ed")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ReadAsync_ManyAssetsThroughPacksMergesAndRestarts_EqualsASortedModel(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        TelemetryStore store = await OpenAsync(database);
        var random = new Random(5);
        var model = Names.ToDictionary(name => name, _ => new SortedDictionary<long, Frame>());
        int rounds = dialect == Dialect.Sqlite ? 60 : 25;
        for (int round = 0; round < rounds; round++)
        {
            Frame[] batch = [.. Enumerable.Range(0, random.Next(20, 90)).Select(i => FrameOf(Names[random.Next(Names.Length)], (100 * round) + random.Next(-150, 100), random))];
            IReadOnlyList<FrameOutcome> outcomes = await store.AppendAsync(Plant, batch, Ct);
            for (int i = 0; i < batch.Length; i++)
            {
                SortedDictionary<long, Frame> known = model[batch[i].Asset];
                FrameOutcome expected = !known.TryGetValue(batch[i].TimeUnixMs, out _) ? (known.Count == 0 || known.Keys.Max() < batch[i].TimeUnixMs ? FrameOutcome.Stored : FrameOutcome.Late) : FrameOutcome.Revised;
                Assert.Equal(expected, outcomes[i]); // the values differ always
                known[batch[i].TimeUnixMs] = batch[i];
            }

            if (random.Next(2) == 0)
            {
                await store.PackAsync(Ct);
                Assert.All(await store.AppendAsync(Plant, batch.Take(5).ToArray(), Ct), outcome => Assert.Equal(FrameOutcome.Duplicate, outcome));
            }

            if (random.Next(8) == 0)
            {
                await store.DisposeAsync();
                store = await OpenAsync(database);
            }
        }

        await store.PackAsync(Ct);
        Assert.InRange(await CountAsync(database, "select max(tier) from telemetry_segment"), 1, 9);
        Assert.InRange(await CountAsync(database, "select count(*) from telemetry_chunk"), 1, 1_000);
        Assert.Equal(0, await CountAsync(database, "select count(*) from telemetry_piece p where not exists (select 1 from telemetry_segment s where s.part = p.part and s.segment = p.segment)"));
        foreach ((AssetId asset, SortedDictionary<long, Frame> known) in model)
        {
            FrameColumns read = await store.ReadAsync(Plant, asset, long.MinValue, long.MaxValue, ["temperature", "pressure", "speed"], 10_000, Ct);
            Assert.Equal(known.Keys, read.Times);
            for (int signal = 0; signal < 3; signal++)
            {
                Assert.Equal(known.Values.Select(frame => ValueOf(frame, read.Signals[signal])), read.Values[signal]);
            }

            Frame? newest = await store.NewestAsync(Plant, asset, Ct);
            Assert.Equal(known.Count == 0 ? null : known.Keys.Max(), newest?.TimeUnixMs);
            Assert.Equal(known.Count > 0, await store.HasAsync(Plant, asset, Ct));
        }

        Assert.Equal(model.Where(asset => asset.Value.Count > 0).Select(asset => asset.Key).Order(), await store.AssetsAsync(Plant, Ct));
        await store.DisposeAsync();
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task PackAsync_MergeThatWasCutOff_LeavesNothingBehind(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        await using (TelemetryStore store = await OpenAsync(database))
        {
            await store.AppendAsync(Plant, [.. Names.Select((name, i) => Plain(name, i))], Ct);
            await store.PackAsync(Ct);
        }

        // As a merge leaves it that wrote its pieces and died: the same frames under the next number.
        var db = new InstallationDb(database.Database);
        await db.ExecuteAsync(
            "insert into telemetry_piece select organization, part, segment + 1, first_asset, last_asset, from_ms, to_ms, frames, body from telemetry_piece", null, Ct);

        await using TelemetryStore again = await OpenAsync(database);
        Assert.Single((await again.ReadAsync(Plant, Names[3], 0, 1_000, null, 10, Ct)).Times);
        await again.AppendAsync(Plant, [.. Names.Select((name, i) => Plain(name, 100 + i))], Ct);
        await again.PackAsync(Ct);

        Assert.Equal(2, (await again.ReadAsync(Plant, Names[3], 0, 1_000, null, 10, Ct)).Times.Length);
        Assert.Equal(2 * Names.Length, await CountAsync(database, "select sum(frames) from telemetry_piece"));
    }

    // As on a disk that fills up while it merges: what was there stays, and the next pack goes on.
    [Fact]
    public async Task Checklist9_MergeThatFailed_IsDoneByTheNextPack()
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(Dialect.Sqlite, "telemetry");
        var db = new InstallationDb(database.Database);
        await db.ExecuteAsync("create trigger refuse before insert on telemetry_segment when new.tier = 1 begin select raise(abort, 'refused'); end", null, Ct);
        await using TelemetryStore store = await OpenAsync(database);
        for (int round = 0; round < 3; round++)
        {
            await store.AppendAsync(Plant, [.. Names.Select(name => Plain(name, 1 + round))], Ct);
            if (round < 2)
            {
                await store.PackAsync(Ct);
            }
        }

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => store.PackAsync(Ct));
        Assert.True(await CountAsync(database, "select count(*) from telemetry_piece p where not exists (select 1 from telemetry_segment s where s.part = p.part and s.segment = p.segment)") > 0);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => store.PackAsync(Ct));
        Assert.Equal((long[])[1, 2, 3], (await store.ReadAsync(Plant, Names[5], 0, 10, null, 10, Ct)).Times);

        await db.WriteAsync((connection, _) => connection.ExecuteAsync("drop trigger refuse"), Ct);
        await store.PackAsync(Ct);

        Assert.Equal(1, await CountAsync(database, "select max(tier) from telemetry_segment"));
        Assert.Equal(3 * Names.Length, await CountAsync(database, "select sum(frames) from telemetry_piece"));
        foreach (AssetId name in Names)
        {
            Assert.Equal((long[])[1, 2, 3], (await store.ReadAsync(Plant, name, 0, 10, null, 10, Ct)).Times);
        }
    }

    [Fact]
    public async Task DeleteOldAsync_WholeSegmentsOutOfTime_Go()
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(Dialect.Sqlite, "telemetry");
        var clock = new ManualClock();
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using TelemetryStore store = await TelemetryStore.OpenAsync(database.Database, Small, clock, Ct);
        await store.AppendAsync(Plant, [.. Names.Select(name => Plain(name, 1_000))], Ct);
        await store.PackAsync(Ct);
        await store.AppendAsync(Plant, [.. Names.Select(name => Plain(name, now))], Ct);
        await store.PackAsync(Ct);
        await store.SetRetentionDaysAsync(Plant, 3, Ct);

        Assert.True(await store.DeleteOldAsync(Plant, Ct) > 0);

        Assert.Equal([now], (await store.ReadAsync(Plant, Names[7], 0, long.MaxValue, null, 10, Ct)).Times);
    }

    private static double ValueOf(Frame frame, string signal) => Array.IndexOf(frame.Signals, signal) is >= 0 and var i ? frame.Values[i] : double.NaN;

    private static Frame Plain(AssetId asset, long time) => new(asset, time, 5, TwoSignals, [time, 1]);

    private static Frame FrameOf(AssetId asset, long time, Random random) => random.Next(4) == 0
        ? new Frame(asset, time, 7, OtherSignals, [random.NextDouble(), 2], [Quality.Good, Quality.Uncertain])
        : new Frame(asset, time, 7, TwoSignals, [random.NextDouble(), 1]);

    private static Task<TelemetryStore> OpenAsync(TestDatabase database) => TelemetryStore.OpenAsync(database.Database, Small, TimeProvider.System, Ct);

    private static Task<long> CountAsync(TestDatabase database, string sql) =>
        database.Database.ReadAsync(null, (connection, _) => connection.ExecuteScalarAsync<long>(sql), Ct);
}
