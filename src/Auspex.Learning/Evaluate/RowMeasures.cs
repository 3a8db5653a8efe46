using Auspex.Core.Failures;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>One step of the calibration curve: rows of similar probability, and how many of them came true.</summary>
/// <param name="From">Lower end, included.</param>
/// <param name="To">Upper end, excluded but in the last step.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="MeanProbability">Their mean probability; NaN without rows.</param>
/// <param name="PositiveShare">Share of them that were positive; NaN without rows.</param>
public sealed record CalibrationStep(double From, double To, long Rows, double MeanProbability, double PositiveShare);

/// <summary>Row-level quality of the probabilities of one component, or of all pooled. Secondary: rows of one asset resemble each other, so
/// these figures look better than the work they save. For people who build models.</summary>
/// <param name="Name">Component; empty for all pooled, or when the label tells none apart.</param>
/// <param name="Rows">Rows judged.</param>
/// <param name="Positives">Of them, rows with a failure in (t, t + horizon].</param>
/// <param name="UnknownRows">Rows left out because their truth is not known: near the end, or before a failure that names no component.</param>
/// <param name="RowsWithoutPrediction">Rows left out because the model gave NaN.</param>
/// <param name="LogLoss">Mean negative log likelihood (natural log), probabilities kept 1e-15 away from 0 and 1.</param>
/// <param name="Brier">Mean squared difference of probability and truth.</param>
/// <param name="RocAuc">Area under the ROC curve, ties counted half; NaN with one class only.</param>
/// <param name="PrAuc">Average precision, Σ (recall step × precision) over distinct probabilities from high to low; NaN without positives.</param>
/// <param name="Calibration">Ten steps of equal width.</param>
public sealed record RowQuality(
    string Name,
    long Rows,
    long Positives,
    long UnknownRows,
    long RowsWithoutPrediction,
    double LogLoss,
    double Brier,
    double RocAuc,
    double PrAuc,
    IReadOnlyList<CalibrationStep> Calibration);

/// <summary>Row-level quality, pooled and per component.</summary>
/// <param name="Pooled">All components' rows together, as one threshold serves them all.</param>
/// <param name="Components">One entry a component of the label, in its order; empty when it tells none apart.</param>
public sealed record RowMeasures(RowQuality Pooled, IReadOnlyList<RowQuality> Components)
{
    private const double LogFloor = 1e-15;
    private const int CalibrationSteps = 10;

    /// <summary>Labels every judged row by the horizon rule and compares it with its probability.</summary>
    /// <param name="predictions">One entry an asset.</param>
    /// <param name="events">One entry for each asset of <paramref name="predictions"/>.</param>
    /// <param name="label">What the model was taught to tell.</param>
    /// <exception cref="ArgumentException">Assets differ or repeat, arrays do not fit, times are not increasing or a probability is not
    /// in 0 to 1.</exception>
    public static RowMeasures Of(
        IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events, LabelDefinition label)
    {
        IReadOnlyList<JudgedAsset> assets = JudgedAsset.Join(predictions, events, label);
        Rows[] rows = [.. Enumerable.Range(0, Math.Max(1, label.Components.Count)).Select(component => RowsOf(assets, component, label))];
        return new RowMeasures(
            Quality("", rows),
            label.Components.Count == 0 ? [] : [.. rows.Select((r, component) => Quality(label.Components[component], [r]))]);
    }

    private static Rows RowsOf(IReadOnlyList<JudgedAsset> assets, int component, LabelDefinition label)
    {
        string name = label.Components.Count == 0 ? "" : label.Components[component];
        long horizon = (long)label.Horizon.TotalMilliseconds;
        var rows = new Rows();
        foreach (JudgedAsset asset in assets)
        {
            FailureEpisode[] concerned = [.. asset.Episodes.Where(e => FailureMatch.Concerns(name, e.Component))];
            int next = 0;
            for (int row = 0; row < asset.Times.Length; row++)
            {
                long time = asset.Times[row];
                while (next < concerned.Length && concerned[next].StartUnixMs <= time)
                {
                    next++;
                }

                bool positive = false;
                bool unnamed = false;
                for (int i = next; i < concerned.Length && concerned[i].StartUnixMs <= time + horizon; i++)
                {
                    bool known = name.Length == 0 || concerned[i].Component.Length > 0;
                    positive |= known;
                    unnamed |= !known;
                }

                double probability = asset.Probabilities[component][row];
                if (!positive && (unnamed || time + horizon > asset.KnownUntilUnixMs))
                {
                    rows.Unknown++;
                }
                else if (double.IsNaN(probability))
                {
                    rows.WithoutPrediction++;
                }
                else
                {
                    rows.Scored.Add((probability, positive));
                }
            }
        }

        return rows;
    }

    private static RowQuality Quality(string name, IReadOnlyList<Rows> parts)
    {
        (double Probability, bool Positive)[] scored = [.. parts.SelectMany(p => p.Scored)];
        Array.Sort(scored, (a, b) => b.Probability.CompareTo(a.Probability));
        double logLoss = 0;
        double brier = 0;
        long positives = 0;
        long[] counts = new long[CalibrationSteps];
        long[] came = new long[CalibrationSteps];
        double[] sums = new double[CalibrationSteps];
        foreach ((double probability, bool positive) in scored)
        {
            double truth = positive ? 1 : 0;
            logLoss -= Math.Log(Math.Clamp(positive ? probability : 1 - probability, LogFloor, 1 - LogFloor));
            brier += (probability - truth) * (probability - truth);
            positives += positive ? 1 : 0;
            int step = Math.Min(CalibrationSteps - 1, (int)(probability * CalibrationSteps));
            counts[step]++;
            came[step] += positive ? 1 : 0;
            sums[step] += probability;
        }

        (double roc, double average) = Curves(scored, positives);
        return new RowQuality(
            name, scored.Length, positives, parts.Sum(p => p.Unknown), parts.Sum(p => p.WithoutPrediction),
            logLoss / scored.Length, brier / scored.Length, roc, average,
            [.. Enumerable.Range(0, CalibrationSteps).Select(step => new CalibrationStep(
                (double)step / CalibrationSteps, (step + 1.0) / CalibrationSteps, counts[step],
                sums[step] / counts[step], (double)came[step] / counts[step]))]);
    }

    /// <summary>Walks the rows from the highest probability down, equal ones together.</summary>
    internal static (double Roc, double AveragePrecision) Curves((double Probability, bool Positive)[] descending, long positives)
    {
        long negatives = descending.Length - positives;
        long truePositives = 0;
        long falsePositives = 0;
        double wonPairs = 0; // positive above negative counts 1, level with it ½
        double average = 0;
        for (int from = 0; from < descending.Length;)
        {
            int to = from;
            long tiedPositives = 0;
            while (to < descending.Length && descending[to].Probability == descending[from].Probability)
            {
                tiedPositives += descending[to].Positive ? 1 : 0;
                to++;
            }

            long tiedNegatives = to - from - tiedPositives;
            wonPairs += tiedNegatives * (truePositives + tiedPositives / 2.0);
            truePositives += tiedPositives;
            falsePositives += tiedNegatives;
            average += (double)tiedPositives * truePositives / (truePositives + falsePositives);
            from = to;
        }

        return (
            positives == 0 || negatives == 0 ? double.NaN : wonPairs / positives / negatives,
            positives == 0 ? double.NaN : average / positives);
    }

    private sealed class Rows
    {
        public List<(double Probability, bool Positive)> Scored { get; } = [];

        public long Unknown { get; set; }

        public long WithoutPrediction { get; set; }
    }
}
