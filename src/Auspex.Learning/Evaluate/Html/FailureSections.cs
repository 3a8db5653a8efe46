using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>The parts of the page about failures and alerts.</summary>
internal static class FailureSections
{
    private const int MostTimelines = 12;
    private const int MostTableRows = 400;

    internal static void Tiles(HtmlText page, EvaluationReport report, ReportedEvents events)
    {
        EventCounts fleet = events.Fleet;
        page.AddConstant("""<dl class="tiles">""");
        Tile(page, "Failures caught", $"{fleet.Caught} of {fleet.Failures}", fleet.Recall,
            $"recall {Words.WithInterval(fleet.Recall)}");
        Tile(page, "Alerts that were right", $"{fleet.Hits} of {fleet.Hits + fleet.FalseAlerts}", fleet.Precision,
            $"precision {Words.WithInterval(fleet.Precision)}; in neither: {fleet.Averted} averted, {fleet.Late} late, {fleet.Unsettled} open");
        Estimate wrong = fleet.FalseAlertsPerAssetDay;
        Tile(page, "False alerts per asset and day", Words.Number(wrong.Value), null,
            double.IsNaN(wrong.Value) ? "nothing was watched" :
            $"95 % interval {Words.Number(wrong.Lower)} to {Words.Number(wrong.Upper)}; {fleet.FalseAlerts} in {Words.Number(fleet.AssetDays)} asset-days. "
            + $"In a shift of 8 hours over {Words.Counted(events.Assets.Count, "asset", "assets")}: {Words.Number(fleet.FalseAlertsPerShift)}");
        Tile(page, "Warning time, median", Words.Duration(fleet.LeadMedianSeconds), null,
            fleet.Caught == 0 ? "no failure was caught"
            : $"nine of ten warnings came at least {Words.Duration(fleet.LeadP10Seconds)} before; n = {fleet.Caught}, horizon {Words.Duration(report.Label.Horizon)}");
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
        page.AddConstant("<h2>Asset by asset</h2>")
            .Add($"""<p class="soft">Probability over time, each lane from 0 to 1; {(worstFirst.Length > MostTimelines
                ? $"the {MostTimelines} assets with the most misses and false alerts; {worstFirst.Length - MostTimelines} more are left out here and listed under By asset"
                : "worst asset first")}. """)
            .Add($"Each column of a curve keeps its lowest and highest value. The dashed line is the threshold, {Words.Number(events.Threshold)}. Times are UTC.</p>")
            .AddConstant("""<div class="legend" aria-label="Marks">""");
        foreach ((string kind, string text) in new[]
        {
            ("caught", "failure, caught"), ("missed", "failure, missed"), ("hit", "alert: hit"), ("false", "alert: false"),
            ("averted", "alert: averted, unproven"), ("late", "alert: late"), ("open", "alert: not known yet"),
        })
        {
            page.Add($"""<span class="tag"><svg class="g {kind}" aria-hidden="true"><use href="#{kind}"/></svg>{text}</span>""");
        }

        page.AddConstant("""<span class="tag"><svg class="k" viewBox="0 0 26 14" aria-hidden="true"><path class="tick" d="M13 2V12"/></svg>maintenance</span></div>""");
        int id = 0;
        foreach (JudgedAsset asset in worstFirst.Take(MostTimelines))
        {
            page.Add(Timeline.Of(asset, id++, report.Label, events.Threshold, counts[asset.Asset.Value],
                [.. events.Alerts.Where(a => a.Asset == asset.Asset.Value)], [.. events.Failures.Where(f => f.Asset == asset.Asset.Value)]));
        }
    }

