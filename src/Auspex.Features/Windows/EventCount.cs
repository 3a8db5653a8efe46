namespace Auspex.Features.Windows;

/// <summary>Number of events in (t − length, t]. An event after t is never counted, even when it is already known.</summary>
internal sealed class EventCount(long lengthMs)
{
    private readonly List<long> _times = [];
    private int _first;
    private int _end;

    /// <summary>Adds an event; one that comes late is put in its place.</summary>
    public void Add(long timeUnixMs)
    {
        int at = _times.Count;
        while (at > 0 && _times[at - 1] > timeUnixMs)
        {
            at--;
        }

        _times.Insert(at, timeUnixMs);
        // The event lies before times already counted or passed over: count again from the start of what is kept.
        if (at < _end)
        {
            _first = 0;
            _end = 0;
        }
    }

    /// <summary>The count at <paramref name="timeUnixMs"/>. Times asked for must not go back.</summary>
    public int At(long timeUnixMs)
    {
        while (_end < _times.Count && _times[_end] <= timeUnixMs)
        {
            _end++;
        }

        while (_first < _end && _times[_first] <= timeUnixMs - lengthMs)
        {
            _first++;
        }

        int count = _end - _first;
        if (_first > 64 && _first > _times.Count / 2)
        {
            _times.RemoveRange(0, _first);
            _end -= _first;
            _first = 0;
        }

        return count;
    }
}
