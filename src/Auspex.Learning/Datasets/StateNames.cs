using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>The states of one signal while its files are read: given by the description, or collected in the order they come.</summary>
internal sealed class StateNames
{
    /// <summary>Most states of a signal; more mean that the column does not hold states.</summary>
    internal const int MaxCount = 1_000;

    private readonly string _signal;
    private readonly bool _open;
    private readonly List<string> _names;
    private readonly HashSet<int> _kept = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="given">States of the description; null to collect them.</param>
    internal StateNames(string signal, IReadOnlyList<string>? given)
    {
        _signal = signal;
        _open = given is null;
        _names = [.. given ?? []];
        for (int i = 0; i < _names.Count; i++)
        {
            _indexes.Add(_names[i], i);
        }

        _lookup = _indexes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>All states: those given, or those collected that <see cref="Keep"/> has met, in ordinal order.</summary>
    internal IReadOnlyList<string> Names => _open ? [.. _names.Where((_, i) => _kept.Contains(i)).Order(StringComparer.Ordinal)] : _names;

    /// <summary>The index of a cell's state in the order of coming; -1 when the cell is none.</summary>
    /// <exception cref="DatasetException">There are too many.</exception>
    internal int IndexOf(ReadOnlySpan<byte> cell, string file, long line)
    {
        Span<char> buffer = stackalloc char[DescriptionRules.MaxNameLength];
        if (!Encoding.UTF8.TryGetChars(cell, buffer, out int length))
        {
            return -1;
        }

        ReadOnlySpan<char> name = buffer[..length];
        if (_lookup.TryGetValue(name, out int index))
        {
            return index;
        }

        if (!_open || !CellText.IsName(name, DescriptionRules.MaxNameLength))
        {
            return -1;
        }

        if (_names.Count == MaxCount)
        {
            throw new DatasetException(
                $"{file}, line {line}: signal {_signal} has more than {MaxCount} states, the next being {CellText.Shown(name.ToString())}; "
                + "it is no state: give it another kind, or leave it out.");
        }

        _indexes.Add(name.ToString(), _names.Count);
        _names.Add(name.ToString());
        return _names.Count - 1;
    }

    /// <summary>Marks the states of rows that were kept: one that only bad rows had is not a state of the data set.</summary>
    internal void Keep(ReadOnlySpan<double> values)
    {
        int last = -1;
        foreach (double value in values)
        {
            if (value != last && !double.IsNaN(value))
            {
                last = (int)value;
                _kept.Add(last);
            }
        }
    }

    /// <summary>Where each state, in the order of coming, stands in a list; NaN when the list does not have it.</summary>
    internal double[] PlacesIn(IReadOnlyList<string> states)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < states.Count; i++)
        {
            places[states[i]] = i;
        }

        return [.. _names.Select(n => places.TryGetValue(n, out int place) ? place : double.NaN)];
    }

    /// <summary>The state with an index in the order of coming.</summary>
    internal string this[int index] => _names[index];
}
