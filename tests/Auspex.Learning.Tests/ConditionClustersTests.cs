namespace Auspex.Learning.Tests;

public class ConditionClustersTests
{
    /// <summary>Altitude, Mach number and throttle of the six flight regimes of C-MAPSS (Saxena et al., 2008), each over its deviation among them.</summary>
    internal static readonly double[][] FlightRegimes =
        [[0, 0, 100], [10, 0.25, 100], [20, 0.7, 100], [25, 0.62, 60], [35, 0.84, 100], [42, 0.84, 100]];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Centres_SixFlightRegimes_AreFoundExactly(int seed)
    {
        var random = new Random(seed);
        double[][] points =
        [
            .. Enumerable.Range(0, 3000).Select(_ => FlightRegimes[random.Next(6)])
                .Select(regime => new[] { (regime[0] + (0.008 * random.NextDouble())) / 15, (regime[1] + (0.002 * random.NextDouble())) / 0.33, regime[2] / 15 }),
        ];

        double[][] centres = ConditionClusters.Centres(points);

        Assert.Equal(6, centres.Length);
        Assert.All(FlightRegimes, regime => Assert.Contains(centres, centre =>
            Math.Abs((centre[0] * 15) - regime[0]) < 0.01 && Math.Abs((centre[1] * 0.33) - regime[1]) < 0.003 && Math.Abs((centre[2] * 15) - regime[2]) < 1e-9));
    }

    [Fact]
    public void Centres_TwoPositions_AreTheirMeans()
    {
        double[][] centres = ConditionClusters.Centres([[1], [5], [1.001], [5.001], [1.002], [5.002]]);

        Assert.Equal([1.001, 5.001], centres.Select(centre => Math.Round(centre[0], 9)).Order());
    }

    [Fact]
    public void Centres_SmoothSetting_IsCutIntoPartsByTheIndex()
    {
        // Within k equal parts of an even spread the index grows with k, so the most parts win.
        double[][] centres = ConditionClusters.Centres([.. Enumerable.Range(0, 800).Select(i => new[] { i / 100.0 })]);

        Assert.Equal(8, centres.Length);
        Assert.All(centres.Select(centre => centre[0]).Order().Select((centre, i) => (centre, i)), part => Assert.Equal(part.i + 0.5, part.centre, 0.2));
    }

    [Fact]
    public void Centres_EqualPoints_AreOne() => Assert.Equal([2.0, 3.0], Assert.Single(ConditionClusters.Centres([[2, 3], [2, 3]])));

    [Fact]
    public void Centres_MorePositionsThanConditions_AreAtMostEight() =>
        Assert.InRange(ConditionClusters.Centres([.. Enumerable.Range(0, 400).Select(i => new double[] { i % 20 })]).Length, 2, 8);
}
