namespace Auspex.Models.Intervals;

/// <summary>How well intervals held what happened, and how wide they were.</summary>
/// <param name="Rows">Rows judged.</param>
/// <param name="Coverage">Share of true lives inside their interval, bounds included.</param>
/// <param name="MeanWidth">Mean of upper − lower, in the unit of the prediction.</param>
/// <param name="Terciles">The same for the lowest, middle and highest third of the predictions; empty for a third itself.</param>
public sealed record IntervalCoverage(int Rows, double Coverage, double MeanWidth, IReadOnlyList<IntervalCoverage> Terciles)
{
    /// <summary>Whether <see cref="Across"/> has enough to learn from, whichever part of the groups is judged.</summary>
    /// <param name="rows">Held-out rows.</param>
    /// <param name="parts">In how many parts the groups take turns, at least 2.</param>
    public static bool CanJudge(HeldOutLives rows, int parts = 5)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 2);
        int[] partOf = Parts.Of(rows.Groups, parts);
        return partOf.Length > 0 && Enumerable.Range(0, partOf.Max() + 1).All(part =>
        {
            int[] others = Parts.RowsOf(partOf, part, inside: false);
            return others.Length >= LifeIntervalsFit.FewestRows && others.Select(row => rows.Groups[row]).Distinct().Count() >= 2;
        });
    }

    /// <summary>Judges the method on rows of groups that made no part of what judges them: each part of the groups by intervals learnt from all others.</summary>
    /// <param name="rows">Held-out rows, of enough groups that all but one part can be learnt from.</param>
    /// <param name="coverage">Share of true lives to be held.</param>
    /// <param name="cap">Longest life that is told apart; null for none.</param>
    /// <param name="parts">In how many parts the groups take turns, at least 2.</param>
    /// <exception cref="ArgumentException">There are too few rows or groups; <see cref="CanJudge"/> tells.</exception>
    public static IntervalCoverage Across(HeldOutLives rows, double coverage = 0.9, double? cap = null, int parts = 5)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 2);
        int[] partOf = Parts.Of(rows.Groups, parts);
        var bounds = new (double Lower, double Upper)[rows.Count];
        for (int part = 0; part <= partOf.DefaultIfEmpty(-1).Max(); part++)
        {
            var others = LifeIntervals.Fit(rows.Take(Parts.RowsOf(partOf, part, inside: false)), coverage, cap);
            foreach (int row in Parts.RowsOf(partOf, part, inside: true))
            {
                bounds[row] = others.Of(rows.Predicted[row]);
            }
        }

        return Of(rows, bounds);
    }

    /// <summary>Judges given intervals.</summary>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="bounds">Interval of each row.</param>
    public static IntervalCoverage Of(HeldOutLives rows, IReadOnlyList<(double Lower, double Upper)> bounds)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(bounds);
        if (rows.Count == 0 || bounds.Count != rows.Count)
        {
            throw new ArgumentException($"There are {bounds.Count} intervals for {rows.Count} rows; needed is one a row, at least one.", nameof(bounds));
        }

        double[] edges = LifeIntervalsFit.Edges(rows.Predicted);
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        return OfRows(all) with
        {
            Terciles = [.. all.GroupBy(row => LifeIntervalsFit.TercileOf(edges, rows.Predicted[row])).OrderBy(third => third.Key).Select(third => OfRows([.. third]))],
        };

        IntervalCoverage OfRows(int[] some) => new(
            some.Length,
            some.Average(row => bounds[row].Lower <= rows.Actual[row] && rows.Actual[row] <= bounds[row].Upper ? 1.0 : 0.0),
            some.Average(row => bounds[row].Upper - bounds[row].Lower),
            []);
    }
}
