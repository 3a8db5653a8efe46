using Npgsql;

namespace Auspex.Flow.Connect.Sql;

/// <summary>A database of PostgreSQL.</summary>
internal sealed class PostgreSqlSession(SqlConnectionSettings settings, SqlLimits limits) : SqlSession(new NpgsqlConnection(StringOf(settings, limits)), limits)
{
    private string? _schema;

    internal override string Server() => Read("select 'PostgreSQL ' || current_setting('server_version')", row => row.GetString(0))[0];

    internal override IReadOnlyList<SqlTable> Tables() => Read(
        $"""
        select n.nspname, c.relname, c.relkind in ('v', 'm'), case when c.relkind in ('v', 'm') or c.reltuples < 0 then null else c.reltuples::bigint end
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%' and has_table_privilege(c.oid, 'select')
        order by n.nspname, c.relname limit {MostTables}
        """,
        row => new SqlTable(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.IsDBNull(3) ? null : row.GetInt64(3)));

    internal override IReadOnlyList<SqlColumn> Columns(string? schema, string table) => Read(
        """
        select a.attname, format_type(a.atttypid, a.atttypmod), t.typname, coalesce(a.attnum = any (i.indkey), false), coalesce(l.collisdeterministic, true)
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
          left join pg_index i on i.indrelid = c.oid and i.indisprimary left join pg_collation l on l.oid = a.attcollation
        where n.nspname = coalesce(@schema::text, current_schema()) and c.relname = @table and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped order by a.attnum
        """,
        row => new SqlColumn(row.GetString(0), row.GetString(1), KindOf(row.GetString(2)), row.GetBoolean(3), row.GetBoolean(4)), ("schema", schema), ("table", table));

    internal override string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // Said in full, so that no table of the system's or of a session's own is meant.
    internal override string Named(string? schema, string table) => base.Named(schema ?? _schema, table);

    // A numeric may have more digits than any number of the driver.
    internal override string Asked(SqlColumn column) => column.Kind switch
    {
        SqlColumnKind.Text => $"left({Quoted(column.Name)}::text, {MostText})",
        SqlColumnKind.Number when column.Type.StartsWith("numeric", StringComparison.Ordinal) => $"{Quoted(column.Name)}::double precision",
        _ => Quoted(column.Name),
    };

    private protected override void Begin()
    {
        Run($"set default_transaction_read_only = on; set statement_timeout = {Milliseconds()}; set lock_timeout = {Milliseconds()}; set timezone = 'UTC'; set client_min_messages = error");
        _schema = Read("select current_schema()", row => row.IsDBNull(0) ? null : row.GetString(0))[0];
    }

    // From fields alone: nothing a person writes is read as a keyword of the driver.
    private static string StringOf(SqlConnectionSettings settings, SqlLimits limits) => new NpgsqlConnectionStringBuilder
    {
        Host = settings.Host,
        Port = settings.EffectivePort,
        Database = settings.Database,
        Username = settings.User,
        Password = settings.Password,
        SslMode = settings.Tls switch { "disable" => SslMode.Disable, "require" => SslMode.Require, "verify" => SslMode.VerifyFull, _ => SslMode.Prefer },
        Timeout = limits.ConnectSeconds,
        CommandTimeout = limits.StatementSeconds,
        CancellationTimeout = 1_000,
        Pooling = false,
        Enlist = false,
        // Else a file of this machine could say it.
        Passfile = "/dev/null",
        ApplicationName = "Auspex",
    }.ConnectionString;

    private static SqlColumnKind KindOf(string type) => type switch
    {
        "int2" or "int4" or "int8" or "float4" or "float8" or "numeric" => SqlColumnKind.Number,
        "bool" => SqlColumnKind.Boolean,
        "text" or "varchar" or "bpchar" or "name" or "citext" => SqlColumnKind.Text,
        "timestamptz" => SqlColumnKind.Instant,
        "timestamp" => SqlColumnKind.LocalTime,
        _ => SqlColumnKind.Other,
    };
}
