using Auspex.Core.Predictions;
using Auspex.Models.Detectors;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Detectors;

public sealed class IsolationForestTests
{
    // sklearn.ensemble._iforest._average_path_length
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1.207392357589623)]
    [InlineData(256, 10.244770920119917)]
    [InlineData(1000, 12.969940887100172)]
    public void AveragePath_OfRows_IsThatOfThePaper(int rows, double expected) =>
        Assert.Equal(expected, IsolationForest.AveragePath(rows), 1e-11);

    // Means of 30 forests of scikit-learn 1.2.1 (100 trees of 200 rows); one forest strays by about 0.013.
    [Theory]
    [InlineData(0, 0, 0.429)]
    [InlineData(2, 2, 0.676)]
    [InlineData(20, 0, 0.593)]
    public void Score_OfFittedCloud_IsThatOfScikitLearn(double x, double y, double expected)
    {
        double[] scores =
        [
            .. Enumerable.Range(0, 10).Select(seed => DetectorFit.Of(
                NormalOperation.Cloud, [true, true], NormalOperation.Settings(DetectorKind.IsolationForest) with { Seed = seed }).Score([x, y])),
        ];

        Assert.Equal(expected, scores.Average(), 0.02);
    }

    [Fact]
    public void Explain_OfARow_AddsUpToTheLogarithmOfItsScore()
    {
        AnomalyDetector forest = NormalOperation.Fitted(DetectorKind.IsolationForest);
        var parts = new double[3];
        foreach (double[] row in new double[][] { [12, -9, 100], [10, double.NaN, 98], [10, -5, 140] })
        {
            double start = forest.Explain(row, parts);

            Assert.Equal(Math.Log(forest.Score(row)), start + parts.Sum(), 1e-9);
            Assert.Equal(forest.Explained(forest.Score(row)), start + parts.Sum(), 1e-9);
        }

        Assert.True(parts[2] > Math.Max(parts[0], parts[1])); // 140 where 99 to 101 is normal
        Assert.Equal(new NormalBand?[3], forest.NormalBands());
        Assert.Throws<ArgumentException>("row", () => forest.Explain([1, 2], parts));
    }

    [Fact]
    public void Score_OfARow_IsTwoToTheMinusMeanPathOverTheAverageOne()
    {
        var forest = (IsolationForest)NormalOperation.Fitted(DetectorKind.IsolationForest);
        double[] row = [11, -4, 100.5];
        double sum = 0;
        for (int i = 0; i < forest.Ensemble.TreeCount; i++)
        {
            Tree tree = forest.Ensemble.GetTree(i);
            int at = tree.Nodes.Length == 0 ? ~0 : 0;
            int steps = 0;
            while (at >= 0)
            {
                at = row[tree.Nodes[at].Feature] <= tree.Nodes[at].Threshold ? tree.Nodes[at].Left : tree.Nodes[at].Right;
                steps++;
            }

            // A leaf stands for the steps to it and the average path among the rows that ended in it.
            double expected = steps + IsolationForest.AveragePath((int)tree.LeafCovers[~at]);
            Assert.Equal(expected, tree.LeafValues[~at]);
            sum += expected;
        }

        Assert.Equal(Math.Pow(2, -sum / 100 / IsolationForest.AveragePath(200)), forest.Score(row), 1e-12);
    }

    [Fact]
    public void Fit_AnyTree_HoldsEachOfItsRowsOnce()
    {
        var forest = (IsolationForest)NormalOperation.Fitted(DetectorKind.IsolationForest);

        Assert.Equal(100, forest.Ensemble.TreeCount);
        for (int i = 0; i < forest.Ensemble.TreeCount; i++)
        {
            Tree tree = forest.Ensemble.GetTree(i);
            Assert.Equal(200, tree.LeafCovers.Sum());
            Assert.All(tree.LeafCovers, rows => Assert.True(rows >= 1));
            Assert.Equal(200, tree.NodeCovers[0]);
        }
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameForestAndAnotherSeedAnother()
    {
        double Score(int seed) => DetectorFit.Of(
            NormalOperation.Cloud, [true, true], NormalOperation.Settings(DetectorKind.IsolationForest) with { Seed = seed }).Score([1, 1]);

        Assert.Equal(Score(1), Score(1));
        Assert.NotEqual(Score(1), Score(2));
    }

    [Fact]
    public void Fit_FalseAlarmRate_IsTheShareOfNormalRowsBeyondTheLimit()
    {
        AnomalyDetector forest = NormalOperation.Fitted(DetectorKind.IsolationForest);

        Assert.InRange(NormalOperation.Three.Count(row => forest.IsAnomaly(forest.Score(row))), 5, 10); // 5 % of 200, fewer where scores are equal
    }

    [Fact]
    public void Fit_MissingValues_SetNoRowApart()
    {
        double[][] rows = [.. NormalOperation.Cloud.Select((row, i) => i % 4 == 0 ? [double.NaN, row[1]] : row)];
        AnomalyDetector forest = DetectorFit.Of(rows, [true, true], NormalOperation.Settings(DetectorKind.IsolationForest));

        Assert.False(forest.IsAnomaly(forest.Score([double.NaN, double.NaN])));
        Assert.True(forest.Score([double.NaN, 0.1]) < forest.Score([50, 0.1]));
    }

    [Fact]
    public void Fit_UnusedFeature_IsNeverCut()
    {
        var forest = (IsolationForest)DetectorFit.Of(NormalOperation.Three, [true, false, true], NormalOperation.Settings(DetectorKind.IsolationForest));

        Assert.Equal(forest.Score([11, -4, 100]), forest.Score([11, 1e9, 100]));
    }

    [Fact]
    public void Fit_HugeNeighbouringAndConstantValues_IsPossible()
    {
        double[][] rows =
        [
            .. Enumerable.Range(0, 40).Select(i => new[] { i % 2 == 0 ? double.MaxValue : double.MinValue, i % 2 == 0 ? 1 : Math.BitIncrement(1.0), 5 }),
        ];

        AnomalyDetector forest = DetectorFit.Of(rows, [true, true, true], NormalOperation.Settings(DetectorKind.IsolationForest));

        Assert.True(double.IsFinite(forest.Score(rows[0])));
        Assert.Throws<DetectorException>(() => DetectorFit.Of(rows, [false, false, true], NormalOperation.Settings(DetectorKind.IsolationForest)));
    }
}
