namespace Auspex.Models.Detectors;

/// <summary>There is nothing a detector can be fitted on; the message says what is missing.</summary>
public sealed class DetectorException(string message) : Exception(message);
