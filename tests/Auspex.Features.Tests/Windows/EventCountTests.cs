using Auspex.Features.Windows;

namespace Auspex.Features.Tests.Windows;

public class EventCountTests
{
    [Fact]
    public void At_EdgesOfTheWindow_CountTheEndAndNotTheBeginning()
    {
        var count = new EventCount(60);
        count.Add(100);

        Assert.Equal(0, count.At(99));
        Assert.Equal(1, count.At(100));
        Assert.Equal(1, count.At(159));
        Assert.Equal(0, count.At(160));
    }

    [Fact]
    public void Add_LateAndUnsorted_IsPutInItsPlace()
    {
        var count = new EventCount(60);
        count.Add(130);
        count.Add(200); // ahead
        Assert.Equal(1, count.At(150));
        count.Add(120);
        count.Add(110);
        count.Add(85); // older than the window at 150

        Assert.Equal(3, count.At(150));
        Assert.Equal(2, count.At(170)); // 110 has left: (110, 170]
        Assert.Equal(1, count.At(200));
    }

    [Fact]
    public void At_ManyEvents_EqualsCountingThemAll()
    {
        var random = new Random(4);
        var count = new EventCount(500);
        var all = new List<long>();
        long now = 0;
        for (int i = 0; i < 5000; i++)
        {
            now += random.Next(20);
            long at = now + random.Next(-300, 100);
            all.Add(at);
            count.Add(at);
            Assert.Equal(all.Count(time => time > now - 500 && time <= now), count.At(now));
        }
    }
}
