using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Simulation.Furnace;

/// <summary>A heat-treatment shop: continuous furnaces with two heated zones, a circulation fan and a belt, that wear, fail, and are maintained.
/// The thermocouple of the first zone of furnace-2 drifts. All of it is invented; <see cref="FurnaceLine"/> says by which equations.</summary>
public static class FurnacePlant
{
    /// <summary>The circulation fan: shows in vibration and current.</summary>
    public const string Fan = "fan";

    /// <summary>Heating elements, contactors and seals: shows in power, and in temperature when the load is high.</summary>
    public const string HeatingSystem = "heating system";

    /// <summary>Drive and belt: shows in its current, the more the higher the load.</summary>
    public const string BeltDrive = "belt drive";

    internal const string BeltSlip = "belt_slip";
    internal const string FanOverload = "fan_overload";
    internal const string Overtemperature = "overtemperature";

    internal static readonly IReadOnlyList<string> Models = ["HF-400", "HF-600"];

    /// <summary>What is recorded of each furnace.</summary>
    public static AssetSchema Schema { get; } = new(
        [
            Reading("hz1_temperature", "degC"),
            Reading("hz1_power", "kW"),
            Reading("hz2_temperature", "degC"),
            Reading("hz2_power", "kW"),
            Reading("fan_vibration", "mm/s"),
            Reading("fan_current", "A"),
            Reading("belt_current", "A"),
            Setting("belt_speed", "mm/s"),
            Setting("load", "kg/h"),
            new("door_open", SignalKind.Boolean, null, SignalRole.Reading, []),
        ],
        [
            new("model", SignalKind.State, null, SignalRole.Fact, Models),
            new("age_years", SignalKind.Continuous, "years", SignalRole.Fact, []),
        ],
        [BeltDrive, Fan, HeatingSystem],
        [BeltSlip, FanOverload, Overtemperature]);

    /// <summary>Generates the history.</summary>
    /// <param name="options">Equal options give equal plants.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public static SimulatedPlant Generate(FurnacePlantOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var lines = new List<FurnaceLine>(options.Furnaces);
        for (int i = 0; i < options.Furnaces; i++)
        {
            var line = new FurnaceLine(new AssetId(string.Create(CultureInfo.InvariantCulture, $"furnace-{i + 1}")),
                options, new SeededRandom(options.Seed, i), sensorDrifts: i == 1);
            line.Run();
            lines.Add(line);
        }

        return new SimulatedPlant(
            Describe(options),
            Schema,
            [.. lines.Select(line => line.ToHistory()).OrderBy(history => history.Asset)],
            [.. lines.SelectMany(line => line.Failures).OrderBy(failure => failure.TimeUnixMs).ThenBy(failure => failure.Asset)]);
    }

    private static PlantDescription Describe(FurnacePlantOptions options)
    {
        long seconds = (long)(options.Duration.TotalSeconds * 2 / 3);
        TimeSpan period = options.SamplingPeriod;
        return new PlantDescription(
            "furnace",
            string.Create(CultureInfo.InvariantCulture,
                $"Simulated heat-treatment shop: {options.Furnaces} furnaces over {options.Duration.TotalDays:0.#} days, seed {options.Seed}"),
            options.Start.ToUniversalTime().AddSeconds(seconds),
            Horizon: TimeSpan.FromHours(12),
            options.RepairTime,
            Lags: [period, period * 6],
            Windows: [TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromHours(24)]);
    }

    private static SignalDefinition Reading(string name, string unit) => new(name, SignalKind.Continuous, unit, SignalRole.Reading, []);

    private static SignalDefinition Setting(string name, string unit) => new(name, SignalKind.Continuous, unit, SignalRole.OperatingSetting, []);
}
