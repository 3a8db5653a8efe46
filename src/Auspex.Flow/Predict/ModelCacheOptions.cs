using System.ComponentModel.DataAnnotations;

namespace Auspex.Flow.Predict;

/// <summary>Which model is the least useful one.</summary>
public enum ModelEviction
{
    /// <summary>The one whose last use is longest ago.</summary>
    LeastRecentlyUsed,

    /// <summary>The one used least often since it was loaded; of equals, that whose last use is longest ago.</summary>
    LeastFrequentlyUsed,
}

/// <summary>How many models an installation keeps ready to score with.</summary>
public sealed record ModelCacheOptions
{
    /// <summary>Least models that stay whatever memory is short of: the number that an installation must hold active.</summary>
    public const int FewestModels = 15;

    /// <summary>Most models at once, 15 or more. Default 1,000.</summary>
    [Range(FewestModels, 1_000_000)]
    public int MostModels { get; init; } = 1_000;

    /// <summary>Most bytes of all of them, 1 MiB or more. Default 256 MiB. A single model that is larger is used all the same.</summary>
    [Range(1L << 20, long.MaxValue)]
    public long MostBytes { get; init; } = 256L << 20;

    /// <summary>Which model goes first. Default the least recently used one.</summary>
    public ModelEviction Eviction { get; init; } = ModelEviction.LeastRecentlyUsed;

    /// <summary>Share of the process's memory above which the least useful models are let go; 0.1 to 1. Default 0.8.</summary>
    [Range(0.1, 1)]
    public double ShedAbove { get; init; } = 0.8;

    /// <summary>How long a model that could not be loaded is not tried again; it may be restored meanwhile. Default 1 min.</summary>
    public TimeSpan TryAgainAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When active models that are not there are loaded again while there is room, as five-field cron in UTC; empty never. Default every 15 minutes.</summary>
    public string PreloadAt { get; init; } = "*/15 * * * *";
}
