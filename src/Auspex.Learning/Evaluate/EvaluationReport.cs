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
    double LeadTimeSeconds)
{
    [Description("Confidence of the row that raised it; null when the model tells none.")]
    public double? ConfidenceAtRaise { get; init; }
}

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

/// <summary>What something simpler than the model does on the same test side.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Rule">It, in words: one part a component.</param>
/// <param name="Fleet">All assets and components.</param>
/// <param name="Cost">What its mistakes cost.</param>
public sealed record ReportedBaseline(string Name, string Rule, EventCounts Fleet, double Cost)
{
    /// <summary>The best single-threshold rules, found on the training side.</summary>
    /// <param name="rules">As <see cref="SingleThresholdRule.Find"/> gives them.</param>
    /// <param name="judged">As <see cref="SingleThresholdRule.Judge"/> gives them.</param>
    /// <param name="prices">What mistakes cost.</param>
    public static ReportedBaseline Of(IReadOnlyList<SingleThresholdRule> rules, EventMeasures judged, AlertPrices prices)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(judged);
        ArgumentNullException.ThrowIfNull(prices);
        return new ReportedBaseline(
            "Best single limit",
            string.Join("; ", rules.Select(rule => rule.Component.Length == 0 ? rule.ToString() : $"{rule.Component}: {rule}")),
            judged.Fleet, EventCounts.Cost(prices, judged.Fleet));
    }

    /// <summary>Nobody is ever told anything.</summary>
    /// <param name="fleet">What happened.</param>
    /// <param name="prices">What mistakes cost.</param>
    internal static ReportedBaseline Never(EventCounts fleet, AlertPrices prices)
    {
        Estimate nothing = Estimate.Share(0, 0);
        EventCounts never = fleet with
        {
            Caught = 0,
            Missed = fleet.Failures,
            CaughtOnlyByClosedAlert = 0,
            Recall = Estimate.Share(0, fleet.Failures),
            Alerts = 0,
            Hits = 0,
            FalseAlerts = 0,
            Averted = 0,
            Late = 0,
            Open = 0,
            Precision = nothing,
            PrecisionIfAvertedWereFalse = nothing,
            FalseAlertsPerAssetDay = Estimate.Rate(0, fleet.AssetDays),
            FalseAlertsPerShift = fleet.AssetDays > 0 ? 0 : double.NaN,
            LeadMedianSeconds = double.NaN,
            LeadP10Seconds = double.NaN,
        };
        return new ReportedBaseline("Never an alert", "never", never, EventCounts.Cost(prices, never));
    }
}

/// <summary>How much a feature says in a model.</summary>
/// <param name="Feature">Name of the feature.</param>
/// <param name="Share">Its share of the whole, 0 to 1.</param>
public sealed record FeatureShare(string Feature, double Share);

