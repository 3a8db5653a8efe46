using Auspex.Core.Signals;

namespace Auspex.Core.Assets;

/// <summary>All that is recorded of one asset over a span, column-wise: the shape in which history is read and trained on.</summary>
public sealed class AssetHistory
{
    /// <summary>Takes ownership of the arrays; the caller must not change them afterwards.</summary>
    /// <param name="asset">The asset.</param>
    /// <param name="timesUnixMs">Event times of the frames, strictly increasing.</param>
    /// <param name="values">One array for each signal of the schema, in its order, each as long as <paramref name="timesUnixMs"/>.
    /// Booleans are 0 or 1, states the index into <see cref="SignalDefinition.States"/>, missing is NaN.</param>
    /// <param name="facts">One value for each fact of the schema, in its order; NaN when not known.</param>
    /// <param name="events">Events in time order; they may lie outside the span of the frames.</param>
    /// <exception cref="ArgumentException">Lengths differ, or times or events are not in order.</exception>
    public AssetHistory(AssetId asset, long[] timesUnixMs, double[][] values, double[] facts, IReadOnlyList<AssetEvent> events)
    {
        ArgumentNullException.ThrowIfNull(timesUnixMs);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(events);
        for (int signal = 0; signal < values.Length; signal++)
        {
            if (values[signal].Length != timesUnixMs.Length)
            {
                throw new ArgumentException(
                    $"Signal {signal} of asset '{asset}' has {values[signal].Length} values for {timesUnixMs.Length} times.", nameof(values));
            }
        }

        for (int row = 1; row < timesUnixMs.Length; row++)
        {
            if (timesUnixMs[row] <= timesUnixMs[row - 1])
            {
                throw new ArgumentException($"Times of asset '{asset}' do not increase at row {row}.", nameof(timesUnixMs));
            }
        }

        for (int i = 1; i < events.Count; i++)
        {
            if (events[i].TimeUnixMs < events[i - 1].TimeUnixMs)
            {
                throw new ArgumentException($"Events of asset '{asset}' are not in time order at {i}.", nameof(events));
            }
        }

        Asset = asset;
        TimesUnixMs = timesUnixMs;
        Values = values;
        Facts = facts;
        Events = events;
    }

    /// <summary>The asset.</summary>
    public AssetId Asset { get; }

    /// <summary>Event times of the frames, UTC milliseconds since 1970, strictly increasing.</summary>
    public long[] TimesUnixMs { get; }

    /// <summary>[signal][frame], in the order of the schema's signals; NaN where missing.</summary>
    public double[][] Values { get; }

    /// <summary>One value for each fact of the schema; NaN when not known.</summary>
    public double[] Facts { get; }

    /// <summary>Events in time order; they may lie before the first or after the last frame.</summary>
    public IReadOnlyList<AssetEvent> Events { get; }

    /// <summary>Number of frames.</summary>
    public int Count => TimesUnixMs.Length;
}
