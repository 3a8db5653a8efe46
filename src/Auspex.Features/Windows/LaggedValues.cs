namespace Auspex.Features.Windows;

/// <summary>The values some channels of an asset had one lag ago: the newest sample at or before t − lag, or NaN when that one is older than
/// t − 2 · lag (a gap is "not enough data", never an old value).</summary>
/// <param name="lagMs">The lag; at least 1 ms.</param>
/// <param name="channels">Index of each channel in the frames.</param>
internal sealed class LaggedValues(long lagMs, int[] channels)
{
    private readonly long[] _times = NoTimes(channels.Length);
    private readonly double[] _values = new double[channels.Length];
    private long _now = long.MinValue;
    private int _waitingFrames;

    /// <summary>Takes a frame in; frames come in the order of time.</summary>
    /// <param name="samples">Holds the frame and those of two lags before it.</param>
    /// <param name="index">Which of them it is.</param>
    public void Take(RecentSamples samples, int index)
    {
        _now = samples.TimeAt(index);
        // Frames that have been dropped since are older than two lags.
        _waitingFrames = Math.Min(_waitingFrames, index) + 1;
        for (; samples.TimeAt(index + 1 - _waitingFrames) is var time && time <= _now - lagMs; _waitingFrames--)
        {
            ReadOnlySpan<double> values = samples.At(index + 1 - _waitingFrames);
            for (int c = 0; c < channels.Length; c++)
            {
                if (!double.IsNaN(values[channels[c]]))
                {
                    (_times[c], _values[c]) = (time, values[channels[c]]);
                }
            }
        }
    }

    /// <summary>The value one lag before the frame taken last.</summary>
    /// <param name="channel">Index into the channels of this lag.</param>
    public double Of(int channel) => _times[channel] > _now - (2 * lagMs) ? _values[channel] : double.NaN;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _waitingFrames = 0;
        Array.Fill(_times, long.MinValue);
    }

    private static long[] NoTimes(int count)
    {
        var times = new long[count];
        Array.Fill(times, long.MinValue);
        return times;
    }
}
