using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>The pictures of the page. Each stands beside a table of the same figures, or has one folded under it.</summary>
internal static class Pictures
{
    private const int LeadSteps = 12;
    private const int MostFeatures = 20;
    private const int MostFans = 6;
    private const int FanColumns = 300;

    /// <summary>Beside the tables of row-level quality: the precision-recall curve and the calibration curve.</summary>
    internal static void Rows(HtmlText page, RowMeasures rows)
    {
        RowQuality pooled = rows.Pooled;
        if (pooled.Curve.Count == 0)
        {
            return;
        }

        page.AddConstant("""<div class="pictures">""");
        double chance = (double)pooled.Positives / pooled.Rows;
        var curve = new Chart(page, "pr", "Precision against recall, row by row",
            $"Average precision {Words.Number(pooled.PrAuc)}; chance would be {Words.Percent(chance)}.", Axis.Share("recall of positive rows"), Axis.Share("precision"));
        curve.Line("limit", [(0, chance), (1, chance)]);
        curve.Line("line", pooled.Curve.Select(p => (p.Recall, p.Precision)));
        if (!double.IsNaN(pooled.Confusion.Precision))
        {
            curve.Dot(pooled.Confusion.Recall, pooled.Confusion.Precision, $"at the threshold, {Words.Number(rows.Threshold)}");
        }

        curve.End();
        CalibrationStep[] steps = [.. pooled.Calibration.Where(s => s.Rows > 0)];
        var calibration = new Chart(page, "ca", "Said against came true",
            $"Calibration error {Words.Number(pooled.Ece)}. " + string.Join("; ", steps.Select(s =>
                $"{Words.Percent(s.MeanProbability)} said, {Words.Percent(s.PositiveShare)} of {Words.Counted(s.Rows, "row", "rows")} came true")) + ".",
            Axis.Share("mean probability"), Axis.Share("came true"));
        calibration.Line("limit", [(0, 0), (1, 1)]);
        calibration.Line("line", steps.Select(s => (s.MeanProbability, s.PositiveShare)));
        foreach (CalibrationStep step in steps)
        {
            calibration.Dot(step.MeanProbability, step.PositiveShare, Words.Counted(step.Rows, "row", "rows"));
        }

        calibration.End();
        page.AddConstant("</div>");
    }

    /// <summary>A table of what was said and what was true.</summary>
    internal static void Confusion(HtmlText page, ConfusionMatrix confusion, string cases, string yes, string no)
    {
        var table = new PageTable(page, $"{cases} by what was said and what was true", "Said", $"#True: {yes}", $"#True: {no}", "#Right");
        table.Row(yes, Words.Count(confusion.TruePositives), Words.Count(confusion.FalsePositives), Words.Percent(confusion.Precision));
        table.Row(no, Words.Count(confusion.FalseNegatives), Words.Count(confusion.TrueNegatives),
            Words.Percent((double)confusion.TrueNegatives / (confusion.FalseNegatives + confusion.TrueNegatives)));
        table.Row("Told right", Words.Percent(confusion.Recall), Words.Percent(1 - confusion.FalseAlarmRate), Words.Percent(confusion.Accuracy));
        table.End();
    }

    /// <summary>How early caught failures were foretold.</summary>
    internal static void Leads(HtmlText page, ReportedEvents events, LabelDefinition label)
    {
        double[] leads = [.. events.Failures.Where(f => f.Verdict == FailureVerdict.Caught).Select(f => f.LeadTimeSeconds)];
        if (leads.Length == 0)
        {
            return;
        }

        double horizon = label.Horizon.TotalSeconds;
        double width = horizon / LeadSteps;
        int[] counts = new int[LeadSteps];
        foreach (double lead in leads)
        {
            counts[Math.Clamp((int)(lead / width), 0, LeadSteps - 1)]++;
        }

        var chart = new Chart(page, "le", "Warning time of caught failures",
            $"Median {Words.Duration(events.Fleet.LeadMedianSeconds)}, nine of ten at least {Words.Duration(events.Fleet.LeadP10Seconds)}; the table of failures has each.",
            new Axis("from the alert to the failure", horizon, [0, horizon / 4, horizon / 2, horizon * 3 / 4, horizon], Words.Duration),
            Axis.Count("failures", counts.Max()));
        for (int step = 0; step < LeadSteps; step++)
        {
            chart.Bar(step * width, (step + 1) * width, counts[step],
                $"{Words.Duration(step * width)} to {Words.Duration((step + 1) * width)}: {Words.Counted(counts[step], "failure", "failures")}");
        }

        chart.End();
    }

