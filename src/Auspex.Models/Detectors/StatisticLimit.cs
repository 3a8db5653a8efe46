namespace Auspex.Models.Detectors;

/// <summary>Where a statistic of normal rows ends.</summary>
internal static class StatisticLimit
{
    // So many rows beyond the limit are the least from which a quantile can be read.
    private const double FewestBeyond = 4;

    /// <summary>The value that a share of normal rows exceeds: the sample's quantile where at least four rows lie beyond it, else that of the
    /// g·χ² distribution of h degrees with the sample's mean m and variance v, g = v/2m, h = 2m²/v (G. E. P. Box, Annals of Mathematical Statistics 25, 1954; for
    /// the Q statistic P. Nomikos, J. F. MacGregor, Technometrics 37, 1995).</summary>
    /// <param name="statistic">Sums of squares of normal rows; at least one. Only read.</param>
    /// <param name="falseAlarmRate">The share, above 0 and below 1.</param>
    public static double OfSquares(double[] statistic, double falseAlarmRate)
    {
        if (statistic.Length * falseAlarmRate >= FewestBeyond)
        {
            return Quantile(statistic, 1 - falseAlarmRate);
        }

        double mean = statistic.Average();
        double variance = statistic.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, statistic.Length - 1);
        return mean > 0 && variance > 0
            ? variance / (2 * mean) * ChiSquared(2 * mean * mean / variance, falseAlarmRate)
            : statistic.Max();
    }

    /// <summary>Quantile by linear interpolation of the order statistics (type 7 of Hyndman and Fan, 1996).</summary>
    public static double Quantile(double[] sample, double p)
    {
        double[] ascending = [.. sample.Order()];
        double at = (ascending.Length - 1) * p;
        int below = (int)at;
        return below + 1 < ascending.Length
            ? ascending[below] + ((at - below) * (ascending[below + 1] - ascending[below]))
            : ascending[below];
    }

    // The cube-root approximation of E. B. Wilson and M. M. Hilferty, PNAS 17 (1931).
    private static double ChiSquared(double degrees, double upper)
    {
        double spread = 2 / (9 * degrees);
        double root = 1 - spread + (Normal(upper) * Math.Sqrt(spread));
        return degrees * Math.Pow(Math.Max(0, root), 3);
    }

    // M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 26.2.23: the normal deviate that a share exceeds, off by less than 4.5e-4.
    private static double Normal(double upper)
    {
        double tail = Math.Min(upper, 1 - upper);
        double t = Math.Sqrt(-2 * Math.Log(tail));
        double deviate = t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
        return upper <= 0.5 ? deviate : -deviate;
    }
}
