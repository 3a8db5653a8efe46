using Auspex.Core.Predictions;

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

    /// <summary>The score on the scale on which what its features add is a sum: its square for principal components, its natural logarithm for an isolation
    /// forest.</summary>
    /// <param name="score">What <see cref="Score"/> gave.</param>
    public abstract double Explained(double score);

    /// <summary>Splits the explained score of a row into what its features add.</summary>
    /// <param name="row"><see cref="FeatureCount"/> values; NaN for missing.</param>
    /// <param name="contributions">Receives one number a feature; above 0 makes the row stranger.</param>
    /// <returns>What it would be if nothing of the row were known: with the contributions it adds up to <see cref="Explained"/>.</returns>
    /// <exception cref="ArgumentException">The row has another length, or there is no room for one number a feature.</exception>
    public double Explain(ReadOnlySpan<double> row, Span<double> contributions) => row.Length == FeatureCount && contributions.Length == FeatureCount
        ? ExplainRow(row, contributions)
        : throw new ArgumentException(
            $"The row has {row.Length} values with room for {contributions.Length} contributions; the detector has {FeatureCount} features.", nameof(row));

    /// <summary>Where each feature lies in nine of ten normal rows, as far as the detector knows by itself; null where it does not.</summary>
    public virtual IReadOnlyList<NormalBand?> NormalBands() => new NormalBand?[FeatureCount];

    /// <summary>Is a row with this score an anomaly? NaN is none.</summary>
    public bool IsAnomaly(double score) => score >= Limit;

    private protected abstract double ScoreRow(ReadOnlySpan<double> row);

    private protected abstract double ExplainRow(ReadOnlySpan<double> row, Span<double> contributions);
}
