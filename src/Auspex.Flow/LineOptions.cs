using System.ComponentModel.DataAnnotations;
using Auspex.Flow.Predict;

namespace Auspex.Flow;

/// <summary>How the live line works.</summary>
public sealed record LineOptions
{
    /// <summary>Frames of an asset after which what its features remember of its life is stored again; 1 and more. A restart makes at most so many again.</summary>
    [Range(1, int.MaxValue)]
    public int CheckpointFrames { get; init; } = 1_000;

    /// <summary>How often a partition's cursor is stored; frames judged since are judged again after a stop, to the same end.</summary>
    public TimeSpan CursorEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often organizations, models and settings are looked at for changes that another node or an import made.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Predictions that are stored with one write at most.</summary>
    [Range(1, 50_000)]
    public int PredictionsAWrite { get; init; } = 5_000;

    /// <summary>How many models are kept ready.</summary>
    public ModelCacheOptions Models { get; init; } = new();

    /// <summary>How often models in memory are held against their golden rows. Default 1 h.</summary>
    public TimeSpan CheckModelsEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>When a model that fails is not asked any more.</summary>
    public CircuitOptions Circuit { get; init; } = new();

    /// <summary>Whether frames are judged by models at all; off, rules only, whatever organizations say.</summary>
    public bool PredictiveMonitoring { get; init; } = true;
}
