using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Tests.Connect.Sql;
using Auspex.Storage.Sources;

namespace Auspex.Flow.Tests;

public class SourcePollingTests(MariaDbServer mariaDb)
{
    private static readonly Guid One = Guid.Parse("0198a000-0000-7000-8000-000000000001");
    private static readonly Guid Other = Guid.Parse("0198a000-0000-7000-8000-000000000002");

    // Short, so that the test is.
    private static readonly SqlLimits Short = new() { Connect = TimeSpan.FromSeconds(1), Statement = TimeSpan.FromSeconds(1), Call = TimeSpan.FromSeconds(2) };

    private static readonly SqlMapping Mapping = new(null, "r", "id", "t", SqlMapping.UnixMilliseconds, null, null, "press", [new SqlValueColumn("x")], null, null);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Hanging => [.. SqlConnectionSettings.Kinds, "server that never answers", "nobody there"];

    // 29
    [Theory]
    [MemberData(nameof(Hanging))]
    public async Task Source_ThatHangs_OpensItsCircuitAndHoldsUpNobody(string what)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        if (what == "nobody there")
        {
            silent.Stop();
        }

        using PlantDatabase plant = PlantDatabase.Make(SqlConnectionSettings.Kinds.Contains(what) ? what : SqlConnectionSettings.Sqlite, mariaDb);
        plant.Execute(plant.Sql(
            "create view r as with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) as id, 1 as t, 1 as x from n",
            "create view r as select 1::bigint as id, 1 as t, 1 as x from pg_sleep(3600)", "create view r as select 1 as id, 1 as t, sleep(3600) as x"));
        using PlantDatabase good = PlantDatabase.Make(SqlConnectionSettings.Sqlite, mariaDb);
        good.Execute("create table r (id integer primary key, t integer, x real)");
        await using SourceFixture fixture = await SourceFixture.StartAsync(TimeProvider.System, Short, One, Other);
        Guid hanging = what == "server that never answers" || what == "nobody there"
            ? await fixture.MakeAsync(One, "hangs", new SqlConnectionSettings(SqlConnectionSettings.PostgreSql, "127.0.0.1", port, "scada", "reader", "secret", "disable", null), Mapping, 1, 0)
            : await fixture.MakeAsync(One, "hangs", plant, Mapping, 1, 0);
        Guid fine = await fixture.MakeAsync(Other, "fine", good, Mapping, 1, 0);
        await using SourcePolling polling = await fixture.PollingAsync(TimeSpan.FromSeconds(1));

        long start = Stopwatch.GetTimestamp();
        var slowest = TimeSpan.Zero;
        SourceStatus status;
        int row = 0;
        do
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40), "the circuit stays closed");
            row++;
            good.Execute("insert into r values (@row, @t, @row)", new { row, t = 1_767_225_600_000 + (row * 1_000L) });
            long inserted = Stopwatch.GetTimestamp();
            while ((await StatusAsync(fixture, polling, Other, fine)).Rows < row && Stopwatch.GetElapsedTime(inserted) < TimeSpan.FromSeconds(10))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
            }

            slowest = Stopwatch.GetElapsedTime(inserted) > slowest ? Stopwatch.GetElapsedTime(inserted) : slowest;
            status = await StatusAsync(fixture, polling, One, hanging);
        }
        while (status.Circuit.State != "OPEN");

        Assert.Equal(("failing", SourceCircuit.FailuresToOpen), (status.State, status.Circuit.FailureCount));
        Assert.NotNull(status.LastError);
        Assert.DoesNotContain("secret", status.LastError, StringComparison.Ordinal);
        Assert.True(status.NextAttemptAt > TimeProvider.System.GetUtcNow());
        SourceStatus other = await StatusAsync(fixture, polling, Other, fine);
        Assert.Equal(("running", "CLOSED"), (other.State, other.Circuit.State));
        // A second between readings, and what a busy machine adds.
        Assert.True(slowest < TimeSpan.FromSeconds(4), $"{slowest}");
    }

    private static async Task<SourceStatus> StatusAsync(SourceFixture fixture, SourcePolling polling, Guid organization, Guid id) =>
        polling.StatusOf(organization, (await DataSourceStore.FindAsync(fixture.Of(organization), id, Ct))!);
}
