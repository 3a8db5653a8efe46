using Auspex.Core.Predictions;
using Auspex.Models.Trees;

namespace Auspex.Models.Onnx;

/// <summary>What one of our ONNX files holds.</summary>
/// <param name="Ensemble">The trees, of as many targets as the head takes.</param>
/// <param name="Head">What becomes of their scores.</param>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Version, such as <c>v1.0.0</c>.</param>
public sealed record OnnxModel(TreeEnsemble Ensemble, ModelHead Head, string Name, string Version)
{
    /// <summary>A model without calibration, cap and intervals.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="task">What its outputs mean.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="version">Version, such as <c>v1.0.0</c>.</param>
    public OnnxModel(TreeEnsemble ensemble, PredictionTask task, string name, string version)
        : this(ensemble, ModelHead.Plain(task, ensemble.TargetCount), name, version)
    {
    }

    /// <summary>What its outputs mean.</summary>
    public PredictionTask Task => Head.Task;
}
