using Auspex.Core.Assets;

namespace Auspex.Simulation.MachineShop;

/// <summary>One machining centre that makes parts by programs of operations, each with a tool, a speed, a feed and a depth.</summary>
/// <remarks>
/// Cutting power is specific cutting force times the volume cut in unit time (Kienzle 1952, without the exponent of thickness): here the share of
/// the spindle's rated power that an operation takes in steel of normal hardness, in proportion to feed override and hardness. Wear of a cutter raises
/// force and chatter. Bearings: friction grows with speed, vibration with about speed^1.2; damage multiplies both, and the heat warms the spindle through a
/// lumped balance C dT/dt = losses − UA (T − coolant). Coolant: pressure falls with slip of the pump, rises with a clogged filter. Constants are
/// chosen to give readings of plausible size; material, override, tools and coolant move each signal as much as a fault does for most of its course.
/// </remarks>
internal sealed class MachiningCentre : LiveMachine
{
    private const double Cadence = 30; // s
    private const double WarmingSeconds = 900;
    private const int Pump = 0, Cutter = 1, Bearings = 2; // in the order of the schema
    private const int FaceMill = 1, EndMill = 2, Drill = 3, Finisher = 4; // in the order of the states
    private const int Stopped = 0, Warming = 1, Idle = 2, Cutting = 3;

    private static readonly (double Speed, double Feed)[] Tools = [(0, 0), (2_400, 900), (6_000, 1_500), (3_200, 500), (9_000, 2_000)];

    // Tool, share of the rated power, seconds.
    private static readonly (int Tool, double Power, double Seconds)[][] Programs =
    [
        [(FaceMill, 0.45, 120), (EndMill, 0.40, 150), (Drill, 0.30, 60), (EndMill, 0.35, 90), (Finisher, 0.15, 90)],
        [(FaceMill, 0.40, 90), (Drill, 0.30, 120), (EndMill, 0.38, 60), (Finisher, 0.15, 60)],
        [(EndMill, 0.42, 180), (Drill, 0.25, 60), (Finisher, 0.18, 120)],
        [(FaceMill, 0.50, 60), (EndMill, 0.45, 90), (Drill, 0.32, 60)],
    ];

    private readonly double _ageYears;
    private readonly double _newVibration; // mm/s at 6000 rpm, not cutting
    private readonly double _pumpPressure; // bar
    private readonly double _pumpCurrent; // A
    private readonly double _ratedCurrent; // A
    private readonly Wander _override = new(0.05, 1_800, Cadence);
    private readonly Wander _material = new(0.05, 240, Cadence);
    private readonly Wander _mounting = new(0.10, 1_500, Cadence);
    private readonly Wander _coolantState = new(0.05, 1_200, Cadence);
    private readonly Wander _coolantWander = new(1.0, 6_000, Cadence);
    private readonly Nuisance _hardBatch = new(1.2, 900, 3_600);
    private readonly Nuisance _clampedBadly = new(0.8, 300, 1_500);
    private readonly Nuisance _clog = new(0.6, 600, 2_400);
    private readonly Nuisance _foam = new(0.6, 300, 1_500);
    private readonly Nuisance _noWork = new(5, 300, 1_500);

    private double _jobSeconds;
    private double _jobHardness = 1;
    private int _program;
    private int _operation = -1; // -1 while a part is changed
    private double _operationSeconds;
    private double _warming;
    private int _mode = Idle;
    private double _parts;
    private double _speed, _feed, _power; // rpm, mm/min, share of the rated power
    private double _spindle = 32, _coolant = 24; // °C
    private bool _doorOpen;

    internal MachiningCentre(AssetId asset, LivePlantOptions options, SeededRandom random)
        : base(asset, MachiningShop.Shop, options, random)
    {
        _ageYears = Math.Round(random.Uniform(1, 15), 1);
        _newVibration = random.Uniform(0.7, 1.0);
        _pumpPressure = random.Uniform(18, 22);
        _pumpCurrent = random.Uniform(6, 7);
        _ratedCurrent = random.Uniform(38, 44);
        _parts = Math.Floor(random.Uniform(0, 20_000));
    }

    internal override double[] Facts => [_ageYears];

    private int Tool => _mode == Cutting ? Programs[_program][_operation].Tool : 0;

    private protected override void Restart() => _warming = WarmingSeconds;

    private protected override double Run(DateTimeOffset local, double seconds)
    {
        PlanJobs(seconds);
        Advance(local, seconds);
        Cut();
        double bearings = Level(Bearings);
        double relative = _speed / 6_000;
        double friction = 0.35 * relative * relative * (1 + (2.0 * bearings)); // kW
        double losses = friction + (0.9 * _power);
        _spindle += (losses - (0.035 * (_spindle - _coolant))) * seconds / 14;
        double ambient = 20 + (3 * Math.Sin(2 * Math.PI * (local.TimeOfDay.TotalDays - 0.375))); // warmest at 15 h
        _coolant += (((_mode == Cutting ? 4.5 : 1.5) + ambient + _coolantWander.Step(Random)) - _coolant) * (1 - Math.Exp(-seconds / 1_800));
        return _mode switch { Cutting => 1, Stopped => 0, _ => 0.3 };
    }

