using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Core.Tests.Predictions;

/// <summary>What must hold of every history, tried on small crowded random ones in which edges coincide all the time.</summary>
public class AlertPropertiesTests
{
    private static readonly AssetId Pump = new("pump");

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Replay_AnyHistory_KeepsOneOpenAlertAComponentAndClosesEachInItsLife(int seed) => ForAll(seed, (history, alerts) =>
    {
        long life = history.HorizonMs + history.GraceMs;
        foreach (IGrouping<string, PredictiveAlert> component in alerts.GroupBy(a => a.Component))
        {
            PredictiveAlert[] inOrder = [.. component];
            for (int i = 0; i < inOrder.Length; i++)
            {
                Assert.InRange(inOrder[i].ClosedAtUnixMs ?? history.KnownUntil, inOrder[i].RaisedAtUnixMs, inOrder[i].RaisedAtUnixMs + life);
                Assert.True(inOrder[i].ProbabilityAtRaise >= history.Threshold);
                Assert.True(i == 0 || inOrder[i - 1].ClosedAtUnixMs <= inOrder[i].RaisedAtUnixMs);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Replay_AnyHistory_EveryExceedanceOfASoundAssetIsCoveredByAnAlert(int seed) => ForAll(seed, (history, alerts) =>
    {
        var failed = new FailedPeriods(history.Episodes);
        for (int component = 0; component < history.Probabilities.Length; component++)
        {
            string name = history.Label.Components.Count == 0 ? "" : history.Label.Components[component];
            for (int row = 0; row < history.Times.Length; row++)
            {
                long time = history.Times[row];
                bool exceeds = history.Probabilities[component][row] >= history.Threshold && !failed.Contains(time);
                bool covered = alerts.Any(a => a.Component == name && a.RaisedAtUnixMs <= time
                    && time <= (a.ClosedAtUnixMs ?? long.MaxValue)
                    && a.HighestProbability >= history.Probabilities[component][row]);
                Assert.True(!exceeds || covered);
                Assert.True(exceeds || !alerts.Any(a => a.Component == name && a.RaisedAtUnixMs == time));
            }
        }
    });

    /// <summary>The definitions of <c>docs/measures.md</c>, said again by brute force over every instant.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void SettleAndJudge_AnyHistory_AgreeWithTheDefinitionsAndEachOther(int seed) => ForAll(seed, (history, alerts) =>
    {
        PredictiveAlert[] settled = [.. alerts.Select(history.Settle)];
        IReadOnlyList<FailureJudgement> judged = AlertSettlement.Judge(history.Episodes, settled, history.Times, history.Label);

        foreach (PredictiveAlert alert in settled)
        {
            long[] starts = [.. history.Episodes.Where(e => Same(alert.Component, e.Component)).Select(e => e.StartUnixMs)];
            bool Between(long from, long to) => starts.Any(s => s > from && s <= to);
            long end = alert.RaisedAtUnixMs + history.HorizonMs;
            PredictiveAlertOutcome expected =
                Between(alert.RaisedAtUnixMs, end) ? PredictiveAlertOutcome.Hit
                : Between(end, end + history.GraceMs) ? PredictiveAlertOutcome.Late
                : end + history.GraceMs > history.KnownUntil ? PredictiveAlertOutcome.Open
                : history.Events.Any(e => e.Kind == AssetEventKind.Maintenance && Same(alert.Component, e.Name)
                    && e.TimeUnixMs > alert.RaisedAtUnixMs && e.TimeUnixMs <= end + history.GraceMs) ? PredictiveAlertOutcome.Averted
                : PredictiveAlertOutcome.False;
            Assert.Equal(expected, alert.Outcome);
            Assert.Equal(expected is PredictiveAlertOutcome.Hit or PredictiveAlertOutcome.Late, alert.LeadTimeMs is > 0);
        }

        Assert.Equal(history.Episodes.Count, judged.Count);
        foreach (FailureJudgement failure in judged)
        {
            long start = failure.Failure.StartUnixMs;
            bool hit = settled.Any(a => a.Outcome == PredictiveAlertOutcome.Hit && Same(a.Component, failure.Failure.Component)
                && a.RaisedAtUnixMs < start && a.RaisedAtUnixMs >= start - history.HorizonMs);
            bool row = history.Times.Any(t => t >= start - history.HorizonMs && t < start);
            Assert.Equal(hit, failure.Verdict == FailureVerdict.Caught);
            Assert.Equal(row && !hit, failure.Verdict == FailureVerdict.Missed);
            Assert.Equal(hit, failure.LeadTimeMs is { } lead && lead > 0 && lead <= history.HorizonMs);
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Settle_MoreIsRecordedLater_LeavesSettledAlertsAsTheyWere(int seed) => ForAll(seed, (history, _) =>
    {
        long now = history.KnownUntil / 2;
        History until = history with
        {
            Times = [.. history.Times.Where(t => t <= now)],
            KnownUntil = now,
        };
        PredictiveAlert[] early = [.. until.Replay().Select(until.Settle)];
        PredictiveAlert[] whole = [.. history.Replay().Select(history.Settle)];

        for (int i = 0; i < early.Length; i++)
        {
            Assert.Equal(early[i].RaisedAtUnixMs, whole[i].RaisedAtUnixMs);
            if (early[i].Outcome != PredictiveAlertOutcome.Open)
            {
                Assert.Equal(
                    (early[i].Outcome, early[i].FailureStartUnixMs, early[i].LeadTimeMs),
                    (whole[i].Outcome, whole[i].FailureStartUnixMs, whole[i].LeadTimeMs));
            }
        }
    });

    private static bool Same(string a, string b) => a == "" || b == "" || a == b;

    private static void ForAll(int seed, Action<History, IReadOnlyList<PredictiveAlert>> holds)
    {
        var random = new Random(seed);
        for (int round = 0; round < 150; round++)
        {
            History history = History.Draw(random);
            holds(history, history.Replay());
        }
    }

    private sealed record History(
        LabelDefinition Label, long[] Times, double[][] Probabilities, AssetEvent[] Events, long KnownUntil, double Threshold)
    {
        public long HorizonMs => (long)Label.Horizon.TotalMilliseconds;

        public long GraceMs => (long)Label.Grace.TotalMilliseconds;

        public IReadOnlyList<FailureEpisode> Episodes => FailureEpisodes.Of(Pump, Events.Where(e => e.TimeUnixMs <= KnownUntil), Label);

        public IReadOnlyList<PredictiveAlert> Replay() =>
            PredictiveAlertRule.Replay(Pump, Times, Probabilities, Events, KnownUntil, Label, Threshold);

        public PredictiveAlert Settle(PredictiveAlert alert) => AlertSettlement.Settle(alert, Episodes, Events, KnownUntil, Label);

        public static History Draw(Random random)
        {
            string[] components = random.Next(3) switch { 0 => [], 1 => ["a"], _ => ["a", "b"] };
            string[] names = ["", "a", "b", "z"];
            var label = new LabelDefinition(PredictionTask.Failure, TimeSpan.FromMilliseconds(1 + random.Next(8)),
                TimeSpan.FromMilliseconds(random.Next(4)), TimeSpan.FromMilliseconds(random.Next(4)), components, null, null, null);
            long[] times = [.. Enumerable.Range(0, 40).Where(_ => random.Next(4) > 0).Select(t => (long)t)];
            double[] values = [0, 0.3, 0.5, 0.8, 1, double.NaN];
            double[][] probabilities = [.. Enumerable.Range(0, Math.Max(1, components.Length))
                .Select(_ => times.Select(_ => values[random.Next(values.Length)]).ToArray())];
            AssetEvent[] events = [.. Enumerable.Range(0, random.Next(8)).Select(_ => new AssetEvent(
                Pump, random.Next(45), random.Next(3) > 0 ? AssetEventKind.Failure : AssetEventKind.Maintenance,
                names[random.Next(names.Length)]))];
            return new History(label, times, probabilities, events, 40 + random.Next(6), 0.5);
        }
    }
}
