using Auspex.Core.Signals;

namespace Auspex.Simulation.MachineShop;

/// <summary>A shop of machining centres, stepped every 30 s: spindles, coolant pumps and cutters wear, break, and are mended.
/// <see cref="MachiningCentre"/> has the equations.</summary>
/// <param name="options">Equal options give equal shops.</param>
/// <exception cref="ArgumentException">An option is outside its range.</exception>
public sealed class MachiningShop(LivePlantOptions options)
    : LivePlant(Shop, Checked(options), (i, random) => new MachiningCentre(options.Name("mill", i + 1), options, random))
{
    /// <summary>Pump of the cooling lubricant: less pressure, unsteady.</summary>
    public const string CoolantPump = "coolant pump";

    /// <summary>The cutters of a machine, counted as one: forces and chatter grow.</summary>
    public const string Cutter = "cutter";

    /// <summary>Bearings of the main spindle: vibration, friction and heat.</summary>
    public const string Spindle = "spindle";

    /// <summary>What is recorded of each machine.</summary>
    public static AssetSchema Shop { get; } = new(
        [
            Setting("spindlespeed", "rpm"),
            Setting("feedrate", "mm/min"),
            Reading("spindleload", "%"),
            Reading("spindlecurrent", "A"),
            Reading("spindletemp", "degC"),
            Reading("vibration", "mm/s"),
            Reading("feedload", "%"),
            Reading("coolantpressure", "bar"),
            Reading("coolantcurrent", "A"),
            Reading("coolanttemp", "degC"),
            new("coolantlow", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("chatter", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("dooropen", SignalKind.Boolean, null, SignalRole.Reading, []),
            new("parts", SignalKind.Counter, null, SignalRole.Reading, []),
            new("program", SignalKind.State, null, SignalRole.Reading, ["none", "housing", "flange", "shaft", "bracket"]),
            new("tool", SignalKind.State, null, SignalRole.Reading, ["none", "face_mill", "end_mill", "drill", "finisher"]),
            new("mode", SignalKind.State, null, SignalRole.Reading, ["stopped", "warming", "idle", "cutting"]),
        ],
        [new("age_years", SignalKind.Continuous, "years", SignalRole.Fact, [])],
        [CoolantPump, Cutter, Spindle],
        ["coolant_pressure_low", "spindle_overload", "spindle_temperature"]);

    private protected override (string Name, string Title) Names =>
        ("machine-shop", $"Simulated shop of machining centres every 30 s, from seed {options.Seed}");

    private static LivePlantOptions Checked(LivePlantOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }

    private static SignalDefinition Reading(string name, string unit) => new(name, SignalKind.Continuous, unit, SignalRole.Reading, []);

    private static SignalDefinition Setting(string name, string unit) => new(name, SignalKind.Continuous, unit, SignalRole.OperatingSetting, []);
}
