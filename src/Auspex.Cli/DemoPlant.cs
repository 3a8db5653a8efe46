using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Simulation;
using Auspex.Simulation.Furnace;
using Auspex.Simulation.MachineShop;
using Auspex.Simulation.Turbofan;

namespace Auspex.Cli;

/// <summary>A plant to demonstrate on.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Seed">Seed of the first plant.</param>
/// <param name="Plants">Plants of seeds one apart that make one history; their assets are then named by the seed.</param>
/// <param name="Days">Length of the history; null for what the kind takes.</param>
internal sealed record DemoPlant(string Kind, int Seed, int Plants, int? Days)
{
    /// <summary>The plant of old.</summary>
    public const string Default = "furnace";

    private const string Line = "furnace-line", Shop = "machine-shop", Turbofan = "turbofan";

    // Enough failures to learn from in two months, few enough to train on in half a minute.
    private const int Furnaces = 16;
    private const int LiveDays = 10;
    private const int LiveAssets = 4;
    private const int Engines = 100;

    /// <summary>What can be shown.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Default, Line, Shop, Turbofan];

    /// <summary>What is to be predicted of it.</summary>
    public PredictionTask Task => Kind == Turbofan ? PredictionTask.RemainingUsefulLife : PredictionTask.Failure;

    /// <summary>Refuses what does not go together.</summary>
    /// <exception cref="UsageException">Plants or days are not for this kind.</exception>
    public void Check()
    {
        if (Plants > 1 && Kind == Default)
        {
            throw new UsageException($"--plants is for --plant {Line}, {Shop} and {Turbofan}.");
        }

        if (Seed > int.MaxValue - Plants)
        {
            throw new UsageException($"--seed {Seed} leaves no seeds for {Plants} plants.");
        }

        if (Days is not null && Kind == Turbofan)
        {
            throw new UsageException($"--days is not for --plant {Turbofan}: engines fly until they are removed.");
        }

        if (Days < 7 && Kind == Default)
        {
            throw new UsageException($"--days must be at least 7 with --plant {Default}, was {Days}.");
        }
    }

    /// <summary>Generates the history.</summary>
    public SimulatedPlant Generate()
    {
        if (Kind == Default)
        {
            var options = new FurnacePlantOptions { Seed = Seed, Furnaces = Furnaces };
            return FurnacePlant.Generate(Days is { } length ? options with { Duration = TimeSpan.FromDays(length) } : options);
        }

        ISimulatedPlant[] plants = [.. Enumerable.Range(Seed, Plants).Select(Live)];
        return PlantHistory.Of(plants, Kind == Turbofan
            ? plants[0].Now + EngineFleet.LongestHistory
            : plants[0].Now.AddDays(Days ?? LiveDays));
    }

    private ISimulatedPlant Live(int seed)
    {
        string prefix = Plants == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"s{seed:000}-");
        if (Kind == Turbofan)
        {
            return new EngineFleet(new EngineFleetOptions { Seed = seed, Engines = Engines, AssetPrefix = prefix });
        }

        var options = new LivePlantOptions { Seed = seed, Assets = LiveAssets, AssetPrefix = prefix };
        return Kind == Line ? new HeatTreatmentLine(options) : new MachiningShop(options);
    }
}
