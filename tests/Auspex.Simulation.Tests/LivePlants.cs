using Auspex.Simulation.Furnace;
using Auspex.Simulation.MachineShop;

namespace Auspex.Simulation.Tests;

/// <summary>Plants that several tests look at: three seeds of six assets over ten days each, generated once.</summary>
internal static class LivePlants
{
    internal const string Line = "furnace-line";
    internal const string Shop = "machine-shop";

    private static readonly DateTimeOffset Start = new LivePlantOptions().Start;

    private static readonly Dictionary<string, Lazy<LivePlantHistory[]>> Histories = new(StringComparer.Ordinal)
    {
        [Line] = new(() => Generate(Line)),
        [Shop] = new(() => Generate(Shop)),
    };

    internal static LivePlantHistory[] Of(string kind) => Histories[kind].Value;

    internal static LivePlant Make(string kind, LivePlantOptions options) =>
        kind == Line ? new HeatTreatmentLine(options) : new MachiningShop(options);

    private static LivePlantHistory[] Generate(string kind) =>
        [.. Enumerable.Range(1, 3).Select(seed =>
        {
            LivePlant plant = Make(kind, new LivePlantOptions { Seed = seed, Assets = 6 });
            return new LivePlantHistory(plant.History(Start.AddDays(10)), plant.Truth, 60);
        })];
}

/// <param name="Recorded">What the plant recorded.</param>
/// <param name="Truth">What its maker knows.</param>
/// <param name="AssetDays">Length of all histories together.</param>
internal sealed record LivePlantHistory(SimulatedPlant Recorded, SimulatedTruth Truth, double AssetDays);
