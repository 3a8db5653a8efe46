using Auspex.Core.Signals;

namespace Auspex.Flow.Connect.Sql;

/// <summary>Something of a row that could not be read.</summary>
/// <param name="Key">Which row: its key as people read it.</param>
/// <param name="Column">Which of its columns.</param>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record SqlBadCell(string Key, string Column, string Reason);

/// <summary>Rows that were read at once.</summary>
internal sealed class SqlPage
{
    /// <summary>Bad cells that are named.</summary>
    internal const int MostNamed = 20;

    /// <summary>What the rows say, in order; each with its row of this page.</summary>
    internal List<RawReading> Readings { get; } = [];

    /// <summary>Rows.</summary>
    internal int Rows { get; private set; }

    /// <summary>The last one's key; null where there is none.</summary>
    internal SqlKey? Last { get; private set; }

    /// <summary>Whether there may be more behind it.</summary>
    internal bool More { get; private set; }

    /// <summary>Whether rows behind it are ahead of the clock, and wait for their time.</summary>
    internal bool WaitsForTime { get; set; }

    /// <summary>The first cells that could not be read.</summary>
    internal List<SqlBadCell> Bad { get; } = [];

    /// <summary>Cells that could not be read.</summary>
    internal int BadCells { get; private set; }

    /// <summary>Columns of the mapping that the table lacks.</summary>
    internal IReadOnlyList<string> Missing { get; init; } = [];

    private readonly List<SqlKey> _keys = [];

    private (SqlKey? Last, int Rows, int Readings, int Bad, int BadCells) _group;

    /// <summary>Begins a row.</summary>
    internal void Begin(SqlKey key)
    {
        if (Last is not { } last || !last.IsSameAs(key))
        {
            _group = (Last, Rows, Readings.Count, Bad.Count, BadCells);
        }

        Last = key;
        Rows++;
        _keys.Add(key);
    }

    /// <summary>Key of a row as people read it.</summary>
    /// <param name="row">0 for the first one of the page.</param>
    internal string KeyOf(int row) => _keys[row].ToString();

    /// <summary>Counts a cell that cannot be read.</summary>
    internal void Reject(string column, string reason)
    {
        BadCells++;
        if (Bad.Count < MostNamed)
        {
            Bad.Add(new SqlBadCell(Last.ToString()!, column, reason));
        }
    }

    /// <summary>The page is full: what has the last row's key is left to the next page, which has all of it.</summary>
    /// <returns>False where that would leave nothing.</returns>
    internal bool LeaveLastKey()
    {
        More = true;
        if (_group.Rows == 0)
        {
            return false;
        }

        (Last, Rows, BadCells) = (_group.Last, _group.Rows, _group.BadCells);
        Readings.RemoveRange(_group.Readings, Readings.Count - _group.Readings);
        Bad.RemoveRange(_group.Bad, Bad.Count - _group.Bad);
        return true;
    }
}
