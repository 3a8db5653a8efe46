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

    [Fact]
    public void ProbabilityBelow_EvenResiduals_IsTheirShare()
    {
        LifeIntervals intervals = Heads.Intervals(125); // residuals spread evenly over ±2 at prediction 0, ±6 at 20, ±12 at 60

        Assert.Equal(0.5, intervals.ProbabilityBelow(20, 20), 1e-12);
        Assert.Equal(0.75, intervals.ProbabilityBelow(20, 23), 1e-12);
        Assert.Equal(0.25, intervals.ProbabilityBelow(60, 54), 1e-12);
        Assert.Equal(0, intervals.ProbabilityBelow(60, 47.9));
        Assert.Equal(1, intervals.ProbabilityBelow(60, 72));
        Assert.Throws<ArgumentOutOfRangeException>(() => intervals.ProbabilityBelow(60, 125));
        Assert.Throws<ArgumentOutOfRangeException>(() => intervals.ProbabilityBelow(60, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => intervals.ProbabilityBelow(60, double.NaN));
    }

    [Fact]
    public void ProbabilityBelow_HeldOutRows_IsAsOftenTrueAsItSays()
    {
        LifeIntervals intervals = LifeIntervals.Fit(Engines(seed: 2, engines: 100), 0.9, Cap);
        HeldOutLives fresh = Engines(seed: 3, engines: 100);
        (double Said, bool Came)[] rows =
            [.. Enumerable.Range(0, fresh.Count).Select(row => (intervals.ProbabilityBelow(fresh.Predicted[row], 30), fresh.Actual[row] <= 30))];

        foreach ((double from, double to) in (ReadOnlySpan<(double, double)>)[(0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)])
        {
            (double Said, bool Came)[] some = [.. rows.Where(row => row.Said >= from && row.Said < to)];
            Assert.Equal(some.Average(row => row.Said), some.Average(row => row.Came ? 1.0 : 0), 0.12);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(30, 2)]
    [InlineData(60, 2)]
    [InlineData(30, 3)]
    [InlineData(59, 3)]
    [InlineData(15, 5)]
    [InlineData(14, 5)]
    [InlineData(100, 1)]
    public void CanJudge_RowsOfGroups_IsTrueExactlyWhereAcrossCanLearn(int rowsEach, int groups)
    {
        int[] group = [.. Enumerable.Range(0, rowsEach * groups).Select(row => row % groups)];
        var rows = new HeldOutLives([.. group.Select((_, row) => (double)(row % 50))], [.. group.Select((_, row) => (double)(row % 47))], group);
        bool learns = true;
        try
        {
            IntervalCoverage.Across(rows, 0.9, 50);
        }
        catch (ArgumentException)
        {
            learns = false;
        }

        Assert.Equal(learns, IntervalCoverage.CanJudge(rows));
    }

    [Fact]
    public void Fit_TooLittleOrConstantPredictions_IsRefusedOrConstant()
    {
        HeldOutLives few = Engines(seed: 1, engines: 1);
        Assert.Throws<ArgumentException>(() => LifeIntervals.Fit(few)); // one group
        Assert.Throws<ArgumentException>(() => LifeIntervals.Fit(new HeldOutLives([1, 2], [1, 2], [0, 1])));
        Assert.Throws<ArgumentException>(() => LifeIntervals.Fit(few, 1.5));
        Assert.Throws<ArgumentException>(() => LifeIntervals.Fit(few, 0.9, -1));
        Assert.Throws<ArgumentException>(() => new HeldOutLives([double.NaN], [1], [0]));
        Assert.Throws<ArgumentException>(() => new HeldOutLives([1], [-1], [0]));
        Assert.Throws<ArgumentException>(() => new HeldOutLives([1], [1], []));

        int[] rows = [.. Enumerable.Range(0, 200)];
        LifeIntervals same = LifeIntervals.Fit(new HeldOutLives([.. rows.Select(_ => 50.0)], [.. rows.Select(row => row * 0.5)], [.. rows.Select(row => row % 4)]));
        (double lower, double upper) = same.Of(50);
        Assert.InRange(upper - lower, 85, 100); // nine tenths of 0 to 99.5
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
