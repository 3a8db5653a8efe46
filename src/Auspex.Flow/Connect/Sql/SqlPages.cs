using System.Data.Common;
using System.Globalization;
using Auspex.Core.Signals;

namespace Auspex.Flow.Connect.Sql;

/// <summary>Which rows are read: those behind a key, up to another.</summary>
/// <param name="After">The key of the last row before; null for all from the first one on.</param>
/// <param name="UpTo">Key of the last row; null for no end.</param>
internal readonly record struct SqlRange(SqlKey? After, SqlKey? UpTo);

/// <summary>Reads rows of a mapped table, a page at a time, in the order of their keys.</summary>
internal static class SqlPages
{
    /// <summary>Times further ahead of the clock are not read past: a clock of a device that runs ahead would hide all rows to come.</summary>
    internal static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(10);

    /// <summary>Reads a page. A full one ends where a key ends, so that no row is between two pages.</summary>
    /// <param name="session">Where.</param>
    /// <param name="mapping">Of the table.</param>
    /// <param name="range">Which rows.</param>
    /// <param name="limits">How much at once.</param>
    /// <param name="now">To see what is ahead of the clock.</param>
    /// <exception cref="SqlSourceException">It cannot be read.</exception>
    internal static SqlPage Read(SqlSession session, SqlMapping mapping, SqlRange range, SqlLimits limits, DateTimeOffset now)
    {
        try
        {
            var plan = Plan.Of(session, mapping, now);
            int rows = Math.Clamp(limits.PageValues / plan.Selected.Count, Math.Min(100, limits.PageRows), limits.PageRows);
            for (int growth = 1; growth <= limits.MostGrowth; growth = growth < limits.MostGrowth ? Math.Min(growth * 3, limits.MostGrowth) : limits.MostGrowth + 1)
            {
                if (plan.Read(session, range, rows * growth, now) is { } page)
                {
                    return page;
                }
            }

            throw new SqlSourceException(
                $"More than {rows * limits.MostGrowth} rows share one value of keyColumn {mapping.KeyColumn}: they cannot be read in parts. Choose a column that tells rows apart.", needsPerson: true);
        }
        catch (Exception e) when (e is not SqlSourceException && SqlSession.IsOfDriver(e))
        {
            throw new SqlSourceException($"Table {mapping.Table} cannot be read: {SqlSession.Sentence(e)}", needsPerson: false, e);
        }
    }

    private sealed class Plan
    {
        private readonly SqlMapping _mapping;
        private readonly TimeZoneInfo _zone;
        private readonly string _from;
        private readonly string _order;
        private readonly IReadOnlyList<string> _missing;
        private readonly int _time;
        private readonly int _asset;
        private readonly int _signal;
        private readonly int _value;
        private readonly (SqlValueColumn Column, int At)[] _columns;

        private Plan(SqlSession session, SqlMapping mapping, Dictionary<string, SqlColumn> known)
        {
            _mapping = mapping;
            _zone = mapping.Zone;
            _from = session.Named(mapping.Schema, mapping.Table);
            _order = session.Ordered(known[mapping.KeyColumn]);
            _missing = [.. mapping.AllColumns().Where(name => !known.ContainsKey(name))];
            var selected = new List<string> { session.Quoted(mapping.KeyColumn) };
            int At(string? name)
            {
                if (name is null || !known.TryGetValue(name, out SqlColumn? column))
                {
                    return -1;
                }

                if (name == mapping.KeyColumn)
                {
                    return 0;
                }

                selected.Add(session.Asked(column));
                return selected.Count - 1;
            }

            (_time, _asset, _signal, _value) = (At(mapping.TimeColumn), At(mapping.AssetColumn), At(mapping.SignalColumn), At(mapping.ValueColumn));
            _columns = [.. (mapping.Columns ?? []).Select(column => (column, At(column.Column))).Where(column => column.Item2 >= 0)];
            Selected = selected;
        }

        /// <summary>What is asked for of each row.</summary>
        internal List<string> Selected { get; }

        internal static Plan Of(SqlSession session, SqlMapping mapping, DateTimeOffset now)
        {
            // Asked for anew with each page: a plant changes its tables when it wants to, and SQLite takes a name of no column for a text.
            Dictionary<string, SqlColumn> known = session.Columns(mapping.Schema, mapping.Table).ToDictionary(column => column.Name, StringComparer.Ordinal);
            string table = mapping.Schema is null ? mapping.Table : $"{mapping.Schema}.{mapping.Table}";
            if (known.Count == 0)
            {
                throw new SqlSourceException($"There is no table {table} that can be read; was it renamed, or is the right to select missing?", needsPerson: true);
            }

            foreach ((string field, string? name) in (ReadOnlySpan<(string, string?)>)
            [
                ("keyColumn", mapping.KeyColumn), ("timeColumn", mapping.TimeColumn), ("assetColumn", mapping.AssetColumn),
                ("signalColumn", mapping.SignalColumn), ("valueColumn", mapping.ValueColumn),
            ])
            {
                if (name is not null && !known.ContainsKey(name))
                {
                    throw new SqlSourceException($"Table {table} has no column {name}, which is the {field}. Nothing is read until it has, or the mapping names another.", needsPerson: true);
                }
            }

            // What holds no numbers is no better than what is not there.
            foreach (SqlValueColumn column in mapping.Columns ?? [])
            {
                if (known.TryGetValue(column.Column, out SqlColumn? found) && found.Kind is SqlColumnKind.Other or SqlColumnKind.Instant or SqlColumnKind.LocalTime
                    && column.Column != mapping.KeyColumn && column.Column != mapping.TimeColumn)
                {
                    known.Remove(column.Column);
                }
            }

            if (mapping.Columns is { } columns && columns.All(column => !known.ContainsKey(column.Column)))
            {
                throw new SqlSourceException($"Table {table} has none of the columns that hold signals, such as {columns[0].Column}, or they hold no numbers. Nothing is read until it has, or the mapping names others.", needsPerson: true);
            }

            if (KeyFault(mapping, known[mapping.KeyColumn], now) is { } fault)
            {
                throw new SqlSourceException(fault, needsPerson: true);
            }

            return new Plan(session, mapping, known);
        }

