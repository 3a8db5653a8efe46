using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>One asset of a plant that is stepped: wears while it works, stands when a component fails, is mended by people in their hours.</summary>
internal abstract class LiveMachine
{
    private const double RoutineDays = 4; // a component is renewed after about this long without work on it
    private const double ErrorPause = 600; // s: the same error is not told again sooner

    private readonly string[] _errorCodes;
    private readonly double[] _errorSeconds;
    private readonly bool[] _errorStands;
    private readonly SensorFaults _faults;
    private readonly ComponentWear[] _wear;
    private readonly DateTimeOffset[] _due;
    private readonly bool[] _toMend;
    private List<AssetEvent> _events = [];
    private long _nowUnixMs;
    private double _workSeconds;
    private int _workedOn = -1; // component, or none
    private bool _isSilent;

    /// <param name="asset">Its name.</param>
    /// <param name="schema">Of the plant.</param>
    /// <param name="options">Of the plant.</param>
    /// <param name="random">Its own stream.</param>
    private protected LiveMachine(AssetId asset, AssetSchema schema, LivePlantOptions options, SeededRandom random)
    {
        Asset = asset;
        Random = random;
        Signals = schema.Signals.Count;
        _errorCodes = [.. schema.ErrorCodes];
        _errorSeconds = new double[_errorCodes.Length];
        _errorStands = new bool[_errorCodes.Length];
        _faults = new SensorFaults(schema.Signals, options.SensorFaultRate, random);
        _wear = [.. schema.Components.Select(component => new ComponentWear(component, schema.Components.Count, options, random))];
        _toMend = new bool[_wear.Length];
        _due = [.. _wear.Select(_ => options.Start.AddDays(random.Uniform(0.2, RoutineDays)))];
    }

    internal AssetId Asset { get; }

    /// <summary>In schema order.</summary>
    internal abstract double[] Facts { get; }

    private protected SeededRandom Random { get; }

    private protected int Signals { get; }

    /// <summary>True while people work on it, or it waits for them.</summary>
    private protected bool IsStopped => _workedOn >= 0;

    /// <summary>Level of degradation of a component by its place in the schema, 0 to 1.</summary>
    private protected double Level(int component) => _wear[component].Level;

    /// <summary>One cadence.</summary>
    /// <param name="local">Its beginning, on the plant's clock.</param>
    /// <param name="seconds">Its length.</param>
    /// <param name="events">Takes what happened.</param>
    /// <param name="truth">Takes the truth of it.</param>
    /// <returns>The frame at the beginning; null when none comes.</returns>
    internal double[]? Step(DateTimeOffset local, double seconds, List<AssetEvent> events, SimulatedTruth truth)
    {
        _events = events;
        _nowUnixMs = local.ToUnixTimeMilliseconds();
        Work(local, seconds);
        double stress = Run(local, seconds);
        double[] values = new double[Signals];
        Read(values);
        bool comes = _faults.Distort(values, seconds) && !_isSilent;
        if (!IsStopped)
        {
            Wear(local, seconds, stress, truth);
        }

        return comes ? values : null;
    }

    /// <summary>Physics of one cadence.</summary>
    /// <returns>Stress on the components, 1 at full work.</returns>
    private protected abstract double Run(DateTimeOffset local, double seconds);

    /// <summary>What the sensors say.</summary>
    /// <param name="values">Zeros, one for each signal.</param>
    private protected abstract void Read(Span<double> values);

    /// <summary>Called when work is done and the asset may start again.</summary>
    private protected abstract void Restart();

    /// <summary>Tells an error when its condition begins to hold, but the same not again within ten minutes.</summary>
    /// <param name="code">Its place in the schema.</param>
    /// <param name="holds">Whether the condition holds now.</param>
    /// <param name="seconds">Time since the last call.</param>
    private protected void TellError(int code, bool holds, double seconds)
    {
        _errorSeconds[code] -= seconds;
        if (holds && !_errorStands[code] && _errorSeconds[code] <= 0)
        {
            _errorSeconds[code] = ErrorPause;
            _events.Add(new AssetEvent(Asset, _nowUnixMs, AssetEventKind.Error, _errorCodes[code]));
        }

        _errorStands[code] = holds;
    }

    private void Work(DateTimeOffset local, double seconds)
    {
        if (_workedOn < 0 || !CrewHours.Repair(local))
        {
            return;
        }

        _workSeconds -= seconds;
        if (_workSeconds > 0)
        {
            return;
        }

        for (int component = 0; component < _wear.Length; component++)
        {
            if (_toMend[component])
            {
                _toMend[component] = false;
                Mended(component, local);
            }
        }

        _workedOn = -1;
        _isSilent = false;
        Restart();
    }

    private void Mended(int component, DateTimeOffset local)
    {
        _events.Add(new AssetEvent(Asset, _nowUnixMs, AssetEventKind.Maintenance, _wear[component].Component));
        _wear[component].Renew();
        _due[component] = local.AddDays(RoutineDays * Random.Uniform(0.85, 1.15));
    }

    private void Wear(DateTimeOffset local, double seconds, double stress, SimulatedTruth truth)
    {
        foreach (ComponentWear wear in _wear)
        {
            wear.Advance(Asset, _nowUnixMs, seconds, stress, truth);
        }

        int failed = Array.FindIndex(_wear, wear => wear.HasFailed);
        if (failed >= 0)
        {
            ComponentWear wear = _wear[failed];
            long at = _nowUnixMs + (1_000 * (long)(1 + (Random.Uniform() * (seconds - 1))));
            _events.Add(new AssetEvent(Asset, at, AssetEventKind.Failure, wear.Component));
            truth.Add(new SimulatedFailure(Asset, at, wear.Component, Sudden: wear.OnsetUnixMs is null) { OnsetUnixMs = wear.OnsetUnixMs });
            if (wear.OnsetUnixMs is { } onset)
            {
                truth.Add(new SimulatedPrecursor(Asset, wear.Component, onset, at, PrecursorEnd.Failed));
            }

            Stop(failed, Random.Uniform(2_700, 9_000), truth);
            _isSilent = Random.Chance(0.3); // the cabinet is off too
            return;
        }

        if (CrewHours.BeginRoutine(local))
        {
            int due = Array.FindIndex(_due, day => local >= day);
            if (due >= 0)
            {
                Stop(due, Random.Uniform(1_800, 5_400), truth);
            }
        }
    }

    /// <summary>Stops for work on one component; what else has begun to degrade is found and mended with it.</summary>
    private void Stop(int component, double workSeconds, SimulatedTruth truth)
    {
        _workedOn = component;
        _workSeconds = workSeconds;
        for (int other = 0; other < _wear.Length; other++)
        {
            ComponentWear wear = _wear[other];
            _toMend[other] = other == component || wear.OnsetUnixMs is not null || wear.HasFailed;
            if (wear.OnsetUnixMs is { } onset && !(other == component && wear.HasFailed))
            {
                truth.Add(new SimulatedPrecursor(Asset, wear.Component, onset, _nowUnixMs, PrecursorEnd.Maintained));
                wear.Renew();
            }
        }
    }
}
