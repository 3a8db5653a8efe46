namespace Auspex.Models.Intervals;

/// <summary>How far a predicted life (or time to failure) may be off, learnt from rows held out: between which bounds the true one lies with the
/// stated coverage, and how probable it is to be below a given one. All in the unit of the prediction.</summary>
/// <remarks>Errors of a life model differ along its way: small near the failure, large in the middle, one-sided at the cap. So the offsets are
/// local: at each knot the narrowest stretch that holds enough of the residuals of the rows predicted near it, straight lines between knots. They are then
/// widened or narrowed by terciles of the prediction until rows of groups that did not make them are covered: conformalized quantile
/// regression (Y. Romano, E. Patterson, E. Candès, 2019) across folds, with scores relative to the local width.</remarks>
public sealed record LifeIntervals
{
    /// <summary>Most knots.</summary>
    public const int MaxKnots = 32;

    /// <summary>Steepest change of an offset from knot to knot: the last digits, in which two scorers differ, may not become visible.</summary>
    public const double MaxSlope = 1e4;

    /// <summary>Shares of the residuals at which their distribution is kept at each knot.</summary>
    public static readonly IReadOnlyList<double> Levels =
        [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1];

    private readonly PiecewiseLinear[] _residuals;

    /// <exception cref="ModelFormatException">There are fewer than 2 or more than <see cref="MaxKnots"/> knots, not one offset a knot, or not one residual a
    /// level; a number is not finite; knots do not ascend, a lower offset is above 0, an upper one below; residuals descend; coverage is not between 0
    /// and 1, or the cap not above 0.</exception>
    public LifeIntervals(
        double coverage, double? cap, IReadOnlyList<double> knots, IReadOnlyList<double> lower, IReadOnlyList<double> upper,
        IReadOnlyList<IReadOnlyList<double>> residuals)
    {
        ArgumentNullException.ThrowIfNull(knots);
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        ArgumentNullException.ThrowIfNull(residuals);
        Require(coverage is > 0 and < 1, $"coverage is {coverage}; needed is a number between 0 and 1");
        Require(cap is null || (double.IsFinite(cap.Value) && cap > 0), $"cap is {cap}; needed is a number above 0, or none");
        Require(knots.Count is >= 2 and <= MaxKnots && lower.Count == knots.Count && upper.Count == knots.Count && residuals.Count == knots.Count,
            $"there are {knots.Count} knots, {lower.Count} lower and {upper.Count} upper offsets and {residuals.Count} lists of residuals; needed are 2 to {MaxKnots} of each");
        for (int k = 0; k < knots.Count; k++)
        {
            Require(double.IsFinite(knots[k]) && (k == 0 || knots[k] > knots[k - 1]), $"knot {k} is {knots[k]}; needed are finite, ascending numbers");
            Require(double.IsFinite(lower[k]) && lower[k] <= 0, $"lower offset {k} is {lower[k]}; needed is a finite number up to 0");
            Require(double.IsFinite(upper[k]) && upper[k] >= 0, $"upper offset {k} is {upper[k]}; needed is a finite number from 0 on");
            IReadOnlyList<double> of = residuals[k] ?? [];
            Require(of.Count == Levels.Count, $"knot {k} has {of.Count} residuals; needed are {Levels.Count}");
            Require(of.All(double.IsFinite) && of.Zip(of.Skip(1)).All(pair => pair.First <= pair.Second),
                $"residuals of knot {k} are not finite numbers that never descend");
            double steepest = k == 0 ? 0 : Math.Max(Math.Abs(lower[k] - lower[k - 1]), Math.Abs(upper[k] - upper[k - 1])) / (knots[k] - knots[k - 1]);
            Require(steepest <= MaxSlope, $"an offset changes by {steepest} a unit before knot {k}; the limit is {MaxSlope}");
        }

        (Coverage, Cap, Knots, Lower, Upper) = (coverage, cap, [.. knots], [.. lower], [.. upper]);
        Residuals = [.. residuals.Select(of => (IReadOnlyList<double>)[.. of])];
        LowerLine = new PiecewiseLinear(Knots, Lower);
        UpperLine = new PiecewiseLinear(Knots, Upper);
        _residuals = [.. Enumerable.Range(0, Levels.Count).Select(level => new PiecewiseLinear(Knots, [.. Residuals.Select(of => of[level])]))];
    }

