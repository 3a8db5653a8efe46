namespace Auspex.Models.Calibration;

/// <summary>Chooses how scores of held-out rows become probabilities: by log loss on groups that the calibration has not seen.</summary>
/// <param name="Calibration">The chosen kind, fitted on all rows.</param>
/// <param name="Losses">Cross-validated log loss of each kind that was considered, by its name in the manifest; empty where nothing could be
/// compared.</param>
public sealed record CalibrationChoice(ScoreCalibration Calibration, IReadOnlyDictionary<string, double> Losses)
{
    /// <summary>Fewest positive and fewest negative rows for an isotonic regression to be considered: with fewer its steps follow chance.</summary>
    public const int FewestForIsotonic = 200;

    /// <summary>Share of the loss that a less simple kind must save.</summary>
    public const double LeastGain = 1e-3;

    private const int MaxParts = 10;

    private static readonly (string Name, Func<HeldOutScores, ScoreCalibration> Fit)[] BySimplicity =
        [("none", _ => new NoCalibration()), ("sigmoid", SigmoidFit.Fit), ("isotonic", IsotonicFit.Fit)];

    /// <summary>Fits each kind on all groups but some and judges it on those, in at most ten parts; the least loss wins, the simpler one where a
    /// less simple saves less than a thousandth. Without two groups, or where all rows came out alike, scores stay as they are.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="groups">Group of each row, such as its asset or its stretch of time: rows of one are never on both sides.</param>
    /// <exception cref="ArgumentException">There is not one group a row.</exception>
    public static CalibrationChoice Of(HeldOutScores rows, IReadOnlyList<int> groups)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(groups);
        if (groups.Count != rows.Count)
        {
            throw new ArgumentException($"There are {groups.Count} groups for {rows.Count} rows; needed is one a row.", nameof(groups));
        }

        int[] parts = Parts.Of(groups, MaxParts);
        int positives = rows.Positive.Count(positive => positive);
        if (parts.Max() == 0 || positives == 0 || positives == rows.Count)
        {
            return new CalibrationChoice(new NoCalibration(), new Dictionary<string, double>());
        }

        int scarce = Math.Min(positives, rows.Count - positives);
        var losses = new Dictionary<string, double>();
        Func<HeldOutScores, ScoreCalibration>? best = null;
        double least = double.PositiveInfinity;
        foreach ((string name, Func<HeldOutScores, ScoreCalibration> fit) in BySimplicity.Take(scarce < FewestForIsotonic ? 2 : 3))
        {
            double loss = CrossLoss(rows, parts, fit);
            losses.Add(name, loss);
            if (best is null || loss < least * (1 - LeastGain))
            {
                (best, least) = (fit, loss);
            }
        }

        return new CalibrationChoice(best!(rows), losses);
    }

    /// <summary>Mean −log of the probability given to what happened, weighted; probabilities are taken as at least 1e-15 off 0 and 1.</summary>
    public static double LogLoss(ScoreCalibration calibration, HeldOutScores rows)
    {
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(rows);
        double sum = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            double p = Math.Clamp(calibration.Probability(rows.Scores[row]), 1e-15, 1 - 1e-15);
            sum -= rows.Weights[row] * Math.Log(rows.Positive[row] ? p : 1 - p);
        }

        return sum / rows.Weights.Sum();
    }

    private static double CrossLoss(HeldOutScores rows, int[] parts, Func<HeldOutScores, ScoreCalibration> fit)
    {
        double loss = 0;
        for (int part = 0; part <= parts.Max(); part++)
        {
            HeldOutScores judged = rows.Take(Parts.RowsOf(parts, part, inside: true));
            loss += judged.Weights.Sum() * LogLoss(fit(rows.Take(Parts.RowsOf(parts, part, inside: false))), judged);
        }

        return loss / rows.Weights.Sum();
    }
}
