namespace Auspex.Core.Predictions;

/// <summary>What a model is asked to tell.</summary>
public enum PredictionTask
{
    /// <summary>Will a component fail within the horizon?</summary>
    Failure,

    /// <summary>How long until the asset fails?</summary>
    RemainingUsefulLife,

    /// <summary>Is the asset as it normally is? Needs no failures to learn from.</summary>
    Anomaly,
}

/// <summary>What a model was taught to tell, exactly: the same record labels the training rows, settles predictions and evaluates them.</summary>
/// <param name="Task">Failure within a horizon, or remaining useful life.</param>
/// <param name="Horizon">A failure prediction claims a failure in (t, t + Horizon]. Zero: it claims that the asset is failed at t itself, and no event is
/// foretold. For remaining useful life, the horizon of its alerts.</param>
/// <param name="Grace">After the horizon, how much longer a prediction may wait for its failure before it counts as false; not negative.</param>
/// <param name="Recovery">How long after the start of a failure the asset counts as failed: its rows are neither taught nor judged,
/// and a further failure of the same component inside it is the same failure.</param>
/// <param name="Components">Components told apart, in the order of the model's outputs; empty when failures name none.</param>
/// <param name="LifeUnit">Unit of remaining useful life, such as <c>cycle</c> or <c>h</c>; null for other tasks.</param>
/// <param name="LifeUnitLength">Length of one <paramref name="LifeUnit"/> on the time axis; null for other tasks.</param>
/// <param name="LifeCap">Remaining useful life is taught as min(life, cap), in <paramref name="LifeUnit"/> (piecewise linear target);
/// null for no cap.</param>
public sealed record LabelDefinition(
    PredictionTask Task,
    TimeSpan Horizon,
    TimeSpan Grace,
    TimeSpan Recovery,
    IReadOnlyList<string> Components,
    string? LifeUnit,
    TimeSpan? LifeUnitLength,
    double? LifeCap);
