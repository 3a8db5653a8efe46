using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Models;
using Auspex.Models.Trees;
using Auspex.Native.LightGbm;
using Auspex.Native.OnnxRuntime;

namespace Auspex.Learning.Package;

/// <summary>What the gate measured.</summary>
/// <param name="MaxDifference">Largest |difference| / max(1, |score|) between any two of the three scorers, over all rows and outputs.</param>
/// <param name="Rows">Rows compared.</param>
/// <param name="HostileRows">How many of them were made to break a scorer: missing, infinite, tied with thresholds, denormal, huge.</param>
public sealed record ParityResult(double MaxDifference, int Rows, int HostileRows);

/// <summary>No model leaves training unless our scorer, ONNX Runtime and LightGBM say the same: raw scores within 1e-9 of each other relative
/// to max(1, |score|), outputs of the graph within 1e-9 of ours, and not one decision at the threshold that differs.</summary>
public static class ParityGate
{
    /// <summary>Largest accepted difference, relative to max(1, |score|).</summary>
    public const double Tolerance = 1e-9;

    internal const int MaxTies = 400;

    /// <summary>Compares the three scorers.</summary>
    /// <param name="ensemble">The model as read back from <paramref name="onnx"/>.</param>
    /// <param name="onnx">The file that will be packaged.</param>
    /// <param name="lightGbmTexts">LightGBM's own text of each output, in the order of the outputs.</param>
    /// <param name="label">The task, for the outputs to compare.</param>
    /// <param name="threshold">Probability at which a decision must not flip; ignored for remaining useful life.</param>
    /// <param name="sampleRows">Rows as trained on, row-major.</param>
    /// <param name="threads">Threads for LightGBM; 0 for one a core.</param>
    /// <exception cref="ModelFormatException">A difference is too large or a decision flips; the message has row, output and both values.</exception>
    public static ParityResult Check(TreeEnsemble ensemble, ReadOnlySpan<byte> onnx, IReadOnlyList<string> lightGbmTexts,
        LabelDefinition label, double threshold, ReadOnlySpan<double> sampleRows, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(lightGbmTexts);
        ArgumentNullException.ThrowIfNull(label);
        double[] hostile = HostileRows(ensemble, sampleRows);
        double[] rows = [.. sampleRows, .. hostile];
        int columns = ensemble.FeatureCount;
        int count = rows.Length / columns;
        int targets = ensemble.TargetCount;

        var ours = new double[count * targets];
        ensemble.ScoreRows(rows, ours);

        double worst = 0;
        for (int target = 0; target < targets; target++)
        {
            using var booster = LightGbmBooster.FromModelText(lightGbmTexts[target], threads);
            double[] native = booster.PredictRaw(rows, count, columns);
            for (int row = 0; row < count; row++)
            {
                worst = Math.Max(worst, Compare("LightGBM", "score", row, target, ours[(row * targets) + target], native[row]));
            }

            if (label.Task == PredictionTask.Failure)
            {
                int column = target;
                RefuseFlips("LightGBM", $"score {target}", [.. native.Select(ModelOutputs.Probability)],
                    [.. Enumerable.Range(0, count).Select(row => ModelOutputs.Probability(ours[(row * targets) + column]))], threshold);
            }
        }

        using var session = new OnnxSession(onnx);
        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(rows, count, columns);
        worst = Math.Max(worst, CompareAll("score", outputs["score"].Values, ours, targets));
        if (label.Task == PredictionTask.Failure)
        {
            double[] probabilities = [.. ours.Select(ModelOutputs.Probability)];
            worst = Math.Max(worst, CompareAll("componentProbabilities", outputs["componentProbabilities"].Values, probabilities, targets));
            double[] any = new double[count];
            for (int row = 0; row < count; row++)
            {
                any[row] = ModelOutputs.AnyProbability(ours.AsSpan(row * targets, targets));
            }

            worst = Math.Max(worst, CompareAll("probability", outputs["probability"].Values, any, 1));
            RefuseFlips("ONNX Runtime", "componentProbabilities", outputs["componentProbabilities"].Values, probabilities, threshold);
            RefuseFlips("ONNX Runtime", "probability", outputs["probability"].Values, any, threshold);
        }
        else
        {
            worst = Math.Max(worst, CompareAll("remainingUsefulLife", outputs["remainingUsefulLife"].Values,
                [.. ours.Select(ModelOutputs.RemainingUsefulLife)], targets));
        }

        return new ParityResult(worst, count, hostile.Length / columns);
    }

    /// <summary>Rows made to break a scorer: all missing, all infinite, zeros of both signs, denormals, the largest numbers, and real rows in which one
    /// feature sits exactly on, just below or just above a threshold of the model, or is missing or infinite.</summary>
    /// <returns>Row-major; at least one row.</returns>
    public static double[] HostileRows(TreeEnsemble ensemble, ReadOnlySpan<double> sampleRows)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        int columns = ensemble.FeatureCount;
        double[] everywhere =
        [
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, double.Epsilon, -double.Epsilon,
            1e-310, -1e-310, 1e-35, -1e-35, 1.0000000180025095e-35, double.MaxValue, double.MinValue, 1e308,
        ];
        var rows = new List<double>(everywhere.SelectMany(value => Enumerable.Repeat(value, columns)));
        double[] basis = sampleRows.Length >= columns ? sampleRows[..columns].ToArray() : new double[columns];
        int splits = 0;
        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            splits += ensemble.GetTree(tree).Nodes.Length;
        }

        int step = Math.Max(1, splits / MaxTies);
        int at = 0;
        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            foreach (TreeNode node in ensemble.GetTree(tree).Nodes)
            {
                if (at++ % step != 0)
                {
                    continue;
                }

                double[] values =
                [
                    node.Threshold, Math.BitIncrement(node.Threshold), Math.BitDecrement(node.Threshold),
                    double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon,
                ];
                foreach (double value in values)
                {
                    int first = rows.Count;
                    rows.AddRange(basis);
                    rows[first + node.Feature] = value;
                }
            }
        }

        return [.. rows];
    }

    private static double CompareAll(string output, ReadOnlySpan<double> theirs, ReadOnlySpan<double> ours, int perRow)
    {
        if (theirs.Length != ours.Length)
        {
            throw new ModelFormatException($"Parity: ONNX Runtime gives {theirs.Length} values of '{output}', our scorer {ours.Length}.");
        }

        double worst = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            worst = Math.Max(worst, Compare("ONNX Runtime", output, i / perRow, i % perRow, ours[i], theirs[i]));
        }

        return worst;
    }

    private static double Compare(string scorer, string output, int row, int column, double ours, double theirs)
    {
        double difference = Math.Abs(ours - theirs) / Math.Max(1, Math.Abs(ours));
        return difference <= Tolerance
            ? difference
            : throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                $"Parity: {scorer} gives {theirs:R} for '{output}' {column} of row {row}, our scorer {ours:R}; at most {Tolerance} relative is accepted."));
    }

    private static void RefuseFlips(string scorer, string output, ReadOnlySpan<double> theirs, ReadOnlySpan<double> ours, double threshold)
    {
        for (int i = 0; i < ours.Length; i++)
        {
            if (PredictiveAlertRule.IsMet(ours[i], threshold) != PredictiveAlertRule.IsMet(theirs[i], threshold))
            {
                throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                    $"Parity: '{output}' {i} is {ours[i]:R} by our scorer and {theirs[i]:R} by {scorer}, on two sides of the threshold {threshold}."));
            }
        }
    }
}
