using Auspex.Core.Assets;

namespace Auspex.Learning.Evaluate;

/// <summary>What is known to have happened to one judged asset.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Events">Its failures and maintenance, in any order; errors are passed over.</param>
/// <param name="KnownUntilUnixMs">The last instant at which failures and maintenance are known, UTC milliseconds since 1970; events
/// after it are passed over. An alert whose horizon and grace end later is settled only by a failure.</param>
public sealed record AssetEvents(AssetId Asset, IReadOnlyList<AssetEvent> Events, long KnownUntilUnixMs)
{
    /// <summary>All events of a history, known until its last frame or its last failure, whichever is later.</summary>
    public static AssetEvents Of(AssetHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        long until = history.Count > 0 ? history.TimesUnixMs[^1] : long.MinValue;
        foreach (AssetEvent failure in history.Events.Where(e => e.Kind == AssetEventKind.Failure))
        {
            until = Math.Max(until, failure.TimeUnixMs);
        }

        return new AssetEvents(history.Asset, history.Events, until);
    }
}
