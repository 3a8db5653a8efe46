namespace Auspex.Features.Windows;

/// <summary>How much a counter grew over a set of samples. A fall means that it started again from 0, so the value after the fall is
/// growth.</summary>
internal struct CounterGrowth : IWindowAggregate<CounterGrowth>
{
    private int _count;
    private double _first;
    private double _last;
    private double _growth;

    /// <summary>Growth from the first sample to the last; NaN below two samples.</summary>
    public readonly double Growth => _count < 2 ? double.NaN : _growth;

    /// <inheritdoc/>
    public void Append(double seconds, double value)
    {
        _growth += _count == 0 ? 0 : Step(_last, value);
        _first = _count == 0 ? value : _first;
        _last = value;
        _count++;
    }

    /// <inheritdoc/>
    public void Prepend(double seconds, double value)
    {
        _growth += _count == 0 ? 0 : Step(value, _first);
        _last = _count == 0 ? value : _last;
        _first = value;
        _count++;
    }

    /// <inheritdoc/>
    public static CounterGrowth Merge(in CounterGrowth older, in CounterGrowth newer) =>
        older._count == 0 ? newer
        : newer._count == 0 ? older
        : new CounterGrowth
        {
            _count = older._count + newer._count,
            _first = older._first,
            _last = newer._last,
            _growth = older._growth + newer._growth + Step(older._last, newer._first),
        };

    private static double Step(double from, double to) => to >= from ? to - from : to;
}
