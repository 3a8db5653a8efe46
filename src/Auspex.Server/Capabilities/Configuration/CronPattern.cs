using System.Globalization;

namespace Auspex.Server.Capabilities.Configuration;

/// <summary>Five-field cron: minute, hour, day of month, month, day of week (0 or 7 is Sunday); each of numbers, names, ranges, lists and steps.</summary>
internal static class CronPattern
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly (string Name, int Least, int Most, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []), ("hour", 0, 23, []), ("day of month", 1, 31, []), ("month", 1, 12, Months), ("day of week", 0, 7, Days),
    ];

    /// <summary>What is wrong with a pattern; null where nothing is.</summary>
    internal static string? Fault(string pattern)
    {
        string[] parts = pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            return $"has {parts.Length} fields; 5 are needed: minute, hour, day of month, month, day of week";
        }

        var sets = new SortedSet<int>[Fields.Length];
        for (int i = 0; i < Fields.Length; i++)
        {
            sets[i] = [];
            foreach (string part in parts[i].Split(','))
            {
                if (!Add(part, Fields[i], sets[i]))
                {
                    return $"has '{part}' as {Fields[i].Name}; {Fields[i].Least} to {Fields[i].Most} are taken, as *, a, a-b, with /step";
                }
            }
        }

        // Where the day of week is free, some month must have one of the days.
        return parts[4] == "*" && sets[3].All(month => DateTime.DaysInMonth(2024, month) < sets[2].Min) ? "never comes: none of its months has such a day" : null;
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
