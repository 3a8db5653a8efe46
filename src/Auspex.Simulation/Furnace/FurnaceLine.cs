using Auspex.Core.Assets;

namespace Auspex.Simulation.Furnace;

/// <summary>One continuous furnace: goods ride on a belt through a heating-up and a holding zone, and a fan circulates the air.</summary>
/// <remarks>
/// Heat: two <see cref="HeatingZone"/>s; goods carry off m · c · ΔT with c = 0.68 kJ/(kg K), about the mean for carbon steel from 20 to 850 °C of
/// EN 1993-1-2, 3.4.1.2. Fan: speed follows the load, current goes with speed³ and air density (fan laws), vibration with speed² as unbalance does,
/// from 1.1 to 1.5 mm/s when new to above 7 mm/s, zone D of ISO 20816-3 for flexible foundations. Belt: current goes with the friction of its load.
/// All other constants are chosen to give readings of plausible size.
/// </remarks>
internal sealed class FurnaceLine
{
    private const double SpecificHeat = 0.68; // kJ/(kg K)
    private const double PreheatBelow = 60; // the first zone is set this much lower, K
    private const double MaintenanceDays = 2.0 / 24;
    private const double DriftPerDay = 0.35; // K a day of the one bad thermocouple: type K elements drift by some K in the first weeks at 900 °C
    private const double ReadyBelow = 15; // goods are let in again this close to the set point, K

    private static readonly string[] Components = [FurnacePlant.BeltDrive, FurnacePlant.Fan, FurnacePlant.HeatingSystem];
    private static readonly string[] Errors = [FurnacePlant.BeltSlip, FurnacePlant.FanOverload, FurnacePlant.Overtemperature];

    private readonly FurnacePlantOptions _options;
    private readonly SeededRandom _random;
    private readonly bool _sensorDrifts;
    private readonly AssetId _asset;
    private readonly int _model;
    private readonly double _ageYears;
    private readonly double _ratedLoad; // kg/h
    private readonly double _newVibration; // mm/s at full speed
    private readonly double _fullFanCurrent; // A at full speed and 850 °C
    private readonly double _idleBeltCurrent; // A
    private readonly HeatingZone _zone1;
    private readonly HeatingZone _zone2;
    private readonly ProductionPlan _plan;
    private readonly ComponentLife[] _lives;
    private readonly List<long> _times = [];
    private readonly List<double>[] _values = [.. FurnacePlant.Schema.Signals.Select(_ => new List<double>())];
    private readonly List<AssetEvent> _events = [];
    private readonly double _stepDays;

    private Stop? _stop;

    internal FurnaceLine(AssetId asset, FurnacePlantOptions options, SeededRandom random, bool sensorDrifts)
    {
        _asset = asset;
        _options = options;
        _random = random;
        _sensorDrifts = sensorDrifts;
        _stepDays = options.SamplingPeriod.TotalDays;
        _model = random.Chance(0.5) ? 1 : 0;
        double size = _model == 1 ? 1.5 : 1;
        _ageYears = Math.Round(random.Uniform(1, 20), 1);
        _ratedLoad = 400 * size;
        _newVibration = random.Uniform(1.1, 1.5);
        _fullFanCurrent = random.Uniform(17, 20) * size;
        _idleBeltCurrent = random.Uniform(1.8, 2.3) * size;
        _zone1 = new HeatingZone(ratedPower: 118 * size, lossCoefficient: 0.030 * size, heatCapacity: 900 * size, temperature: 790);
        _zone2 = new HeatingZone(ratedPower: 62 * size, lossCoefficient: 0.030 * size, heatCapacity: 900 * size, temperature: 850);
        _plan = new ProductionPlan(random);
        _lives = [.. Components.Select(_ => NewLife(nowDays: 0))];
        foreach (ComponentLife life in _lives)
        {
            // A plant is not new on the first day of its history. A life that is to end suddenly must not have ended before.
            double wear = random.Uniform(0, 0.6);
            life.StartAt(life.IsSudden ? 0 : wear);
        }
    }

