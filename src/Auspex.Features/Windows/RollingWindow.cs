namespace Auspex.Features.Windows;

/// <summary>Statistics of the samples in (t − length, t], in constant amortized time a sample and as a function of the samples alone.</summary>
/// <remarks>
/// <para>The time axis is cut into panes (k · length, (k + 1) · length], aligned to 1970. A window touches at most two panes: the end of
/// one and the beginning of the next. The present pane keeps a running aggregate from its first sample on; a pane that closes gets one
/// aggregate for each of its ends (from each sample to its last). A window is then one merge of the two. This is the algorithm of
/// van Herk and of Gil and Werman for running extremes, used for every aggregate.</para>
/// <para>Nothing is ever subtracted, so there is no drift however long it runs, and nothing depends on when the window was created as
/// long as it has seen the samples since the start of the pane before the present one.</para>
/// </remarks>
internal sealed class RollingWindow(long lengthMs)
{
    private long _pane = long.MinValue;
    private long[] _times = new long[8];
    private double[] _values = new double[8];
    private int _count;
    private WindowAggregate _running;

    private long[] _closedTimes = new long[8];
    private WindowAggregate[] _ends = [];
    private int _closedFirst;
    private int _closedCount;

    /// <summary>Adds a sample. Times must not go back, neither behind a sample nor behind a time asked for.</summary>
    public void Add(long timeUnixMs, double value)
    {
        MoveTo(timeUnixMs);
        if (_count == _times.Length)
        {
            Array.Resize(ref _times, _count * 2);
            Array.Resize(ref _values, _count * 2);
        }

        _times[_count] = timeUnixMs;
        _values[_count] = value;
        _count++;
        _running = WindowAggregate.Merge(_running, WindowAggregate.Of(SecondsInPane(timeUnixMs, _pane), value));
    }

    /// <summary>Aggregate of the samples in (<paramref name="timeUnixMs"/> − length, <paramref name="timeUnixMs"/>].</summary>
    public WindowAggregate At(long timeUnixMs)
    {
        MoveTo(timeUnixMs);
        long before = timeUnixMs - lengthMs;
        while (_closedFirst < _closedCount && _closedTimes[_closedFirst] <= before)
        {
            _closedFirst++;
        }

        return _closedFirst == _closedCount
            ? _running
            : WindowAggregate.Merge(_ends[_closedFirst].WithOriginMovedBy(lengthMs / 1000.0), _running);
    }

    private void MoveTo(long timeUnixMs)
    {
        long pane = FloorDivide(timeUnixMs - 1, lengthMs);
        if (pane == _pane)
        {
            return;
        }

        if (pane < _pane)
        {
            throw new ArgumentException($"Time goes back: {timeUnixMs} ms lies before the present pane.", nameof(timeUnixMs));
        }

        if (pane == _pane + 1)
        {
            ClosePane();
        }
        else
        {
            _closedCount = 0;
        }

        _closedFirst = 0;
        _pane = pane;
        _count = 0;
        _running = default;
    }

    private void ClosePane()
    {
        if (_ends.Length < _count)
        {
            _ends = new WindowAggregate[_times.Length];
        }

        WindowAggregate end = default;
        for (int i = _count - 1; i >= 0; i--)
        {
            end = WindowAggregate.Merge(WindowAggregate.Of(SecondsInPane(_times[i], _pane), _values[i]), end);
            _ends[i] = end;
        }

        _closedCount = _count;
        (_closedTimes, _times) = (_times, _closedTimes);
        if (_times.Length < _values.Length)
        {
            _times = new long[_values.Length];
        }
    }

    private double SecondsInPane(long timeUnixMs, long pane) => (timeUnixMs - (pane * lengthMs)) / 1000.0;

    private static long FloorDivide(long dividend, long divisor)
    {
        long quotient = dividend / divisor;
        return dividend % divisor < 0 ? quotient - 1 : quotient;
    }
}
