using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Alerts;

/// <summary>An asset whose predictions may have to be settled.</summary>
/// <param name="Asset">Its id.</param>
/// <param name="Key">What its frames are kept under.</param>
public sealed record SettledAsset(string Asset, string Key);

/// <summary>What settling a page of assets starts from.</summary>
/// <param name="Assets">In the order of their ids.</param>
/// <param name="Cursors">Of those that were settled before, by asset.</param>
/// <param name="Alerting">Assets with alerts that are open, or ended behind the last prediction that is settled.</param>
/// <param name="Events">Failures and maintenance, by time.</param>
/// <param name="Failures">That have a verdict.</param>
public sealed record SettlePage(
    IReadOnlyList<SettledAsset> Assets, IReadOnlyDictionary<string, SettleCursor> Cursors, IReadOnlySet<string> Alerting, ILookup<string, AssetEvent> Events,
    ILookup<string, FailureOutcome> Failures);

/// <summary>What settling gave.</summary>
/// <param name="Alerts">New ones and open ones that went on or were settled.</param>
/// <param name="Failures">New verdicts.</param>
/// <param name="Cursors">Moved ones.</param>
/// <param name="Judged">Time to add.</param>
public sealed record Settled(IReadOnlyList<StoredAlert> Alerts, IReadOnlyList<FailureOutcome> Failures, IReadOnlyList<SettleCursor> Cursors, IReadOnlyList<JudgedDay> Judged);

/// <summary>Reads what is to be settled and stores what became of it.</summary>
public static class SettleStore
{
    private const string Assets = """
        select a.id as Asset, coalesce(k.name, a.id) as Key from tree_node a
        left join frame_name k on k.organization = @organization and k.asset = a.id and k.kind = 'key'
        where a.organization = @organization and a.kind = 'asset' and a.id > @after order by a.id limit @most
        """;

    private const string Cursors = """
        select asset as Asset, first_at as FirstAtUnixMs, seen_until as SeenUntilUnixMs, period_ms as PeriodMs, seen_until as MovedFromUnixMs from settle_cursor
        where organization = @organization and asset between @first and @last
        """;

    private const string Alerting = """
        select distinct asset from predictive_alert where predictive_alert.organization = @organization and asset between @first and @last and (outcome = 'open' or exists (
          select 1 from settle_cursor c where c.organization = @organization and c.asset = predictive_alert.asset and c.seen_until <= predictive_alert.closed_at))
        """;

    private const string Covering = """
        select min(raised_at) from predictive_alert
        where organization = @organization and asset = @asset and raised_at < @from and (closed_at is null or closed_at >= @from)
        """;

    private const string Since = """
        select id as Id, asset as Asset, component as Component, model_version as ModelVersion, raised_at as RaisedAt, probability as Probability,
          highest_probability as HighestProbability, confidence as Confidence, time_to_failure as TimeToFailure, closed_at as ClosedAt, outcome as Outcome,
          failure_at as FailureAt, settled_at as SettledAt, is_accurate as IsAccurate, feedback_at as FeedbackAt, feedback_by as FeedbackBy, feedback_note as FeedbackNote
        from predictive_alert where organization = @organization and asset = @asset and (raised_at >= @from or outcome = 'open') order by raised_at, component
        """;

    private const string Events = """
        select asset as Asset, kind as Kind, started_at as At, component as Component from plant_event
        where organization = @organization and asset between @first and @last and kind in ('failure', 'maintenance') order by started_at, id
        """;

    private const string Failures = """
        select asset as Asset, component as Component, started_at as StartedAt from failure_outcome
        where organization = @organization and asset between @first and @last
        """;

    private const string SetAlert = """
        insert into predictive_alert (organization, id, asset, component, model_version, raised_at, probability, highest_probability, confidence, time_to_failure, closed_at,
          outcome, failure_at, settled_at)
        values (@organization, @id, @asset, @component, @version, @raised, @probability, @highest, @confidence, @time, @closed, @outcome, @failure, @settled)
        on conflict (organization, asset, component, raised_at) do update set highest_probability = excluded.highest_probability, closed_at = excluded.closed_at,
          outcome = excluded.outcome, failure_at = excluded.failure_at, settled_at = excluded.settled_at
        where predictive_alert.outcome = 'open'
        """;

    private const string SetFailure = """
        insert into failure_outcome (organization, asset, component, started_at, verdict, model_version, alert_raised_at, settled_at)
        values (@organization, @asset, @component, @started, @verdict, @version, @raised, @now)
        on conflict (organization, asset, component, started_at) do nothing
        """;

    private const string SetCursor = """
        insert into settle_cursor (organization, asset, first_at, seen_until, period_ms) values (@organization, @asset, @firstAt, @seen, @period)
        on conflict (organization, asset) do update set seen_until = excluded.seen_until, period_ms = excluded.period_ms
        """;

    private const string AddJudged = """
        insert into judged_day (organization, model_version, day, judged_ms) values (@organization, @version, @day, @judged)
        on conflict (organization, model_version, day) do update set judged_ms = judged_day.judged_ms + excluded.judged_ms
        """;

    private const string Present = "select id from tree_node where organization = @organization and kind = 'asset' and id between @first and @last";

    /// <summary>The next assets behind an id, with what is known of them; null where there are none.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="after">Id of the last asset of the page before; empty for the first page.</param>
    /// <param name="most">Assets of one page.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<SettlePage?> PageAsync(OrganizationDb db, string after, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        IReadOnlyList<SettledAsset> assets = await db.QueryAsync<SettledAsset>(Assets, new { after, most }, ct).ConfigureAwait(false);
        if (assets.Count == 0)
        {
            return null;
        }

