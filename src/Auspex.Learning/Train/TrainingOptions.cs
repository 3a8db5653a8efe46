using Auspex.Core.Predictions;

namespace Auspex.Learning.Train;

/// <summary>How a model is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>Most trees of a model for live use, over all its outputs and all members of their bags. Default 500 (of 31 leaves); null for a
    /// model that need not be scored for every frame.</summary>
    public int? LiveBudgetTrees { get; init; } = 500;

    /// <summary>Most trees of one member of a bag before the live budget is looked at. Default 2,000.</summary>
    public int MaxIterations { get; init; } = 2_000;

    /// <summary>Whether the test side is kept apart and judged. Without it all rows teach, and what the folds held out is judged. Default true.</summary>
    public bool KeepTest { get; init; } = true;

    /// <summary>How long better hyperparameters are looked for first; null for not at all.</summary>
    public SearchLimits? Search { get; init; }

    /// <summary>Told of each setting that the search tried.</summary>
    public Action<SearchTrial> Tried { get; init; } = _ => { };

    /// <summary>What mistakes cost: the threshold is the one of least cost on held-out predictions.</summary>
    public AlertPrices Prices { get; init; } = AlertPrices.Default;

    /// <summary>Most false alerts an asset-day on held-out predictions, above 0: who is sent for nothing more often stops going. Null for any number that <see cref="Prices"/> are
    /// worth. Default 0.07, one in two weeks of an asset; the mean of all folds, which is what is deployed, raises fewer than the one that judges here.</summary>
    public double? MostFalseAlertsPerAssetDay { get; init; } = 0.07;

    /// <summary>Share of alerts that must be right on held-out predictions, instead of <see cref="Prices"/>; null to choose by cost.</summary>
    public double? LeastPrecision { get; init; }

    /// <summary>Confidence that an alert asks for beside the probability, 0 to 1; null for none. Default 0.7.</summary>
    public double? ConfidenceThreshold { get; init; } = 0.7;

    /// <summary>Where the rows, folds and predictions are written as NumPy arrays; null for nowhere.</summary>
    public string? ExportFolder { get; init; }

    /// <summary>Seed of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; default the machine's processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folds for early stopping and the threshold. Default 5.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>Training stops when the held-out loss has not improved for so many iterations. Default 50.</summary>
    public int Patience { get; init; } = 50;

    /// <summary>Most values (rows x features) that are taught at once; more rows are thinned. Each takes about 20 bytes while folds grow. Default
    /// 200 million.</summary>
    public int MostValues { get; init; } = 200_000_000;

    /// <summary>How trees grow; null for the defaults of what is taught, changed by <see cref="Overrides"/>.</summary>
    public Hyperparameters? Hyperparameters { get; init; }

    /// <summary>Hyperparameters set by name, on top of the defaults of what is taught.</summary>
    public IReadOnlyList<(string Name, string Value)> Overrides { get; init; } = [];

    /// <summary>Signals whose rise never lowers the risk (up: true), or never raises it (up: false). Default none.</summary>
    public IReadOnlyList<(string Signal, bool Up)> Monotone { get; init; } = [];

    /// <summary>The same with the hyperparameters worked out.</summary>
    /// <param name="label">What is taught.</param>
    public TrainingOptions For(LabelDefinition label) => Hyperparameters is not null
        ? this
        : this with { Hyperparameters = Overrides.Aggregate(Train.Hyperparameters.For(label), (all, one) => all.With(one.Name, one.Value)) };
}

/// <summary>How far a run is.</summary>
/// <param name="Step">What is being done, in words.</param>
/// <param name="Done">Share of the step that is done, 0 to 1.</param>
/// <param name="Detail">A figure worth watching, or null.</param>
public sealed record LearningProgress(string Step, double Done, string? Detail = null);
