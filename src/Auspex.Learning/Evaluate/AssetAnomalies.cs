using Auspex.Core.Assets;

namespace Auspex.Learning.Evaluate;

/// <summary>What a detector said of one asset, row by row.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event times of the rows, strictly increasing.</param>
/// <param name="Scores">Anomaly score of each row; NaN where it was not judged.</param>
/// <param name="Flagged">Whether each row is an anomaly.</param>
/// <param name="ThreeSigma">Whether a value of the row lies more than three standard deviations from its mean, both of the rows the detector was
/// fitted on; empty where those are not at hand, as when a package is judged that was fitted on many assets.</param>
/// <param name="Truth">Whether each row is labelled an anomaly; empty where the data set has no row labels.</param>
public sealed record AssetAnomalies(AssetId Asset, long[] TimesUnixMs, double[] Scores, bool[] Flagged, bool[] ThreeSigma, bool[] Truth)
{
    /// <summary>Score from which a row is an anomaly; NaN where no row was judged.</summary>
    public double Limit { get; init; } = double.NaN;
}
