using Auspex.Core.Predictions;

namespace Auspex.Models.Detectors;

/// <summary>Principal components with Hotelling's T² and Q: the process monitoring of J. E. Jackson and G. S. Mudholkar, "Control Procedures for Residuals
/// Associated With Principal Component Analysis", Technometrics 21 (1979). The score is the larger of √(T² / its limit) and √(Q / its limit).</summary>
public sealed class PcaDetector : AnomalyDetector
{
    /// <summary>Most features: the directions of so many are found in seconds.</summary>
    public const int MaxFeatures = 500;

    /// <summary>Standardised values are kept within this, so that no row, however wild, leaves the range of a double when squared.</summary>
    internal const double MaxDeviation = 1e6;

    private const double NormalQuantile95 = 1.6448536269514722;

    private readonly double[] _inverseScale;
    private readonly double[] _components;
    private readonly double[] _residuals;

    /// <param name="centre">Middle of each feature.</param>
    /// <param name="inverseScale">1 / standard deviation of each feature; 0 for a feature that is not looked at.</param>
    /// <param name="components">features × k, row-major: directions that T² looks along, each over √(variance × limit).</param>
    /// <param name="componentCount">k, at least 1.</param>
    /// <param name="residuals">features × r, row-major: the directions beside them, each over √limit of Q.</param>
    /// <param name="residualCount">r; 0 when T² looks along all.</param>
    /// <exception cref="ModelFormatException">Lengths do not fit each other, or a number is not finite.</exception>
    internal PcaDetector(double[] centre, double[] inverseScale, double[] components, int componentCount, double[] residuals, int residualCount)
        : base(centre, limit: 1)
    {
        int features = centre.Length;
        if (features is < 1 or > MaxFeatures || componentCount < 1 || residualCount < 0 || componentCount + residualCount > features
            || inverseScale.Length != features || components.Length != features * componentCount || residuals.Length != features * residualCount)
        {
            throw new ModelFormatException(
                $"A detector of {features} features (1 to {MaxFeatures} are possible) cannot have {componentCount} components and {residualCount} residual directions "
                + $"of {components.Length} and {residuals.Length} numbers.");
        }

        RequireFinite(centre, nameof(centre));
        RequireFinite(inverseScale, nameof(inverseScale));
        RequireFinite(components, nameof(components));
        RequireFinite(residuals, nameof(residuals));
        _inverseScale = inverseScale;
        _components = components;
        _residuals = residuals;
        ComponentCount = componentCount;
        ResidualCount = residualCount;
    }

    /// <inheritdoc/>
    public override DetectorKind Kind => DetectorKind.Pca;

    /// <summary>Directions that T² looks along.</summary>
    public int ComponentCount { get; }

    /// <summary>Directions beside them, which Q looks along.</summary>
    public int ResidualCount { get; }

    internal ReadOnlySpan<double> InverseScale => _inverseScale;

    internal ReadOnlySpan<double> Components => _components;

    internal ReadOnlySpan<double> Residuals => _residuals;

    /// <inheritdoc/>
    public override double Explained(double score) => score * score;

    /// <summary>Mean ± 1.645 standard deviations of each feature over the rows it was fitted on; null for one that is not looked at.</summary>
    public override IReadOnlyList<NormalBand?> NormalBands()
    {
        var bands = new NormalBand?[FeatureCount];
        for (int i = 0; i < bands.Length; i++)
        {
            double half = NormalQuantile95 / _inverseScale[i];
            bands[i] = double.IsFinite(half) ? new NormalBand(Centre[i] - half, Centre[i] + half) : null;
        }

        return bands;
    }

    // Of the statistic that decides, the complete decomposition of C. F. Alcala and S. J. Qin, "Analysis and generalization of fault diagnosis methods",
    // Journal of Process Control 21 (2011), whose parts add up to the whole. A missing value adds 0; a part may be negative.
    private protected override double ExplainRow(ReadOnlySpan<double> row, Span<double> contributions)
    {
        Span<double> z = stackalloc double[FeatureCount];
        Standardise(row, z);
        bool systematic = SumOfSquares(z, _components, ComponentCount) >= SumOfSquares(z, _residuals, ResidualCount);
        (double[] weights, int columns) = systematic ? (_components, ComponentCount) : (_residuals, ResidualCount);
        contributions.Clear();
        for (int column = 0; column < columns; column++)
        {
            double along = Along(z, weights, columns, column);
            for (int feature = 0; feature < z.Length; feature++)
            {
                contributions[feature] += along * weights[(feature * columns) + column] * z[feature];
            }
        }

        return 0;
    }

    private protected override double ScoreRow(ReadOnlySpan<double> row)
    {
        Span<double> z = stackalloc double[FeatureCount]; // at most MaxFeatures
        Standardise(row, z);
        return Math.Sqrt(Math.Max(SumOfSquares(z, _components, ComponentCount), SumOfSquares(z, _residuals, ResidualCount)));
    }

    // A missing value stands in the middle of normal.
    private void Standardise(ReadOnlySpan<double> row, Span<double> z)
    {
        for (int i = 0; i < z.Length; i++)
        {
            double deviation = _inverseScale[i] == 0 ? 0 : (row[i] - Centre[i]) * _inverseScale[i];
            z[i] = double.IsNaN(deviation) ? 0 : Math.Clamp(deviation, -MaxDeviation, MaxDeviation);
        }
    }

    private static double SumOfSquares(ReadOnlySpan<double> z, double[] weights, int columns)
    {
        double sum = 0;
        for (int column = 0; column < columns; column++)
        {
            double along = Along(z, weights, columns, column);
            sum += along * along;
        }

        return sum;
    }

    private static double Along(ReadOnlySpan<double> z, double[] weights, int columns, int column)
    {
        double along = 0;
        for (int i = 0; i < z.Length; i++)
        {
            along += z[i] * weights[(i * columns) + column];
        }

        return along;
    }

    private static void RequireFinite(double[] values, string what)
    {
        int at = Array.FindIndex(values, value => !double.IsFinite(value));
        if (at >= 0)
        {
            throw new ModelFormatException(FormattableString.Invariant($"{what}[{at}] of the detector is {values[at]}, which is not finite."));
        }
    }
}
