namespace Auspex.Simulation;

/// <summary>Something that comes now and then, stays for a while and harms nothing, though it looks like a fault.</summary>
/// <param name="perDay">How often it begins.</param>
/// <param name="shortest">Shortest stay, seconds.</param>
/// <param name="longest">Longest stay, seconds.</param>
internal sealed class Nuisance(double perDay, double shortest, double longest)
{
    private double _left;

    /// <summary>0 absent; else a strength from 0.4 to 1, drawn anew each time.</summary>
    internal double Strength { get; private set; }

    internal void Step(double seconds, SeededRandom random)
    {
        if (_left > 0)
        {
            _left -= seconds;
            if (_left <= 0)
            {
                Strength = 0;
            }
        }
        else if (random.Chance(perDay * seconds / 86_400))
        {
            _left = random.Uniform(shortest, longest);
            Strength = random.Uniform(0.4, 1);
        }
    }
}
