using System.Globalization;
using System.Text;
using Auspex.Core.Time;

namespace Auspex.Learning.Datasets;

/// <summary>Tells when a row of one file was taken.</summary>
internal sealed class RowClock
{
    /// <summary>1971-01-01: what lies before is a broken clock, not history.</summary>
    private const long FirstTimestampUnixMs = 31_536_000_000;

    /// <summary>2200-01-01.</summary>
    internal const long LastUnixMs = 7_258_118_400_000;

    private readonly TimeColumn _time;
    private readonly int _column;
    private readonly double _periodMs;
    private readonly TimeZoneInfo? _zone;
    private readonly bool _formatHasOffset;
    private DateTime _day; // last day on which the zone kept one offset, and that offset
    private TimeSpan _dayOffset;

    /// <exception cref="DatasetException">The file does not have the column.</exception>
    internal RowClock(TimeColumn time, TextRows rows)
    {
        _time = time;
        _column = time.RowNumber ? -1 : rows.Require(time.Column ?? time.Counter!);
        _periodMs = DurationText.TryParse(time.Period, out TimeSpan period) ? period.TotalMilliseconds : double.NaN;
        if (time.Zone is { } zone && TimestampFormat.TryFindZone(zone, out TimeZoneInfo found))
        {
            _zone = found;
        }

        _formatHasOffset = time.Format is { } format && TimestampFormat.HasOffset(format);
    }

    /// <summary>Name of the column; of rows that are numbered, what bad-row reports call it.</summary>
    internal string Field => _time.Column ?? _time.Counter ?? "(row number)";

    /// <summary>Text of the present row's time; empty for rows that are numbered.</summary>
    internal ReadOnlySpan<byte> Cell(TextRows rows) => _column < 0 ? [] : rows.Cell(_column);

    /// <summary>Time of the present row, UTC milliseconds since 1970.</summary>
    /// <param name="rowNumber">Number of the row within its asset, the first being 1.</param>
    /// <returns>False when it has none within bounds.</returns>
    /// <exception cref="DatasetException">The timestamp needs a zone that the description does not give.</exception>
    internal bool TryRead(TextRows rows, long rowNumber, out long unixMs)
    {
        unixMs = 0;
        if (_time.Column is null)
        {
            double count = rowNumber;
            if (_column >= 0 && !CellReader.TryReadNumber(rows.Cell(_column), out count, out _))
            {
                return false;
            }

            double ms = Math.Round(count * _periodMs);
            unixMs = ms is >= 0 and <= LastUnixMs ? (long)ms : -1;
            return unixMs >= 0;
        }

        return TryReadTimestamp(rows, out unixMs) && unixMs is >= FirstTimestampUnixMs and <= LastUnixMs;
    }

    private bool TryReadTimestamp(TextRows rows, out long unixMs)
    {
        unixMs = 0;
        ReadOnlySpan<byte> cell = rows.Cell(_column);
        DateTime clock;
        int? offsetMinutes = null;
        if (_time.Format is null)
        {
            if (!Timestamp.TryParseIso(cell, out clock, out offsetMinutes))
            {
                return false;
            }
        }
        else if (_formatHasOffset)
        {
            if (!DateTimeOffset.TryParseExact(
                Encoding.UTF8.GetString(cell), _time.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset instant))
            {
                return false;
            }

            unixMs = instant.ToUnixTimeMilliseconds();
            return true;
        }
        else if (!DateTime.TryParseExact(
            Encoding.UTF8.GetString(cell), _time.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out clock))
        {
            return false;
        }

        if (clock.Year is < 1970 or > 2200)
        {
            return false;
        }

        TimeSpan offset;
        if (offsetMinutes is { } minutes)
        {
            offset = TimeSpan.FromMinutes(minutes);
        }
        else if (_zone is null)
        {
            throw new DatasetException(
                $"{rows.Name}, line {rows.Line}: {Field} \"{CellText.Shown(cell)}\" carries no offset from UTC; write time.zone in the description, "
                + "such as \"UTC\" or \"Europe/Berlin\".");
        }
        else if (!TryFindOffset(_zone, clock, out offset))
        {
            return false;
        }

        unixMs = (clock.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }

    /// <summary>The zone's offset at what its clocks show. Of a time shown twice, the first; false for a time never shown.</summary>
    private bool TryFindOffset(TimeZoneInfo zone, DateTime clock, out TimeSpan offset)
    {
        DateTime day = clock.Date;
        if (day == _day)
        {
            offset = _dayOffset;
            return true;
        }

        if (zone.IsInvalidTime(clock))
        {
            offset = default;
            return false;
        }

        if (zone.IsAmbiguousTime(clock))
        {
            offset = zone.GetAmbiguousTimeOffsets(clock).Max();
            return true;
        }

        offset = zone.GetUtcOffset(clock);
        DateTime nextDay = day.AddDays(1);
        if (!zone.IsInvalidTime(day) && !zone.IsInvalidTime(nextDay) && !zone.IsAmbiguousTime(day) && !zone.IsAmbiguousTime(nextDay)
            && zone.GetUtcOffset(day) == offset && zone.GetUtcOffset(nextDay) == offset)
        {
            _day = day;
            _dayOffset = offset;
        }

        return true;
    }
}
