using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Models;
using Auspex.Models.Onnx;
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

    /// <summary>Most nodes of a model that get hostile rows of their own.</summary>
    public const int MaxTies = 400;

    /// <summary>Compares the three scorers.</summary>
    /// <param name="model">The model as read back from <paramref name="onnx"/>.</param>
    /// <param name="onnx">The file that will be packaged.</param>
    /// <param name="lightGbmTexts">For each output, in order, LightGBM's own texts of the models whose mean it is.</param>
    /// <param name="threshold">Probability, as calibrated, at which a decision must not flip; ignored for remaining useful life.</param>
    /// <param name="sampleRows">Rows as trained on, row-major.</param>
    /// <param name="threads">Threads for LightGBM; 0 for one a core.</param>
    /// <exception cref="ArgumentException">An output has no text, or there are texts of another number of outputs.</exception>
    /// <exception cref="ModelFormatException">A difference is too large or a decision flips; the message has row, output and both values.</exception>
    public static ParityResult Check(OnnxModel model, ReadOnlySpan<byte> onnx, IReadOnlyList<IReadOnlyList<string>> lightGbmTexts,
        double threshold, ReadOnlySpan<double> sampleRows, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(lightGbmTexts);
        TreeEnsemble ensemble = model.Ensemble;
        if (lightGbmTexts.Count != ensemble.TargetCount || lightGbmTexts.Any(texts => texts.Count == 0))
        {
            throw new ArgumentException(
                $"LightGBM's texts are [{string.Join(", ", lightGbmTexts.Select(texts => texts.Count))}] in number; "
                + $"needed is at least one for each of {ensemble.TargetCount} outputs.",
                nameof(lightGbmTexts));
        }

        double[] hostile = HostileRows(ensemble, sampleRows);
        double[] rows = [.. sampleRows, .. hostile];
        int columns = ensemble.FeatureCount;
        int count = rows.Length / columns;
        int targets = ensemble.TargetCount;

        var ours = new double[count * targets];
        ensemble.ScoreRows(rows, ours);

        double worst = 0;
        var theirs = new double[count * targets];
        for (int target = 0; target < targets; target++)
        {
            double[] native = MeanOf(lightGbmTexts[target], target, rows, count, columns, threads);
            for (int row = 0; row < count; row++)
            {
                worst = Math.Max(worst, Compare("LightGBM", "score", row, target, ours[(row * targets) + target], native[row]));
                theirs[(row * targets) + target] = native[row];
            }
        }

        for (int component = 0; model.Head is FailureHead failure && component < failure.Calibrations.Count; component++)
        {
            int of = component;
            double[] Probabilities(double[] scores) =>
                [.. Enumerable.Range(0, count).Select(row => failure.ComponentProbability(of, scores.AsSpan(row * targets, targets)))];
            RefuseFlips("LightGBM", $"probability of output {component}, row", Probabilities(theirs), Probabilities(ours), threshold);
        }

        using var session = new OnnxSession(onnx);
        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(rows, count, columns);
        worst = Math.Max(worst, model.Head switch
        {
            FailureHead failure => CompareFailure(failure, outputs, ours, threshold),
            LifeHead life => CompareLife(life, outputs, ours),
            _ => throw new UnreachableException($"bug: a head of type {model.Head.GetType()}"),
        });
        return new ParityResult(worst, count, hostile.Length / columns);
    }

    /// <summary>Rows made to break a scorer: all missing, all infinite, zeros of both signs, denormals, the largest numbers, and for each node of the
    /// model a real row, bent as little as it takes to reach that node, whose feature sits exactly on, just above or just below its threshold, or
    /// is missing, infinite or next to nothing.</summary>
    /// <remarks>Of a model with more than <see cref="MaxTies"/> nodes that many are drawn, spread evenly over all trees: a sample, which may miss a fault
    /// of a single node, not one that a scorer makes at all nodes of a kind.</remarks>
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
        double[] bases = sampleRows.Length >= columns ? sampleRows.ToArray() : new double[columns];
        int drawn = 0;
        int first = 0; // nodes of the trees before
        HashSet<int> draw = Draw(ensemble.LeafCount - ensemble.TreeCount);
        for (int tree = 0; tree < ensemble.TreeCount; tree++)
        {
            TreeNode[] nodes = ensemble.GetTree(tree).Nodes;
            for (int node = 0; node < nodes.Length; node++)
            {
                if (!draw.Contains(first + node))
                {
                    continue;
                }

                double[] row = bases.AsSpan(drawn++ % (bases.Length / columns) * columns, columns).ToArray();
                BendTo(row, nodes, node);
                double threshold = nodes[node].Threshold;
                foreach (double value in (ReadOnlySpan<double>)[
                    threshold, Math.BitIncrement(threshold), Math.BitDecrement(threshold),
                    double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon])
                {
                    row[nodes[node].Feature] = value;
                    rows.AddRange(row);
                }
            }

            first += nodes.Length;
        }

        return [.. rows];
    }

    // One node of each of MaxTies equal stretches, at a place that shifts by the golden ratio: a fixed stride could meet the roots alone.
    private static HashSet<int> Draw(int nodes)
    {
        int count = Math.Min(nodes, MaxTies);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                long from = (long)i * nodes / count;
                long width = ((i + 1L) * nodes / count) - from;
                return (int)(from + (long)(width * (i * 0.6180339887498949 % 1)));
            }),
        ];
    }

    // Changes the features that the splits above a node test, and only those whose value would turn off before it.
    private static void BendTo(double[] row, TreeNode[] nodes, int node)
    {
        var way = new List<(TreeNode Split, bool Left)>();
        for (int child = node; child != 0;)
        {
            int parent = Array.FindIndex(nodes, split => split.Left == child || split.Right == child);
            way.Add((nodes[parent], nodes[parent].Left == child));
            child = parent;
        }

        foreach (IGrouping<int, (TreeNode Split, bool Left)> ofFeature in way.GroupBy(step => step.Split.Feature))
        {
            bool Passes(double value) => ofFeature.All(step =>
                step.Left == (double.IsNaN(value) ? step.Split.MissingLeft : value <= step.Split.Threshold));
            if (!Passes(row[ofFeature.Key]))
            {
                double above = ofFeature.Where(step => !step.Left).Select(step => step.Split.Threshold).DefaultIfEmpty(double.NegativeInfinity).Max();
                double upTo = ofFeature.Where(step => step.Left).Select(step => step.Split.Threshold).DefaultIfEmpty(double.PositiveInfinity).Min();
                row[ofFeature.Key] = upTo <= above ? double.NaN : double.IsPositiveInfinity(upTo) ? Math.BitIncrement(above) : upTo;
            }
        }
    }

    private static double CompareFailure(FailureHead head, IReadOnlyDictionary<string, OnnxTensor> outputs, double[] scores, double threshold)
    {
        int components = head.Calibrations.Count;
        double[][] rows = [.. scores.Chunk(head.TargetCount)];
        double[] probabilities =
            [.. rows.SelectMany(row => Enumerable.Range(0, components).Select(component => head.ComponentProbability(component, row)))];
        double[] any = [.. rows.Select(row => head.Probability(row))];
        double worst = CompareAll(OnnxNames.Score, outputs, [.. rows.SelectMany(row => row.Take(components))], components);
        worst = Math.Max(worst, CompareAll(OnnxNames.ComponentProbabilities, outputs, probabilities, components));
        worst = Math.Max(worst, CompareAll(OnnxNames.Probability, outputs, any, 1));
        RefuseFlips("ONNX Runtime", OnnxNames.ComponentProbabilities, outputs[OnnxNames.ComponentProbabilities].Values, probabilities, threshold);
        RefuseFlips("ONNX Runtime", OnnxNames.Probability, outputs[OnnxNames.Probability].Values, any, threshold);
        return head.TimeToFailureIntervals is null
            ? worst
            : Math.Max(worst, CompareAll(OnnxNames.TimeToFailure, outputs,
                [.. rows.Select(row => head.TimeToFailure(row)!.Value).SelectMany(time => (double[])[time.Lower, time.Median, time.Upper])], 3));
    }

    private static double CompareLife(LifeHead head, IReadOnlyDictionary<string, OnnxTensor> outputs, double[] scores)
    {
        double worst = CompareAll(OnnxNames.Score, outputs, scores, 1);
        worst = Math.Max(worst, CompareAll(OnnxNames.RemainingUsefulLife, outputs, [.. scores.Select(head.RemainingUsefulLife)], 1));
        return head.Intervals is null
            ? worst
            : Math.Max(worst, CompareAll(OnnxNames.RemainingUsefulLifeInterval, outputs,
                [.. scores.Select(score => head.Interval(score)!.Value).SelectMany(bounds => (double[])[bounds.Lower, bounds.Upper])], 2));
    }

    // Of a multi-class booster an output is its class, from 1, less class 0.
    private static double[] MeanOf(IReadOnlyList<string> texts, int output, double[] rows, int count, int columns, int threads)
    {
        var mean = new double[count];
        foreach (string text in texts)
        {
            using var booster = LightGbmBooster.FromModelText(text, threads);
            double[] scores = booster.PredictRaw(rows, count, columns);
            for (int row = 0; row < count; row++)
            {
                double score = booster.Outputs == 1 ? scores[row]
                    : scores[(row * booster.Outputs) + output + 1] - scores[row * booster.Outputs];
                mean[row] += score / texts.Count;
            }
        }

        return mean;
    }

    private static double CompareAll(string output, IReadOnlyDictionary<string, OnnxTensor> outputs, ReadOnlySpan<double> ours, int perRow)
    {
        ReadOnlySpan<double> theirs = outputs[output].Values;
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
