using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>Stores frames of protocols that say what belongs to one instant in several messages: a frame that comes beside one of its instant adds to it, and does not take its
/// place.</summary>
public static class PartialFrames
{
    /// <summary>Stores frames; when it ends all of them are durable, each with what was said of its instant before.</summary>
    /// <param name="telemetry">Where.</param>
    /// <param name="organization">Whose.</param>
    /// <param name="frames">In arrival order.</param>
    /// <param name="ct">Looked at while it waits in line.</param>
    public static async Task AppendAsync(TelemetryStore telemetry, Guid organization, IReadOnlyList<Frame> frames, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        ArgumentNullException.ThrowIfNull(frames);
        for (int from = 0; from < frames.Count; from += TelemetryStore.MostFramesAnAppend)
        {
            IReadOnlyList<Frame> part = await AddingAsync(telemetry, organization, [.. frames.Skip(from).Take(TelemetryStore.MostFramesAnAppend)], ct).ConfigureAwait(false);
            if (part.Count == 0)
            {
                continue;
            }

            IReadOnlyList<FrameOutcome> outcomes = await telemetry.AppendAsync(organization, part, ct).ConfigureAwait(false);
            // Stored first and joined then: of two messages that come at once, whichever joins last sees both.
            var joined = new List<Frame>();
            for (int i = 0; i < part.Count; i++)
            {
                // A duplicate may be what a stop left unjoined.
                if (outcomes[i] is FrameOutcome.Revised or FrameOutcome.Duplicate
                    && Joined(await telemetry.RevisionsAsync(organization, part[i].Asset, part[i].TimeUnixMs, ct).ConfigureAwait(false)) is { } whole)
                {
                    joined.Add(whole);
                }
            }

            if (joined.Count > 0)
            {
                await telemetry.AppendAsync(organization, joined, ct).ConfigureAwait(false);
            }
        }
    }

    // One that says a part of what is stored would take the place of the whole, and the whole, once stored, is not stored again.
    private static async Task<IReadOnlyList<Frame>> AddingAsync(TelemetryStore telemetry, Guid organization, Frame[] frames, CancellationToken ct)
    {
        var older = new HashSet<Frame>(ReferenceEqualityComparer.Instance);
        foreach (IGrouping<AssetId, Frame> ofAsset in frames.GroupBy(frame => frame.Asset))
        {
            if (await telemetry.NewestAsync(organization, ofAsset.Key, ct).ConfigureAwait(false) is { } newest)
            {
                older.UnionWith(ofAsset.Where(frame => frame.TimeUnixMs <= newest.TimeUnixMs));
            }
        }

        if (older.Count == 0)
        {
            return frames;
        }

        HashSet<Frame> known = new(older, ReferenceEqualityComparer.Instance);
        known.ExceptWith(await KnownFrames.NewAsync(telemetry, organization, [.. older], ct).ConfigureAwait(false));
        return [.. frames.Where(frame => !known.Contains(frame))];
    }

    /// <summary>Whether a stop came between storing a frame and joining it with what was said of its instant before.</summary>
    internal static async Task<bool> IsUnjoinedAsync(TelemetryStore telemetry, Guid organization, Frame frame, CancellationToken ct) =>
        await telemetry.RevisionsAsync(organization, frame.Asset, frame.TimeUnixMs, ct).ConfigureAwait(false) is [_, _, ..] revisions && Joined(revisions) is not null;

    /// <summary>A frame with what a later one adds of the same instant: what it says of a signal itself counts.</summary>
    /// <returns>Null where the later one says nothing of another signal.</returns>
    public static Frame? Added(Frame stored, Frame later)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(later);
        return Joined([later, stored]) is { } whole ? whole with { ArrivedUnixMs = later.ArrivedUnixMs } : null;
    }

    // Null where the last says it all.
    private static Frame? Joined(IReadOnlyList<Frame> revisions)
    {
        Frame last = revisions[^1];
        var values = new Dictionary<string, (double Value, Quality Quality)>(StringComparer.Ordinal);
        foreach (Frame frame in revisions)
        {
            for (int i = 0; i < frame.Signals.Length; i++)
            {
                values[frame.Signals[i]] = (frame.Values[i], frame.Qualities?[i] ?? Quality.Good);
            }
        }

        if (values.Count == last.Signals.Length)
        {
            return null;
        }

        Quality[] qualities = [.. values.Values.Select(value => value.Quality)];
        return new Frame(
            last.Asset, last.TimeUnixMs, last.ArrivedUnixMs, [.. values.Keys], [.. values.Values.Select(value => value.Value)],
            Array.TrueForAll(qualities, quality => quality == Quality.Good) ? null : qualities);
    }
}
