using System.Runtime.InteropServices;
using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>Gathers rows into columns: frames of the journal, and rows of chunks and segments.</summary>
/// <param name="wanted">Signals to gather; null gathers all that occur.</param>
internal sealed class ColumnsBuilder(IReadOnlySet<string>? wanted = null)
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<Column> _columns = [];
    private long[] _times = [];
    private long[] _arrived = [];
    private long[] _orders = [];
    private string[]? _lastShape;
    private int[] _lastPlaces = [];

    /// <summary>Rows gathered.</summary>
    internal int Count { get; private set; }

    internal void Add(FrameView frame, long order)
    {
        Reserve(1);
        int row = Count++;
        _times[row] = frame.TimeUnixMs;
        _arrived[row] = frame.ArrivedUnixMs;
        _orders[row] = order;
        if (!ReferenceEquals(_lastShape, frame.Signals))
        {
            _lastShape = frame.Signals;
            _lastPlaces = Array.ConvertAll(frame.Signals, PlaceOf);
        }

        Span<Column> columns = CollectionsMarshal.AsSpan(_columns);
        for (int i = 0; i < _lastPlaces.Length; i++)
        {
            if (_lastPlaces[i] >= 0)
            {
                columns[_lastPlaces[i]].Set(row, frame.Values[i], frame.Qualities.IsEmpty ? Quality.Good : frame.Qualities[i]);
            }
        }
    }

    internal void Add(ChunkColumns rows, int from, int count)
    {
        Reserve(count);
        rows.Times.AsSpan(from, count).CopyTo(_times.AsSpan(Count));
        rows.Arrived.AsSpan(from, count).CopyTo(_arrived.AsSpan(Count));
        rows.Orders.AsSpan(from, count).CopyTo(_orders.AsSpan(Count));
        for (int i = 0; i < rows.Signals.Length; i++)
        {
            if (PlaceOf(rows.Signals[i]) is >= 0 and var place)
            {
                _columns[place].Set(Count, rows.Values[i].AsSpan(from, count), rows.Qualities[i] is { } qualities ? qualities.AsSpan(from, count) : []);
            }
        }

        Count += count;
    }

    /// <summary>Brings the rows from one on in order of time and arrival; one that was gathered twice stays once.</summary>
    internal void Sort(int from)
    {
        bool rising = true;
        for (int i = from + 1; i < Count && rising; i++)
        {
            rising = _times[i] > _times[i - 1] || (_times[i] == _times[i - 1] && _orders[i] > _orders[i - 1]);
        }

        if (rising)
        {
            return;
        }

        int[] rows = [.. Enumerable.Range(from, Count - from)];
        Array.Sort(rows, (x, y) => _times[x] != _times[y] ? _times[x].CompareTo(_times[y]) : _orders[x].CompareTo(_orders[y]));
        rows = [.. rows.Where((row, i) => i == 0 || _orders[row] != _orders[rows[i - 1]])];
        foreach (Column column in _columns)
        {
            column.Pick(from, Count, rows);
        }

        Pick(_times, from, rows);
        Pick(_arrived, from, rows);
        Pick(_orders, from, rows);
        Count = from + rows.Length;
    }

    internal ChunkColumns Build() => new(
        _times[..Count],
        _arrived[..Count],
        _orders[..Count],
        [.. _places.Keys],
        [.. _columns.Select(column => column.Values(Count))],
        [.. _columns.Select(column => column.Qualities(Count))]);

    private static void Pick<T>(T[] column, int from, int[] rows)
    {
        T[] picked = Array.ConvertAll(rows, row => column[row]);
        picked.CopyTo(column, from);
    }

    private int PlaceOf(string signal)
    {
        if (wanted is not null && !wanted.Contains(signal))
        {
            return -1;
        }

        if (!_places.TryGetValue(signal, out int place))
        {
            _places.Add(signal, place = _places.Count);
            _columns.Add(new Column());
        }

        return place;
    }

    private void Reserve(int rows)
    {
        if (Count + rows > _times.Length)
        {
            int size = Math.Max(Math.Max(64, Count + rows), 2 * _times.Length);
            Array.Resize(ref _times, size);
            Array.Resize(ref _arrived, size);
            Array.Resize(ref _orders, size);
        }
    }

    // Rows that do not hold the signal are absent; they are filled in when a later row does, or at the end.
    private sealed class Column
    {
        private double[] _values = [];
        private Quality[]? _qualities;
        private int _filled;

        internal void Set(int row, double value, Quality quality)
        {
            Fill(row, 1);
            _values[row] = value;
            if (quality != Quality.Good || _qualities is not null)
            {
                QualitiesFor(row + 1)[row] = quality;
            }

            _filled = row + 1;
        }

        internal void Set(int row, ReadOnlySpan<double> values, ReadOnlySpan<Quality> qualities)
        {
            Fill(row, values.Length);
            values.CopyTo(_values.AsSpan(row));
            if (!qualities.IsEmpty || _qualities is not null)
            {
                Span<Quality> these = QualitiesFor(row + values.Length).AsSpan(row, values.Length);
                if (qualities.IsEmpty)
                {
                    these.Clear();
                }
                else
                {
                    qualities.CopyTo(these);
                }
            }

            _filled = row + values.Length;
        }

        internal void Pick(int from, int count, int[] rows)
        {
            Fill(count, 0);
            ColumnsBuilder.Pick(_values, from, rows);
            if (_qualities is not null)
            {
                ColumnsBuilder.Pick(QualitiesFor(count), from, rows);
            }

            _filled = from + rows.Length;
        }

        internal double[] Values(int count)
        {
            Fill(count, 0);
            return _values[..count];
        }

        internal Quality[]? Qualities(int count)
        {
            Fill(count, 0);
            return _qualities is null ? null : QualitiesFor(count)[..count];
        }

        private void Fill(int row, int more)
        {
            if (row + more > _values.Length)
            {
                Array.Resize(ref _values, Math.Max(Math.Max(64, row + more), 2 * _values.Length));
            }

            if (_filled < row)
            {
                _values.AsSpan(_filled, row - _filled).Fill(double.NaN);
                QualitiesFor(row).AsSpan(_filled, row - _filled).Fill(Quality.Absent);
                _filled = row;
            }
        }

        private Quality[] QualitiesFor(int rows)
        {
            if (_qualities is null || _qualities.Length < rows)
            {
                Array.Resize(ref _qualities, Math.Max(rows, _values.Length));
            }

            return _qualities;
        }
    }
}
