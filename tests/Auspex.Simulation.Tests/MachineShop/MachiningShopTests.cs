using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Simulation.MachineShop;

namespace Auspex.Simulation.Tests.MachineShop;

public sealed class MachiningShopTests
{
    private const int Housing = 1, Flange = 2, Shaft = 3, Bracket = 4;
    private const int Cutting = 3;

    [Fact]
    public void Parts_ByProgram_TakeTheTimeOfTheirOperations()
    {
        // Sums of the operations of each program, and half a frame more for each, since operations end on frames.
        (int Program, double Seconds)[] wanted = [(Housing, 510 + (5 * 15)), (Flange, 330 + (4 * 15)), (Shaft, 360 + (3 * 15)), (Bracket, 210 + (3 * 15))];
        foreach ((int program, double seconds) in wanted)
        {
            double cut = 0, parts = 0;
            foreach (AssetHistory asset in LivePlants.Of(LivePlants.Shop).SelectMany(history => history.Recorded.Assets))
            {
                for (int row = 1; row < asset.Count; row++)
                {
                    if (Value(asset, "program", row) == program && Value(asset, "program", row - 1) == program && asset.TimesUnixMs[row] - asset.TimesUnixMs[row - 1] == 30_000)
                    {
                        cut += Value(asset, "mode", row) == Cutting ? 30 : 0;
                        double more = Value(asset, "parts", row) - Value(asset, "parts", row - 1);
                        parts += double.IsFinite(more) ? more : 0;
                    }
                }
            }

            Assert.True(Math.Abs((cut / parts) - seconds) < 0.12 * seconds,
                string.Create(CultureInfo.InvariantCulture, $"program {program}: {cut / parts:0} s of cutting a part, {seconds:0} wanted"));
        }
    }

    [Fact]
    public void Frames_NotCutting_DrawNoPowerAndPumpNothing()
    {
        foreach (AssetHistory asset in LivePlants.Of(LivePlants.Shop)[0].Recorded.Assets)
        {
            int[] idle = [.. Enumerable.Range(0, asset.Count).Where(row => Value(asset, "mode", row) is 0 or 2)];
            foreach (string signal in (string[])["spindleload", "spindlecurrent", "coolantpressure", "coolantcurrent", "feedload", "feedrate"])
            {
                // Readings that are stuck tell old values.
                double quiet = idle.Select(row => Value(asset, signal, row)).Where(double.IsFinite).Average(value => value == 0 ? 1.0 : 0);
                Assert.True(quiet > 0.9, string.Create(CultureInfo.InvariantCulture, $"{signal} of {asset.Asset} is 0 in {quiet:0.00} of the idle frames"));
            }
        }
    }

    [Fact]
    public void Frames_HeavierCut_DrawsMorePowerAndForce()
    {
        foreach (AssetHistory asset in LivePlants.Of(LivePlants.Shop)[0].Recorded.Assets)
        {
            double milling = Mean(asset, "spindleload", tool: 1), finishing = Mean(asset, "spindleload", tool: 4);

            // Face milling takes 40 to 50 % of the rated power, finishing 15 to 18 %; friction adds some per cent.
            Assert.InRange(milling, 36, 65);
            Assert.InRange(finishing, 15, 35);
            Assert.True(Mean(asset, "feedload", tool: 1) > Mean(asset, "feedload", tool: 4));
        }
    }

    private static double Mean(AssetHistory asset, string signal, int tool) => Enumerable.Range(0, asset.Count)
        .Where(row => Value(asset, "tool", row) == tool).Select(row => Value(asset, signal, row)).Where(double.IsFinite).Average();

    private static double Value(AssetHistory asset, string signal, int row) =>
        asset.Values[MachiningShop.Shop.Signals.Select((one, i) => (one.Name, i)).Single(pair => pair.Name == signal).i][row];
}
