using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class RollingWindowTests
{
    [Fact]
    public void At_ThreeSamples_HasTheStatisticsOfTheTextbook()
    {
        var window = new RollingWindow(10_000);
        window.Add(1_000, 2);
        window.Add(2_000, 4);
        window.Add(3_000, 9);

        WindowAggregate all = window.At(3_000);

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
    public void At_EdgesOfTheWindow_CountTheEndAndNotTheBeginning(long time, int expected)
    {
        var window = new RollingWindow(10_000);
        window.Add(1_000, 1);
        window.Add(5_000, 2);

        Assert.Equal(expected, window.At(time).Count);
    }

    [Fact]
    public void At_OneSample_HasAMeanAndNoSpreadOrSlope()
    {
        var window = new RollingWindow(10_000);
        window.Add(1_000, 7);

        Assert.Equal(7, window.At(1_000).Mean);
        Assert.True(double.IsNaN(window.At(1_000).StandardDeviation));
        Assert.True(double.IsNaN(window.At(1_000).SlopePerSecond));
    }

    [Fact]
    public void At_NoSample_IsMissing() => Assert.True(double.IsNaN(new RollingWindow(10).At(5).Mean));

    [Fact]
    public void Add_TimeBeforeThePane_IsRefused()
    {
        var window = new RollingWindow(10);
        window.Add(25, 1);

        Assert.Throws<ArgumentException>(() => window.Add(15, 1));
    }
}
