namespace Auspex.Simulation;

/// <summary>The clock that stamps the frames of a plant: wrong by some seconds to three minutes for an hour or a few, every three days or so.</summary>
/// <param name="rate">Times the usual; 0 for a clock that is always right.</param>
/// <param name="random">A stream of its own.</param>
internal sealed class GatewayClock(double rate, SeededRandom random)
{
    private const double SkewsPerDay = 0.35;

    private double _left;
    private long _skewMs;

    /// <summary>What the clock shows.</summary>
    /// <param name="nowUnixMs">True time.</param>
    /// <param name="seconds">Time since the last call.</param>
    internal long Show(long nowUnixMs, double seconds)
    {
        _left -= seconds;
        if (_left <= 0)
        {
            _skewMs = 0;
            if (random.Chance(SkewsPerDay * rate * seconds / 86_400))
            {
                _left = random.Uniform(3_600, 4 * 3_600);
                _skewMs = 1_000 * (long)(random.Uniform(5, 180) * (random.Chance(0.5) ? 1 : -1));
            }
        }

        return nowUnixMs + _skewMs;
    }
}
