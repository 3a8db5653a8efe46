using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class LaggedValuesTests
{
    private readonly RecentSamples _samples = new(2);
    private readonly LaggedValues _lagged = new(60, [1]);

    [Fact]
    public void Of_NewestSampleAtOrBeforeTheLag_IsTaken()
    {
        Take(100, 1);
        Take(130, 2);

        Assert.True(double.IsNaN(Take(159, 3)));
        Assert.Equal(1, Take(160, 4));
        Assert.Equal(1, Take(189, 5));
        Assert.Equal(2, Take(190, 6));
    }

    [Fact]
    public void Of_SampleTwoLagsOld_IsMissingAndNeverStale()
    {
        Take(100, 1);

        Assert.Equal(1, Take(219, double.NaN)); // the sample is 119 old
        Assert.True(double.IsNaN(Take(220, double.NaN))); // two lags
        Assert.True(double.IsNaN(Take(1_000_000, double.NaN)));
    }

    [Fact]
    public void Of_FramesDroppedSince_GivesTheNewestKept()
    {
        Take(100, 1);
        Take(130, 2);
        Take(200, 3);
        _samples.RemoveOldest();
        _samples.RemoveOldest();

        Assert.Equal(3, Take(300, 4));
    }

    [Fact]
    public void Of_NoSample_IsMissing() => Assert.True(double.IsNaN(new LaggedValues(1, [0]).Of(0)));

    private double Take(long time, double value)
    {
        _samples.Append(time, [-1, value]);
        _lagged.Take(_samples, _samples.Count - 1);
        return _lagged.Of(0);
    }
}
