namespace Auspex.Simulation.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextBits_KnownState_GivesTheReferenceSequence()
    {
        // Seed 1, stream 0 and the first numbers, computed apart from this code with Python integers by the published algorithms.
        var random = new SeededRandom(1, 0);

        Assert.Equal(Reference, Enumerable.Range(0, 4).Select(_ => random.NextBits()));
    }

    [Fact]
    public void Draws_ManyOfEach_HaveTheMomentsOfTheirDistribution()
    {
        var random = new SeededRandom(5, 2);
        const int n = 200_000;

        (double Mean, double Variance) uniform = Moments(() => random.Uniform());
        (double Mean, double Variance) normal = Moments(() => random.Normal(3, 2));
        (double Mean, double Variance) gamma = Moments(() => random.Gamma(2.5, 2));
        (double Mean, double Variance) bursty = Moments(() => random.Gamma(0.05, 4));

        // Uniform: 1/2 and 1/12; gamma of shape k, scale s: ks and ks². Limits are five standard errors or more.
        Assert.Equal((0.5, 1.0 / 12), uniform, Near(0.004, 0.002));
        Assert.Equal((3.0, 4.0), normal, Near(0.025, 0.07));
        Assert.Equal((5.0, 10.0), gamma, Near(0.04, 0.4));
        Assert.Equal((0.2, 0.8), bursty, Near(0.011, 0.12));

        (double, double) Moments(Func<double> draw)
        {
            double[] draws = [.. Enumerable.Range(0, n).Select(_ => draw())];
            double mean = draws.Average();
            return (mean, draws.Average(value => (value - mean) * (value - mean)));
        }

        static Func<(double, double), (double, double), bool> Near(double mean, double variance) =>
            (a, b) => Math.Abs(a.Item1 - b.Item1) < mean && Math.Abs(a.Item2 - b.Item2) < variance;
    }

    [Fact]
    public void Streams_OfOneSeed_Differ() => Assert.NotEqual(new SeededRandom(1, 0).NextBits(), new SeededRandom(1, 1).NextBits());

    private static readonly ulong[] Reference = [0xBCECF42D1FA1DCE3, 0xDBDBEDC5BC414BA8, 0x9A826C52BAF38546, 0xD0324F1EC3040E2B];
}
