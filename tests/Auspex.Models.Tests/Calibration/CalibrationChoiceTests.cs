using Auspex.Models.Calibration;

namespace Auspex.Models.Tests.Calibration;

public sealed class CalibrationChoiceTests
{
    private static readonly double[] Scores = [-3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5];
    private static readonly bool[] Positive = [false, false, true, false, false, true, false, true, false, true, true, true];
    private static readonly double[] Weights = [1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 1, 1];

    // Least loss found by SciPy's BFGS (gradient below 1e-12) against the same targets.
    [Fact]
    public void SigmoidFit_Rows_IsTheLeastLossAgainstPlattsTargets()
    {
        SigmoidCalibration even = SigmoidFit.Fit(new HeldOutScores(Scores, Positive));
        Assert.Equal(0.5129257566368309, even.Slope, 1e-7);
        Assert.Equal(0.12823143915196197, even.Intercept, 1e-7);

        SigmoidCalibration weighted = SigmoidFit.Fit(new HeldOutScores(Scores, Positive, Weights));
        Assert.Equal(0.686905611534611, weighted.Slope, 1e-7);
        Assert.Equal(0.006759329241070945, weighted.Intercept, 1e-7);
    }

    [Fact]
    public void SigmoidFit_AwkwardRows_StaysFinite()
    {
        Assert.Equal(0, SigmoidFit.Fit(new HeldOutScores([1, 2, 3, 4], [true, true, false, false])).Slope); // the wrong way round
        Assert.InRange(SigmoidFit.Fit(new HeldOutScores([5, 5, 5], [true, false, true])).Probability(5), 0.4, 0.7);
        Assert.InRange(SigmoidFit.Fit(new HeldOutScores([-1, 1], [false, false])).Probability(0), 0.2, 0.3); // the target 1/4
        Assert.InRange(SigmoidFit.Fit(new HeldOutScores([-1e300, 1e300], [false, true])).Probability(1e300), 0.6, 0.7); // the target 2/3
    }

    // scikit-learn's IsotonicRegression on logistic(score) with the same targets; the centres are weighted means of its blocks.
    [Fact]
    public void IsotonicFit_Rows_HasTheBlocksOfPooledAdjacentViolators()
    {
        IsotonicCalibration fit = IsotonicFit.Fit(new HeldOutScores(Scores, Positive, Weights));

        double[] x = [0.06638074440668462, 0.22169054198769184, 0.4387703343990727, 0.6586590803445714, 0.874171124716761];
        double[] p = [0.09090909090909, 0.25050505050505, 0.48989898989899, 0.62289562289562, 0.88888888888889];
        Assert.Equal(x.Length, fit.X.Count);
        for (int k = 0; k < x.Length; k++)
        {
            Assert.Equal(x[k], fit.X[k], 1e-12);
            Assert.Equal(p[k], fit.Probabilities[k], 1e-12);
        }

        double between = Math.Log(0.3 / 0.7); // logistic 0.3
        Assert.Equal(p[1] + ((0.3 - x[1]) / (x[2] - x[1]) * (p[2] - p[1])), fit.Probability(between), 1e-12);
        Assert.Equal(p[0], fit.Probability(-1e300), 1e-12);
        Assert.Equal(p[^1], fit.Probability(1e300), 1e-12);
    }

    [Fact]
    public void IsotonicFit_ManyRows_HasFewKnotsNeverTooSteepAndStaysNearTheTruth()
    {
        HeldOutScores rows = Made(seed: 5, count: 100_000, score => 1 / (1 + Math.Exp(-score)));

        IsotonicCalibration fit = IsotonicFit.Fit(rows);

        Assert.InRange(fit.X.Count, 20, IsotonicCalibration.MaxKnots);
        for (double score = -4; score <= 2; score += 0.25)
        {
            Assert.Equal(1 / (1 + Math.Exp(-score)), fit.Probability(score), 0.03);
        }
    }

    [Fact]
    public void IsotonicFit_AllScoresTheSame_IsConstant() =>
        Assert.Equal(0.5, IsotonicFit.Fit(new HeldOutScores([2, 2], [true, false])).Probability(7), 1e-12);

    [Fact]
    public void Of_RowsMadeByEachRule_ChoosesThatKind()
    {
        Assert.IsType<NoCalibration>(Choose(score => 1 / (1 + Math.Exp(-score))));
        Assert.IsType<SigmoidCalibration>(Choose(score => 1 / (1 + Math.Exp(1 - (0.4 * score)))));
        Assert.IsType<IsotonicCalibration>(Choose(score => score < -1 ? 0.05 : score < 1 ? 0.4 : 0.45));

        static ScoreCalibration Choose(Func<double, double> truth)
        {
            HeldOutScores rows = Made(seed: 6, count: 20_000, truth);
            return CalibrationChoice.Of(rows, [.. Enumerable.Range(0, rows.Count).Select(row => row / 500)]).Calibration;
        }
    }

    [Fact]
    public void Of_FewPositivesOrNothingToCompare_DoesNotTryIsotonic()
    {
        HeldOutScores rows = Made(seed: 7, count: 2_000, score => score < 2.2 ? 0.02 : 0.25);
        Assert.InRange(rows.Positive.Count(positive => positive), 10, CalibrationChoice.FewestForIsotonic - 1);

        CalibrationChoice choice = CalibrationChoice.Of(rows, [.. Enumerable.Range(0, rows.Count).Select(row => row % 7)]);
        Assert.Equal(["none", "sigmoid"], choice.Losses.Keys);
        Assert.IsType<NoCalibration>(CalibrationChoice.Of(rows, new int[rows.Count]).Calibration);
        Assert.Empty(CalibrationChoice.Of(new HeldOutScores([1, 2], [true, true]), [0, 1]).Losses);
    }

    [Fact]
    public void New_RowsThatAreNone_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new HeldOutScores([], []));
        Assert.Throws<ArgumentException>(() => new HeldOutScores([1], [true, false]));
        Assert.Throws<ArgumentException>(() => new HeldOutScores([double.NaN], [true]));
        Assert.Throws<ArgumentException>(() => new HeldOutScores([1], [true], [0]));
        Assert.Throws<ArgumentException>(() => CalibrationChoice.Of(new HeldOutScores([1], [true]), [1, 2]));
    }

    public static TheoryData<double[], double[], string> Broken => new()
    {
        { [0.5], [0.5], "1 knots with 1 probabilities" },
        { [.. Enumerable.Range(0, 65).Select(k => k / 65.0)], new double[65], "65 knots" },
        { [0, 1], [0.5], "2 knots with 1 probabilities" },
        { [0.5, 0.5], [0.1, 0.2], "knot 1 is (0.5, 0.2)" },
        { [0.1, 0.5], [0.3, 0.2], "knot 1 is (0.5, 0.2)" },
        { [0.1, 0.5], [0.3, double.NaN], "knot 1 is (0.5, NaN)" },
        { [-0.1, 0.5], [0.3, 0.4], "knot 0 is (-0.1, 0.3)" },
        { [0.1, 0.100001], [0.3, 0.4], "by 0 to 10000 for each unit" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void New_BrokenKnots_AreRefusedByName(double[] x, double[] probabilities, string expected) => Assert.Contains(expected,
        Assert.Throws<ModelFormatException>(() => new IsotonicCalibration(x, probabilities)).Message, StringComparison.Ordinal);

    private static HeldOutScores Made(int seed, int count, Func<double, double> truth)
    {
        var random = new Random(seed);
        double[] scores = [.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 8) - 5)];
        return new HeldOutScores(scores, Array.ConvertAll(scores, score => random.NextDouble() < truth(score)));
    }
}
