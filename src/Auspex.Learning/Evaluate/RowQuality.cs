using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>One step of the calibration curve: rows of similar probability, and how many of them came true.</summary>
/// <param name="From">Lower end, included.</param>
/// <param name="To">Upper end, excluded but in the last step.</param>
/// <param name="Rows">Rows in it.</param>
/// <param name="MeanProbability">Their mean probability; NaN without rows.</param>
/// <param name="PositiveShare">Share of them that were positive; NaN without rows.</param>
public sealed record CalibrationStep(double From, double To, long Rows, double MeanProbability, double PositiveShare);

/// <summary>One point of the precision-recall curve: what a threshold would give, row by row.</summary>
/// <param name="Threshold">Probability from which a row counts as said (≥).</param>
/// <param name="Recall">Share of the positive rows that were said.</param>
/// <param name="Precision">Share of the rows said that are positive.</param>
public sealed record CurvePoint(double Threshold, double Recall, double Precision);

/// <summary>Row-level quality of the probabilities of one component, of one asset, or of all pooled. Secondary: rows of one asset resemble
/// each other, so these figures look better than the work they save. For people who build models.</summary>
/// <param name="Name">Component or asset; empty for all pooled, or when the label tells no components apart.</param>
/// <param name="Rows">Rows judged.</param>
/// <param name="Positives">Of them, rows whose truth is yes.</param>
/// <param name="UnknownRows">Rows left out because their truth is not known.</param>
/// <param name="RowsWithoutPrediction">Rows left out because the model gave NaN.</param>
/// <param name="Confusion">Rows by what was said at the threshold and what was true.</param>
/// <param name="LogLoss">Mean negative log likelihood (natural log), probabilities kept 1e-15 away from 0 and 1.</param>
/// <param name="Brier">Mean squared difference of probability and truth.</param>
/// <param name="Ece">Expected calibration error: over the ten steps of <paramref name="Calibration"/>, the mean of |mean probability − share of
/// positives| weighed by rows (C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, with steps of equal width).</param>
/// <param name="RocAuc">Area under the ROC curve, ties counted half; NaN with one class only.</param>
/// <param name="PrAuc">Average precision, Σ (recall step × precision) over distinct probabilities from high to low; NaN without positives.</param>
/// <param name="Calibration">Ten steps of equal width; empty for one asset.</param>
/// <param name="Curve">The precision-recall curve from high thresholds to low, at most about a hundred points; empty for one asset.</param>
public sealed record RowQuality(
    string Name,
    long Rows,
    long Positives,
    long UnknownRows,
    long RowsWithoutPrediction,
    ConfusionMatrix Confusion,
    double LogLoss,
    double Brier,
    double Ece,
    double RocAuc,
    double PrAuc,
    IReadOnlyList<CalibrationStep> Calibration,
    IReadOnlyList<CurvePoint> Curve)
{
    private const double LogFloor = 1e-15;
    private const int CalibrationSteps = 10;
    private const int MostCurvePoints = 100;

    /// <summary>Compares probabilities with truths, in O(n log n).</summary>
    /// <param name="name">Component or asset.</param>
    /// <param name="parts">Rows, pooled.</param>
    /// <param name="threshold">Probability from which a row counts as said (≥).</param>
    internal static RowQuality Of(string name, IReadOnlyList<ScoredRows> parts, double threshold)
    {
        (double Probability, bool Positive)[] scored = [.. parts.SelectMany(p => p.Scored)];
        Array.Sort(scored, (a, b) => b.Probability.CompareTo(a.Probability));
        double logLoss = 0;
        double brier = 0;
        long positives = 0;
        long said = 0;
        long saidAndTrue = 0;
        long[] counts = new long[CalibrationSteps];
        long[] came = new long[CalibrationSteps];
        double[] sums = new double[CalibrationSteps];
        foreach ((double probability, bool positive) in scored)
        {
            long one = positive ? 1 : 0;
            logLoss -= Math.Log(Math.Clamp(positive ? probability : 1 - probability, LogFloor, 1 - LogFloor));
            brier += (probability - one) * (probability - one);
            positives += one;
            if (PredictiveAlertRule.IsMet(probability, threshold))
            {
                said++;
                saidAndTrue += one;
            }

            int step = Math.Min(CalibrationSteps - 1, (int)(probability * CalibrationSteps));
            counts[step]++;
            came[step] += one;
            sums[step] += probability;
        }

        (double roc, double average, List<CurvePoint> curve) = Curves(scored, positives);
        CalibrationStep[] calibration = [.. Enumerable.Range(0, CalibrationSteps).Select(step => new CalibrationStep(
            (double)step / CalibrationSteps, (step + 1.0) / CalibrationSteps, counts[step],
            sums[step] / counts[step], (double)came[step] / counts[step]))];
        double gap = calibration.Where(s => s.Rows > 0).Sum(s => s.Rows * Math.Abs(s.MeanProbability - s.PositiveShare));
        return new RowQuality(
            name, scored.Length, positives, parts.Sum(p => p.Unknown), parts.Sum(p => p.WithoutPrediction),
            new ConfusionMatrix(saidAndTrue, said - saidAndTrue, positives - saidAndTrue, scored.Length - positives - (said - saidAndTrue)),
            logLoss / scored.Length, brier / scored.Length, gap / scored.Length, roc, average, calibration, curve);
    }

    /// <summary>Walks the rows from the highest probability down, equal ones together.</summary>
    internal static (double Roc, double AveragePrecision, List<CurvePoint> Curve) Curves(
        (double Probability, bool Positive)[] descending, long positives)
    {
        long negatives = descending.Length - positives;
        long truePositives = 0;
        long falsePositives = 0;
        double wonPairs = 0; // positive above negative counts 1, level with it ½
        double average = 0;
        List<CurvePoint> curve = [];
        double drawn = 0;
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
            double precision = (double)truePositives / (truePositives + falsePositives);
            average += tiedPositives * precision;
            double recall = (double)truePositives / positives;
            if (tiedPositives > 0 && (curve.Count == 0 || recall - drawn >= 1.0 / MostCurvePoints || truePositives == positives))
            {
                curve.Add(new CurvePoint(descending[from].Probability, recall, precision));
                drawn = recall;
            }

            from = to;
        }

        return (
            positives == 0 || negatives == 0 ? double.NaN : wonPairs / positives / negatives,
            positives == 0 ? double.NaN : average / positives,
            curve);
    }
}

/// <summary>Rows with probability and truth, and how many were left out.</summary>
internal sealed class ScoredRows
{
    public List<(double Probability, bool Positive)> Scored { get; } = [];

    public long Unknown { get; set; }

    public long WithoutPrediction { get; set; }

    /// <summary>Takes a row in, or counts why it is left out.</summary>
    /// <param name="probability">NaN where the model gave none.</param>
    /// <param name="truth">Null where it is not known.</param>
    public void Add(double probability, bool? truth)
    {
        if (truth is not { } positive)
        {
            Unknown++;
        }
        else if (double.IsNaN(probability))
        {
            WithoutPrediction++;
        }
        else
        {
            Scored.Add((probability, positive));
        }
    }
}
