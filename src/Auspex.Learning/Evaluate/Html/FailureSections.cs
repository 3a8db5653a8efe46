using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>The parts of the page about failures and alerts.</summary>
internal static class FailureSections
{
    private const int MostTimelines = 12;

    internal static void Tiles(HtmlText page, EvaluationReport report, ReportedEvents events)
    {
        EventCounts fleet = events.Fleet;
        if (report.Metrics.Missing is { } missing)
        {
            page.Add($"""<p class="card notes cannot">{missing}</p>""");
        }

        page.AddConstant("""<dl class="tiles">""");
        Tile(page, "Failures caught", $"{fleet.Caught} of {fleet.Failures}", fleet.Recall,
            $"recall {Words.WithInterval(fleet.Recall)}");
        Tile(page, "Alerts that were right", $"{fleet.Hits} of {fleet.Hits + fleet.FalseAlerts}", fleet.Precision,
            $"precision {Words.WithInterval(fleet.Precision)}; "
            + $"in neither: {fleet.Averted} averted, {fleet.Late} late, {fleet.Open} open");
        Estimate wrong = fleet.FalseAlertsPerAssetDay;
        Tile(page, "False alerts per asset and day", Words.Number(wrong.Value), null,
            double.IsNaN(wrong.Value) ? "nothing was watched" :
            $"95 % interval {Words.Number(wrong.Lower)} to {Words.Number(wrong.Upper)}; "
            + $"{fleet.FalseAlerts} in {Words.Number(fleet.AssetDays)} asset-days. "
            + $"In a shift of 8 hours over {Words.Counted(events.Assets.Count, "asset", "assets")}: {Words.Number(fleet.FalseAlertsPerShift)}");
        Tile(page, "Warning time, median", Words.Duration(fleet.LeadMedianSeconds), null,
            fleet.Caught == 0 ? "no failure was caught"
            : $"nine of ten warnings came at least {Words.Duration(fleet.LeadP10Seconds)} before; "
                + $"n = {fleet.Caught}, horizon {Words.Duration(report.Label.Horizon)}");
        page.AddConstant("</dl>");
    }

    internal static void Timelines(HtmlText page, EvaluationReport report, ReportedEvents events, IReadOnlyList<JudgedAsset> assets)
    {
        Dictionary<string, EventCounts> counts = events.Assets.ToDictionary(a => a.Name, a => a.Counts, StringComparer.Ordinal);
        JudgedAsset[] worstFirst = [.. assets.Where(a => a.Times.Length > 0)
            .OrderByDescending(a => counts[a.Asset.Value].Missed)
            .ThenByDescending(a => counts[a.Asset.Value].FalseAlerts)
            .ThenByDescending(a => counts[a.Asset.Value].Alerts)
            .ThenBy(a => a.Asset)];
        int left = worstFirst.Length - MostTimelines;
        string which = left > 0
            ? $"the {MostTimelines} assets with the most misses and false alerts; {left} more are left out here and listed under By asset"
            : "worst asset first";
        page.AddConstant("""<h2>Asset by asset</h2><p class="soft">""")
            .Add($"Probability over time, each lane from 0 to 1; {which}. Each column of a curve keeps its lowest and highest value. ")
            .Add($"The dashed line is the threshold, {Words.Number(events.Threshold)}. Times are UTC.</p>")
            .AddConstant("""<div class="legend" aria-label="Marks">""");
        foreach ((string kind, string text) in new[]
        {
            ("caught", "failure, caught"), ("missed", "failure, missed"), ("hit", "alert: hit"), ("false", "alert: false"),
            ("averted", "alert: averted, unproven"), ("late", "alert: late"), ("open", "alert: open, not known yet"),
        })
        {
            page.Add($"""<span class="tag"><svg class="g {kind}" aria-hidden="true"><use href="#{kind}"/></svg>{text}</span>""");
        }

        page.AddConstant("""
            <span class="tag"><svg class="k" viewBox="0 0 26 14" aria-hidden="true"><path class="tick" d="M13 2V12"/></svg>maintenance</span></div>
            """);
        int id = 0;
        foreach (JudgedAsset asset in worstFirst.Take(MostTimelines))
        {
            page.Add(Timeline.Of(asset, id++, report.Label, events.Threshold, counts[asset.Asset.Value],
                [.. events.Alerts.Where(a => a.Asset == asset.Asset.Value)],
                [.. events.Failures.Where(f => f.Asset == asset.Asset.Value)]));
        }
    }

