using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Simulation.Furnace;

namespace Auspex.Simulation.Tests.Furnace;

public sealed class HeatTreatmentLineTests
{
    [Fact]
    public void Frames_WhileProducing_PowerIsLossesAndGoods()
    {
        // Independent of the simulation's steps: mean power of a zone in balance is UA (T − ambient) and what the goods carry off.
        // A furnace of rated load 500 kg/h has UA = 0.040 kW/K in zone 1; c = 0.68 kJ/(kg K); mean ambient over whole days is 21 °C.
        foreach (AssetHistory asset in LivePlants.Of(LivePlants.Line)[0].Recorded.Assets)
        {
            double size = asset.Facts[0] / 500;
            int[] rows = [.. Enumerable.Range(0, asset.Count).Where(row => Value(asset, "mode", row) == 2 && Value(asset, "load", row) > 0)];
            double power = Mean(rows.Select(row => Value(asset, "hz1power", row)));
            double wanted = Mean(rows.Select(row =>
                (0.040 * size * (Value(asset, "hz1pv", row) - 21)) + (Value(asset, "load", row) / 3600 * 0.68 * (Value(asset, "hz1pv", row) - 21))));

            Assert.True(Math.Abs(power - wanted) < 0.08 * wanted,
                string.Create(CultureInfo.InvariantCulture, $"{asset.Asset}: {power:0.0} kW where {wanted:0.0} kW are in balance"));
        }
    }

    [Fact]
    public void Step_ControlledZoneHeldLong_PowerIsWhatIsLost()
    {
        var zone = new ControlledZone(ratedPower: 135, lossCoefficient: 0.04, heatCapacity: 420, temperature: 750);

        for (int i = 0; i < 2_000; i++)
        {
            zone.Step(30, 800, reading: zone.Temperature, volt: 400, ambient: 20, loadHeat: 50, conductance: 1);
        }

        Assert.Equal(800, zone.Temperature, 0.1);
        Assert.Equal((0.04 * 780) + 50, zone.Power, 0.05); // 81.2 kW
        Assert.Equal(81.2 / 135, zone.Output, 0.001);
    }

    [Theory]
    [InlineData(400, 0.7)] // a worn element
    [InlineData(334.664, 1)] // 400 V · √0.7: low mains
    public void Step_LessPowerForTheSameOutput_ControllerMakesUpForIt(double volt, double conductance)
    {
        var zone = new ControlledZone(ratedPower: 135, lossCoefficient: 0.04, heatCapacity: 420, temperature: 800);

        for (int i = 0; i < 2_000; i++)
        {
            zone.Step(30, 800, reading: zone.Temperature, volt, ambient: 20, loadHeat: 50, conductance);
        }

        Assert.Equal(81.2, zone.Power, 0.05);
        Assert.Equal(81.2 / 135 / 0.7, zone.Output, 0.001);
    }

    [Fact]
    public void Step_ThermocoupleReadsTooLow_ZoneIsTooHot()
    {
        var zone = new ControlledZone(ratedPower: 75, lossCoefficient: 0.04, heatCapacity: 420, temperature: 850);

        for (int i = 0; i < 2_000; i++)
        {
            zone.Step(30, 850, reading: zone.Temperature - 15, volt: 400, ambient: 20, loadHeat: 0, conductance: 1);
        }

        Assert.Equal(865, zone.Temperature, 0.1);
    }

    private static double Value(AssetHistory asset, string signal, int row) =>
        asset.Values[HeatTreatmentLine.Line.Signals.Select((one, i) => (one.Name, i)).Single(pair => pair.Name == signal).i][row];

    private static double Mean(IEnumerable<double> values) => values.Where(double.IsFinite).Average();
}
