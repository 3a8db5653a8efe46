using Auspex.Core.Predictions;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;

namespace Auspex.Storage.Alerts;

/// <summary>Which alerts are asked for.</summary>
/// <param name="Asset">Of one asset; null for all.</param>
/// <param name="Component">Of one component; null for all.</param>
/// <param name="Outcome">Of one outcome; null for all.</param>
/// <param name="ModelVersion">Of one version; null for all.</param>
/// <param name="FromUnixMs">Raised at or after.</param>
/// <param name="ToUnixMs">Raised before.</param>
public sealed record AlertFilter(Guid? Asset, string? Component, PredictiveAlertOutcome? Outcome, string? ModelVersion, long FromUnixMs, long ToUnixMs);

/// <summary>Predictive alerts of an organization: what was claimed, what became of it, and what people said of it.</summary>
public static class PredictiveAlertStore
{
    private const string Columns = """
        id as Id, asset as Asset, component as Component, model_version as ModelVersion, raised_at as RaisedAt, probability as Probability,
        highest_probability as HighestProbability, confidence as Confidence, time_to_failure as TimeToFailure, closed_at as ClosedAt, outcome as Outcome,
        failure_at as FailureAt, settled_at as SettledAt, is_accurate as IsAccurate, feedback_at as FeedbackAt, feedback_by as FeedbackBy, feedback_note as FeedbackNote
        """;

    // "between" and not two comparisons: for those SQLite walks the index of times whatever else is asked for.
    private const string Chosen = $"""
        select {Columns} from predictive_alert where organization = @organization and raised_at between @from and @last
          and (@afterId = '' or (raised_at, id) < (@afterTime, @afterId)) and (@outcome = '' or outcome = @outcome) and (@version = '' or model_version = @version)
        """;

    private const string Newest = "order by raised_at desc, id desc limit @most";

    private const string All = $"{Chosen} {Newest}";

    private const string OfComponent = $"{Chosen} and component = @component {Newest}";

    private const string OfAsset = $"{Chosen} and asset = @asset and (@component = '' or component = @component) {Newest}";

    private const string One = $"select {Columns} from predictive_alert where organization = @organization and id = @id";

    private const string SetFeedback = """
        update predictive_alert set is_accurate = @accurate, feedback_at = @now, feedback_by = @by, feedback_note = @note where organization = @organization and id = @id
        """;

    private const string Failures = """
        select asset as Asset, component as Component, started_at as StartedAt, verdict as Verdict, model_version as ModelVersion, alert_raised_at as AlertRaisedAt
        from failure_outcome where organization = @organization and started_at between @from and @last and (@version = '' or model_version = @version)
        order by started_at, asset, component
        """;

    private const string Judged = """
        select model_version as ModelVersion, day as Day, judged_ms as JudgedMs from judged_day
        where organization = @organization and day between @first and @last and (@version = '' or model_version = @version) order by day, model_version
        """;

    private const string AssetsOf = "select count(*) from settle_cursor where organization = @organization";

    /// <summary>Alerts, the last raised first.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="behind">Raise and id of the last one of the page before; null for the first page.</param>
    /// <param name="most">Of one page.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<IReadOnlyList<StoredAlert>> ListAsync(OrganizationDb db, AlertFilter filter, (long RaisedAtUnixMs, Guid Id)? behind, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(filter);
        IReadOnlyList<AlertRow> rows = await db.QueryAsync<AlertRow>(
            filter.Asset is not null ? OfAsset : filter.Component is not null ? OfComponent : All,
            new
            {
                asset = filter.Asset?.ToString() ?? "",
                component = filter.Component ?? "",
                outcome = filter.Outcome is { } outcome ? OutcomeWords.Word(outcome) : "",
                version = filter.ModelVersion ?? "",
                from = filter.FromUnixMs,
                last = filter.ToUnixMs - 1,
                afterTime = behind?.RaisedAtUnixMs ?? 0,
                afterId = behind?.Id.ToString() ?? "",
                most,
            },
            ct).ConfigureAwait(false);
        return [.. rows.Select(StoredAlert.Of)];
    }

    /// <summary>One; null where the organization has none of this id.</summary>
    public static async Task<StoredAlert?> FindAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.QuerySingleOrDefaultAsync<AlertRow>(One, new { id }, ct).ConfigureAwait(false) is { } row ? StoredAlert.Of(row) : null;
    }

    /// <summary>Keeps what a person says of an alert; what was said before stays in the audit.</summary>
    /// <returns>The alert with it; null where the organization has none of this id.</returns>
    public static Task<StoredAlert?> SayAsync(OrganizationDb db, Guid id, bool isAccurate, string? note, string by, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.WriteAsync<StoredAlert?>(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(SetFeedback, new { id, accurate = isAccurate ? 1L : 0L, now, by, note }).ConfigureAwait(false) == 0)
                {
                    return null;
                }

                await AuditLog.AppendAsync(transaction, db.Organization, by, "FEEDBACK", $"predictive alert {id}", new { isAccurate, note }, now).ConfigureAwait(false);
                return StoredAlert.Of((await transaction.QuerySingleOrDefaultAsync<AlertRow>(One, new { id }).ConfigureAwait(false))!);
            },
            ct);
    }

    /// <summary>Failures that started in a period, with their verdicts.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="fromUnixMs">At or after.</param>
    /// <param name="toUnixMs">Before.</param>
    /// <param name="version">Judged by one version; null for all, also those that none judged.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<IReadOnlyList<FailureOutcome>> FailuresAsync(OrganizationDb db, long fromUnixMs, long toUnixMs, string? version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        IReadOnlyList<FailureRow> rows = await db.QueryAsync<FailureRow>(Failures, new { from = fromUnixMs, last = toUnixMs - 1, version = version ?? "" }, ct).ConfigureAwait(false);
        return [.. rows.Select(row => new FailureOutcome(row.Asset, row.Component, row.StartedAt, OutcomeWords.VerdictOf(row.Verdict), row.ModelVersion, row.AlertRaisedAt))];
    }

    /// <summary>For how long versions judged on the days of a period, whole days of UTC.</summary>
    public static Task<IReadOnlyList<JudgedDay>> JudgedAsync(OrganizationDb db, long firstDay, long lastDay, string? version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<JudgedDay>(Judged, new { first = firstDay, last = lastDay, version = version ?? "" }, ct);
    }

    /// <summary>Assets that have predictions.</summary>
    public static Task<long> AssetsAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QuerySingleOrDefaultAsync<long>(AssetsOf, null, ct);
    }

    private sealed record FailureRow(string Asset, string Component, long StartedAt, string Verdict, string? ModelVersion, long? AlertRaisedAt);
}
