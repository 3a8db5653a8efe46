using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;
using Auspex.Models.Trees;

namespace Auspex.Models;

/// <summary>How the raw scores of the trees become what a model says: the same formulas, term by term, as the nodes that end our ONNX graphs.
/// Immutable, safe to use from many threads.</summary>
public abstract record ModelHead
{
    private protected ModelHead()
    {
    }

    /// <summary>What the outputs mean.</summary>
    public abstract PredictionTask Task { get; }

    /// <summary>Raw scores of a row: how many targets the trees must have.</summary>
    public abstract int TargetCount { get; }

    /// <summary>Whether the outputs are the plain formulas of <see cref="ModelOutputs"/> alone.</summary>
    public abstract bool IsPlain { get; }

    /// <summary>The head of a model without calibration, cap and intervals.</summary>
    /// <param name="task">What the outputs mean.</param>
    /// <param name="targets">Components of a failure model, at least 1; ignored for remaining useful life.</param>
    public static ModelHead Plain(PredictionTask task, int targets) => task == PredictionTask.Failure
        ? new FailureHead([.. Enumerable.Repeat(new NoCalibration(), targets)], null)
        : new LifeHead(null, null);
}

/// <summary>Head of a failure model: calibrated probability of each component and, where it was taught, the time to failure.</summary>
public sealed record FailureHead : ModelHead
{
    /// <param name="calibrations">One for each component, at least one.</param>
    /// <param name="timeToFailure">Intervals in minutes, their cap the horizon; null when the trees tell no time to failure. With it, the trees have a
    /// target more, the last: the median time to failure in minutes.</param>
    /// <param name="exclusive">Whether components exclude each other: scores are then log odds of each component against no failure, and the
    /// probabilities a softmax over no failure and the components.</param>
    /// <exception cref="ModelFormatException">There is no component or a calibration is missing, the time to failure has no cap, or a calibration of
    /// exclusive components is isotonic, which is no map of log odds.</exception>
    public FailureHead(IReadOnlyList<ScoreCalibration> calibrations, LifeIntervals? timeToFailure, bool exclusive = false)
    {
        ArgumentNullException.ThrowIfNull(calibrations);
        if (calibrations.Count == 0 || calibrations.Contains(null!) || timeToFailure is { Cap: null })
        {
            throw new ModelFormatException(
                $"The head has {calibrations.Count} calibrations; needed is one for each component, and for time to failure a cap: the horizon. Package the model again.");
        }

        if (exclusive && calibrations.Any(calibration => calibration is IsotonicCalibration))
        {
            throw new ModelFormatException("The head has an isotonic calibration of exclusive components; needed are sigmoids or none. Package the model again.");
        }

        (Calibrations, TimeToFailureIntervals, IsExclusive) = ([.. calibrations], timeToFailure, exclusive);
    }

    /// <summary>One for each component.</summary>
    public IReadOnlyList<ScoreCalibration> Calibrations { get; }

    /// <summary>Intervals of the time to failure in minutes; null when it is not told.</summary>
    public LifeIntervals? TimeToFailureIntervals { get; }

    /// <summary>Whether at most one component fails: its probabilities and that of no failure add up to 1.</summary>
    public bool IsExclusive { get; }

    /// <inheritdoc/>
    public override PredictionTask Task => PredictionTask.Failure;

    /// <inheritdoc/>
    public override int TargetCount => Calibrations.Count + (TimeToFailureIntervals is null ? 0 : 1);

    /// <inheritdoc/>
    public override bool IsPlain => TimeToFailureIntervals is null && !IsExclusive && Calibrations.All(calibration => calibration is NoCalibration);

