using Auspex.Core.Predictions;

namespace Auspex.Flow.Settle;

/// <summary>What a version claims when it predicts.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Label">What it was taught to tell.</param>
/// <param name="Threshold">Probability from which it claims a failure.</param>
/// <param name="ConfidenceThreshold">Confidence it needs too; null for none.</param>
public sealed record VersionClaims(string Version, LabelDefinition Label, double Threshold, double? ConfidenceThreshold);

/// <summary>Predictions of one asset by one version, one after the other.</summary>
/// <param name="Claims">The version.</param>
/// <param name="Times">Of the judged frames, UTC milliseconds since 1970, increasing.</param>
/// <param name="Probabilities">[component][row], in the order of the label; one array where it tells none apart.</param>
/// <param name="Confidences">[row]; NaN where there is none.</param>
/// <param name="TimesToFailure">[row] minutes; NaN where there is none.</param>
public sealed record JudgedRows(VersionClaims Claims, long[] Times, double[][] Probabilities, double[] Confidences, double[] TimesToFailure);
