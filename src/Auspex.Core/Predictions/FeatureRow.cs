using Auspex.Core.Assets;

namespace Auspex.Core.Predictions;

/// <summary>The features of one asset at one instant, ready to be scored.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimeUnixMs">Event time of the frame that was judged, UTC milliseconds since 1970.</param>
/// <param name="Values">One value for each column of the feature definition, in its order; NaN for "not enough data".</param>
public readonly record struct FeatureRow(AssetId Asset, long TimeUnixMs, double[] Values);
