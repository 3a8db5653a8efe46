namespace Auspex.Storage.Db;

/// <summary>Which SQL a database speaks.</summary>
public enum Dialect
{
    /// <summary>SQLite, embedded.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or later, a server.</summary>
    PostgreSql,
}
