using Auspex.Core.Assets;

namespace Auspex.Simulation;

/// <summary>Turns the steps of plants into the history that they would have recorded.</summary>
public static class PlantHistory
{
    /// <summary>Steps a plant from where it stands up to an instant.</summary>
    /// <param name="plant">Is left at <paramref name="until"/>.</param>
    /// <param name="until">The first instant that is not in the history.</param>
    public static SimulatedPlant History(this ISimulatedPlant plant, DateTimeOffset until) => Of([plant], until);

    /// <summary>The same of several plants of one schema as one history. Frames whose time is not after the one before, as when a clock is set back,
    /// are left out, as a reader would have done.</summary>
    /// <param name="plants">At least one; no two assets of one name. The first describes the whole.</param>
    /// <param name="until">The first instant that is not in the history.</param>
    /// <exception cref="ArgumentException">No plant, or two assets have one name.</exception>
    public static SimulatedPlant Of(IReadOnlyList<ISimulatedPlant> plants, DateTimeOffset until)
    {
        ArgumentNullException.ThrowIfNull(plants);
        if (plants.Count == 0)
        {
            throw new ArgumentException("There must be at least one plant.", nameof(plants));
        }

        PlantDescription description = plants[0].Describe(until);
        var assets = new SortedDictionary<AssetId, Recording>();
        foreach (ISimulatedPlant plant in plants)
        {
            for (int i = 0; i < plant.Assets.Count; i++)
            {
                if (!assets.TryAdd(plant.Assets[i], new Recording(plant.Facts[i], plant.Schema.Signals.Count)))
                {
                    throw new ArgumentException($"Two assets are named '{plant.Assets[i]}'.", nameof(plants));
                }
            }

            while (plant.Now < until)
            {
                SimulatedStep step = plant.Step();
                foreach (SimulatedFrame frame in step.Frames)
                {
                    assets[frame.Asset].Add(frame);
                }

                foreach (AssetEvent happened in step.Events)
                {
                    assets[happened.Asset].Events.Add(happened);
                }
            }
        }

        return new SimulatedPlant(
            description,
            plants[0].Schema,
            [.. assets.Select(pair => pair.Value.ToHistory(pair.Key))],
            [.. plants.SelectMany(plant => plant.Truth.Failures).OrderBy(failure => failure.TimeUnixMs).ThenBy(failure => failure.Asset)])
        {
            Precursors = [.. plants.SelectMany(plant => plant.Truth.Precursors).OrderBy(one => one.EndUnixMs).ThenBy(one => one.Asset)],
        };
    }

    private sealed class Recording(double[] facts, int signals)
    {
        private readonly List<long> _times = [];
        private readonly List<double>[] _values = [.. Enumerable.Range(0, signals).Select(_ => new List<double>())];

        internal List<AssetEvent> Events { get; } = [];

        internal void Add(SimulatedFrame frame)
        {
            if (_times.Count > 0 && frame.TimeUnixMs <= _times[^1])
            {
                return;
            }

            _times.Add(frame.TimeUnixMs);
            for (int signal = 0; signal < _values.Length; signal++)
            {
                _values[signal].Add(frame.Values[signal]);
            }
        }

        internal AssetHistory ToHistory(AssetId asset) =>
            new(asset, [.. _times], [.. _values.Select(column => column.ToArray())], facts, Events);
    }
}
