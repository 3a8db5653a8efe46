using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Storage.Alerts;

/// <summary>A predictive alert as it is kept.</summary>
/// <param name="Id">Its own.</param>
/// <param name="Alert">The claim and what became of it; its asset is the asset's id.</param>
/// <param name="ModelVersion">Of the prediction that raised it.</param>
/// <param name="TimeToFailure">Minutes, as that prediction said; null where the model tells none.</param>
/// <param name="SettledAt">When its outcome was known; null while it is open.</param>
/// <param name="Feedback">What people said of it; null while nobody did.</param>
public sealed record StoredAlert(Guid Id, PredictiveAlert Alert, string ModelVersion, double? TimeToFailure, DateTimeOffset? SettledAt, AlertFeedback? Feedback)
{
    /// <summary>One as its row has it.</summary>
    internal static StoredAlert Of(AlertRow row) => new(
        Guid.Parse(row.Id),
        new PredictiveAlert(
            new AssetId(row.Asset), row.Component, row.RaisedAt, row.Probability, row.HighestProbability, row.ClosedAt, OutcomeWords.Of(row.Outcome), row.FailureAt,
            row.FailureAt - row.RaisedAt)
        {
            ConfidenceAtRaise = row.Confidence,
        },
        row.ModelVersion, row.TimeToFailure, row.SettledAt,
        row.FeedbackAt is { } at ? new AlertFeedback(row.IsAccurate == 1, at, row.FeedbackBy!, row.FeedbackNote) : null);
}

/// <summary>What a person said of an alert.</summary>
/// <param name="IsAccurate">Whether it was right.</param>
/// <param name="At">When it was said, the last time.</param>
/// <param name="By">Who said it, as audit lines name them.</param>
/// <param name="Note">In words; null for none.</param>
public sealed record AlertFeedback(bool IsAccurate, DateTimeOffset At, string By, string? Note);

/// <summary>Whether a failure was foretold, as it is kept.</summary>
/// <param name="Asset">Id of the asset.</param>
/// <param name="Component">Which failed; empty where nobody said.</param>
/// <param name="StartedAtUnixMs">When.</param>
/// <param name="Verdict">Caught, missed, or why it does not count; null for one that repeats another inside its recovery.</param>
/// <param name="ModelVersion">That caught or missed it; null where none judged.</param>
/// <param name="AlertRaisedAtUnixMs">Raise of the first alert that caught it.</param>
public sealed record FailureOutcome(string Asset, string Component, long StartedAtUnixMs, FailureVerdict? Verdict, string? ModelVersion, long? AlertRaisedAtUnixMs);

/// <summary>How far an asset's predictions are settled.</summary>
/// <param name="Asset">Id of the asset.</param>
/// <param name="FirstAtUnixMs">Time of its first prediction.</param>
/// <param name="SeenUntilUnixMs">Time of the last prediction whose effects are stored.</param>
/// <param name="PeriodMs">Usual time between two; 0 before there were two.</param>
/// <param name="MovedFromUnixMs"><paramref name="SeenUntilUnixMs"/> of the cursor that it takes the place of; null for the first.</param>
public sealed record SettleCursor(string Asset, long FirstAtUnixMs, long SeenUntilUnixMs, double PeriodMs, long? MovedFromUnixMs);

/// <summary>For how long a version judged on a day.</summary>
/// <param name="ModelVersion">Which.</param>
/// <param name="Day">Days since 1970, UTC.</param>
/// <param name="JudgedMs">Summed over assets.</param>
public sealed record JudgedDay(string ModelVersion, long Day, double JudgedMs);

internal sealed record AlertRow(
    string Id, string Asset, string Component, string ModelVersion, long RaisedAt, double Probability, double HighestProbability, double? Confidence, double? TimeToFailure,
    long? ClosedAt, string Outcome, long? FailureAt, DateTimeOffset? SettledAt, long? IsAccurate, DateTimeOffset? FeedbackAt, string? FeedbackBy, string? FeedbackNote);

internal static class OutcomeWords
{
    internal static string Word(PredictiveAlertOutcome outcome) => outcome switch
    {
        PredictiveAlertOutcome.Hit => "hit",
        PredictiveAlertOutcome.Late => "late",
        PredictiveAlertOutcome.False => "false",
        PredictiveAlertOutcome.Averted => "averted",
        _ => "open",
    };

    internal static PredictiveAlertOutcome Of(string word) => word switch
    {
        "hit" => PredictiveAlertOutcome.Hit,
        "late" => PredictiveAlertOutcome.Late,
        "false" => PredictiveAlertOutcome.False,
        "averted" => PredictiveAlertOutcome.Averted,
        _ => PredictiveAlertOutcome.Open,
    };

    internal static string? Word(FailureVerdict? verdict) => verdict switch
    {
        FailureVerdict.Caught => "caught",
        FailureVerdict.Missed => "missed",
        FailureVerdict.NotJudgeable => "notJudgeable",
        FailureVerdict.OutsidePeriod => "outsidePeriod",
        _ => "repeated",
    };

    internal static FailureVerdict? VerdictOf(string word) => word switch
    {
        "caught" => FailureVerdict.Caught,
        "missed" => FailureVerdict.Missed,
        "notJudgeable" => FailureVerdict.NotJudgeable,
        "outsidePeriod" => FailureVerdict.OutsidePeriod,
        _ => null,
    };
}
