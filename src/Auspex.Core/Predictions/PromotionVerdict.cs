using System.Text.Json.Serialization;

namespace Auspex.Core.Predictions;

/// <summary>How sure a promotion gate is.</summary>
public enum PromotionQuality
{
    /// <summary>The candidate is better, and not by chance.</summary>
    [JsonStringEnumMemberName("THRESHOLD_MET")]
    ThresholdMet,

    /// <summary>The candidate is not better, or what makes it better is none of its merits.</summary>
    [JsonStringEnumMemberName("POOR")]
    Poor,

    /// <summary>There is too little to compare by, or the difference may be chance.</summary>
    [JsonStringEnumMemberName("CANNOT_DETERMINE")]
    CannotDetermine,
}

/// <summary>What a promotion gate says of a candidate beside the present champion.</summary>
/// <param name="Promote">Whether the candidate is to take the champion's place.</param>
/// <param name="Quality">How sure that is.</param>
/// <param name="Reason">Why, in a sentence or two.</param>
/// <param name="Champion">Name and version of the champion.</param>
public sealed record PromotionVerdict(bool Promote, PromotionQuality Quality, string Reason, string Champion)
{
    /// <summary>What was compared: <c>cost</c> of missed failures and false alerts at the organization's prices, or <c>rmse</c> of remaining useful life in its
    /// unit; null where nothing was.</summary>
    public string? Measure { get; init; }

    /// <summary>The candidate's figure; lower is better. Null, as the next ones, where nothing was compared.</summary>
    public double? CandidateFigure { get; init; }

    /// <summary>The champion's figure on the same rows.</summary>
    public double? ChampionFigure { get; init; }

    /// <summary>Lower end of the 95 % interval of candidate less champion, by bootstrap over <see cref="Units"/>.</summary>
    public double? DifferenceLower { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? DifferenceUpper { get; init; }

    /// <summary>Share of the bootstrap's draws in which the candidate was better, 0 to 1.</summary>
    public double? Confidence { get; init; }

    /// <summary>Assets, or stretches of time of an asset, that the comparison was drawn from.</summary>
    public int Units { get; init; }

    /// <summary>Failures that both were judged by; of remaining useful life the assets.</summary>
    public int Events { get; init; }
}
