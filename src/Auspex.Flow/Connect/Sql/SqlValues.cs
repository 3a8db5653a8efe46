using System.Globalization;

namespace Auspex.Flow.Connect.Sql;

/// <summary>What cells of tables mean: times and numbers, whatever types a plant chose for them.</summary>
internal static class SqlValues
{
    private const string NotNumber = "must be a number with a decimal point, true or false; text and decimal commas are not taken.";

    private static readonly string[] IsoForms =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF zzz", "yyyy-MM-dd HH:mm:ss.FFFFFFF zzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK",
    ];

    /// <summary>Milliseconds since 1970, rounded down.</summary>
    /// <param name="value">Of the cell; no null.</param>
    /// <param name="format">One of <see cref="SqlMapping.TimeFormats"/>; null for what the value's type says.</param>
    /// <param name="zone">Of times that say none.</param>
    /// <returns>The time, or what is wrong.</returns>
    internal static (long UnixMs, string? Fault) Time(object value, string? format, TimeZoneInfo zone)
    {
        try
        {
            return (value, format) switch
            {
                (DateTime { Kind: DateTimeKind.Utc } instant, _) => (Ms(instant), null),
                (DateTime local, _) => (Ms(ToUtc(local, zone)), null),
                (DateTimeOffset instant, _) => (Ms(instant.UtcDateTime), null),
                (string text, null or SqlMapping.Iso8601) => Iso(text, zone),
                (_, SqlMapping.UnixSeconds) when Number(value) is { } seconds => Unix(seconds * 1_000),
                (_, SqlMapping.UnixMilliseconds) when Number(value) is { } ms => Unix(ms),
                (_, null) => (0, "is no time; say by timeFormat whether numbers are unixSeconds or unixMilliseconds."),
                _ => (0, $"is no time in the form {format}."),
            };
        }
        catch (ArgumentException)
        {
            return (0, $"is a time that the clocks of {zone.Id} skipped.");
        }
    }

    /// <summary>Whether clocks of a zone were or will be put back, in the ten years behind and the two ahead: what they say then does not grow.</summary>
    internal static bool GoesBack(TimeZoneInfo zone, DateTimeOffset now)
    {
        const int DaysBehind = 3_653;
        const int DaysAhead = 731;
        TimeSpan offset = zone.GetUtcOffset(now.AddDays(-DaysBehind));
        for (int day = 1 - DaysBehind; day <= DaysAhead; day++)
        {
            TimeSpan next = zone.GetUtcOffset(now.AddDays(day));
            if (next < offset)
            {
                return true;
            }

            offset = next;
        }

        return false;
    }

    /// <summary>A number; NaN for null and for numbers that are none.</summary>
    /// <param name="value">Of the cell.</param>
    /// <param name="states">Names of states in index order, where the cell is text that names one.</param>
    /// <returns>The number, or what is wrong.</returns>
    internal static (double Number, string? Fault) Value(object value, IReadOnlyList<string>? states)
    {
        switch (value)
        {
            case DBNull:
                return (double.NaN, null);
            case bool flag:
                return (flag ? 1 : 0, null);
            case string text when states is not null:
                for (int i = 0; i < states.Count; i++)
                {
                    if (states[i] == text)
                    {
                        return (i, null);
                    }
                }

                return (0, $"'{Shown(text)}' is none of the states of the mapping.");
            case string text when text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase):
                return (text.Length == 4 ? 1 : 0, null);
            case string text when Number(value) is null:
                return (0, $"'{Shown(text)}' {NotNumber}");
            default:
                double number = Number(value) ?? double.NaN;
                return Number(value) is null ? (0, NotNumber)
                    : double.IsInfinity(number) ? (0, "is infinite; a number is expected.")
                    : (number, null);
        }
    }

    /// <summary>Text of a cell that names something; null where it is none.</summary>
    internal static string? Name(object value) => value switch
    {
        string text => text.TrimEnd(' ') is { Length: > 0 } name ? name : null,
        long or int or short or byte or sbyte or ushort or uint or ulong or decimal => Convert.ToString(value, CultureInfo.InvariantCulture),
        Guid id => id.ToString(),
        _ => null,
    };

    private static double? Number(object value) => value switch
    {
        double number => number,
        float number => number,
        long or int or short or byte or sbyte or ushort or uint or ulong or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        string text => double.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            ? number : null,
        _ => null,
    };

    private static (long, string?) Unix(double ms) =>
        Math.Abs(ms) <= 253_402_300_799_999 ? ((long)Math.Floor(ms), null) : (0, "is no time of this calendar; are the units of timeFormat right?");

    private static (long, string?) Iso(string text, TimeZoneInfo zone)
    {
        string trimmed = text.Trim();
        // A zone of hours alone, as PostgreSQL writes it.
        return !DateTimeOffset.TryParseExact(trimmed, IsoForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant)
            ? (0, $"'{Shown(text)}' is no time as 2026-05-01T06:00:00Z is.")
            : (Ms(SaysZone(trimmed) ? instant.UtcDateTime : ToUtc(DateTime.SpecifyKind(instant.UtcDateTime, DateTimeKind.Unspecified), zone)), null);
    }

    private static bool SaysZone(string text) => text.EndsWith('Z') || text.AsSpan(10).IndexOfAny('+', '-') >= 0;

    private static DateTime ToUtc(DateTime local, TimeZoneInfo zone) => TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone);

    private static long Ms(DateTime utc) => (long)Math.Floor((utc - DateTime.UnixEpoch).Ticks / (double)TimeSpan.TicksPerMillisecond);

    private static string Shown(string text) => new([.. text.Take(40).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '·' : c)]);
}
