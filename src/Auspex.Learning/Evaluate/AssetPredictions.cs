using Auspex.Core.Assets;

namespace Auspex.Learning.Evaluate;

/// <summary>What a failure model said of one asset, row by row, on the rows that are judged.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event times of the judged rows, strictly increasing. Rows while the asset is failed are left out.</param>
/// <param name="Probabilities">[component][row] probability of a failure of that component within the horizon, 0 to 1;
/// one array when the label names no components.</param>
public sealed record AssetPredictions(AssetId Asset, long[] TimesUnixMs, double[][] Probabilities)
{
    /// <summary>[component][row] confidence of each probability, 0 to 1; empty when the model tells none.</summary>
    public double[][] Confidences { get; init; } = [];

    /// <summary>[row] confidence that any component fails; empty with <see cref="Confidences"/>, or where it was not asked for.</summary>
    public double[] ConfidenceOfAny { get; init; } = [];
}

/// <summary>What a remaining-useful-life model said of one asset, row by row.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimesUnixMs">Event times of the rows, strictly increasing.</param>
/// <param name="Predicted">Predicted remaining useful life, in the label's life unit.</param>
/// <param name="True">True remaining useful life, uncapped, in the same unit; NaN where the failure is not known.</param>
/// <param name="Lower">Lower end of the 90 % interval of each row, in the same unit; null when the model gives no intervals.</param>
/// <param name="Upper">Upper end; null with <paramref name="Lower"/>.</param>
public sealed record AssetLifePredictions(
    AssetId Asset, long[] TimesUnixMs, double[] Predicted, double[] True, double[]? Lower = null, double[]? Upper = null);
