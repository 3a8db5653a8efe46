using System.Globalization;

namespace Auspex.Simulation.Turbofan;

/// <summary>How an <see cref="EngineFleet"/> flies.</summary>
public sealed record EngineFleetOptions
{
    /// <summary>Seed of every draw, 0 or more; equal options give equal fleets. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Number of engines, 1 to 2000. Default 100.</summary>
    public int Engines { get; init; } = 100;

    /// <summary>Put before the name of each engine; at most 50 characters. Default none.</summary>
    public string AssetPrefix { get; init; } = "";

    /// <summary>Time of the first flight, in whole seconds. Default 2026-01-05T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How often sensors and lines fail, times the usual; 0 to 20, 0 for never. Default 1.</summary>
    public double SensorFaultRate { get; init; } = 1;

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it, the limit and the value.</exception>
    public void Validate()
    {
        Require(Seed >= 0, nameof(Seed), "0 or more", Seed);
        Require(Engines is >= 1 and <= 2_000, nameof(Engines), "1 to 2000", Engines);
        Require(AssetPrefix.Length <= 50, nameof(AssetPrefix), "at most 50 characters", AssetPrefix);
        Require(Start.Ticks % TimeSpan.TicksPerSecond == 0 && Start.Year is >= 1971 and <= 2150, nameof(Start),
            "in whole seconds, from 1971 to 2150", Start.ToString("o", CultureInfo.InvariantCulture));
        Require(SensorFaultRate is >= 0 and <= 20, nameof(SensorFaultRate), "0 to 20", SensorFaultRate);
    }

    private static void Require(bool holds, string option, string limit, object value)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be {limit}, was {value}."), option);
        }
    }
}
