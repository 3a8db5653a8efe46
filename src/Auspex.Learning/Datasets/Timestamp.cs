using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>ISO 8601 timestamps as data files have them.</summary>
internal static class Timestamp
{
    /// <summary>Reads <c>2015-03-01</c>, <c>2015-03-01T06:00</c>, <c>2015-03-01 06:00:00.250</c>, each with or without <c>Z</c> or an offset such as
    /// <c>+01:00</c>, <c>+0100</c> or <c>+01</c>. Fractions are cut to milliseconds.</summary>
    /// <param name="text">UTF-8, without blanks around it.</param>
    /// <param name="clock">What the clock shows, of kind Unspecified; add nothing, subtract the offset to have UTC.</param>
    /// <param name="offsetMinutes">East of UTC; null when the text has none.</param>
    internal static bool TryParseIso(ReadOnlySpan<byte> text, out DateTime clock, out int? offsetMinutes)
    {
        clock = default;
        offsetMinutes = null;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-' || !Digits(text[..4], out int year) || !Digits(text[5..7], out int month)
            || !Digits(text[8..10], out int day) || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        clock = new DateTime(year, month, day);
        text = text[10..];
        if (text.IsEmpty)
        {
            return true;
        }

        if (text.Length < 6 || !(text[0] is (byte)'T' or (byte)'t' or (byte)' ') || text[3] != ':' || !Digits(text[1..3], out int hour)
            || !Digits(text[4..6], out int minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        text = text[6..];
        int second = 0;
        int millisecond = 0;
        if (text.Length >= 3 && text[0] == ':')
        {
            if (!Digits(text[1..3], out second) || second > 59)
            {
                return false;
            }

            text = text[3..];
            if (text.Length >= 2 && text[0] is (byte)'.' or (byte)',' && char.IsAsciiDigit((char)text[1]))
            {
                int digits = 1;
                for (; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++)
                {
                    millisecond = digits <= 3 ? (millisecond * 10) + (text[digits] - '0') : millisecond;
                }

                millisecond *= digits switch { 2 => 100, 3 => 10, _ => 1 };
                text = text[digits..];
            }
        }

        clock = clock.AddTicks((((hour * 60L) + minute) * 60_000 + (second * 1_000L) + millisecond) * TimeSpan.TicksPerMillisecond);
        return text.IsEmpty || TryParseOffset(text.TrimStart((byte)' '), out offsetMinutes);
    }

    /// <inheritdoc cref="TryParseIso(ReadOnlySpan{byte}, out DateTime, out int?)"/>
    internal static bool TryParseIso(string text, out DateTime clock, out int? offsetMinutes) =>
        TryParseIso(Encoding.UTF8.GetBytes(text), out clock, out offsetMinutes);

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out int? offsetMinutes)
    {
        offsetMinutes = null;
        if (text is [(byte)'Z' or (byte)'z'])
        {
            offsetMinutes = 0;
            return true;
        }

        if (text.Length is not (3 or 5 or 6) || !(text[0] is (byte)'+' or (byte)'-') || (text.Length == 6 && text[3] != ':')
            || !Digits(text[1..3], out int hours))
        {
            return false;
        }

        int minutes = 0;
        if ((text.Length > 3 && !Digits(text[^2..], out minutes)) || hours > 14 || minutes > 59)
        {
            return false;
        }

        offsetMinutes = (text[0] == '-' ? -1 : 1) * ((hours * 60) + minutes);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte b in text)
        {
            if (b is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (b - '0');
        }

        return true;
    }
}
