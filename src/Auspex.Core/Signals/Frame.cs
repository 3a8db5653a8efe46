using Auspex.Core.Assets;

namespace Auspex.Core.Signals;

/// <summary>One asset at one instant: the values of all its signals.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimeUnixMs">Event time, UTC milliseconds since 1970 at the source, not of arrival.</param>
/// <param name="Values">One value for each signal of the schema, in its order; NaN where missing or of quality Bad.
/// The producer must not change it after the hand-over.</param>
public readonly record struct Frame(AssetId Asset, long TimeUnixMs, double[] Values);
