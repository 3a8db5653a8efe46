namespace Auspex.Simulation.Turbofan;

/// <summary>Where an engine flies, and at which thrust.</summary>
/// <param name="AltitudeFeet">0 to 45,000 ft.</param>
/// <param name="Mach">0 to 0.9.</param>
/// <param name="ThrottlePercent">Throttle resolver angle, 60 to 100.</param>
internal readonly record struct FlightPoint(double AltitudeFeet, double Mach, double ThrottlePercent);

/// <summary>What an engine has lost against a new one, as shares from 0.</summary>
/// <param name="FanEfficiency">Of the fan's efficiency.</param>
/// <param name="FanFlow">Of the fan's flow.</param>
/// <param name="CompressorEfficiency">Of the efficiency of the high-pressure compressor.</param>
/// <param name="CompressorFlow">Of its flow.</param>
internal readonly record struct EngineLosses(double FanEfficiency, double FanFlow, double CompressorEfficiency, double CompressorFlow);

/// <summary>The stations of a two-shaft turbofan, from the ideal-gas cycle with component efficiencies (Mattingly, Elements of Propulsion, ch. 7-8):
/// cp 1.005 kJ/(kg K), γ 1.4 throughout, fuel mass neglected beside air. The control holds fan speed and engine pressure ratio: a worn
/// compressor is made up for with fuel, so that temperatures rise. Numbers of stations are those of SAE AS755.</summary>
internal sealed class GasPath
{
    private const double Cp = 1.005; // kJ/(kg K)
    private const double Exponent = 1 / 3.5; // (γ − 1) / γ
    private const double HeatingValue = 43_100 * 0.995; // kJ/kg of kerosene, burnt with 99.5 %

    private GasPath()
    {
    }

    internal double T2 { get; private init; } // K

    internal double P2 { get; private init; } // kPa

    internal double T15 { get; private init; }

    internal double P15 { get; private init; }

    internal double T24 { get; private init; }

    internal double T30 { get; private init; }

    internal double P30 { get; private init; }

    internal double T4 { get; private init; }

    internal double T50 { get; private init; }

    internal double P50 { get; private init; }

    internal double FanSpeed { get; private init; } // rpm

    internal double CoreSpeed { get; private init; } // rpm

    internal double CoreFlow { get; private init; } // kg/s

    internal double BypassRatio { get; private init; }

    internal double FuelFlow { get; private init; } // kg/s

    /// <summary>Solves the cycle.</summary>
    /// <exception cref="ArgumentException">The turbines could not drive the compressors at any temperature up to 3000 K: losses far beyond removal.</exception>
    internal static GasPath At(FlightPoint point, EngineLosses losses)
    {
        (double ambient, double pressure) = Atmosphere(point.AltitudeFeet * 0.3048);
        double ram = 1 + (0.2 * point.Mach * point.Mach);
        double t2 = ambient * ram;
        double p2 = pressure * Math.Pow(ram, 3.5);
        double speed = 0.72 + (0.28 * point.ThrottlePercent / 100); // of the corrected design speed
        double fanRatio = 1 + (0.65 * speed * speed * (1 - (0.5 * losses.FanFlow)));
        double boosterRatio = 1 + (1.4 * speed * speed * (1 - (0.5 * losses.FanFlow)));
        double compressorRatio = 10 * speed * speed * (1 - (0.6 * losses.CompressorFlow));
        double fanEfficiency = 0.89 * (1 - losses.FanEfficiency);
        double compressorEfficiency = 0.86 * (1 - losses.CompressorEfficiency);
        double t15 = t2 * Rise(fanRatio, fanEfficiency);
        double t24 = t2 * Rise(boosterRatio, fanEfficiency);
        double t30 = t24 * Rise(compressorRatio, compressorEfficiency);
        double p30 = p2 * boosterRatio * compressorRatio;
        double bypass = 8.4 * (1 + (0.6 * losses.CompressorFlow) - (0.4 * losses.FanFlow)) / Math.Pow(speed, 0.3);
        double wanted = 1.1 + (0.25 * speed); // p50 / p2
        double shaft1 = (t24 - t2) + (bypass * (t15 - t2)); // K of core air
        double shaft2 = t30 - t24;
        double low = shaft1 + shaft2 + 200, high = 3_000;
        if (PressureRatio(high) < wanted)
        {
            throw new ArgumentException($"No turbine temperature up to {high} K drives an engine with {losses}.", nameof(losses));
        }

        for (int i = 0; i < 40; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = PressureRatio(middle) < wanted ? (middle, high) : (low, middle);
        }

        double t4 = (low + high) / 2;
        double theta = Math.Sqrt(t2 / 288.15);
        double coreFlow = 45 * speed * (p2 / 101.325) / theta * (1 - losses.CompressorFlow);
        return new GasPath
        {
            T2 = t2,
            P2 = p2,
            T15 = t15,
            P15 = p2 * fanRatio,
            T24 = t24,
            T30 = t30,
            P30 = p30,
            T4 = t4,
            T50 = t4 - shaft2 - shaft1,
            P50 = p2 * PressureRatio(t4),
            FanSpeed = 2_388 * speed * theta * (1 + (0.2 * losses.FanFlow)),
            CoreSpeed = 8_140 * Math.Pow(speed, 0.4) * Math.Sqrt(t24 / 390) * (1 + (0.35 * losses.CompressorFlow)),
            CoreFlow = coreFlow,
            BypassRatio = bypass,
            FuelFlow = coreFlow * Cp * (t4 - t30) / HeatingValue,
        };

        // Both turbines in a row, efficiency 0.9 each; 5 % of the pressure is lost in the burner.
        double PressureRatio(double inlet)
        {
            double between = inlet - shaft2;
            double first = 1 - (shaft2 / (0.9 * inlet));
            double second = 1 - (shaft1 / (0.9 * between));
            return first <= 0 || second <= 0 ? 0 : 0.95 * p30 / p2 * Math.Pow(first, 3.5) * Math.Pow(second, 3.5);
        }
    }

    /// <summary>The standard atmosphere of ISO 2533 below 20 km.</summary>
    /// <returns>K and kPa.</returns>
    internal static (double Temperature, double Pressure) Atmosphere(double metres)
    {
        const double tropopause = 11_000, lapse = 0.0065, ground = 288.15;
        double temperature = ground - (lapse * Math.Min(metres, tropopause));
        double pressure = 101.325 * Math.Pow(temperature / ground, 5.25588);
        return metres <= tropopause ? (temperature, pressure)
            : (temperature, pressure * Math.Exp(-9.80665 * (metres - tropopause) / (287.053 * temperature)));
    }

    private static double Rise(double ratio, double efficiency) => 1 + ((Math.Pow(ratio, Exponent) - 1) / efficiency);
}
