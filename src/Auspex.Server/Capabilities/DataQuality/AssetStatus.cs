using Auspex.Core.Assets;
using Auspex.Core.DataQuality;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.DataQuality;

/// <summary>How an asset's readings are now.</summary>
internal static class AssetStatus
{
    // Where no rule of freshness says otherwise.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);

    // Gateways say what belongs together in several messages: a signal is missing when none of them has said it for so long before the newest frame.
    private static readonly TimeSpan SaidWithin = TimeSpan.FromMinutes(10);

    private const int FramesARead = 20_000;

    /// <summary>How an asset is.</summary>
    /// <param name="State"><c>running</c>; <c>silent</c> where no frame came for too long; <c>degraded</c> where frames come and something about them is wrong.</param>
    /// <param name="NewestFrameAt">Time of the newest frame; null where it has none.</param>
    /// <param name="AgeSeconds">Since it was measured, by the server's clock.</param>
    /// <param name="MissingSignals">Expected columns (schema) that are signals of the asset, and that its frames do not say any more.</param>
    /// <param name="StaleSignals">Without a value for longer than a rule of freshness allows.</param>
    /// <param name="FlatSignals">Without a change for longer than a rule allows.</param>
    /// <param name="Grade">Of the present hour as far as it is over; null in its first minute.</param>
    /// <param name="PredictionsDegraded">Tasks whose newest prediction lacked signals that the model was taught with.</param>
    /// <param name="RowsBehind">Journal rows of the organization that are durable and not judged yet; null where it has no live line.</param>
    public sealed record Status(
        Guid AssetId, string State, DateTimeOffset? NewestFrameAt, double? AgeSeconds, IReadOnlyList<string> MissingSignals, IReadOnlyList<string> StaleSignals,
        IReadOnlyList<string> FlatSignals, string? Grade, double? Score, IReadOnlyList<string> PredictionsDegraded, long? RowsBehind);

