namespace Auspex.Simulation.Furnace;

/// <summary>One zone of a furnace under its controller, as a lumped heat balance: C dT/dt = P − UA (T − ambient) − load. The controller is
/// proportional-integral with the integral held while the output saturates, and holds what its thermocouple reads, not the temperature.</summary>
/// <param name="ratedPower">kW of sound elements at the rated voltage of <see cref="RatedVolt"/>.</param>
/// <param name="lossCoefficient">UA in kW/K.</param>
/// <param name="heatCapacity">C in kJ/K of muffle and goods.</param>
/// <param name="temperature">Start, °C.</param>
internal sealed class ControlledZone(double ratedPower, double lossCoefficient, double heatCapacity, double temperature)
{
    /// <summary>Mains voltage at which the elements have their rated power, V.</summary>
    internal const double RatedVolt = 400;

    private const double Gain = 0.04; // of full output per K
    private const double IntegralSeconds = 400;

    private double _integral = 0.6;

    /// <summary>True temperature, °C.</summary>
    internal double Temperature { get; private set; } = temperature;

    /// <summary>Output of the controller in the last step, 0 to 1.</summary>
    internal double Output { get; private set; } = 0.6;

    /// <summary>Mean power of the last step, kW.</summary>
    internal double Power { get; private set; }

    /// <summary>One step of the balance.</summary>
    /// <param name="seconds">Length of the step; at most a tenth of C / (rated power · gain).</param>
    /// <param name="setPoint">°C, or null when the heating is off.</param>
    /// <param name="reading">What the thermocouple says, °C.</param>
    /// <param name="volt">Mains voltage, V: power goes with its square.</param>
    /// <param name="ambient">°C.</param>
    /// <param name="loadHeat">kW that goods and door take.</param>
    /// <param name="conductance">Of the elements, 1 sound, less when worn: silicon carbide rises in resistance before it breaks.</param>
    internal void Step(double seconds, double? setPoint, double reading, double volt, double ambient, double loadHeat, double conductance)
    {
        if (setPoint is { } target)
        {
            double error = target - reading;
            double wanted = (Gain * error) + _integral;
            Output = Math.Clamp(wanted, 0, 1);
            if (Output == wanted || (error > 0) != (wanted > 1))
            {
                _integral = Math.Clamp(_integral + (Gain * error * seconds / IntegralSeconds), 0, 1);
            }
        }
        else
        {
            Output = 0;
        }

        double relative = volt / RatedVolt;
        Power = Output * ratedPower * relative * relative * conductance;
        Temperature += (Power - (lossCoefficient * (Temperature - ambient)) - loadHeat) * seconds / heatCapacity;
    }
}
