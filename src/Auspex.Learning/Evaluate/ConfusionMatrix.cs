namespace Auspex.Learning.Evaluate;

/// <summary>Cases by what was said and what was true; a case is said to be positive when its probability is ≥ the threshold.</summary>
/// <param name="TruePositives">Said and true.</param>
/// <param name="FalsePositives">Said and not true.</param>
/// <param name="FalseNegatives">Not said and true.</param>
/// <param name="TrueNegatives">Not said and not true.</param>
public sealed record ConfusionMatrix(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>Share of cases that were told right.</summary>
    public double Accuracy => Share(TruePositives + TrueNegatives, TruePositives + FalsePositives + FalseNegatives + TrueNegatives);

    /// <summary>Share of what was said that is true.</summary>
    public double Precision => Share(TruePositives, TruePositives + FalsePositives);

    /// <summary>Share of what is true that was said.</summary>
    public double Recall => Share(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN); NaN when nothing is true and nothing was said.</summary>
    public double F1 => Share(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Share of what is not true that was said all the same: false alarm rate.</summary>
    public double FalseAlarmRate => Share(FalsePositives, FalsePositives + TrueNegatives);

    /// <summary>Share of what is true that was not said: missed alarm rate.</summary>
    public double MissedAlarmRate => Share(FalseNegatives, TruePositives + FalseNegatives);

    private static double Share(long count, long of) => of == 0 ? double.NaN : (double)count / of;
}