    /// <summary>A stop for maintenance or repair.</summary>
    /// <param name="Component">Index of the component worked on.</param>
    /// <param name="EndsDays">When the work is done, days since the start.</param>
    /// <param name="IsFailure">True when the furnace broke down.</param>
    /// <param name="IsRecorded">False when the control cabinet is off too: no frames.</param>
    private sealed record Stop(int Component, double EndsDays, bool IsFailure, bool IsRecorded);

    /// <summary>The truth about the failures so far.</summary>
    internal List<SimulatedFailure> Failures { get; } = [];

    internal void Run()
    {
        int steps = (int)(_options.Duration / _options.SamplingPeriod);
        bool heatingUp = false;
        for (int step = 0; step < steps; step++)
        {
            double days = step * _stepDays;
            if (_stop is { } over && days >= over.EndsDays)
            {
                Renew(over, days);
                heatingUp = true;
            }

            bool newJob = _plan.MoveTo(days, _options.Start.AddDays(days));
            heatingUp = heatingUp && Math.Min(_zone1.Temperature - _plan.SetPoint + PreheatBelow, _zone2.Temperature - _plan.SetPoint) < -ReadyBelow;
            bool producing = _stop is null && !heatingUp;
            Record(step, days, producing, newJob);
            if (_stop is null)
            {
                double stress = producing ? 0.5 + (0.6 * _plan.LoadShare) : 0.4;
                Wear(step, days, stress);
            }
        }
    }

    internal AssetHistory ToHistory()
    {
        _events.Sort((a, b) => a.TimeUnixMs.CompareTo(b.TimeUnixMs) is not 0 and var byTime ? byTime
            : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : string.CompareOrdinal(a.Name, b.Name));
        return new AssetHistory(_asset, [.. _times], [.. _values.Select(column => column.ToArray())], [_model, _ageYears], _events);
    }

    private ComponentLife NewLife(double nowDays) => new(_options, wearFactor: 0.85 + (0.015 * _ageYears), nowDays, _random);

    private void Renew(Stop over, double days)
    {
        _events.Add(new AssetEvent(_asset, UnixMs(over.IsFailure ? over.EndsDays : days), AssetEventKind.Maintenance, Components[over.Component]));
        _lives[over.Component] = NewLife(days);
        _stop = null;
    }

    /// <summary>Wear, failures, errors and due maintenance of the step that follows the frame of <paramref name="days"/>.</summary>
    private void Wear(int step, double days, double stress)
    {
        for (int i = 0; i < Components.Length; i++)
        {
            ComponentLife life = _lives[i];
            life.Run(_stepDays, stress, _random);

            // Errors: about one in three weeks when new, several a day near the end.
            double perDay = 0.05 + (5 * life.Damage);
            if (_random.Chance(1 - Math.Exp(-perDay * _stepDays)))
            {
                _events.Add(new AssetEvent(_asset, UnixMs(days) + OffsetMs(), AssetEventKind.Error, Errors[i]));
            }
        }

        int failed = Array.FindIndex(_lives, life => life.HasFailed);
        if (failed >= 0)
        {
            long at = UnixMs(days) + OffsetMs();
            _events.Add(new AssetEvent(_asset, at, AssetEventKind.Failure, Components[failed]));
            Failures.Add(new SimulatedFailure(_asset, at, Components[failed], _lives[failed].IsSudden));
            double repair = _options.RepairTime.TotalDays * _random.Uniform(0.5, 1);
            double ends = Math.Min(days + _stepDays + repair, ((at - UnixMs(0)) / 86_400_000.0) + _options.RepairTime.TotalDays);
            _stop = new Stop(failed, ends, IsFailure: true, IsRecorded: _random.Chance(0.5));
            return;
        }

        // Planned work is done by day, one component at a time.
        if (_options.Start.AddDays(step * _stepDays).Hour is >= 7 and < 15)
        {
            int due = Array.FindIndex(_lives, life => days >= life.MaintenanceDueDays);
            if (due >= 0)
            {
                _stop = new Stop(due, days + _stepDays + MaintenanceDays, IsFailure: false, IsRecorded: true);
            }
        }
    }

