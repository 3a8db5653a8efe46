using System.Globalization;

namespace Auspex.Core.Time;

/// <summary>Durations as people write them in descriptions and on the command line: <c>90s</c>, <c>15m</c>, <c>24h</c>, <c>7d</c>.</summary>
public static class DurationText
{
    /// <summary>What is accepted, for error messages.</summary>
    public const string Expected = "a number with unit ms, s, m, h or d, such as 90s, 15m, 24h or 7d";

    /// <summary>Longest accepted duration: 100 years of 365 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    /// <summary>Reads a duration in the invariant culture.</summary>
    /// <param name="text">Such as <c>1.5h</c>; blanks around it are ignored.</param>
    /// <param name="duration">The duration, in whole milliseconds; zero when the text is refused.</param>
    /// <returns>False when the text is not a duration, is negative, or is longer than <see cref="Longest"/>.</returns>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text?.Trim() ?? "";
        int unitStart = text.Length;
        while (unitStart > 0 && char.IsAsciiLetter(text[unitStart - 1]))
        {
            unitStart--;
        }

        double? unitMs = text[unitStart..] switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" or "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => null,
        };
        if (unitMs is null
            || !double.TryParse(text.AsSpan(0, unitStart), NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out double number))
        {
            return false;
        }

        double milliseconds = Math.Round(number * unitMs.Value);
        if (!(milliseconds >= 0 && milliseconds <= Longest.TotalMilliseconds))
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that keeps it whole, so that <see cref="TryParse"/> gives it back.</summary>
    public static string Format(TimeSpan duration)
    {
        long ms = (long)duration.TotalMilliseconds;
        (long size, string unit) = ms switch
        {
            0 => (1_000, "s"),
            _ when ms % 86_400_000 == 0 => (86_400_000, "d"),
            _ when ms % 3_600_000 == 0 => (3_600_000, "h"),
            _ when ms % 60_000 == 0 => (60_000, "m"),
            _ when ms % 1_000 == 0 => (1_000, "s"),
            _ => (1, "ms"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{ms / size}{unit}");
    }
}
