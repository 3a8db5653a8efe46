namespace Auspex.Flow.Predict;

/// <summary>A model cannot be used now; the inner exception says why. It is tried again later.</summary>
public sealed class ModelNotLoadedException(string version, Exception inner)
    : Exception($"Model {version} cannot be used: {inner.Message}", inner)
{
    /// <summary>The model.</summary>
    public string Version { get; } = version;
}