/// <summary>The event-level part of a report.</summary>
/// <param name="Threshold">Probability from which alerts were raised (≥).</param>
/// <param name="Fleet">All assets and components.</param>
/// <param name="Components">Per component.</param>
/// <param name="Assets">Per asset.</param>
/// <param name="Prices">What mistakes are taken to cost.</param>
/// <param name="Cost">What the mistakes at the threshold cost.</param>
/// <param name="Thresholds">The fleet's counts at other thresholds.</param>
/// <param name="ThresholdCosts">What the mistakes at each of them cost, in the same order.</param>
/// <param name="Failures">Every failure of the judged assets.</param>
/// <param name="Alerts">Every alert.</param>
public sealed record ReportedEvents(
    double Threshold,
    EventCounts Fleet,
    IReadOnlyList<NamedEventCounts> Components,
    IReadOnlyList<NamedEventCounts> Assets,
    AlertPrices Prices,
    double Cost,
    IReadOnlyList<ThresholdCounts> Thresholds,
    IReadOnlyList<double> ThresholdCosts,
    IReadOnlyList<ReportedFailure> Failures,
    IReadOnlyList<ReportedAlert> Alerts)
{
    [Description("Confidence that alerts asked for too; null for none.")]
    public double? ConfidenceThreshold { get; init; }
}

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

    [Description("Failures and alerts; null where none are foretold.")]
    public ReportedEvents? Events { get; init; }

    [Description("Row-level quality of the probabilities of a failure model, secondary; else null.")]
    public RowMeasures? Rows { get; init; }

    [Description("Errors of remaining useful life; null for failure prediction.")]
    public LifeMeasures? Life { get; init; }

    [Description("How well the present condition was told; null for models that foretell.")]
    public ConditionMeasures? Condition { get; init; }

    [Description("What something simpler than the model does on the same test side.")]
    public IReadOnlyList<ReportedBaseline> Baselines { get; init; } = [];

    [Description("How much each feature says in the model, largest first; empty when it was not asked for.")]
    public IReadOnlyList<FeatureShare> Importance { get; init; } = [];

    [Description("How well anomalies were told; null for other tasks.")]
    public AnomalyMeasures? Anomaly { get; init; }

    [Description("Whether the model should take the champion's place; null when it was not put beside one.")]
    public PromotionVerdict? Promotion { get; init; }

    [Description("What was read of the data set, and what was set aside.")]
    public required ReadingSummary Reading { get; init; }

    [Description("What a reader must know about the figures.")]
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Report of a failure model.</summary>
    /// <param name="context">What was evaluated.</param>
    /// <param name="events">Its event-level measures.</param>
    /// <param name="rows">Its row-level measures.</param>
    /// <param name="thresholds">The fleet at other thresholds (<see cref="EventMeasures.Sweep"/>); may be empty.</param>
    /// <param name="prices">What mistakes cost; null for <see cref="AlertPrices.Default"/>.</param>
    public static EvaluationReport OfFailures(
        EvaluationContext context, EventMeasures events, RowMeasures rows, IReadOnlyList<ThresholdCounts> thresholds, AlertPrices? prices = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(thresholds);
        prices ??= AlertPrices.Default;
        prices.Check();
        EventCounts fleet = events.Fleet;
        EvaluationMetrics metrics = EvaluationMetrics.Of(fleet, rows) with { ParityMaxDifference = context.ParityMaxDifference };
        return Of(context, NotesOf(fleet, metrics)) with
        {
            Metrics = metrics,
            Rows = rows,
            Baselines = [ReportedBaseline.Never(fleet, prices)],
            Events = new ReportedEvents(
                events.Threshold, fleet, events.Components, events.Assets, prices, EventCounts.Cost(prices, fleet), thresholds,
                [.. thresholds.Select(entry => EventCounts.Cost(prices, entry.Counts))],
                [.. events.Failures.Select(Reported)], [.. events.Alerts.Select(Reported)])
            {
                ConfidenceThreshold = events.ConfidenceThreshold,
            },
        };
    }

    /// <summary>Report of a model of the present condition: a label without a horizon.</summary>
    /// <param name="context">What was evaluated.</param>
    /// <param name="condition">Its measures.</param>
    public static EvaluationReport OfCondition(EvaluationContext context, ConditionMeasures condition)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(condition);
        return Of(context, NotesOf(condition)) with
        {
            Metrics = EvaluationMetrics.Of(condition) with { ParityMaxDifference = context.ParityMaxDifference },
            Condition = condition,
        };
    }

    /// <summary>Report of a remaining-useful-life model.</summary>
    public static EvaluationReport OfLife(EvaluationContext context, LifeMeasures life)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(life);
        return Of(context, life.Notes) with
        {
            Metrics = EvaluationMetrics.Of(life) with { ParityMaxDifference = context.ParityMaxDifference },
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
                Accuracy = anomaly.Detector.Accuracy,
                RowPrecision = anomaly.Detector.Precision,
                RowRecall = anomaly.Detector.Recall,
                Recall = anomaly.Detector.Recall,
                F1 = anomaly.Detector.F1,
                Far = anomaly.Detector.Far,
                Mar = anomaly.Detector.Mar,
                ConfusionMatrix = new ConfusionMatrix(
                    anomaly.Detector.TruePositives, anomaly.Detector.FalsePositives, anomaly.Detector.FalseNegatives, anomaly.Detector.TrueNegatives),
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

    private static List<string> NotesOf(ConditionMeasures condition) => condition.Assets.Count == 0
        ? ["No asset has one condition throughout, so only rows are judged; rows of one asset resemble each other."]
        : [];

    private static List<string> NotesOf(EventCounts fleet, EvaluationMetrics metrics)
    {
        List<string> notes = [];
        if (metrics.Missing is { } missing)
        {
            notes.Add(missing);
        }

        if (fleet.Failures == 0)
        {
            notes.Add("No failure could be judged, so recall and lead time are unknown, not good.");
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
        At(alert.ClosedAtUnixMs), alert.Outcome, At(alert.FailureStartUnixMs), Seconds(alert.LeadTimeMs))
    {
        ConfidenceAtRaise = alert.ConfidenceAtRaise,
    };

    private static ReportedFailure Reported(FailureFinding finding) => new(
        finding.Judgement.Failure.Asset.Value, finding.Judgement.Failure.Component, At(finding.Judgement.Failure.StartUnixMs),
        finding.Judgement.Verdict, At(finding.Judgement.AlertRaisedAtUnixMs), Seconds(finding.Judgement.LeadTimeMs),
        finding.Judgement.OnlyByClosedAlert, finding.HighestProbability, finding.Why);

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    private static DateTimeOffset? At(long? unixMs) => unixMs is { } ms ? At(ms) : null;

    private static double Seconds(long? ms) => ms / 1000.0 ?? double.NaN;
}