    private protected override void Read(Span<double> values)
    {
        double pump = Level(Pump);
        double cutter = Level(Cutter);
        double bearings = Level(Bearings);
        double relative = _speed / 6_000;
        double bearingVibration = _newVibration * Math.Pow(relative, 1.2) * (1 + (1.8 * bearings));
        double cuttingVibration = _power == 0 ? 0 : 2.0 * _power * (1 + (1.5 * (Tool == Drill ? 0 : cutter)) + (0.7 * _clampedBadly.Strength) + _mounting.Value);
        double vibration = (0.1 + Math.Sqrt((bearingVibration * bearingVibration) + (cuttingVibration * cuttingVibration))) * Random.Normal(1, 0.10 + (0.15 * bearings));
        double load = (0.06 * relative * (1 + (2.0 * bearings))) + (1.05 * _power);
        double feedForce = _power == 0 ? 0 : 0.10 + (0.9 * _power * (1 + (0.8 * (Tool == Drill ? 0 : cutter))));
        bool flows = _mode is Cutting or Warming;
        double pressure = !flows ? 0 : _pumpPressure
            * (1 - (0.36 * pump) + (0.10 * _clog.Strength) - (0.10 * _foam.Strength) + _coolantState.Value + (Tool == Drill ? 0.15 : 0))
            * Random.Normal(1, 0.03 + (0.20 * pump) + (0.05 * _foam.Strength));
        double current = !flows ? 0 : _pumpCurrent
            * (1 + (0.30 * pump) + (0.08 * _clog.Strength) - (0.05 * _foam.Strength) + (Tool == Drill ? 0.12 : 0) + (0.5 * _coolantState.Value))
            * Random.Normal(1, 0.03 + (0.09 * pump));
        TellError(0, flows && pressure < 0.5 * _pumpPressure, Cadence);
        TellError(1, load > 0.72, Cadence);
        TellError(2, _spindle > 62, Cadence);

        values[0] = Math.Round(_speed, 0);
        values[1] = Math.Round(_feed, 0);
        values[2] = Math.Round(Math.Max(0, 100 * load * Random.Normal(1, 0.04)), 1);
        values[3] = Math.Round(Math.Max(0, _ratedCurrent * (_speed == 0 ? 0 : 0.12 + (0.9 * load)) * Random.Normal(1, 0.04)), 1);
        values[4] = Math.Round(_spindle + Random.Normal(0, 0.4), 1);
        values[5] = Math.Round(Math.Max(0, _speed == 0 ? 0.1 * Random.Uniform() : vibration), 2);
        values[6] = Math.Round(Math.Max(0, 100 * feedForce * Random.Normal(1, 0.05)), 1);
        values[7] = Math.Round(Math.Max(0, pressure), 1);
        values[8] = Math.Round(Math.Max(0, current), 2);
        values[9] = Math.Round(_coolant + Random.Normal(0, 0.2), 1);
        values[10] = flows && Random.Chance(0.003 + (0.30 * _foam.Strength) + (0.6 * pump * Math.Sqrt(pump))) ? 1 : 0;
        values[11] = _mode == Cutting && Random.Chance(0.01 + (0.25 * _clampedBadly.Strength) + (0.6 * cutter * Math.Sqrt(cutter))) ? 1 : 0;
        values[12] = _doorOpen ? 1 : 0;
        values[13] = _parts;
        values[14] = _mode == Stopped ? 0 : _program + 1;
        values[15] = Tool;
        values[16] = _mode;
    }

    private void PlanJobs(double seconds)
    {
        _jobSeconds -= seconds;
        if (_jobSeconds <= 0 && _operation < 0)
        {
            _jobSeconds = Random.Uniform(2, 7) * 3_600;
            _jobHardness = Random.Uniform(0.88, 1.12);
            _program = (int)Random.Uniform(0, Programs.Length);
        }
    }

    private void Advance(DateTimeOffset local, double seconds)
    {
        _noWork.Step(seconds, Random);
        _doorOpen = false;
        if (IsStopped)
        {
            _mode = Stopped;
            _operation = -1;
            _operationSeconds = 60;
            return;
        }

        if (_warming > 0)
        {
            _warming -= seconds;
            _mode = Warming;
            return;
        }

        _operationSeconds -= seconds;
        if (_operationSeconds <= 0)
        {
            _operation++;
            if (_operation == Programs[_program].Length)
            {
                _parts++;
                _operation = -1;
                _operationSeconds = Random.Uniform(30, 90);
            }
            else
            {
                _operationSeconds = Programs[_program][_operation].Seconds * Random.Uniform(0.9, 1.1);
            }
        }

        bool slack = local.Hour is < 6 or >= 22 && local.Minute >= 45; // few people by night: parts wait
        if (_operation <= 0 && (_noWork.Strength > 0 || slack))
        {
            _operation = -1;
            _operationSeconds = Math.Max(_operationSeconds, seconds);
        }

        _mode = _operation < 0 ? Idle : Cutting;
        _doorOpen = _operation < 0 && _noWork.Strength == 0;
    }

    private void Cut()
    {
        double over = Math.Clamp(1 + _override.Step(Random), 0.8, 1.15);
        _material.Step(Random);
        _mounting.Step(Random);
        _coolantState.Step(Random);
        _hardBatch.Step(Cadence, Random);
        _clampedBadly.Step(Cadence, Random);
        _clog.Step(Cadence, Random);
        _foam.Step(Cadence, Random);
        (_speed, _feed, _power) = _mode switch
        {
            Warming => (3_000, 0, 0),
            Cutting => (Tools[Tool].Speed, Math.Round(Tools[Tool].Feed * over), PowerOf(Programs[_program][_operation])),
            _ => (0.0, 0.0, 0.0),
        };

        double PowerOf((int Tool, double Power, double Seconds) operation) => operation.Power * over
            * (_jobHardness + (0.15 * _hardBatch.Strength) + _material.Value) * (1 + (0.50 * (operation.Tool == Drill ? 0 : Level(Cutter))));
    }
}
