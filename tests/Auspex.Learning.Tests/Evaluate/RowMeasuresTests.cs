using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class RowMeasuresTests
{
    private static LabelDefinition Label(params string[] components) => new(
        PredictionTask.Failure, TimeSpan.FromMilliseconds(2), TimeSpan.Zero, TimeSpan.Zero, components, null, null, null);

    private static RowMeasures Of(double[] probabilities, long knownUntil, string failed, params long[] failures)
    {
        var asset = new AssetId("a");
        return RowMeasures.Of(
            [new AssetPredictions(asset, [.. Enumerable.Range(0, probabilities.Length).Select(t => (long)t)], [probabilities])],
            [new AssetEvents(asset, [.. failures.Select(f => new AssetEvent(asset, f, AssetEventKind.Failure, failed))], knownUntil)],
            failed.Length == 0 ? Label() : Label("c"));
    }

    [Fact]
    public void Of_FailureAt5_MakesTheHorizonBeforeItPositiveAndLeavesTheFailureOut()
    {
        // Horizon 2: rows 3 and 4 are positive, row 5 is the failure itself; rows 8 and 9 look beyond 9.
        RowQuality rows = Of([0, 0, 0, 1, 1, 1, 0, 0, 0, 0], 9, "", 5).Pooled;

        Assert.Equal((7L, 2L, 2L), (rows.Rows, rows.Positives, rows.UnknownRows));
        Assert.Equal((1.0, 1.0, 0.0), (rows.RocAuc, rows.PrAuc, rows.Brier));
        Assert.Equal(1e-15, rows.LogLoss, 1e-15);
    }

    [Fact]
    public void Of_RowsWithoutPrediction_AreCountedApart() =>
        Assert.Equal((3L, 1L), Of([0, double.NaN, 0, 0], 9, "") is { Pooled: var q } ? (q.Rows, q.RowsWithoutPrediction) : default);

    [Fact]
    public void Of_OneClassOnly_HasNoCurve() => Assert.True(double.IsNaN(Of([0, 0.2], 9, "").Pooled.RocAuc));

    [Fact]
    public void Of_CertainAndWrong_HasAFiniteLogLoss() =>
        Assert.Equal(-Math.Log(1e-15), Of([0, 0], 9, "", 2).Pooled.LogLoss, 1e-9);

    [Fact]
    public void Of_AllRowsAlike_IsChance()
    {
        RowQuality rows = Of([.3, .3, .3, .3, .3, .3, .3, .3], 9, "", 5).Pooled;

        Assert.Equal(0.5, rows.RocAuc, 1e-12);
        Assert.Equal(2.0 / 7, rows.PrAuc, 1e-12); // average precision of chance is the share of positives
    }

    [Fact]
    public void Of_RandomRows_AreasEqualTheirDefinitionByPairs()
    {
        var random = new Random(3);
        for (int round = 0; round < 50; round++)
        {
            double[] p = [.. Enumerable.Range(0, 30).Select(_ => random.Next(8) / 8.0)];
            RowQuality rows = Of(p, 40, "", 7, 19).Pooled;
            bool Positive(int t) => t is 5 or 6 or 17 or 18;
            int[] judged = [.. Enumerable.Range(0, 30).Where(t => t is not 7 and not 19)];
            int[] yes = [.. judged.Where(Positive)];
            int[] no = [.. judged.Where(t => !Positive(t))];
            double wins = yes.Sum(y => no.Sum(n => p[y] > p[n] ? 1 : p[y] == p[n] ? 0.5 : 0));
            // Average precision as the mean, over positives, of the precision at their own probability (equal to the sum of steps).
            double average = yes.Average(y => (double)yes.Count(o => p[o] >= p[y]) / judged.Count(o => p[o] >= p[y]));

            Assert.Equal(wins / yes.Length / no.Length, rows.RocAuc, 1e-12);
            Assert.Equal(average, rows.PrAuc, 1e-12);
            Assert.Equal(rows.Rows, rows.Calibration.Sum(s => s.Rows));
        }
    }

    [Fact]
    public void Of_FailureThatNamesNoComponent_LeavesItsRowsUnknown()
    {
        var asset = new AssetId("a");
        RowMeasures rows = RowMeasures.Of(
            [new AssetPredictions(asset, [0, 1, 2, 3, 4], [[0, 0, 0, 0, 0]])],
            [new AssetEvents(asset, [new(asset, 4, AssetEventKind.Failure, "")], 9)], Label("c"));

        Assert.Equal((2L, 0L, 2L), (rows.Pooled.Rows, rows.Pooled.Positives, rows.Pooled.UnknownRows));
    }

    [Fact]
    public void Of_Calibration_SortsRowsIntoTenths()
    {
        RowQuality rows = Of([0, 0.05, 0.1, 0.95, 1], 9, "", 5).Pooled;

        Assert.Equal([2L, 1, 0, 0, 0, 0, 0, 0, 0, 2], rows.Calibration.Select(s => s.Rows));
        Assert.Equal((0.975, 1.0), (rows.Calibration[9].MeanProbability, rows.Calibration[9].PositiveShare));
    }

    [Fact]
    public void Of_Threshold_CountsWhatWasSaidAgainstWhatWasTrue()
    {
        // Judged are rows 0 to 4, 6 and 7, positive 3 and 4; said, 0.5 being enough, are 0, 4 and 6.
        var asset = new AssetId("a");
        RowMeasures rows = RowMeasures.Of(
            [new AssetPredictions(asset, [.. Enumerable.Range(0, 10).Select(t => (long)t)], [[.9, .2, .1, .4, .9, 1, .5, .1, 0, 0]])],
            [new AssetEvents(asset, [new(asset, 5, AssetEventKind.Failure, "")], 9)], Label(), 0.5);
        ConfusionMatrix confusion = rows.Pooled.Confusion;

        Assert.Equal(new ConfusionMatrix(1, 2, 1, 3), confusion);
        Assert.Equal((4.0 / 7, 1.0 / 3, 0.5, 0.4), (confusion.Accuracy, confusion.Precision, confusion.Recall, confusion.F1));
        Assert.Equal((0.4, 0.5), (confusion.FalseAlarmRate, confusion.MissedAlarmRate));
        // Steps: 0.9 twice, one true: |1.8 - 1|; 0.5 not true; 0.4 true: 0.6; 0.2; 0.1 twice.
        Assert.Equal((0.8 + 0.5 + 0.6 + 0.2 + 0.2) / 7, rows.Pooled.Ece, 1e-12);
        Assert.Equal(confusion, Assert.Single(rows.Assets).Confusion);
        Assert.Equal([new(0.9, 0.5, 0.5), new(0.4, 1, 0.5)], rows.Pooled.Curve);
    }

    [Fact]
    public void Of_NoRow_HasNoShares()
    {
        ConfusionMatrix confusion = Of([], 9, "").Pooled.Confusion;

        Assert.Equal(new ConfusionMatrix(0, 0, 0, 0), confusion);
        Assert.True(double.IsNaN(confusion.Accuracy) && double.IsNaN(confusion.F1));
    }
}
