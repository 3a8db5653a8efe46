namespace Auspex.Simulation.Furnace;

/// <summary>One life of one component, from renewal to failure or the next renewal.</summary>
/// <remarks>Wear is a gamma process, the usual model of damage that only grows (van Noortwijk, "A survey of the application of gamma processes in
/// maintenance", 2009), with a rate of its own for each life. What shows in the signals is wear to the eighth power, so that the interval from the
/// first sign to the failure is the last fifth or so of the life (the P-F interval of Nowlan and Heap, 1978).</remarks>
internal sealed class ComponentLife
{
    private const double IncrementsADay = 6; // shape of the gamma process: its spread over a life of 15 days is about a tenth
    private const double RateSpread = 0.4; // spread of the logarithm of the rate from life to life
    private const double SignPower = 8;

    private readonly double _ratePerDay;
    private readonly double _failsAt;
    private double _wear;

    /// <param name="wearFactor">Asset's own factor of the rate: age and model.</param>
    internal ComponentLife(FurnacePlantOptions options, double wearFactor, double nowDays, SeededRandom random)
    {
        _ratePerDay = random.LogNormal(wearFactor / options.MedianLife.TotalDays, RateSpread);
        double limit = Math.Max(0.8, random.Normal(1, 0.015));
        IsSudden = random.Chance(options.SuddenShare);
        double suddenAt = random.Uniform(0.02, 0.45); // before the wear shows: 0.45⁸ is under 0.2 %
        _failsAt = IsSudden ? suddenAt : limit;
        MaintenanceDueDays = nowDays + (options.PreventiveInterval.TotalDays * random.Uniform(0.85, 1.15));
    }

    /// <summary>True when this life ends without a sign.</summary>
    internal bool IsSudden { get; }

    /// <summary>When its preventive renewal falls due, in days since the start.</summary>
    internal double MaintenanceDueDays { get; }

    internal bool HasFailed => _wear >= _failsAt;

    /// <summary>What shows of the wear: 0 new, about 1 at a gradual failure.</summary>
    internal double Damage => Math.Pow(_wear, SignPower);

    /// <summary>Wears for a while.</summary>
    /// <param name="days">Length of the while.</param>
    /// <param name="stress">1 under full load.</param>
    internal void Run(double days, double stress, SeededRandom random) =>
        _wear += random.Gamma(IncrementsADay * days, _ratePerDay * stress / IncrementsADay);

    /// <summary>Puts the component somewhere in its life, as at the start of a history.</summary>
    internal void StartAt(double wear) => _wear = wear;
}
