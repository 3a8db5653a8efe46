namespace Auspex.Core.Predictions;

/// <summary>A figure and the interval in which its true value lies with 95 % confidence.</summary>
/// <param name="Value">The figure; NaN when there was nothing to count.</param>
/// <param name="Lower">Lower end; NaN with the value.</param>
/// <param name="Upper">Upper end; NaN with the value.</param>
public sealed record Estimate(double Value, double Lower, double Upper)
{
    /// <summary>97.5 % point of the standard normal distribution.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>A share of independent cases, with the score interval of E. B. Wilson, "Probable Inference, the Law of Succession, and
    /// Statistical Inference", JASA 22 (1927), without continuity correction.</summary>
    /// <param name="count">Cases that hold, 0 to <paramref name="of"/>.</param>
    /// <param name="of">All cases; with 0 the estimate is NaN.</param>
    public static Estimate Share(int count, int of)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, of);
        if (of == 0)
        {
            return new Estimate(double.NaN, double.NaN, double.NaN);
        }

        double n = of;
        double p = count / n;
        double scale = 1 + Z * Z / n;
        double middle = (p + Z * Z / (2 * n)) / scale;
        double half = Z * Math.Sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / scale;
        // At 0 and at n of n the ends are exactly 0 and 1; rounding must not move them.
        return new Estimate(p, count == 0 ? 0 : middle - half, count == of ? 1 : middle + half);
    }

    /// <summary>Width of the interval of <see cref="Share"/> for a share that need not be a whole number of cases.</summary>
    public static double ShareWidth(double share, double of) =>
        2 * Z * Math.Sqrt((share * (1 - share) / of) + (Z * Z / (4 * of * of))) / (1 + (Z * Z / of));

    /// <summary>An area under the ROC curve of independent cases. The variance is that of J. A. Hanley, B. J. McNeil, "The Meaning and Use of
    /// the Area under a Receiver Operating Characteristic (ROC) Curve", Radiology 143 (1982); taken at the ends of the interval as Wilson's is,
    /// not at the estimate, so that a perfect order of few cases is not certain.</summary>
    /// <param name="area">0 to 1; NaN makes the estimate NaN.</param>
    /// <param name="positives">Positive cases.</param>
    /// <param name="negatives">Negative cases.</param>
    public static Estimate Area(double area, int positives, int negatives)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positives);
        ArgumentOutOfRangeException.ThrowIfNegative(negatives);
        if (double.IsNaN(area) || positives == 0 || negatives == 0)
        {
            return new Estimate(double.NaN, double.NaN, double.NaN);
        }

        double End(double outermost)
        {
            double inside = area;
            double outside = outermost;
            for (int step = 0; step < 60; step++)
            {
                double middle = (inside + outside) / 2;
                bool within = Math.Abs(middle - area) <= Z * Math.Sqrt(AreaVariance(middle, positives, negatives));
                (inside, outside) = within ? (middle, outside) : (inside, middle);
            }

            return inside;
        }

        return new Estimate(area, End(0), End(1));
    }

    /// <summary>Variance of an area under the ROC curve by Hanley and McNeil.</summary>
    public static double AreaVariance(double area, int positives, int negatives)
    {
        double twoPositives = area / (2 - area);
        double twoNegatives = 2 * area * area / (1 + area);
        double sum = (area * (1 - area)) + ((positives - 1) * (twoPositives - (area * area))) + ((negatives - 1) * (twoNegatives - (area * area)));
        return Math.Max(0, sum) / ((double)positives * negatives);
    }

    /// <summary>A rate of independent events, with the interval of Byar for a Poisson count (N. E. Breslow, N. E. Day, "Statistical
    /// Methods in Cancer Research" II, IARC 1987): within 3 % of the exact one from 3 events on, within 0.2 % from 10 on.</summary>
    /// <param name="count">Events.</param>
    /// <param name="exposure">Time watched; with 0 the estimate is NaN. The rate is in events per unit of it.</param>
    public static Estimate Rate(int count, double exposure)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (!(exposure > 0))
        {
            return new Estimate(double.NaN, double.NaN, double.NaN);
        }

        double above = count + 1.0;
        double lower = count == 0 ? 0 : count * Cube(1 - 1 / (9.0 * count) - Z / (3 * Math.Sqrt(count)));
        // Without an event the exact upper end is simple: exp(-mean) = 0.025.
        double upper = count == 0 ? -Math.Log(0.025) : above * Cube(1 - 1 / (9 * above) + Z / (3 * Math.Sqrt(above)));
        return new Estimate(count / exposure, Math.Max(0, lower) / exposure, upper / exposure);
    }

    private static double Cube(double x) => x * x * x;
}
