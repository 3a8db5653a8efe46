namespace Auspex.Models.Detectors;

/// <summary>Random numbers that a seed fixes for good, whatever the version of the runtime: SplitMix64 of G. L. Steele, D. Lea and C. H. Flood,
/// "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.</summary>
internal sealed class Draws(ulong seed)
{
    private ulong _state = seed;

    /// <returns>Uniform in [0, 1).</returns>
    public double Uniform()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <returns>0 to <paramref name="count"/> − 1.</returns>
    public int Below(int count) => (int)(Uniform() * count);
}
