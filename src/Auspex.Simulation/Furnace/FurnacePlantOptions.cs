using System.Globalization;

namespace Auspex.Simulation.Furnace;

/// <summary>How a <see cref="FurnacePlant"/> is generated.</summary>
public sealed record FurnacePlantOptions
{
    /// <summary>Seed of every draw; equal options give equal plants. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Number of furnaces, 1 to 500; they are named furnace-1, furnace-2 … Default 6.</summary>
    public int Furnaces { get; init; } = 6;

    /// <summary>Event time of the first frame, in whole seconds; shifts follow its offset. Default 2026-01-01T00:00Z, a Thursday.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Length of the history, 7 to 3650 days. Default 60 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(60);

    /// <summary>Time between two frames, 1 to 30 minutes in whole seconds. Default 10 minutes.</summary>
    public TimeSpan SamplingPeriod { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Median life of a component under full load when nobody maintains it, 2 to 1000 days. Default 15 days: real ones live for months to
    /// years, but two months of history must hold enough failures to learn from.</summary>
    public TimeSpan MedianLife { get; init; } = TimeSpan.FromDays(15);

    /// <summary>A component is renewed after about this long without a failure, 2 to 1000 days. Default 18 days.</summary>
    public TimeSpan PreventiveInterval { get; init; } = TimeSpan.FromDays(18);

    /// <summary>Longest repair of a failure; each takes half to all of it. 1 to 48 hours. Default 6 hours.</summary>
    public TimeSpan RepairTime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Share of the component lives that end suddenly, before any wear shows; 0 to 1. Default 0.1.</summary>
    public double SuddenShare { get; init; } = 0.1;

    /// <summary>Share of the readings that are missing, 0 to 0.5. Default 0.005.</summary>
    public double MissingShare { get; init; } = 0.005;

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it, the limit and the value.</exception>
    public void Validate()
    {
        Require(Furnaces is >= 1 and <= 500, nameof(Furnaces), "1 to 500", Furnaces);
        Require(Start.Ticks % TimeSpan.TicksPerSecond == 0 && Start.Year is >= 1971 and <= 2150, nameof(Start),
            "in whole seconds, from 1971 to 2150", Start.ToString("o", CultureInfo.InvariantCulture));
        RequireTime(Duration, TimeSpan.FromDays(7), TimeSpan.FromDays(3650), nameof(Duration));
        RequireTime(SamplingPeriod, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30), nameof(SamplingPeriod));
        RequireTime(MedianLife, TimeSpan.FromDays(2), TimeSpan.FromDays(1000), nameof(MedianLife));
        RequireTime(PreventiveInterval, TimeSpan.FromDays(2), TimeSpan.FromDays(1000), nameof(PreventiveInterval));
        RequireTime(RepairTime, TimeSpan.FromHours(1), TimeSpan.FromHours(48), nameof(RepairTime));
        Require(SuddenShare is >= 0 and <= 1, nameof(SuddenShare), "0 to 1", SuddenShare);
        Require(MissingShare is >= 0 and <= 0.5, nameof(MissingShare), "0 to 0.5", MissingShare);
    }

    private static void RequireTime(TimeSpan value, TimeSpan low, TimeSpan high, string option) =>
        Require(value >= low && value <= high && value.Ticks % TimeSpan.TicksPerSecond == 0, option, $"{low} to {high} in whole seconds", value);

    private static void Require(bool holds, string option, string limit, object value)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be {limit}, was {value}."), option);
        }
    }
}
