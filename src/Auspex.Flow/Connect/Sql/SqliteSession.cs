using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auspex.Flow.Connect.Sql;

/// <summary>A file of SQLite.</summary>
internal sealed class SqliteSession : SqlSession
{
    private const int StepsBetweenLooks = 10_000;

    private readonly SqliteConnection _connection;
    private readonly TimeSpan _statement;

    internal SqliteSession(string path, SqlLimits limits)
        : this(
            new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = limits.StatementSeconds }.ConnectionString),
            limits)
    {
    }

    private SqliteSession(SqliteConnection connection, SqlLimits limits)
        : base(connection, limits) => (_connection, _statement) = (connection, limits.Statement);

    internal override string Server() => Read("select 'SQLite ' || sqlite_version()", row => row.GetString(0))[0];

    internal override IReadOnlyList<SqlTable> Tables() => [.. Read(
        $"select name, type from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\' order by name limit {MostTables}",
        row => (Name: row.GetString(0), IsView: row.GetString(1) == "view")).Select(table => new SqlTable(null, table.Name, table.IsView, table.IsView ? null : Rows(table.Name)))];

    internal override IReadOnlyList<SqlColumn> Columns(string? schema, string table) => Read(
        "select name, type, pk from pragma_table_xinfo(@table) where hidden <> 1",
        row => new SqlColumn(row.GetString(0), row.GetString(1), KindOf(row.GetString(1)), row.GetInt64(2) > 0), ("@table", table));

    internal override string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // Numbers stay numbers.
    internal override string Asked(SqlColumn column) =>
        $"case when typeof({Quoted(column.Name)}) in ('text', 'blob') then substr({Quoted(column.Name)}, 1, {MostText}) else {Quoted(column.Name)} end";

    internal override string Ordered(SqlColumn key) => $"{Quoted(key.Name)} collate binary";

    private protected override void Begin()
    {
        Run("pragma query_only = on; pragma trusted_schema = off; pragma cell_size_check = on; pragma mmap_size = 0;");
        // A view may run for ever; SQLite itself knows no limit.
        long deadline = 0;
        raw.sqlite3_progress_handler(_connection.Handle, StepsBetweenLooks, _ =>
        {
            deadline = deadline == 0 ? Environment.TickCount64 + (long)_statement.TotalMilliseconds : deadline;
            return Environment.TickCount64 > deadline ? 1 : 0;
        }, null);
    }

    // As SQLite derives affinities (https://www.sqlite.org/datatype3.html, 3.1).
    private static SqlColumnKind KindOf(string type)
    {
        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (string word in words)
            {
                if (type.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }

        return Says("BOOL") ? SqlColumnKind.Boolean
            : Says("INT", "REAL", "FLOA", "DOUB", "NUM", "DEC") ? SqlColumnKind.Number
            : Says("CHAR", "TEXT", "CLOB") ? SqlColumnKind.Text
            : SqlColumnKind.Any;
    }

    private long? Rows(string table) =>
        Read($"select count(*) from (select 1 from {Quoted(table)} limit 100001)", row => row.GetInt64(0))[0] is var rows && rows <= 100_000 ? rows : null;
}
