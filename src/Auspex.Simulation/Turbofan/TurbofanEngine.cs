using Auspex.Core.Assets;

namespace Auspex.Simulation.Turbofan;

/// <summary>One engine from its first flight to its removal.</summary>
/// <remarks>
/// Losses follow Saxena, Goebel, Simon and Eklund, "Damage propagation modeling for aircraft engine run-to-failure simulation" (PHM 2008): a new engine is
/// a little off, wears slowly, and from an onset on loses exponentially, a · (exp(b · cycles) − 1), until a margin is used up. Onset and rate are
/// the engine's own. Fouling comes on top: it grows for some dozens of flights and goes with a compressor wash, as large as the fault's first half.
/// </remarks>
internal sealed class TurbofanEngine
{
    /// <summary>No engine flies longer than this.</summary>
    internal const int MostCycles = 520;

    private const double Limit = 0.07; // loss of efficiency at which the margin is used up
    private const double FoulingLimit = 0.014;

    // Altitude, Mach number and throttle of the six conditions of Saxena et al.
    private static readonly FlightPoint[] Points =
    [
        new(0, 0, 100), new(10_000, 0.25, 100), new(20_000, 0.70, 100), new(25_000, 0.62, 60), new(35_000, 0.84, 100), new(42_000, 0.84, 100),
    ];

    private readonly SeededRandom _random;
    private readonly SensorFaults _faults;
    private readonly bool _fanFails;
    private readonly EngineLosses _new;
    private readonly double _wearPerCycle;
    private readonly double _rate;
    private readonly double _flowShare; // of the loss of flow to the loss of efficiency
    private readonly double _foulingPerCycle;
    private double _washAt;
    private double _fouling;

    internal TurbofanEngine(AssetId asset, EngineFleetOptions options, SeededRandom random)
    {
        Asset = asset;
        _random = random;
        _faults = new SensorFaults(EngineFleet.Fleet.Signals, options.SensorFaultRate, random);
        _fanFails = random.Chance(0.4);
        _new = new EngineLosses(random.Uniform(0, 0.01), random.Uniform(0, 0.01), random.Uniform(0, 0.01), random.Uniform(0, 0.01));
        _wearPerCycle = random.LogNormal(3e-5, 0.4);
        OnsetCycle = (int)random.Uniform(40, 200);
        _rate = Math.Clamp(random.LogNormal(0.022, 0.35), 0.009, 0.06);
        _flowShare = random.Uniform(0.6, 1.2);
        _foulingPerCycle = random.Uniform(1.5e-4, 4e-4);
        NextWash();
    }

    internal AssetId Asset { get; }

    /// <summary>Flights so far.</summary>
    internal int Cycle { get; private set; }

    /// <summary>Flight from which the loss is exponential.</summary>
    internal int OnsetCycle { get; }

    internal bool IsRemoved { get; private set; }

    /// <summary>What is used of the margin, 0 to 1; never falls.</summary>
    internal double Damage { get; private set; }

    internal string Component => _fanFails ? EngineFleet.Fan : EngineFleet.Compressor;

    /// <summary>One flight.</summary>
    /// <param name="seconds">From one flight to the next.</param>
    /// <param name="washed">True when the compressor was washed before it.</param>
    /// <returns>Its frame; null when it is lost.</returns>
    internal double[]? Fly(double seconds, out bool washed)
    {
        Cycle++;
        washed = _fouling >= _washAt;
        if (washed)
        {
            _fouling *= _random.Uniform(0.05, 0.25);
            NextWash();
        }

        _fouling += _foulingPerCycle * _random.Uniform(0.5, 1.5);
        double wear = _wearPerCycle * Cycle;
        double fault = Cycle < OnsetCycle ? 0 : 0.004 * (Math.Exp(_rate * (Cycle - OnsetCycle)) - 1);
        Damage = Math.Min(1, (wear + fault) / Limit);
        IsRemoved = Damage >= 1 || Cycle >= MostCycles;
        FlightPoint base0 = Points[(int)_random.Uniform(0, Points.Length)];
        var point = new FlightPoint(
            Math.Max(0, base0.AltitudeFeet + _random.Normal(0, 8)), Math.Max(0, base0.Mach + _random.Normal(0, 0.001)), base0.ThrottlePercent);
        double fan = wear + (_fanFails ? fault : 0);
        double compressor = wear + (_fanFails ? 0 : fault) + _fouling;
        GasPath path = GasPath.At(point, new EngineLosses(
            _new.FanEfficiency + fan, _new.FanFlow + (fan * _flowShare),
            _new.CompressorEfficiency + compressor, _new.CompressorFlow + (compressor * _flowShare)));
        double[] values =
        [
            Math.Round(point.AltitudeFeet, 1), Math.Round(point.Mach, 4), point.ThrottlePercent,
            Noisy(path.T2, 0.0005, 2), Noisy(path.P2, 0.0008, 3), Noisy(path.P15, 0.002, 3), Noisy(path.T24, 0.0022, 2), Noisy(path.T30, 0.0022, 2),
            Noisy(path.P30, 0.003, 2), Noisy(path.T50, 0.0035, 2), Noisy(path.P50 / path.P2, 0.002, 4), Noisy(path.FanSpeed, 0.0006, 2),
            Noisy(path.CoreSpeed, 0.0010, 2), Noisy(path.BypassRatio, 0.004, 4), Noisy(path.FuelFlow, 0.005, 5),
        ];
        return _faults.Distort(values, seconds) ? values : null;

        double Noisy(double value, double share, int decimals) => Math.Round(value * _random.Normal(1, share), decimals);
    }

    private void NextWash() => _washAt = FoulingLimit * _random.Uniform(0.7, 1.1);
}
