using System.ComponentModel;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>One alert of a report.</summary>
public sealed record ReportedAlert(
    string Asset,
    [property: Description("Empty when the label tells no components apart.")] string Component,
    DateTimeOffset RaisedAt,
    double ProbabilityAtRaise,
    double HighestProbability,
    [property: Description("When it stopped taking exceedances in; null when still open at the end.")] DateTimeOffset? ClosedAt,
    PredictiveAlertOutcome Outcome,
    [property: Description("The failure that made it a hit or late.")] DateTimeOffset? FailureStart,
    double LeadTimeSeconds);

/// <summary>One failure of a report.</summary>
public sealed record ReportedFailure(
    string Asset,
    [property: Description("Empty where the source names none.")] string Component,
    DateTimeOffset Start,
    FailureVerdict Verdict,
    [property: Description("First alert that caught it.")] DateTimeOffset? AlertRaisedAt,
    double LeadTimeSeconds,
    [property: Description("Caught, but only by alerts that an earlier failure or maintenance had closed.")] bool OnlyByClosedAlert,
    [property: Description("Highest probability in the horizon before it.")] double HighestProbability,
    [property: Description("Why it was not caught; null when it was.")] string? Why);

/// <summary>The event-level part of a report.</summary>
/// <param name="Threshold">Probability from which alerts were raised (≥).</param>
/// <param name="Fleet">All assets and components.</param>
/// <param name="Components">Per component.</param>
/// <param name="Assets">Per asset.</param>
/// <param name="Thresholds">The fleet's counts at other thresholds.</param>
/// <param name="Failures">Every failure of the judged assets.</param>
/// <param name="Alerts">Every alert.</param>
public sealed record ReportedEvents(
    double Threshold,
    EventCounts Fleet,
    IReadOnlyList<NamedEventCounts> Components,
    IReadOnlyList<NamedEventCounts> Assets,
    IReadOnlyList<ThresholdCounts> Thresholds,
    IReadOnlyList<ReportedFailure> Failures,
    IReadOnlyList<ReportedAlert> Alerts);

/// <summary>An evaluation as it is kept: what was judged, by which definitions, and all that came of it. The same input gives the same
/// report, byte for byte; the JSON form is published in <c>docs/schemas/evaluation.schema.json</c>.</summary>
public sealed record EvaluationReport
{
    /// <summary>The form that this version of Auspex writes.</summary>
    public const int CurrentFormatVersion = 1;

    [Description("Form of this file; 1.")]
    public required int FormatVersion { get; init; }

    [Description("Short name of the data set.")]
    public required string Dataset { get; init; }

    [Description("One line about the data set.")]
    public string? Title { get; init; }

    [Description("Version of the model that was judged.")]
    public required string ModelVersion { get; init; }

    [Description("How training and test were kept apart.")]
    public required EvaluationSplit Split { get; init; }

    [Description("What the model was taught to tell; the same definition labelled, settled and evaluated.")]
    public required LabelDefinition Label { get; init; }

    [Description("The headline figures by name; null where one does not apply or nothing could be counted.")]
    public required EvaluationMetrics Metrics { get; init; }

    [Description("Failures and alerts; null for remaining useful life.")]
    public ReportedEvents? Events { get; init; }

    [Description("Row-level quality of the probabilities, secondary; null for remaining useful life.")]
    public RowMeasures? Rows { get; init; }

    [Description("Errors of remaining useful life; null for failure prediction.")]
    public LifeMeasures? Life { get; init; }

    [Description("How well anomalies were told; null for other tasks.")]
    public AnomalyMeasures? Anomaly { get; init; }

    [Description("What was read of the data set, and what was set aside.")]
    public required ReadingSummary Reading { get; init; }

