using Auspex.Core.DataQuality;
using Auspex.Core.Expressions;
using Auspex.Core.Signals;

namespace Auspex.Core.Tests.DataQuality;

/// <summary>Expected numbers are counted by hand, or by going through the frames again without any memory.</summary>
public class AssetQualityTests
{
    private const long Hour = 3_600_000;
    private const long Start = 491_000 * Hour;

    private static readonly string[] X = ["x"];

    [Fact]
    public void Hours_OneGoodFrameAMinute_AreGradeA()
    {
        HourQuality hour = Assert.Single(Hours([], Minutes(60), 1));

        Assert.Equal((60, 0, 1.0, 1.0, 100.0, 'A'), (hour.Frames, hour.Late, hour.Completeness, hour.GoodShare, hour.Score, hour.Grade));
        Assert.Equal(new SignalHour("x", 60, 60, 0, 0, 0, 0), Assert.Single(hour.Signals));
    }

    [Fact]
    public void Hours_QuarterMissing_AreAsCompleteAsWhatIsLeft()
    {
        // Minutes 0 to 44: the gap to the hour's end is 16 minutes, of which one is the usual step.
        HourQuality hour = Assert.Single(Hours([], Minutes(45), 1));

        Assert.Equal(1 - (15 / 60.0), hour.Completeness, 1e-12);
        Assert.Equal(75, hour.Score, 1e-9);
        Assert.Equal('C', hour.Grade);
    }

    [Fact]
    public void Hours_WithoutFrames_Are0AndE()
    {
        IReadOnlyList<HourQuality> hours = Hours([Rule("r", QualityRuleKind.Freshness) with { Longest = TimeSpan.FromMinutes(10) }], Minutes(60), 3);

        Assert.Equal(['A', 'E', 'E'], hours.Select(hour => hour.Grade));
        Assert.Equal([1_000, 0, 0], hours.Select(hour => (int)Math.Round(hour.Score * 10)));
        // The last value is of minute 59: stale from minute 69 on, which is 51 minutes of the second hour.
        Assert.Equal([51 * 60.0, 3_600], hours.Skip(1).Select(hour => Assert.Single(hour.Broken).Seconds));
    }

    [Fact]
    public void Hours_PresentOne_LacksNothingThatHasNotCome()
    {
        var quality = new AssetQuality([], Start, Start + (5 * Hour), Start + Hour + (Hour / 2));
        foreach (Row row in Minutes(90))
        {
            quality.Add(row.Time, row.Time, X, [row.X], [row.Quality]);
        }

        Assert.Equal([1.0, 1.0], quality.Hours().Select(hour => hour.Completeness));
    }

    [Fact]
    public void Hours_EveryRule_CountsWhatBreaksIt()
    {
        QualityRule[] rules =
        [
            Rule("range", QualityRuleKind.Range) with { Low = 0, High = 100 },
            Rule("rate", QualityRuleKind.Rate) with { PerSecond = 1 },
            Rule("flat", QualityRuleKind.Flat) with { Longest = TimeSpan.FromMinutes(5) },
            Rule("states", QualityRuleKind.States) with { Allowed = [.. Enumerable.Range(0, 90).Select(i => (double)i)] },
            Rule("complete", QualityRuleKind.Completeness) with { SamplesAnHour = 120, Share = 0.6 },
            Rule("condition", QualityRuleKind.Expression) with { Condition = Expression.Parse("x != 7", [new SignalDefinition("x", SignalKind.Continuous, null, SignalRole.Reading, [])]) },
        ];
        Row[] rows = Minutes(60);
        // Minute 10 jumps to 150 and minute 11 back: out of range, two changes of more than 60 a minute, no state.
        rows[10] = rows[10] with { X = 150 };
        // Minutes 20 to 29 stay at 20: flat from minute 25 on. The step to 30 is 10 a minute.
        for (int i = 20; i < 30; i++)
        {
            rows[i] = rows[i] with { X = 20 };
        }

        rows[40] = rows[40] with { X = double.NaN, Quality = Quality.Bad };

        HourQuality hour = Assert.Single(Hours(rules, rows, 1));

        Assert.Equal(
            ["range 1 0", "rate 2 0", "flat 5 0", "states 1 0", "complete 61 0", "condition 1 0"],
            hour.Broken.Select(broken => $"{broken.Rule.Name} {broken.Samples} {broken.Seconds}"));
        Assert.Equal(59 / 120.0, hour.Completeness, 1e-12);
        Assert.Equal(59 / 60.0, hour.GoodShare, 1e-12);
        Assert.Equal(5 / 60.0, hour.FlatShare, 1e-12);
        // Minutes 7, 10 and 11.
        Assert.Equal(3 / 60.0, hour.BrokenShare, 1e-12);
        double expected = 100 * (59 / 120.0) * ((0.5 * 59 / 60) + (0.2 * 57 / 60) + (0.15 * 55 / 60) + 0.15);
        Assert.Equal(expected, hour.Score, 1e-9);
    }

    [Fact]
    public void Hours_LateFrames_AreCountedByWhenTheyArrived()
    {
        var quality = new AssetQuality([], Start, Start + Hour, Start + Hour);
        foreach (Row row in Minutes(60))
        {
            quality.Add(row.Time, row.Time + (row.X < 15 ? 60_001 : 60_000), X, [row.X], [row.Quality]);
        }

        HourQuality hour = Assert.Single(quality.Hours());
        Assert.Equal((15, 0.25), (hour.Late, hour.LateShare));
        Assert.Equal(100 - (15 * 0.25), hour.Score, 1e-9);
    }

