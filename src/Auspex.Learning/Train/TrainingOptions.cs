using Auspex.Core.Predictions;

namespace Auspex.Learning.Train;

/// <summary>How a model is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Most trees of a model for live use, over all its outputs. Default 500 (of 31 leaves).</summary>
    public int LiveBudgetTrees { get; init; } = 500;

    /// <summary>Seed of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; default the machine's processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folds for early stopping and the threshold. Default 5.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>Training stops when the held-out loss has not improved for so many iterations. Default 30.</summary>
    public int Patience { get; init; } = 30;

    /// <summary>Step of each tree. Default 0.1 for failures, 0.05 for remaining useful life, whose budget goes to one output alone.</summary>
    public static double LearningRate(PredictionTask task) => task == PredictionTask.Failure ? 0.1 : 0.05;
}

/// <summary>How far a run is.</summary>
/// <param name="Step">What is being done, in words.</param>
/// <param name="Done">Share of the step that is done, 0 to 1.</param>
/// <param name="Detail">A figure worth watching, or null.</param>
public sealed record LearningProgress(string Step, double Done, string? Detail = null);
