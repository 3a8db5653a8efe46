using Auspex.Models.Calibration;
using Auspex.Models.Intervals;

namespace Auspex.Models.Tests;

/// <summary>Heads with every part, made up.</summary>
internal static class Heads
{
    public static LifeIntervals Intervals(double? cap) => new(
        0.9, cap, [0, 20, 60], [-1, -5, -12], [2, 6, 0],
        [.. new[] { 2.0, 6, 12 }.Select(spread => (IReadOnlyList<double>)[.. LifeIntervals.Levels.Select(level => (level - 0.5) * 2 * spread)])]);

    public static FailureHead Failure() => new(
        [new IsotonicCalibration([0.001, 0.2, 0.9], [0.0005, 0.5, 0.75]), new SigmoidCalibration(0.8, -1.5), new NoCalibration()], Intervals(100));

    public static LifeHead Life() => new(125, Intervals(125));
}
