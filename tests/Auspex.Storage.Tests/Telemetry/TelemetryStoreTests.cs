using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Tests.Telemetry;

public class TelemetryStoreTests
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly AssetId Press = new("press 1");
    private static readonly string[] TwoSignals = ["temperature", "pressure"];
    private static readonly TelemetryOptions Small = new() { ChunkFrames = 8 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite, false)]
    [InlineData(Dialect.Sqlite, true)]
    [InlineData(Dialect.PostgreSql, false)]
    [InlineData(Dialect.PostgreSql, true)]
    public async Task ReadAsync_OddValuesAfterRestart_ComeBackToTheBit(Dialect dialect, bool packed)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        double payloadNaN = BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_1234);
        double[] odd = [1.5, -0.0, double.NaN, payloadNaN, double.Epsilon, double.MaxValue, 1.0 / 3, 0.1, -273.15, double.NegativeInfinity];
        Frame[] frames = [.. odd.Select((value, i) => new Frame(Press, 1_000 + i, 5_000, TwoSignals, [value, i], i % 3 == 0 ? [Quality.Uncertain, Quality.Bad] : null))];
        await using (TelemetryStore store = await OpenAsync(database))
        {
            Assert.All(await store.AppendAsync(Plant, frames, Ct), outcome => Assert.Equal(FrameOutcome.Stored, outcome));
            if (packed)
            {
                await store.PackAsync(Ct);
            }
        }

        await using TelemetryStore again = await OpenAsync(database);
        FrameColumns read = await again.ReadAsync(Plant, Press, 1_000, 2_000, null, 100, Ct);

        Assert.Equal(TwoSignals, read.Signals);
        Assert.Equal(odd.Select(BitConverter.DoubleToInt64Bits), read.Values[0].Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(Enumerable.Range(0, odd.Length).Select(i => (double)i), read.Values[1]);
        Assert.Equal(Enumerable.Range(0, odd.Length).Select(i => 1_000L + i), read.Times);
        Assert.All(read.Arrived, arrived => Assert.Equal(5_000, arrived));
        Assert.Equal(Enumerable.Range(0, odd.Length).Select(i => i % 3 == 0 ? Quality.Uncertain : Quality.Good), read.Qualities[0]!);
        Assert.Equal(Enumerable.Range(0, odd.Length).Select(i => i % 3 == 0 ? Quality.Bad : Quality.Good), read.Qualities[1]!);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ForgetAsync_FramesInMemory_AreNeverPacked(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        var other = Guid.NewGuid();
        await using TelemetryStore store = await OpenAsync(database);
        await store.AppendAsync(Plant, [At(1, 1)], Ct);
        await store.AppendAsync(other, [At(1, 1)], Ct);

        await store.ForgetAsync(Plant);
        await store.PackAsync(Ct);

        var db = new InstallationDb(database.Database);
        Assert.Equal([other.ToString()], await db.QueryAsync<string>("select organization from telemetry_chunk", null, Ct));
        await Assert.ThrowsAsync<StorageException>(() => store.AppendAsync(Plant, [At(2, 2)], Ct));
        Assert.Single(await store.AppendAsync(other, [At(2, 2)], Ct));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist15_SameBatchTwice_IsStoredOnce(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        Frame[] batch = [.. Enumerable.Range(0, 20).Select(i => At(i, i))];
        await using TelemetryStore store = await OpenAsync(database);
        Assert.All(await store.AppendAsync(Plant, batch, Ct), outcome => Assert.Equal(FrameOutcome.Stored, outcome));

        Assert.All(await store.AppendAsync(Plant, [.. batch.Select(Copy)], Ct), outcome => Assert.Equal(FrameOutcome.Duplicate, outcome));
        await store.PackAsync(Ct);
        Assert.All(await store.AppendAsync(Plant, [.. batch.Select(Copy)], Ct), outcome => Assert.Equal(FrameOutcome.Duplicate, outcome));
        Assert.All(await store.AppendAsync(Plant, [At(99, 1), At(99, 1)], Ct), Matches(FrameOutcome.Stored, FrameOutcome.Duplicate));

        Assert.Equal(1, await CountAsync(database, "select count(*) from telemetry_journal"));
        Assert.Equal(21, (await store.ReadAsync(Plant, Press, 0, 1_000, null, 100, Ct)).Times.Length);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task AppendAsync_SameTimeOtherValues_IsARevisionAndBothAreKept(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        await using TelemetryStore store = await OpenAsync(database);
        await store.AppendAsync(Plant, [At(10, 1), At(20, 2)], Ct);
        await store.PackAsync(Ct);

        IReadOnlyList<FrameOutcome> outcomes = await store.AppendAsync(Plant, [At(10, 7), At(15, 3), At(20, 8), At(10, 1)], Ct);

        Assert.Equal([FrameOutcome.Revised, FrameOutcome.Late, FrameOutcome.Revised, FrameOutcome.Duplicate], outcomes);
        Assert.Equal((double[])[7, 3, 8], (await store.ReadAsync(Plant, Press, 0, 100, null, 100, Ct)).Values[0]);
        await store.PackAsync(Ct);
        Assert.Equal((double[])[7, 3, 8], (await store.ReadAsync(Plant, Press, 0, 100, null, 100, Ct)).Values[0]);
        Assert.Equal([FrameOutcome.Duplicate, FrameOutcome.Duplicate], await store.AppendAsync(Plant, [At(10, 1), At(10, 7)], Ct));
        Assert.Equal(5, await CountAsync(database, "select sum(frames) from telemetry_chunk"));
        Assert.Equal(8, (await store.NewestAsync(Plant, Press, Ct))!.Values[0]);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ReadAsync_AnyOrderOfAppendsAndPacks_EqualsASortedModel(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        TelemetryStore store = await OpenAsync(database);
        var random = new Random(7);
        var model = new SortedDictionary<long, double>();
        for (int round = 0; round < 40; round++)
        {
            Frame[] batch = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => At(random.Next(0, 200), random.Next(0, 1_000)))];
            IReadOnlyList<FrameOutcome> outcomes = await store.AppendAsync(Plant, batch, Ct);
            for (int i = 0; i < batch.Length; i++)
            {
                if (outcomes[i] != FrameOutcome.Duplicate)
                {
                    model[batch[i].TimeUnixMs] = batch[i].Values[0];
                }
            }

            if (random.Next(3) == 0)
            {
                await store.PackAsync(Ct);
            }

            if (random.Next(8) == 0)
            {
                await store.DisposeAsync();
                store = await OpenAsync(database);
            }

            long from = random.Next(0, 150);
            long to = from + random.Next(0, 100);
            KeyValuePair<long, double>[] expected = [.. model.Where(row => row.Key >= from && row.Key < to)];
            var times = new List<long>();
            var values = new List<double>();
            for (bool more = true; more;)
            {
                FrameColumns page = await store.ReadAsync(Plant, Press, from, to, ["temperature"], 7, Ct);
                times.AddRange(page.Times);
                values.AddRange(page.Values[0]);
                more = page.More;
                from = page.Times.Length > 0 ? page.Times[^1] + 1 : to;
            }

            Assert.Equal(expected.Select(row => row.Key), times);
            Assert.Equal(expected.Select(row => row.Value), values);
        }

        await store.DisposeAsync();
        Assert.Equal(0, await CountAsync(database, """
            select count(*) from telemetry_chunk a join telemetry_chunk b on a.organization = b.organization and a.asset = b.asset
            where a.from_ms < b.from_ms and a.to_ms >= b.from_ms
            """));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task AppendAsync_ManyWritersAtOnce_ShareRows(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        await using TelemetryStore store = await OpenAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => store.AppendAsync(Plant, [At(i, i)], Ct)));

        Assert.Equal(400, (await store.ReadAsync(Plant, Press, 0, 1_000, null, 1_000, Ct)).Times.Length);
        Assert.Equal(400, await CountAsync(database, "select sum(frames) from telemetry_journal"));
        Assert.InRange(await CountAsync(database, "select count(*) from telemetry_journal"), 1, 200);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task ReadAsync_EqualNamesInTwoOrganizations_NeverMeet(Dialect dialect)
    {
        await using TestDatabase database = await TestDatabase.WithSchemaAsync(dialect, "telemetry");
        await using TelemetryStore store = await OpenAsync(database);
        var stranger = Guid.NewGuid();
        await store.AppendAsync(Plant, [At(1, 1)], Ct);
        await store.AppendAsync(stranger, [At(1, 2), At(2, 2)], Ct);
        await store.PackAsync(Ct);
        await store.SetRetentionDaysAsync(stranger, 1, Ct);

        Assert.True(await store.DeleteOldAsync(stranger, Ct) > 0);
        Assert.Equal(0, await store.DeleteOldAsync(Plant, Ct));

        Assert.Equal((double[])[1], (await store.ReadAsync(Plant, Press, 0, 10, null, 10, Ct)).Values[0]);
        Assert.Empty((await store.ReadAsync(stranger, Press, 0, 10, null, 10, Ct)).Times);
        Assert.Empty((await store.ReadAsync(Guid.NewGuid(), Press, 0, 10, null, 10, Ct)).Times);
        Assert.Null(await store.NewestAsync(Guid.NewGuid(), Press, Ct));
    }

    private static Frame At(long time, double value) => new(Press, time, 1_000_000, TwoSignals, [value, 4.25]);

    private static Frame Copy(Frame frame) => frame with { Signals = [.. frame.Signals], Values = [.. frame.Values], ArrivedUnixMs = frame.ArrivedUnixMs + 1 };

    private static Action<FrameOutcome, int> Matches(params FrameOutcome[] expected) => (outcome, i) => Assert.Equal(expected[i], outcome);

    private static Task<TelemetryStore> OpenAsync(TestDatabase database) => TelemetryStore.OpenAsync(database.Database, Small, TimeProvider.System, Ct);

    private static Task<long> CountAsync(TestDatabase database, string sql) =>
        database.Database.ReadAsync(null, (connection, _) => connection.ExecuteScalarAsync<long>(sql), Ct);
}
