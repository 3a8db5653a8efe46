using System.Globalization;

namespace Auspex.Core.Time;

/// <summary>Five-field cron: minute, hour, day of month, month, day of week (0 or 7 is Sunday); each of numbers, names, ranges, lists and steps.</summary>
public sealed class CronPattern
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly (string Name, int Least, int Most, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []), ("hour", 0, 23, []), ("day of month", 1, 31, []), ("month", 1, 12, Months), ("day of week", 0, 7, Days),
    ];

    // A 29th of February on a certain day of the week comes within 40 years.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366 * 40);

    private readonly SortedSet<int>[] _sets;
    private readonly bool _anyDay;
    private readonly bool _anyDayOfWeek;

    private CronPattern(SortedSet<int>[] sets, bool anyDay, bool anyDayOfWeek) => (_sets, _anyDay, _anyDayOfWeek) = (sets, anyDay, anyDayOfWeek);

    /// <summary>What is wrong with a pattern; null where nothing is.</summary>
    public static string? Fault(string pattern) => Read(pattern).Fault;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">Something is wrong with it; the message says what.</exception>
    public static CronPattern Parse(string pattern) => Read(pattern) is { Pattern: { } read, Fault: null } ? read : throw new FormatException($"'{pattern}' {Read(pattern).Fault}.");

    /// <summary>The first minute behind an instant that the pattern names, in UTC. Where day of month and day of week are both given, either will do, as cron has it.</summary>
    /// <returns>Null where none comes within 40 years.</returns>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        DateTimeOffset end = after + Longest;
        DateTimeOffset at = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, 0, TimeSpan.Zero).AddMinutes(1);
        while (at <= end)
        {
            if (!_sets[3].Contains(at.Month))
            {
                at = new DateTimeOffset(at.Year, at.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
            }
            else if (!IsDay(at))
            {
                at = new DateTimeOffset(at.Year, at.Month, at.Day, 0, 0, 0, TimeSpan.Zero).AddDays(1);
            }
            else if (!_sets[1].Contains(at.Hour))
            {
                at = new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero).AddHours(1);
            }
            else if (!_sets[0].Contains(at.Minute))
            {
                at = at.AddMinutes(1);
            }
            else
            {
                return at;
            }
        }

        return null;
    }

    private bool IsDay(DateTimeOffset at)
    {
        bool day = _sets[2].Contains(at.Day);
        bool dayOfWeek = _sets[4].Contains((int)at.DayOfWeek) || (at.DayOfWeek == DayOfWeek.Sunday && _sets[4].Contains(7));
        return _anyDay || _anyDayOfWeek ? day && dayOfWeek : day || dayOfWeek;
    }

    private static (CronPattern? Pattern, string? Fault) Read(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        string[] parts = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            return (null, $"has {parts.Length} fields; 5 are needed: minute, hour, day of month, month, day of week");
        }

        var sets = new SortedSet<int>[Fields.Length];
        for (int i = 0; i < Fields.Length; i++)
        {
            sets[i] = [];
            foreach (string part in parts[i].Split(','))
            {
                if (!Add(part, Fields[i], sets[i]))
                {
                    return (null, $"has '{part}' as {Fields[i].Name}; {Fields[i].Least} to {Fields[i].Most} are taken, as *, a, a-b, with /step");
                }
            }
        }

        // Where the day of week is free, some month must have one of the days.
        return parts[4] == "*" && sets[3].All(month => DateTime.DaysInMonth(2024, month) < sets[2].Min)
            ? (null, "never comes: none of its months has such a day")
            : (new CronPattern(sets, parts[2] == "*", parts[4] == "*"), null);
    }

    private static bool Add(string part, (string Name, int Least, int Most, string[] Names) field, SortedSet<int> set)
    {
        string[] stepped = part.Split('/');
        int step = 1;
        if (stepped.Length > 2 || (stepped.Length == 2 && (!Number(stepped[1], out step) || step < 1 || step > field.Most)))
        {
            return false;
        }

        int from = field.Least;
        int to = field.Most;
        if (stepped[0] != "*")
        {
            string[] range = stepped[0].Split('-');
            if (range.Length > 2 || !Value(range[0], field, out from))
            {
                return false;
            }

            to = stepped.Length == 2 ? field.Most : from;
            if (range.Length == 2 && !Value(range[1], field, out to))
            {
                return false;
            }
        }

        if (from < field.Least || to > field.Most || from > to)
        {
            return false;
        }

        for (int value = from; value <= to; value += step)
        {
            set.Add(value);
        }

        return true;
    }

    private static bool Value(string text, (string Name, int Least, int Most, string[] Names) field, out int value)
    {
        int name = Array.FindIndex(field.Names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = name + (field.Names == Months ? 1 : 0);
        return name >= 0 || Number(text, out value);
    }

    private static bool Number(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && text.Length <= 2;
}
