using Auspex.Models.Detectors;

namespace Auspex.Models.Tests.Detectors;

public sealed class StatisticLimitTests
{
    [Fact]
    public void OfSquares_ManyRows_IsTheQuantileOfNumpy()
    {
        double[] sample = [.. Enumerable.Range(1, 100).Select(i => (double)i * i)];

        Assert.Equal(9034.55, StatisticLimit.OfSquares(sample, 0.05), 1e-9); // numpy.quantile(x, 0.95)
    }

    // Two values around the mean m with the variance v of χ² of h degrees: m = h, v = 2h. Quantiles by scipy.stats.chi2.ppf; the cube root is off by less than 1 %.
    [Theory]
    [InlineData(4, 0.01, 13.276704135987622)]
    [InlineData(10, 0.001, 29.58829844507442)]
    [InlineData(2.5, 0.05, 6.928076113452421)]
    public void OfSquares_FewRows_IsThatOfTheMatchedChiSquared(double degrees, double rate, double expected)
    {
        double half = Math.Sqrt(degrees); // of a sample of two, variance 2 · half²
        double[] sample = [degrees - half, degrees + half];

        Assert.Equal(expected, StatisticLimit.OfSquares(sample, rate), expected * 0.01);
    }

    [Fact]
    public void OfSquares_NoSpread_IsTheValue() => Assert.Equal(3, StatisticLimit.OfSquares([3, 3, 3], 0.01));
}
