namespace Auspex.Features.Windows;

/// <summary>Count, centre, spread, extremes and trend of a set of samples, held so that two sets merge without loss of precision
/// (pairwise update of Chan, Golub and LeVeque, 1983, for variance and covariance).</summary>
internal struct WindowAggregate : IWindowAggregate<WindowAggregate>
{
    private double _meanTime;
    private double _meanValue;
    private double _squaresTime;
    private double _squaresValue;
    private double _products;
    private double _min;
    private double _max;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Smallest value; NaN when empty.</summary>
    public readonly double Min => Count == 0 ? double.NaN : _min;

    /// <summary>Largest value; NaN when empty.</summary>
    public readonly double Max => Count == 0 ? double.NaN : _max;

    /// <summary>Arithmetic mean of the values; NaN when empty.</summary>
    public readonly double Mean => Count == 0 ? double.NaN : _meanValue;

    /// <summary>Sample standard deviation (n − 1); NaN below two samples.</summary>
    public readonly double StandardDeviation => Count < 2 ? double.NaN : Math.Sqrt(_squaresValue / (Count - 1));

    /// <summary>Least-squares slope of value over time, per second; NaN below two samples.</summary>
    public readonly double SlopePerSecond => Count < 2 ? double.NaN : _products / _squaresTime;

    /// <inheritdoc/>
    public void Append(double seconds, double value) => Take(seconds, value);

    /// <inheritdoc/>
    public void Prepend(double seconds, double value) => Take(seconds, value);

    /// <inheritdoc/>
    public static WindowAggregate Merge(in WindowAggregate older, in WindowAggregate newer)
    {
        if (older.Count == 0)
        {
            return newer;
        }

        if (newer.Count == 0)
        {
            return older;
        }

        int count = older.Count + newer.Count;
        double share = (double)newer.Count / count;
        double weight = older.Count * share;
        double timeStep = newer._meanTime - older._meanTime;
        double valueStep = newer._meanValue - older._meanValue;
        return new WindowAggregate
        {
            Count = count,
            _meanTime = older._meanTime + (timeStep * share),
            _meanValue = older._meanValue + (valueStep * share),
            _squaresTime = older._squaresTime + newer._squaresTime + (timeStep * timeStep * weight),
            _squaresValue = older._squaresValue + newer._squaresValue + (valueStep * valueStep * weight),
            _products = older._products + newer._products + (timeStep * valueStep * weight),
            _min = Math.Min(older._min, newer._min),
            _max = Math.Max(older._max, newer._max),
        };
    }

    private void Take(double seconds, double value)
    {
        if (Count == 0)
        {
            Count = 1;
            (_meanTime, _meanValue, _min, _max) = (seconds, value, value, value);
            return;
        }

        double share = 1.0 / (Count + 1);
        double timeStep = seconds - _meanTime;
        double valueStep = value - _meanValue;
        double weightedTime = timeStep * (Count * share);
        _meanTime += timeStep * share;
        _meanValue += valueStep * share;
        _squaresTime += timeStep * weightedTime;
        _squaresValue += valueStep * valueStep * (Count * share);
        _products += valueStep * weightedTime;
        _min = Math.Min(_min, value);
        _max = Math.Max(_max, value);
        Count++;
    }
}
