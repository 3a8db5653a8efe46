using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;

namespace Auspex.Flow.Connect.Sql;

/// <summary>One open connection to a database of an organization. It reads only, each statement within its limit; names come from the database's own list of tables and columns,
/// and are quoted.</summary>
internal abstract class SqlSession : IDisposable
{
    /// <summary>Tables and views told of at most.</summary>
    internal const int MostTables = 200;

    /// <summary>Longest text that is read of a cell, in characters.</summary>
    internal const int MostText = 300;

    private readonly DbConnection _connection;
    private readonly int _seconds;

    private protected SqlSession(DbConnection connection, SqlLimits limits)
    {
        _connection = connection;
        _seconds = limits.StatementSeconds;
    }

    /// <summary>Connects.</summary>
    /// <param name="settings">Where.</param>
    /// <param name="folder">Files of SQLite of the organization.</param>
    /// <param name="limits">What it may cost.</param>
    /// <exception cref="SqlSourceException">The server or the file does not let it in.</exception>
    internal static SqlSession Open(SqlConnectionSettings settings, string folder, SqlLimits limits)
    {
        if (settings.Fault() is { } fault)
        {
            throw new SqlSourceException($"connection.{fault}", needsPerson: true);
        }

        SqlSession session = settings.Kind switch
        {
            SqlConnectionSettings.PostgreSql => new PostgreSqlSession(settings, limits),
            SqlConnectionSettings.MySql => new MySqlSession(settings, limits),
            _ => new SqliteSession(SqliteFiles.PathOf(folder, settings.File!), limits),
        };
        try
        {
            session._connection.Open();
            session.Begin();
            return session;
        }
        catch (Exception e) when (IsOfDriver(e))
        {
            session.Dispose();
            throw new SqlSourceException($"{settings} cannot be reached: {Sentence(e)}", needsPerson: false, e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether an exception is what drivers throw, and no fault of this program.</summary>
    internal static bool IsOfDriver(Exception e) =>
        e is DbException or IOException or SocketException or TimeoutException or InvalidOperationException or System.Security.Authentication.AuthenticationException
            or NotSupportedException or FormatException or OverflowException or InvalidCastException or ArgumentException or KeyNotFoundException or NullReferenceException or IndexOutOfRangeException;

    /// <summary>What a driver said, short and in one line.</summary>
    internal static string Sentence(Exception e)
    {
        string text = string.Join(' ', (e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message} {inner.Message}" : e.Message)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 300 ? text : $"{text[..300]}…";
    }

    /// <summary>What the server says it is.</summary>
    internal abstract string Server();

    /// <summary>Tables and views that can be read, by schema and name.</summary>
    internal abstract IReadOnlyList<SqlTable> Tables();

    /// <summary>Columns of a table; empty where there is no such table.</summary>
    internal abstract IReadOnlyList<SqlColumn> Columns(string? schema, string table);

    /// <summary>A name as the dialect quotes it.</summary>
    internal abstract string Quoted(string name);

    /// <summary>A table as the dialect names it.</summary>
    internal virtual string Named(string? schema, string table) => schema is null ? Quoted(table) : $"{Quoted(schema)}.{Quoted(table)}";

    /// <summary>How a column that is no key is asked for, so that no cell is larger than it may be.</summary>
    internal abstract string Asked(SqlColumn column);

    /// <summary>How rows are compared with keys and ordered by them.</summary>
    internal virtual string Ordered(SqlColumn key) => Quoted(key.Name);

    internal DbCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // names come from the database's own list, and are quoted; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = _seconds;
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Makes the connection one that only reads.</summary>
    private protected abstract void Begin();

    private protected void Run(string sql)
    {
        using DbCommand command = Command(sql);
        command.ExecuteNonQuery();
    }

    private protected List<T> Read<T>(string sql, Func<DbDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using DbCommand command = Command(sql, parameters);
        using DbDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private protected string Milliseconds() => (_seconds * 1_000).ToString(CultureInfo.InvariantCulture);

    private protected string Seconds() => _seconds.ToString(CultureInfo.InvariantCulture);
}
