namespace Auspex.Features.Windows;

/// <summary>The value a signal had one lag ago: the newest sample at or before t − lag, or NaN when that one is older than t − 2 · lag
/// (a gap is "not enough data", never an old value).</summary>
internal sealed class LaggedValue(long lagMs)
{
    private readonly Queue<(long TimeUnixMs, double Value)> _waiting = new();
    private long _timeUnixMs = long.MinValue;
    private double _value = double.NaN;

    /// <summary>Adds a sample. Times must not go back.</summary>
    public void Add(long timeUnixMs, double value) => _waiting.Enqueue((timeUnixMs, value));

    /// <summary>The value at <paramref name="timeUnixMs"/> − lag. Times asked for must not go back.</summary>
    public double At(long timeUnixMs)
    {
        long newest = timeUnixMs - lagMs;
        while (_waiting.TryPeek(out (long TimeUnixMs, double Value) next) && next.TimeUnixMs <= newest)
        {
            (_timeUnixMs, _value) = _waiting.Dequeue();
        }

        return _timeUnixMs > newest - lagMs ? _value : double.NaN;
    }
}