    /// <summary>What mistakes cost by threshold.</summary>
    internal static void Costs(HtmlText page, ReportedEvents events)
    {
        if (events.Thresholds.Count < 2)
        {
            return;
        }

        (double Threshold, double Cost)[] costs =
            [.. events.Thresholds.Select((t, i) => (t.Threshold, events.ThresholdCosts[i])).OrderBy(t => t.Threshold)];
        var chart = new Chart(page, "co", "Cost by threshold",
            $"A missed failure at {Words.Number(events.Prices.MissedFailure)}, a false alert at {Words.Number(events.Prices.FalseAlert)}. "
            + $"At the threshold used, {Words.Number(events.Threshold)}, mistakes cost {Words.Number(events.Cost)}; the table has the others.",
            Axis.Share("threshold"), Axis.Amount("cost", Math.Max(events.Cost, costs.Max(c => c.Cost)), Words.Number));
        chart.Line("line", costs);
        chart.Dot(events.Threshold, events.Cost, $"the threshold used: {Words.Number(events.Cost)}");
        chart.End();
    }

    /// <summary>The model beside what is simpler.</summary>
    internal static void Baselines(HtmlText page, ReportedEvents events, IReadOnlyList<ReportedBaseline> baselines)
    {
        if (baselines.Count == 0)
        {
            return;
        }

        page.AddConstant("""<h2>Against something simpler</h2><p class="soft">""")
            .Add($"Cost takes a missed failure at {Words.Number(events.Prices.MissedFailure)} and a false or averted alert at ")
            .Add($"{Words.Number(events.Prices.FalseAlert)}. A model that costs more than one of these is not worth its trouble.</p>");
        var table = new PageTable(page, "The model and what is simpler, on the same test side",
            "What", "~Rule", "#Caught", "#Failures", "#False", "#Precision", "#Cost");
        foreach (ReportedBaseline entry in baselines.Prepend(new ReportedBaseline(
            "The model", $"probability ≥ {Words.Number(events.Threshold)}", events.Fleet, events.Cost)))
        {
            table.Row(entry.Name, entry.Rule, Words.Count(entry.Fleet.Caught), Words.Count(entry.Fleet.Failures),
                Words.Count(entry.Fleet.FalseAlerts), Words.Percent(entry.Fleet.Precision.Value), Words.Number(entry.Cost));
        }

        table.End();
    }

    /// <summary>What the model goes by.</summary>
    internal static void Importance(HtmlText page, IReadOnlyList<FeatureShare> importance)
    {
        if (importance.Count == 0)
        {
            return;
        }

        FeatureShare[] shown = [.. importance.OrderByDescending(f => f.Share).ThenBy(f => f.Feature, StringComparer.Ordinal).Take(MostFeatures)];
        double most = Math.Max(shown[0].Share, double.Epsilon);
        page.AddConstant("""<h2>What the model goes by</h2><p class="soft">""")
            .Add($"Share of each feature in what moves the score, the largest {shown.Length} of {Words.Count(importance.Count)}. ")
            .AddConstant("It tells what the model uses, not what makes assets fail.</p>");
        var table = new PageTable(page, "Features by their share", "Feature", "#Share", "Beside the largest");
        foreach (FeatureShare feature in shown)
        {
            string width = Words.Place(Math.Clamp(feature.Share / most, 0, 1) * 100);
            table.Row(Breakable(feature.Feature), Words.Percent(feature.Share),
                new HtmlText().Add($"""<div class="share" aria-hidden="true"><i style="width:{width}%"></i></div>"""));
        }

        table.End();
    }

