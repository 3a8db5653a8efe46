namespace Auspex.Learning.Deploy;

/// <summary>What is compared.</summary>
public enum PromotionMeasure
{
    /// <summary>Cost of missed failures and false alerts, summed.</summary>
    Cost,

    /// <summary>Root mean square error of remaining useful life, each asset counting alike.</summary>
    LifeError,
}

/// <summary>One asset, or one stretch of time of an asset: what is drawn together, since its rows resemble each other.</summary>
/// <param name="Candidate">Its cost, or its mean square error, by the candidate.</param>
/// <param name="Champion">The same by the champion.</param>
/// <param name="CandidateNasa">Its mean NASA score by the candidate; 0 for costs.</param>
/// <param name="ChampionNasa">The same by the champion.</param>
public readonly record struct PromotionUnit(double Candidate, double Champion, double CandidateNasa = 0, double ChampionNasa = 0);

/// <summary>A candidate beside a champion, on rows that neither learned from.</summary>
/// <param name="Champion">Name and version of the champion.</param>
/// <param name="Measure">What is compared.</param>
/// <param name="Units">What it was judged on, unit by unit.</param>
public sealed record PromotionCase(string Champion, PromotionMeasure Measure, IReadOnlyList<PromotionUnit> Units)
{
    /// <summary>What a unit is called, in the plural.</summary>
    public string UnitName { get; init; } = "assets";

    /// <summary>Failures that both were judged by; of remaining useful life the assets.</summary>
    public int Events { get; init; }

    /// <summary>Why there are too few failures to judge the candidate by; null where there are enough.</summary>
    public string? TooFewEvents { get; init; }

    /// <summary>Why the two tell different things; null where they tell the same.</summary>
    public string? Incomparable { get; init; }

    /// <summary>Which rows of the candidate's own evaluation it had learned from, as by a random split; null for none.</summary>
    public string? KnewItsTest { get; init; }

    /// <summary>A sentence for each feature that the candidate uses and that looks as if it knew the answer.</summary>
    public IReadOnlyList<string> Leaks { get; init; } = [];

    /// <summary>Cost of never raising an alert; null for remaining useful life.</summary>
    public double? NeverCost { get; init; }
}
