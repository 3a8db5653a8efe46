using System.Collections.Concurrent;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.DataQuality;
using Auspex.Core.Signals;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>How many names of a kind an organization uses, and how many rows were refused for it since the start.</summary>
/// <param name="Used">Names.</param>
/// <param name="Most">Names that are taken.</param>
/// <param name="RefusedRows">Rows that would have been one more.</param>
public sealed record NameLimit(int Used, int Most, long RefusedRows);

/// <summary>Which asset each frame is of, and whether its names are taken: an organization that sends ever new names is held up alone.</summary>
/// <param name="telemetry">Knows what came.</param>
/// <param name="clock">Ages what is remembered.</param>
public sealed class FrameAssets(TelemetryStore telemetry, TimeProvider clock)
{
    /// <summary>Most names of assets that are in no tree yet.</summary>
    public const int MostUnassigned = 1_000;

    /// <summary>Most names of signals in frames.</summary>
    public const int MostSignals = SignalStore.Most;

    // As long as who may do what is remembered: an asset that is placed or renamed is known by its new name at once, and by its old one until then.
    private static readonly TimeSpan Remembered = TimeSpan.FromMilliseconds(500);

    private const int Most = 200_000;

    private readonly MapSettings _settings = new(clock);
    private readonly ConcurrentDictionary<(Guid Organization, string Name), (FrameAsset Asset, long At)> _known = new();
    private readonly ConcurrentDictionary<Guid, Names> _names = new();

    /// <summary>The assets that names mean, by name; names that mean none are left out.</summary>
    public async Task<IReadOnlyDictionary<string, FrameAsset>> FindAsync(OrganizationDb db, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        var found = new Dictionary<string, FrameAsset>(names.Count, StringComparer.Ordinal);
        List<string>? missing = null;
        foreach (string name in names)
        {
            if (_known.TryGetValue((db.Organization, name), out var known) && clock.GetElapsedTime(known.At) < Remembered)
            {
                found.Add(name, known.Asset);
            }
            else
            {
                (missing ??= []).Add(name);
            }
        }

        if (missing is null)
        {
            return found;
        }

        if (_known.Count > Most)
        {
            _known.Clear();
        }

        long now = clock.GetTimestamp();
        foreach (FrameAsset asset in await FrameNameStore.FindAsync(db, missing, ct).ConfigureAwait(false))
        {
            found.Add(asset.Name, asset);
            _known[(db.Organization, asset.Name)] = (asset, now);
        }

        return found;
    }

    /// <summary>The asset that one name means; null where it means none.</summary>
    public async Task<FrameAsset?> FindAsync(OrganizationDb db, string name, CancellationToken ct) =>
        (await FindAsync(db, [name], ct).ConfigureAwait(false)).GetValueOrDefault(name);

    /// <summary>Frames under the keys they are kept under, with signals, units and qualities by the organization's mapping and rules: one revision of them for all. Rows that the mapping
    /// refuses, and rows whose names are not taken, go to the rejected.</summary>
    public async Task<IReadOnlyList<Frame>> AdmitAsync(OrganizationDb db, IncomingFrames rows, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Frames.Count == 0)
        {
            return [];
        }

        MapPlan plan = await _settings.OfAsync(db, ct).ConfigureAwait(false);
        plan.Mapping?.Map(rows);