    /// <summary>Calibrated probability of a failure of one component.</summary>
    /// <param name="component">From 0.</param>
    /// <param name="scores">Raw scores of the row, at least those of the components.</param>
    public double ComponentProbability(int component, ReadOnlySpan<double> scores)
    {
        if (!IsExclusive)
        {
            return Calibrations[component].Probability(scores[component]);
        }

        // 1 / (e^-z + Σ e^(zⱼ - z)): whatever overflows makes the 0 that is meant.
        double own = Odds(component, scores[component]);
        double sum = 0;
        for (int other = 0; other < Calibrations.Count; other++)
        {
            sum += Math.Exp(Odds(other, scores[other]) - own);
        }

        return 1 / (sum + Math.Exp(-own));
    }

    /// <summary>Probability that at least one component fails, components being independent given the row or excluding each other.</summary>
    /// <param name="scores">Raw scores of the row, at least those of the components.</param>
    public double Probability(ReadOnlySpan<double> scores)
    {
        if (Calibrations.Count == 1)
        {
            return ComponentProbability(0, scores);
        }

        if (IsExclusive)
        {
            double any = 0;
            for (int component = 0; component < Calibrations.Count; component++)
            {
                any += ComponentProbability(component, scores);
            }

            return Math.Min(any, 1);
        }

        if (IsPlain)
        {
            return ModelOutputs.AnyProbability(scores);
        }

        double logNone = 0;
        for (int component = 0; component < Calibrations.Count; component++)
        {
            logNone += Math.Log(1 - Calibrations[component].Probability(scores[component]));
        }

        return 1 - Math.Exp(logNone);
    }

    /// <summary>Time to failure in minutes, if a failure comes: from 0 to the horizon.</summary>
    /// <param name="scores">Raw scores of the row, <see cref="TargetCount"/> of them.</param>
    /// <returns>Null when the model does not tell it.</returns>
    public (double Lower, double Median, double Upper)? TimeToFailure(ReadOnlySpan<double> scores)
    {
        if (TimeToFailureIntervals is not { } intervals)
        {
            return null;
        }

        double median = Math.Min(Math.Max(scores[^1], 0), intervals.Cap!.Value);
        (double lower, double upper) = intervals.Of(median);
        return (lower, median, upper);
    }

    private double Odds(int component, double score) => Calibrations[component] is SigmoidCalibration sigmoid ? sigmoid.Score(score) : score;
}

/// <summary>Head of a model of remaining useful life.</summary>
public sealed record LifeHead : ModelHead
{
    /// <param name="cap">Longest life it says, in the label's life unit; null for none.</param>
    /// <param name="intervals">Intervals, of the same cap; null for none.</param>
    /// <exception cref="ModelFormatException">The cap is not a number above 0, or not that of the intervals.</exception>
    public LifeHead(double? cap, LifeIntervals? intervals)
    {
        if (cap is <= 0 or double.NaN or double.PositiveInfinity || (intervals is not null && intervals.Cap != cap))
        {
            throw new ModelFormatException(FormattableString.Invariant(
                $"The head has the cap {cap}, its intervals {intervals?.Cap}; needed is the same number above 0, or none. Package the model again."));
        }

        (Cap, Intervals) = (cap, intervals);
    }

    /// <summary>Longest life it says; null for none.</summary>
    public double? Cap { get; }

    /// <summary>Intervals; null for none.</summary>
    public LifeIntervals? Intervals { get; }

    /// <inheritdoc/>
    public override PredictionTask Task => PredictionTask.RemainingUsefulLife;

    /// <inheritdoc/>
    public override int TargetCount => 1;

    /// <inheritdoc/>
    public override bool IsPlain => Cap is null && Intervals is null;

    /// <summary>Remaining useful life from the raw score: 0 to the cap.</summary>
    public double RemainingUsefulLife(double score) => Math.Min(ModelOutputs.RemainingUsefulLife(score), Cap ?? double.PositiveInfinity);

    /// <summary>Interval of the remaining useful life, from the raw score; null when the model has none.</summary>
    public (double Lower, double Upper)? Interval(double score) => Intervals?.Of(RemainingUsefulLife(score));
}