    // A narrow screen breaks a long name between its words.
    private static HtmlText Breakable(string name)
    {
        var text = new HtmlText();
        foreach (string part in name.Split('_').SkipLast(1))
        {
            text.Add($"{part}_").AddConstant("<wbr/>");
        }

        return text.Add($"{name[(name.LastIndexOf('_') + 1)..]}");
    }

    /// <summary>Errors by what life was left.</summary>
    internal static void Stages(HtmlText page, LifeMeasures life)
    {
        LifeStage[] stages = [.. life.Stages.Where(s => s.Errors.Count > 0)];
        if (stages.Length == 0)
        {
            return;
        }

        double width = life.Stages[0].To!.Value;
        string Name(LifeStage stage) => stage.To is { } to ? $"{Words.Number(stage.From)} to {Words.Number(to)}" : $"{Words.Number(stage.From)} and more";
        page.AddConstant("""<h2>Near the end and far from it</h2><p class="soft">A life is to be told best when little of it is left. Over all rows, against the capped life.</p>""");
        var chart = new Chart(page, "sg", "RMSE by the life that was left",
            string.Join("; ", stages.Select(s => $"{Name(s)}: {Words.Number(s.Errors.Rmse)}")) + ".",
            new Axis($"true life, {Words.Units(life.Unit)}; the last bar is all beyond", width * life.Stages.Count,
                [.. Enumerable.Range(0, life.Stages.Count).Select(i => i * width)], Words.Number),
            Axis.Amount($"RMSE, {Words.Units(life.Unit)}", stages.Max(s => s.Errors.Rmse), Words.Number));
        foreach (LifeStage stage in stages)
        {
            chart.Bar(stage.From + (width * 0.06), stage.From + (width * 0.94), stage.Errors.Rmse, $"{Name(stage)}: {Words.Number(stage.Errors.Rmse)}");
        }

        chart.End();
        var table = new PageTable(page, $"Capped errors by the true life, {Words.Units(life.Unit)}", "True life", "#Rows", "#RMSE", "#Mean absolute error", "#Bias");
        foreach (LifeStage stage in life.Stages)
        {
            table.Row(Name(stage), Words.Count(stage.Errors.Count), Words.Number(stage.Errors.Rmse), Words.Number(stage.Errors.MeanAbsoluteError),
                Words.Number(stage.Errors.Bias));
        }

        table.End();
    }

    /// <summary>Whether lives were told within a fifth, how intervals held, and whether the predictions behave as lives do.</summary>
    internal static void LifeQuality(HtmlText page, LifeMeasures life)
    {
        var within = new PageTable(page, "Told within 20 % of the true life (α-λ accuracy)", "Share of the watched life passed", "#Assets", "~Within");
        foreach (AlphaLambda at in life.AlphaLambda)
        {
            within.Row(Words.Percent(at.Lambda), Words.Count(at.Assets), Words.WithInterval(at.Within));
        }

        within.End();
        if (life.Intervals is { } intervals)
        {
            var table = new PageTable(page, "90 % intervals", "Predictions", "#Judged", "~Cover the true life", $"#Mean width, {Words.Units(life.Unit)}");
            string[] names = ["Last row of each asset", "All rows", "Lowest third of the predictions", "Middle third", "Highest third"];
            foreach ((string name, IntervalGroup group) in names.Zip([intervals.LastRows, intervals.AllRows, .. intervals.Terciles]))
            {
                table.Row(name, Words.Count(group.Predictions), Words.WithInterval(group.Coverage), Words.Number(group.MeanWidth));
            }

            table.End();
        }

        var shape = new PageTable(page, "Whether the predictions run down as a life does, 0 to 1", "Measure", "#Value", "~Meaning");
        shape.Row("Monotonicity", Words.Number(life.Shape.Monotonicity), "Steps go one way.");
        shape.Row("Prognosability", Words.Number(life.Shape.Prognosability), "All assets end at the same prediction. Known only where assets are watched until they fail.");
        shape.Row("Trendability", Words.Number(life.Shape.Trendability), "All assets run down in the same way. Known only where assets are watched until they fail.");
        shape.End();
    }