    /// <summary>Share of true lives that the interval is made to hold.</summary>
    public double Coverage { get; }

    /// <summary>Longest life that is told apart; bounds lie from 0 to it. Null for none.</summary>
    public double? Cap { get; }

    /// <summary>Predictions at which the offsets are known, ascending.</summary>
    public IReadOnlyList<double> Knots { get; }

    /// <summary>What is added to the prediction for the lower bound, at each knot; never above 0.</summary>
    public IReadOnlyList<double> Lower { get; }

    /// <summary>What is added to the prediction for the upper bound, at each knot; never below 0.</summary>
    public IReadOnlyList<double> Upper { get; }

    /// <summary>Distribution of true − predicted at each knot, by <see cref="Levels"/>.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Residuals { get; }

    internal PiecewiseLinear LowerLine { get; }

    internal PiecewiseLinear UpperLine { get; }

    /// <summary>Learns the intervals from held-out rows.</summary>
    /// <param name="rows">The rows; at least <see cref="LifeIntervalsFit.FewestRows"/> of at least two groups.</param>
    /// <param name="coverage">Share of true lives to be held.</param>
    /// <param name="cap">Longest life that is told apart; null for none.</param>
    /// <exception cref="ArgumentException">There are too few rows or groups, or coverage or cap is out of range.</exception>
    public static LifeIntervals Fit(HeldOutLives rows, double coverage = 0.9, double? cap = null) => LifeIntervalsFit.Fit(rows, coverage, cap);

    /// <summary>The interval of a prediction; it holds the prediction.</summary>
    /// <param name="predicted">From 0 to the cap, as the model gives it.</param>
    public (double Lower, double Upper) Of(double predicted) =>
        (Clip(predicted + LowerLine.At(predicted)), Clip(predicted + UpperLine.At(predicted)));

    /// <summary>1 − width of the interval / cap; null without a cap, where no width is large by itself.</summary>
    public double? Confidence(double predicted)
    {
        (double lower, double upper) = Of(predicted);
        return 1 - ((upper - lower) / Cap);
    }

    /// <summary>Probability that the true life is at or below a horizon.</summary>
    /// <param name="predicted">From 0 to the cap.</param>
    /// <param name="horizon">Not negative, below the cap: lives beyond the cap are not told apart.</param>
    /// <returns>0 to 1; never less for a longer horizon.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is negative, or not below the cap.</exception>
    public double ProbabilityBelow(double predicted, double horizon)
    {
        if (!(horizon >= 0 && !(horizon >= Cap)))
        {
            throw new ArgumentOutOfRangeException(nameof(horizon), horizon, FormattableString.Invariant(
                $"The horizon must lie from 0 to below the cap {Cap} of the model. Give a shorter horizon, or train with a larger cap."));
        }

        int level = 0;
        double at = predicted + _residuals[0].At(predicted);
        if (horizon < at)
        {
            return 0;
        }

        while (level + 1 < Levels.Count)
        {
            double next = Math.Max(at, predicted + _residuals[level + 1].At(predicted));
            if (horizon < next)
            {
                return Levels[level] + ((Levels[level + 1] - Levels[level]) * (horizon - at) / (next - at));
            }

            (level, at) = (level + 1, next);
        }

        return 1;
    }

    private double Clip(double life) => Math.Min(Math.Max(life, 0), Cap ?? double.PositiveInfinity);

    private static void Require(bool holds, FormattableString problem)
    {
        if (!holds)
        {
            throw new ModelFormatException("Intervals: " + FormattableString.Invariant(problem) + ". Package the model again.");
        }
    }
}
