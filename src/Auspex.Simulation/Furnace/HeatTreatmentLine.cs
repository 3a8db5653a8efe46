using Auspex.Core.Signals;

namespace Auspex.Simulation.Furnace;

/// <summary>A line of hardening furnaces with an oil quench, stepped every 30 s: heating elements, thermocouples and oil pumps wear, break, and are
/// mended. <see cref="HeatTreatmentFurnace"/> has the equations.</summary>
/// <param name="options">Equal options give equal lines.</param>
/// <exception cref="ArgumentException">An option is outside its range.</exception>
public sealed class HeatTreatmentLine(LivePlantOptions options)
    : LivePlant(Line, Checked(options), (i, random) => new HeatTreatmentFurnace(options.Name("furnace", i + 1), options, random))
{
    /// <summary>Elements of the first zone: less power for the same output, flickering of the fail contact.</summary>
    public const string HeatingElement = "heating element";

    /// <summary>Pump of the quench oil: less pressure, more current, both unsteady.</summary>
    public const string OilPump = "oil pump";

    /// <summary>Control thermocouple of the second zone: reads too low and unsteadily, so that the zone is too hot.</summary>
    public const string Thermocouple = "thermocouple";

    /// <summary>What is recorded of each furnace.</summary>
    public static AssetSchema Line { get; } = new(
        [
            new("hz1sp", SignalKind.Continuous, "degC", SignalRole.OperatingSetting, []),
            new("hz2sp", SignalKind.Continuous, "degC", SignalRole.OperatingSetting, []),
            Reading("hz1pv", "degC"),
            Reading("hz2pv", "degC"),
            Reading("hz1out", "%"),
            Reading("hz2out", "%"),
            Reading("hz1power", "kW"),
            Reading("hz2power", "kW"),
            Reading("hz2limit", "degC") with { Label = "Limit thermocouple of zone 2" },
            Reading("mains", "V"),
            Reading("cppv", "%") with { Label = "Carbon potential" },
            Reading("load", "kg/h"),
            Reading("beltspeed", "mm/min"),
            Reading("oiltemp", "degC"),
            Reading("oilpressure", "bar"),
            Reading("oilpumpcurrent", "A"),
            new("hz1hfail", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("oiltemphigh", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("dooropen", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("trays", SignalKind.Counter, null, SignalRole.Reading, []),
            new("mode", SignalKind.State, null, SignalRole.Reading, ["stopped", "heating", "producing"]),
        ],
        [new("rated_load", SignalKind.Continuous, "kg/h", SignalRole.Fact, [])],
        [HeatingElement, OilPump, Thermocouple],
        ["hz1_deviation", "hz2_limit", "oil_pressure_low"]);

    private protected override (string Name, string Title) Names =>
        ("furnace-line", $"Simulated line of hardening furnaces every 30 s, from seed {options.Seed}");

    private static LivePlantOptions Checked(LivePlantOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }

    private static SignalDefinition Reading(string name, string unit) => new(name, SignalKind.Continuous, unit, SignalRole.Reading, []);
}
