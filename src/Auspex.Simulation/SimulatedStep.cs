using Auspex.Core.Assets;

namespace Auspex.Simulation;

/// <summary>What a plant told during one cadence.</summary>
/// <param name="Time">Simulated time at which the frames were sent, UTC; never skewed.</param>
/// <param name="Frames">At most one frame an asset: lines fall silent.</param>
/// <param name="Events">Failures, maintenance and errors from <paramref name="Time"/> to the next step, by time.</param>
public sealed record SimulatedStep(DateTimeOffset Time, IReadOnlyList<SimulatedFrame> Frames, IReadOnlyList<AssetEvent> Events);

/// <summary>One asset at one instant, as its gateway reports it.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimeUnixMs">UTC milliseconds since 1970 on the gateway's clock: off for a while now and then, and going back when the clock is set right.</param>
/// <param name="Values">One value for each signal of the schema; booleans 0 or 1, states their index, missing NaN. The caller's to keep.</param>
public readonly record struct SimulatedFrame(AssetId Asset, long TimeUnixMs, double[] Values);
