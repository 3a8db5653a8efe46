namespace Auspex.Core.Predictions;

/// <summary>Quantiles of a sample.</summary>
public static class Quantile
{
    /// <summary>Quantile by linear interpolation of the order statistics at (n − 1)·p: type 7 of R. J. Hyndman, Y. Fan, "Sample Quantiles in
    /// Statistical Packages", The American Statistician 50 (1996); the default of R, NumPy and Excel's PERCENTILE.INC.</summary>
    /// <param name="ascending">The sample, sorted ascending, without NaN.</param>
    /// <param name="p">0 to 1: 0.5 is the median, 0.1 the value that a tenth of the sample does not reach.</param>
    /// <returns>NaN for an empty sample.</returns>
    public static double OfSorted(IReadOnlyList<double> ascending, double p)
    {
        ArgumentNullException.ThrowIfNull(ascending);
        ArgumentOutOfRangeException.ThrowIfNegative(p);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(p, 1);
        if (ascending.Count == 0)
        {
            return double.NaN;
        }

        double at = (ascending.Count - 1) * p;
        int below = (int)at;
        double low = ascending[below];
        return below + 1 < ascending.Count ? low + (at - below) * (ascending[below + 1] - low) : low;
    }
}
