namespace Auspex.Models.Detectors;

/// <summary>A fitted detector: a function of one row. Immutable, safe to score from many threads.</summary>
public abstract class AnomalyDetector
{
    private readonly double[] _centre;

    private protected AnomalyDetector(double[] centre, double limit)
    {
        _centre = centre;
        Limit = limit;
    }

    /// <summary>Values in a row.</summary>
    public int FeatureCount => _centre.Length;

    /// <summary>The middle of normal: mean of each feature over the rows it was fitted on; 0 where all were missing.</summary>
    public ReadOnlySpan<double> Centre => _centre;

    /// <summary>A score at or above it is an anomaly.</summary>
    public double Limit { get; }

    /// <summary>What it is.</summary>
    public abstract DetectorKind Kind { get; }

    /// <summary>Anomaly score of one row, larger for stranger rows; 1 at the limit for principal components, 0 to 1 for an isolation forest.</summary>
    /// <param name="row"><see cref="FeatureCount"/> values; NaN for missing, which says nothing either way.</param>
    /// <exception cref="ArgumentException">The row has another length.</exception>
    public double Score(ReadOnlySpan<double> row) => row.Length == FeatureCount
        ? ScoreRow(row)
        : throw new ArgumentException($"The row has {row.Length} values, the detector {FeatureCount} features.", nameof(row));

    /// <summary>Is a row with this score an anomaly? NaN is none.</summary>
    public bool IsAnomaly(double score) => score >= Limit;

    private protected abstract double ScoreRow(ReadOnlySpan<double> row);
}
