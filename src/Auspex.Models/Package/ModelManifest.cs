using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Models.Calibration;
using Auspex.Models.Detectors;
using Auspex.Models.Intervals;

namespace Auspex.Models.Package;

/// <summary>What a model is, was trained on and promises: <c>manifest.json</c> of its package.</summary>
public sealed record ModelManifest
{
    /// <summary>The format this version of Auspex reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Form of this file; <see cref="CurrentFormat"/>.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Name of the model: letters, digits, dashes, dots and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Such as <c>v1.2.3</c>. Major: features, labels or signals changed; minor: trained again; patch: threshold or calibration
    /// only.</summary>
    public required string Version { get; init; }

    /// <summary>What it tells; the same as in <see cref="Label"/>.</summary>
    public required PredictionTask Task { get; init; }

    /// <summary>When it was packaged, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Version of Auspex that packaged it.</summary>
    public required string AuspexVersion { get; init; }

    /// <summary>Name of the data set it was trained on.</summary>
    public required string Dataset { get; init; }

    /// <summary>The columns of a row.</summary>
    public required ManifestFeatures Features { get; init; }

    /// <summary>Signals, facts, components and error codes that the features are made of.</summary>
    public required AssetSchema Schema { get; init; }

    /// <summary>What it was taught to tell; its components are the targets of the model, in order.</summary>
    public required LabelDefinition Label { get; init; }

    /// <summary>How it was trained.</summary>
    public required ManifestTraining Training { get; init; }

    /// <summary>Where an alert begins.</summary>
    public required ManifestThresholds Thresholds { get; init; }

    /// <summary>How the detector of a model of anomalies is fitted and read; null for other tasks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DetectorSettings? Detector { get; init; }

    /// <summary>Measures of the evaluation, as the evaluation writes them.</summary>
    public required JsonElement Metrics { get; init; }

    /// <summary>A few rows and the raw scores the model must give for them, at least one; checked whenever the package is loaded.</summary>
    public required IReadOnlyList<GoldenRow> GoldenRows { get; init; }

    /// <summary>How closely our scorer, ONNX Runtime and the trainer agreed.</summary>
    public required ManifestParity Parity { get; init; }

    /// <summary>How raw scores become probabilities, one for each component in order; null for remaining useful life, and for a model whose scores are
    /// believed as they are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ManifestCalibration>? Calibration { get; init; }

    /// <summary>Whether the components of a failure model exclude each other, so that their probabilities and that of no failure add up to 1; else they
    /// are independent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ExclusiveComponents { get; init; }

    /// <summary>What the confidence of each component is read off, in their order; null for a model that tells none.</summary>
    [JsonIgnore]
    public IReadOnlyList<VennAbers>? Confidence => ManifestCalibration.Confidence(Calibration);

    /// <summary>Intervals of the remaining useful life in the label's unit, or of the time to failure in minutes; null for a model without.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LifeIntervals? Intervals { get; init; }

    /// <summary>What the features were like in training; null for a package of a version before there was one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ManifestBaseline? Baseline { get; init; }

    /// <summary>The other files of the package; filled in by <see cref="ModelPackage"/>.</summary>
    public IReadOnlyList<PackageFile> Files { get; init; } = [];
}

/// <summary>How the raw score of one component becomes a probability.</summary>
/// <param name="Probability">The same as in the model's file.</param>
/// <param name="VennAbers">What its confidence is read off; null where none was made.</param>
public sealed record ManifestCalibration(ScoreCalibration Probability, VennAbers? VennAbers)
{
    /// <summary>The tables of all components; null when one is missing.</summary>
    public static IReadOnlyList<VennAbers>? Confidence(IReadOnlyList<ManifestCalibration>? calibration)
    {
        VennAbers[] tables = [.. (calibration ?? []).Select(component => component.VennAbers).OfType<VennAbers>()];
        return tables.Length > 0 && tables.Length == calibration!.Count ? tables : null;
    }
}

/// <summary>The columns of a row.</summary>
/// <param name="Hash">Hash of the feature definition, as the feature room computes it.</param>
/// <param name="Names">Name of each column, in order; no name twice.</param>
/// <param name="Definition">The feature definition itself; its form belongs to the feature room.</param>
public sealed record ManifestFeatures(string Hash, IReadOnlyList<string> Names, JsonElement Definition);

/// <summary>How a model was trained.</summary>
/// <param name="Start">Time of the first training row, UTC.</param>
/// <param name="End">Time of the last training row, UTC.</param>
/// <param name="KnownUntil">The last instant whose events training knew, UTC; null when training and test are told apart by assets, and all of a training
/// asset's history was known.</param>
/// <param name="Rows">Training rows.</param>
/// <param name="Assets">Names of the assets they come from, in ordinal order: on these, nothing the training knew is a test.</param>
/// <param name="Positives">Positive rows of each target; empty for remaining useful life.</param>
/// <param name="Iterations">Boosting iterations kept for each target.</param>
/// <param name="Parameters">Parameters of the trainer, by its own names.</param>
/// <param name="Seed">Seed of all randomness.</param>
/// <param name="ThresholdSource">How the threshold was chosen, in words.</param>
public sealed record ManifestTraining(
    DateTimeOffset Start,
    DateTimeOffset End,
    DateTimeOffset? KnownUntil,
    long Rows,
    IReadOnlyList<string> Assets,
    IReadOnlyList<long> Positives,
    IReadOnlyList<int> Iterations,
    IReadOnlyDictionary<string, string> Parameters,
    long Seed,
    string ThresholdSource);

/// <summary>Where an alert begins.</summary>
/// <param name="FailureProbability">A probability at or above it raises an alert; 0 to 1. Null for remaining useful life, where the horizon
/// decides.</param>
/// <param name="ConfidenceThreshold">Confidence that its row must have too, at or above; 0 to 1. Null where none is asked for: of models that tell none, or by
/// choice.</param>
public sealed record ManifestThresholds(
    double? FailureProbability, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ConfidenceThreshold = null);

/// <summary>One row with its scores.</summary>
/// <param name="Values">One value a feature; NaN for missing, written as the text <c>"NaN"</c>.</param>
/// <param name="Scores">The raw scores, one a target.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record GoldenRow(IReadOnlyList<double> Values, IReadOnlyList<double> Scores);

/// <summary>How closely the scorers agreed before the package was written.</summary>
/// <param name="MaxDifference">Largest |difference| / max(1, |score|) over all rows and targets; at most
/// <see cref="ModelPackage.Tolerance"/>.</param>
/// <param name="Rows">Rows compared.</param>
public sealed record ManifestParity(double MaxDifference, long Rows);

/// <summary>One file of the package beside the manifest.</summary>
/// <param name="Name">Plain name, without folder.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">SHA-256 of the content, 64 lower-case hexadecimal digits.</param>
public sealed record PackageFile(string Name, long Bytes, string Sha256);
