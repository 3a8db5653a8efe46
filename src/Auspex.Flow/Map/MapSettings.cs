using System.Collections.Concurrent;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.DataQuality;
using Auspex.Storage.Plant;

namespace Auspex.Flow.Map;

/// <summary>What an organization's frames are mapped and judged by; one revision of it a batch.</summary>
/// <param name="Mapping">Null where columns are signals.</param>
/// <param name="Rules">Null where there are none.</param>
public sealed record MapPlan(ColumnMapping? Mapping, QualityRuleSet? Rules)
{
    /// <summary>Nothing is mapped and nothing judged.</summary>
    public static readonly MapPlan None = new(null, null);
}

/// <summary>Mapping and rules of organizations, looked at again every half second.</summary>
/// <param name="clock">Ages what is remembered.</param>
public sealed class MapSettings(TimeProvider clock)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Guid, (MapPlan Plan, MapStamp Stamp, long At)> _known = new();

    /// <summary>What counts for an organization now.</summary>
    public ValueTask<MapPlan> OfAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return _known.TryGetValue(db.Organization, out var known) && clock.GetElapsedTime(known.At) < Remembered
            ? ValueTask.FromResult(known.Plan) : new ValueTask<MapPlan>(LookAsync(db, ct));
    }

    private async Task<MapPlan> LookAsync(OrganizationDb db, CancellationToken ct)
    {
        // Taken before anything is read: what changes meanwhile is seen the next time.
        long now = clock.GetTimestamp();
        MapStamp stamp = await QualityRuleStore.StampAsync(db, ct).ConfigureAwait(false);
        if (stamp is { Schema: 0, Rules: 0 })
        {
            _known[db.Organization] = (MapPlan.None, stamp, now);
            return MapPlan.None;
        }

        if (_known.TryGetValue(db.Organization, out var known) && known.Stamp == stamp)
        {
            _known[db.Organization] = (known.Plan, stamp, now);
            return known.Plan;
        }

        IReadOnlyDictionary<string, SignalMeaning> signals = await SignalStore.MeaningsAsync(db, ct).ConfigureAwait(false);
        var mapping = ColumnMapping.Of(await SchemaSettings.OfAsync(db, ct).ConfigureAwait(false), signals);
        var rules = QualityRuleSet.Of(await QualityRuleStore.AllAsync(db, ct).ConfigureAwait(false), signals);
        var plan = new MapPlan(mapping, rules.IsEmpty ? null : rules);
        _known[db.Organization] = (plan, stamp, now);
        return plan;
    }
}
