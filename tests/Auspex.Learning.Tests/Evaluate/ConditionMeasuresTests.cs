using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class ConditionMeasuresTests
{
    private static readonly LabelDefinition Label = new(
        PredictionTask.Failure, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, [], null, null, null);

    private static AssetConditions Asset(string name, double[] probabilities, params double[] real) => new(
        new AssetId(name), [.. Enumerable.Range(0, probabilities.Length).Select(t => (long)t)], [probabilities], [real]);

    private static ConditionMeasures Example() => ConditionMeasures.Of(
        [
            Asset("worn 1", [.9, .6, .2], 1, 1, 1),
            Asset("worn 2", [.4, .4, .6], 1, 1, double.NaN),
            Asset("new 1", [.1, .1], 0, 0),
            Asset("new 2", [.5, .49], 0, 0),
            Asset("wears", [.2, .8], 0, 1),
        ], Label, 0.5);

    [Fact]
    public void Of_AssetsOfOneCondition_AreJudgedByTheMajorityOfTheirRows()
    {
        ConditionMeasures condition = Example();

        Assert.Equal(["new 1", "new 2", "worn 1", "worn 2"], condition.Assets.Select(a => a.Asset)); // not the one that wears
        // new 2 has half of its rows at the threshold, which is enough; worn 2 has none of the rows whose truth is known.
        Assert.Equal([false, true, true, false], condition.Assets.Select(a => a.Said));
        Assert.Equal(new ConfusionMatrix(1, 1, 1, 1), condition.AssetsConfusion);
        Assert.Equal(Estimate.Share(2, 4), condition.AssetsAccuracy);
        // Means .1, .495 against .567, .4: three of four pairs in order.
        Assert.Equal(0.75, condition.AssetsRocAuc.Value, 1e-12);
        Assert.InRange(condition.AssetsRocAuc.Lower, 0, 0.75);
    }

    [Fact]
    public void Of_Rows_CountsAllThatIsKnown()
    {
        RowQuality rows = Example().Rows.Pooled;

        Assert.Equal((11L, 6L, 1L), (rows.Rows, rows.Positives, rows.UnknownRows));
        Assert.Equal(new ConfusionMatrix(3, 1, 3, 4), rows.Confusion);
    }

    [Fact]
    public void OfCondition_Report_HasRowFiguresAndNoEvents()
    {
        EvaluationReport report = EvaluationReport.OfCondition(Evaluate.Example.Context(Label), Example());

        Assert.Equal((0.5, 0.75, 7.0 / 11), (report.Metrics.Recall, report.Metrics.RowPrecision, report.Metrics.Accuracy));
        Assert.Equal((true, true, true), (report.Metrics.Failures is null, double.IsNaN(report.Metrics.Precision), report.Events is null));
        Assert.Equal(EvaluationJson.Write(report), EvaluationJson.Write(EvaluationJson.Read(EvaluationJson.Write(report))));
    }

    [Fact]
    public void Of_WhatDoesNotFit_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => ConditionMeasures.Of([Asset("a", [.1], 0), Asset("a", [.1], 0)], Label, 0.5));
        Assert.Throws<ArgumentException>(() => ConditionMeasures.Of([Asset("a", [.1, .2], 0)], Label, 0.5));
        Assert.Throws<ArgumentException>(() => ConditionMeasures.Of([Asset("a", [1.1], 0)], Label, 0.5));
        Assert.Throws<ArgumentException>(() => ConditionMeasures.Of([Asset("a", [.1], 0.5)], Label, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConditionMeasures.Of([], Label with { Horizon = TimeSpan.FromHours(1) }, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConditionMeasures.Of([], Label, double.NaN));
    }

    [Fact]
    public void Of_Nothing_IsUnknown() => Assert.True(double.IsNaN(ConditionMeasures.Of([], Label, 0.5).AssetsAccuracy.Value));
}
