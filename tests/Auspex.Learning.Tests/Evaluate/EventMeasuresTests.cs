using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class EventMeasuresTests
{
    private static readonly LabelDefinition OneKind = new(PredictionTask.Failure, TimeSpan.FromMilliseconds(10), TimeSpan.Zero,
        TimeSpan.Zero, [], null, null, null);

    private static EventMeasures Example(double threshold = 0.8) =>
        EventMeasures.Of(Evaluate.Example.Predictions, Evaluate.Example.Events, Evaluate.Example.Label, threshold);

    private static AssetPredictions Rows(string asset, long[] times, double probability = 0) =>
        new(new AssetId(asset), times, [[.. times.Select(_ => probability)]]);

    private static AssetEvents Failures(string asset, long knownUntil, params long[] at) =>
        new(new AssetId(asset), [.. at.Select(t => new AssetEvent(new AssetId(asset), t, AssetEventKind.Failure, ""))], knownUntil);

    [Fact]
    public void Of_WorkedExample_HasTheAlertsOfThePage()
    {
        string[] alerts = [.. Example().Alerts
            .OrderBy(a => a.Asset).ThenBy(a => a.Component, StringComparer.Ordinal).ThenBy(a => a.RaisedAtUnixMs)
            .Select(a => $"{a.Asset} {a.Component} {a.RaisedAtUnixMs / Evaluate.Example.Hour} "
                + (a.Outcome == PredictiveAlertOutcome.Open ? "open" : a.Outcome.ToString().ToLowerInvariant())
                + $" {(a.LeadTimeMs is { } lead ? lead / Evaluate.Example.Hour : "-")}")];

        Assert.NotEmpty(alerts);
        Assert.Equal(Evaluate.Example.Block("alerts").Select(line => string.Join(' ', line)), alerts);
    }

    [Fact]
    public void Of_WorkedExample_HasTheFiguresOfThePage()
    {
        EventCounts fleet = Example().Fleet;
        RowQuality rows = RowMeasures.Of(Evaluate.Example.Predictions, Evaluate.Example.Events, Evaluate.Example.Label).Pooled;
        Dictionary<string, double> figures = new()
        {
            ["failures"] = fleet.Failures,
            ["caught"] = fleet.Caught,
            ["recall"] = fleet.Recall.Value,
            ["recallLower"] = fleet.Recall.Lower,
            ["recallUpper"] = fleet.Recall.Upper,
            ["precision"] = fleet.Precision.Value,
            ["precisionLower"] = fleet.Precision.Lower,
            ["precisionUpper"] = fleet.Precision.Upper,
            ["precisionIfAvertedWereFalse"] = fleet.PrecisionIfAvertedWereFalse.Value,
            ["assetDays"] = fleet.AssetDays,
            ["falseAlertsPerAssetDay"] = fleet.FalseAlertsPerAssetDay.Value,
            ["falseAlertsPerShift"] = fleet.FalseAlertsPerShift,
            ["leadMedianSeconds"] = fleet.LeadMedianSeconds,
            ["leadP10Seconds"] = fleet.LeadP10Seconds,
            ["rows"] = rows.Rows,
            ["positives"] = rows.Positives,
            ["logLoss"] = rows.LogLoss,
            ["brier"] = rows.Brier,
            ["rocAuc"] = rows.RocAuc,
            ["prAuc"] = rows.PrAuc,
        };

        IReadOnlyList<string[]> page = Evaluate.Example.Block("figures");
        Assert.Equal(figures.Keys, page.Select(line => line[0]));
        Assert.All(page, line => Assert.Equal(Evaluate.Example.Number(line[1]), figures[line[0]], 1e-9));
    }

    [Fact]
    public void Of_WorkedExample_SaysWhyFailuresWereMissed() => Assert.Equal(
        [
            "The highest probability in the horizon before it was 0.5, the threshold is 0.8.",
            "Its alert was raised 5h before, earlier than the horizon.",
        ],
        Example().Failures.Select(f => f.Why).OfType<string>());

    [Fact]
    public void Of_ThresholdMetOnlyUnderAnAlertThatExpired_SaysSo()
    {
        // Raised at 0, horizon 10: the row at 5 joins it, it expires at 10, and nothing exceeds before the failure at 12.
        AssetPredictions rows = new(new AssetId("a"), [0, 5, 11], [[0.9, 0.9, 0.1]]);
        EventMeasures measures = EventMeasures.Of([rows], [Failures("a", 30, 12)], OneKind, 0.5);

        Assert.Equal(PredictiveAlertOutcome.False, measures.Alerts.Single().Outcome);
        Assert.StartsWith("The threshold was met while an alert", measures.Failures.Single().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ComponentsAndAssets_SumToTheFleet()
    {
        EventMeasures measures = Example();

        foreach (IReadOnlyList<NamedEventCounts> parts in new[] { measures.Components, measures.Assets })
        {
            Assert.Equal(measures.Fleet.Failures, parts.Sum(p => p.Counts.Failures));
            Assert.Equal(measures.Fleet.Caught, parts.Sum(p => p.Counts.Caught));
            Assert.Equal(measures.Fleet.Alerts, parts.Sum(p => p.Counts.Alerts));
            Assert.Equal(measures.Fleet.FalseAlerts, parts.Sum(p => p.Counts.FalseAlerts));
        }
    }

    [Fact]
    public void Of_GapInTheRows_DoesNotCountAsWatchedTime()
    {
        const long day = 86_400_000;
        long[] gappy = [0, day, 2 * day, 30 * day, 31 * day];

        Assert.Equal(5, EventMeasures.Of([Rows("a", gappy)], [Failures("a", 40 * day)], OneKind, 0.5).Fleet.AssetDays, 1e-12);
    }

    [Fact]
    public void Of_AssetWithOneRow_TakesThePeriodOfTheOthers()
    {
        const long day = 86_400_000;

        Assert.Equal(4, EventMeasures.Of(
            [Rows("a", [0, day, 2 * day]), Rows("b", [7])], [Failures("a", day), Failures("b", day)], OneKind, 0.5).Fleet.AssetDays, 1e-12);
    }

    [Fact]
    public void Of_RowsWhileFailed_AreNotJudgedEvenWhenGiven()
    {
        LabelDefinition recovering = OneKind with { Recovery = TimeSpan.FromMilliseconds(2) };
        EventMeasures measures = EventMeasures.Of([Rows("a", [1, 2, 3, 4, 5], 0.9)], [Failures("a", 100, 3)], recovering, 0.5);

        Assert.Equal([1L], measures.Alerts.Select(a => a.RaisedAtUnixMs));
        Assert.Equal(2 / 86_400_000.0, measures.Fleet.AssetDays, 1e-15);
    }

    [Fact]
    public void Of_FailureNobodyCouldTell_IsCountedApart()
    {
        // Rows 0..5 and 40..45, horizon 10: failures at 30 (gap), -3 (before), 70 (after) and 43 (missed).
        long[] times = [.. Enumerable.Range(0, 6).Concat(Enumerable.Range(40, 6)).Select(t => (long)t)];
        EventCounts fleet = EventMeasures.Of([Rows("a", times)], [Failures("a", 100, 30, -3, 70, 43)], OneKind, 0.5).Fleet;

        Assert.Equal((1, 0, 1, 1, 2), (fleet.Failures, fleet.Caught, fleet.Missed, fleet.NotJudgeable, fleet.OutsidePeriod));
    }

    [Fact]
    public void Of_FailureOfAComponentTheModelDoesNotKnow_IsMissedAndListed()
    {
        LabelDefinition bearing = OneKind with { Components = ["bearing"] };
        var events = new AssetEvents(new AssetId("a"), [new(new AssetId("a"), 5, AssetEventKind.Failure, "seal")], 9);
        EventMeasures measures = EventMeasures.Of([Rows("a", [1, 2, 3], 0.9)], [events], bearing, 0.5);

        Assert.Equal(["bearing", "seal"], measures.Components.Select(c => c.Name));
        Assert.Equal((1, 1), (measures.Components[1].Counts.Missed, measures.Fleet.Missed));
        Assert.Equal("The model does not know this component.", measures.Failures.Single().Why);
    }

    [Fact]
    public void Of_NothingToCount_IsNaNNotZero()
    {
        EventCounts fleet = EventMeasures.Of([Rows("a", [1])], [Failures("a", 1)], OneKind, 0.5).Fleet;

        Assert.True(double.IsNaN(fleet.Recall.Value) && double.IsNaN(fleet.Precision.Value) && double.IsNaN(fleet.LeadMedianSeconds));
        Assert.True(double.IsNaN(fleet.FalseAlertsPerAssetDay.Value)); // one row in all: its period is not known
    }

    [Fact]
    public void Of_AlertsThatAskForConfidence_MissWhatNoRowIsSureOf()
    {
        AssetPredictions rows = Rows("a", [0, 5, 10, 15, 20], 0.9) with { Confidences = [[0.6, 0.65, 0.7, 0.2, 0.2]] };
        AssetEvents events = Failures("a", 40, 8, 18);

        EventMeasures asked = EventMeasures.Of([rows], [events], OneKind, 0.8, 0.7);
        EventMeasures plain = EventMeasures.Of([rows], [events], OneKind, 0.8);

        Assert.Equal((2, 2), (plain.Fleet.Caught, plain.Fleet.Failures));
        Assert.Equal((1, 2), (asked.Fleet.Caught, asked.Fleet.Failures));
        PredictiveAlert alert = Assert.Single(asked.Alerts);
        Assert.Equal((10, 0.7), (alert.RaisedAtUnixMs, alert.ConfidenceAtRaise));
        Assert.Equal("The threshold was met with a confidence of 0.65 at most, 0.7 is asked for.", asked.Failures[0].Why);
        Assert.Equal((0.7, (double?)null), (asked.ConfidenceThreshold!.Value, plain.ConfidenceThreshold));
        Assert.Equal([1, 1, 0], EventMeasures.Sweep([rows], [events], OneKind, [0.1, 0.9, 0.91], 0.7, 1, TestContext.Current.CancellationToken).Select(s => s.Counts.Caught));
    }

    [Fact]
    public void Of_ConfidencesOfAnotherLength_AreRefused() => Assert.Throws<ArgumentException>(() =>
        EventMeasures.Of([Rows("a", [0, 5], 0.9) with { Confidences = [[1]] }], [Failures("a", 40)], OneKind, 0.8, 0.7));

    [Fact]
    public void Sweep_HigherThreshold_NeverCatchesByMoreRows()
    {
        IReadOnlyList<ThresholdCounts> sweep = EventMeasures.Sweep(
            Evaluate.Example.Predictions, Evaluate.Example.Events, Evaluate.Example.Label, [0, 0.8, 1], null, 2, TestContext.Current.CancellationToken);

        Assert.Equal([0, 0.8, 1], sweep.Select(s => s.Threshold));
        Assert.Equal([4, 2, 0], sweep.Select(s => s.Counts.Caught));
        Assert.Equal(Example().Fleet, sweep[1].Counts);
    }

    [Theory]
    [InlineData(1.01)]
    [InlineData(-0.01)]
    public void Of_ProbabilityOutsideItsRange_IsRefused(double probability) => Assert.Throws<ArgumentException>(() =>
        EventMeasures.Of([Rows("a", [1], probability)], [Failures("a", 1)], OneKind, 0.5));

    [Fact]
    public void Of_AssetsThatDoNotPair_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => EventMeasures.Of([Rows("a", [1])], [], OneKind, 0.5));
        Assert.Throws<ArgumentException>(() => EventMeasures.Of([], [Failures("a", 1)], OneKind, 0.5));
        Assert.Throws<ArgumentException>(() =>
            EventMeasures.Of([Rows("a", [1]), Rows("a", [1])], [Failures("a", 1)], OneKind, 0.5));
        Assert.Throws<ArgumentException>(() => EventMeasures.Of([Rows("a", [2, 2])], [Failures("a", 1)], OneKind, 0.5));
    }

    [Fact]
    public void Of_RandomFleets_EveryAlertAndFailureIsCountedOnce()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            string[] names = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => $"asset{i}")];
            LabelDefinition label = OneKind with
            {
                Grace = TimeSpan.FromMilliseconds(random.Next(4)),
                Recovery = TimeSpan.FromMilliseconds(random.Next(4)),
                Components = random.Next(2) == 0 ? [] : ["x", "y"],
            };
            string[] kinds = ["", "x", "y"];
            AssetPredictions[] predictions = [.. names.Select(name =>
            {
                long[] times = [.. Enumerable.Range(0, 60).Where(_ => random.Next(3) > 0).Select(t => (long)t)];
                return new AssetPredictions(new AssetId(name), times,
                    [.. Enumerable.Range(0, Math.Max(1, label.Components.Count)).Select(_ => times.Select(_ => random.NextDouble()).ToArray())]);
            })];
            AssetEvents[] events = [.. names.Select(name => new AssetEvents(new AssetId(name),
                [.. Enumerable.Range(0, random.Next(7)).Select(_ => new AssetEvent(new AssetId(name), random.Next(-5, 75),
                    random.Next(2) == 0 ? AssetEventKind.Failure : AssetEventKind.Maintenance, kinds[random.Next(3)]))],
                55 + random.Next(20)))];

            EventMeasures measures = EventMeasures.Of(predictions, events, label, 0.9);

            EventCounts fleet = measures.Fleet;
            Assert.Equal(fleet.Alerts, fleet.Hits + fleet.FalseAlerts + fleet.Averted + fleet.Late + fleet.Open);
            Assert.Equal(fleet.Alerts, measures.Alerts.Count);
            Assert.Equal(fleet.Failures, fleet.Caught + fleet.Missed);
            Assert.Equal(measures.Failures.Count, fleet.Failures + fleet.NotJudgeable + fleet.OutsidePeriod);
            Assert.All(measures.Failures, f => Assert.Equal(f.Judgement.Verdict == FailureVerdict.Caught, f.Why is null));
        }
    }
}
