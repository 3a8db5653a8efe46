using System.Buffers.Binary;

namespace Auspex.Features;

/// <summary>What features remember of an asset's whole life, which no window holds: its first frame, its exponentially weighted means, and
/// the first windows of its life.</summary>
internal sealed class LifeMemory
{
    /// <summary>After a gap of this many time constants an exponentially weighted mean starts again: what was before would weigh less
    /// than 1 %.</summary>
    internal const int EwmaGap = 5;

    private const long Never = long.MinValue;

    private readonly FeaturePlan _plan;
    private readonly long[] _ewmaTimes;
    private readonly double[] _ewma;
    private readonly long[] _startTimes;
    private readonly long[] _startCounts;
    private readonly double[] _startMeans;
    private long _firstFrame = Never;

    internal LifeMemory(FeaturePlan plan)
    {
        _plan = plan;
        _ewmaTimes = new long[plan.Ewma.Length];
        _ewma = new double[plan.Ewma.Length];
        _startTimes = new long[plan.Starts.Length];
        _startCounts = new long[plan.Starts.Length];
        _startMeans = new double[plan.Starts.Length];
        Array.Fill(_ewmaTimes, Never);
        Array.Fill(_startTimes, Never);
    }

    /// <summary>Bytes of <see cref="Write"/>.</summary>
    internal int Length => 8 * (1 + (2 * _ewma.Length) + (3 * _startTimes.Length));

    /// <summary>Takes a frame in; frames come in the order of time.</summary>
    internal void Take(long timeUnixMs, ReadOnlySpan<double> values)
    {
        _firstFrame = _firstFrame == Never ? timeUnixMs : _firstFrame;
        (long Gap, long Length) weighed = (Never, 0);
        double weight = 1;
        for (int i = 0; i < _ewma.Length; i++)
        {
            (int channel, long length, _) = _plan.Ewma[i];
            if (double.IsNaN(values[channel]))
            {
                continue;
            }

            if (_ewmaTimes[i] == Never || timeUnixMs - _ewmaTimes[i] > EwmaGap * length)
            {
                _ewma[i] = values[channel];
            }
            else
            {
                // Channels mostly share their gaps, and an exponential is dear.
                long gap = timeUnixMs - _ewmaTimes[i];
                weight = weighed == (gap, length) ? weight : 1 - Math.Exp(-(double)gap / length);
                weighed = (gap, length);
                double moved = _ewma[i] + (weight * (values[channel] - _ewma[i]));
                // A step between numbers near the largest one overflows, and infinity would stay for good.
                _ewma[i] = double.IsFinite(moved) ? moved : values[channel];
            }

            _ewmaTimes[i] = timeUnixMs;
        }

        for (int i = 0; i < _startTimes.Length; i++)
        {
            (int channel, long length) = _plan.Starts[i];
            if (double.IsNaN(values[channel]))
            {
                continue;
            }

            _startTimes[i] = _startTimes[i] == Never ? timeUnixMs : _startTimes[i];
            if (timeUnixMs < _startTimes[i] + length)
            {
                _startCounts[i]++;
                _startMeans[i] += (values[channel] - _startMeans[i]) / _startCounts[i];
            }
        }
    }

    internal long FirstFrame => _firstFrame;

    /// <summary>An exponentially weighted mean at a time; NaN when its newest sample is too old.</summary>
    internal double Ewma(int index, long timeUnixMs) =>
        _ewmaTimes[index] == Never || timeUnixMs - _ewmaTimes[index] > EwmaGap * _plan.Ewma[index].LengthMs ? double.NaN : _ewma[index];

    /// <summary>A window's mean less that of the first such window.</summary>
    internal double FromStart(int index, long timeUnixMs, double mean) =>
        double.IsNaN(mean) ? double.NaN
        : timeUnixMs < _startTimes[index] + _plan.Starts[index].LengthMs ? 0
        : mean - _startMeans[index];

    /// <summary>Becomes what another memory of the same plan is.</summary>
    internal void CopyFrom(LifeMemory other)
    {
        _firstFrame = other._firstFrame;
        other._ewmaTimes.CopyTo(_ewmaTimes, 0);
        other._ewma.CopyTo(_ewma, 0);
        other._startTimes.CopyTo(_startTimes, 0);
        other._startCounts.CopyTo(_startCounts, 0);
        other._startMeans.CopyTo(_startMeans, 0);
    }

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    internal void Write(Span<byte> into)
    {
        var numbers = new List<long> { _firstFrame };
        numbers.AddRange(_ewmaTimes);
        numbers.AddRange(_ewma.Select(BitConverter.DoubleToInt64Bits));
        numbers.AddRange(_startTimes);
        numbers.AddRange(_startCounts);
        numbers.AddRange(_startMeans.Select(BitConverter.DoubleToInt64Bits));
        for (int i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(into[(8 * i)..], numbers[i]);
        }
    }

    /// <summary>Becomes what <see cref="Write"/> wrote.</summary>
    internal void Read(ReadOnlySpan<byte> from)
    {
        _firstFrame = Next(ref from);
        Fill(_ewmaTimes, ref from);
        Fill(_ewma, ref from);
        Fill(_startTimes, ref from);
        Fill(_startCounts, ref from);
        Fill(_startMeans, ref from);
    }

    private static void Fill(long[] numbers, ref ReadOnlySpan<byte> from)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Next(ref from);
        }
    }

    private static void Fill(double[] numbers, ref ReadOnlySpan<byte> from)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BitConverter.Int64BitsToDouble(Next(ref from));
        }
    }

    private static long Next(ref ReadOnlySpan<byte> from)
    {
        long number = BinaryPrimitives.ReadInt64LittleEndian(from);
        from = from[8..];
        return number;
    }
}