        Names names = await NamesAsync(db, ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, FrameAsset> known = await FindAsync(db, rows.Assets, ct).ConfigureAwait(false);
        string? whyUnknown = null;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        if (known.Count < rows.Assets.Count)
        {
            if ((await TelemetrySettings.OfAsync(db, ct).ConfigureAwait(false)).RefusesUnknown())
            {
                whyUnknown = "No asset has this id or external name, and the organization takes frames of its assets only: make the asset first.";
            }
            else
            {
                whyUnknown = $"No asset has this id or external name, and {MostUnassigned} names wait for an asset already: make the asset, or place some (GET /api/v1/frames/unassigned).";
                if (!names.HasRoom())
                {
                    names.Unassigned(await UnassignedAsync(db, ct).ConfigureAwait(false), clock.GetTimestamp());
                }

                taken = names.TakeAssets(rows.Assets.Where(name => !known.ContainsKey(name)));
            }
        }

        (IReadOnlyList<string> added, HashSet<string> refused) = names.TakeSignals(rows.Signals);
        if (added.Count > 0)
        {
            try
            {
                await FrameNameStore.AddSignalsAsync(db, added, clock.GetUtcNow(), ct).ConfigureAwait(false);
            }
            catch
            {
                _names.TryRemove(db.Organization, out _); // it remembers names that are not stored
                throw;
            }
        }

        var frames = new List<Frame>(rows.Frames.Count);
        foreach ((int index, Frame frame) in rows.Frames)
        {
            string name = frame.Asset.Value;
            if (!known.TryGetValue(name, out FrameAsset? asset) && !taken.Contains(name))
            {
                names.RefusedAsset();
                rows.Rejected.Add(new RejectedRow(index, "asset", Quoted(name), whyUnknown!));
            }
            else if (refused.Count > 0 && Array.Find(frame.Signals, refused.Contains) is { } signal)
            {
                names.RefusedSignal();
                rows.Rejected.Add(new RejectedRow(
                    index, $"values.{signal}", null, $"The organization sends {MostSignals} names of signals already; no new ones are taken. Is something else part of the name?"));
            }
            else
            {
                frames.Add(asset is null || asset.Key == name ? frame : frame with { Asset = new AssetId(asset.Key) });
            }
        }

        rows.Rejected.Sort((one, other) => one.Index.CompareTo(other.Index));
        if (plan.Rules is { } rules)
        {
            await JudgeAsync(db.Organization, rules, frames, known, ct).ConfigureAwait(false);
        }

        return frames;
    }

    // What breaks a rule keeps its value; its quality is told.
    private async Task JudgeAsync(Guid organization, QualityRuleSet rules, List<Frame> frames, IReadOnlyDictionary<string, FrameAsset> known, CancellationToken ct)
    {
        var classes = known.Values.DistinctBy(asset => asset.Key, StringComparer.Ordinal).ToDictionary(asset => asset.Key, StringComparer.Ordinal);
        var judges = new Dictionary<string, FrameRules>(StringComparer.Ordinal);
        for (int i = 0; i < frames.Count; i++)
        {
            Frame frame = frames[i];
            if (!judges.TryGetValue(frame.Asset.Value, out FrameRules? judge))
            {
                FrameAsset? asset = classes.GetValueOrDefault(frame.Asset.Value);
                judges.Add(frame.Asset.Value, judge = new FrameRules(rules.OfAsset(asset?.Asset, asset?.AssetClass)));
                if (judge.LooksBack && await telemetry.NewestAsync(organization, frame.Asset, ct).ConfigureAwait(false) is { } newest)
                {
                    judge.Remember(newest.TimeUnixMs, newest.Signals, newest.Values);
                }
            }

            if (!judge.IsEmpty)
            {
                frames[i] = Judged(judge, frame);
            }
        }
    }

    private static Frame Judged(FrameRules judge, Frame frame)
    {
        Quality[]? qualities = null;
        judge.Judge(frame.TimeUnixMs, frame.Signals, frame.Values, (rule, place) =>
        {
            qualities ??= frame.Qualities is { } said ? [.. said] : new Quality[frame.Signals.Length];
            qualities[place] = qualities[place] < rule.Verdict ? rule.Verdict : qualities[place];
        });
        return qualities is null ? frame : frame with { Qualities = qualities };
    }

