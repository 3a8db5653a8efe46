namespace Auspex.Features.Windows;

/// <summary>Count and mean alone, for windows of which nothing else is asked: shares of booleans and states are such means.</summary>
internal struct WindowMean : IWindowAggregate<WindowMean>
{
    private int _count;
    private double _mean;

    /// <summary>Arithmetic mean of the values; NaN when empty.</summary>
    public readonly double Mean => _count == 0 ? double.NaN : _mean;

    /// <inheritdoc/>
    public void Append(double seconds, double value) => Take(value);

    /// <inheritdoc/>
    public void Prepend(double seconds, double value) => Take(value);

    /// <inheritdoc/>
    public static WindowMean Merge(in WindowMean older, in WindowMean newer)
    {
        if (older._count == 0)
        {
            return newer;
        }

        if (newer._count == 0)
        {
            return older;
        }

        int count = older._count + newer._count;
        return new WindowMean { _count = count, _mean = older._mean + ((newer._mean - older._mean) * ((double)newer._count / count)) };
    }

    private void Take(double value)
    {
        _count++;
        _mean = _count == 1 ? value : _mean + ((value - _mean) * (1.0 / _count));
    }
}
