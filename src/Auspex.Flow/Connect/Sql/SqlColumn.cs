namespace Auspex.Flow.Connect.Sql;

/// <summary>What a column can hold.</summary>
public enum SqlColumnKind
{
    /// <summary>Numbers.</summary>
    Number,

    /// <summary>True and false.</summary>
    Boolean,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Instants, which know their zone.</summary>
    Instant,

    /// <summary>Dates with a time of day, of a zone that they do not say.</summary>
    LocalTime,

    /// <summary>Whatever its rows hold: SQLite lets each value have a type of its own.</summary>
    Any,

    /// <summary>Nothing that is read here.</summary>
    Other,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the database says it.</param>
/// <param name="Kind">What that can hold.</param>
/// <param name="IsKey">Whether it belongs to the primary key.</param>
/// <param name="IsExactText">Whether texts that differ are never equal to the database, as case and accents may be.</param>
public sealed record SqlColumn(string Name, string Type, SqlColumnKind Kind, bool IsKey = false, bool IsExactText = true);

/// <summary>A table or view.</summary>
/// <param name="Schema">Where; null for databases without.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsView">Whether it is a view.</param>
/// <param name="Rows">About how many rows; null where the database does not know.</param>
public sealed record SqlTable(string? Schema, string Name, bool IsView, long? Rows);
