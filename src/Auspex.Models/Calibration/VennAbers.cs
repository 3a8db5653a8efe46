namespace Auspex.Models.Calibration;

/// <summary>Two probabilities for each score, between which the true one is known to lie as far as the calibration rows can tell: what isotonic
/// calibration would say had the row turned out negative, and positive (inductive Venn-Abers predictor: V. Vovk, I. Petej, V. Fedorova,
/// "Large-scale probabilistic predictors with and without guarantees of validity", 2015). The narrower, the more the rows tell.</summary>
public sealed record VennAbers
{
    /// <summary>Most steps of each of the two tables.</summary>
    public const int MaxSteps = 256;

    /// <exception cref="ModelFormatException">A table is longer than <see cref="MaxSteps"/>, its scores do not ascend, its probabilities descend or are
    /// outside 0 to 1; or the error is.</exception>
    public VennAbers(IReadOnlyList<VennAbersStep> lower, IReadOnlyList<VennAbersStep> upper, double error)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        Check(lower, nameof(lower));
        Check(upper, nameof(upper));
        if (error is not (>= 0 and <= 1))
        {
            throw new ModelFormatException(FormattableString.Invariant($"Venn-Abers: the error is {error}; needed is 0 to 1. Calibrate again."));
        }

        (Lower, Upper, Error) = ([.. lower], [.. upper], error);
    }

    /// <summary>The lower probability is that of the last step at or below the score, 0 before the first.</summary>
    public IReadOnlyList<VennAbersStep> Lower { get; }

    /// <summary>The upper probability is that of the first step at or above the score, 1 behind the last.</summary>
    public IReadOnlyList<VennAbersStep> Upper { get; }

    /// <summary>How much lower the lower and how much higher the upper probability may be than the exact one; never the other way round.</summary>
    public double Error { get; }

    /// <summary>Computes both tables exactly, then keeps as many steps as there may be.</summary>
    /// <param name="rows">Calibration rows; the row asked for later counts as one of weight 1.</param>
    public static VennAbers Fit(HeldOutScores rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Group[] groups = Groups(rows);
        double[] positive = IfPositive(groups);
        // The lower probability is the upper one of the mirrored problem: scores and outcomes turned round.
        double[] negative = IfPositive([.. groups.Reverse().Select(group => group with { Positive = group.Weight - group.Positive })]);
        VennAbersStep[] upper = [.. groups.Select((group, k) => new VennAbersStep(group.Score, positive[k]))];
        VennAbersStep[] lower = [.. groups.Select((group, k) => new VennAbersStep(group.Score, 1 - negative[groups.Length - 1 - k]))];

        double error = Steps(0) > MaxSteps ? 1 : 0;
        double tooSmall = 0;
        while (error - tooSmall > 1e-6)
        {
            double middle = (tooSmall + error) / 2;
            (tooSmall, error) = Steps(middle) > MaxSteps ? (middle, error) : (tooSmall, middle);
        }

        return new VennAbers(ThinnedFromBelow(lower, error), ThinnedFromAbove(upper, error), error);

        int Steps(double allowed) => Math.Max(ThinnedFromBelow(lower, allowed).Count, ThinnedFromAbove(upper, allowed).Count);
    }

    /// <summary>The two probabilities of a raw score.</summary>
    public (double Lower, double Upper) Of(double rawScore)
    {
        int below = FirstAbove(Lower, rawScore, orAt: false) - 1;
        int above = FirstAbove(Upper, rawScore, orAt: true);
        return (below < 0 ? 0 : Lower[below].Probability, above == Upper.Count ? 1 : Upper[above].Probability);
    }

    /// <summary>1 − the distance of the two probabilities.</summary>
    public double Confidence(double rawScore)
    {
        (double lower, double upper) = Of(rawScore);
        return 1 - (upper - lower);
    }

    /// <summary>Confidence that any of several components fails, these being independent given the row: 1 − the distance of its two probabilities.</summary>
    /// <param name="tables">One a component.</param>
    /// <param name="scores">Raw scores of the row, at least as many.</param>
    public static double ConfidenceOfAny(IReadOnlyList<VennAbers> tables, ReadOnlySpan<double> scores)
    {
        ArgumentNullException.ThrowIfNull(tables);
        (double noneAtMost, double noneAtLeast) = (1, 1);
        for (int component = 0; component < tables.Count; component++)
        {
            (double lower, double upper) = tables[component].Of(scores[component]);
            noneAtMost *= 1 - lower;
            noneAtLeast *= 1 - upper;
        }

        return 1 - (noneAtMost - noneAtLeast);
    }

    // For each group, what isotonic regression says of a positive row of weight 1 put just before it. The greatest convex minorant of the
    // cumulative sums, with that row as the segment (1, 1), is kept as a stack while the row moves on from group to group.
    private static double[] IfPositive(Group[] groups)
    {
        var points = new (double X, double Y)[groups.Length + 2]; // points[k + 1] is the sum over k groups; points[0] begins the added row
        points[0] = (-1, -1);
        for (int k = 0; k < groups.Length; k++)
        {
            points[k + 2] = (points[k + 1].X + groups[k].Weight, points[k + 1].Y + groups[k].Positive);
        }

        var hull = new Stack<(double X, double Y)>();
        for (int k = points.Length - 1; k >= 0; k--)
        {
            Push(hull, points[k]);
        }

        var slopes = new double[groups.Length];
        for (int k = 0; k < groups.Length; k++)
        {
            (double X, double Y) first = hull.Pop();
            (double X, double Y) second = hull.Peek();
            slopes[k] = Math.Clamp((second.Y - first.Y) / (second.X - first.X), k == 0 ? 0 : slopes[k - 1], 1);
            (double X, double Y) moved = (points[k].X + groups[k].Weight, points[k].Y + groups[k].Positive);
            points[k + 1] = moved;
            if (Turn(first, second, moved) >= 0)
            {
                hull.Push(first); // on or above the side: the minorant stays
            }
            else
            {
                Push(hull, moved);
            }
        }

        return slopes;
    }

    // Points come from right to left; the corner on top is dropped where it does not lie below the line from the new point to the next corner.
    private static void Push(Stack<(double X, double Y)> hull, (double X, double Y) point)
    {
        while (hull.Count > 1)
        {
            (double X, double Y) top = hull.Pop();
            if (Turn(point, hull.Peek(), top) < 0)
            {
                hull.Push(top);
                break;
            }
        }

        hull.Push(point);
    }

    // Above 0 where the point lies above the line through the other two, the first of them the left one.
    private static double Turn((double X, double Y) left, (double X, double Y) right, (double X, double Y) point) =>
        ((right.X - left.X) * (point.Y - left.Y)) - ((right.Y - left.Y) * (point.X - left.X));

    private static Group[] Groups(HeldOutScores rows) =>
    [
        .. Enumerable.Range(0, rows.Count).GroupBy(row => rows.Scores[row]).OrderBy(group => group.Key).Select(group => new Group(
            group.Key, group.Sum(row => rows.Weights[row]), group.Sum(row => rows.Positive[row] ? rows.Weights[row] : 0))),
    ];

    private static List<VennAbersStep> ThinnedFromBelow(VennAbersStep[] steps, double error)
    {
        List<VennAbersStep> kept = [steps[0]];
        foreach (VennAbersStep step in steps)
        {
            if (step.Probability - kept[^1].Probability > error)
            {
                kept.Add(step);
            }
        }

        return kept;
    }

    private static List<VennAbersStep> ThinnedFromAbove(VennAbersStep[] steps, double error)
    {
        List<VennAbersStep> kept = [steps[^1]];
        foreach (VennAbersStep step in steps.Reverse())
        {
            if (kept[^1].Probability - step.Probability > error)
            {
                kept.Add(step);
            }
        }

        kept.Reverse();
        return kept;
    }

    private static int FirstAbove(IReadOnlyList<VennAbersStep> steps, double score, bool orAt)
    {
        (int from, int to) = (0, steps.Count);
        while (from < to)
        {
            int middle = (from + to) / 2;
            bool above = orAt ? steps[middle].Score >= score : steps[middle].Score > score;
            (from, to) = above ? (from, middle) : (middle + 1, to);
        }

        return from;
    }

    private static void Check(IReadOnlyList<VennAbersStep> steps, string table)
    {
        if (steps.Count is < 1 or > MaxSteps)
        {
            throw new ModelFormatException($"Venn-Abers: '{table}' has {steps.Count} steps; needed are 1 to {MaxSteps}. Calibrate again.");
        }

        for (int i = 0; i < steps.Count; i++)
        {
            VennAbersStep? before = i == 0 ? null : steps[i - 1];
            if (!double.IsFinite(steps[i].Score) || steps[i].Probability is not (>= 0 and <= 1)
                || steps[i].Score <= before?.Score || steps[i].Probability < before?.Probability)
            {
                throw new ModelFormatException(FormattableString.Invariant(
                    $"Venn-Abers: '{table}' {i} is {steps[i].Probability} at score {steps[i].Score}; needed are ascending scores and probabilities ")
                    + "from 0 to 1 that do not descend. Calibrate again.");
            }
        }
    }

    private readonly record struct Group(double Score, double Weight, double Positive);
}

/// <summary>A step of a Venn-Abers table.</summary>
/// <param name="Score">Raw score at which it stands.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct VennAbersStep(double Score, double Probability);