    internal static void Failures(HtmlText page, ReportedEvents events)
    {
        EventCounts fleet = events.Fleet;
        ReportedFailure[] listed = [.. events.Failures.Where(f => f.Verdict != FailureVerdict.OutsidePeriod)
            .OrderBy(f => f.Verdict switch { FailureVerdict.Missed => 0, FailureVerdict.Caught => 1, _ => 2 })];
        page.Add($"""<h2>Failures</h2><p class="soft">{Words.Counted(fleet.Failures, "failure was", "failures were")} judged: {fleet.Caught} caught, {fleet.Missed} missed. """)
            .Add($"{fleet.NotJudgeable} not judgeable for want of rows in the horizon, {fleet.OutsidePeriod} outside the judged period.</p>");
        if (listed.Length == 0)
        {
            return;
        }

        Table(page, "Failures, missed ones first" + LeftOut(listed.Length), ["Asset", "Component", "Start (UTC)", "Verdict", "#Lead", "#Highest probability", "Why not"]);
        foreach (ReportedFailure failure in listed.Take(MostTableRows))
        {
            string kind = failure.Verdict switch { FailureVerdict.Caught => "caught", FailureVerdict.Missed => "missed", _ => "aside" };
            page.Add($"""<tr><th scope="row">{failure.Asset}</th><td>{Words.Component(failure.Component)}</td><td class="t">{Words.Time(failure.Start)}</td>""")
                .Add($"""<td>{Tag(kind, Words.Verdict(failure.Verdict))}</td><td class="n">{Words.Duration(failure.LeadTimeSeconds)}</td>""")
                .Add($"""<td class="n">{Words.Number(failure.HighestProbability)}</td><td class="w">{failure.Why
                    ?? (failure.OnlyByClosedAlert ? "The alert had been closed before." : "")}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div>");
    }

    internal static void Alerts(HtmlText page, ReportedEvents events)
    {
        page.Add($"""<h2>Alerts</h2><p class="soft">{Words.Counted(events.Fleet.Alerts, "alert was", "alerts were")} raised at a probability of {Words.Number(events.Threshold)} or more.""")
            .Add($" If no maintenance had averted anything, precision would be {Words.Percent(events.Fleet.PrecisionIfAvertedWereFalse.Value)}.</p>");
        Table(page, "Alerts by outcome", ["Outcome", "#Alerts", "Meaning"]);
        foreach (PredictiveAlertOutcome outcome in Enum.GetValues<PredictiveAlertOutcome>())
        {
            page.Add($"""<tr><th scope="row">{Tag(Words.Outcome(outcome), Words.Outcome(outcome))}</th><td class="n">{events.Alerts.Count(a => a.Outcome == outcome)}</td>""")
                .Add($"""<td class="w">{Words.Meaning(outcome)}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div>");
        if (events.Alerts.Count == 0)
        {
            return;
        }

        page.AddConstant("<details><summary>Every alert</summary>");
        Table(page, "Alerts, false ones first" + LeftOut(events.Alerts.Count),
            ["Asset", "Component", "Raised (UTC)", "Outcome", "#At raise", "#Highest", "Closed (UTC)", "#Lead"]);
        foreach (ReportedAlert alert in events.Alerts.OrderBy(a => a.Outcome == PredictiveAlertOutcome.False ? -1 : (int)a.Outcome).Take(MostTableRows))
        {
            page.Add($"""<tr><th scope="row">{alert.Asset}</th><td>{(alert.Component.Length == 0 ? "any" : alert.Component)}</td><td class="t">{Words.Time(alert.RaisedAt)}</td>""")
                .Add($"""<td>{Tag(Words.Outcome(alert.Outcome), Words.Outcome(alert.Outcome))}</td><td class="n">{Words.Number(alert.ProbabilityAtRaise)}</td>""")
                .Add($"""<td class="n">{Words.Number(alert.HighestProbability)}</td><td class="t">{Words.Time(alert.ClosedAt)}</td><td class="n">{Words.Duration(alert.LeadTimeSeconds)}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div></details>");
    }

    internal static void Breakdowns(HtmlText page, ReportedEvents events)
    {
        page.AddConstant("<h2>Where it works and where not</h2>");
        if (events.Components.Count > 0)
        {
            Counts(page, "By component", "Component", [.. events.Components.Select(c => (Words.Component(c.Name), c.Counts))]);
        }

        page.AddConstant("<details><summary>By asset</summary>");
        Counts(page, "By asset" + LeftOut(events.Assets.Count), "Asset", [.. events.Assets.Take(MostTableRows).Select(a => (a.Name, a.Counts))]);
        page.AddConstant("</details>");
        if (events.Thresholds.Count > 0)
        {
            page.AddConstant("""<h2>At other thresholds</h2><p class="soft">What a lower or higher threshold would have caught and cost on the same data. Choosing by this table and quoting it again flatters the model: the choice wants data of its own.</p>""");
            Counts(page, "The fleet by threshold", "Threshold", [.. events.Thresholds.Select(t => (Words.Number(t.Threshold), t.Counts))]);
        }
    }

    internal static void Rows(HtmlText page, RowMeasures rows)
    {
        page.AddConstant("""<h2>Row by row</h2><p class="soft">Secondary: rows of one asset resemble each other, so these figures look better than the work they save. For people who build models.</p>""");
        Table(page, "Quality of the probabilities", ["Component", "#Rows", "#Positive", "#ROC AUC", "#Average precision", "#Log loss", "#Brier", "#Not known"]);
        foreach ((string name, RowQuality quality) in rows.Components.Select(c => (c.Name, c)).Prepend((rows.Components.Count == 0 ? "any failure" : "all pooled", rows.Pooled)))
        {
            page.Add($"""<tr><th scope="row">{name}</th><td class="n">{Words.Count(quality.Rows)}</td><td class="n">{Words.Count(quality.Positives)}</td>""")
                .Add($"""<td class="n">{Words.Number(quality.RocAuc)}</td><td class="n">{Words.Number(quality.PrAuc)}</td><td class="n">{Words.Number(quality.LogLoss)}</td>""")
                .Add($"""<td class="n">{Words.Number(quality.Brier)}</td><td class="n">{Words.Count(quality.UnknownRows + quality.RowsWithoutPrediction)}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div>");
        Table(page, "Calibration: of the rows of a probability, how many came true", ["Probability", "#Rows", "#Mean probability", "#Came true"]);
        foreach (CalibrationStep step in rows.Pooled.Calibration.Where(s => s.Rows > 0))
        {
            page.Add($"""<tr><th scope="row">{Words.Percent(step.From)} to {Words.Percent(step.To)}</th><td class="n">{Words.Count(step.Rows)}</td>""")
                .Add($"""<td class="n">{Words.Percent(step.MeanProbability)}</td><td class="n">{Words.Percent(step.PositiveShare)}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div>");
    }

    /// <summary>Opens a table; a header that starts with # is of numbers.</summary>
    internal static void Table(HtmlText page, string caption, IReadOnlyList<string> headers)
    {
        page.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>""");
        foreach (string header in headers)
        {
            page.Add($"""<th scope="col" class="{(header[0] == '#' ? "n" : "")}">{header.TrimStart('#')}</th>""");
        }

        page.AddConstant("</tr></thead><tbody>\n");
    }

    internal static void Tile(HtmlText page, string name, string figure, Estimate? share, string more)
    {
        page.Add($"""<div class="tile"><dt>{name}</dt><dd><div class="figure">{figure}</div>""");
        if (share is { } s && !double.IsNaN(s.Value))
        {
            page.Add($"""<div class="range" aria-hidden="true"><i style="left:{Words.Place(s.Lower * 100)}%;width:{Words.Place((s.Upper - s.Lower) * 100)}%"></i>""")
                .Add($"""<b style="left:{Words.Place(s.Value * 100)}%"></b></div>""");
        }

        page.Add($"""<div class="more">{more}</div></dd></div>""");
    }

    internal static string LeftOut(int all) =>
        all > MostTableRows ? $" (the first {MostTableRows} of {Words.Count(all)}; evaluation.json has all)" : "";

    internal static int TableRows => MostTableRows;

    private static HtmlText Tag(string kind, string text) =>
        new HtmlText().Add($"""<span class="tag {kind}"><svg class="g" aria-hidden="true"><use href="#{kind}"/></svg>{text}</span>""");

    private static void Counts(HtmlText page, string caption, string first, IReadOnlyList<(string Name, EventCounts Counts)> rows)
    {
        Table(page, caption, [first, "#Failures", "#Caught", "#Recall", "#Alerts", "#Hits", "#False", "#Precision", "#False per asset-day", "#Median lead"]);
        foreach ((string name, EventCounts counts) in rows)
        {
            page.Add($"""<tr><th scope="row">{name}</th><td class="n">{counts.Failures}</td><td class="n">{counts.Caught}</td><td class="n">{Words.Percent(counts.Recall.Value)}</td>""")
                .Add($"""<td class="n">{counts.Alerts}</td><td class="n">{counts.Hits}</td><td class="n">{counts.FalseAlerts}</td><td class="n">{Words.Percent(counts.Precision.Value)}</td>""")
                .Add($"""<td class="n">{Words.Number(counts.FalseAlertsPerAssetDay.Value)}</td><td class="n">{Words.Duration(counts.LeadMedianSeconds)}</td></tr>""");
        }

        page.AddConstant("</tbody></table></div>");
    }
}