    internal static void Failures(HtmlText page, ReportedEvents events, LabelDefinition label)
    {
        EventCounts fleet = events.Fleet;
        ReportedFailure[] listed = [.. events.Failures.Where(f => f.Verdict != FailureVerdict.OutsidePeriod)
            .OrderBy(f => f.Verdict switch { FailureVerdict.Missed => 0, FailureVerdict.Caught => 1, _ => 2 })];
        page.AddConstant("""<h2>Failures</h2><p class="soft">""")
            .Add($"{Words.Counted(fleet.Failures, "failure was", "failures were")} judged: {fleet.Caught} caught, {fleet.Missed} missed. ")
            .Add($"{fleet.NotJudgeable} not judgeable for want of rows in the horizon, {fleet.OutsidePeriod} outside the judged period.</p>");
        if (listed.Length == 0)
        {
            return;
        }

        Pictures.Leads(page, events, label);
        var table = new PageTable(page, "Failures, missed ones first" + PageTable.Cut(listed.Length),
            "Asset", "Verdict", "Component", "@Start (UTC)", "#Lead", "#Highest probability", "~Why not");
        foreach (ReportedFailure failure in listed.Take(PageTable.MostRows))
        {
            string kind = failure.Verdict switch
            {
                FailureVerdict.Missed => "missed",
                FailureVerdict.Caught => "caught",
                _ => "aside",
            };
            table.Row(failure.Asset, Tag(kind, Words.Verdict(failure.Verdict)), Words.Component(failure.Component), Words.Time(failure.Start),
                Words.Duration(failure.LeadTimeSeconds), Words.Number(failure.HighestProbability),
                failure.Why ?? (failure.OnlyByClosedAlert ? "The alert had been closed before." : ""));
        }

        table.End();
    }

    internal static void Alerts(HtmlText page, ReportedEvents events)
    {
        page.AddConstant("""<h2>Alerts</h2><p class="soft">""")
            .Add($"{Words.Counted(events.Fleet.Alerts, "alert was", "alerts were")} raised at a probability of {Words.Number(events.Threshold)} ")
            .Add($"or more. If no maintenance had averted anything, precision would be ")
            .Add($"{Words.Percent(events.Fleet.PrecisionIfAvertedWereFalse.Value)}.</p>");
        var outcomes = new PageTable(page, "Alerts by outcome", "Outcome", "#Alerts", "~Meaning");
        foreach (PredictiveAlertOutcome outcome in Enum.GetValues<PredictiveAlertOutcome>())
        {
            outcomes.Row(Tag(outcome), Words.Count(events.Alerts.Count(a => a.Outcome == outcome)), Words.Meaning(outcome));
        }

        outcomes.End();
        if (events.Alerts.Count == 0)
        {
            return;
        }

        page.AddConstant("<details><summary>Every alert</summary>");
        var table = new PageTable(page, "Alerts, false ones first" + PageTable.Cut(events.Alerts.Count),
            "Asset", "Outcome", "Component", "@Raised (UTC)", "#At raise", "#Highest", "@Closed (UTC)", "#Lead");
        foreach (ReportedAlert alert in events.Alerts
            .OrderBy(a => a.Outcome == PredictiveAlertOutcome.False ? -1 : (int)a.Outcome)
            .Take(PageTable.MostRows))
        {
            table.Row(alert.Asset, Tag(alert.Outcome), alert.Component.Length == 0 ? "any" : alert.Component, Words.Time(alert.RaisedAt),
                Words.Number(alert.ProbabilityAtRaise), Words.Number(alert.HighestProbability), Words.Time(alert.ClosedAt),
                Words.Duration(alert.LeadTimeSeconds));
        }

        table.End();
        page.AddConstant("</details>");
    }

