using Auspex.Core.Assets;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class AnomalyMeasuresTests
{
    // Scores and truth for which scikit-learn gives roc_auc_score 0.9444444444444444 and average_precision_score 0.9166666666666665.
    private static readonly AssetAnomalies First = new(
        new AssetId("a"), [0, 1, 2, 3, 4], [double.NaN, 0.1, 0.9, 0.4, 0.4], [false, false, true, true, false], [false, true, true, false, false],
        [true, false, true, false, true]);

    private static readonly AssetAnomalies Second = new(new AssetId("b"), [0, 1], [0.8, 0.2], [true, false], [true, false], [true, false]);

    [Fact]
    public void Of_TwoAssets_SumsTheirRowsAndLeavesOutThoseNotJudged()
    {
        var measures = AnomalyMeasures.Of([Second, First]);

        Assert.Equal((2, 6, 1, 3), (measures.Assets, measures.Rows, measures.RowsNotJudged, measures.Flagged));
        AnomalyCounts counts = measures.Detector;
        Assert.Equal((2, 2, 1, 1), (counts.TruePositives, counts.TrueNegatives, counts.FalsePositives, counts.FalseNegatives));
        Assert.Equal(2 / (2 + 1.0), counts.F1, 1e-15);
        Assert.Equal(1 / 3.0, counts.Far, 1e-15);
        Assert.Equal(1 / 3.0, counts.Mar, 1e-15);
        Assert.Equal((2 / 3.0, 2 / 3.0, 4 / 6.0), (counts.Precision, counts.Recall, counts.Accuracy));
        Assert.Equal((3, 0, 3, 0), (measures.AlwaysAlarm.TruePositives, measures.AlwaysAlarm.TrueNegatives, measures.AlwaysAlarm.FalsePositives, measures.AlwaysAlarm.FalseNegatives));
        Assert.Equal((2, 2, 1, 1), (measures.ThreeSigma.TruePositives, measures.ThreeSigma.TrueNegatives, measures.ThreeSigma.FalsePositives, measures.ThreeSigma.FalseNegatives));
        Assert.Equal(0.9444444444444444, measures.RocAuc, 1e-12);
        Assert.Equal(0.9166666666666665, measures.PrAuc, 1e-12);
        Assert.Equal(["a", "b"], measures.ByAsset.Select(asset => asset.Asset));
        Assert.Equal((1, 1), (measures.ByAsset[1].Counts.TruePositives, measures.ByAsset[1].Counts.TrueNegatives));
        Assert.Contains(measures.Notes, note => note.StartsWith("Always raising the alarm reaches F1 0.67", StringComparison.Ordinal));
        Assert.Contains(measures.Notes, note => note.Contains("1 are labelled anomalies", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_AlwaysAlarmOnHalfAnomalousRows_ReachesTwoThirds()
    {
        AnomalyCounts counts = AnomalyCounts.Of(truePositives: 50, trueNegatives: 0, falsePositives: 50, falseNegatives: 0);

        Assert.Equal((2 / 3.0, 1, 0), (counts.F1, counts.Far, counts.Mar));
    }

    [Fact]
    public void Of_NoLabels_CountsAndDoesNotJudge()
    {
        var measures = AnomalyMeasures.Of([First with { Truth = [] }, Second with { Truth = [] }]);

        Assert.Equal((6, 3), (measures.Rows, measures.Flagged));
        Assert.True(double.IsNaN(measures.Detector.F1) && double.IsNaN(measures.RocAuc));
        Assert.Empty(measures.ByAsset);
        Assert.Contains("labels no rows", Assert.Single(measures.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_NoPlainRule_LeavesItOut() =>
        Assert.True(double.IsNaN(AnomalyMeasures.Of([First with { ThreeSigma = [] }]).ThreeSigma.F1));

    [Fact]
    public void Of_NothingAtAll_IsNothing() => Assert.Equal(0, AnomalyMeasures.Of([]).Rows);

    [Fact]
    public void Of_ArraysThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => AnomalyMeasures.Of([First, First]));
        Assert.Throws<ArgumentException>(() => AnomalyMeasures.Of([First, Second with { Truth = [] }]));
        Assert.Throws<ArgumentException>(() => AnomalyMeasures.Of([First with { Flagged = [true] }]));
    }
}
