using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Flow.Predict;

/// <summary>What tells why a model scores a row as it does. It holds the whole package, so it is opened where somebody asks and let go of again. Not for use from
/// several threads.</summary>
/// <param name="package">The model.</param>
/// <param name="plan">Its features.</param>
public sealed class ModelExplanation(ModelPackage package, FeaturePlan plan)
{
    private readonly TreeShap _shap = new(package.Ensemble);
    private readonly FeatureReasons _reasons = new(plan, package.Manifest.Label, package.Manifest.Baseline?.NormalBands() ?? []);

    /// <summary>Opens a package for it.</summary>
    /// <param name="archive">The package as one file.</param>
    /// <exception cref="ModelPackageException">A check failed.</exception>
    public static ModelExplanation Open(byte[] archive)
    {
        var package = ModelPackage.FromArchive(archive);
        return new ModelExplanation(package, LiveModel.PlanOf(package));
    }

    /// <summary>Why a row is scored as it is: what each signal adds to one raw score, largest first.</summary>
    /// <param name="frame">One value a signal, as it was measured.</param>
    /// <param name="row">The features made of it and of what was before.</param>
    /// <param name="target">Which score: a component by its place, or 0 for a life.</param>
    /// <returns>The reasons, and the base value that makes the score with them.</returns>
    public (IReadOnlyList<Reason> Reasons, double Base) Of(ReadOnlySpan<double> frame, ReadOnlySpan<double> row, int target)
    {
        var contributions = new double[row.Length];
        double start = Contributions(row, target, contributions);
        return (_reasons.Of(frame, row, contributions, package.Head is LifeHead ? ExplainedOutput.Life : ExplainedOutput.Risk), start);
    }

    /// <summary>What each feature adds to one raw score of a row.</summary>
    /// <param name="row">One value a feature.</param>
    /// <param name="target">Which score.</param>
    /// <param name="contributions">Receives one value a feature.</param>
    /// <returns>The base value that makes the score with them.</returns>
    public double Contributions(ReadOnlySpan<double> row, int target, Span<double> contributions)
    {
        var all = new double[row.Length * package.Ensemble.TargetCount];
        _shap.Explain(row, all);
        all.AsSpan(target * row.Length, row.Length).CopyTo(contributions);
        return _shap.BaseValues[target];
    }
}