    private void Record(int step, double days, bool producing, bool newJob)
    {
        double seconds = _options.SamplingPeriod.TotalSeconds;
        double load = producing ? _ratedLoad * _plan.LoadShare * _random.Uniform(0.96, 1.04) : 0;
        double beltSpeed = producing ? _plan.BeltSpeed : 0;
        bool doorOpen = producing && (newJob || _random.Chance(0.01));
        double size = _ratedLoad / 400;
        double doorHeat = doorOpen ? 12 * size : 0;
        double ambient = 21 + (5 * Math.Sin(2 * Math.PI * ((_options.Start.AddDays(days).TimeOfDay.TotalDays) - 0.375))); // warmest at 15 h

        double damage = _lives[2].Damage;
        bool heated = _stop is not { Component: 2 } && _stop is not { IsFailure: true };
        double? setPoint = heated ? _plan.SetPoint : null;
        double sensorError = _sensorDrifts ? DriftPerDay * days : 0;
        double heatPerKelvin = load / 3600 * SpecificHeat;
        double loadHeat1 = heatPerKelvin * Math.Max(0, _zone1.Temperature - ambient);
        double loadHeat2 = heatPerKelvin * Math.Max(0, _zone2.Temperature - _zone1.Temperature);
        _zone1.Step(seconds, setPoint - PreheatBelow, sensorError, ambient, loadHeat1, doorHeat, damage);
        _zone2.Step(seconds, setPoint, sensorError: 0, ambient, loadHeat2, doorHeat / 2, damage / 2);

        bool fanRuns = _stop is not { Component: 1 } && _stop is not { IsFailure: true };
        double fanSpeed = fanRuns ? producing ? 0.6 + (0.4 * Math.Min(1, load / _ratedLoad)) : 0.5 : 0; // share of full speed
        double density = (850 + 273.15) / (_zone1.Temperature + 273.15 + 60); // of the air, relative to 850 °C
        double fanDamage = _lives[1].Damage;
        double fanCurrent = _fullFanCurrent * Math.Pow(fanSpeed, 3) * density * (1 + (0.10 * fanDamage));
        double vibration = 0.08 + (_newVibration * fanSpeed * fanSpeed * (1 + (4.5 * fanDamage)));

        double beltDamage = _lives[0].Damage;
        double beltCurrent = producing
            ? (_idleBeltCurrent * (1 + (0.3 * beltDamage))) + (1.6 * size * (load / _ratedLoad) * (beltSpeed / 2.8) * (1 + (1.5 * beltDamage)))
            : 0;

        if (_stop is { IsRecorded: false })
        {
            return;
        }

        _times.Add(UnixMs(0) + (step * (long)_options.SamplingPeriod.TotalMilliseconds));
        Read(0, _zone1.Temperature + sensorError + _random.Normal(0, 1.5), 1);
        Read(1, Math.Max(0, _zone1.Power * _random.Normal(1, 0.02)), 1);
        Read(2, _zone2.Temperature + _random.Normal(0, 1.5), 1);
        Read(3, Math.Max(0, _zone2.Power * _random.Normal(1, 0.02)), 1);
        Read(4, Math.Max(0, vibration * _random.Normal(1, 0.10)), 2);
        Read(5, Math.Max(0, fanCurrent * _random.Normal(1, 0.02)), 2);
        Read(6, Math.Max(0, beltCurrent * _random.Normal(1, 0.05)), 2);
        Read(7, beltSpeed, 1);
        Read(8, load, 0);
        Read(9, doorOpen ? 1 : 0, 0);
    }

    /// <summary>Records a reading at the resolution of its sensor, or its absence.</summary>
    private void Read(int signal, double value, int decimals) =>
        _values[signal].Add(_random.Chance(_options.MissingShare) ? double.NaN : Math.Round(value, decimals));

    /// <summary>An instant inside the step, in whole seconds, never on a frame.</summary>
    private long OffsetMs() => 1_000 * (1 + (long)(_random.Uniform() * (_options.SamplingPeriod.TotalSeconds - 1)));

    private long UnixMs(double days) => _options.Start.ToUnixTimeMilliseconds() + (1_000 * (long)Math.Round(days * 86_400));
}
