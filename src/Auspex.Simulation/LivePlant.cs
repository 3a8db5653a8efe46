using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>A plant of machines behind one gateway, stepped every 30 s.</summary>
public abstract class LivePlant : ISimulatedPlant
{
    private const int GatewayStream = 1_000_000; // beyond those of the machines
    private readonly LivePlantOptions _options;
    private readonly LiveMachine[] _machines;
    private readonly GatewayClock _clock;

    /// <param name="schema">Of the plant.</param>
    /// <param name="options">Checked here.</param>
    /// <param name="make">Makes the i-th machine, from 0.</param>
    private protected LivePlant(AssetSchema schema, LivePlantOptions options, Func<int, SeededRandom, LiveMachine> make)
    {
        Schema = schema;
        _options = options;
        Now = options.Start;
        _machines = [.. Enumerable.Range(0, options.Assets).Select(i => make(i, new SeededRandom(options.Seed, i)))];
        _clock = new GatewayClock(options.SensorFaultRate, new SeededRandom(options.Seed, GatewayStream));
        Assets = [.. _machines.Select(machine => machine.Asset)];
        Facts = [.. _machines.Select(machine => machine.Facts)];
    }

    /// <inheritdoc/>
    public AssetSchema Schema { get; }

    /// <inheritdoc/>
    public IReadOnlyList<AssetId> Assets { get; }

    /// <inheritdoc/>
    public IReadOnlyList<double[]> Facts { get; }

    /// <inheritdoc/>
    public DateTimeOffset Now { get; private set; }

    /// <inheritdoc/>
    public TimeSpan Cadence { get; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public SimulatedTruth Truth { get; } = new();

    /// <summary>Name and title of the description.</summary>
    private protected abstract (string Name, string Title) Names { get; }

    /// <inheritdoc/>
    public PlantDescription Describe(DateTimeOffset until) => new(
        Names.Name,
        Names.Title,
        _options.Start.ToUniversalTime().AddSeconds(Math.Floor((until - _options.Start).TotalSeconds * 2 / 3)),
        Horizon: TimeSpan.FromMinutes(10),
        Recovery: TimeSpan.FromHours(1),
        Lags: [TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(300)],
        Windows: [TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(600)]);

    /// <inheritdoc/>
    public SimulatedStep Step()
    {
        DateTimeOffset now = Now;
        double seconds = Cadence.TotalSeconds;
        long shown = _clock.Show(now.ToUnixTimeMilliseconds(), seconds);
        var frames = new List<SimulatedFrame>(_machines.Length);
        var events = new List<AssetEvent>();
        foreach (LiveMachine machine in _machines)
        {
            if (machine.Step(now, seconds, events, Truth) is { } values)
            {
                frames.Add(new SimulatedFrame(machine.Asset, shown, values));
            }
        }

        events.Sort(static (a, b) => a.TimeUnixMs.CompareTo(b.TimeUnixMs) is not 0 and var byTime ? byTime
            : a.Asset.CompareTo(b.Asset) is not 0 and var byAsset ? byAsset
            : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : string.CompareOrdinal(a.Name, b.Name));
        Now = now + Cadence;
        return new SimulatedStep(now.ToUniversalTime(), frames, events);
    }
}
