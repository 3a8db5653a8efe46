using System.Text.Json.Serialization;
using Auspex.Models.Trees;

namespace Auspex.Models.Calibration;

/// <summary>How a raw score (log odds) becomes a probability that can be believed. Never decreasing: calibration changes no order.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NoCalibration), "none")]
[JsonDerivedType(typeof(SigmoidCalibration), "sigmoid")]
[JsonDerivedType(typeof(IsotonicCalibration), "isotonic")]
public abstract record ScoreCalibration
{
    private protected ScoreCalibration()
    {
    }

    /// <summary>Probability for a raw score.</summary>
    /// <returns>0 to 1.</returns>
    public abstract double Probability(double rawScore);
}

/// <summary>The raw score is believed as it is.</summary>
public sealed record NoCalibration : ScoreCalibration
{
    /// <inheritdoc/>
    public override double Probability(double rawScore) => ModelOutputs.Probability(rawScore);
}

/// <summary>logistic(slope · score + intercept): J. Platt, "Probabilistic Outputs for Support Vector Machines" (1999).</summary>
public sealed record SigmoidCalibration : ScoreCalibration
{
    /// <exception cref="ModelFormatException">The slope is negative, or a number is not finite.</exception>
    public SigmoidCalibration(double slope, double intercept)
    {
        if (!double.IsFinite(slope) || slope < 0 || !double.IsFinite(intercept))
        {
            throw new ModelFormatException(FormattableString.Invariant(
                $"Calibration: slope {slope} and intercept {intercept}; needed are finite numbers, the slope not negative. Calibrate again."));
        }

        (Slope, Intercept) = (slope, intercept);
    }

    /// <summary>Not negative; 1 leaves the score as it is.</summary>
    public double Slope { get; }

    /// <summary>In log odds.</summary>
    public double Intercept { get; }

    /// <inheritdoc/>
    public override double Probability(double rawScore) => ModelOutputs.Probability(Score(rawScore));

    /// <summary>The score that needs no calibration.</summary>
    internal double Score(double rawScore) => (rawScore * Slope) + Intercept;
}

/// <summary>Probability read off straight lines between the centres of the blocks of an isotonic regression, constant outside them. The axis is
/// logistic(score), on which a model that needs no calibration is a straight line; on the axis of the score itself, a line from one block to
/// the next would lie far above such a model wherever the probability is small.</summary>
public sealed record IsotonicCalibration : ScoreCalibration
{
    /// <summary>Most knots.</summary>
    public const int MaxKnots = 64;

    /// <summary>Steepest piece: the last digits, in which two scorers differ, may not become visible.</summary>
    public const double MaxSlope = 1e4;

    /// <exception cref="ModelFormatException">There are fewer than 2 or more than <see cref="MaxKnots"/> knots, or not as many probabilities; a
    /// number is outside 0 to 1; x does not ascend; probabilities descend, or rise more steeply than <see cref="MaxSlope"/>.</exception>
    public IsotonicCalibration(IReadOnlyList<double> x, IReadOnlyList<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(probabilities);
        if (x.Count is < 2 or > MaxKnots || probabilities.Count != x.Count)
        {
            throw new ModelFormatException(
                $"Calibration: {x.Count} knots with {probabilities.Count} probabilities; needed are 2 to {MaxKnots} of both. Calibrate again.");
        }

        for (int k = 0; k < x.Count; k++)
        {
            double rise = k == 0 ? 0 : (probabilities[k] - probabilities[k - 1]) / (x[k] - x[k - 1]);
            if (x[k] is not (>= 0 and <= 1) || probabilities[k] is not (>= 0 and <= 1) || (k > 0 && x[k] <= x[k - 1]) || rise is < 0 or > MaxSlope)
            {
                throw new ModelFormatException(FormattableString.Invariant(
                    $"Calibration: knot {k} is ({x[k]}, {probabilities[k]}); needed are numbers from 0 to 1, x ascending, the probability rising ")
                    + FormattableString.Invariant($"by 0 to {MaxSlope} for each unit of x. Calibrate again."));
            }
        }

        X = [.. x];
        Probabilities = [.. probabilities];
        Line = new PiecewiseLinear(X, Probabilities);
    }

    /// <summary>logistic(score) of each knot, ascending.</summary>
    public IReadOnlyList<double> X { get; }

    /// <summary>Probability at each knot, never descending.</summary>
    public IReadOnlyList<double> Probabilities { get; }

    internal PiecewiseLinear Line { get; }

    /// <inheritdoc/>
    public override double Probability(double rawScore) =>
        Math.Max(Math.Min(Line.At(ModelOutputs.Probability(rawScore)), Probabilities[^1]), Probabilities[0]);
}
