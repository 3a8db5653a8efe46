using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Core.Failures;

/// <summary>Turns recorded failure events into failures to be counted.</summary>
public static class FailureEpisodes
{
    /// <summary>Joins the failure events of one asset into episodes. An event of the same component at most
    /// <see cref="LabelDefinition.Recovery"/> after the <em>start</em> of an episode belongs to it and does not lengthen it, so a source that
    /// repeats a failure for ever still yields one failure a recovery time.</summary>
    /// <param name="asset">The asset all events must be of.</param>
    /// <param name="events">Events of the asset in any order; those that are not failures are passed over.</param>
    /// <param name="label">Recovery and components. When it tells no components apart, all failures of the asset are of one kind, and an
    /// episode carries the name of its first event.</param>
    /// <returns>Episodes by start, then by component in ordinal order.</returns>
    /// <exception cref="ArgumentException">An event is of another asset.</exception>
    public static IReadOnlyList<FailureEpisode> Of(AssetId asset, IEnumerable<AssetEvent> events, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(label);
        long recoveryMs = (long)label.Recovery.TotalMilliseconds;
        List<FailureEpisode> episodes = [];
        Dictionary<string, long> endOf = new(StringComparer.Ordinal);
        foreach (AssetEvent failure in events
            .Where(e => e.Kind == AssetEventKind.Failure)
            .OrderBy(e => e.TimeUnixMs)
            .ThenBy(e => e.Name, StringComparer.Ordinal))
        {
            if (failure.Asset != asset)
            {
                throw new ArgumentException($"An event of asset '{failure.Asset}' was given for asset '{asset}'.", nameof(events));
            }

            string kind = label.Components.Count == 0 ? "" : failure.Name;
            if (endOf.TryGetValue(kind, out long end) && failure.TimeUnixMs <= end)
            {
                continue;
            }

            endOf[kind] = failure.TimeUnixMs + recoveryMs;
            episodes.Add(new FailureEpisode(asset, failure.Name, failure.TimeUnixMs, failure.TimeUnixMs + recoveryMs));
        }

        return episodes;
    }
}