    internal static void Breakdowns(HtmlText page, ReportedEvents events)
    {
        page.AddConstant("<h2>Where it works and where not</h2>");
        if (events.Components.Count > 0)
        {
            Counts(page, "By component", "Component", events.Components.Select(c => (Words.Component(c.Name), c.Counts)));
        }

        page.AddConstant("<details><summary>By asset</summary>");
        Counts(page, "By asset" + PageTable.Cut(events.Assets.Count), "Asset",
            events.Assets.Take(PageTable.MostRows).Select(a => (a.Name, a.Counts)));
        page.AddConstant("</details>");
        if (events.Thresholds.Count > 0)
        {
            page.AddConstant("""
                <h2>At other thresholds</h2><p class="soft">What a lower or higher threshold would have caught and cost on the same data. Choosing by
                this table and quoting it again flatters the model: the choice wants data of its own.</p>
                """);
            Pictures.Costs(page, events);
            Counts(page, "The fleet by threshold", "Threshold", events.Thresholds.Select(t => (Words.Number(t.Threshold), t.Counts)));
        }
    }

    internal static void Rows(HtmlText page, RowMeasures rows)
    {
        page.AddConstant("""
            <h2>Row by row</h2><p class="soft">Secondary: rows of one asset resemble each other, so these figures look better than the work they
            save. For people who build models.</p>
            """);
        Pictures.Rows(page, rows);
        Pictures.Confusion(page, rows.Pooled.Confusion, $"Rows at the threshold of {Words.Number(rows.Threshold)}", "positive", "negative");
        var table = new PageTable(page, "Quality of the probabilities",
            "Component", "#Rows", "#Positive", "#ROC AUC", "#Average precision", "#F1", "#Log loss", "#Brier", "#Calibration error", "#Not known");
        foreach ((string name, RowQuality quality) in rows.Components.Select(c => (c.Name, c))
            .Prepend((rows.Components.Count == 0 ? "any failure" : "all pooled", rows.Pooled)))
        {
            table.Row(name, Words.Count(quality.Rows), Words.Count(quality.Positives), Words.Number(quality.RocAuc), Words.Number(quality.PrAuc),
                Words.Number(quality.Confusion.F1), Words.Number(quality.LogLoss), Words.Number(quality.Brier), Words.Number(quality.Ece), Words.Count(quality.UnknownRows + quality.RowsWithoutPrediction));
        }

        table.End();
        var calibration = new PageTable(page, "Calibration: of the rows of a probability, how many came true",
            "Probability", "#Rows", "#Mean probability", "#Came true");
        foreach (CalibrationStep step in rows.Pooled.Calibration.Where(s => s.Rows > 0))
        {
            calibration.Row($"{Words.Percent(step.From)} to {Words.Percent(step.To)}", Words.Count(step.Rows),
                Words.Percent(step.MeanProbability), Words.Percent(step.PositiveShare));
        }

        calibration.End();
    }

    internal static void Tile(HtmlText page, string name, string figure, Estimate? share, string more)
    {
        page.Add($"""<div class="tile"><dt>{name}</dt><dd><div class="figure">{figure}</div>""");
        if (share is { } s && !double.IsNaN(s.Value))
        {
            page.AddConstant("""<div class="range" aria-hidden="true">""")
                .Add($"""<i style="left:{Words.Place(s.Lower * 100)}%;width:{Words.Place((s.Upper - s.Lower) * 100)}%"></i>""")
                .Add($"""<b style="left:{Words.Place(s.Value * 100)}%"></b></div>""");
        }

        page.Add($"""<div class="more">{more}</div></dd></div>""");
    }

    private static HtmlText Tag(PredictiveAlertOutcome outcome) => Tag(Words.Outcome(outcome), Words.Outcome(outcome));

    private static HtmlText Tag(string kind, string text) => new HtmlText()
        .Add($"""<span class="tag {kind}"><svg class="g" aria-hidden="true"><use href="#{kind}"/></svg>{text}</span>""");

    private static void Counts(HtmlText page, string caption, string first, IEnumerable<(string Name, EventCounts Counts)> rows)
    {
        var table = new PageTable(page, caption, first,
            "#Failures", "#Caught", "#Recall", "#Alerts", "#Hits", "#False", "#Precision", "#False per asset-day", "#Median lead");
        foreach ((string name, EventCounts counts) in rows)
        {
            table.Row(name, Words.Count(counts.Failures), Words.Count(counts.Caught), Words.Percent(counts.Recall.Value),
                Words.Count(counts.Alerts), Words.Count(counts.Hits), Words.Count(counts.FalseAlerts), Words.Percent(counts.Precision.Value),
                Words.Number(counts.FalseAlertsPerAssetDay.Value), Words.Duration(counts.LeadMedianSeconds));
        }

        table.End();
    }
}