        /// <summary>A page; null where all its rows have one key, and the page is full.</summary>
        internal SqlPage? Read(SqlSession session, SqlRange range, int most, DateTimeOffset now)
        {
            string where = range switch
            {
                { After: null, UpTo: null } => $"{_order} is not null",
                { UpTo: null } => $"{_order} > @after",
                { After: null } => $"{_order} <= @upTo",
                _ => $"{_order} > @after and {_order} <= @upTo",
            };
            using DbCommand command = session.Command(string.Create(
                CultureInfo.InvariantCulture, $"select {string.Join(", ", Selected)} from {_from} where {where} order by {_order} limit {most + 1}"));
            foreach ((string name, SqlKey? key) in (ReadOnlySpan<(string, SqlKey?)>)[("@after", range.After), ("@upTo", range.UpTo)])
            {
                if (key is { } given)
                {
                    DbParameter parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = (name, given.Value);
                    command.Parameters.Add(parameter);
                }
            }

            var page = new SqlPage { Missing = _missing };
            long lastMs = now.Add(MostAhead).ToUnixTimeMilliseconds();
            using DbDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (!Take(reader, page, lastMs))
                {
                    return page;
                }

                if (page.Rows > most)
                {
                    return page.LeaveLastKey() ? page : null;
                }
            }

            return page;
        }

        private static string? KeyFault(SqlMapping mapping, SqlColumn key, DateTimeOffset now) =>
            key.Kind is SqlColumnKind.Other or SqlColumnKind.Boolean ? $"keyColumn {key.Name} is of type {key.Type}; a number that is counted up, a time or a text that sorts as time is expected."
            : key.Kind == SqlColumnKind.Text && !key.IsExactText
                ? $"keyColumn {key.Name} is text for which the database sees some different texts as equal (its collation); choose a number or a time, or give the column a binary collation."
            : mapping.KeyColumn == mapping.TimeColumn && key.Kind != SqlColumnKind.Instant && mapping.TimeFormat is not (SqlMapping.UnixSeconds or SqlMapping.UnixMilliseconds)
                && SqlValues.GoesBack(mapping.Zone, now)
                ? $"keyColumn {key.Name} holds times of {mapping.TimeZone}, whose clocks go back at times: rows of that hour would be skipped. Choose a number that is counted up as keyColumn, or a time with zone."
            : null;

        // False where the row waits for its time.
        private bool Take(DbDataReader reader, SqlPage page, long lastMs)
        {
            if (SqlKey.Of(reader.GetValue(0)) is not { } key)
            {
                throw new SqlSourceException(
                    $"keyColumn {_mapping.KeyColumn} holds a value that is no key: a number, a time, or a text of at most {SqlKey.MostLength} characters is expected.", needsPerson: true);
            }

            object timeCell = Cell(reader, _time);
            (long timeMs, string? timeFault) = timeCell is DBNull ? (0, "is null; a row needs its time.") : SqlValues.Time(timeCell, _mapping.TimeFormat, _zone);
            if (key.IsEndless || (_time == 0 && timeFault is null && timeMs > lastMs))
            {
                page.WaitsForTime = true;
                return false;
            }

            page.Begin(key);
            if (timeFault is not null)
            {
                page.Reject(_mapping.TimeColumn, timeFault);
                return true;
            }

            string? asset = _asset < 0 ? _mapping.Asset : SqlValues.Name(Cell(reader, _asset));
            if (asset is null)
            {
                page.Reject(_mapping.AssetColumn!, "names no asset.");
                return true;
            }

            if (_value >= 0)
            {
                if (SqlValues.Name(Cell(reader, _signal)) is { } signal)
                {
                    Add(reader, page, asset, timeMs, signal, _mapping.ValueColumn!, _value, null);
                }
                else
                {
                    page.Reject(_mapping.SignalColumn!, "names no signal.");
                }

                return true;
            }

            foreach ((SqlValueColumn column, int at) in _columns)
            {
                Add(reader, page, asset, timeMs, column.SignalName, column.Column, at, column.States);
            }

            return true;
        }

        private void Add(DbDataReader reader, SqlPage page, string asset, long timeMs, string signal, string column, int at, IReadOnlyList<string>? states)
        {
            object cell = Cell(reader, at);
            (double value, string? fault) = SqlValues.Value(cell, states);
            if (fault is not null)
            {
                page.Reject(column, fault);
            }
            else if (cell is not DBNull || !_mapping.SkipNulls)
            {
                page.Readings.Add(new RawReading(page.Rows - 1, asset, timeMs, signal, value));
            }
        }

        // A value that the driver has no type for is one that nothing here takes.
        private static object Cell(DbDataReader reader, int at)
        {
            try
            {
                return reader.GetValue(at);
            }
            catch (Exception e) when (e is InvalidCastException or OverflowException or FormatException or ArgumentException)
            {
                return e;
            }
        }
    }
}
