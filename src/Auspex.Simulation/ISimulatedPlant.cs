using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>A plant that lives as fast as its caller steps it: each step is one cadence of simulated time for all assets. Equal options give equal
/// steps, whatever the pace. Not thread-safe.</summary>
public interface ISimulatedPlant
{
    /// <summary>Signals, facts, components and error codes.</summary>
    public AssetSchema Schema { get; }

    /// <summary>The assets, in ordinal order of the names.</summary>
    public IReadOnlyList<AssetId> Assets { get; }

    /// <summary>Facts of each asset in schema order, in the order of <see cref="Assets"/>.</summary>
    public IReadOnlyList<double[]> Facts { get; }

    /// <summary>Simulated time of the next step, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Simulated time of one step.</summary>
    public TimeSpan Cadence { get; }

    /// <summary>What only the maker knows, up to <see cref="Now"/>; nothing of it is in the steps.</summary>
    public SimulatedTruth Truth { get; }

    /// <summary>What the plant is and how it is meant to be learned from, when its history ends at an instant.</summary>
    /// <param name="until">End of the history.</param>
    public PlantDescription Describe(DateTimeOffset until);

    /// <summary>Lets one cadence pass.</summary>
    public SimulatedStep Step();
}
