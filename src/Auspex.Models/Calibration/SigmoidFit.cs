using Auspex.Models.Trees;

namespace Auspex.Models.Calibration;

/// <summary>Fits the sigmoid of Platt (1999) by the Newton method with backtracking of H.-T. Lin, C.-J. Lin, R. C. Weng, "A Note on Platt's
/// Probabilistic Outputs for Support Vector Machines", Machine Learning 68 (2007).</summary>
public static class SigmoidFit
{
    private const int MaxIterations = 100;
    private const double Ridge = 1e-12;
    private const double SmallestStep = 1e-10;
    private const double GradientGoal = 1e-9; // of the mean gradient

    /// <summary>The slope and intercept of least log loss against <see cref="Targets"/>; where the score orders outcomes the wrong way round, slope 0
    /// and the share of positives.</summary>
    public static SigmoidCalibration Fit(HeldOutScores rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (double negative, double positive) = Targets(rows);
        double total = rows.Weights.Sum();
        double scale = Math.Max(rows.Scores.Max(Math.Abs), 1e-300); // keeps squares of huge scores finite
        double meanTarget = ((rows.WeightOf(true) * positive) + (rows.WeightOf(false) * negative)) / total;
        (double slope, double intercept) = (0, Math.Log(meanTarget / (1 - meanTarget)));
        double shareAlone = intercept;
        double loss = Loss(slope, intercept);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            (double gradientSlope, double gradientIntercept) = (0, 0);
            (double h11, double h22, double h21) = (Ridge, Ridge, 0);
            for (int row = 0; row < rows.Count; row++)
            {
                double x = rows.Scores[row] / scale;
                double weight = rows.Weights[row] / total;
                double p = ModelOutputs.Probability((slope * x) + intercept);
                double curvature = weight * p * (1 - p);
                double error = weight * (p - (rows.Positive[row] ? positive : negative));
                h11 += x * x * curvature;
                h22 += curvature;
                h21 += x * curvature;
                gradientSlope += x * error;
                gradientIntercept += error;
            }

            if (Math.Abs(gradientSlope) < GradientGoal && Math.Abs(gradientIntercept) < GradientGoal)
            {
                break;
            }

            double determinant = (h11 * h22) - (h21 * h21);
            double stepSlope = -((h22 * gradientSlope) - (h21 * gradientIntercept)) / determinant;
            double stepIntercept = -((h11 * gradientIntercept) - (h21 * gradientSlope)) / determinant;
            double downhill = (gradientSlope * stepSlope) + (gradientIntercept * stepIntercept);
            double size = 1;
            for (; size >= SmallestStep; size /= 2)
            {
                double tried = Loss(slope + (size * stepSlope), intercept + (size * stepIntercept));
                if (tried < loss + (1e-4 * size * downhill))
                {
                    (slope, intercept, loss) = (slope + (size * stepSlope), intercept + (size * stepIntercept), tried);
                    break;
                }
            }

            if (size < SmallestStep)
            {
                break; // no step lowers the loss any more
            }
        }

        double unscaled = slope / scale;
        return slope >= 0 && double.IsFinite(unscaled) ? new SigmoidCalibration(unscaled, intercept) : new SigmoidCalibration(0, shareAlone);

        // Mean of log(1 + e^z) − t·z, written so that no exponential overflows.
        double Loss(double a, double b)
        {
            double sum = 0;
            for (int row = 0; row < rows.Count; row++)
            {
                double z = (a * rows.Scores[row] / scale) + b;
                double target = rows.Positive[row] ? positive : negative;
                sum += rows.Weights[row] / total * (Math.Max(z, 0) - (target * z) + Math.Log(1 + Math.Exp(-Math.Abs(z))));
            }

            return sum;
        }
    }

    /// <summary>What is aimed at instead of 0 and 1, so that no probability becomes certain by few rows: 1/(N₋ + 2) and (N₊ + 1)/(N₊ + 2), the
    /// regularised targets of Platt.</summary>
    internal static (double Negative, double Positive) Targets(HeldOutScores rows)
    {
        double positives = rows.WeightOf(true);
        return (1 / (rows.WeightOf(false) + 2), (positives + 1) / (positives + 2));
    }
}
