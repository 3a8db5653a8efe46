using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Flow.Settle;
using Auspex.Storage.Alerts;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow;

/// <summary>One round of settling an organization's predictions.</summary>
/// <param name="db">Whose.</param>
/// <param name="telemetry">Has the predictions.</param>
/// <param name="versions">Tells what they claim.</param>
/// <param name="now">When it is made.</param>
/// <param name="recordedUntil">People have recorded what happened until then.</param>
/// <param name="options">How much is read.</param>
internal sealed class SettleRound(OrganizationDb db, TelemetryStore telemetry, TaughtVersions versions, DateTimeOffset now, DateTimeOffset recordedUntil, SettleOptions options)
{
    private const long MsPerDay = 86_400_000;
    private const int RowsARead = 10_000;

    private readonly long _nowMs = now.ToUnixTimeMilliseconds();
    private readonly long _recordedMs = recordedUntil.ToUnixTimeMilliseconds();

    /// <summary>Settles the assets of a page.</summary>
    internal async Task<Settled> SettleAsync(SettlePage page, CancellationToken ct)
    {
        var alerts = new List<StoredAlert>();
        var failures = new List<FailureOutcome>();
        var cursors = new List<SettleCursor>();
        var judged = new Dictionary<(string Version, long Day), double>();
        foreach (SettledAsset asset in page.Assets)
        {
            AssetId series = Series.PredictionsOf(new AssetId(asset.Key), PredictionTask.Failure);
            if (await telemetry.NewestAsync(db.Organization, series, ct).ConfigureAwait(false) is not { } newest)
            {
                continue;
            }

            AssetEvent[] events = [.. page.Events[asset.Asset]];
            HashSet<(string, long)> told = [.. page.Failures[asset.Asset].Select(failure => (failure.Component, failure.StartedAtUnixMs))];
            AssetEvent[] due =
            [
                .. events.Where(happened => happened.Kind == AssetEventKind.Failure && happened.TimeUnixMs <= _nowMs && !told.Contains((happened.Name, happened.TimeUnixMs)))
                    .DistinctBy(happened => (happened.Name, happened.TimeUnixMs)),
            ];
            SettleCursor? cursor = page.Cursors.GetValueOrDefault(asset.Asset);
            bool alerting = page.Alerting.Contains(asset.Asset);
            if (alerting || due.Length > 0 || !(cursor?.SeenUntilUnixMs >= newest.TimeUnixMs))
            {
                IReadOnlyList<StoredAlert> raised = await AlertsAsync(asset, series, newest, events, alerting, cursor, cursors, judged, ct).ConfigureAwait(false);
                alerts.AddRange(raised);
                failures.AddRange(await FailuresAsync(asset, series, newest, events, due, raised, cursors.LastOrDefault(moved => moved.Asset == asset.Asset) ?? cursor, ct).ConfigureAwait(false));
            }
        }

        return new Settled(alerts, failures, cursors, [.. judged.Select(day => new JudgedDay(day.Key.Version, day.Key.Day, day.Value))]);
    }

    private async Task<IReadOnlyList<StoredAlert>> AlertsAsync(
        SettledAsset asset, AssetId series, Frame newest, AssetEvent[] events, bool alerting, SettleCursor? cursor, List<SettleCursor> cursors,
        Dictionary<(string Version, long Day), double> judged, CancellationToken ct)
    {
        long from = cursor is null ? 0 : cursor.SeenUntilUnixMs + 1;
        IReadOnlyList<StoredAlert> stored = [];
        if (alerting)
        {
            (from, stored) = await SettleStore.SinceAsync(db, asset.Asset, from, ct).ConfigureAwait(false);
        }

        (IReadOnlyList<JudgedRows> rows, bool all) = await ReadAsync(series, from, newest.TimeUnixMs + 1, ct).ConfigureAwait(false);
        if ((rows.Count > 0 ? rows[^1].Claims : await versions.OfAsync(NumberOf(newest), ct).ConfigureAwait(false)) is not { } present)
        {
            return [];
        }

        Judge(asset.Asset, cursor, rows, events, cursors, judged);
        // Where there is more to read, no more than that is known yet.
        long until = all || rows.Count == 0 ? _nowMs : rows[^1].Times[^1];
        Dictionary<Guid, StoredAlert> before = stored.ToDictionary(alert => alert.Id);
        return
        [
            .. AssetClaims.Alerts(new AssetId(asset.Asset), rows, events, stored, present.Label, until, Math.Min(until, _recordedMs), now)
                .Where(alert => !before.TryGetValue(alert.Id, out StoredAlert? was) || was != alert),
        ];
    }

    private async Task<IEnumerable<FailureOutcome>> FailuresAsync(
        SettledAsset asset, AssetId series, Frame newest, AssetEvent[] events, AssetEvent[] due, IReadOnlyList<StoredAlert> raised, SettleCursor? cursor, CancellationToken ct)
    {
        // A failure is judged when the predictions of before it are there, or will not come any more.
        AssetEvent[] ripe = cursor is null ? [] : [.. due.Where(failure => failure.TimeUnixMs <= cursor.SeenUntilUnixMs || failure.TimeUnixMs <= _recordedMs)];
        if (ripe.Length == 0 || await versions.OfAsync(NumberOf(newest), ct).ConfigureAwait(false) is not { } present)
        {
            return [];
        }

        var before = new Dictionary<AssetEvent, (VersionClaims, IReadOnlyList<StoredAlert>)?>();
        foreach (AssetEvent failure in ripe)
        {
            long opens = failure.TimeUnixMs - (long)present.Label.Horizon.TotalMilliseconds;
            (IReadOnlyList<JudgedRows> rows, _) = await ReadAsync(series, opens, failure.TimeUnixMs, ct).ConfigureAwait(false);
            IReadOnlyList<StoredAlert> stored = await PredictiveAlertStore.ListAsync(
                db, new AlertFilter(Guid.Parse(asset.Asset), null, null, null, opens, failure.TimeUnixMs), null, int.MaxValue, ct).ConfigureAwait(false);
            before[failure] = rows.Count == 0 ? null
                : (rows[^1].Claims, [.. stored, .. raised.Where(alert => alert.Alert.RaisedAtUnixMs >= opens && alert.Alert.RaisedAtUnixMs < failure.TimeUnixMs)]);
        }

        return AssetClaims.Failures(new AssetId(asset.Asset), ripe, events, cursor!.FirstAtUnixMs, cursor.SeenUntilUnixMs, failure => before[failure], present.Label);
    }

