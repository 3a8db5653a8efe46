using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class RollingWindowTests
{
    private readonly RecentSamples _samples = new(1);
    private readonly RollingWindow<WindowAggregate> _window = new(10_000, [0]);

    [Fact]
    public void Of_ThreeSamples_HasTheStatisticsOfTheTextbook()
    {
        Take(1_000, 2);
        Take(2_000, 4);
        WindowAggregate all = Take(3_000, 9);

        Assert.Equal(3, all.Count);
        Assert.Equal(5, all.Mean, 12);
        Assert.Equal(Math.Sqrt(13), all.StandardDeviation, 12); // (9 + 1 + 16) / 2
        Assert.Equal((2.0, 9.0), (all.Min, all.Max));
        Assert.Equal(3.5, all.SlopePerSecond, 12); // ((-1)(-3) + 1 * 4) / 2
    }

    [Theory]
    [InlineData(10_999, 2)] // (999, 10 999] holds both
    [InlineData(11_000, 1)] // (1000, 11 000]: the beginning does not count
    [InlineData(14_999, 1)]
    [InlineData(15_000, 0)]
    [InlineData(1_000_000, 0)]
    public void Of_EdgesOfTheWindow_CountTheEndAndNotTheBeginning(long time, int expected)
    {
        Take(1_000, 1);
        Take(5_000, 2);

        Assert.Equal(expected, Take(time, double.NaN).Count);
    }

    [Fact]
    public void Of_ClosedPaneWithAMissingSample_LeavesItOut()
    {
        Take(4_000, 1);
        Take(5_000, double.NaN);
        Take(6_000, 5);
        WindowAggregate after = Take(14_500, 9); // (4500, 14 500]

        Assert.Equal(2, after.Count);
        Assert.Equal(7, after.Mean, 12);
        Assert.Equal(4 / 8.5, after.SlopePerSecond, 12);
    }

    [Fact]
    public void Of_OneSample_HasAMeanAndNoSpreadOrSlope()
    {
        WindowAggregate one = Take(1_000, 7);

        Assert.Equal(7, one.Mean);
        Assert.True(double.IsNaN(one.StandardDeviation));
        Assert.True(double.IsNaN(one.SlopePerSecond));
    }

    [Fact]
    public void Of_NoSample_IsMissing()
    {
        WindowAggregate none = Take(1_000, double.NaN);

        Assert.All([none.Mean, none.Min, none.Max, none.StandardDeviation], value => Assert.True(double.IsNaN(value)));
    }

    private WindowAggregate Take(long time, double value)
    {
        _samples.Append(time, [value]);
        _window.Take(_samples, _samples.Count - 1);
        return _window.Of(0);
    }
}
