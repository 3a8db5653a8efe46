using Auspex.Features.Windows;

namespace Auspex.Features;

/// <summary>All that is asked of one window length: each channel by the cheapest aggregate that answers it.</summary>
internal sealed class WindowSet(FeaturePlan.WindowPlan plan)
{
    private readonly RollingWindow<WindowAggregate>? _full = Of<WindowAggregate>(plan.LengthMs, plan.Full);
    private readonly RollingWindow<WindowMean>? _means = Of<WindowMean>(plan.LengthMs, plan.Means);
    private readonly RollingWindow<CounterGrowth>? _growths = Of<CounterGrowth>(plan.LengthMs, plan.Growths);

    /// <summary>Takes a frame in; frames come in the order of time.</summary>
    public void Take(RecentSamples samples, int index)
    {
        _full?.Take(samples, index);
        _means?.Take(samples, index);
        _growths?.Take(samples, index);
    }

    /// <summary>Writes the columns of the window that ends with the frame taken last.</summary>
    public void Write(LifeMemory life, long timeUnixMs, Span<double> row)
    {
        for (int i = 0; i < plan.Full.Count; i++)
        {
            FeaturePlan.WindowChannel columns = plan.Full[i];
            WindowAggregate aggregate = _full!.Of(i);
            Write(row, columns.StandardDeviation, aggregate.StandardDeviation);
            Write(row, columns.Min, aggregate.Min);
            Write(row, columns.Max, aggregate.Max);
            Write(row, columns.Slope, aggregate.SlopePerSecond * 3600);
            WriteMean(life, timeUnixMs, row, columns, aggregate.Mean);
        }

        for (int i = 0; i < plan.Means.Count; i++)
        {
            WriteMean(life, timeUnixMs, row, plan.Means[i], _means!.Of(i).Mean);
        }

        for (int i = 0; i < plan.Growths.Count; i++)
        {
            Write(row, plan.Growths[i].Growth, _growths!.Of(i).Growth);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _full?.Clear();
        _means?.Clear();
        _growths?.Clear();
    }

    private static void WriteMean(LifeMemory life, long timeUnixMs, Span<double> row, FeaturePlan.WindowChannel columns, double mean)
    {
        Write(row, columns.Mean, mean);
        if (columns.FromStart >= 0)
        {
            Write(row, columns.FromStart, life.FromStart(columns.Start, timeUnixMs, mean));
        }
    }

    // Finite samples near the largest number overflow in a spread or a trend: that says nothing, so it is missing.
    private static void Write(Span<double> row, int column, double value)
    {
        if (column >= 0)
        {
            row[column] = double.IsFinite(value) ? value : double.NaN;
        }
    }

    private static RollingWindow<TAggregate>? Of<TAggregate>(long lengthMs, List<FeaturePlan.WindowChannel> channels)
        where TAggregate : struct, IWindowAggregate<TAggregate> =>
        channels.Count == 0 ? null : new RollingWindow<TAggregate>(lengthMs, [.. channels.Select(channel => channel.Channel)]);
}
