using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class CounterGrowthTests
{
    [Theory]
    [InlineData(new double[] { 5 }, double.NaN)]
    [InlineData(new double[] { 5, 5 }, 0)]
    [InlineData(new double[] { 5, 8, 12 }, 7)]
    [InlineData(new double[] { 5, 8, 2, 6 }, 9)] // 3, then from 0 to 2, then 4
    [InlineData(new double[] { 5, 0, 0, 3 }, 3)]
    public void Growth_FallMeansStartedAgain_InEveryOrderOfMerging(double[] counts, double expected)
    {
        for (int cut = 0; cut <= counts.Length; cut++)
        {
            CounterGrowth older = default;
            CounterGrowth newer = default;
            foreach (double count in counts[..cut])
            {
                older.Append(0, count);
            }

            foreach (double count in counts[cut..].Reverse())
            {
                newer.Prepend(0, count);
            }

            Assert.Equal(expected, CounterGrowth.Merge(older, newer).Growth);
        }
    }

    [Fact]
    public void Growth_NoSample_IsMissing() => Assert.True(double.IsNaN(default(CounterGrowth).Growth));
}
