using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auspex.Flow.Connect.Sql;

/// <summary>One column of a wide table.</summary>
/// <param name="Column">Its name in the table.</param>
/// <param name="Signal">The signal it holds; null where that has the column's name.</param>
/// <param name="States">Of text that names states: the states in index order, which become 0, 1, 2 …; null for numbers.</param>
public sealed record SqlValueColumn(string Column, string? Signal = null, IReadOnlyList<string>? States = null)
{
    [JsonIgnore]
    public string SignalName => Signal ?? Column;
}

/// <summary>Which rows and columns of a table mean what. A table is wide, a column a signal, or long, a row a reading: one of <see cref="Columns"/> and <see cref="ValueColumn"/>
/// is given.</summary>
/// <param name="Schema">Of the table; null for the one the connection begins in.</param>
/// <param name="Table">Table or view.</param>
/// <param name="KeyColumn">Grows with each new row: a number that is counted up, or the time. Rows are read in its order, from the last one on.</param>
/// <param name="TimeColumn">When a row was measured; it may be the key.</param>
/// <param name="TimeFormat">One of <see cref="TimeFormats"/>; null for what the column's type says.</param>
/// <param name="TimeZone">IANA name of the zone of times that say none; null for UTC.</param>
/// <param name="AssetColumn">Names the asset; null where all rows are of one.</param>
/// <param name="Asset">The one asset of all rows; null where a column names it.</param>
/// <param name="Columns">Of a wide table: columns that hold signals.</param>
/// <param name="SignalColumn">Of a long table: names the signal.</param>
/// <param name="ValueColumn">Of a long table: holds the value.</param>
/// <param name="SkipNulls">Whether null says nothing; else it says that there is no value, which is of quality bad.</param>
public sealed record SqlMapping(
    string? Schema, string Table, string KeyColumn, string TimeColumn, string? TimeFormat, string? TimeZone, string? AssetColumn, string? Asset,
    IReadOnlyList<SqlValueColumn>? Columns, string? SignalColumn, string? ValueColumn, bool SkipNulls = false)
{
    public const string UnixSeconds = "unixSeconds";
    public const string UnixMilliseconds = "unixMilliseconds";
    public const string Iso8601 = "iso8601";

    /// <summary>Most columns of a wide table.</summary>
    public const int MostColumns = 1_000;

    private const int MostLength = 200;
    private const int MostStates = 1_000;

    /// <summary>How numbers and texts say a time.</summary>
    public static readonly IReadOnlyList<string> TimeFormats = [UnixSeconds, UnixMilliseconds, Iso8601];

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Whether a row is one reading.</summary>
    [JsonIgnore]
    public bool IsLong => ValueColumn is not null;

    /// <summary>Whether another table, or another order of its rows, is read than by another mapping: what was read by one says nothing of the other.</summary>
    public bool ReadsOtherRowsThan(SqlMapping other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Schema, Table, KeyColumn) != (other.Schema, other.Table, other.KeyColumn);
    }

    /// <summary>The zone of times that say none.</summary>
    [JsonIgnore]
    public TimeZoneInfo Zone => TimeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <summary>What is wrong with it by itself; null where nothing is. Whether the table has the columns shows when it is read.</summary>
    public string? Fault()
    {
        (string Field, string? Name, bool Needed)[] names =
        [
            ("schema", Schema, false), ("table", Table, true), ("keyColumn", KeyColumn, true), ("timeColumn", TimeColumn, true), ("assetColumn", AssetColumn, false),
            ("asset", Asset, false), ("signalColumn", SignalColumn, false), ("valueColumn", ValueColumn, false),
        ];
        foreach ((string field, string? name, bool needed) in names)
        {
            if (name is null ? needed : name.Length is 0 or > MostLength || name.Any(char.IsControl))
            {
                return $"{field} must be a name of 1 to {MostLength} characters without control characters.";
            }
        }

        if (AssetColumn is null == Asset is null)
        {
            return "one of assetColumn and asset says which asset a row is of; give one of them.";
        }

        if ((Columns is { Count: > 0 }) == IsLong)
        {
            return "a wide table has columns, a long one valueColumn and signalColumn; give one of both.";
        }

        if (SignalColumn is null == IsLong)
        {
            return "signalColumn and valueColumn belong together: the one names the signal of the other.";
        }

        if (TimeFormat is not null && !TimeFormats.Contains(TimeFormat, StringComparer.Ordinal))
        {
            return $"timeFormat must be {string.Join(", ", TimeFormats)}; leave it out where the column's type is a time.";
        }

        if (TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            return $"timeZone: '{TimeZone}' is no time zone; an IANA name is expected, such as Europe/Berlin.";
        }

        return ColumnsFault();
    }

    /// <summary>Every column that is asked for, each once, in order.</summary>
    internal IEnumerable<string> AllColumns() =>
        new[] { KeyColumn, TimeColumn, AssetColumn, SignalColumn, ValueColumn }.Concat(Columns?.Select(column => column.Column) ?? []).OfType<string>().Distinct(StringComparer.Ordinal);

    public string ToText() => JsonSerializer.Serialize(this, Form);

    public static SqlMapping Read(string text) => JsonSerializer.Deserialize<SqlMapping>(text, Form)!;

    private string? ColumnsFault()
    {
        if (Columns is null)
        {
            return null;
        }

        if (Columns.Count > MostColumns)
        {
            return $"columns has {Columns.Count}; at most {MostColumns} are taken.";
        }

        var signals = new HashSet<string>(StringComparer.Ordinal);
        foreach (SqlValueColumn column in Columns)
        {
            if (column?.Column is null || column.Column.Length is 0 or > MostLength || column.SignalName.Length is 0 or > MostLength || (column.Column + column.SignalName).Any(char.IsControl))
            {
                return $"columns: column and signal must be names of 1 to {MostLength} characters without control characters.";
            }

            if (!signals.Add(column.SignalName))
            {
                return $"columns: the signal {column.SignalName} stands twice.";
            }

            if (column.States is { } states && (states.Count is 0 or > MostStates || states.Any(string.IsNullOrEmpty) || states.Distinct(StringComparer.Ordinal).Count() < states.Count))
            {
                return $"columns: the states of {column.Column} must be 1 to {MostStates} different names.";
            }
        }

        return null;
    }
}
