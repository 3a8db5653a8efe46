using Auspex.Core.Predictions;
using Auspex.Models.Detectors;

namespace Auspex.Models.Tests.Detectors;

public sealed class PcaDetectorTests
{
    // The same rows in numpy: standardised with ddof 1, eigh of the covariance, k components for 0.9 of the variance, numpy.quantile of T² and Q at 0.95.
    [Theory]
    [InlineData(10, -5, 100, 0.009441934328301796)]
    [InlineData(12, -1, 100, 0.7270470114241401)]
    [InlineData(12, -9, 100, 7.886260575409556)] // each signal inside its range, the two against each other: Q
    [InlineData(10, -5, 103, 2.2071012976646616)] // T²
    public void Score_OfFittedRows_IsThatOfNumpy(double first, double second, double third, double expected)
    {
        var detector = (PcaDetector)NormalOperation.Fitted(DetectorKind.Pca);

        Assert.Equal((2, 1), (detector.ComponentCount, detector.ResidualCount));
        Assert.Equal(expected, detector.Score([first, second, third]), 1e-9);
    }

    [Fact]
    public void Fit_FalseAlarmRate_IsTheShareOfNormalRowsBeyondEachLimit()
    {
        AnomalyDetector detector = NormalOperation.Fitted(DetectorKind.Pca);

        int flagged = NormalOperation.Three.Count(row => detector.IsAnomaly(detector.Score(row)));

        Assert.InRange(flagged, 10, 20); // 5 % of 200 by T², 5 % by Q, some by both
    }

    [Fact]
    public void Fit_MarginOfThree_PutsTheLimitThreeTimesAsFarOut()
    {
        AnomalyDetector near = NormalOperation.Fitted(DetectorKind.Pca);
        AnomalyDetector far = DetectorFit.Of(NormalOperation.Three, [true, true, true], NormalOperation.Settings() with { Margin = 3 });

        Assert.Equal(near.Score([12, -9, 101]) / 3, far.Score([12, -9, 101]), 1e-12);
    }

    [Fact]
    public void Score_MissingAndUnusedValues_SayNothing()
    {
        AnomalyDetector detector = DetectorFit.Of(NormalOperation.Three, [true, true, false], NormalOperation.Settings());

        Assert.Equal(0, detector.Score([double.NaN, double.NaN, double.NaN]));
        Assert.Equal(detector.Score([12, -9, 100]), detector.Score([12, -9, double.PositiveInfinity]));
        Assert.Equal(detector.Score([detector.Centre[0], -9, 0]), detector.Score([double.NaN, -9, 0]));
    }

    [Fact]
    public void Score_WildValues_StaysFinite()
    {
        AnomalyDetector detector = NormalOperation.Fitted(DetectorKind.Pca);
        double[] wild = [double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, 1e200];

        Assert.All(wild, value => Assert.InRange(detector.Score([value, -5, value]), 1e5, 1e9));
    }

    [Fact]
    public void NormalBands_OfFittedRows_HoldNineOfTen()
    {
        AnomalyDetector detector = NormalOperation.Fitted(DetectorKind.Pca);
        IReadOnlyList<NormalBand?> bands = detector.NormalBands();

        for (int feature = 0; feature < 3; feature++)
        {
            double[] values = [.. NormalOperation.Three.Select(row => row[feature])];
            double mean = values.Average();
            double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
            Assert.Equal(mean - (1.6448536 * deviation), bands[feature]!.Value.Low, 1e-6);
            Assert.Equal(mean + (1.6448536 * deviation), bands[feature]!.Value.High, 1e-6);
        }
    }

    [Fact]
    public void Explain_OfARow_AddUpToTheSquareOfItsScore()
    {
        var detector = (PcaDetector)NormalOperation.Fitted(DetectorKind.Pca);
        double[][] rows = [[12, -9, 100], [10, -5, 103], [10, double.NaN, 98], [7, 3, 140]];
        foreach (double[] row in rows)
        {
            var parts = new double[3];
            Assert.Equal(0, detector.Explain(row, parts));

            Assert.Equal(Math.Pow(detector.Score(row), 2), parts.Sum(), 1e-9);
        }

        var ofThird = new double[3];
        detector.Explain([10, -5, 103], ofThird);
        Assert.True(ofThird[2] > 0.9 * ofThird.Sum());
    }

    [Fact]
    public void Fit_ConstantFeature_IsLeftOut()
    {
        double[][] rows = [.. NormalOperation.Three.Select(row => new[] { row[0], row[1], row[2], 7.0 })];
        AnomalyDetector detector = DetectorFit.Of(rows, [true, true, true, true], NormalOperation.Settings());

        Assert.Equal(NormalOperation.Fitted(DetectorKind.Pca).Score([12, -9, 100]), detector.Score([12, -9, 100, 8]), 1e-12);
    }

    [Fact]
    public void Fit_LevelFarAboveTheSpread_KeepsTheSpread()
    {
        double[][] shifted = [.. NormalOperation.Three.Select(row => row.Select(value => value + 1e7).ToArray())];
        AnomalyDetector detector = DetectorFit.Of(shifted, [true, true, true], NormalOperation.Settings());

        Assert.Equal(7.886260575409556, detector.Score([1e7 + 12, 1e7 - 9, 1e7 + 100]), 1e-5);
    }

    [Fact]
    public void Fit_ExactRelation_IsMissedAtOnceWhenBroken()
    {
        double[][] rows = [.. NormalOperation.Three.Select(row => new[] { row[0], 2 * row[0] })];
        AnomalyDetector detector = DetectorFit.Of(rows, [true, true], NormalOperation.Settings());

        Assert.False(detector.IsAnomaly(detector.Score([11, 22])));
        Assert.True(detector.IsAnomaly(detector.Score([11, 22.1])));
    }

    [Theory]
    [InlineData(19, 1, "needs at least 20 normal rows, there are 19")]
    [InlineData(20, 0, "No feature varies over the normal rows")]
    [InlineData(20, 501, "Principal components of 501 features are too many; at most 500")]
    public void Fit_NothingToFitOn_SaysWhatIsMissing(int rows, int features, string expected)
    {
        double[][] normal = [.. Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, Math.Max(1, features)).Select(f => features == 0 ? 1.0 : Math.Sin(i * (f + 1))).ToArray())];
        bool[] used = [.. Enumerable.Repeat(true, Math.Max(1, features))];

        DetectorException refused = Assert.Throws<DetectorException>(() => DetectorFit.Of(normal, used, NormalOperation.Settings()));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_RowOfAnotherLength_IsRefused() =>
        Assert.Throws<ArgumentException>(() => NormalOperation.Fitted(DetectorKind.Pca).Score([1, 2]));
}
