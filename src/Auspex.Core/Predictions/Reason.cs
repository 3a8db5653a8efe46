namespace Auspex.Core.Predictions;

/// <summary>What a raw score tells, and so what a reason adds to.</summary>
public enum ExplainedOutput
{
    /// <summary>The risk of a failure, in log odds.</summary>
    Risk,

    /// <summary>Remaining useful life, in its unit.</summary>
    Life,

    /// <summary>Time to failure, in minutes.</summary>
    TimeToFailure,

    /// <summary>How far a row is from normal, in squares of the limit for principal components, in path lengths for an isolation forest.</summary>
    Anomaly,
}

/// <summary>One reason of a prediction: what all features of one signal add to its raw score. Reasons of all signals and the base value add up to the
/// score.</summary>
/// <param name="Signal">Signal, fact, error code or component, by its name; <c>running age</c>, <c>time of day</c> or <c>day of week</c>.</param>
/// <param name="Contribution">What it adds, in the unit of the raw score; negative for what it takes away.</param>
/// <param name="Text">The same in words: the feature that adds most, its value and normal band, and what it does.</param>
/// <param name="Value">Present value of the signal in <paramref name="Unit"/>, a state as its index; null when missing, and for what is no signal.</param>
/// <param name="Unit">Unit of the value; null for none.</param>
/// <param name="Normal">Normal band of the present value, under the present operating condition; null when not known.</param>
/// <param name="Features">The features that count, largest first.</param>
public sealed record Reason(
    string Signal, double Contribution, string Text, double? Value, string? Unit, NormalBand? Normal, IReadOnlyList<FeatureContribution> Features);

/// <summary>What one feature adds to a raw score.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Value">Its value, as the model is given it; NaN for missing.</param>
/// <param name="Contribution">What it adds, in the unit of the raw score.</param>
public readonly record struct FeatureContribution(string Feature, double Value, double Contribution);
