using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Models.Trees;
using Auspex.Storage.Models;

namespace Auspex.Flow.Predict;

/// <summary>A model as the live line scores with it. Immutable, safe for many threads.</summary>
public sealed class LiveModel
{
    private readonly double _horizonInLifeUnits;
    private readonly Lock _explaining = new();
    private readonly Lazy<TreeShap> _shap;
    private readonly FeatureReasons _reasons;

    private LiveModel(ModelVersion version, ModelPackage package, FeaturePlan plan, TimeSpan loadTime)
    {
        (Version, Package, Plan, LoadTime) = (version, package, plan, loadTime);
        Columns = PredictionColumns.Of(package);
        _shap = new Lazy<TreeShap>(() => new TreeShap(package.Ensemble));
        _reasons = new FeatureReasons(plan, package.Manifest.Label, package.Manifest.Baseline?.NormalBands() ?? []);
        LabelDefinition label = package.Manifest.Label;
        _horizonInLifeUnits = label.LifeUnitLength is { } unit ? label.Horizon / unit : double.NaN;
    }

    /// <summary>Which version.</summary>
    public ModelVersion Version { get; }

    /// <summary>The package it came in.</summary>
    public ModelPackage Package { get; }

    /// <summary>Its features.</summary>
    public FeaturePlan Plan { get; }

    /// <summary>How long it took to open.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>What is stored of each of its predictions.</summary>
    public PredictionColumns Columns { get; }

    /// <summary>Opens a package.</summary>
    /// <param name="version">Which it is.</param>
    /// <param name="archive">The package as one file.</param>
    /// <param name="clock">Measures how long it takes.</param>
    /// <exception cref="ModelPackageException">A check failed: the archive, the model, or the hash of the features it was trained on.</exception>
    public static LiveModel Open(ModelVersion version, byte[] archive, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(clock);
        long began = clock.GetTimestamp();
        var package = ModelPackage.FromArchive(archive);
        FeaturePlan plan = PlanOf(package);
        return new LiveModel(version, package, plan, clock.GetElapsedTime(began));
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
        Package.Ensemble.Score(row, scores);
        said[PredictionColumns.Model] = Version.Number;
        said[PredictionColumns.Degraded] = degraded ? 1 : 0;
        said[PredictionColumns.Confidence] = Package.Confidence(scores) ?? double.NaN;
        if (Package.Head is FailureHead failure)
        {
            said[PredictionColumns.Probability] = failure.Probability(scores);
            (said[PredictionColumns.Lower], said[PredictionColumns.Time], said[PredictionColumns.Upper]) =
                failure.TimeToFailure(scores) ?? (double.NaN, double.NaN, double.NaN);
            for (int component = 0; component < Columns.Components.Count; component++)
            {
                said[PredictionColumns.FirstComponent + component] = failure.ComponentProbability(component, scores);
            }
        }
        else if (Package.Head is LifeHead life)
        {
            double remaining = life.RemainingUsefulLife(scores[0]);
            said[PredictionColumns.Time] = remaining;
            (said[PredictionColumns.Lower], said[PredictionColumns.Upper]) = life.Interval(scores[0]) ?? (double.NaN, double.NaN);
            said[PredictionColumns.Probability] = life.Intervals is { } intervals && _horizonInLifeUnits >= 0 && !(_horizonInLifeUnits >= intervals.Cap)
                ? intervals.ProbabilityBelow(remaining, _horizonInLifeUnits) : double.NaN;
        }
    }

    /// <summary>Why a row is scored as it is: what each signal adds to one raw score, largest first.</summary>
    /// <param name="frame">One value a signal, as it was measured.</param>
    /// <param name="row">The features made of it and of what was before.</param>
    /// <param name="target">Which score: a component by its place, or 0 for a life.</param>
    /// <returns>The reasons, and the base value that makes the score with them.</returns>
    public (IReadOnlyList<Reason> Reasons, double Base) Explain(ReadOnlySpan<double> frame, ReadOnlySpan<double> row, int target)
    {
        lock (_explaining)
        {
            TreeShap shap = _shap.Value;
            var contributions = new double[row.Length * Package.Ensemble.TargetCount];
            shap.Explain(row, contributions);
            return (_reasons.Of(frame, row, contributions.AsSpan(target * row.Length, row.Length), Package.Head is LifeHead ? ExplainedOutput.Life : ExplainedOutput.Risk),
                shap.BaseValues[target]);
        }
    }
}
