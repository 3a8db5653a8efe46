using System.Text.RegularExpressions;

namespace Auspex.Flow.Connect.Sql;

/// <summary>A column as it was found, and what it may be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the database says it.</param>
/// <param name="Holds">What that can hold: <c>number</c>, <c>boolean</c>, <c>text</c>, <c>instant</c>, <c>localTime</c>, <c>any</c> or <c>other</c>.</param>
/// <param name="IsKey">Whether it belongs to the primary key.</param>
/// <param name="Guess"><c>time</c>, <c>asset</c>, <c>signal</c> (of a wide table), <c>signalName</c> or <c>value</c> (of a long one); null where it looks like none.</param>
/// <param name="Unit">The unit its name ends in; null where it ends in none that is known.</param>
public sealed record SqlFoundColumn(string Name, string Type, string Holds, bool IsKey, string? Guess, string? Unit);

/// <summary>A table as it was found, and what its columns may be.</summary>
/// <param name="Schema">Where; null for databases without.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsView">Whether it is a view.</param>
/// <param name="Rows">About how many rows; null where that is not known without counting.</param>
/// <param name="Key">The column that rows may be read in the order of: a number that is counted up, else the time; null where there is none.</param>
/// <param name="Layout"><c>wide</c>, <c>long</c>, or null where it looks like no table of readings.</param>
/// <param name="Columns">Its columns in order.</param>
public sealed record SqlFoundTable(string? Schema, string Name, bool IsView, long? Rows, string? Key, string? Layout, IReadOnlyList<SqlFoundColumn> Columns);

/// <summary>Looks at the tables of a database, and guesses by types and names what they hold. A person decides.</summary>
internal static partial class SqlDiscovery
{
    private static readonly (string Ending, string Unit)[] Units =
    [
        ("degc", "°C"), ("celsius", "°C"), ("degf", "°F"), ("fahrenheit", "°F"), ("kelvin", "K"), ("mbar", "mbar"), ("bar", "bar"), ("kpa", "kPa"), ("mpa", "MPa"), ("psi", "psi"),
        ("kw", "kW"), ("mw", "MW"), ("kwh", "kWh"), ("rpm", "1/min"), ("hz", "Hz"), ("mm_s", "mm/s"), ("mms", "mm/s"), ("m_s", "m/s"), ("pct", "%"), ("percent", "%"),
        ("nm", "N m"), ("kn", "kN"), ("mm", "mm"), ("um", "um"), ("kg", "kg"), ("l_min", "l/min"), ("m3_h", "m3/h"), ("volt", "V"), ("amp", "A"), ("ma", "mA"),
    ];

    /// <summary>Tables that can be read, by name.</summary>
    internal static IReadOnlyList<SqlFoundTable> Of(SqlSession session) => [.. session.Tables().Select(table => Of(table, session.Columns(table.Schema, table.Name)))];

    private static SqlFoundTable Of(SqlTable table, IReadOnlyList<SqlColumn> columns)
    {
        SqlColumn? time = columns.FirstOrDefault(column => column.Kind == SqlColumnKind.Instant)
            ?? columns.FirstOrDefault(column => column.Kind == SqlColumnKind.LocalTime)
            ?? columns.FirstOrDefault(column => column.Kind is SqlColumnKind.Text or SqlColumnKind.Number or SqlColumnKind.Any && TimeName().IsMatch(column.Name));
        SqlColumn? asset = columns.FirstOrDefault(column => column != time && IsName(column) && AssetName().IsMatch(column.Name));
        SqlColumn? value = columns.FirstOrDefault(column => column != time && column.Kind is SqlColumnKind.Number or SqlColumnKind.Any && ValueName().IsMatch(column.Name));
        SqlColumn? name = columns.FirstOrDefault(column => column != time && column != asset && column.Kind == SqlColumnKind.Text && SignalName().IsMatch(column.Name));
        SqlColumn? id = columns.Count(column => column.IsKey) == 1 ? columns.FirstOrDefault(column => column is { IsKey: true, Kind: SqlColumnKind.Number or SqlColumnKind.Any }) : null;
        bool isLong = time is not null && value is not null && name is not null;
        SqlFoundColumn[] found = [.. columns.Select(column => new SqlFoundColumn(
            column.Name, column.Type, char.ToLowerInvariant(column.Kind.ToString()[0]) + column.Kind.ToString()[1..], column.IsKey,
            column == time ? "time"
            : column == asset ? "asset"
            : isLong ? column == name ? "signalName" : column == value ? "value" : null
            : time is not null && column != id && column.Kind is SqlColumnKind.Number or SqlColumnKind.Boolean or SqlColumnKind.Any ? "signal" : null,
            UnitOf(column.Name)))];
        string? layout = isLong ? "long" : Array.Exists(found, column => column.Guess == "signal") ? "wide" : null;
        return new SqlFoundTable(table.Schema, table.Name, table.IsView, table.Rows, layout is null ? null : id?.Name ?? time?.Name, layout, found);
    }

    private static bool IsName(SqlColumn column) => column.Kind is SqlColumnKind.Text or SqlColumnKind.Number or SqlColumnKind.Any;

    private static string? UnitOf(string name)
    {
        foreach ((string ending, string unit) in Units)
        {
            if (name.EndsWith($"_{ending}", StringComparison.OrdinalIgnoreCase))
            {
                return unit;
            }
        }

        return null;
    }

    [GeneratedRegex("(^|_)(time|timestamp|ts|t|t_stamp|datetime|date_time|zeit|zeitstempel|recorded_at|measured_at|created_at)($|_)|time$|timestamp$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TimeName();

    [GeneratedRegex("(^|_)(asset|machine|device|equipment|furnace|station|line|unit|maschine|anlage|engine|robot)(_?(id|no|nr|name|key))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AssetName();

    [GeneratedRegex("^(signal|tag|tagname|tag_name|sensor|sensor_name|parameter|point|variable|channel|metric|name|messstelle)(_?(id|name|key))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SignalName();

    [GeneratedRegex("^(value|val|reading|measurement|wert|messwert|numeric_value|float_value|floatvalue)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ValueName();
}
