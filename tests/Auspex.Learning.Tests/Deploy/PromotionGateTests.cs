using Auspex.Core.Predictions;
using Auspex.Learning.Deploy;

namespace Auspex.Learning.Tests.Deploy;

public sealed class PromotionGateTests
{
    [Fact]
    public void Decide_CheaperInEveryUnit_IsPromoted()
    {
        PromotionVerdict verdict = PromotionGate.Decide(Costs(20, i => (1, 2)), 1);

        Assert.Equal((true, PromotionQuality.ThresholdMet), (verdict.Promote, verdict.Quality));
        Assert.Equal(("cost", 20.0, 40.0, 20, 30), (verdict.Measure, verdict.CandidateFigure!.Value, verdict.ChampionFigure!.Value, verdict.Units, verdict.Events));
        // Every draw of twenty units differs by twenty.
        Assert.Equal((-20.0, -20.0, 1.0), (verdict.DifferenceLower!.Value, verdict.DifferenceUpper!.Value, verdict.Confidence!.Value));
        Assert.StartsWith("It is better: cost 20 against 40 of pump v1.0.0 over 20 assets (better in 100 % of draws", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, "It is no better: cost 20 against 20 of pump v1.0.0")]
    [InlineData(2, 1, "It is worse: cost 40 against 20 of pump v1.0.0")]
    public void Decide_EqualOrWorse_StaysWhereItIs(double candidate, double champion, string expected)
    {
        PromotionVerdict verdict = PromotionGate.Decide(Costs(20, _ => (candidate, champion)), 1);

        Assert.Equal((false, PromotionQuality.Poor), (verdict.Promote, verdict.Quality));
        Assert.StartsWith(expected, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false)] // by one unit of twenty, which 36 % of draws miss: (19/20)^20
    [InlineData(2, false)] // (18/20)^20 = 12 %
    [InlineData(3, true)] // (17/20)^20 = 4 %
    public void Decide_BetterInAFewUnits_AsksForMoreThanChance(int better, bool promoted)
    {
        PromotionVerdict verdict = PromotionGate.Decide(Costs(20, i => i < better ? (0, 5) : (1, 1)), 7);

        Assert.Equal(promoted, verdict.Promote);
        Assert.Equal(promoted ? PromotionQuality.ThresholdMet : PromotionQuality.CannotDetermine, verdict.Quality);
        Assert.Equal(1 - Math.Pow((20.0 - better) / 20, 20), verdict.Confidence!.Value, 0.03);
    }

    [Fact]
    public void Decide_SameSeed_SaysTheSame()
    {
        PromotionCase compared = Costs(15, i => (i % 4, (i + 1) % 5));

        Assert.Equal(PromotionGate.Decide(compared, 3), PromotionGate.Decide(compared, 3));
    }

    [Fact]
    public void Decide_NoBetterThanNeverAnAlert_IsPoor()
    {
        PromotionVerdict verdict = PromotionGate.Decide(Costs(20, _ => (5, 9)) with { NeverCost = 100 }, 1);

        Assert.Equal((false, PromotionQuality.Poor), (verdict.Promote, verdict.Quality));
        Assert.Contains("no better than never raising an alert, which costs 100", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_WhatTheFiguresAreWorth_GoesBeforeTheFigures()
    {
        PromotionCase better = Costs(20, _ => (0, 9));
        PromotionVerdict Of(PromotionCase compared) => PromotionGate.Decide(compared, 1);

        Assert.StartsWith("Its own figures come from rows it learned from, as by a random split: 3 assets.", Of(better with { KnewItsTest = "3 assets." }).Reason, StringComparison.Ordinal);
        PromotionVerdict leaking = Of(better with { Leaks = ["x is a leak."] });
        Assert.Equal((false, PromotionQuality.Poor, "It may be better only by what it cannot know in use: x is a leak."), (leaking.Promote, leaking.Quality, leaking.Reason));
        PromotionVerdict other = Of(better with { Incomparable = "hours and cycles." });
        Assert.Equal((false, PromotionQuality.CannotDetermine, "The two tell different things: hours and cycles."), (other.Promote, other.Quality, other.Reason));
        PromotionVerdict few = Of(better with { TooFewEvents = "Cannot judge this: 2 failures." });
        Assert.Equal((false, PromotionQuality.CannotDetermine, "Cannot judge this: 2 failures."), (few.Promote, few.Quality, few.Reason));
        Assert.Null(few.CandidateFigure); // nothing was compared
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Decide_FewUnits_CannotBeDetermined(int units)
    {
        PromotionVerdict verdict = PromotionGate.Decide(Costs(units, _ => (0, 9)), 1);

        Assert.Equal((false, PromotionQuality.CannotDetermine), (verdict.Promote, verdict.Quality));
        Assert.StartsWith($"There is too little that neither learned from: {units} assets, at least 10 are needed.", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_Lives_AreComparedByRootMeanSquareErrorAndByTheLateSide()
    {
        var closer = new PromotionCase("engine v1.0.0", PromotionMeasure.LifeError, [.. Enumerable.Range(0, 12).Select(i => new PromotionUnit(100, 144, 2, 3))]);

        PromotionVerdict verdict = PromotionGate.Decide(closer, 1);
        PromotionVerdict late = PromotionGate.Decide(closer with { Units = [.. closer.Units.Select(unit => unit with { CandidateNasa = 4 })] }, 1);

        Assert.Equal((true, "rmse", 10.0, 12.0, -2.0), (verdict.Promote, verdict.Measure, verdict.CandidateFigure!.Value, verdict.ChampionFigure!.Value, verdict.DifferenceLower!.Value));
        Assert.Equal((false, PromotionQuality.Poor), (late.Promote, late.Quality));
        Assert.Contains("NASA score 4 an asset against 3", late.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    public void Decide_FiguresThatAreNone_AreRefused(double cost) =>
        Assert.Throws<ArgumentException>("compared", () => PromotionGate.Decide(Costs(20, _ => (cost, 1)), 1));

    private static PromotionCase Costs(int units, Func<int, (double Candidate, double Champion)> of) =>
        new("pump v1.0.0", PromotionMeasure.Cost, [.. Enumerable.Range(0, units).Select(i => new PromotionUnit(of(i).Candidate, of(i).Champion))]) { Events = 30 };
}
