using MySql.Data.MySqlClient;

namespace Auspex.Flow.Connect.Sql;

/// <summary>A database of MySQL or MariaDB.</summary>
internal sealed class MySqlSession(SqlConnectionSettings settings, SqlLimits limits) : SqlSession(new MySqlConnection(StringOf(settings, limits)), limits)
{
    internal override string Server() => Read("select version()", row => row.GetString(0))[0];

    internal override IReadOnlyList<SqlTable> Tables() => Read(
        $"""
        select table_schema, table_name, table_type like '%VIEW', case when table_type like '%VIEW' then null else table_rows end from information_schema.tables
        where table_schema = database() order by table_name limit {MostTables}
        """,
        row => new SqlTable(row.GetString(0), row.GetString(1), Convert.ToInt64(row.GetValue(2), null) != 0, row.IsDBNull(3) ? null : Convert.ToInt64(row.GetValue(3), null)));

    internal override IReadOnlyList<SqlColumn> Columns(string? schema, string table) => Read(
        """
        select column_name, column_type, data_type, column_key = 'PRI', coalesce(collation_name, '') from information_schema.columns
        where table_schema = coalesce(@schema, database()) and table_name = @table order by ordinal_position
        """,
        row => new SqlColumn(
            row.GetString(0), row.GetString(1), KindOf(row.GetString(2), row.GetString(1)), Convert.ToInt64(row.GetValue(3), null) != 0, row.GetString(4).EndsWith("_bin", StringComparison.Ordinal)),
        ("@schema", schema), ("@table", table));

    internal override string Quoted(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    // A decimal may have more digits than any number of the driver.
    internal override string Asked(SqlColumn column) => column.Kind switch
    {
        SqlColumnKind.Text => $"left({Quoted(column.Name)}, {MostText})",
        SqlColumnKind.Number when column.Type.StartsWith("decimal", StringComparison.Ordinal) => $"{Quoted(column.Name)} + 0e0",
        SqlColumnKind.Boolean => $"{Quoted(column.Name)} + 0",
        _ => Quoted(column.Name),
    };

    // Of two servers each understands the comments meant for it: MariaDB counts seconds, MySQL milliseconds. The character set is asked for before any text is read: the
    // driver knows no utf8mb3.
    private protected override void Begin()
    {
        Run($"set character_set_results = utf8mb4, time_zone = '+00:00' /*M!100101 , max_statement_time = {Seconds()} */ /*!50708 , max_execution_time = {Milliseconds()} */");
        Run("set session transaction read only");
    }

    // From fields alone: nothing a person writes is read as a keyword of the driver.
    private static string StringOf(SqlConnectionSettings settings, SqlLimits limits) => new MySqlConnectionStringBuilder
    {
        Server = settings.Host,
        Port = (uint)settings.EffectivePort,
        Database = settings.Database,
        UserID = settings.User,
        Password = settings.Password ?? "",
        SslMode = settings.Tls switch { "disable" => MySqlSslMode.None, "require" => MySqlSslMode.Required, "verify" => MySqlSslMode.VerifyFull, _ => MySqlSslMode.Preferred },
        ConnectionTimeout = (uint)limits.ConnectSeconds,
        DefaultCommandTimeout = (uint)limits.StatementSeconds,
        Pooling = false,
        PersistSecurityInfo = false,
        AllowLoadLocalInfile = false,
        AllowUserVariables = false,
        AllowBatch = false,
        AutoEnlist = false,
        // A date of zeros is a bad row, not the end of the page.
        ConvertZeroDateTime = true,
        TreatTinyAsBoolean = false,
        CharacterSet = "utf8mb4",
    }.ConnectionString;

    private static SqlColumnKind KindOf(string type, string whole) => type.ToUpperInvariant() switch
    {
        "BIT" => whole.Equals("bit(1)", StringComparison.OrdinalIgnoreCase) ? SqlColumnKind.Boolean : SqlColumnKind.Other,
        "TINYINT" or "SMALLINT" or "MEDIUMINT" or "INT" or "BIGINT" or "FLOAT" or "DOUBLE" or "DECIMAL" or "YEAR" => SqlColumnKind.Number,
        "CHAR" or "VARCHAR" or "TINYTEXT" or "TEXT" or "MEDIUMTEXT" or "LONGTEXT" or "ENUM" => SqlColumnKind.Text,
        "TIMESTAMP" => SqlColumnKind.Instant,
        "DATETIME" => SqlColumnKind.LocalTime,
        _ => SqlColumnKind.Other,
    };
}
