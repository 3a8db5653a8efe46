using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class RecentSamplesTests
{
    [Fact]
    public void Put_AnyOrder_HoldsFramesSortedAndTheLastOfEachInstant()
    {
        var random = new Random(3);
        var samples = new RecentSamples(2);
        var expected = new SortedDictionary<long, double>();
        for (int i = 0; i < 3000; i++)
        {
            long time = random.Next(2000);
            expected[time] = i;
            samples.Put(time, [i, -i]);
            if (random.Next(4) == 0)
            {
                expected.Remove(expected.Keys.First());
                samples.RemoveOldest();
            }
        }

        long[] times = [.. Enumerable.Range(0, samples.Count).Select(samples.TimeAt)];
        Assert.Equal(expected.Keys, times);
        Assert.Equal(expected.Values.Select(v => (v, -v)), Enumerable.Range(0, samples.Count).Select(i => (samples.At(i)[0], samples.At(i)[1])));
    }
}
