using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>What a model said of the present condition of one asset, row by row, beside what was true.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event times of the rows, strictly increasing.</param>
/// <param name="Probabilities">[component][row] probability of the condition, 0 to 1; one array when the label names no components.</param>
/// <param name="True">[component][row] 1 where the condition holds, 0 where not, NaN where nobody knows.</param>
public sealed record AssetConditions(AssetId Asset, long[] TimesUnixMs, double[][] Probabilities, double[][] True);

/// <summary>One asset (or experiment) judged as a whole: of a condition that is the same in all its rows.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Component">The component; empty when the label tells none apart.</param>
/// <param name="Rows">Its judged rows.</param>
/// <param name="Positive">Whether the condition holds.</param>
/// <param name="MeanProbability">Mean over its rows.</param>
/// <param name="SaidShare">Share of its rows at or above the threshold; from one half on, the asset is said to have the condition.</param>
public sealed record AssetCondition(string Asset, string Component, long Rows, bool Positive, double MeanProbability, double SaidShare)
{
    /// <summary>What was said of the asset: the majority of its rows.</summary>
    public bool Said => SaidShare >= 0.5;
}

/// <summary>How well the present condition was told: by row, and by asset where an asset has one condition throughout. Nothing is foretold, so
/// there are neither alerts nor lead times.</summary>
/// <param name="Rows">Row-level quality.</param>
/// <param name="Assets">Assets of one condition throughout, in ordinal order; those whose condition changes are judged by row only.</param>
/// <param name="AssetsConfusion">Assets by what was said and what is true.</param>
/// <param name="AssetsAccuracy">Share of assets told right, Wilson 95 %.</param>
/// <param name="AssetsRocAuc">Area under the ROC curve of the mean probabilities of assets, with the interval of Hanley and McNeil.</param>
public sealed record ConditionMeasures(
    RowMeasures Rows, IReadOnlyList<AssetCondition> Assets, ConfusionMatrix AssetsConfusion, Estimate AssetsAccuracy, Estimate AssetsRocAuc)
{
    /// <summary>Compares what was said with what was true.</summary>
    /// <param name="conditions">One entry an asset.</param>
    /// <param name="label">Names the components; its horizon is 0.</param>
    /// <param name="threshold">Probability from which a row counts as said (≥), 0 to 1.</param>
    /// <exception cref="ArgumentException">The label has a horizon, an asset is given twice, arrays do not fit, or a probability or truth is out of
    /// range.</exception>
    public static ConditionMeasures Of(IReadOnlyList<AssetConditions> conditions, LabelDefinition label, double threshold)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentOutOfRangeException.ThrowIfNotEqual(label.Horizon, TimeSpan.Zero);
        if (!(threshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a probability from 0 to 1.");
        }

        AssetConditions[] assets = [.. conditions.OrderBy(c => c.Asset)];
        int outputs = Math.Max(1, label.Components.Count);
        var rows = new ScoredRows[assets.Length][];
        List<AssetCondition> whole = [];
        for (int i = 0; i < assets.Length; i++)
        {
            Check(assets[i], outputs);
            if (i > 0 && assets[i].Asset == assets[i - 1].Asset)
            {
                throw new ArgumentException($"Asset '{assets[i].Asset}' is given twice.", nameof(conditions));
            }

            rows[i] = [.. Enumerable.Range(0, outputs).Select(component => RowsOf(assets[i], component))];
            for (int component = 0; component < outputs; component++)
            {
                List<(double Probability, bool Positive)> scored = rows[i][component].Scored;
                if (scored.Count > 0 && scored.TrueForAll(r => r.Positive == scored[0].Positive))
                {
                    whole.Add(new AssetCondition(
                        assets[i].Asset.Value, label.Components.Count == 0 ? "" : label.Components[component], scored.Count, scored[0].Positive,
                        scored.Average(r => r.Probability),
                        (double)scored.Count(r => PredictiveAlertRule.IsMet(r.Probability, threshold)) / scored.Count));
                }
            }
        }

        var judged = new ScoredRows();
        whole.ForEach(asset => judged.Add(asset.MeanProbability, asset.Positive));
        int Count(bool said, bool positive) => whole.Count(asset => asset.Said == said && asset.Positive == positive);
        int right = Count(true, true) + Count(false, false);
        int positives = whole.Count(asset => asset.Positive);
        return new ConditionMeasures(
            RowMeasures.Of([.. assets.Select(asset => asset.Asset.Value)], rows, label, threshold),
            whole,
            new ConfusionMatrix(Count(true, true), Count(true, false), Count(false, true), Count(false, false)),
            Estimate.Share(right, whole.Count),
            Estimate.Area(RowQuality.Of("", [judged], threshold).RocAuc, positives, whole.Count - positives));
    }

    private static void Check(AssetConditions asset, int outputs)
    {
        int rows = asset.TimesUnixMs.Length;
        if (asset.Probabilities.Length != outputs || asset.True.Length != outputs
            || asset.Probabilities.Any(p => p.Length != rows) || asset.True.Any(t => t.Length != rows))
        {
            throw new ArgumentException($"Asset '{asset.Asset}' needs {outputs} arrays of {rows} probabilities and as many truths.", nameof(asset));
        }

        for (int component = 0; component < outputs; component++)
        {
            for (int row = 0; row < rows; row++)
            {
                double truth = asset.True[component][row];
                if (asset.Probabilities[component][row] is < 0 or > 1 || !(double.IsNaN(truth) || truth is 0 or 1))
                {
                    throw new ArgumentException(
                        $"Asset '{asset.Asset}', component {component}, row {row}: a probability is 0 to 1, a truth 0, 1 or NaN.", nameof(asset));
                }
            }
        }
    }

    private static ScoredRows RowsOf(AssetConditions asset, int component)
    {
        var rows = new ScoredRows();
        for (int row = 0; row < asset.TimesUnixMs.Length; row++)
        {
            double truth = asset.True[component][row];
            rows.Add(asset.Probabilities[component][row], double.IsNaN(truth) ? null : truth > 0);
        }

        return rows;
    }
}
