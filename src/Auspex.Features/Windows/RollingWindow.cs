namespace Auspex.Features.Windows;

/// <summary>Aggregates of the samples in (t − length, t] for some channels of an asset, in constant amortized time a sample and as a function of
/// the samples alone.</summary>
/// <remarks>
/// <para>The time axis is cut into panes (k · length, (k + 1) · length], aligned to 1970. A window touches at most two panes: the end of
/// one and the beginning of the next. The present pane keeps a running aggregate from its first sample on; a pane that closes gets one
/// aggregate for each of its ends (from each sample to its last). A window is then one merge of the two. This is the algorithm of
/// van Herk and of Gil and Werman for running extremes, used for every aggregate.</para>
/// <para>Nothing is ever subtracted, so there is no drift however long it runs, and nothing depends on when the window was created as
/// long as it has seen the samples since the start of the pane before the present one.</para>
/// </remarks>
/// <param name="lengthMs">Length; at least 1 ms.</param>
/// <param name="channels">Index of each channel in the frames.</param>
internal sealed class RollingWindow<TAggregate>(long lengthMs, int[] channels)
    where TAggregate : struct, IWindowAggregate<TAggregate>
{
    private readonly TAggregate[] _running = new TAggregate[channels.Length];
    private long _paneStart = long.MinValue;
    private int _presentFrames;

    // [frame][channel]: from that frame to the end of the closed pane.
    private TAggregate[] _ends = [];
    private int _closedFrames;
    private int _leftFrames;

    /// <summary>Takes a frame in; frames come in the order of time.</summary>
    /// <param name="samples">Holds the frame and those of two panes before it.</param>
    /// <param name="index">Which of them it is.</param>
    public void Take(RecentSamples samples, int index)
    {
        long time = samples.TimeAt(index);
        // Most frames lie in the present pane: comparing is cheaper than dividing.
        if (time <= _paneStart || time > _paneStart + lengthMs)
        {
            MoveTo(FloorDivide(time - 1, lengthMs) * lengthMs, samples, index);
        }

        _presentFrames++;
        double seconds = (time - _paneStart) / 1000.0;
        ReadOnlySpan<double> values = samples.At(index);
        for (int c = 0; c < channels.Length; c++)
        {
            double value = values[channels[c]];
            if (!double.IsNaN(value))
            {
                _running[c].Append(seconds, value);
            }
        }

        int closedFirst = index + 1 - _presentFrames - _closedFrames;
        while (_leftFrames < _closedFrames && samples.TimeAt(closedFirst + _leftFrames) <= time - lengthMs)
        {
            _leftFrames++;
        }
    }

    /// <summary>The aggregate of the window that ends with the frame taken last.</summary>
    /// <param name="channel">Index into the channels of this window.</param>
    public TAggregate Of(int channel) => _leftFrames == _closedFrames
        ? _running[channel]
        : TAggregate.Merge(_ends[(_leftFrames * channels.Length) + channel], _running[channel]);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _paneStart = long.MinValue;
        _presentFrames = 0;
        _closedFrames = 0;
        _leftFrames = 0;
        Array.Clear(_running);
    }

    private void MoveTo(long paneStart, RecentSamples samples, int index)
    {
        _closedFrames = paneStart == _paneStart + lengthMs ? _presentFrames : 0;
        _leftFrames = 0;
        _paneStart = paneStart;
        Close(samples, index);
        _presentFrames = 0;
        Array.Clear(_running);
    }

    // Times count from the start of the present pane, as those of the running aggregates do.
    private void Close(RecentSamples samples, int index)
    {
        if (_ends.Length < _closedFrames * channels.Length)
        {
            _ends = new TAggregate[_closedFrames * 5 / 4 * channels.Length];
        }

        for (int c = 0; c < channels.Length; c++)
        {
            TAggregate end = default;
            for (int i = _closedFrames - 1; i >= 0; i--)
            {
                int frame = index - _closedFrames + i;
                double value = samples.At(frame)[channels[c]];
                if (!double.IsNaN(value))
                {
                    end.Prepend((samples.TimeAt(frame) - _paneStart) / 1000.0, value);
                }

                _ends[(i * channels.Length) + c] = end;
            }
        }
    }

    private static long FloorDivide(long dividend, long divisor)
    {
        long quotient = dividend / divisor;
        return quotient * divisor > dividend ? quotient - 1 : quotient;
    }
}
