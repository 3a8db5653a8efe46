using Auspex.Core.Assets;

namespace Auspex.Simulation;

/// <summary>What only the maker of a plant knows: for judging, never for teaching.</summary>
public sealed class SimulatedTruth
{
    private readonly List<SimulatedFailure> _failures = [];
    private readonly List<SimulatedPrecursor> _precursors = [];

    /// <summary>Failures so far, by time.</summary>
    public IReadOnlyList<SimulatedFailure> Failures => _failures;

    /// <summary>Degradations that are over, by end.</summary>
    public IReadOnlyList<SimulatedPrecursor> Precursors => _precursors;

    internal void Add(SimulatedFailure failure) => _failures.Add(failure);

    internal void Add(SimulatedPrecursor precursor) => _precursors.Add(precursor);
}

/// <summary>How a degradation ended.</summary>
public enum PrecursorEnd
{
    /// <summary>The component failed.</summary>
    Failed,

    /// <summary>It went away by itself: a stuck relay came free, a filter cleared.</summary>
    Healed,

    /// <summary>The asset stood for another reason, and people mended this too.</summary>
    Maintained,
}

/// <summary>The truth about one degradation of one component.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Component">The component.</param>
/// <param name="OnsetUnixMs">When it began, UTC milliseconds since 1970.</param>
/// <param name="EndUnixMs">When it ended.</param>
/// <param name="End">How it ended.</param>
public sealed record SimulatedPrecursor(AssetId Asset, string Component, long OnsetUnixMs, long EndUnixMs, PrecursorEnd End);
