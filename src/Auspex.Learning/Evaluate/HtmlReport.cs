using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate.Html;

namespace Auspex.Learning.Evaluate;

/// <summary>An evaluation as a page for people: one file, no request to anywhere, nothing that runs, light and dark, readable on a phone.
/// Every name in it is treated as hostile text.</summary>
public static class HtmlReport
{
    /// <summary>The page of a failure model.</summary>
    /// <param name="report">The report to show.</param>
    /// <param name="predictions">The predictions it was made from, for the timelines.</param>
    /// <param name="events">The events it was made from.</param>
    /// <exception cref="ArgumentException">The report is not about failures, or the assets do not fit.</exception>
    public static string OfFailures(
        EvaluationReport report, IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Events is not { } found || report.Rows is not { } rows)
        {
            throw new ArgumentException("The report is not about failures.", nameof(report));
        }

        IReadOnlyList<JudgedAsset> assets = JudgedAsset.Join(predictions, events, report.Label);
        HtmlText page = Begin(report,
            $"Will {(report.Label.Components.Count == 0 ? "the asset" : "a component")} fail within {Words.Duration(report.Label.Horizon)}? "
            + $"Alerts from a probability of {Words.Number(found.Threshold)} on, judged failure by failure.");
        FailureSections.Tiles(page, report, found);
        About(page, report);
        FailureSections.Timelines(page, report, found, assets);
        FailureSections.Failures(page, found, report.Label);
        FailureSections.Alerts(page, found);
        FailureSections.Breakdowns(page, found);
        Pictures.Baselines(page, found, report.Baselines);
        Pictures.Importance(page, report.Importance);
        FailureSections.Rows(page, rows);
        return End(page);
    }

    /// <summary>The page of a remaining-useful-life model.</summary>
    /// <param name="report">The report to show.</param>
    /// <param name="lives">The predictions it was made from, for the pictures; may be empty.</param>
    /// <exception cref="ArgumentException">The report is not about remaining useful life.</exception>
    public static string OfLife(EvaluationReport report, IReadOnlyList<AssetLifePredictions> lives)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(lives);
        if (report.Life is not { } life)
        {
            throw new ArgumentException("The report is not about remaining useful life.", nameof(report));
        }

        HtmlText page = Begin(report, "How long until the asset fails?");
        LifeSections.Tiles(page, life);
        About(page, report);
        LifeSections.Sections(page, life);
        Pictures.Stages(page, life);
        Pictures.LifeQuality(page, life);
        Pictures.Fans(page, life, lives);
        Pictures.Importance(page, report.Importance);
        return End(page);
    }

    /// <summary>The page of a model of the present condition.</summary>
    /// <param name="report">The report to show.</param>
    /// <exception cref="ArgumentException">The report is not about a present condition.</exception>
    public static string OfCondition(EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Condition is not { } condition)
        {
            throw new ArgumentException("The report is not about a present condition.", nameof(report));
        }

        HtmlText page = Begin(report, $"Is {(report.Label.Components.Count == 0 ? "the asset" : "a component")} in the condition now?");
        ConditionSections.Tiles(page, condition);
        About(page, report);
        ConditionSections.Assets(page, condition);
        Pictures.Importance(page, report.Importance);
        FailureSections.Rows(page, condition.Rows);
        return End(page);
    }

    /// <summary>The page of a detector of anomalies.</summary>
    /// <param name="report">The report to show.</param>
    /// <param name="anomalies">What was said of each asset, for the timelines; may be empty.</param>
    /// <exception cref="ArgumentException">The report is not about anomalies.</exception>
    public static string OfAnomaly(EvaluationReport report, IReadOnlyList<AssetAnomalies> anomalies)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(anomalies);
        if (report.Anomaly is not { } anomaly)
        {
            throw new ArgumentException("The report is not about anomalies.", nameof(report));
        }

        HtmlText page = Begin(report, "Is the asset as it normally is? Told row by row, from normal rows alone.");
        AnomalySections.Tiles(page, anomaly);
        About(page, report);
        AnomalySections.Timelines(page, anomaly, anomalies);
        AnomalySections.Assets(page, anomaly);
        return End(page);
    }

    /// <summary>Writes a page to a file: whole or not at all.</summary>
    public static void WriteFile(string html, string path) => ReportFile.Write(path, html);

    private static HtmlText Begin(EvaluationReport report, string question)
    {
        var page = new HtmlText();
        page.AddConstant("""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
            """);
        page.Add($"<title>Evaluation of {report.Dataset}, model {report.ModelVersion}</title>\n<style>\n")
            .AddConstant(PageStyle.Css)
            .AddConstant("\n</style></head><body>\n")
            .AddConstant(PageStyle.Marks)
            .Add($"""<header><div class="brand">Auspex evaluation</div><h1>{report.Title ?? report.Dataset}</h1>""")
            .Add($"""<p class="lead">{question}</p></header><main>""");
        return page;
    }

    private static void About(HtmlText page, EvaluationReport report)
    {
        EvaluationSplit split = report.Split;
        LabelDefinition label = report.Label;
        // What cannot be judged stands above the figures already.
        string[] notes =
        [
            .. report.Promotion is { } verdict ? (string[])[$"Beside {verdict.Champion}: {(verdict.Promote ? "to be promoted" : "not to be promoted")}. {verdict.Reason}"] : [],
            .. report.Notes.Where(note => note != report.Metrics.Missing),
        ];
        if (notes.Length > 0)
        {
            page.AddConstant("""<div class="card notes"><h3>Read this first</h3><ul>""");
            foreach (string note in notes)
            {
                page.Add($"<li>{note}</li>");
            }

            page.AddConstant("</ul></div>");
        }

        string apart = split.Kind switch
        {
            SplitKind.Time => $"By time: trained on what was known until {Words.Time(split.TrainUntil)} UTC, tested from "
                + $"{Words.Time(split.TestFrom)} to {Words.Time(split.TestTo)} UTC, with a gap of {Words.Duration(split.Gap)} that belongs to neither.",
            SplitKind.HeldOut => "No test side was kept: judged are rows that taught nothing to what judges them.",
            SplitKind.Assets => $"By asset: the {Words.Counted(split.TestAssets, "test asset was", "test assets were")} never seen in training.",
            _ => "By the files of the data set: its own training and test parts.",
        };
        string definition = report.Anomaly is not null
            ? "Whether a row is unlike the normal rows that the detector was fitted on."
            : report.Condition is not null
            ? $"Whether {(label.Components.Count == 0 ? "the asset" : string.Join(", ", label.Components))} is in the labelled condition at the row's own instant."
            : label.Task == PredictionTask.Failure
            ? $"A failure of {(label.Components.Count == 0 ? "the asset" : string.Join(", ", label.Components))} within {Words.Duration(label.Horizon)}; "
                + $"grace {Words.Duration(label.Grace)}, recovery {Words.Duration(label.Recovery)}."
            : $"Remaining useful life in {Words.Units(label.LifeUnit ?? "")}, taught "
                + $"{(label.LifeCap is { } cap ? $"as at most {Words.Number(cap)}" : "without a cap")}.";
        ReadingSummary reading = report.Reading;
        page.AddConstant("""<h2>What was judged</h2><div class="card"><dl class="facts">""")
            .Add($"<dt>Data</dt><dd>{report.Dataset}</dd><dt>Model</dt><dd>{report.ModelVersion}</dd><dt>Asked</dt><dd>{definition}</dd>")
            .Add($"<dt>Training and test</dt><dd>{apart} {Words.Counted(split.TrainAssets, "asset", "assets")} in training, ")
            .Add($"{split.TestAssets} in the test.</dd>")
            .Add($"<dt>Rows read</dt><dd>{Words.Count(reading.Rows)}, of which {Words.Count(reading.Good)} good, ")
            .Add($"{Words.Count(reading.Bad)} bad and set aside{Others(reading)}{Bad(reading)}</dd>");
        if (double.IsFinite(report.Metrics.ParityMaxDifference))
        {
            page.Add($"<dt>Scorers agree</dt><dd>to {Words.Number(report.Metrics.ParityMaxDifference)} on the raw score</dd>");
        }

        foreach (string note in reading.Notes)
        {
            page.Add($"<dt>Note</dt><dd>{note}</dd>");
        }

        page.AddConstant("</dl></div>");
    }

    private static string Others(ReadingSummary reading) =>
        reading.Skipped == 0 ? "" : $", {Words.Count(reading.Skipped)} of other assets";

    private static string Bad(ReadingSummary reading)
    {
        string reasons = string.Join("; ", reading.Files.Where(f => f.Bad > 0)
            .Select(f => $"{f.File}: {string.Join(", ", f.BadByReason.Select(b => $"{Words.Count(b.Value)} {b.Key}"))}"));
        return reasons.Length == 0 ? "" : $" ({reasons})";
    }

    private static string End(HtmlText page) => page
        .AddConstant("""
            </main><footer><p>Definitions of every figure: docs/measures.md of Auspex. The same figures for programs: evaluation.json beside this
            file. Intervals are 95 %.</p></footer></body></html>
            """)
        .AddConstant("\n")
        .ToString();
}