    [Description("What a reader must know about the figures.")]
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Report of a failure model.</summary>
    /// <param name="context">What was evaluated.</param>
    /// <param name="events">Its event-level measures.</param>
    /// <param name="rows">Its row-level measures.</param>
    /// <param name="thresholds">The fleet at other thresholds (<see cref="EventMeasures.Sweep"/>); may be empty.</param>
    public static EvaluationReport OfFailures(
        EvaluationContext context, EventMeasures events, RowMeasures rows, IReadOnlyList<ThresholdCounts> thresholds)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(rows);
        EventCounts fleet = events.Fleet;
        return Of(context, NotesOf(fleet)) with
        {
            Metrics = new EvaluationMetrics
            {
                Failures = fleet.Failures,
                Caught = fleet.Caught,
                Precision = fleet.Precision.Value,
                Recall = fleet.Recall.Value,
                FalseAlertsPerAssetDay = fleet.FalseAlertsPerAssetDay.Value,
                LeadMedianSeconds = fleet.LeadMedianSeconds,
                LeadP10Seconds = fleet.LeadP10Seconds,
                RocAuc = rows.Pooled.RocAuc,
                PrAuc = rows.Pooled.PrAuc,
                LogLoss = rows.Pooled.LogLoss,
                Brier = rows.Pooled.Brier,
                ParityMaxDifference = context.ParityMaxDifference,
            },
            Rows = rows,
            Events = new ReportedEvents(
                events.Threshold, fleet, events.Components, events.Assets, thresholds,
                [.. events.Failures.Select(Reported)], [.. events.Alerts.Select(Reported)]),
        };
    }

    /// <summary>Report of a remaining-useful-life model.</summary>
    public static EvaluationReport OfLife(EvaluationContext context, LifeMeasures life)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(life);
        return Of(context, life.Notes) with
        {
            Metrics = new EvaluationMetrics
            {
                RmseCapped = life.LastRowsCapped.Rmse,
                RmseRaw = life.LastRowsRaw.Rmse,
                NasaCapped = life.LastRowsCapped.Nasa,
                NasaRaw = life.LastRowsRaw.Nasa,
                ParityMaxDifference = context.ParityMaxDifference,
            },
            Life = life,
        };
    }

    /// <summary>Report of a detector of anomalies.</summary>
    public static EvaluationReport OfAnomaly(EvaluationContext context, AnomalyMeasures anomaly)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(anomaly);
        return Of(context, anomaly.Notes) with
        {
            Metrics = new EvaluationMetrics
            {
                Recall = anomaly.Detector.Recall,
                RocAuc = anomaly.RocAuc,
                PrAuc = anomaly.PrAuc,
                ParityMaxDifference = context.ParityMaxDifference,
            },
            Anomaly = anomaly,
        };
    }

    private static EvaluationReport Of(EvaluationContext context, IReadOnlyList<string> notes) => new()
    {
        FormatVersion = CurrentFormatVersion,
        Dataset = context.Dataset,
        Title = context.Title,
        ModelVersion = context.ModelVersion,
        Split = context.Split,
        Label = context.Label,
        Metrics = new EvaluationMetrics(),
        Reading = context.Reading,
        Notes = notes,
    };

    private static List<string> NotesOf(EventCounts fleet)
    {
        List<string> notes = [];
        if (fleet.Failures == 0)
        {
            notes.Add("No failure could be judged, so recall and lead time are unknown, not good.");
        }
        else if (fleet.Failures < 10)
        {
            notes.Add($"Only {(fleet.Failures == 1 ? "one failure" : $"{fleet.Failures} failures")} could be judged: "
                + "read the interval of the recall, not its value.");
        }

        if (fleet.NotJudgeable > 0)
        {
            notes.Add($"Not counted, for want of a row in the horizon before it: {fleet.NotJudgeable} of "
                + $"{fleet.Failures + fleet.NotJudgeable} failures.");
        }

        if (fleet.CaughtOnlyByClosedAlert > 0)
        {
            notes.Add($"Of the caught failures, {fleet.CaughtOnlyByClosedAlert} had only alerts that an earlier failure or maintenance "
                + "had closed.");
        }

        return notes;
    }

    private static ReportedAlert Reported(PredictiveAlert alert) => new(
        alert.Asset.Value, alert.Component, At(alert.RaisedAtUnixMs), alert.ProbabilityAtRaise, alert.HighestProbability,
        At(alert.ClosedAtUnixMs), alert.Outcome, At(alert.FailureStartUnixMs), Seconds(alert.LeadTimeMs));

    private static ReportedFailure Reported(FailureFinding finding) => new(
        finding.Judgement.Failure.Asset.Value, finding.Judgement.Failure.Component, At(finding.Judgement.Failure.StartUnixMs),
        finding.Judgement.Verdict, At(finding.Judgement.AlertRaisedAtUnixMs), Seconds(finding.Judgement.LeadTimeMs),
        finding.Judgement.OnlyByClosedAlert, finding.HighestProbability, finding.Why);

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static DateTimeOffset? At(long? unixMs) => unixMs is { } ms ? At(ms) : null;

    private static double Seconds(long? ms) => ms / 1000.0 ?? double.NaN;
}
