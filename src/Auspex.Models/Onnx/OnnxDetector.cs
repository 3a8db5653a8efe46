using Auspex.Models.Detectors;

namespace Auspex.Models.Onnx;

/// <summary>What the ONNX file of a detector holds.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Version, such as <c>v1.0.0</c>.</param>
public sealed record OnnxDetector(AnomalyDetector Detector, string Name, string Version);
