using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Label;
using FsCheck;
using FsCheck.Fluent;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Label;

public sealed class LabelledRowsTests
{
    private const long All = long.MaxValue;

    [Fact]
    public void Of_FailureAtTheEdgesOfTheHorizon_IsPositiveFromHorizonBeforeToJustBefore()
    {
        // Horizon 4 h, failure at 10: (t, t + 4] holds 10 for t = 6 … 9; t = 10 is the failed row; t = 5 ends at 9.
        AssetHistory history = History("a", Enumerable.Range(0, 21), Failure("a", 10));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(4), All);

        // What happens after the last frame, at 20, is not known: 16 is the last row whose horizon ends inside.
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16], rows.Rows);
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], Assert.Single(rows.Labels));
    }

    [Fact]
    public void Of_FailureBetweenFrames_IsPositiveByTheMillisecond()
    {
        AssetHistory history = History("a", [0, 4, 8, 12, 16, 30],
            new AssetEvent(new AssetId("a"), (8 * Hour) + 1, AssetEventKind.Failure, ""));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(4), All);

        Assert.Equal([0, 1, 2, 3, 4], rows.Rows); // nothing is failed at 8:00:00.000; at 4:00 the horizon ends a millisecond short
        Assert.Equal([0, 0, 1, 0, 0], rows.Labels[0]);
    }

    [Fact]
    public void Of_HorizonOfZero_LabelsEveryKnownRowByItsOwnCondition()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 10), Failure("a", 2, "belt"), Failure("a", 5, "fan"));
        var asset = new DatasetAsset(history, DatasetPart.Unassigned)
        {
            FailedSpans = [new FailedSpan("belt", 2 * Hour, 4 * Hour), new FailedSpan("fan", 4 * Hour, 5 * Hour)],
        };

        LabelledRows apart = LabelledRows.Of(asset, FailureLabel(0, 0, "belt", "fan"), 7 * Hour);
        LabelledRows together = LabelledRows.Of(asset, FailureLabel(0), All);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], apart.Rows);
        Assert.Equal([0, 0, 1, 1, 1, 0, 0, 0], apart.Labels[0]);
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0], apart.Labels[1]);
        Assert.Equal([0, 0, 1, 1, 1, 1, 0, 0, 0, 0], Assert.Single(together.Labels));
    }

    [Fact]
    public void Of_HorizonOfZeroAndAFailureOfNobodyKnowsWhat_LeavesItsRowsOut()
    {
        var asset = new DatasetAsset(History("a", Enumerable.Range(0, 5)), DatasetPart.Unassigned) { FailedSpans = [new FailedSpan("", 2 * Hour, 3 * Hour)] };

        Assert.Equal([0, 1, 4], LabelledRows.Of(asset, FailureLabel(0, 0, "belt"), All).Rows);
        Assert.Equal([0, 0, 1, 1, 0], LabelledRows.Of(asset, FailureLabel(0), All).Labels[0]);
    }

    [Fact]
    public void Of_AssetWithAHorizon_LeavesTheFailedRowsOut()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 21), Failure("a", 10));
        var asset = new DatasetAsset(history, DatasetPart.Unassigned) { FailedSpans = [new FailedSpan("", 10 * Hour, 12 * Hour)] };

        Assert.Equal([8, 9, 13, 14], LabelledRows.Of(asset, FailureLabel(2), All).Rows.Where(row => row is > 7 and < 15));
    }

    [Fact]
    public void Of_Recovery_LeavesItsRowsOutBothEndsIncluded()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 21), Failure("a", 10));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(2, recovery: 3), All);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 18], rows.Rows);
    }

    [Fact]
    public void Of_SecondEventInsideTheRecovery_IsTheSameFailure()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 31), Failure("a", 10), Failure("a", 12));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(2, recovery: 3), All);

        Assert.DoesNotContain(13, rows.Rows);
        Assert.Contains(14, rows.Rows); // 10 + 3 h, not 12 + 3 h
    }

    [Fact]
    public void Without_FailedSpans_LeavesTheirRowsOutBothEndsIncluded()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 21), Failure("a", 5), Failure("a", 12));
        LabelledRows rows = LabelledRows.Of(history, FailureLabel(2), All);

        LabelledRows without = rows.Without([new FailedSpan("", 5 * Hour, 8 * Hour), new FailedSpan("x", 12 * Hour, 12 * Hour), new FailedSpan("", 13 * Hour, 14 * Hour)], history);

        Assert.Equal([0, 1, 2, 3, 4, 9, 10, 11, 15, 16, 17, 18], without.Rows);
        Assert.Equal([0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0], without.Labels[0]);
        Assert.Same(rows, rows.Without([], history));
    }

    [Fact]
    public void Of_KnownUntil_LeavesOutRowsWhoseHorizonPassesIt()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 31), Failure("a", 10), Failure("a", 14));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(4), 13 * Hour);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], rows.Rows); // the failure at 14 is not known, row 9 ends at 13
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1], rows.Labels[0]);
    }

    [Theory]
    [InlineData(20)] // fails at its last frame
    [InlineData(25)] // fails after it
    public void Of_AssetRunToFailure_KeepsItsLastRows(int failure)
    {
        AssetHistory history = History("a", Enumerable.Range(0, 21), Failure("a", failure));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(4), All);

        Assert.Equal(failure == 20 ? 19 : 20, rows.Rows[^1]);
        for (int i = 0; i < rows.Rows.Length; i++)
        {
            Assert.Equal(rows.Rows[i] >= failure - 4 ? 1 : 0, rows.Labels[0][i]);
        }
    }

    [Fact]
    public void Of_AssetRunToFailureBeforeTheSplit_StillEndsItsLabelsAtTheSplit()
    {
        // Another component might have failed at 11, which training at 10:30 cannot know.
        AssetHistory history = History("a", Enumerable.Range(0, 11), Failure("a", 10, "fan"));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(4, 0, "fan", "belt"), (10 * Hour) + (Hour / 2));

        Assert.Equal(6, rows.Rows[^1]);
    }

    [Fact]
    public void Of_SeveralComponents_HaveATargetEach()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 31), Failure("a", 10, "fan"), Failure("a", 12, "belt"));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(3, 0, "belt", "fan"), All);

        Assert.Equal([9, 11], rows.Rows.Where((_, i) => rows.Labels[0][i] == 1)); // 10 is failed
        Assert.Equal([7, 8, 9], rows.Rows.Where((_, i) => rows.Labels[1][i] == 1));
    }

    [Fact]
    public void Of_FailureThatNamesNoComponent_TeachesNoneNearIt()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 31), Failure("a", 10), Failure("a", 20, "fan"));

        LabelledRows told = LabelledRows.Of(history, FailureLabel(2, 0, "fan"), All);
        LabelledRows together = LabelledRows.Of(history, FailureLabel(2), All);

        Assert.DoesNotContain(8, told.Rows);
        Assert.DoesNotContain(9, told.Rows);
        Assert.Contains(7, told.Rows);
        Assert.Equal([18, 19], told.Rows.Where((_, i) => told.Labels[0][i] == 1));
        Assert.Equal([8, 9, 18, 19], together.Rows.Where((_, i) => together.Labels[0][i] == 1));
    }

    [Fact]
    public void Of_FailureOfAComponentThatIsNotTaught_OnlyLeavesItsFailedRowsOut()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 31), Failure("a", 10, "door"));

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(2, 1, "fan"), All);

        Assert.DoesNotContain(10, rows.Rows);
        Assert.DoesNotContain(11, rows.Rows);
        Assert.All(rows.Labels[0], label => Assert.Equal(0, label));
    }

    [Theory]
    [InlineData(null, new float[] { 6, 5, 4, 3, 2, 1, 0, 3, 2, 1, 0 })]
    [InlineData(4.0, new float[] { 4, 4, 4, 3, 2, 1, 0, 3, 2, 1, 0 })]
    public void Of_Life_CountsToTheNextFailureAndEndsWithTheLast(double? cap, float[] expected)
    {
        AssetHistory history = History("a", Enumerable.Range(0, 16), Failure("a", 6), Failure("a", 10));

        LabelledRows rows = LabelledRows.Of(history, LifeLabel(cap), All);

        Assert.Equal(Enumerable.Range(0, 11), rows.Rows);
        Assert.Equal(expected, rows.Labels[0]);
    }

    [Fact]
    public void Of_LifeKnownUntil_CutsOffLaterFailuresAndRows()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 16), Failure("a", 6), Failure("a", 10));

        LabelledRows rows = LabelledRows.Of(history, LifeLabel(null), 9 * Hour);

        Assert.Equal([6, 5, 4, 3, 2, 1, 0], rows.Labels[0]);
    }

    [Fact]
    public void Of_NoFrames_HasNoRows()
    {
        AssetHistory history = History("a", [], Failure("a", 6));

        Assert.Empty(LabelledRows.Of(history, FailureLabel(4), All).Rows);
        Assert.Empty(LabelledRows.Of(history, LifeLabel(null), All).Rows);
    }

    [Fact]
    public void Life_NoFailureAhead_IsNaN()
    {
        FailureEpisode[] episodes = [new(new AssetId("a"), "", 6 * Hour, 6 * Hour), new(new AssetId("a"), "", 10 * Hour, 10 * Hour)];

        Assert.Equal(1.5, LabelledRows.Life((4 * Hour) + (Hour / 2), episodes, LifeLabel(1)));
        Assert.Equal(0, LabelledRows.Life(6 * Hour, episodes, LifeLabel(null)));
        Assert.Equal(4, LabelledRows.Life(6 * Hour, episodes[1..], LifeLabel(null)));
        Assert.True(double.IsNaN(LabelledRows.Life((10 * Hour) + 1, episodes, LifeLabel(null))));
    }

    [Fact]
    public void Of_AnyHistory_EqualsTheDefinitionRowByRow() => Check((history, label, knownUntil) =>
    {
        LabelledRows rows = LabelledRows.Of(history, label, knownUntil);
        (int Row, float[] Labels)[] expected = [.. ByDefinition(history, label, knownUntil)];

        Assert.Equal(expected.Select(entry => entry.Row), rows.Rows);
        for (int target = 0; target < rows.Labels.Length; target++)
        {
            Assert.Equal(expected.Select(entry => entry.Labels[target]), rows.Labels[target]);
        }
    });

    [Fact]
    public void Of_WhatComesAfterKnownUntil_ChangesNothing() => Check((history, label, knownUntil) =>
    {
        int frames = history.TimesUnixMs.Count(time => time <= knownUntil);
        var past = new AssetHistory(history.Asset, history.TimesUnixMs[..frames], [.. history.Values.Select(v => v[..frames])], [],
            [.. history.Events.Where(happened => happened.TimeUnixMs <= knownUntil)]);

        LabelledRows whole = LabelledRows.Of(history, label, knownUntil);
        LabelledRows known = LabelledRows.Of(past, label, knownUntil);

        Assert.Equal(known.Rows, whole.Rows);
        Assert.Equal(known.Labels, whole.Labels);
    });

    [Fact]
    public void Of_AMillionRowsAndManyFailures_TakesNoTimeWorthMentioning()
    {
        var events = Enumerable.Range(1, 20_000).Select(i => Failure("a", i * 50, i % 2 == 0 ? "fan" : "belt")).ToArray();
        AssetHistory history = History("a", Enumerable.Range(0, 1_000_000), events);
        FailedSpan[] spans = [.. events.Select(e => new FailedSpan("", e.TimeUnixMs, e.TimeUnixMs + (2 * Hour)))];
        long start = System.Diagnostics.Stopwatch.GetTimestamp();

        LabelledRows rows = LabelledRows.Of(history, FailureLabel(5, 0, "belt", "fan"), All).Without(spans, history);
        LabelledRows lives = LabelledRows.Of(history, LifeLabel(null), All);

        // Row by failure it would be 20 000 million comparisons: minutes.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        Assert.Equal(1_000_000 - (3 * 19_999), rows.Rows.Length); // every failure takes three rows, but the last, which comes after all frames
        Assert.Equal(1_000_000, lives.Rows.Length);
    }

    private static IEnumerable<(int Row, float[] Labels)> ByDefinition(AssetHistory history, LabelDefinition label, long knownUntil)
    {
        long horizon = (long)label.Horizon.TotalMilliseconds;
        long recovery = (long)label.Recovery.TotalMilliseconds;
        // Failures by hand: an event begins a failure unless one of its component began at most the recovery before.
        var failures = new List<(long Start, string Component)>();
        foreach (AssetEvent happened in history.Events.Where(e => e.Kind == AssetEventKind.Failure && e.TimeUnixMs <= knownUntil).OrderBy(e => e.TimeUnixMs).ThenBy(e => e.Name, StringComparer.Ordinal))
        {
            if (!failures.Any(f => (label.Components.Count == 0 || f.Component == happened.Name) && happened.TimeUnixMs - f.Start <= recovery))
            {
                failures.Add((happened.TimeUnixMs, happened.Name));
            }
        }

        long lastFrame = history.TimesUnixMs.Where(time => time <= knownUntil).DefaultIfEmpty(long.MinValue).Max();
        bool ranToFailure = failures.Any(f => f.Start + recovery >= lastFrame);
        for (int row = 0; row < history.Count; row++)
        {
            long time = history.TimesUnixMs[row];
            bool ends = ranToFailure ? knownUntil == long.MaxValue || time + horizon <= knownUntil : time + horizon <= lastFrame;
            bool failed = failures.Any(f => time >= f.Start && time <= f.Start + recovery);
            (long Start, string Component)[] near = [.. failures.Where(f => f.Start > time && f.Start <= time + horizon)];
            if (time > knownUntil || !ends || failed || (label.Components.Count > 0 && near.Any(f => f.Component == "")))
            {
                continue;
            }

            yield return (row, label.Components.Count == 0
                ? [near.Length > 0 ? 1 : 0]
                : [.. label.Components.Select(component => near.Any(f => f.Component == component) ? 1f : 0f)]);
        }
    }

    private static void Check(Action<AssetHistory, LabelDefinition, long> property)
    {
        Gen<(AssetHistory, LabelDefinition, long)> cases =
            from steps in Gen.Frequency((6, Gen.Constant(1)), (2, Gen.Choose(2, 4)), (1, Gen.Choose(5, 30))).ListOf()
            from events in (from hour in Gen.Choose(-5, 80)
                            from kind in Gen.Frequency((4, Gen.Constant(AssetEventKind.Failure)), (1, Gen.Constant(AssetEventKind.Maintenance)))
                            from name in Gen.Elements("fan", "belt", "door", "")
                            select new AssetEvent(new AssetId("a"), hour * (Hour / 2), kind, name)).ListOf()
            from horizon in Gen.Choose(1, 6)
            from recovery in Gen.Choose(0, 3)
            from components in Gen.Elements<string[]>([], ["fan"], ["belt", "fan"])
            from knownUntil in Gen.Frequency((1, Gen.Constant(All)), (3, Gen.Choose(-2, 90).Select(half => half * (Hour / 2))))
            select (Frames(steps, events), FailureLabel(horizon, recovery, components), knownUntil);
        Prop.ForAll(cases.ToArbitrary(), entry => property(entry.Item1, entry.Item2, entry.Item3)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static AssetHistory Frames(IReadOnlyList<int> steps, IReadOnlyList<AssetEvent> events)
    {
        int hour = 0;
        return History("a", [.. steps.Select(step => hour += step)], [.. events]);
    }
}
