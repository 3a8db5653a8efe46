namespace Auspex.Core.Failures;

/// <summary>When one asset counts as failed: its rows are then neither taught nor judged.</summary>
public sealed class FailedPeriods
{
    // Joined, in time order, apart from each other: starts[i] <= ends[i] < starts[i + 1].
    private readonly long[] _starts;
    private readonly long[] _ends;

    /// <summary>Joins the episodes of all components: an asset is failed while any component of it is.</summary>
    /// <param name="episodes">Episodes of one asset, in any order.</param>
    public FailedPeriods(IEnumerable<FailureEpisode> episodes)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        List<long> starts = [];
        List<long> ends = [];
        foreach (FailureEpisode episode in episodes.OrderBy(e => e.StartUnixMs))
        {
            if (ends.Count > 0 && episode.StartUnixMs <= ends[^1])
            {
                ends[^1] = Math.Max(ends[^1], episode.EndUnixMs);
            }
            else
            {
                starts.Add(episode.StartUnixMs);
                ends.Add(episode.EndUnixMs);
            }
        }

        _starts = [.. starts];
        _ends = [.. ends];
    }

    /// <summary>Is the asset failed at <paramref name="timeUnixMs"/>? Both ends count: start ≤ t ≤ start + recovery, so with a recovery of
    /// zero it is the instant of the failure itself.</summary>
    public bool Contains(long timeUnixMs)
    {
        int at = Array.BinarySearch(_starts, timeUnixMs);
        int period = at >= 0 ? at : ~at - 1;
        return period >= 0 && timeUnixMs <= _ends[period];
    }
}
