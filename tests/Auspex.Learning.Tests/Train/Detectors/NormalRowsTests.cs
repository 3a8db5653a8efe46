using Auspex.Core.Assets;
using Auspex.Learning.Train.Detectors;

namespace Auspex.Learning.Tests.Train.Detectors;

public sealed class NormalRowsTests
{
    [Fact]
    public void Of_TwoAssets_PoolsTheirSmoothedRows()
    {
        var normal = NormalRows.Of(
            [(new AssetId("a"), [5, 6], [[1.0], [2.0]]), (new AssetId("b"), [], []), (new AssetId("c"), [1], [[3.0]])],
            (times, rows) => [.. rows.Select(row => new[] { row[0] * 10 })]);

        Assert.Equal([10.0, 20.0, 30.0], normal.Rows.Select(row => row[0]));
        Assert.Equal([1.0, 2.0, 3.0], normal.Raw.Select(row => row[0]));
        Assert.Equal(["a", "c"], normal.Assets.Select(asset => asset.Value));
        Assert.Equal((1, 6), (normal.FromUnixMs, normal.ToUnixMs));
    }

    [Fact]
    public void Of_TooManyRows_TakesAsManyAsCanBeEvenly()
    {
        double[][] rows = [.. Enumerable.Range(0, 3 * NormalRows.Most).Select(i => new[] { (double)i })];

        var normal = NormalRows.Of([(new AssetId("a"), [.. rows.Select(row => (long)row[0])], rows)], (_, own) => own);

        Assert.Equal(NormalRows.Most, normal.Rows.Count);
        Assert.Equal([3.0], normal.Rows.Zip(normal.Rows.Skip(1), (one, next) => next[0] - one[0]).Distinct());
    }
}
