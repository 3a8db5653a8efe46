using System.Globalization;
using Auspex.Core.Assets;

namespace Auspex.Simulation;

/// <summary>How a plant that is stepped lives: a line of furnaces, a shop of machining centres.</summary>
public sealed record LivePlantOptions
{
    /// <summary>Seed of every draw, 0 or more; equal options give equal plants. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Number of assets, 1 to 500. Default 6.</summary>
    public int Assets { get; init; } = 6;

    /// <summary>Put before the name of each asset, so that plants of several seeds make one history; at most 50 characters. Default none.</summary>
    public string AssetPrefix { get; init; } = "";

    /// <summary>Simulated time of the first step, in whole seconds; shifts follow its offset. Default 2026-01-05T00:00Z, a Monday.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>About how many failures an asset has in a week of its usual work, above 0 to 50. Default 5: real assets fail a few times a year, but some
    /// days of history must hold enough to learn from.</summary>
    public double FailuresPerAssetWeek { get; init; } = 5;

    /// <summary>Share of the failures that nothing announces, 0 to 1. Default 0.33.</summary>
    public double SuddenShare { get; init; } = 0.33;

    /// <summary>Share of the degradations that go away by themselves, 0 to 0.9. Default 0.35.</summary>
    public double HealedShare { get; init; } = 0.35;

    /// <summary>How often sensors and lines fail, times the usual; 0 to 20, 0 for never. Default 1.</summary>
    public double SensorFaultRate { get; init; } = 1;

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it, the limit and the value.</exception>
    public void Validate()
    {
        Require(Seed >= 0, nameof(Seed), "0 or more", Seed);
        Require(Assets is >= 1 and <= 500, nameof(Assets), "1 to 500", Assets);
        Require(AssetPrefix.Length <= 50, nameof(AssetPrefix), "at most 50 characters", AssetPrefix);
        Require(Start.Ticks % TimeSpan.TicksPerSecond == 0 && Start.Year is >= 1971 and <= 2150, nameof(Start),
            "in whole seconds, from 1971 to 2150", Start.ToString("o", CultureInfo.InvariantCulture));
        Require(FailuresPerAssetWeek is > 0 and <= 50, nameof(FailuresPerAssetWeek), "above 0, at most 50", FailuresPerAssetWeek);
        Require(SuddenShare is >= 0 and <= 1, nameof(SuddenShare), "0 to 1", SuddenShare);
        Require(HealedShare is >= 0 and <= 0.9, nameof(HealedShare), "0 to 0.9", HealedShare);
        Require(SensorFaultRate is >= 0 and <= 20, nameof(SensorFaultRate), "0 to 20", SensorFaultRate);
    }

    /// <summary>Name of the n-th asset, so that ordinal order is the order of the numbers.</summary>
    internal AssetId Name(string kind, int number) => new(string.Create(
        CultureInfo.InvariantCulture, $"{AssetPrefix}{kind}-{number.ToString(new string('0', Assets.ToString(CultureInfo.InvariantCulture).Length), CultureInfo.InvariantCulture)}"));

    private static void Require(bool holds, string option, string limit, object value)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be {limit}, was {value}."), option);
        }
    }
}
