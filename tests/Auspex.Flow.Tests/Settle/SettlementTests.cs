using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Flow.Settle;
using Auspex.Storage.Alerts;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auspex.Flow.Tests.Settle;

public class SettlementTests
{
    private const long Minute = 60_000;
    private const long Start = 1_767_268_800_000; // 2026-01-01T12:00:00Z
    private const string Oven = "0198a000-0000-7000-8000-0000000000a1";
    private const string Press = "0198a000-0000-7000-8000-0000000000a2";

    private static readonly string[] Signals = new PredictionColumns(["fan"]).Signals;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Claims of the package: a failure of the fan within 10 minutes, from .85 on; a failure lasts an hour.
    [Fact]
    public async Task Round_FailureInsideTheHorizon_IsAHitAndCaughtAtOnce()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .2), (1, .9), (2, .95), (3, .9));
        await world.HappenedAsync(Oven, "failure", 6, "fan");

        await world.RoundAsync(7);

        StoredAlert alert = Assert.Single(await world.AlertsAsync());
        Assert.Equal(
            (PredictiveAlertOutcome.Hit, "fan", At(1), .9, .95, At(6), 5 * Minute),
            (alert.Alert.Outcome, alert.Alert.Component, alert.Alert.RaisedAtUnixMs, alert.Alert.ProbabilityAtRaise, alert.Alert.HighestProbability, alert.Alert.FailureStartUnixMs!.Value, alert.Alert.LeadTimeMs));
        Assert.Equal(("v1.0.0", 7.5), (alert.ModelVersion, alert.TimeToFailure));
        Assert.Empty(await world.FailuresAsync()); // predictions of the minutes before it may still come

        await world.SayAsync(Oven, (7, .1));
        await world.RoundAsync(8);

        FailureOutcome failure = Assert.Single(await world.FailuresAsync());
        Assert.Equal((FailureVerdict.Caught, At(1), "v1.0.0"), (failure.Verdict, failure.AlertRaisedAtUnixMs, failure.ModelVersion));
        // Rows from 0 to 3 at a minute each; that of 7 falls into the failed hour.
        Assert.Equal(4 * Minute, Assert.Single(await world.JudgedAsync()).JudgedMs);
    }

    [Fact]
    public async Task Round_NothingFollows_IsFalseOnlyWhenPeopleHaveRecordedWhatHappened()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .9));

        await world.RoundAsync(60);
        StoredAlert open = Assert.Single(await world.AlertsAsync());
        Assert.Equal((PredictiveAlertOutcome.Open, At(10), null), (open.Alert.Outcome, open.Alert.ClosedAtUnixMs, open.SettledAt));
        await world.RoundAsync(10 + 480 + 1);

        StoredAlert settled = Assert.Single(await world.AlertsAsync());
        Assert.Equal((PredictiveAlertOutcome.False, open.Id), (settled.Alert.Outcome, settled.Id));
    }

    [Fact]
    public async Task Round_FailureRecordedHoursLater_IsStillAHit()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .9), (11, .1));
        await world.RoundAsync(200);

        await world.HappenedAsync(Oven, "failure", 4, "fan");
        await world.RoundAsync(210);

        Assert.Equal(PredictiveAlertOutcome.Hit, Assert.Single(await world.AlertsAsync()).Alert.Outcome);
        Assert.Equal(FailureVerdict.Caught, Assert.Single(await world.FailuresAsync()).Verdict);
    }

    [Fact]
    public async Task Round_SettledAsFalse_StaysSoWhateverIsRecordedLater()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .9), (11, .1));
        await world.RoundAsync(1_000);

        await world.HappenedAsync(Oven, "failure", 4, "fan");
        await world.RoundAsync(1_001);

        Assert.Equal(PredictiveAlertOutcome.False, Assert.Single(await world.AlertsAsync()).Alert.Outcome);
    }

    [Fact]
    public async Task Round_MaintenanceBetween_IsAvertedAndNotFalse()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .9), (11, .1));
        await world.HappenedAsync(Oven, "maintenance", 3, "fan");

        await world.RoundAsync(1_000);

        Assert.Equal(PredictiveAlertOutcome.Averted, Assert.Single(await world.AlertsAsync()).Alert.Outcome);
    }

    [Fact]
    public async Task Round_FailuresNobodyForetold_AreMissedRepeatedOrNobodysToTell()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .1), (1, .1), (300, .1));
        await world.HappenedAsync(Oven, "failure", 5, "fan"); // judged before, and not told
        await world.HappenedAsync(Oven, "failure", 20, "fan"); // the same once more, inside its hour
        await world.HappenedAsync(Oven, "failure", 200, "fan"); // no prediction in the ten minutes before
        await world.HappenedAsync(Oven, "failure", -60, "fan"); // before the first
        await world.HappenedAsync(Press, "failure", 5, "fan"); // of an asset without predictions

        await world.RoundAsync(301);

        Assert.Equal(
            [FailureVerdict.OutsidePeriod, FailureVerdict.Missed, null, FailureVerdict.NotJudgeable],
            (await world.FailuresAsync()).Select(failure => failure.Verdict));
    }

    [Fact]
    public async Task Round_ThresholdsOfTheOrganization_CountInsteadOfThePackages()
    {
        await using World world = await World.StartAsync();
        await world.ConfigureAsync("ml-model-config", """{"thresholds":{"failureProbability":0.5,"confidenceThreshold":0.7}}""");
        await world.SayAsync(Oven, [(0, .5, .69), (1, .5, .7), (2, .4, 1)]);

        await world.RoundAsync(3);

        Assert.Equal(At(1), Assert.Single(await world.AlertsAsync()).Alert.RaisedAtUnixMs);
    }

    [Fact]
    public async Task Round_OneOrganization_SettlesNothingOfAnother()
    {
        await using World world = await World.StartAsync();
        await world.SayAsync(Oven, (0, .9));
        var stranger = Guid.Parse("0198a000-0000-7000-8000-000000000002");
        await new InstallationDb(world.Fixture.Metadata).ExecuteAsync(
            "insert into organization (id, name, time_zone, state, created_at) values (@id, 'stranger', 'UTC', 'active', 0)", new { id = stranger.ToString() }, Ct);

        await world.RoundAsync(1);

        Assert.Empty(await PredictiveAlertStore.ListAsync(new OrganizationDb(world.Fixture.Metadata, stranger), World.All, null, 10, Ct));
        Assert.Single(await world.AlertsAsync());
    }

    // Whenever rounds are made, and wherever pages end, the same alerts come of the same predictions; and they are those of the rule itself.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Round_AtAnyMoments_GivesWhatOneRoundGives(int seed)
    {
        var random = new Random(seed);
        const int minutes = 600;
        (int Minute, double Probability, double Confidence)[] said = [.. Enumerable.Range(0, minutes).Where(_ => random.Next(10) > 0).Select(minute => (minute, random.NextDouble() < .1 ? .9 : random.NextDouble() * .8, 1.0))];
        (int Minute, string Kind)[] happened = [.. Enumerable.Range(0, 8).Select(_ => (random.Next(minutes), random.Next(3) == 0 ? "maintenance" : "failure")).DistinctBy(one => one.Item1).OrderBy(one => one.Item1)];
        await using World once = await World.StartAsync();
        await once.SayAsync(Oven, said);
        foreach ((int minute, string kind) in happened)
        {
            await once.HappenedAsync(Oven, kind, minute, "fan");
        }

        await once.RoundAsync(5_000);

        await using World often = await World.StartAsync(new SettleOptions { RowsARound = 37 });
        int at = 0;
        for (int minute = 0; minute < minutes;)
        {
            int next = minute + random.Next(1, 40);
            await often.SayAsync(Oven, [.. said.Where(row => row.Minute >= minute && row.Minute < next)]);
            for (; at < happened.Length && happened[at].Minute < next; at++)
            {
                await often.HappenedAsync(Oven, happened[at].Kind, happened[at].Minute, "fan");
            }

            await often.RoundAsync(next);
            minute = next;
        }

        for (int round = 0; round < 30; round++)
        {
            await often.RoundAsync(5_000);
        }

        static string Told(StoredAlert alert) => string.Create(
            CultureInfo.InvariantCulture, $"{alert.Alert.RaisedAtUnixMs} {alert.Alert.ClosedAtUnixMs} {alert.Alert.Outcome} {alert.Alert.HighestProbability} {alert.Alert.FailureStartUnixMs} {alert.ModelVersion}");
        IReadOnlyList<StoredAlert> alerts = await once.AlertsAsync();
        Assert.NotEmpty(alerts);
        Assert.Equal(alerts.Select(Told), (await often.AlertsAsync()).Select(Told));
        Assert.Equal(await once.FailuresAsync(), await often.FailuresAsync());

        AssetEvent[] events = [.. happened.Select(one => new AssetEvent(new AssetId(Oven), At(one.Minute), one.Kind == "failure" ? AssetEventKind.Failure : AssetEventKind.Maintenance, "fan"))];
        LabelDefinition label = OvenPackage.Make(wholeLife: false).Manifest.Label;
        Assert.Equal(
            PredictiveAlertRule.Replay(new AssetId(Oven), said.Select(row => At(row.Minute)).ToArray(), [said.Select(row => row.Probability).ToArray()], events, At(5_000), label, .85)
                .Select(alert => (alert.RaisedAtUnixMs, alert.ClosedAtUnixMs)),
            alerts.Select(alert => (alert.Alert.RaisedAtUnixMs, alert.Alert.ClosedAtUnixMs)));
    }

    private static long At(int minute) => Start + (minute * Minute);

    private sealed class World : IAsyncDisposable
    {
        private readonly Clock _clock = new();
        private readonly Settlement _settlement;
        private readonly long _version;
        private int _events;

        private World(LineFixture fixture, SettleOptions options, long version)
        {
            Fixture = fixture;
            _version = version;
            _settlement = new Settlement(fixture.Metadata, fixture.Telemetry, fixture.Models, options, _clock, NullLogger<Settlement>.Instance);
        }

        public LineFixture Fixture { get; }

        public static AlertFilter All { get; } = new(null, null, null, null, 0, long.MaxValue);

        public static async Task<World> StartAsync(SettleOptions? options = null)
        {
            LineFixture fixture = await LineFixture.StartAsync();
            foreach (string sql in (string[])
            [
                "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@o, 'site', null, 'site', 'site', 'SITE', '{}', 1, 0, 0)",
                $"insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@o, '{Oven}', 'site', 'asset', 'oven', 'OVEN', '{{}}', 1, 0, 0)",
                $"insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@o, '{Press}', 'site', 'asset', 'press', 'PRESS', '{{}}', 1, 0, 0)",
            ])
            {
                await new InstallationDb(fixture.Metadata).ExecuteAsync(sql, new { o = LineFixture.Organization.ToString() }, Ct);
            }

            return new World(fixture, options ?? new SettleOptions(), (await fixture.DeployAsync(OvenPackage.Make(wholeLife: false))).Number);
        }

        public Task SayAsync(string asset, params (int Minute, double Probability)[] said) => SayAsync(asset, [.. said.Select(row => (row.Minute, row.Probability, double.NaN))]);

        public async Task SayAsync(string asset, (int Minute, double Probability, double Confidence)[] said)
        {
            AssetId series = Series.PredictionsOf(new AssetId(asset), PredictionTask.Failure);
            await Fixture.Telemetry.AppendAsync(
                LineFixture.Organization,
                [.. said.Select(row => new Frame(series, At(row.Minute), At(row.Minute), Signals, [row.Probability, row.Confidence, 7.5, 5, 10, _version, 0, row.Probability]))], Ct);
        }

        public Task<int> HappenedAsync(string asset, string kind, int minute, string component) => new InstallationDb(Fixture.Metadata).ExecuteAsync(
            "insert into plant_event (organization, id, asset, kind, started_at, component, revision, created_at, created_by, updated_at) values (@o, @id, @asset, @kind, @at, @component, 1, 0, 'anna', 0)",
            new { o = LineFixture.Organization.ToString(), id = $"e{++_events}", asset, kind, at = At(minute), component }, Ct);

        public Task<int> ConfigureAsync(string section, string body) => Fixture.Db.WriteAsync(
            async transaction =>
            {
                await Auspex.Storage.Configuration.ConfigurationStore.AppendAsync(transaction, section, 1, body, "anna", DateTimeOffset.UnixEpoch);
                return 0;
            },
            Ct);

        public Task RoundAsync(int minute)
        {
            _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(At(minute));
            return _settlement.RoundAsync(Ct);
        }

        public async Task<IReadOnlyList<StoredAlert>> AlertsAsync() => [.. (await PredictiveAlertStore.ListAsync(Fixture.Db, All, null, 10_000, Ct)).Reverse()];

        public Task<IReadOnlyList<FailureOutcome>> FailuresAsync() => PredictiveAlertStore.FailuresAsync(Fixture.Db, 0, long.MaxValue, null, Ct);

        public Task<IReadOnlyList<JudgedDay>> JudgedAsync() => PredictiveAlertStore.JudgedAsync(Fixture.Db, 0, long.MaxValue, null, Ct);

        public async ValueTask DisposeAsync()
        {
            _settlement.Dispose();
            await Fixture.DisposeAsync();
        }
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
