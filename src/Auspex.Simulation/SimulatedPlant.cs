using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>A generated plant: the history a plant would have recorded, and what only its maker knows.</summary>
/// <param name="Description">What it is and how it is meant to be learned from.</param>
/// <param name="Schema">Signals, facts, components and error codes.</param>
/// <param name="Assets">One history an asset, in ordinal order of the names.</param>
/// <param name="Failures">The truth about every failure, by time; no file of the plant tells it.</param>
public sealed record SimulatedPlant(
    PlantDescription Description, AssetSchema Schema, IReadOnlyList<AssetHistory> Assets, IReadOnlyList<SimulatedFailure> Failures)
{
    /// <summary>The truth about every degradation that is over, by end, whatever came of it; empty where the plant does not tell.</summary>
    public IReadOnlyList<SimulatedPrecursor> Precursors { get; init; } = [];
}

/// <summary>What a plant is and how it is meant to be learned from.</summary>
/// <param name="Name">Letters, digits, dashes; names the description file.</param>
/// <param name="Title">One line for reports.</param>
/// <param name="SplitAt">Training before, test after.</param>
/// <param name="Horizon">How far ahead failures are to be told.</param>
/// <param name="Recovery">The longest a failed asset stands.</param>
/// <param name="Lags">Lags worth having as features.</param>
/// <param name="Windows">Windows worth having as features.</param>
public sealed record PlantDescription(
    string Name,
    string Title,
    DateTimeOffset SplitAt,
    TimeSpan Horizon,
    TimeSpan Recovery,
    IReadOnlyList<TimeSpan> Lags,
    IReadOnlyList<TimeSpan> Windows)
{
    /// <summary>How life is counted where assets run until they fail; null where they are repaired. The split is then by assets, not by time.</summary>
    public PlantLife? Life { get; init; }
}

/// <summary>How the life of assets that run until they fail is counted.</summary>
/// <param name="Period">Time between two frames, one unit of life.</param>
/// <param name="PeriodName">What it is called, such as <c>cycle</c>.</param>
/// <param name="Cap">Remaining life is taught as at most this many periods.</param>
/// <param name="TestShare">Share of the assets that are kept for the test, above 0 and below 1.</param>
public sealed record PlantLife(TimeSpan Period, string PeriodName, int Cap, double TestShare);

/// <summary>The truth about one failure.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="TimeUnixMs">When it failed, UTC milliseconds since 1970.</param>
/// <param name="Component">What failed.</param>
/// <param name="Sudden">True when nothing announced it: no model can tell such a failure ahead.</param>
public sealed record SimulatedFailure(AssetId Asset, long TimeUnixMs, string Component, bool Sudden)
{
    /// <summary>When its degradation began, UTC milliseconds since 1970; null for a sudden failure, and where the plant does not tell.</summary>
    public long? OnsetUnixMs { get; init; }
}
