using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Tests.Connect.Sql;
using Auspex.Storage;
using Auspex.Storage.Sources;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests;

public class SourceReadingTests(MariaDbServer mariaDb)
{
    private static readonly Guid Organization = Guid.Parse("0198a000-0000-7000-8000-000000000001");
    private static readonly SqlLimits Small = new() { PageRows = 40 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, bool> Sources
    {
        get
        {
            var data = new TheoryData<string, string, bool>();
            foreach (string kind in SqlConnectionSettings.Kinds)
            {
                data.Add(kind, "id", false);
                data.Add(kind, "id", true);
                data.Add(kind, "t", false);
                data.Add(kind, "t", true);
            }

            return data;
        }
    }

    // 15, 30: whatever it is in the middle of when it is killed, and whatever commits late, every row of the source is in the frames, and none twice.
    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Reading_KilledAnywhereWhileRowsCommitOutOfOrder_TakesEveryRowOnce(string kind, string key, bool isLong)
    {
        await TakesEveryRowOnceAsync(kind, key, isLong, seed: kind.Length + key.Length + (isLong ? 100 : 0));
    }

    private async Task TakesEveryRowOnceAsync(string kind, string key, bool isLong, int seed)
    {
        const int OverlapSeconds = 60;
        var random = new Random(seed);
        var clock = new ManualClock();
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute($"create table r (id bigint, t {plant.Sql("text", "timestamptz", "datetime(6)")}, machine varchar(20), tag varchar(20), x double precision, y double precision)");
        await using SourceFixture fixture = await SourceFixture.StartAsync(clock, Small, Organization);
        SqlMapping mapping = isLong
            ? new SqlMapping(null, "r", key, "t", null, null, "machine", null, null, "tag", "x")
            : new SqlMapping(null, "r", key, "t", null, null, "machine", null, [new SqlValueColumn("x"), new SqlValueColumn("y")], null, null);
        Guid id = await fixture.MakeAsync(Organization, "plant", plant, mapping, 1, OverlapSeconds);

        var expected = new Dictionary<(string Asset, long Ms), Dictionary<string, double>>();
        var held = new List<(DateTimeOffset Until, Action Insert)>();
        int next = 0;
        int kills = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int n = random.Next(0, random.Next(10) == 0 ? 150 : 12); n > 0; n--)
            {
                // Each row has an instant of its own asset, to a microsecond; in long tables several rows share it.
                clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 40)));
                DateTime at = clock.GetUtcNow().UtcDateTime;
                at = new DateTime(at.Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc).AddTicks(random.Next(1_000) * 10);
                string machine = $"m{random.Next(3)}";
                for (int row = isLong ? random.Next(1, 4) : 1; row > 0; row--)
                {
                    (int rowId, double x, double y, string tag) = (++next, random.NextDouble(), random.NextDouble(), $"s{row}");
                    Dictionary<string, double> values = expected.TryGetValue((machine, Ms(at)), out var known) ? known : expected[(machine, Ms(at))] = [];
                    (values[isLong ? tag : "x"], values[isLong ? tag : "y"]) = isLong ? (x, x) : (x, y);
                    object t = kind == SqlConnectionSettings.Sqlite ? at.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : at;
                    void Insert() => plant.Execute("insert into r values (@rowId, @t, @machine, @tag, @x, @y)", new { rowId, t, machine, tag, x, y });
                    if (random.Next(8) == 0)
                    {
                        held.Add((clock.GetUtcNow().AddSeconds(random.Next(1, OverlapSeconds - 15)), Insert));
                    }
                    else
                    {
                        Insert();
                    }
                }
            }

            clock.Advance(TimeSpan.FromSeconds(random.Next(1, 12)));
            foreach ((_, Action insert) in held.Where(one => one.Until <= clock.GetUtcNow()))
            {
                insert();
            }

            held.RemoveAll(one => one.Until <= clock.GetUtcNow());
            if (random.Next(3) == 0)
            {
                fixture.Kill.In(random.Next(1, 40));
            }

            await ReadAsync(fixture, id);
            bool killed = fixture.Kill.Happened;
            fixture.Kill.Disarm();
            if (killed)
            {
                kills++;
                await fixture.CloseAsync();
                await fixture.OpenAsync(Small);
            }
            else if (random.Next(4) == 0)
            {
                await fixture.Telemetry.PackAsync(Ct);
            }
        }

        held.ForEach(one => one.Insert());
        for (int round = 0; round < 12; round++)
        {
            await ReadAsync(fixture, id);
            clock.Advance(TimeSpan.FromSeconds(OverlapSeconds / 4));
        }

        string where = $"{kind} by {key}, {(isLong ? "long" : "wide")}, seed {seed}";
        Assert.True(kills >= 3, where);
        var faults = new List<string>();
        foreach (((string asset, long ms), Dictionary<string, double> values) in expected)
        {
            IReadOnlyList<Frame> revisions = await fixture.Telemetry.RevisionsAsync(Organization, new AssetId(asset), ms, Ct);
            string stored = revisions.Count == 0 ? "nothing" : string.Join(' ', revisions[^1].Signals.Zip(revisions[^1].Values).OrderBy(one => one.First, StringComparer.Ordinal).Select(one => $"{one.First}={one.Second:R}"));
            string wanted = string.Join(' ', values.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value:R}"));
            if (stored != wanted || (!isLong && revisions.Count != 1))
            {
                faults.Add($"{asset} {ms}: {revisions.Count} times, last {stored}; expected {wanted}");
            }
        }

        Assert.True(faults.Count == 0, $"{where}: {faults.Count} of {expected.Count}: {string.Join("; ", faults.Take(5))}");
        foreach (IGrouping<string, long> ofAsset in expected.Keys.GroupBy(one => one.Asset, one => one.Ms))
        {
            FrameColumns all = await fixture.Telemetry.ReadAsync(Organization, new AssetId(ofAsset.Key), 0, long.MaxValue, null, 100_000, Ct);
            Assert.Equal(ofAsset.Order(), all.Times);
        }

        SourceProgress progress = SourceProgress.Read((await DataSourceStore.FindAsync(fixture.Of(Organization), id, Ct))!.Progress);
        Assert.Equal(progress.Head, progress.Settled);
        Assert.Empty(progress.Marks);
    }

    private static async Task ReadAsync(SourceFixture fixture, Guid id)
    {
        try
        {
            while ((await fixture.Reading.ReadAsync(fixture.Of(Organization), id, Ct)).More)
            {
            }
        }
        catch (StorageException) when (fixture.Kill.Happened)
        {
            // What was killed says nothing more.
        }
    }

    private static long Ms(DateTime at) => (at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
}