        var range = new { first = assets[0].Asset, last = assets[^1].Asset };
        return new SettlePage(
            assets,
            (await db.QueryAsync<SettleCursor>(Cursors, range, ct).ConfigureAwait(false)).ToDictionary(cursor => cursor.Asset, StringComparer.Ordinal),
            (await db.QueryAsync<string>(Alerting, range, ct).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal),
            (await db.QueryAsync<EventRow>(Events, range, ct).ConfigureAwait(false)).ToLookup(
                row => row.Asset,
                row => new AssetEvent(new AssetId(row.Asset), row.At, row.Kind == "failure" ? AssetEventKind.Failure : AssetEventKind.Maintenance, row.Component ?? ""),
                StringComparer.Ordinal),
            (await db.QueryAsync<JudgedFailure>(Failures, range, ct).ConfigureAwait(false)).ToLookup(
                row => row.Asset, row => new FailureOutcome(row.Asset, row.Component, row.StartedAt, null, null, null), StringComparer.Ordinal));
    }

    /// <summary>An instant at which no alert of an asset took predictions in, and the alerts raised since, with those of before whose outcome is open.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="asset">Id of the asset.</param>
    /// <param name="fromUnixMs">The latest that is asked for; it lies at or before it.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<(long FromUnixMs, IReadOnlyList<StoredAlert> Alerts)> SinceAsync(OrganizationDb db, string asset, long fromUnixMs, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        while (await db.QuerySingleOrDefaultAsync<long?>(Covering, new { asset, from = fromUnixMs }, ct).ConfigureAwait(false) is { } earlier)
        {
            fromUnixMs = earlier;
        }

        return (fromUnixMs, [.. (await db.QueryAsync<AlertRow>(Since, new { asset, from = fromUnixMs }, ct).ConfigureAwait(false)).Select(StoredAlert.Of)]);
    }

    /// <summary>Stores what settling gave, all or nothing. What is settled already stays as it is; assets that are gone are passed over.</summary>
    /// <returns>False where another node settled one of the assets meanwhile: nothing was stored, and the next round begins behind what it stored.</returns>
    public static Task<bool> StoreAsync(OrganizationDb db, Settled settled, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(settled);
        if (settled.Cursors.Count == 0 && settled.Alerts.Count == 0 && settled.Failures.Count == 0)
        {
            return Task.FromResult(true);
        }

        return db.WriteAsync(
            async transaction =>
            {
                await transaction.AloneAsync("settle").ConfigureAwait(false);
                string[] concerned = [.. settled.Cursors.Select(cursor => cursor.Asset), .. settled.Alerts.Select(alert => alert.Alert.Asset.Value), .. settled.Failures.Select(failure => failure.Asset)];
                var range = new { first = concerned.Min(StringComparer.Ordinal), last = concerned.Max(StringComparer.Ordinal) };
                Dictionary<string, SettleCursor> there = (await transaction.QueryAsync<SettleCursor>(Cursors, range).ConfigureAwait(false)).ToDictionary(cursor => cursor.Asset, StringComparer.Ordinal);
                if (settled.Cursors.Any(cursor => there.GetValueOrDefault(cursor.Asset)?.SeenUntilUnixMs != cursor.MovedFromUnixMs))
                {
                    return false;
                }

                HashSet<string> present = new(await transaction.QueryAsync<string>(Present, range).ConfigureAwait(false), StringComparer.Ordinal);
                foreach (StoredAlert stored in settled.Alerts.Where(alert => present.Contains(alert.Alert.Asset.Value)))
                {
                    await transaction.ExecuteAsync(
                        SetAlert,
                        new
                        {
                            id = stored.Id,
                            asset = stored.Alert.Asset.Value,
                            component = stored.Alert.Component,
                            version = stored.ModelVersion,
                            raised = stored.Alert.RaisedAtUnixMs,
                            probability = stored.Alert.ProbabilityAtRaise,
                            highest = stored.Alert.HighestProbability,
                            confidence = stored.Alert.ConfidenceAtRaise,
                            time = stored.TimeToFailure,
                            closed = stored.Alert.ClosedAtUnixMs,
                            outcome = OutcomeWords.Word(stored.Alert.Outcome),
                            failure = stored.Alert.FailureStartUnixMs,
                            settled = stored.SettledAt,
                        }).ConfigureAwait(false);
                }

                foreach (FailureOutcome failure in settled.Failures.Where(failure => present.Contains(failure.Asset)))
                {
                    await transaction.ExecuteAsync(
                        SetFailure,
                        new
                        {
                            asset = failure.Asset,
                            component = failure.Component,
                            started = failure.StartedAtUnixMs,
                            verdict = OutcomeWords.Word(failure.Verdict),
                            version = failure.ModelVersion,
                            raised = failure.AlertRaisedAtUnixMs,
                            now,
                        }).ConfigureAwait(false);
                }

                foreach (SettleCursor cursor in settled.Cursors.Where(cursor => present.Contains(cursor.Asset)))
                {
                    await transaction.ExecuteAsync(
                        SetCursor, new { asset = cursor.Asset, firstAt = cursor.FirstAtUnixMs, seen = cursor.SeenUntilUnixMs, period = cursor.PeriodMs }).ConfigureAwait(false);
                }

                foreach (JudgedDay judged in settled.Judged)
                {
                    await transaction.ExecuteAsync(AddJudged, new { version = judged.ModelVersion, day = judged.Day, judged = judged.JudgedMs }).ConfigureAwait(false);
                }

                return true;
            },
            ct);
    }

    private sealed record EventRow(string Asset, string Kind, long At, string? Component);

    private sealed record JudgedFailure(string Asset, string Component, long StartedAt);
}
