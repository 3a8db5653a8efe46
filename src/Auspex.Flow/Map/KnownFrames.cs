using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>Tells frames that say what is stored already from those that say something new. It compares signal by signal, so that readings of one instant are known however they were
/// put together when they came first.</summary>
public static class KnownFrames
{
    private const int MostReadPerFrame = 4;

    /// <summary>Frames that say something new, in their order. Where that cannot be seen cheaply a frame counts as new; the store knows what it has.</summary>
    public static async Task<IReadOnlyList<Frame>> NewAsync(TelemetryStore telemetry, Guid organization, IReadOnlyList<Frame> frames, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        ArgumentNullException.ThrowIfNull(frames);
        var known = new HashSet<Frame>(ReferenceEqualityComparer.Instance);
        foreach (IGrouping<AssetId, Frame> ofAsset in frames.GroupBy(frame => frame.Asset))
        {
            FrameColumns stored = await telemetry.ReadAsync(
                organization, ofAsset.Key, ofAsset.Min(frame => frame.TimeUnixMs), ofAsset.Max(frame => frame.TimeUnixMs) + 1, null, MostReadPerFrame * ofAsset.Count() + 1_000, ct).ConfigureAwait(false);
            foreach (Frame frame in ofAsset)
            {
                int at = Array.BinarySearch(stored.Times, frame.TimeUnixMs);
                if (at >= 0 && Says(stored, at, frame)
                    && (SignalsOf(stored, at) > frame.Signals.Length || !await PartialFrames.IsUnjoinedAsync(telemetry, organization, frame, ct).ConfigureAwait(false)))
                {
                    known.Add(frame);
                }
            }
        }

        return [.. frames.Where(frame => !known.Contains(frame))];
    }

    private static int SignalsOf(FrameColumns stored, int at) => stored.Qualities.Count(quality => (quality?[at] ?? Quality.Good) != Quality.Absent);

    private static bool Says(FrameColumns stored, int at, Frame frame)
    {
        for (int i = 0; i < frame.Signals.Length; i++)
        {
            int column = Array.IndexOf(stored.Signals, frame.Signals[i]);
            if (column < 0 || BitConverter.DoubleToInt64Bits(stored.Values[column][at]) != BitConverter.DoubleToInt64Bits(frame.Values[i])
                || (stored.Qualities[column]?[at] ?? Quality.Good) != (frame.Qualities?[i] ?? Quality.Good))
            {
                return false;
            }
        }

        return true;
    }
}
