using Auspex.Core.Signals;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;
using Auspex.Models.Package;
using Auspex.Models.Trees;
using Auspex.Storage.Models;

namespace Auspex.Flow.Predict;

/// <summary>A model as the live line scores with it: what scoring needs of its package and nothing more. Immutable, safe for many threads.</summary>
public sealed class LiveModel : IDisposable
{
    private readonly CompactTrees _trees;
    private readonly ModelHead _head;
    private readonly IReadOnlyList<VennAbers>? _confidence;
    private readonly double _horizonInLifeUnits;

    private LiveModel(ModelVersion version, ScoringForm form, FeaturePlan plan)
    {
        if (form.Trees.FeatureCount != plan.Definition.Columns.Count)
        {
            throw new ModelPackageException(
                ModelPackage.ManifestFileName, "features.names", $"has {plan.Definition.Columns.Count} names, the model {form.Trees.FeatureCount} features. Package the model again.");
        }

        if (form.Fault(form.Trees) is { } fault)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "goldenRows", $"do not fit the model: {fault}. Package the model again.");
        }

        (Version, Plan, _trees, _head, _confidence) = (version, plan, form.Trees, form.Head, form.Confidence);
        Columns = new PredictionColumns(form.Components);
        (LifeUnit, _horizonInLifeUnits) = (form.LifeUnit, form.HorizonInLifeUnits);
        Bytes = BytesOf(form) + BytesOf(plan) + Columns.Signals.Sum(BytesOf);
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

    /// <summary>What it holds, in bytes, its features included: by the sizes of its arrays and texts.</summary>
    public long Bytes { get; }

    /// <summary>Opens a package.</summary>
    /// <param name="version">Which it is.</param>
    /// <param name="archive">The package as one file.</param>
    /// <exception cref="ModelPackageException">A check failed: the archive, the model, or the hash of the features it was trained on.</exception>
    public static LiveModel Open(ModelVersion version, byte[] archive)
    {
        ArgumentNullException.ThrowIfNull(version);
        var package = ModelPackage.FromArchive(archive);
        return new LiveModel(version, ScoringForm.Of(package), PlanOf(package));
    }

    /// <summary>Opens what was kept of a package for scoring.</summary>
    /// <param name="version">Which it is.</param>
    /// <param name="form">What was kept.</param>
    /// <param name="plan">The features it was trained on.</param>
    /// <exception cref="ModelPackageException">A golden row is not scored as packaged, or the features are others.</exception>
    public static LiveModel Open(ModelVersion version, ScoringForm form, FeaturePlan plan)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(plan);
        return new LiveModel(version, form, plan);
    }

    /// <summary>The features a package was trained on.</summary>
    /// <exception cref="ModelPackageException">The definition in the manifest is not one, or not the one its hash and names tell of; or the package tells anomalies.</exception>
    public static FeaturePlan PlanOf(ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return FeaturePlans.Read(package.Manifest.Features.Definition.GetRawText(), package.Manifest.Features.Hash, package);
    }

    /// <summary>What is wrong with it by what is kept of its package; null where it scores every golden row as packaged.</summary>
    public string? Fault(ScoringForm kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return kept.FeatureHash != Plan.Definition.Hash ? "its features are not those of its package" : kept.Fault(_trees);
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

    // Objects on a 64-bit machine: a header of 16 bytes, fields of 8, texts of 22 and 2 a character; arrays of values as they are.
    private static long BytesOf(ScoringForm form) => 400 + form.Trees.Bytes
        + (form.Confidence ?? []).Sum(tables => 120 + (16L * (tables.Lower.Count + tables.Upper.Count)))
        + (form.Head switch
        {
            FailureHead failure => failure.Calibrations.Sum(calibration => calibration is IsotonicCalibration isotonic ? 300 + (40L * isotonic.X.Count) : 40) + IntervalBytes(failure.TimeToFailureIntervals),
            LifeHead life => IntervalBytes(life.Intervals),
            _ => 0,
        });

    private static long IntervalBytes(LifeIntervals? intervals) => intervals is null ? 0 : 700 + (72L * intervals.Knots.Count);

    private static long BytesOf(FeaturePlan plan)
    {
        FeatureDefinition definition = plan.Definition;
        return 1_000 + definition.Columns.Sum(column => 100 + BytesOf(column.Name)) + definition.Schema.Signals.Concat(definition.Schema.Facts).Sum(BytesOf);
    }

    private static long BytesOf(SignalDefinition signal) => 120 + BytesOf(signal.Name) + signal.States.Sum(BytesOf);

    private static long BytesOf(string text) => 24 + (2L * text.Length);
}
