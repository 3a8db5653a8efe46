using Auspex.Simulation.Furnace;

namespace Auspex.Simulation.Tests.Furnace;

public sealed class HeatingZoneTests
{
    private const double Ambient = 20;

    [Fact]
    public void Step_HeldLong_PowerIsWhatIsLost()
    {
        var zone = new HeatingZone(ratedPower: 100, lossCoefficient: 0.03, heatCapacity: 900, temperature: 700);

        Repeat(zone, 100, setPoint: 800, loadHeat: 40);

        Assert.Equal(800, zone.Temperature, 1e-6);
        Assert.Equal((0.03 * (800 - Ambient)) + 40, zone.Power, 1e-6); // 63.4 kW: losses and load
    }

    [Fact]
    public void Step_HeatingOff_CoolsExponentially()
    {
        var zone = new HeatingZone(ratedPower: 100, lossCoefficient: 0.03, heatCapacity: 900, temperature: 820);

        Repeat(zone, 60, setPoint: null, seconds: 60);

        // Newton's law: after an hour exp(−3600 · 0.03 / 900) of the difference is left; explicit steps of a minute come within 0.1 K.
        Assert.Equal(Ambient + (800 * Math.Exp(-3600 * 0.03 / 900)), zone.Temperature, 0.1);
        Assert.Equal(0, zone.Power);
    }

    [Fact]
    public void Step_WornElementsUnderHighLoad_TemperatureSags()
    {
        var low = new HeatingZone(ratedPower: 100, lossCoefficient: 0.03, heatCapacity: 900, temperature: 800);
        var high = new HeatingZone(ratedPower: 100, lossCoefficient: 0.03, heatCapacity: 900, temperature: 800);

        Repeat(low, 20, setPoint: 800, loadHeat: 10, damage: 1);
        Repeat(high, 20, setPoint: 800, loadHeat: 60, damage: 1);

        Assert.Equal(800, low.Temperature, 1e-6);
        Assert.True(high.Temperature < 780, $"{high.Temperature} °C");
        Assert.Equal(50, high.Power, 1e-9); // half the rated power is left
    }

    [Fact]
    public void Step_SensorReadsTooMuch_ReadingIsHeldAndLessPowerDrawn()
    {
        var zone = new HeatingZone(ratedPower: 100, lossCoefficient: 0.03, heatCapacity: 900, temperature: 800);

        Repeat(zone, 100, setPoint: 800, sensorError: 20);

        Assert.Equal(780, zone.Temperature, 1e-6);
        Assert.Equal(0.03 * (780 - Ambient), zone.Power, 1e-6);
    }

    private static void Repeat(
        HeatingZone zone, int steps, double? setPoint, double loadHeat = 0, double damage = 0, double sensorError = 0, double seconds = 600)
    {
        for (int i = 0; i < steps; i++)
        {
            zone.Step(seconds, setPoint, sensorError, Ambient, loadHeat, doorHeat: 0, damage);
        }
    }
}
