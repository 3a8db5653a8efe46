namespace Auspex.Models;

/// <summary>How much a model file may ask for. Whatever exceeds a limit is refused before memory is set aside for it.</summary>
public sealed record ModelLimits
{
    /// <summary>The limits of a reader that was given none.</summary>
    public static ModelLimits Default { get; } = new();

    /// <summary>Largest ONNX file, in bytes. Default 64 MiB: about a million nodes.</summary>
    public int MaxOnnxBytes { get; init; } = 64 << 20;

    /// <summary>Longest LightGBM model text, in characters. Default 256 Mi.</summary>
    public int MaxTextLength { get; init; } = 256 << 20;

    /// <summary>Most interior nodes and leaves of all trees together. Default 1,000,000; a model for live use has some 30,000.</summary>
    public int MaxNodes { get; init; } = 1_000_000;

    /// <summary>Most trees. Default 100,000.</summary>
    public int MaxTrees { get; init; } = 100_000;

    /// <summary>Most features of a row. Default 100,000.</summary>
    public int MaxFeatures { get; init; } = 100_000;

    /// <summary>Most raw scores of a row. Default 1,000.</summary>
    public int MaxTargets { get; init; } = 1_000;
}
