namespace Auspex.Models.Detectors;

/// <summary>How a detector is fitted and read: kept in its package, because a detector of the asset's own is fitted where it is used.</summary>
public sealed record DetectorSettings
{
    /// <summary>Fewest rows a detector can be fitted on.</summary>
    public const int FewestRows = 20;

    /// <summary>What it is.</summary>
    public required DetectorKind Kind { get; init; }

    /// <summary>True when each asset is judged by a detector fitted on its own first rows, false when one detector serves all assets.</summary>
    public required bool PerAsset { get; init; }

    /// <summary>How many first rows of an asset are taken as normal with <see cref="PerAsset"/>; 0 otherwise.</summary>
    public required int First { get; init; }

    /// <summary>Time constant of the exponential mean that takes the noise of single rows out of each feature; zero for none.</summary>
    public required TimeSpan Smoothing { get; init; }

    /// <summary>Time constant with which the middle of normal follows the rows that are no anomalies, so that slow drift raises nothing; zero for a middle that
    /// stays where it was fitted. What grows more slowly than this is followed, not found.</summary>
    public required TimeSpan Level { get; init; }

    /// <summary>Share of normal rows beyond the limit before <see cref="Margin"/>; above 0, below 1.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>The limit of principal components is so many times as far out: a short normal period never shows all of normal. 1 or more; an isolation forest,
    /// whose score is no distance, has none.</summary>
    public required double Margin { get; init; }

    /// <summary>Share of the variance of normal rows that the principal components kept for T² explain at least; above 0, at most 1.</summary>
    public required double ExplainedVariance { get; init; }

    /// <summary>Seed of the isolation forest's draws.</summary>
    public required int Seed { get; init; }
}
