namespace Auspex.Simulation;

/// <summary>When people work on assets: day shifts from 6 to 18 h on every day of the week for repairs, 7 to 15 h on workdays for routine.</summary>
internal static class CrewHours
{
    /// <param name="local">An instant on the plant's clock.</param>
    internal static bool Repair(DateTimeOffset local) => local.Hour is >= 6 and < 18;

    /// <inheritdoc cref="Repair"/>
    internal static bool BeginRoutine(DateTimeOffset local) =>
        local.Hour is >= 7 and < 15 && local.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
}
