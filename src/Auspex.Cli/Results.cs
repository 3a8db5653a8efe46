using System.Globalization;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning;
using Auspex.Learning.Evaluate;
using Auspex.Models.Package;

namespace Auspex.Cli;

/// <summary>Evaluations as verbs print and write them.</summary>
internal static class Results
{
    /// <summary>Writes the report files that were asked for; each is there whole or not at all.</summary>
    public static void Write(EvaluationReport report, Judged judged, FileInfo? json, FileInfo? html)
    {
        Write(json, path => EvaluationJson.WriteFile(report, path));
        Write(html, path => HtmlReport.WriteFile(
            report.Label.Task == PredictionTask.RemainingUsefulLife ? HtmlReport.OfLife(report, judged.Lives)
            : report.Anomaly is not null ? HtmlReport.OfAnomaly(report, judged.Anomalies)
            : report.Condition is not null ? HtmlReport.OfCondition(report)
            : HtmlReport.OfFailures(report, judged.Predictions, judged.Events),
            path));
    }

    private static void Write(FileInfo? file, Action<string> write)
    {
        try
        {
            if (file is not null)
            {
                write(file.FullName);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{file}: the report cannot be written: {e.Message} The package is whole; auspex evaluate writes its report again.", e);
        }
    }

    /// <summary>Says where the files lie.</summary>
    public static void PrintFiles(FileInfo? json, FileInfo? html)
    {
        if (json is not null)
        {
            Console.WriteLine($"report     {json.FullName}");
        }

        if (html is not null)
        {
            Console.WriteLine($"page       {html.FullName}");
        }
    }

    /// <summary>The report as a JSON value, in its published form.</summary>
    public static JsonElement Json(EvaluationReport report) => JsonSerializer.Deserialize<JsonElement>(EvaluationJson.Write(report));

    /// <summary>The manifest as a JSON value, in its own form.</summary>
    public static JsonElement Summary(ModelManifest manifest) => JsonSerializer.Deserialize<JsonElement>(ManifestJson.Write(manifest));

    /// <summary>The headline figures, with what they are figures of.</summary>
    public static void Print(EvaluationReport report)
    {
        EvaluationSplit split = report.Split;
        ReadingSummary reading = report.Reading;
        Line("data", $"{report.Dataset}: {reading.Good} of {reading.Rows} rows kept, {reading.Bad} bad, {reading.Skipped} of other assets");
        Line("split", split.Kind switch
        {
            SplitKind.HeldOut => $"none: {split.TrainAssets} assets train; judged by rows that did not teach what judges them",
            SplitKind.Time =>
                $"by time: {split.TrainAssets} assets until {split.TrainUntil:u}; tested {split.TestFrom:u} to {split.TestTo:u}, gap {DurationText.Format(split.Gap)}",
            _ => (FormattableString)$"by assets: {split.TrainAssets} train, {split.TestAssets} test",
        });
        if (report.Events is { } events)
        {
            Print(events);
            foreach (ReportedBaseline baseline in report.Baselines)
            {
                Line("beside", $"{baseline.Name.ToLowerInvariant()}: {baseline.Fleet.Caught} of {baseline.Fleet.Failures} caught, {baseline.Fleet.FalseAlerts} false, cost {baseline.Cost:0.##} against {events.Cost:0.##} of the model ({baseline.Rule})");
            }
        }
        else if (report.Life is { } life)
        {
            Line("assets", $"{life.LastRowsCapped.Count} judged at their last row, in {report.Label.LifeUnit}");
            Line("capped", $"RMSE {life.LastRowsCapped.Rmse:0.00}, NASA score {life.LastRowsCapped.Nasa:0.0}, true life capped at {report.Label.LifeCap}");
            Line("raw", $"RMSE {life.LastRowsRaw.Rmse:0.00}, NASA score {life.LastRowsRaw.Nasa:0.0}");
        }

        else if (report.Anomaly is { } anomaly)
        {
            Print(anomaly);
        }

        if (report.Metrics.ParityMaxDifference is var parity && !double.IsNaN(parity))
        {
            Line("parity", $"largest difference between scorers {parity:0.0e+0}");
        }

        if (report.Promotion is { } verdict)
        {
            Line("promote", $"{(verdict.Promote ? "yes" : "no")}, {verdict.Quality switch { PromotionQuality.ThresholdMet => "THRESHOLD_MET", PromotionQuality.Poor => "POOR", _ => "CANNOT_DETERMINE" }}: {verdict.Reason}");
        }

        PrintNotes([.. reading.Notes, .. report.Notes]);
    }

    /// <summary>What a reader must know: of the data first, then of the figures.</summary>
    public static void PrintNotes(IEnumerable<string> notes)
    {
        foreach (string note in notes)
        {
            Line("note", $"{note}");
        }
    }

    private static void Print(ReportedEvents events)
    {
        EventCounts fleet = events.Fleet;
        Line("failures", $"{fleet.Caught} of {fleet.Failures} caught, recall {Percent(fleet.Recall)}");
        Line("alerts", $"{fleet.Alerts} raised at {events.Threshold:0.###}{(events.ConfidenceThreshold is { } confidence ? string.Create(CultureInfo.InvariantCulture, $" with a confidence of {confidence:0.###}") : "")}: {fleet.Hits} hits, {fleet.FalseAlerts} false, {fleet.Averted} averted, {fleet.Late} late, {fleet.Open} open; precision {Percent(fleet.Precision)}");
        Line("false", $"{fleet.FalseAlertsPerAssetDay.Value:0.0000} false alerts per asset-day over {fleet.AssetDays:0.0} asset-days, {fleet.FalseAlertsPerShift:0.00} per 8 h shift");
        Line("lead", $"median {Hours(fleet.LeadMedianSeconds)}, p10 {Hours(fleet.LeadP10Seconds)}");
        foreach (NamedEventCounts component in events.Components)
        {
            EventCounts counts = component.Counts;
            Line("", $"{component.Name}: {counts.Caught} of {counts.Failures} caught, {counts.FalseAlerts} false ({counts.FalseAlertsPerAssetDay.Value:0.0000} per asset-day), precision {Percent(counts.Precision)}, lead median {Hours(counts.LeadMedianSeconds)}, p10 {Hours(counts.LeadP10Seconds)}");
        }
    }

    private static void Print(AnomalyMeasures anomaly)
    {
        Line("rows", $"{anomaly.Rows} judged of {anomaly.Assets} assets, {anomaly.RowsNotJudged} not; {anomaly.Flagged} flagged");
        foreach ((string name, AnomalyCounts counts) in ((string, AnomalyCounts)[])[("detector", anomaly.Detector), ("3 sigma", anomaly.ThreeSigma), ("always", anomaly.AlwaysAlarm)])
        {
            if (counts.TruePositives + counts.TrueNegatives + counts.FalsePositives + counts.FalseNegatives > 0)
            {
                Line(name, $"F1 {counts.F1:0.000}, false-alarm rate {counts.Far:0.0 %}, missed-alarm rate {counts.Mar:0.0 %}, precision {counts.Precision:0.000}, accuracy {counts.Accuracy:0.000}");
            }
        }

        if (!double.IsNaN(anomaly.RocAuc))
        {
            Line("score", $"ROC AUC {anomaly.RocAuc:0.000}, PR AUC {anomaly.PrAuc:0.000}");
        }
    }

    /// <summary>A lead time in hours; a dash when nothing was caught.</summary>
    public static string Hours(double seconds) =>
        double.IsNaN(seconds) ? "–" : (seconds / 3600).ToString("0.0 'h'", CultureInfo.InvariantCulture);

    private static string Percent(Estimate share) => double.IsNaN(share.Value)
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * share.Value:0} % (95 %: {100 * share.Lower:0} to {100 * share.Upper:0})");

    private static void Line(string name, FormattableString value) =>
        Console.WriteLine($"{name,-10} {value.ToString(CultureInfo.InvariantCulture)}");
}