    [Fact]
    public void Hours_OfAnyPartOfARange_AreThoseOfTheWhole()
    {
        QualityRule[] rules =
        [
            Rule("rate", QualityRuleKind.Rate) with { PerSecond = 0.05 },
            Rule("flat", QualityRuleKind.Flat) with { Longest = TimeSpan.FromMinutes(95) },
            Rule("fresh", QualityRuleKind.Freshness) with { Longest = TimeSpan.FromMinutes(130) },
        ];
        for (int seed = 1; seed <= 40; seed++)
        {
            Row[] rows = Wild(seed, 30);
            string[] whole = [.. Hours(rules, rows, 30).Select(Shown)];
            for (int from = 0; from < 30; from += 3)
            {
                var part = new AssetQuality(rules, Start + (from * Hour), Start + ((from + 3) * Hour), long.MaxValue);
                foreach (Row row in rows.Where(row => row.Time >= Start + (from * Hour) - (long)part.LookBack.TotalMilliseconds && row.Time < Start + ((from + 3) * Hour)))
                {
                    part.Add(row.Time, row.Time, X, [row.X], [row.Quality]);
                }

                string[] hours = [.. part.Hours().Select(Shown)];
                // What came before the first frame of all nobody knows.
                if (from >= 6)
                {
                    Assert.Equal(whole[from..(from + 3)], hours);
                }
            }
        }
    }

    [Fact]
    public void Judge_WhatIsMissingOrBehind_BreaksNothing()
    {
        var rules = new FrameRules([Rule("rate", QualityRuleKind.Rate) with { PerSecond = 1 }, Rule("range", QualityRuleKind.Range) with { High = 10 }]);
        int broken = 0;
        void Judge(long time, double x) => rules.Judge(time, X, [x], (_, _) => broken++);

        Judge(Start, 1);
        Judge(Start + 1_000, double.NaN);
        Judge(Start - 1_000, 9);
        rules.Judge(Start + 2_000, ["y"], [99], (_, _) => broken++);
        Judge(Start + 2_000, 3);
        Assert.Equal(0, broken);
        Judge(Start + 3_000, 4.1);
        Assert.Equal(1, broken);
        // A step of more than an hour tells no rate.
        Judge(Start + 3_000 + Hour + 1, 10);
        Assert.Equal(1, broken);
        Judge(Start + 3_000 + Hour + 2, 10.5);
        Assert.Equal(3, broken);
    }

    [Fact]
    public void Judge_FramesOfChangingShapes_FindsEachSignalWhereItIs()
    {
        SignalDefinition[] signals = [.. ((string[])["a", "b"]).Select(name => new SignalDefinition(name, SignalKind.Continuous, null, SignalRole.Reading, []))];
        var rules = new FrameRules(
        [
            new QualityRule("r", "r", QualityRuleKind.Range, "b", Quality.Bad) { High = 10 },
            new QualityRule("c", "c", QualityRuleKind.Expression, null, Quality.Bad) { Condition = Expression.Parse("a < b", signals) },
            new QualityRule("d", "d", QualityRuleKind.Expression, "a", Quality.Bad) { Condition = Expression.Parse("a < b", signals) },
        ]);
        List<string> Broken(string[] names, params double[] values)
        {
            var broken = new List<string>();
            rules.Judge(Start, names, values, (rule, place) => broken.Add($"{rule.Name} {names[place]}"));
            return broken;
        }

        Assert.Equal([], Broken(["a", "b"], 1, 2));
        Assert.Equal(["r b"], Broken(["b", "a"], 11, 2));
        Assert.Equal(["c a", "c b", "d a"], Broken(["x", "b", "a"], 99, 1, 2));
        Assert.Equal([], Broken(["a"], 5));
        Assert.Equal([], Broken(["b", "a"], double.NaN, 2));
        Assert.Equal(["r b"], Broken(["b"], 11));
    }

    private static QualityRule Rule(string name, QualityRuleKind kind) => new(name, name, kind, "x", Quality.Bad);

    private static Row[] Minutes(int count) => [.. Enumerable.Range(0, count).Select(i => new Row(Start + (i * 60_000), i, Quality.Good))];

    private static IReadOnlyList<HourQuality> Hours(QualityRule[] rules, Row[] rows, int hours)
    {
        var quality = new AssetQuality(rules, Start, Start + (hours * Hour), Start + (hours * Hour));
        foreach (Row row in rows)
        {
            quality.Add(row.Time, row.Time, X, [row.X], [row.Quality]);
        }

        return quality.Hours();
    }

    // Values that stay for long, jump, miss and pause.
    private static Row[] Wild(int seed, int hours)
    {
        var random = new Random(seed);
        var rows = new List<Row>();
        double x = 0;
        for (long time = Start; time < Start + (hours * Hour);)
        {
            x = random.Next(12) == 0 ? random.Next(5) : x;
            rows.Add(random.Next(20) == 0 ? new Row(time, double.NaN, Quality.Bad) : new Row(time, x, Quality.Good));
            time += random.Next(40) == 0 ? random.Next(1, 5 * (int)Hour) : random.Next(1, 20) * 60_000;
        }

        return [.. rows];
    }

    private static string Shown(HourQuality hour) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{hour.FromMs} {hour.Frames} {hour.Score:R} {string.Join(',', hour.Signals)} {string.Join(',', hour.Broken.Select(broken => $"{broken.Rule.Name} {broken.Samples} {broken.Seconds:R}"))}");

    private sealed record Row(long Time, double X, Quality Quality);
}
