using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation.Turbofan;

/// <summary>A fleet of engines, stepped flight by flight until all are removed: a fan or a compressor wears out. <see cref="TurbofanEngine"/> and
/// <see cref="GasPath"/> have the equations. A removal is a failure event at the time of the last flight.</summary>
public sealed class EngineFleet : ISimulatedPlant
{
    /// <summary>The fan with its booster.</summary>
    public const string Fan = "fan";

    /// <summary>The high-pressure compressor; its washes are recorded as maintenance.</summary>
    public const string Compressor = "high-pressure compressor";

    private readonly EngineFleetOptions _options;
    private readonly TurbofanEngine[] _engines;

    /// <param name="options">Equal options give equal fleets.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public EngineFleet(EngineFleetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        Now = options.Start;
        string digits = new('0', options.Engines.ToString(System.Globalization.CultureInfo.InvariantCulture).Length);
        _engines = [.. Enumerable.Range(0, options.Engines).Select(i => new TurbofanEngine(
            new AssetId(options.AssetPrefix + "engine-" + (i + 1).ToString(digits, System.Globalization.CultureInfo.InvariantCulture)),
            options, new SeededRandom(options.Seed, i)))];
        Assets = [.. _engines.Select(engine => engine.Asset)];
        Facts = [.. _engines.Select(_ => Array.Empty<double>())];
    }

    /// <summary>By then every engine of a fleet is removed.</summary>
    public static TimeSpan LongestHistory { get; } = Flight * TurbofanEngine.MostCycles;

    /// <summary>What is recorded of each engine.</summary>
    public static AssetSchema Fleet { get; } = new(
        [
            Setting("altitude", "ft"),
            Setting("mach", null),
            Setting("throttle", "%"),
            Reading("t2", "K"),
            Reading("p2", "kPa"),
            Reading("p15", "kPa"),
            Reading("t24", "K"),
            Reading("t30", "K"),
            Reading("p30", "kPa"),
            Reading("t50", "K"),
            Reading("epr", null),
            Reading("nf", "rpm"),
            Reading("nc", "rpm"),
            Reading("bpr", null),
            Reading("fuelflow", "kg/s"),
        ],
        [],
        [Fan, Compressor],
        []);

    /// <inheritdoc/>
    public AssetSchema Schema => Fleet;

    /// <inheritdoc/>
    public IReadOnlyList<AssetId> Assets { get; }

    /// <inheritdoc/>
    public IReadOnlyList<double[]> Facts { get; }

    /// <inheritdoc/>
    public DateTimeOffset Now { get; private set; }

    /// <inheritdoc/>
    public TimeSpan Cadence => Flight;

    /// <inheritdoc/>
    public SimulatedTruth Truth { get; } = new();

    /// <summary>From one flight to the next.</summary>
    private static TimeSpan Flight => TimeSpan.FromHours(8);

    /// <inheritdoc/>
    public PlantDescription Describe(DateTimeOffset until) => new(
        "turbofan",
        $"Simulated turbofan engines run to removal, from seed {_options.Seed}",
        _options.Start.ToUniversalTime(),
        Horizon: Flight * 30,
        Recovery: TimeSpan.Zero,
        Lags: [],
        Windows: [])
    {
        Life = new PlantLife(Flight, "cycle", Cap: 125, TestShare: 0.3),
    };

    /// <inheritdoc/>
    public SimulatedStep Step()
    {
        long now = Now.ToUnixTimeMilliseconds();
        var frames = new List<SimulatedFrame>();
        var events = new List<AssetEvent>();
        foreach (TurbofanEngine engine in _engines)
        {
            if (engine.IsRemoved)
            {
                continue;
            }

            if (engine.Fly(Flight.TotalSeconds, out bool washed) is { } values)
            {
                frames.Add(new SimulatedFrame(engine.Asset, now, values));
            }

            if (washed)
            {
                events.Add(new AssetEvent(engine.Asset, now, AssetEventKind.Maintenance, Compressor));
            }

            if (engine.IsRemoved)
            {
                long onset = now - ((engine.Cycle - engine.OnsetCycle) * (long)Flight.TotalMilliseconds);
                events.Add(new AssetEvent(engine.Asset, now, AssetEventKind.Failure, engine.Component));
                Truth.Add(new SimulatedFailure(engine.Asset, now, engine.Component, Sudden: false) { OnsetUnixMs = onset });
                Truth.Add(new SimulatedPrecursor(engine.Asset, engine.Component, onset, now, PrecursorEnd.Failed));
            }
        }

        DateTimeOffset at = Now.ToUniversalTime();
        Now += Flight;
        return new SimulatedStep(at, frames, events);
    }

    private static SignalDefinition Reading(string name, string? unit) => new(name, SignalKind.Continuous, unit, SignalRole.Reading, []);

    private static SignalDefinition Setting(string name, string? unit) => new(name, SignalKind.Continuous, unit, SignalRole.OperatingSetting, []);
}
