using System.Globalization;

namespace Auspex.Learning.Datasets;

/// <summary>.NET formats of timestamps and the zones of those without an offset.</summary>
internal static class TimestampFormat
{
    /// <summary>What is wrong with a format; null when nothing is.</summary>
    internal static string? Problem(string format)
    {
        if (format.Length < 2 || format.Any(char.IsControl))
        {
            return "must be a custom .NET format of two or more characters, such as \"dd.MM.yyyy HH:mm:ss\"";
        }

        string letters = Letters(format);
        if (!letters.Contains('y') || !letters.Contains('M') || !letters.Contains('d'))
        {
            return "must have year (yyyy), month (MM) and day (dd); a timestamp without them has no date";
        }

        if (letters.Contains('K'))
        {
            return "must not have K, which may be empty; write zzz for an offset, or leave it out and give the zone";
        }

        try
        {
            _ = new DateTimeOffset(2015, 3, 1, 6, 0, 0, TimeSpan.Zero).ToString(format, CultureInfo.InvariantCulture);
            return null;
        }
        catch (FormatException)
        {
            return "is no .NET date and time format; write one such as \"dd.MM.yyyy HH:mm:ss\"";
        }
    }

    /// <summary>True when texts of the format carry their offset from UTC.</summary>
    internal static bool HasOffset(string format) => Letters(format).Contains('z');

    /// <summary>Finds an IANA zone. Windows' own names are refused: a description must mean the same on every machine.</summary>
    internal static bool TryFindZone(string name, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        bool plain = name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
        if (!plain || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? found) || !found.HasIanaId)
        {
            return false;
        }

        zone = found;
        return true;
    }

    /// <summary>The format without quoted text and escaped characters.</summary>
    private static string Letters(string format)
    {
        var letters = new List<char>();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] == '\\')
            {
                i++;
            }
            else if (format[i] is '\'' or '"')
            {
                int end = format.IndexOf(format[i], i + 1);
                i = end < 0 ? format.Length : end;
            }
            else
            {
                letters.Add(format[i]);
            }
        }

        return new string([.. letters]);
    }
}
