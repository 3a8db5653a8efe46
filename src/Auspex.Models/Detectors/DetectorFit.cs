namespace Auspex.Models.Detectors;

/// <summary>Fits a detector to rows that are taken as normal.</summary>
public static class DetectorFit
{
    /// <summary>Fits a detector.</summary>
    /// <param name="rows">Normal rows, smoothed (<see cref="AssetDetection.Smoothed"/>), one value a feature; NaN for missing. At least
    /// <see cref="DetectorSettings.FewestRows"/>.</param>
    /// <param name="used">Which features are looked at.</param>
    /// <param name="settings">How it is fitted.</param>
    /// <exception cref="DetectorException">There are too few rows, no feature varies, or there are too many features.</exception>
    public static AnomalyDetector Of(IReadOnlyList<double[]> rows, ReadOnlySpan<bool> used, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(settings);
        if (rows.Count < DetectorSettings.FewestRows)
        {
            throw new DetectorException($"A detector needs at least {DetectorSettings.FewestRows} normal rows, there are {rows.Count}. Give a longer normal period.");
        }

        return settings.Kind == DetectorKind.Pca ? PcaFit.Of(rows, used, settings) : IsolationForest.Fit(rows, used, settings);
    }
}
