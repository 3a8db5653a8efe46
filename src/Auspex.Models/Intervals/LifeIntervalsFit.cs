namespace Auspex.Models.Intervals;

/// <summary>Makes <see cref="LifeIntervals"/> out of held-out rows.</summary>
public static class LifeIntervalsFit
{
    /// <summary>Fewest rows to learn from.</summary>
    public const int FewestRows = 60;

    private const int RowsPerKnot = 50;
    private const int MostKnots = 24;
    private const int MaxParts = 5;
    private const int Terciles = 3;
    private const double NearestShare = 2e-3; // distance of two knots, as a share of the largest residuals at both
    private const double MostNarrowing = 0.25; // of the width at each side
    private const double MostWidening = 4;

    internal static LifeIntervals Fit(HeldOutLives rows, double coverage, double? cap)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (coverage is not (> 0 and < 1) || cap is <= 0 or double.NaN or double.PositiveInfinity)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Coverage is {coverage} and cap {cap}; needed are a number between 0 and 1, and one above 0 or none."), nameof(coverage));
        }

        int[] parts = Parts.Of(rows.Groups, MaxParts);
        if (rows.Count < FewestRows || parts.Max() == 0)
        {
            throw new ArgumentException(
                $"There are {rows.Count} rows of {rows.Groups.Distinct().Count()} groups to learn intervals from; needed are {FewestRows} of at least 2.", nameof(rows));
        }

        // Each row judged by curves that its group had no part in.
        var scores = new double[rows.Count];
        for (int part = 0; part <= parts.Max(); part++)
        {
            int[] judged = Parts.RowsOf(parts, part, inside: true);
            LifeIntervals others = Curves(rows.Take(Parts.RowsOf(parts, part, inside: false)), coverage, cap);
            foreach (int row in judged)
            {
                scores[row] = Score(others, rows.Predicted[row], rows.Actual[row]);
            }
        }

        LifeIntervals curves = Curves(rows, coverage, cap);
        double[] edges = Edges(rows.Predicted);
        double[] widening =
        [
            .. Enumerable.Range(0, Terciles).Select(tercile => ConformalQuantile(
                [.. Enumerable.Range(0, rows.Count).Where(row => TercileOf(edges, rows.Predicted[row]) == tercile).Select(row => scores[row])], coverage)),
        ];
        double[] factor = [.. curves.Knots.Select(knot => Math.Clamp(widening[TercileOf(edges, knot)], -MostNarrowing, MostWidening))];
        double[] width = [.. curves.Lower.Zip(curves.Upper, (lower, upper) => upper - lower)];
        return new LifeIntervals(
            coverage, cap, curves.Knots,
            [.. curves.Lower.Select((lower, k) => Math.Min(0, lower - (factor[k] * width[k])))],
            [.. curves.Upper.Select((upper, k) => Math.Max(0, upper + (factor[k] * width[k])))],
            curves.Residuals);
    }

    // How far outside its interval a life lies, as a share of the local width; negative inside.
    private static double Score(LifeIntervals curves, double predicted, double actual)
    {
        double lower = curves.LowerLine.At(predicted);
        double upper = curves.UpperLine.At(predicted);
        double residual = actual - predicted;
        return Math.Max(lower - residual, residual - upper) / Math.Max(upper - lower, 1e-9);
    }

    // The ⌈(n + 1)·coverage⌉-th smallest: with it, a further row is covered at least that often.
    private static double ConformalQuantile(double[] scores, double coverage)
    {
        if (scores.Length == 0)
        {
            return 0;
        }

        Array.Sort(scores);
        return scores[Math.Min((int)Math.Ceiling((scores.Length + 1) * coverage), scores.Length) - 1];
    }

    internal static double[] Edges(double[] predicted)
    {
        double[] sorted = [.. predicted.Order()];
        return [.. Enumerable.Range(1, Terciles - 1).Select(i => sorted[(int)((long)i * sorted.Length / Terciles)])];
    }

    internal static int TercileOf(double[] edges, double predicted) => edges.Count(edge => predicted >= edge);

    // The local quantiles, as the rows themselves have them.
    private static LifeIntervals Curves(HeldOutLives rows, double coverage, double? cap)
    {
        int[] order = [.. Enumerable.Range(0, rows.Count).OrderBy(row => rows.Predicted[row])];
        int bins = Math.Clamp(rows.Count / RowsPerKnot, 2, MostKnots);
        var knots = new List<double>();
        var lower = new List<double>();
        var upper = new List<double>();
        var residuals = new List<double[]>();
        int first = 0;
        for (int bin = 0; bin < bins; bin++)
        {
            int end = (int)((bin + 1L) * rows.Count / bins);
            if (end <= first)
            {
                continue;
            }

            int[] members = order[first..end];
            first = end;
            double knot = members.Average(row => rows.Predicted[row]);
            double[] sorted = [.. members.Select(row => rows.Actual[row] - rows.Predicted[row]).Order()];
            if (knots.Count > 0 && knot - knots[^1] <= (Largest(sorted) + Largest(residuals[^1])) * NearestShare)
            {
                continue; // nearly equal predictions fill two bins: the first of them speaks for both
            }

            (double low, double high) = Narrowest(sorted, coverage);
            knots.Add(knot);
            lower.Add(Math.Min(0, low));
            upper.Add(Math.Max(0, high));
            residuals.Add([.. LifeIntervals.Levels.Select(level => AtLevel(sorted, level))]);
        }

        if (knots.Count == 1)
        {
            knots.Add(Math.BitIncrement(knots[0]) + 1);
            lower.Add(lower[0]);
            upper.Add(upper[0]);
            residuals.Add(residuals[0]);
        }

        return new LifeIntervals(coverage, cap, knots, lower, upper, residuals);
    }

    private static double Largest(double[] sorted) => Math.Max(Math.Abs(sorted[0]), Math.Abs(sorted[^1]));

    private static (double Low, double High) Narrowest(double[] sorted, double coverage)
    {
        int held = Math.Min((int)Math.Ceiling((sorted.Length + 1) * coverage), sorted.Length);
        int best = 0;
        for (int from = 1; from + held <= sorted.Length; from++)
        {
            if (sorted[from + held - 1] - sorted[from] < sorted[best + held - 1] - sorted[best])
            {
                best = from;
            }
        }

        return (sorted[best], sorted[best + held - 1]);
    }

    // Type 7 of Hyndman and Fan (1996).
    private static double AtLevel(double[] sorted, double level)
    {
        double at = (sorted.Length - 1) * level;
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
