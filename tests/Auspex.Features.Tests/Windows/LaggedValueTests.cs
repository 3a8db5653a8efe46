using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class LaggedValueTests
{
    [Fact]
    public void At_NewestSampleAtOrBeforeTheLag_IsTaken()
    {
        var lagged = new LaggedValue(60);
        lagged.Add(100, 1);
        lagged.Add(130, 2);

        Assert.True(double.IsNaN(lagged.At(159)));
        Assert.Equal(1, lagged.At(160));
        Assert.Equal(1, lagged.At(189));
        Assert.Equal(2, lagged.At(190));
    }

    [Fact]
    public void At_SampleTwoLagsOld_IsMissingAndNeverStale()
    {
        var lagged = new LaggedValue(60);
        lagged.Add(100, 1);

        Assert.Equal(1, lagged.At(219)); // the sample is 119 old
        Assert.True(double.IsNaN(lagged.At(220))); // two lags
        Assert.True(double.IsNaN(lagged.At(1_000_000)));
    }

    [Fact]
    public void At_NoSample_IsMissing() => Assert.True(double.IsNaN(new LaggedValue(1).At(5)));
}
