using Auspex.Models.Intervals;

namespace Auspex.Models.Tests.Intervals;

public sealed class LifeIntervalsTests
{
    private const double Cap = 125;

    [Fact]
    public void Across_EnginesWithErrorsLikeThoseOfLifeModels_AreCoveredByNarrowIntervals()
    {
        HeldOutLives rows = Engines(seed: 1, engines: 100);
        double rmse = Math.Sqrt(rows.Predicted.Zip(rows.Actual, (predicted, actual) => (predicted - actual) * (predicted - actual)).Average());
        Assert.InRange(rmse, 9, 11);

        var judged = IntervalCoverage.Across(rows, 0.9, Cap);

        TestContext.Current.TestOutputHelper?.WriteLine($"rmse {rmse} {judged.Coverage} {judged.MeanWidth} {string.Join(' ', judged.Terciles)}");
        Assert.InRange(judged.Coverage, 0.88, 0.93);
        Assert.All(judged.Terciles, third => Assert.InRange(third.Coverage, 0.85, 1));
        Assert.InRange(judged.MeanWidth, 5, 30);
    }

    // Residuals as of a turbofan model: a scale that grows with the life left, levels that stay with an engine, predictions pressed under the cap.
    private static HeldOutLives Engines(int seed, int engines)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var predicted = new List<double>();
        var actual = new List<double>();
        var groups = new List<int>();
        for (int engine = 0; engine < engines; engine++)
        {
            double level = Normal();
            int life = 130 + random.Next(220);
            for (int left = life; left >= 0; left--)
            {
                double scale = 2 + (Math.Min(left, Cap) * 0.18);
                double y = left + (scale * ((0.8 * level) + (0.6 * Normal())));
                predicted.Add(Math.Clamp(y > 100 ? 100 + (22 * Math.Tanh((y - 100) / 25)) : y, 0, Cap));
                actual.Add(Math.Min(left, Cap));
                groups.Add(engine);
            }
        }

        return new HeldOutLives([.. predicted], [.. actual], [.. groups]);
    }
}
