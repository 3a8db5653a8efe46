namespace Auspex.Core.Signals;

/// <summary>One value as a source says it: under the source's own names, before it is known which asset and signal they mean.</summary>
/// <param name="Row">Which row, line or message of what was received, as its sender counts.</param>
/// <param name="Asset">Name of the asset.</param>
/// <param name="TimeUnixMs">When it was measured, milliseconds since 1970; null where the source does not say, which means on arrival.</param>
/// <param name="Signal">Name of the signal or column.</param>
/// <param name="Value">The value; NaN where there is none.</param>
public readonly record struct RawReading(int Row, string Asset, long? TimeUnixMs, string Signal, double Value);