    public static async Task<Results<Ok<Status>, NotFound>> HandleAsync(
        Guid id, OrganizationDb db, TelemetryStore telemetry, LivePipeline line, TimeProvider clock, CancellationToken ct)
    {
        if (await FrameNameStore.FindAsync(db, [id.ToString()], ct).ConfigureAwait(false) is not [var asset])
        {
            return TypedResults.NotFound();
        }

        var key = new AssetId(asset.Key);
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        IReadOnlyList<QualityRule> rules = (await AssetQualityApi.RulesAsync(db, ct).ConfigureAwait(false)).OfAsset(asset.Asset, asset.AssetClass);
        Frame? newest = await telemetry.NewestAsync(db.Organization, key, ct).ConfigureAwait(false);
        string[] own = [.. (await SignalStore.OfAssetAsync(db, id, ct).ConfigureAwait(false)).Select(signal => signal.Name)];
        string[] expected = [.. (await SchemaSettings.OfAsync(db, ct).ConfigureAwait(false)).Expected.Where(own.Contains)];
        IReadOnlyList<string> said = newest is null ? [] : await SaidAsync(db, telemetry, key, newest.TimeUnixMs, ct).ConfigureAwait(false);
        string[] missing = [.. expected.Except(said, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        (string[] stale, string[] flat) = await StaleAndFlatAsync(db, telemetry, key, rules, nowMs, ct).ConfigureAwait(false);
        string[] degraded = await DegradedAsync(db, telemetry, key, ct).ConfigureAwait(false);

        long hourMs = nowMs - (nowMs % AssetReadings.HourMs);
        HourQuality? hour = nowMs - hourMs < 60_000 ? null
            : (await AssetReadings.HoursAsync(db, telemetry, key, rules, hourMs, hourMs + AssetReadings.HourMs, nowMs, ct).ConfigureAwait(false))[0];
        double? age = newest is null ? null : (nowMs - newest.TimeUnixMs) / 1000.0;
        double silentAfter = rules.Where(rule => rule.Kind == QualityRuleKind.Freshness).Select(rule => rule.Longest.TotalSeconds).DefaultIfEmpty(SilentAfter.TotalSeconds).Max();
        string state = age is null || age > silentAfter ? "silent" : missing.Length + stale.Length + flat.Length + degraded.Length > 0 ? "degraded" : "running";
        return TypedResults.Ok(new Status(
            id, state, newest is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(newest.TimeUnixMs), age, missing, stale, flat, hour?.Grade.ToString(),
            hour is null ? null : AssetQualityApi.Rounded(hour.Score), degraded, line.BehindOf(db.Organization)));
    }

    private static async Task<IReadOnlyList<string>> SaidAsync(OrganizationDb db, TelemetryStore telemetry, AssetId key, long newestMs, CancellationToken ct)
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        long at = newestMs - (long)SaidWithin.TotalMilliseconds;
        FrameColumns read;
        do
        {
            read = await telemetry.ReadAsync(db.Organization, key, at, newestMs + 1, null, FramesARead, ct).ConfigureAwait(false);
            said.UnionWith(read.Signals.Where((_, i) => read.Qualities[i] is not { } column || column.AsSpan().ContainsAnyExcept(Quality.Absent)));
            at = read.Times.Length > 0 ? read.Times[^1] + 1 : at;
        }
        while (read.More);
        return [.. said];
    }

    private static async Task<(string[] Stale, string[] Flat)> StaleAndFlatAsync(
        OrganizationDb db, TelemetryStore telemetry, AssetId key, IReadOnlyList<QualityRule> rules, long nowMs, CancellationToken ct)
    {
        var stale = new SortedSet<string>(StringComparer.Ordinal);
        var flat = new SortedSet<string>(StringComparer.Ordinal);
        foreach (IGrouping<string, QualityRule> ofSignal in rules.Where(rule => rule.Kind is QualityRuleKind.Freshness or QualityRuleKind.Flat).GroupBy(rule => rule.Signal!, StringComparer.Ordinal))
        {
            SignalPast past = await PastAsync(db, telemetry, key, ofSignal.Key, nowMs - (2 * (long)ofSignal.Max(rule => rule.Longest).TotalMilliseconds), ct).ConfigureAwait(false);
            foreach (QualityRule rule in ofSignal)
            {
                double longestMs = rule.Longest.TotalMilliseconds;
                if (rule.Kind == QualityRuleKind.Freshness && (past.LastMs is not { } last || nowMs - last > longestMs))
                {
                    stale.Add(ofSignal.Key);
                }

                if (rule.Kind == QualityRuleKind.Flat && past.LastMs is { } newest && nowMs - newest < longestMs && newest - past.SameFromMs >= longestMs)
                {
                    flat.Add(ofSignal.Key);
                }
            }
        }

        return ([.. stale], [.. flat]);
    }

    // The newest value of a signal, and since when it has been the same.
    private static async Task<SignalPast> PastAsync(OrganizationDb db, TelemetryStore telemetry, AssetId key, string signal, long fromMs, CancellationToken ct)
    {
        long? lastMs = null;
        long sameFromMs = 0;
        double value = double.NaN;
        FrameColumns read;
        do
        {
            read = await telemetry.ReadAsync(db.Organization, key, fromMs, long.MaxValue, [signal], FramesARead, ct).ConfigureAwait(false);
            for (int i = 0; i < read.Times.Length; i++)
            {
                double next = read.Values[0][i];
                if (double.IsNaN(next))
                {
                    continue;
                }

                sameFromMs = next == value ? sameFromMs : read.Times[i];
                (lastMs, value) = (read.Times[i], next);
            }

            fromMs = read.Times.Length > 0 ? read.Times[^1] + 1 : fromMs;
        }
        while (read.More);
        return new SignalPast(lastMs, sameFromMs);
    }

    private static async Task<string[]> DegradedAsync(OrganizationDb db, TelemetryStore telemetry, AssetId key, CancellationToken ct)
    {
        var degraded = new List<string>();
        foreach (PredictionTask task in Enum.GetValues<PredictionTask>())
        {
            if (await telemetry.NewestAsync(db.Organization, Series.PredictionsOf(key, task), ct).ConfigureAwait(false) is { } said
                && Array.IndexOf(said.Signals, PredictionColumns.FixedSignals[PredictionColumns.Degraded]) is >= 0 and var place && said.Values[place] != 0)
            {
                degraded.Add(task.Word());
            }
        }

        return [.. degraded];
    }

    private sealed record SignalPast(long? LastMs, long SameFromMs);
}
