using System.Globalization;
using Auspex.Models;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;
using Auspex.Native.OnnxRuntime;

namespace Auspex.Learning.Package;

/// <summary>What the comparison of a foreign model measured.</summary>
/// <param name="MaxDifference">Largest difference of a raw score between our scorer and ONNX Runtime.</param>
/// <param name="Allowed">Largest that the sums of the leaves can differ by rounding alone.</param>
/// <param name="Rows">Rows compared.</param>
/// <param name="HostileRows">How many of them were made to break a scorer.</param>
public sealed record ForeignParityResult(double MaxDifference, double Allowed, int Rows, int HostileRows);

/// <summary>Compares what we read of a foreign model with what ONNX Runtime makes of the same file, on raw scores. There are no data beside such a model:
/// rows are drawn from its own thresholds and their neighbours, which is where scorers part, and made hostile as for our own models.</summary>
public static class ForeignParity
{
    private const int DrawnRows = 512;
    private const int RowsAtOnce = 1024;
    private const int Seed = 1;
    private const double HalfUlpOfFloat = 1.0 / (1 << 24);

    /// <summary>Compares the two scorers.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <exception cref="ModelFormatException">A difference is larger than rounding explains; the message has row, score and both values.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not run these trees.</exception>
    public static ForeignParityResult Check(ForeignModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        TreeEnsemble ensemble = model.Ensemble;
        int columns = ensemble.FeatureCount;
        double[] drawn = Drawn(ensemble);
        double[] rows = [.. drawn, .. ParityGate.HostileRows(ensemble, drawn)];
        int count = rows.Length / columns;
        double allowed = Allowed(ensemble);
        double worst = 0;
        using var session = new OnnxSession(model.ScoresOnly.Span);
        for (int first = 0; first < count; first += RowsAtOnce)
        {
            ReadOnlySpan<double> part = rows.AsSpan(first * columns, Math.Min(RowsAtOnce, count - first) * columns);
            worst = Math.Max(worst, Compare(model, session, part, first, allowed));
        }

        return new ForeignParityResult(worst, allowed, count, count - DrawnRows);
    }

    private static double Compare(ForeignModel model, OnnxSession session, ReadOnlySpan<double> rows, int first, double allowed)
    {
        int columns = model.Ensemble.FeatureCount;
        int targets = model.Ensemble.TargetCount;
        int count = rows.Length / columns;
        double[] theirs = session.Run(rows, count, columns)[session.Outputs[0].Name].Values;
        int perRow = theirs.Length / count;
        if (perRow * count != theirs.Length || perRow < targets)
        {
            throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture, $"Parity: ONNX Runtime gives {theirs.Length} scores for {count} rows; needed are {targets} each."));
        }

        double worst = 0;
        var ours = new double[targets];
        for (int row = 0; row < count; row++)
        {
            model.Score(rows.Slice(row * columns, columns), ours);
            for (int target = 0; target < targets; target++)
            {
                // Of one score that tells two classes, the last column is the score.
                double there = theirs[(row * perRow) + perRow - targets + target];
                double difference = Math.Abs(there - ours[target]);
                if (!(difference <= allowed + (HalfUlpOfFloat * Math.Abs(ours[target]))))
                {
                    throw new ModelFormatException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Parity: ONNX Runtime gives {there:R} for score {target} of row {first + row}, our scorer {ours[target]:R}; rounding explains {allowed:0.0e+0}. The file means something else to the two: do not use it."));
                }

                worst = Math.Max(worst, difference);
            }
        }

        return worst;
    }

    // n numbers added in any order in single precision are off by at most (n - 1) half units in the last place of the sum of their sizes
    // (N. J. Higham, "The Accuracy of Floating Point Summation", SIAM J. Sci. Comput. 14, 1993).
    private static double Allowed(TreeEnsemble ensemble)
    {
        var sizes = new double[ensemble.TargetCount];
        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            Tree of = ensemble.GetTree(tree);
            sizes[of.Target] += of.LeafValues.Max(Math.Abs);
        }

        return Enumerable.Range(0, sizes.Length).Max(target => HalfUlpOfFloat * (ensemble.TreeCount + 1) * (sizes[target] + Math.Abs(ensemble.BaseScores[target])));
    }

    // Each value is a threshold of its feature, a neighbour of one in single or double precision, or a number between two.
    private static double[] Drawn(TreeEnsemble ensemble)
    {
        var random = new Random(Seed);
        var thresholds = new List<double>[ensemble.FeatureCount];
        for (int feature = 0; feature < thresholds.Length; feature++)
        {
            thresholds[feature] = [];
        }

        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            foreach (TreeNode node in ensemble.GetTree(tree).Nodes)
            {
                thresholds[node.Feature].Add(node.Threshold);
            }
        }

        double[] rows = new double[DrawnRows * thresholds.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            List<double> of = thresholds[i % thresholds.Length];
            double at = of.Count == 0 ? 0 : of[random.Next(of.Count)];
            rows[i] = random.Next(6) switch
            {
                0 => at,
                1 => MathF.BitIncrement((float)at),
                2 => MathF.BitDecrement((float)at),
                3 => double.NaN,
                _ => of.Count == 0 ? random.NextDouble() : at + ((of[random.Next(of.Count)] - at) * random.NextDouble()),
            };
        }

        return rows;
    }
}
