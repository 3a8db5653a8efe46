using Auspex.Core.Expressions;
using Auspex.Core.Signals;

namespace Auspex.Core.DataQuality;

/// <summary>What a rule looks at.</summary>
public enum QualityRuleKind
{
    /// <summary>A value lies between two limits.</summary>
    Range,

    /// <summary>A value changes by so much a second at most.</summary>
    Rate,

    /// <summary>There is a value every so many seconds.</summary>
    Freshness,

    /// <summary>There are so many values an hour.</summary>
    Completeness,

    /// <summary>A value does not stay the same for so long.</summary>
    Flat,

    /// <summary>A value is one of a list.</summary>
    States,

    /// <summary>A condition over signals of one frame holds.</summary>
    Expression,
}

/// <summary>What is expected of a signal. A rule that is broken tells of the quality of values; it rejects none.</summary>
/// <param name="Id">Stable.</param>
/// <param name="Name">As people call it.</param>
/// <param name="Kind">What it looks at; which of the other parts count.</param>
/// <param name="Signal">Of which signal; null for an expression that is about all signals it names.</param>
/// <param name="Verdict">Quality of a value that breaks it: <see cref="Quality.Bad"/> or <see cref="Quality.Uncertain"/>.</param>
public sealed record QualityRule(string Id, string Name, QualityRuleKind Kind, string? Signal, Quality Verdict)
{
    /// <summary>Least value of a range, in the signal's unit; −∞ where there is none.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest value of a range; ∞ where there is none.</summary>
    public double High { get; init; } = double.PositiveInfinity;

    /// <summary>Largest change of a rate, in the signal's unit a second.</summary>
    public double PerSecond { get; init; }

    /// <summary>Longest time without a value, or without a change.</summary>
    public TimeSpan Longest { get; init; }

    /// <summary>Values that a signal has in an hour.</summary>
    public double SamplesAnHour { get; init; }

    /// <summary>Share of those that suffices, 0 to 1.</summary>
    public double Share { get; init; }

    /// <summary>Values of a list.</summary>
    public IReadOnlyList<double> Allowed { get; init; } = [];

    /// <summary>A condition, read with exactly the signals it names, in their order; null for other kinds.</summary>
    public Expression? Condition { get; init; }

    /// <summary>Whether a frame and the one before suffice to judge: then it is judged when a frame arrives.</summary>
    public bool IsOfFrame => Kind is QualityRuleKind.Range or QualityRuleKind.Rate or QualityRuleKind.States or QualityRuleKind.Expression;
}
