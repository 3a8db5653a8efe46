using Auspex.Simulation.Turbofan;

namespace Auspex.Simulation.Tests.Turbofan;

public sealed class GasPathTests
{
    [Theory]
    [InlineData(0, 288.15, 101.325)]
    [InlineData(5_000, 255.65, 54.020)]
    [InlineData(11_000, 216.65, 22.632)]
    [InlineData(15_000, 216.65, 12.045)]
    public void Atmosphere_IsTheStandardsTable(double metres, double kelvin, double kiloPascal) // ISO 2533, geopotential altitude
    {
        (double temperature, double pressure) = GasPath.Atmosphere(metres);

        Assert.Equal(kelvin, temperature, 0.01);
        Assert.Equal(kiloPascal, pressure, 0.005);
    }

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(25_000, 0.62, 60)]
    [InlineData(42_000, 0.84, 100)]
    public void At_AnyPoint_FuelPaysForAllThatBecomesHotter(double feet, double mach, double throttle)
    {
        GasPath path = GasPath.At(new FlightPoint(feet, mach, throttle), new EngineLosses(0.02, 0.02, 0.04, 0.04));

        // First law over the engine from face to exhaust: fuel heat = enthalpy of core exhaust and bypass air over that of the inlet.
        double fuel = path.FuelFlow * 43_100 * 0.995;
        double air = path.CoreFlow * 1.005 * ((path.T50 - path.T2) + (path.BypassRatio * (path.T15 - path.T2)));
        Assert.Equal(1, fuel / air, 1e-6);
        Assert.True(path.T2 < path.T24 && path.T24 < path.T30 && path.T30 < path.T4 && path.T50 < path.T4);
        Assert.InRange(path.T4, 900, 2_000);
    }

    [Fact]
    public void At_WornCompressor_NeedsMoreFuelForTheSameThrust()
    {
        var point = new FlightPoint(35_000, 0.84, 100);
        GasPath sound = GasPath.At(point, default);
        GasPath worn = GasPath.At(point, new EngineLosses(0, 0, 0.05, 0.03));

        Assert.Equal(sound.P50, worn.P50, sound.P50 * 1e-6);
        Assert.True(worn.T50 > sound.T50 + 5, $"{sound.T50} → {worn.T50} K");
        Assert.True(worn.T30 > sound.T30);
        Assert.True(worn.P30 < sound.P30);
        Assert.True(worn.CoreSpeed > sound.CoreSpeed);
    }
}
