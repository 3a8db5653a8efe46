using System.Numerics;

namespace Auspex.Simulation;

/// <summary>Random numbers that a seed fixes for good, whatever the version of the runtime: xoshiro256** of Blackman and Vigna (2018), seeded by
/// SplitMix64 as its authors advise. https://prng.di.unimi.it</summary>
internal sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <param name="seed">Seed of the plant.</param>
    /// <param name="stream">Number of the stream, so that each asset draws its own and adding one changes no other.</param>
    internal SeededRandom(int seed, int stream)
    {
        ulong state = ((ulong)(uint)seed << 32) | (uint)stream;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    internal ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <returns>Uniform in [0, 1).</returns>
    internal double Uniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <returns>Uniform in [low, high).</returns>
    internal double Uniform(double low, double high) => low + ((high - low) * Uniform());

    internal bool Chance(double probability) => Uniform() < probability;

    /// <returns>Normal by the Box-Muller transform; the second of its pair is not kept, so that each call draws the same count.</returns>
    internal double Normal(double mean, double deviation) =>
        mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform()));

    /// <returns>exp of a normal number: median <paramref name="median"/>, spread of the logarithm <paramref name="sigma"/>.</returns>
    internal double LogNormal(double median, double sigma) => median * Math.Exp(Normal(0, sigma));

    /// <returns>Gamma of mean shape × scale, by Marsaglia and Tsang (2000); shapes below 1 by their boost.</returns>
    internal double Gamma(double shape, double scale)
    {
        double boost = 1;
        if (shape < 1)
        {
            boost = Math.Pow(1 - Uniform(), 1 / shape);
            shape++;
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = Normal(0, 1);
            double v = 1 + (c * x);
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            if (Math.Log(1 - Uniform()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return boost * d * v * scale;
            }
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
