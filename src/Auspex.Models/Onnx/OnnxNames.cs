namespace Auspex.Models.Onnx;

/// <summary>Names of the inputs and outputs of our graphs, for who runs them in ONNX Runtime. All are double.</summary>
public static class OnnxNames
{
    /// <summary>Input, [rows, features]; NaN for missing.</summary>
    public const string Features = "features";

    /// <summary>Output of both tasks, [rows, components] or [rows, 1]: raw scores, log odds for failure, the unclamped life otherwise.</summary>
    public const string Score = "score";

    /// <summary>Output for failure, [rows, components]: calibrated probability of a failure of each component.</summary>
    public const string ComponentProbabilities = "componentProbabilities";

    /// <summary>Output for failure, [rows, 1]: probability that any component fails.</summary>
    public const string Probability = "probability";

    /// <summary>Output for failure where it was taught, [rows, 3]: lower bound, median and upper bound in minutes, from 0 to the horizon.</summary>
    public const string TimeToFailure = "timeToFailure";

    /// <summary>Output for remaining useful life, [rows, 1], in the label's life unit, never negative.</summary>
    public const string RemainingUsefulLife = "remainingUsefulLife";

    /// <summary>Output for remaining useful life where the model has intervals, [rows, 2]: lower and upper bound.</summary>
    public const string RemainingUsefulLifeInterval = "remainingUsefulLifeInterval";

    /// <summary>Output for anomalies, [rows, 1]: larger for stranger rows.</summary>
    public const string AnomalyScore = "anomalyScore";

    /// <summary>Output for anomalies, [rows, 1]: 1 where the score reaches the limit, else 0.</summary>
    public const string IsAnomaly = "isAnomaly";
}
