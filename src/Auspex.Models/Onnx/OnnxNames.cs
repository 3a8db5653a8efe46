namespace Auspex.Models.Onnx;

/// <summary>Names of the inputs and outputs of our graphs, for who runs them in ONNX Runtime. All are double.</summary>
public static class OnnxNames
{
    /// <summary>Input, [rows, features]; NaN for missing.</summary>
    public const string Features = "features";

    /// <summary>Output of both tasks, [rows, targets]: raw scores, log odds for failure, the unclamped life otherwise.</summary>
    public const string Score = "score";

    /// <summary>Output for failure, [rows, targets]: probability of a failure of each component.</summary>
    public const string ComponentProbabilities = "componentProbabilities";

    /// <summary>Output for failure, [rows, 1]: probability that any component fails.</summary>
    public const string Probability = "probability";

    /// <summary>Output for remaining useful life, [rows, 1], in the label's life unit, never negative.</summary>
    public const string RemainingUsefulLife = "remainingUsefulLife";

    /// <summary>Output for anomalies, [rows, 1]: larger for stranger rows.</summary>
    public const string AnomalyScore = "anomalyScore";

    /// <summary>Output for anomalies, [rows, 1]: 1 where the score reaches the limit, else 0.</summary>
    public const string IsAnomaly = "isAnomaly";
}
