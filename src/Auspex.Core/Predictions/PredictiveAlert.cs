using Auspex.Core.Assets;

namespace Auspex.Core.Predictions;

/// <summary>One raise of a predictive alert: the claim that the asset fails within the horizon after it.</summary>
/// <param name="Asset">The asset it is about.</param>
/// <param name="Component">The component it is about; empty when the label tells none apart.</param>
/// <param name="RaisedAtUnixMs">Event time of the row that raised it, UTC milliseconds since 1970.</param>
/// <param name="ProbabilityAtRaise">Probability of that row, 0 to 1.</param>
/// <param name="HighestProbability">Highest probability of the rows that raised or joined it, 0 to 1.</param>
/// <param name="ClosedAtUnixMs">When it stopped taking further exceedances in: at a failure or maintenance it concerns, or at the end of
/// horizon and grace; null while it is open.</param>
/// <param name="Outcome">What became of it; <see cref="PredictiveAlertOutcome.Open"/> until <see cref="AlertSettlement"/> knows.</param>
/// <param name="FailureStartUnixMs">Start of the first failure that made it a hit or late; null without one.</param>
/// <param name="LeadTimeMs">From raise to that failure, milliseconds, more than 0; null without one.</param>
public sealed record PredictiveAlert(
    AssetId Asset,
    string Component,
    long RaisedAtUnixMs,
    double ProbabilityAtRaise,
    double HighestProbability,
    long? ClosedAtUnixMs,
    PredictiveAlertOutcome Outcome,
    long? FailureStartUnixMs,
    long? LeadTimeMs)
{
    /// <summary>Confidence of the row that raised it, 0 to 1; null where the model tells none.</summary>
    public double? ConfidenceAtRaise { get; init; }
}
