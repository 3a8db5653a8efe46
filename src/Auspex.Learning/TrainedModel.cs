using Auspex.Learning.Evaluate;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>What a model said on the rows it was judged on: what a report draws.</summary>
/// <param name="Predictions">Of a failure model, one entry an asset; else empty.</param>
/// <param name="Events">What happened to these assets.</param>
/// <param name="Lives">Of a remaining-useful-life model, one entry an asset; else empty.</param>
/// <param name="Conditions">Of a model of the present condition, one entry an asset; else empty.</param>
public sealed record Judged(
    IReadOnlyList<AssetPredictions> Predictions, IReadOnlyList<AssetEvents> Events, IReadOnlyList<AssetLifePredictions> Lives,
    IReadOnlyList<AssetConditions> Conditions)
{
    /// <summary>Of a detector, one entry an asset; else empty.</summary>
    public IReadOnlyList<AssetAnomalies> Anomalies { get; init; } = [];

    /// <summary>What a failure model said.</summary>
    public Judged(IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<AssetEvents> events)
        : this(predictions, events, [], [])
    {
    }

    /// <summary>What a model of remaining useful life said.</summary>
    public Judged(IReadOnlyList<AssetLifePredictions> lives)
        : this([], [], lives, [])
    {
    }

    /// <summary>What a model of the present condition said.</summary>
    public Judged(IReadOnlyList<AssetConditions> conditions)
        : this([], [], [], conditions)
    {
    }
}

/// <summary>A model that passed the parity gate, and how it did on the test side; not written yet.</summary>
/// <param name="Package">The model, ready to be written.</param>
/// <param name="Report">The evaluation on the test side.</param>
/// <param name="Judged">What it said there.</param>
public sealed record TrainedModel(ModelPackage Package, EvaluationReport Report, Judged Judged)
{
    /// <summary>A sentence for each feature that the model uses and that looks as if it knew the answer.</summary>
    public IReadOnlyList<string> Leaks { get; init; } = [];
}
