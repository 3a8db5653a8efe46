using Auspex.Core.Assets;

namespace Auspex.Simulation.Furnace;

/// <summary>One hardening furnace: trays ride through a heating-up and a holding zone under a carburising atmosphere and are quenched in oil.</summary>
/// <remarks>
/// Heat: two <see cref="ControlledZone"/>s; goods carry off m · c · ΔT with c = 0.68 kJ/(kg K), about the mean for carbon steel from 20 to 850 °C of
/// EN 1993-1-2, 3.4.1.2. Carbon potential is computed from an oxygen probe and the temperature of the control thermocouple, so that it shows a
/// thermocouple that reads too low. Oil: what the goods bring, less what a cooler behind a thermostat takes in proportion to its flow; pressure of a pump
/// goes with speed², its power with speed³ (affinity laws), both with the viscosity. All other constants are chosen to give readings of plausible
/// size; noise, load, mains and set points move each signal as much as a fault does for most of its course.
/// </remarks>
internal sealed class HeatTreatmentFurnace : LiveMachine
{
    private const double SpecificHeat = 0.68; // kJ/(kg K)
    private const double TrayWeight = 60; // kg
    private const double Cadence = 30; // s
    private const double ReadyWithin = 12; // goods are let in this close to the set points, K
    private const int Element = 0, Pump = 1, Thermocouple = 2; // in the order of the schema

    private static readonly (double SetPoint, double Carbon, double Belt)[] Recipes = [(840, 0.45, 320), (870, 0.80, 260), (900, 1.00, 220)];

    private readonly double _size;
    private readonly ControlledZone _zone1;
    private readonly ControlledZone _zone2;
    private readonly double _limitOffset; // K: the two thermocouples of a zone never agree
    private readonly double _pumpCurrent; // A at full speed and 60 °C
    private readonly double _pumpPressure; // bar at full speed and 60 °C
    private readonly Wander _mains = new(7, 2_400, Cadence);
    private readonly Wander _weather = new(2, 20_000, Cadence);
    private readonly Wander _loading = new(0.10, 240, Cadence);
    private readonly Wander _limit = new(5, 2_400, Cadence);
    private readonly Wander _carbonWander = new(0.03, 1_200, Cadence);
    private readonly Wander _oilFlow = new(0.05, 900, Cadence);
    private readonly Nuisance _stuckRelay = new(0.3, 120, 1_200);
    private readonly Nuisance _draught = new(0.5, 600, 2_400);
    private readonly Nuisance _clog = new(0.5, 600, 2_400);
    private readonly Nuisance _idle = new(6, 180, 900); // no goods

    private double _jobSeconds;
    private double _jobShare = 0.8;
    private int _recipe;
    private double _load; // kg/h
    private double _trayKilograms;
    private double _trays;
    private double _quench; // what is in the oil, decaying
    private bool _doorOpen;
    private bool _producing = true;
    private double _carbon = 0.8;
    private double _oil = 60;
    private double _volt = ControlledZone.RatedVolt;
    private double _reading2 = 850;
    private double _power1;
    private bool _oilHigh;

    internal HeatTreatmentFurnace(AssetId asset, LivePlantOptions options, SeededRandom random)
        : base(asset, HeatTreatmentLine.Line, options, random)
    {
        _size = random.Chance(0.5) ? 1.4 : 1;
        _limitOffset = random.Normal(0, 5);
        _pumpCurrent = random.Uniform(13, 15) * _size;
        _pumpPressure = random.Uniform(3.8, 4.4);
        _zone1 = new ControlledZone(ratedPower: 135 * _size, lossCoefficient: 0.040 * _size, heatCapacity: 420 * _size, temperature: 800);
        _zone2 = new ControlledZone(ratedPower: 75 * _size, lossCoefficient: 0.042 * _size, heatCapacity: 420 * _size, temperature: 850);
        _trays = Math.Floor(random.Uniform(0, 5_000));
    }

    internal override double[] Facts => [500 * _size];

    private double SetPoint2 => Recipes[_recipe].SetPoint;

