namespace Auspex.Simulation.Furnace;

/// <summary>One heated zone as a lumped heat balance: C dT/dt = P − UA (T − ambient) − load − door.</summary>
/// <param name="ratedPower">kW of new heating elements.</param>
/// <param name="lossCoefficient">UA in kW/K of new insulation and seals.</param>
/// <param name="heatCapacity">C in kJ/K; with UA it gives a time constant of some eight hours, as of a brick-lined furnace.</param>
/// <param name="temperature">Start, °C.</param>
internal sealed class HeatingZone(double ratedPower, double lossCoefficient, double heatCapacity, double temperature)
{
    // A zone is brought to its set point over half an hour, not within one frame: a gentle controller.
    private const double ApproachSeconds = 1_800;

    /// <summary>True temperature, °C.</summary>
    internal double Temperature { get; private set; } = temperature;

    /// <summary>Mean power of the last step, kW.</summary>
    internal double Power { get; private set; }

    /// <summary>One step of the balance.</summary>
    /// <param name="seconds">Length of the step.</param>
    /// <param name="setPoint">°C, or null when the heating is off.</param>
    /// <param name="sensorError">What the controller's thermocouple reads too much, K: the controller holds the reading, not the temperature.</param>
    /// <param name="ambient">°C.</param>
    /// <param name="loadHeat">kW that the goods carry off.</param>
    /// <param name="doorHeat">kW lost through an open door.</param>
    /// <param name="damage">0 to about 1: aged elements have less power to give, worn seals lose more.</param>
    internal void Step(double seconds, double? setPoint, double sensorError, double ambient, double loadHeat, double doorHeat, double damage)
    {
        // Silicon carbide elements rise to several times their resistance before they fail: at the same voltage less power is left.
        double available = ratedPower * Math.Max(0.3, 1 - (0.5 * damage));
        double losses = (lossCoefficient * (1 + (0.5 * damage)) * (Temperature - ambient)) + loadHeat + doorHeat;
        double wanted = setPoint is { } target
            ? losses + (heatCapacity * (target - sensorError - Temperature) / Math.Max(seconds, ApproachSeconds))
            : 0;
        Power = Math.Clamp(wanted, 0, setPoint is null ? 0 : available);
        Temperature += (Power - losses) * seconds / heatCapacity;
    }
}
