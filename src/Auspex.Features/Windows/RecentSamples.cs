using System.Runtime.InteropServices;

namespace Auspex.Features.Windows;

/// <summary>The latest frames of one asset in the order of event time: what windows and lags are worked out from, kept once for all of them.</summary>
/// <param name="channels">Values of one frame.</param>
internal sealed class RecentSamples(int channels)
{
    private long[] _times = new long[8];
    private double[] _values = new double[8 * channels];
    private int _first;

    /// <summary>Number of frames held.</summary>
    public int Count { get; private set; }

    /// <summary>Event time of a frame; 0 is the oldest held.</summary>
    public long TimeAt(int index) => _times[_first + index];

    /// <summary>Values of a frame; NaN where missing.</summary>
    public ReadOnlySpan<double> At(int index) => _values.AsSpan((_first + index) * channels, channels);

    /// <summary>Adds a frame later than all held.</summary>
    public void Append(long timeUnixMs, ReadOnlySpan<double> values)
    {
        MakeRoom();
        int at = _first + Count;
        _times[at] = timeUnixMs;
        values.CopyTo(_values.AsSpan(at * channels));
        Count++;
    }

    /// <summary>Puts a frame in its place, or in that of the one of its instant.</summary>
    /// <returns>False when that one has the same values, to the bit.</returns>
    public bool Put(long timeUnixMs, ReadOnlySpan<double> values)
    {
        int place = Array.BinarySearch(_times, _first, Count, timeUnixMs);
        if (place >= 0)
        {
            Span<double> present = _values.AsSpan(place * channels, channels);
            bool same = MemoryMarshal.AsBytes(present).SequenceEqual(MemoryMarshal.AsBytes(values));
            values.CopyTo(present);
            return !same;
        }

        int index = ~place - _first;
        MakeRoom();
        int at = _first + index;
        Array.Copy(_times, at, _times, at + 1, Count - index);
        Array.Copy(_values, at * channels, _values, (at + 1) * channels, (Count - index) * channels);
        _times[at] = timeUnixMs;
        values.CopyTo(_values.AsSpan(at * channels));
        Count++;
        return true;
    }

    /// <summary>Drops the oldest frame.</summary>
    public void RemoveOldest()
    {
        _first++;
        Count--;
    }

    private void MakeRoom()
    {
        if (_first + Count < _times.Length)
        {
            return;
        }

        // Moving at least half the array's length away for every move keeps the cost of a frame constant.
        long[] times = Count > _times.Length / 2 ? new long[_times.Length * 2] : _times;
        double[] values = Count > _times.Length / 2 ? new double[_values.Length * 2] : _values;
        Array.Copy(_times, _first, times, 0, Count);
        Array.Copy(_values, _first * channels, values, 0, Count * channels);
        (_times, _values, _first) = (times, values, 0);
    }
}