    // Rows of versions that are not kept any more claim nothing.
    private async Task<(IReadOnlyList<JudgedRows> Rows, bool All)> ReadAsync(AssetId series, long fromMs, long toMs, CancellationToken ct)
    {
        var stretches = new List<JudgedRows>();
        int count = 0;
        bool more = true;
        while (more && count < options.RowsARound)
        {
            FrameColumns read = await telemetry.ReadAsync(db.Organization, series, fromMs, toMs, null, Math.Min(RowsARead, options.RowsARound - count), ct).ConfigureAwait(false);
            more = read.More;
            count += read.Times.Length;
            if (read.Times.Length == 0)
            {
                break;
            }

            fromMs = read.Times[^1] + 1;
            double[] number = ColumnOf(read, PredictionColumns.Model);
            for (int first = 0; first < number.Length;)
            {
                int end = first + 1;
                while (end < number.Length && number[end].Equals(number[first]))
                {
                    end++;
                }

                if (!double.IsNaN(number[first]) && await versions.OfAsync((long)number[first], ct).ConfigureAwait(false) is { } claims)
                {
                    stretches.Add(Joined(stretches, Stretch(read, claims, first, end)));
                }

                first = end;
            }
        }

        return (stretches, !more);
    }

    // Of one version from page to page it is one stretch: what an alert is must not depend on where a page ends.
    private static JudgedRows Joined(List<JudgedRows> stretches, JudgedRows next)
    {
        if (stretches.Count == 0 || stretches[^1].Claims.Version != next.Claims.Version)
        {
            return next;
        }

        JudgedRows last = stretches[^1];
        stretches.RemoveAt(stretches.Count - 1);
        return new JudgedRows(
            next.Claims, [.. last.Times, .. next.Times], [.. last.Probabilities.Zip(next.Probabilities, (one, other) => (double[])[.. one, .. other])],
            [.. last.Confidences, .. next.Confidences], [.. last.TimesToFailure, .. next.TimesToFailure]);
    }

    private static JudgedRows Stretch(FrameColumns read, VersionClaims claims, int first, int end)
    {
        double[] Part(double[] column) => column[first..end];
        double[][] probabilities = claims.Label.Components.Count == 0
            ? [Part(ColumnOf(read, PredictionColumns.Probability))]
            : [.. claims.Label.Components.Select(component => Part(ColumnOf(read, PredictionColumns.SignalOf(component))))];
        return new JudgedRows(claims, read.Times[first..end], probabilities, Part(ColumnOf(read, PredictionColumns.Confidence)), Part(ColumnOf(read, PredictionColumns.Time)));
    }

    // Rows x usual period, not last - first: a gap is time in which nobody was told anything, so it must not thin out the false alerts.
    private static void Judge(
        string asset, SettleCursor? cursor, IReadOnlyList<JudgedRows> rows, AssetEvent[] events, List<SettleCursor> cursors, Dictionary<(string Version, long Day), double> judged)
    {
        long seen = cursor?.SeenUntilUnixMs ?? long.MinValue;
        long[] times = [.. rows.SelectMany(stretch => stretch.Times).Where(time => time > seen)];
        if (times.Length == 0)
        {
            return;
        }

        double[] gaps = [.. times.Zip(times.Skip(1), (one, next) => (double)(next - one)).Order()];
        double period = gaps.Length > 0 ? Quantile.OfSorted(gaps, 0.5) : cursor is null ? 0 : cursor.PeriodMs > 0 ? cursor.PeriodMs : times[0] - seen;
        foreach (JudgedRows stretch in rows)
        {
            var failed = new FailedPeriods(FailureEpisodes.Of(new AssetId(asset), events, stretch.Claims.Label));
            foreach (long time in stretch.Times.Where(time => time > seen && !failed.Contains(time)))
            {
                (string, long) day = (stretch.Claims.Version, Math.DivRem(time, MsPerDay).Quotient);
                judged[day] = judged.GetValueOrDefault(day) + period;
            }
        }

        cursors.Add(new SettleCursor(asset, cursor?.FirstAtUnixMs ?? times[0], times[^1], period, cursor?.SeenUntilUnixMs));
    }

    private static long NumberOf(Frame prediction) =>
        Array.IndexOf(prediction.Signals, PredictionColumns.FixedSignals[PredictionColumns.Model]) is >= 0 and var at && double.IsFinite(prediction.Values[at]) ? (long)prediction.Values[at] : 0;

    private static double[] ColumnOf(FrameColumns read, int place) => ColumnOf(read, PredictionColumns.FixedSignals[place]);

    private static double[] ColumnOf(FrameColumns read, string signal)
    {
        int at = Array.IndexOf([.. read.Signals], signal);
        if (at >= 0)
        {
            return read.Values[at];
        }

        var missing = new double[read.Times.Length];
        Array.Fill(missing, double.NaN);
        return missing;
    }
}
