using Auspex.Core.Predictions;
using Auspex.Models.Trees;

namespace Auspex.Models.Onnx;

/// <summary>What one of our ONNX files holds.</summary>
/// <param name="Ensemble">The trees. A remaining-useful-life model has one target.</param>
/// <param name="Task">What its outputs mean.</param>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Version, such as <c>v1.0.0</c>.</param>
public sealed record OnnxModel(TreeEnsemble Ensemble, PredictionTask Task, string Name, string Version);