    /// <summary>Names that frames came under and that are no asset's, in order.</summary>
    public async Task<IReadOnlyList<string>> UnassignedAsync(OrganizationDb db, CancellationToken ct)
    {
        IReadOnlyList<AssetId> all = await telemetry.AssetsAsync(db.Organization, ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, FrameAsset?> kept = await FrameNameStore.OfKeysAsync(db, all.Select(key => key.Value), ct).ConfigureAwait(false);
        return [.. all.Select(key => key.Value).Where(key => !kept.ContainsKey(key))];
    }

    /// <summary>How much of its limits an organization uses.</summary>
    public async Task<(NameLimit Unassigned, NameLimit Signals)> LimitsAsync(OrganizationDb db, IReadOnlyList<string> unassigned, CancellationToken ct)
    {
        Names names = await NamesAsync(db, ct).ConfigureAwait(false);
        names.Unassigned(unassigned, clock.GetTimestamp());
        return names.Limits();
    }

    // A name as a rejected row shows it.
    private static string Quoted(string name)
    {
        string text = JsonSerializer.Serialize(name);
        return text.Length <= 100 ? text : text[..100];
    }

    private async Task<Names> NamesAsync(OrganizationDb db, CancellationToken ct) =>
        _names.TryGetValue(db.Organization, out Names? known)
            ? known
            : _names.GetOrAdd(db.Organization, new Names(
                await UnassignedAsync(db, ct).ConfigureAwait(false), await FrameNameStore.SignalsAsync(db, ct).ConfigureAwait(false), clock));

    private sealed class Names(IEnumerable<string> unassigned, IEnumerable<string> signals, TimeProvider clock)
    {
        // What is placed meanwhile makes room; a flood of names does not have it counted again with each batch.
        private static readonly TimeSpan Counted = TimeSpan.FromSeconds(5);

        private readonly Lock _lock = new();
        private readonly HashSet<string> _signals = new(signals, StringComparer.Ordinal);
        private HashSet<string> _unassigned = new(unassigned, StringComparer.Ordinal);
        private long _countedAt = clock.GetTimestamp();
        private long _refusedAssets;
        private long _refusedSignals;

        /// <summary>Whether another name may wait, or it is too early to count again.</summary>
        internal bool HasRoom()
        {
            lock (_lock)
            {
                return _unassigned.Count < MostUnassigned || clock.GetElapsedTime(_countedAt) < Counted;
            }
        }

        internal void Unassigned(IEnumerable<string> counted, long at)
        {
            lock (_lock)
            {
                _unassigned = new HashSet<string>(counted, StringComparer.Ordinal);
                _countedAt = at;
            }
        }

        internal HashSet<string> TakeAssets(IEnumerable<string> names)
        {
            lock (_lock)
            {
                return [.. names.Where(name => _unassigned.Contains(name) || (_unassigned.Count < MostUnassigned && _unassigned.Add(name)))];
            }
        }

        internal (IReadOnlyList<string> Added, HashSet<string> Refused) TakeSignals(IEnumerable<string> names)
        {
            List<string>? added = null;
            HashSet<string>? refused = null;
            lock (_lock)
            {
                foreach (string name in names)
                {
                    if (_signals.Contains(name))
                    {
                        continue;
                    }

                    if (_signals.Count < MostSignals)
                    {
                        _signals.Add(name);
                        (added ??= []).Add(name);
                    }
                    else
                    {
                        (refused ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
                    }
                }
            }

            return (added ?? [], refused ?? []);
        }

        internal void RefusedAsset() => Interlocked.Increment(ref _refusedAssets);

        internal void RefusedSignal() => Interlocked.Increment(ref _refusedSignals);

        internal (NameLimit Unassigned, NameLimit Signals) Limits()
        {
            lock (_lock)
            {
                return (new NameLimit(_unassigned.Count, MostUnassigned, Interlocked.Read(ref _refusedAssets)),
                    new NameLimit(_signals.Count, MostSignals, Interlocked.Read(ref _refusedSignals)));
            }
        }
    }
}