    private double SetPoint1 => SetPoint2 - 40;

    private protected override void Restart() => _producing = false;

    private protected override double Run(DateTimeOffset local, double seconds)
    {
        PlanJobs(seconds);
        _volt = ControlledZone.RatedVolt + _mains.Step(Random) + (4 * Math.Cos(2 * Math.PI * (local.TimeOfDay.TotalDays - 0.1))); // lower by day
        double ambient = 21 + (5 * Math.Sin(2 * Math.PI * (local.TimeOfDay.TotalDays - 0.375))) + _weather.Step(Random); // warmest at 15 h
        MoveGoods(local, seconds);
        Heat(ambient, seconds);
        MoveOil(seconds);
        _carbon += (Recipes[_recipe].Carbon - IndicatedCarbon()) * seconds / 1_500; // the gas control works on what is indicated
        _carbonWander.Step(Random);
        _limit.Step(Random);
        _stuckRelay.Step(seconds, Random);
        _draught.Step(seconds, Random);
        if (_producing)
        {
            TellError(0, Math.Abs(_zone1.Temperature - SetPoint1) > 14, seconds);
            TellError(1, _zone2.Temperature - SetPoint2 > 20, seconds);
        }

        return !_producing ? 0.3 : 0.5 + (0.6 * Math.Min(1, _load / (500 * _size)));
    }

    private protected override void Read(Span<double> values)
    {
        double element = Level(Element);
        double pump = Level(Pump);
        double speed = PumpSpeed();
        double viscosity = Math.Exp(-0.015 * (_oil - 60)); // of the oil relative to 60 °C
        double running = IsStopped ? 0 : 1;
        // A worn pump slips: less pressure and unsteady. A clogged filter raises the pressure before it, and the current with it.
        double pressure = running * _pumpPressure * speed * speed * Math.Pow(viscosity, 0.3)
            * (1 - (0.44 * pump) + (0.12 * _clog.Strength) + (0.10 * _quench) + _oilFlow.Value) * Random.Normal(1, 0.03 + (0.24 * pump));
        double current = running * _pumpCurrent * speed * speed * speed * Math.Pow(viscosity, 0.4)
            * (1 + (0.32 * pump) + (0.10 * _clog.Strength) + (0.12 * _quench)) * Random.Normal(1, 0.03 + (0.09 * pump));
        TellError(2, running > 0 && pressure < 1.2, Cadence);
        _oilHigh = _oil + Random.Normal(0, 0.7) > (_oilHigh ? 62.2 : 63);

        values[0] = SetPoint1;
        values[1] = SetPoint2;
        values[2] = Math.Round(_zone1.Temperature + Random.Normal(0, 1.2), 1);
        values[3] = Math.Round(_reading2, 1);
        values[4] = Math.Round(100 * _zone1.Output, 1);
        values[5] = Math.Round(100 * _zone2.Output, 1);
        values[6] = Math.Round(Math.Max(0, _power1 * Random.Normal(1, 0.025)), 1);
        values[7] = Math.Round(Math.Max(0, _zone2.Power * Random.Normal(1, 0.025)), 1);
        values[8] = Math.Round(_zone2.Temperature + _limitOffset + _limit.Value + (9 * _draught.Strength) + Random.Normal(0, 2.5), 1);
        values[9] = Math.Round(_volt + Random.Normal(0, 0.8), 1);
        values[10] = Math.Round(IndicatedCarbon() + Random.Normal(0, 0.015), 3);
        values[11] = Math.Round(Math.Max(0, _load * Random.Normal(1, 0.03)), 0);
        values[12] = _producing && !IsStopped ? Recipes[_recipe].Belt : 0;
        values[13] = Math.Round(_oil + Random.Normal(0, 0.4), 1);
        values[14] = Math.Round(Math.Max(0, pressure), 2);
        values[15] = Math.Round(Math.Max(0, current), 2);
        values[16] = !IsStopped && Random.Chance(0.003 + (0.35 * _stuckRelay.Strength) + (0.6 * element * Math.Sqrt(element))) ? 1 : 0;
        values[17] = _oilHigh ? 1 : 0;
        values[18] = _doorOpen ? 1 : 0;
        values[19] = _trays;
        values[20] = IsStopped ? 0 : _producing ? 2 : 1;
    }

