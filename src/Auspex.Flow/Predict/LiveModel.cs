using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Package;
using Auspex.Models.Trees;
using Auspex.Storage.Models;

namespace Auspex.Flow.Predict;

/// <summary>A model as the live line scores with it: what scoring needs of its package and nothing more. Immutable, safe for many threads.</summary>
public sealed class LiveModel : IDisposable
{
    private readonly TreeEnsemble _trees;
    private readonly ModelHead _head;
    private readonly IReadOnlyList<VennAbers>? _confidence;
    private readonly double _horizonInLifeUnits;

    private LiveModel(ModelVersion version, ModelPackage package, FeaturePlan plan)
    {
        (Version, Plan, _trees, _head, _confidence) = (version, plan, package.Ensemble, package.Head, package.Manifest.Confidence);
        Columns = PredictionColumns.Of(package);
        LabelDefinition label = package.Manifest.Label;
        LifeUnit = label.LifeUnit;
        _horizonInLifeUnits = label.LifeUnitLength is { } unit ? label.Horizon / unit : double.NaN;
        Bytes = (_trees.LeafCount * 96L) + (plan.Definition.Columns.Count * 200L);
    }

    /// <summary>Which version.</summary>
    public ModelVersion Version { get; }

    /// <summary>Its features.</summary>
    public FeaturePlan Plan { get; }

    /// <summary>What is stored of each of its predictions.</summary>
    public PredictionColumns Columns { get; }

    /// <summary>Unit of the lives it tells; null for other tasks.</summary>
    public string? LifeUnit { get; }

    /// <summary>Raw scores of a row.</summary>
    public int TargetCount => _trees.TargetCount;

    /// <summary>What it holds, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Opens a package.</summary>
    /// <param name="version">Which it is.</param>
    /// <param name="archive">The package as one file.</param>
    /// <exception cref="ModelPackageException">A check failed: the archive, the model, or the hash of the features it was trained on.</exception>
    public static LiveModel Open(ModelVersion version, byte[] archive)
    {
        ArgumentNullException.ThrowIfNull(version);
        var package = ModelPackage.FromArchive(archive);
        return new LiveModel(version, package, PlanOf(package));
    }

    /// <summary>The features a package was trained on.</summary>
    /// <exception cref="ModelPackageException">The definition in the manifest is not one, or not the one its hash and names tell of; or the package tells anomalies.</exception>
    public static FeaturePlan PlanOf(ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        if (package.Detector is not null)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "task", "is anomaly, which the live line does not score yet; score files with auspex score.");
        }

        try
        {
            var definition = FeatureDefinition.FromJson(package.Manifest.Features.Definition.GetRawText());
            package.RequireFeatures(definition.Names, definition.Hash);
            return FeaturePlan.Of(definition);
        }
        catch (FormatException e)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "features.definition", $"{e.Message} Package the model again.", e);
        }
    }

    /// <summary>Scores a row.</summary>
    /// <param name="row">One value a feature.</param>
    /// <param name="scores">Receives the raw scores, one a target.</param>
    /// <param name="said">Receives one value a column of <see cref="Columns"/>.</param>
    /// <param name="degraded">Whether signals that the model was taught with were missing.</param>
    public void Score(ReadOnlySpan<double> row, Span<double> scores, Span<double> said, bool degraded)
    {
        _trees.Score(row, scores);
        said[PredictionColumns.Model] = Version.Number;
        said[PredictionColumns.Degraded] = degraded ? 1 : 0;
        said[PredictionColumns.Confidence] = Confidence(scores) ?? double.NaN;
        if (_head is FailureHead failure)
        {
            said[PredictionColumns.Probability] = failure.Probability(scores);
            (said[PredictionColumns.Lower], said[PredictionColumns.Time], said[PredictionColumns.Upper]) =
                failure.TimeToFailure(scores) ?? (double.NaN, double.NaN, double.NaN);
            for (int component = 0; component < Columns.Components.Count; component++)
            {
                said[PredictionColumns.FirstComponent + component] = failure.ComponentProbability(component, scores);
            }
        }
        else if (_head is LifeHead life)
        {
            double remaining = life.RemainingUsefulLife(scores[0]);
            said[PredictionColumns.Time] = remaining;
            (said[PredictionColumns.Lower], said[PredictionColumns.Upper]) = life.Interval(scores[0]) ?? (double.NaN, double.NaN);
            said[PredictionColumns.Probability] = life.Intervals is { } intervals && _horizonInLifeUnits >= 0 && !(_horizonInLifeUnits >= intervals.Cap)
                ? intervals.ProbabilityBelow(remaining, _horizonInLifeUnits) : double.NaN;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private double? Confidence(ReadOnlySpan<double> scores) =>
        _head is LifeHead life ? life.Intervals?.Confidence(life.RemainingUsefulLife(scores[0]))
        : _confidence is { } tables ? VennAbers.ConfidenceOfAny(tables, scores) : null;
}
