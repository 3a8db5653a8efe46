namespace Auspex.Simulation;

/// <summary>A quantity that wanders about zero and forgets: an Ornstein-Uhlenbeck process, sampled exactly (Gillespie, Physical Review E 54, 1996).</summary>
/// <param name="deviation">Its standard deviation.</param>
/// <param name="seconds">Time constant of its memory.</param>
/// <param name="cadence">Seconds between two calls of <see cref="Step"/>.</param>
internal sealed class Wander(double deviation, double seconds, double cadence)
{
    private readonly double _keep = Math.Exp(-cadence / seconds);
    private readonly double _shake = deviation * Math.Sqrt(1 - Math.Exp(-2 * cadence / seconds));

    internal double Value { get; private set; }

    internal double Step(SeededRandom random) => Value = (_keep * Value) + random.Normal(0, _shake);
}
