using Auspex.Simulation.Furnace;

namespace Auspex.Simulation.Tests.Furnace;

public sealed class ComponentLifeTests
{
    [Fact]
    public void Run_FullLoad_MedianLifeIsTheOption()
    {
        var options = new FurnacePlantOptions { SuddenShare = 0 };

        double[] days = [.. Lives(options, 600).Select(life => life.Days).Order()];

        // The rate is log-normal of spread 0.4, so the median of 600 lives has a standard error of 1.25 · 0.4 / √600 = 2 %.
        Assert.InRange(days[300] / options.MedianLife.TotalDays, 0.92, 1.08);
        Assert.InRange(Math.Log(days[504] / days[96]) / 2, 0.33, 0.50); // 16 % and 84 % lie one spread from the median
    }

    [Fact]
    public void Run_Gradual_ShowsLateAndIsFullAtTheEnd() =>
        Assert.All(Lives(new FurnacePlantOptions { SuddenShare = 0 }, 100), life =>
        {
            Assert.InRange(life.DamageAtEnd, 0.6, 2.5); // the last increment of a gamma process may overshoot
            Assert.True(life.DamageAtHalf < 0.1, $"{life.DamageAtHalf}");
        });

    [Fact]
    public void Run_Sudden_ShowsNothing() =>
        Assert.All(Lives(new FurnacePlantOptions { SuddenShare = 1 }, 100), life => Assert.True(life.DamageAtEnd < 0.02, $"{life.DamageAtEnd}"));

    private static List<(double Days, double DamageAtHalf, double DamageAtEnd)> Lives(FurnacePlantOptions options, int count)
    {
        var random = new SeededRandom(11, 0);
        const double step = 1.0 / 144;
        var lives = new List<(double, double, double)>();
        for (int i = 0; i < count; i++)
        {
            var life = new ComponentLife(options, wearFactor: 1, nowDays: 0, random);
            var damage = new List<double>();
            while (!life.HasFailed)
            {
                life.Run(step, stress: 1, random);
                damage.Add(life.Damage);
            }

            lives.Add((damage.Count * step, damage[damage.Count / 2], damage[^1]));
        }

        return lives;
    }
}
