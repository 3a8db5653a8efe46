namespace Auspex.Learning.Evaluate.Html;

/// <summary>The parts of the page about a present condition.</summary>
internal static class ConditionSections
{
    internal static void Tiles(HtmlText page, ConditionMeasures condition)
    {
        RowQuality rows = condition.Rows.Pooled;
        int assets = condition.Assets.Count;
        long right = condition.AssetsConfusion.TruePositives + condition.AssetsConfusion.TrueNegatives;
        page.AddConstant("""<dl class="tiles">""");
        FailureSections.Tile(page, "Assets told right", $"{right} of {assets}", condition.AssetsAccuracy,
            $"by the majority of their rows; {Words.WithInterval(condition.AssetsAccuracy)}");
        FailureSections.Tile(page, "Order of the assets (ROC AUC)", Words.Number(condition.AssetsRocAuc.Value), condition.AssetsRocAuc,
            double.IsNaN(condition.AssetsRocAuc.Value) ? "needs assets of both kinds"
            : $"95 % interval {Words.Number(condition.AssetsRocAuc.Lower)} to {Words.Number(condition.AssetsRocAuc.Upper)}; 0.5 is chance");
        FailureSections.Tile(page, "Rows told right", Words.Percent(rows.Confusion.Accuracy), null,
            $"{Words.Counted(rows.Rows, "row", "rows")}; rows of one asset resemble each other, so no interval is given");
        FailureSections.Tile(page, "F1 of rows", Words.Number(rows.Confusion.F1), null,
            $"false alarms {Words.Percent(rows.Confusion.FalseAlarmRate)} of good rows, missed {Words.Percent(rows.Confusion.MissedAlarmRate)} of bad ones");
        page.AddConstant("</dl>");
    }

    internal static void Assets(HtmlText page, ConditionMeasures condition)
    {
        if (condition.Assets.Count == 0)
        {
            return;
        }

        page.AddConstant("<h2>Asset by asset</h2>");
        Pictures.Confusion(page, condition.AssetsConfusion, "Assets", "yes", "no");
        var table = new PageTable(page, "Assets of one condition throughout" + PageTable.Cut(condition.Assets.Count),
            "Asset", "Component", "True", "Said", "#Rows", "#Mean probability", "#Rows said");
        foreach (AssetCondition asset in condition.Assets.OrderBy(a => a.Said == a.Positive).Take(PageTable.MostRows))
        {
            table.Row(asset.Asset, asset.Component.Length == 0 ? "any" : asset.Component, asset.Positive ? "yes" : "no", asset.Said ? "yes" : "no",
                Words.Count(asset.Rows), Words.Number(asset.MeanProbability), Words.Percent(asset.SaidShare));
        }

        table.End();
    }
}