    /// <summary>Predicted life with its interval beside the true one, for the assets with the worst, the middle and the best errors.</summary>
    internal static void Fans(HtmlText page, LifeMeasures life, IReadOnlyList<AssetLifePredictions> lives)
    {
        double Error(AssetLifePredictions asset) => Math.Sqrt(Enumerable.Range(0, asset.Predicted.Length)
            .Where(row => double.IsFinite(asset.Predicted[row]) && double.IsFinite(asset.True[row]))
            .Select(row => asset.Predicted[row] - Math.Min(asset.True[row], life.Cap ?? double.PositiveInfinity))
            .Select(d => d * d).DefaultIfEmpty(double.NaN).Average());
        AssetLifePredictions[] worstFirst = [.. lives.Select(asset => (Asset: asset, Error: Error(asset)))
            .Where(a => !double.IsNaN(a.Error) && a.Asset.Predicted.Length > 1).OrderByDescending(a => a.Error).ThenBy(a => a.Asset.Asset).Select(a => a.Asset)];
        if (worstFirst.Length == 0)
        {
            return;
        }

        int count = Math.Min(MostFans, worstFirst.Length);
        page.AddConstant("""<h2>Life by life</h2><p class="soft">""")
            .Add($"{count} of {Words.Counted(worstFirst.Length, "asset", "assets")}, from the worst told to the best. The line is the prediction")
            .Add($"{(life.Intervals is null ? "" : ", the shade its 90 % interval")}; dashed is the true life{(life.Cap is null ? "" : ", at most the cap")}.</p>")
            .AddConstant("""<div class="pictures">""");
        for (int i = 0; i < count; i++)
        {
            Fan(page, $"fa{i}", life, worstFirst[count == 1 ? 0 : (int)((long)i * (worstFirst.Length - 1) / (count - 1))]);
        }

        page.AddConstant("</div>");
    }

    private static void Fan(HtmlText page, string id, LifeMeasures life, AssetLifePredictions asset)
    {
        int rows = asset.Predicted.Length;
        int[] shown = [.. Enumerable.Range(0, Math.Min(FanColumns, rows)).Select(i => (int)((long)i * (rows - 1) / Math.Max(1, Math.Min(FanColumns, rows) - 1)))];
        double cap = life.Cap ?? double.PositiveInfinity;
        double[] heights = [.. shown.SelectMany(row => new[] { asset.Predicted[row], asset.Upper?[row] ?? double.NaN, Math.Min(cap, asset.True[row]) }).Where(double.IsFinite)];
        double most = heights.Max();
        var chart = new Chart(page, id, asset.Asset.Value,
            $"From {Words.Number(asset.Predicted[0])} predicted, {Words.Number(asset.True[0])} true, to {Words.Number(asset.Predicted[^1])} predicted, {Words.Number(asset.True[^1])} true.",
            Axis.Count("row", rows), Axis.Amount($"life, {Words.Units(life.Unit)}", most, Words.Number));
        if (asset.Lower is { } lower && asset.Upper is { } upper)
        {
            chart.Band([.. shown.Where(row => double.IsFinite(lower[row]) && double.IsFinite(upper[row])).Select(row => (row + 1.0, lower[row], upper[row]))]);
        }

        chart.Line("limit", shown.Select(row => (row + 1.0, Math.Min(cap, asset.True[row]))));
        chart.Line("line", shown.Select(row => (row + 1.0, asset.Predicted[row])));
        chart.End();
    }
}
