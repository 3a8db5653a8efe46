using Auspex.Features;
using Auspex.Models.Trees;

namespace Auspex.Learning.Evaluate;

/// <summary>Runs a model over the feature rows of an asset.</summary>
public static class ModelScoring
{
    /// <summary>Probability of a failure of each component within the horizon.</summary>
    /// <param name="ensemble">One output a component.</param>
    /// <param name="features">Feature rows of the asset.</param>
    /// <param name="rows">Rows to judge, ascending.</param>
    public static AssetPredictions Failure(TreeEnsemble ensemble, FeatureMatrix features, IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rows);
        double[][] probabilities = [.. Enumerable.Range(0, ensemble.TargetCount).Select(_ => new double[rows.Count])];
        var times = new long[rows.Count];
        var scores = new double[ensemble.TargetCount];
        for (int i = 0; i < rows.Count; i++)
        {
            times[i] = features.TimesUnixMs[rows[i]];
            ensemble.Score(features.Row(rows[i]), scores);
            for (int target = 0; target < scores.Length; target++)
            {
                probabilities[target][i] = ModelOutputs.Probability(scores[target]);
            }
        }

        return new AssetPredictions(features.Asset, times, probabilities);
    }

    /// <summary>Remaining useful life, beside the true one where the failure is known.</summary>
    /// <param name="ensemble">One output.</param>
    /// <param name="features">Feature rows of the asset.</param>
    /// <param name="rows">Rows to judge, ascending.</param>
    /// <param name="trueLife">True life at an instant, in the label's unit; NaN where not known.</param>
    public static AssetLifePredictions Life(TreeEnsemble ensemble, FeatureMatrix features, IReadOnlyList<int> rows, Func<long, double> trueLife)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(trueLife);
        var times = new long[rows.Count];
        var predicted = new double[rows.Count];
        var known = new double[rows.Count];
        Span<double> score = stackalloc double[1];
        for (int i = 0; i < rows.Count; i++)
        {
            times[i] = features.TimesUnixMs[rows[i]];
            ensemble.Score(features.Row(rows[i]), score);
            predicted[i] = ModelOutputs.RemainingUsefulLife(score[0]);
            known[i] = trueLife(times[i]);
        }

        return new AssetLifePredictions(features.Asset, times, predicted, known);
    }
}
