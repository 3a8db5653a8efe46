using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>A judged failure, and what the model said before it.</summary>
/// <param name="Judgement">Whether it was foretold.</param>
/// <param name="HighestProbability">Highest probability, of a component it concerns, of the judged rows in [start − horizon, start);
/// NaN without such a row.</param>
/// <param name="Why">One sentence on why it was not caught; null when it was.</param>
public sealed record FailureFinding(FailureJudgement Judgement, double HighestProbability, string? Why);
