using System.Data;
using System.Data.Common;
using System.Globalization;
using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>Databases that <see cref="SqlPlantTable"/> can write to.</summary>
public enum SqlDialect
{
    /// <summary>Time is <c>timestamptz</c>.</summary>
    PostgreSql,

    /// <summary>Time is <c>datetime(3)</c> in UTC.</summary>
    MariaDb,

    /// <summary>Time is ISO 8601 text in UTC, which sorts as time does.</summary>
    Sqlite,
}

/// <summary>How a table holds frames.</summary>
public enum SqlLayout
{
    /// <summary><c>time, asset</c> and a column a signal; missing is null.</summary>
    Wide,

    /// <summary><c>time, asset, signal, value</c>, also called long: a row a reading; missing readings have no row.</summary>
    Narrow,
}

/// <summary>A plant's own database: a table of frames that grows by a step at a time, as a SCADA or an MES would fill it. States are written by name in
/// the wide layout, as their index in the narrow one; events and truth are not written.</summary>
/// <param name="connection">Open; stays the caller's.</param>
/// <param name="dialect">Of the connection.</param>
/// <param name="layout">Of the table.</param>
/// <param name="table">A letter, then letters, digits and underscores, at most 60.</param>
/// <param name="schema">Of the plant.</param>
/// <exception cref="ArgumentException">The name of the table or of a signal is not such a name.</exception>
public sealed class SqlPlantTable(DbConnection connection, SqlDialect dialect, SqlLayout layout, string table, AssetSchema schema)
{
    private readonly string _table = Quoted(table, dialect);
    private readonly string[] _columns = [.. Columns(layout, schema).Select(name => Quoted(name, dialect))];

    /// <summary>Makes the table when it is not there, with an index by time for readers that poll.</summary>
    /// <exception cref="DbException">The database refuses.</exception>
    public async Task CreateAsync(CancellationToken ct)
    {
        string time = dialect switch { SqlDialect.PostgreSql => "timestamptz", SqlDialect.MariaDb => "datetime(3)", _ => "text" };
        string text = dialect == SqlDialect.MariaDb ? "varchar(200)" : "text";
        string number = dialect == SqlDialect.PostgreSql ? "double precision" : "double";
        string[] types = layout == SqlLayout.Narrow
            ? [time + " not null", text + " not null", text + " not null", number + " not null"]
            : [time + " not null", text + " not null", .. schema.Signals.Select(signal => signal.Kind == SignalKind.State ? text : number)];
        await ExecuteAsync($"create table if not exists {_table} ({string.Join(", ", _columns.Zip(types, (column, type) => $"{column} {type}"))})", ct);
        await ExecuteAsync($"create index if not exists {Quoted(table + "_time", dialect)} on {_table} ({_columns[0]})", ct);
    }

    /// <summary>Adds the frames of one step in one transaction.</summary>
    /// <exception cref="DbException">The database refuses; then nothing of the step is in the table.</exception>
    public async Task WriteAsync(SimulatedStep step, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Frames.Count == 0)
        {
            return;
        }

        await using DbTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"insert into {_table} ({string.Join(", ", _columns)}) values ({string.Join(", ", _columns.Select((_, i) => $"@p{i}"))})";
        DbParameter[] parameters = [.. _columns.Select((_, i) => Parameter(command, $"@p{i}"))];
        foreach (SimulatedFrame frame in step.Frames)
        {
            parameters[0].Value = Time(frame.TimeUnixMs);
            parameters[1].Value = frame.Asset.Value;
            if (layout == SqlLayout.Wide)
            {
                for (int signal = 0; signal < frame.Values.Length; signal++)
                {
                    double value = frame.Values[signal];
                    parameters[signal + 2].Value = double.IsNaN(value) ? DBNull.Value
                        : schema.Signals[signal].Kind == SignalKind.State ? schema.Signals[signal].States[(int)value] : value;
                }

                await command.ExecuteNonQueryAsync(ct);
                continue;
            }

            for (int signal = 0; signal < frame.Values.Length; signal++)
            {
                if (!double.IsNaN(frame.Values[signal]))
                {
                    parameters[2].Value = schema.Signals[signal].Name;
                    parameters[3].Value = frame.Values[signal];
                    await command.ExecuteNonQueryAsync(ct);
                }
            }
        }

        await transaction.CommitAsync(ct);
    }

    private static IEnumerable<string> Columns(SqlLayout layout, AssetSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return layout == SqlLayout.Narrow ? ["time", "asset", "signal", "value"] : ["time", "asset", .. schema.Signals.Select(signal => signal.Name)];
    }

    /// <summary>Only plain names are let in, so that quoting is enough.</summary>
    private static string Quoted(string name, SqlDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool isPlain = name.Length is >= 1 and <= 66 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        return !isPlain ? throw new ArgumentException($"'{name}' is not a plain name: a letter, then letters, digits and underscores.", nameof(name))
            : dialect == SqlDialect.MariaDb ? $"`{name}`" : $"\"{name}\"";
    }

    private static DbParameter Parameter(DbCommand command, string name)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        command.Parameters.Add(parameter);
        return parameter;
    }

    private object Time(long unixMs)
    {
        DateTime time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;
        return dialect == SqlDialect.Sqlite ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : time;
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandType = CommandType.Text;
        await command.ExecuteNonQueryAsync(ct);
    }
}
