using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class LifeMeasuresTests
{
    private static readonly LabelDefinition Label = new(PredictionTask.RemainingUsefulLife, TimeSpan.FromDays(1), TimeSpan.Zero,
        TimeSpan.Zero, [], "cycle", TimeSpan.FromDays(1), 125);

    private static AssetLifePredictions Asset(string name, double[] predicted, double[] real) =>
        new(new AssetId(name), [.. Enumerable.Range(0, predicted.Length).Select(t => (long)t)], predicted, real);

    [Theory]
    [InlineData(10, 1.7182818284590452)] // e - 1
    [InlineData(-10, 1.158105534)] // exp(10/13) - 1
    [InlineData(0, 0)]
    public void NasaScore_HasTheConstantsOfPhm08(double error, double score) => Assert.Equal(score, LifeErrors.NasaScore(error), 1e-9);

    [Fact]
    public void Of_TwoEngines_CapsTheTruthAndNeverThePrediction()
    {
        // Last rows: 130 against 140 (capped 125: 5 late, raw 10 early) and 47 against 50 (3 early both ways).
        LifeMeasures life = LifeMeasures.Of([Asset("b", [100, 47], [51, 50]), Asset("a", [130], [140])], Label);

        Assert.Equal(["a", "b"], life.LastRows.Select(r => r.Asset));
        Assert.Equal(Math.Sqrt((25 + 9) / 2.0), life.LastRowsCapped.Rmse, 1e-12);
        Assert.Equal(Math.Sqrt((100 + 9) / 2.0), life.LastRowsRaw.Rmse, 1e-12);
        Assert.Equal(Math.Exp(0.5) - 1 + Math.Exp(3 / 13.0) - 1, life.LastRowsCapped.Nasa, 1e-12);
        Assert.Equal(Math.Exp(10 / 13.0) - 1 + Math.Exp(3 / 13.0) - 1, life.LastRowsRaw.Nasa, 1e-12);
        Assert.Equal((4.0, 1.0), (life.LastRowsCapped.MeanAbsoluteError, life.LastRowsCapped.Bias));
        Assert.Equal(Math.Sqrt((25 + 49 * 49 + 9) / 3.0), life.AllRowsCapped.Rmse, 1e-12);
        Assert.Equal(3, life.AllRowsRaw.Count);
    }

    [Fact]
    public void Of_UnknownOrUnpredictedLastRow_IsCountedNotReplacedByAnEarlierOne()
    {
        LifeMeasures life = LifeMeasures.Of(
            [Asset("a", [9, double.NaN], [9, 8]), Asset("b", [5], [double.NaN]), Asset("c", [], []), Asset("d", [1], [2])], Label);

        Assert.Equal((4, 3, 2L, 1), (life.Assets, life.AssetsNotJudged, life.RowsNotJudged, life.LastRowsRaw.Count));
    }

    [Fact]
    public void Of_AbsurdPredictions_StayFiniteWhereADoubleCan()
    {
        LifeMeasures life = LifeMeasures.Of([Asset("a", [1e200], [10]), Asset("b", [10], [10])], Label);

        Assert.Equal(1e200 / Math.Sqrt(2), life.LastRowsRaw.Rmse, 1e188);
        Assert.Equal(double.PositiveInfinity, life.LastRowsRaw.Nasa);
        Assert.Contains(life.Notes, n => n.Contains("too large", StringComparison.Ordinal));
        Assert.Contains("\"nasaRaw\": null", EvaluationJson.Write(EvaluationReport.OfLife(Example.Context(Label), life)), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AssetsRunToFailure_SayThatLastRowsJudgeOnlyTheEnd()
    {
        Assert.NotEmpty(LifeMeasures.Of([Asset("a", [3, 1], [1, 0])], Label).Notes);
        Assert.Empty(LifeMeasures.Of([Asset("a", [3], [1])], Label).Notes);
    }

    [Fact]
    public void Of_Intervals_CountsTheCappedTruthInsideThem()
    {
        // Capped truth 125 in [120, 130]; 50 not in [30, 49]; 10 on the upper end of [5, 10]; without an interval the row is passed over.
        LifeMeasures life = LifeMeasures.Of(
            [
                Asset("a", [125, 40, 70], [140, 50, 45]) with { Lower = [120, 30, double.NaN], Upper = [130, 49, double.NaN] },
                Asset("b", [8], [10]) with { Lower = [5], Upper = [10] },
            ], Label);
        LifeIntervals intervals = life.Intervals!;

        Assert.Equal((3, 2.0 / 3, (10 + 19 + 5) / 3.0), (intervals.AllRows.Predictions, intervals.AllRows.Coverage.Value, intervals.AllRows.MeanWidth));
        Assert.Equal((1, 1.0), (intervals.LastRows.Predictions, intervals.LastRows.Coverage.Value));
        Assert.Equal([1, 1, 1], intervals.Terciles.Select(t => t.Predictions)); // 8 | 40 | 70, 125
        Assert.Equal([1.0, 0, 1], intervals.Terciles.Select(t => t.Coverage.Value));
        Assert.Equal((1.0, 5.0), EvaluationMetrics.Of(life) is var m ? (m.Coverage90, m.MeanWidth90) : default);
    }

    [Fact]
    public void Of_IntervalWithOneEnd_IsRefused() =>
        Assert.Throws<ArgumentException>(() => LifeMeasures.Of([Asset("a", [1], [1]) with { Lower = [0] }], Label));

    [Fact]
    public void Of_Stages_SortByTheTrueLifeInFifthsOfTheCap()
    {
        LifeMeasures life = LifeMeasures.Of([Asset("a", [130, 100, 60, 10, 1], [200, 124, 25, 24, 0])], Label);

        Assert.Equal([(0.0, (double?)25.0, 2), (25, 50, 1), (50, 75, 0), (75, 100, 0), (100, 125, 1), (125, null, 1)],
            life.Stages.Select(s => (s.From, s.To, s.Errors.Count)));
        Assert.Equal(Math.Sqrt((14 * 14 + 1) / 2.0), life.Stages[0].Errors.Rmse, 1e-12);
        Assert.Equal(5, life.Stages[5].Errors.Bias, 1e-12); // against the cap
    }

    [Fact]
    public void Of_AlphaLambda_AsksWhereTheShareOfTheLifeHasPassed()
    {
        // Half of a life of 100 has passed at 50: told 60, the last within 20 %. b ends at 60, before half has passed.
        LifeMeasures life = LifeMeasures.Of([Asset("a", [0, 60, 31], [100, 50, 25]), Asset("b", [100, 60], [100, 60])], Label);

        Assert.Equal([(0.25, 2, 1.0), (0.5, 1, 1.0), (0.75, 1, 0.0)], life.AlphaLambda.Select(a => (a.Lambda, a.Assets, a.Within.Value)));
    }

    /// <summary>Expected by NumPy: diff, std(ddof=1), interp on 100 points and corrcoef.</summary>
    [Fact]
    public void Of_Shape_HasTheFiguresOfNumPy()
    {
        LifeShape shape = LifeMeasures.Of(
            [Asset("a", [10, 8, 9, 5, 1], [4, 3, 2, 1, 0]), Asset("b", [20, 16, 12, 13, 6, 2.5], [5, 4, 3, 2, 1, 0])], Label).Shape;

        Assert.Equal(0.55, shape.Monotonicity, 1e-9);
        Assert.Equal(0.9230703539202368, shape.Prognosability, 1e-9);
        Assert.Equal(0.9428228587347139, shape.Trendability, 1e-9);
    }

    [Fact]
    public void Of_ShapeOfLivesCutOff_KnowsNothingOfTheirEnd()
    {
        LifeShape shape = LifeMeasures.Of([Asset("a", [10, 8], [50, 49]), Asset("b", [20, 16], [30, 29])], Label).Shape;

        Assert.Equal((1.0, true, true), (shape.Monotonicity, double.IsNaN(shape.Prognosability), double.IsNaN(shape.Trendability)));
    }

    /// <summary>The floor that C-MAPSS FD001 publishes for a constant prediction: RMSE 41.56, score 12 229.</summary>
    [Fact]
    public void Of_ConstantMeanOnFd001_GivesThePublishedFloor()
    {
        string? folder = Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA");
        Assert.SkipWhen(folder is null, "AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine");
        double[] real = [.. File.ReadLines(Path.Combine(folder, "cmapss", "RUL_FD001.txt")).Where(l => l.Trim().Length > 0).Select(Example.Number)];
        double mean = real.Average();
        LifeMeasures life = LifeMeasures.Of([.. real.Select((r, i) => Asset($"{i}", [mean], [r]))], Label);

        Assert.Equal(100, life.LastRowsRaw.Count);
        Assert.Equal(41.56, life.LastRowsRaw.Rmse, 0.005);
        Assert.Equal(12_229, life.LastRowsRaw.Nasa, 0.5);
    }
}
