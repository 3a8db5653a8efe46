namespace Auspex.Features.Definitions;

/// <summary>The conditions an asset is run under, such as flight regimes or recipes, and what each reading usually is under each of them.
/// A reading is then told as (value − mean) / deviation of the condition of its frame, before anything else is made of it.</summary>
/// <param name="Settings">Settings that tell the conditions apart.</param>
/// <param name="Conditions">The conditions; a frame belongs to the one whose centre is nearest.</param>
/// <param name="Readings">What is usual; readings not listed are taken as they are.</param>
public sealed record OperatingConditions(
    IReadOnlyList<ConditionSetting> Settings, IReadOnlyList<OperatingCondition> Conditions, IReadOnlyList<ConditionReading> Readings)
{
    /// <summary>Most conditions.</summary>
    public const int MaxConditions = 64;
}

/// <summary>One measure of a distance between settings.</summary>
/// <param name="Signal">A signal of the schema.</param>
/// <param name="State">The state told apart, as 0 or 1; null for numbers.</param>
/// <param name="Scale">What counts as a distance of 1; above 0.</param>
public sealed record ConditionSetting(string Signal, string? State, double Scale);

/// <summary>One condition.</summary>
/// <param name="Centre">One number for each setting, in its units.</param>
/// <param name="Reach">A frame that lies farther than this from the nearest centre is under no known condition, and its readings are
/// missing: above 0, in units of the scales.</param>
public sealed record OperatingCondition(IReadOnlyList<double> Centre, double Reach);

/// <summary>What is usual for one reading.</summary>
/// <param name="Signal">A signal of the schema that is no state.</param>
/// <param name="Means">Mean under each condition; null where too little is known, and then the reading is missing there.</param>
/// <param name="Deviations">Above 0: standard deviation under each condition, or 1 where the reading does not vary.</param>
public sealed record ConditionReading(string Signal, IReadOnlyList<double?> Means, IReadOnlyList<double> Deviations);
