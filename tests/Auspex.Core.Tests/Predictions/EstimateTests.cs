using Auspex.Core.Predictions;

namespace Auspex.Core.Tests.Predictions;

public class EstimateTests
{
    // Ends found by bisection of the score equation |count/n - q| = z sqrt(q (1 - q) / n), not by the closed form.
    [Theory]
    [InlineData(0, 10, 0, 0.27753279986288926)]
    [InlineData(10, 10, 0.7224672001371106, 1)]
    [InlineData(1, 1, 0.20654931437723736, 1)]
    [InlineData(2, 4, 0.15003898915214947, 0.8499610108478505)]
    [InlineData(81, 263, 0.2552885198782742, 0.36620957698280004)]
    public void Share_SolvesTheScoreEquation(int count, int of, double lower, double upper)
    {
        Estimate share = Estimate.Share(count, of);

        Assert.Equal((double)count / of, share.Value);
        Assert.Equal(lower, share.Lower, 1e-9);
        Assert.Equal(upper, share.Upper, 1e-9);
    }

    // Exact (Garwood) limits of a Poisson mean, found by bisection of its distribution function.
    [Theory]
    [InlineData(0, 0, 3.688879454113936, 1e-12)]
    [InlineData(3, 0.618672122895601, 8.767273069742325, 0.03)]
    [InlineData(10, 4.795388696132432, 18.390356042017775, 0.002)]
    [InlineData(100, 81.36399125092322, 121.62679379242638, 0.0002)]
    public void Rate_IsCloseToTheExactPoissonInterval(int count, double lower, double upper, double within)
    {
        Estimate rate = Estimate.Rate(count, 2);

        Assert.Equal(count / 2.0, rate.Value);
        Assert.InRange(rate.Lower, lower / 2 * (1 - within), lower / 2 * (1 + within));
        Assert.InRange(rate.Upper, upper / 2 * (1 - within), upper / 2 * (1 + within));
    }

    /// <summary>The example of Hanley and McNeil: 51 abnormal and 58 normal images, area 0.893, standard error 0.032 by
    /// the readings themselves; the formula knows only the area.</summary>
    [Fact]
    public void AreaVariance_HasTheErrorOfHanleyAndMcNeil() => Assert.Equal(0.032, Math.Sqrt(Estimate.AreaVariance(0.893, 51, 58)), 0.001);

    // Ends of {q : |area - q| <= z se(q)} on a grid of two million areas.
    [Theory]
    [InlineData(0.893, 51, 58, 0.809966, 0.940711)]
    [InlineData(1, 8, 10, 0.769892, 1)]
    [InlineData(0.75, 4, 6, 0.384298, 0.935888)]
    public void Area_SolvesTheScoreEquation(double area, int positives, int negatives, double lower, double upper)
    {
        Estimate estimate = Estimate.Area(area, positives, negatives);

        Assert.Equal(lower, estimate.Lower, 1e-6);
        Assert.Equal(upper, estimate.Upper, 1e-6);
    }

    [Fact]
    public void Area_OfOneClass_IsNaN() => Assert.True(double.IsNaN(Estimate.Area(0.5, 3, 0).Lower) && double.IsNaN(Estimate.Area(double.NaN, 3, 3).Value));

    [Fact]
    public void ShareAndRate_OfNothing_AreNaN() =>
        Assert.True(double.IsNaN(Estimate.Share(0, 0).Upper) && double.IsNaN(Estimate.Rate(0, 0).Value));

    // R: quantile(c(1, 2, 4, 8), p) with the default type 7.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1.3)]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 6.8)]
    [InlineData(1, 8)]
    public void OfSorted_IsType7(double p, double expected) => Assert.Equal(expected, Quantile.OfSorted([1, 2, 4, 8], p), 1e-12);

    [Fact]
    public void OfSorted_Empty_IsNaN() => Assert.True(double.IsNaN(Quantile.OfSorted([], 0.5)));
}