    private void PlanJobs(double seconds)
    {
        _jobSeconds -= seconds;
        if (_jobSeconds <= 0)
        {
            _jobSeconds = Random.Uniform(2, 7) * 3_600;
            _jobShare = Random.Uniform(0.6, 1.0);
            _recipe = (int)Random.Uniform(0, Recipes.Length);
        }
    }

    private void MoveGoods(DateTimeOffset local, double seconds)
    {
        if (IsStopped)
        {
            _producing = false;
        }
        else if (!_producing)
        {
            _producing = Math.Min(_zone1.Temperature - SetPoint1, _reading2 - SetPoint2) > -ReadyWithin;
        }

        _idle.Step(seconds, Random);
        double shift = local.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.75 : local.Hour is >= 6 and < 22 ? 1 : 0.85;
        double wanted = _producing && _idle.Strength == 0 ? 500 * _size * _jobShare * shift * (1 + _loading.Step(Random)) : 0;
        _load += (wanted - _load) * (1 - Math.Exp(-seconds / 90)); // goods fill the zone, they do not jump into it
        _trayKilograms += _load * seconds / 3_600;
        _doorOpen = _trayKilograms >= TrayWeight * _size;
        _quench *= Math.Exp(-seconds / 45);
        if (_doorOpen)
        {
            _trayKilograms -= TrayWeight * _size;
            _trays++;
            _quench = Random.Uniform(0.5, 1.2);
        }
    }

    private void Heat(double ambient, double seconds)
    {
        double perKelvin = _load / 3_600 * SpecificHeat;
        double door = _doorOpen ? 12 * _size : 0;
        double heat1 = (perKelvin * Math.Max(0, _zone1.Temperature - ambient)) + door;
        double heat2 = (perKelvin * Math.Max(0, _zone2.Temperature - _zone1.Temperature)) + (door / 3) + (_draught.Strength * 3 * _size);
        double element = Level(Element);

        // A worn element loses contact for part of a step now and then.
        double contact = Random.Chance(1.2 * element) ? Random.Uniform(0.6, 1) : 1;
        double conductance = (1 - (0.50 * element)) * contact;
        bool on = !IsStopped;
        double reading1 = _zone1.Temperature + Random.Normal(0, 0.6);
        double sensor = Level(Thermocouple);
        _reading2 = _zone2.Temperature - (38 * sensor) + Random.Normal(0, 1.2 + (6.5 * sensor * sensor));
        _zone1.Step(seconds, on ? SetPoint1 : null, reading1, _volt, ambient, heat1, conductance);
        _zone2.Step(seconds, on ? SetPoint2 : null, _reading2, _volt, ambient, heat2, conductance: 1);
        _power1 = _zone1.Power;
    }

    private void MoveOil(double seconds)
    {
        _clog.Step(seconds, Random);
        _oilFlow.Step(Random);
        double goods = _load / 3_600 * SpecificHeat * Math.Max(0, _zone2.Temperature - _oil); // kW
        double thermostat = Math.Clamp((_oil - 54) / 12, 0, 1);
        double flow = IsStopped ? 0.2 : PumpSpeed() * (1 - (0.40 * Level(Pump)));
        double cooler = 3.0 * _size * thermostat * flow * (_oil - 26); // kW
        _oil += (goods - cooler) * seconds / (1_800 * _size);
    }

    /// <summary>Share of full speed: agitation follows the recipe.</summary>
    private double PumpSpeed() => _recipe switch { 0 => 0.85, 1 => 0.92, _ => 1 };

    /// <summary>About −0.55 % per 100 K at a given voltage of the probe: steel in equilibrium with the gas takes less carbon when hotter.</summary>
    private double IndicatedCarbon() => _carbon + _carbonWander.Value + (0.0055 * (_zone2.Temperature - _reading2));
}
