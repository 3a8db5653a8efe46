namespace Auspex.Features.Windows;

/// <summary>Count, centre, spread, extremes and trend of a set of samples, held so that two sets merge without loss of precision
/// (pairwise update of Chan, Golub and LeVeque, 1983, for variance and covariance).</summary>
/// <remarks>Times are seconds after an origin the owner knows; both sides of <see cref="Merge"/> must use the same one.</remarks>
internal struct WindowAggregate
{
    private double _meanTime;
    private double _meanValue;
    private double _squaresTime;
    private double _squaresValue;
    private double _products;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Smallest value; undefined when empty.</summary>
    public double Min { get; private set; }

    /// <summary>Largest value; undefined when empty.</summary>
    public double Max { get; private set; }

    /// <summary>Arithmetic mean of the values; NaN when empty.</summary>
    public readonly double Mean => Count == 0 ? double.NaN : _meanValue;

    /// <summary>Sample standard deviation (n − 1); NaN below two samples.</summary>
    public readonly double StandardDeviation => Count < 2 ? double.NaN : Math.Sqrt(_squaresValue / (Count - 1));

    /// <summary>Least-squares slope of value over time, per second; NaN below two samples.</summary>
    public readonly double SlopePerSecond => Count < 2 ? double.NaN : _products / _squaresTime;

    /// <summary>One sample.</summary>
    public static WindowAggregate Of(double seconds, double value) =>
        new() { Count = 1, _meanTime = seconds, _meanValue = value, Min = value, Max = value };

    /// <summary>The union of two disjoint sets. Exact in count and extremes; rounding depends only on the two operands.</summary>
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
            Min = Math.Min(older.Min, newer.Min),
            Max = Math.Max(older.Max, newer.Max),
        };
    }

    /// <summary>The same samples, their times counted from an origin that lies <paramref name="seconds"/> later.</summary>
    public readonly WindowAggregate WithOriginMovedBy(double seconds)
    {
        WindowAggregate moved = this;
        moved._meanTime -= seconds;
        return moved;
    }
}
