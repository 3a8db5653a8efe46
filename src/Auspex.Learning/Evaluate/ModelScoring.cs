using Auspex.Core.Assets;
using Auspex.Features;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Trees;

namespace Auspex.Learning.Evaluate;

/// <summary>Runs a model over the history of an asset, block by block: its features are never all in memory.</summary>
public static class ModelScoring
{
    /// <summary>Rows made and scored at once.</summary>
    internal const int BlockRows = 256;

    /// <summary>Probability of a failure of each component within the horizon.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="head">What becomes of their scores.</param>
    /// <param name="plan">The features it was trained on.</param>
    /// <param name="history">Frames and events of the asset.</param>
    /// <param name="rows">Rows to judge, ascending.</param>
    /// <param name="confidence">What the confidence of each component is read off; null when the model tells none.</param>
    public static AssetPredictions Failure(
        TreeEnsemble ensemble, FailureHead head, FeaturePlan plan, AssetHistory history, IReadOnlyList<int> rows, IReadOnlyList<VennAbers>? confidence)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(rows);
        double[][] probabilities = [.. Enumerable.Range(0, head.Calibrations.Count).Select(_ => new double[rows.Count])];
        double[][] confidences = confidence is null ? [] : [.. confidence.Select(_ => new double[rows.Count])];
        double[] any = confidence is null ? [] : new double[rows.Count];
        var times = new long[rows.Count];
        int at = 0;
        foreach ((long time, ReadOnlyMemory<double> scores) in Scores(ensemble, plan, history, rows))
        {
            times[at] = time;
            for (int target = 0; target < probabilities.Length; target++)
            {
                probabilities[target][at] = head.ComponentProbability(target, scores.Span);
                if (confidence is not null)
                {
                    confidences[target][at] = confidence[target].Confidence(scores.Span[target]);
                }
            }

            if (confidence is not null)
            {
                any[at] = VennAbers.ConfidenceOfAny(confidence, scores.Span);
            }

            at++;
        }

        return new AssetPredictions(history.Asset, times, probabilities) { Confidences = confidences, ConfidenceOfAny = any };
    }

    /// <summary>Remaining useful life, beside the true one where the failure is known.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="head">What becomes of their scores.</param>
    /// <param name="plan">The features it was trained on.</param>
    /// <param name="history">Frames and events of the asset.</param>
    /// <param name="rows">Rows to judge, ascending.</param>
    /// <param name="trueLife">True life at an instant, in the label's unit; NaN where not known.</param>
    public static AssetLifePredictions Life(
        TreeEnsemble ensemble, LifeHead head, FeaturePlan plan, AssetHistory history, IReadOnlyList<int> rows, Func<long, double> trueLife)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(trueLife);
        var times = new long[rows.Count];
        var predicted = new double[rows.Count];
        var known = new double[rows.Count];
        double[]? lower = head.Intervals is null ? null : new double[rows.Count];
        double[]? upper = head.Intervals is null ? null : new double[rows.Count];
        int at = 0;
        foreach ((long time, ReadOnlyMemory<double> scores) in Scores(ensemble, plan, history, rows))
        {
            times[at] = time;
            if (head.Interval(scores.Span[0]) is { } interval)
            {
                (lower![at], upper![at]) = interval;
            }

            predicted[at] = head.RemainingUsefulLife(scores.Span[0]);
            known[at] = trueLife(time);
            at++;
        }

        return new AssetLifePredictions(history.Asset, times, predicted, known, lower, upper);
    }

    private static IEnumerable<(long TimeUnixMs, ReadOnlyMemory<double> Scores)> Scores(
        TreeEnsemble ensemble, FeaturePlan plan, AssetHistory history, IReadOnlyList<int> rows)
    {
        var scores = new double[BlockRows * ensemble.TargetCount];
        foreach (FeatureMatrix block in FeatureMatrix.InBlocks(plan, history, rows, BlockRows))
        {
            ensemble.ScoreRows(block.Values, scores.AsSpan(0, block.Rows * ensemble.TargetCount));
            for (int i = 0; i < block.Rows; i++)
            {
                yield return (block.TimesUnixMs[i], scores.AsMemory(i * ensemble.TargetCount, ensemble.TargetCount));
            }
        }
    }
}
