using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Label;

/// <summary>The rows of one asset that may be taught, and what each is taught to be.</summary>
/// <param name="Rows">Rows of the history, ascending.</param>
/// <param name="Labels">[target][row of <paramref name="Rows"/>]. For a failure one target a component (one in all where none are told
/// apart), 1 when it fails in (t, t + horizon], or with a horizon of zero when it is failed at t, else 0. For remaining useful life one target, in the label's unit, at most its cap.</param>
public sealed record LabelledRows(int[] Rows, float[][] Labels)
{
    /// <summary>Labels the rows of an asset whose outcome was known at one instant. With a horizon of zero each row is labelled by its own condition, and
    /// none is left out but those of a failure of nobody knows which component; else rows in failed spans are left out.</summary>
    /// <param name="asset">Frames, events and failed spans.</param>
    /// <param name="label">What is taught.</param>
    /// <param name="knownUntilUnixMs">What happened after this instant is not known: <see cref="long.MaxValue"/> for all that is recorded.</param>
    public static LabelledRows Of(DatasetAsset asset, LabelDefinition label, long knownUntilUnixMs)
    {
        ArgumentNullException.ThrowIfNull(asset);
        ArgumentNullException.ThrowIfNull(label);
        return label.Task == PredictionTask.Failure && label.Horizon == TimeSpan.Zero
            ? OfCondition(asset, label, knownUntilUnixMs)
            : Of(asset.History, label, knownUntilUnixMs).Without(asset.FailedSpans, asset.History);
    }

    /// <summary>Labels the rows whose outcome was known at one instant, by events alone.</summary>
    /// <param name="history">Frames and events of the asset.</param>
    /// <param name="label">What is taught.</param>
    /// <param name="knownUntilUnixMs">What happened after this instant is not known: <see cref="long.MaxValue"/> for all that is recorded.</param>
    public static LabelledRows Of(AssetHistory history, LabelDefinition label, long knownUntilUnixMs)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(label);
        FailureEpisode[] episodes =
        [
            .. FailureEpisodes.Of(history.Asset, history.Events, label).Where(episode => episode.StartUnixMs <= knownUntilUnixMs),
        ];
        return label.Task == PredictionTask.Failure
            ? OfFailure(history, label, episodes, knownUntilUnixMs)
            : OfLife(history, label, episodes, knownUntilUnixMs);
    }

    /// <summary>The same without the rows in which a row label says that the asset is failed.</summary>
    public LabelledRows Without(IReadOnlyList<FailedSpan> spans, AssetHistory history)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(history);
        if (spans.Count == 0)
        {
            return this;
        }

        FailedPeriods failed = FailedSpan.Join(history.Asset, spans);
        int[] kept = [.. Enumerable.Range(0, Rows.Length).Where(i => !failed.Contains(history.TimesUnixMs[Rows[i]]))];
        return new LabelledRows([.. kept.Select(i => Rows[i])], [.. Labels.Select(column => kept.Select(i => column[i]).ToArray())]);
    }

    /// <summary>Time until the next failure in the label's unit, not capped; NaN when none is known.</summary>
    /// <param name="timeUnixMs">The instant.</param>
    /// <param name="episodes">Failures of the asset by start.</param>
    /// <param name="label">Names the unit.</param>
    public static double Life(long timeUnixMs, IReadOnlyList<FailureEpisode> episodes, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(label);
        int next = FirstAtOrAfter(episodes, timeUnixMs);
        return next == episodes.Count
            ? double.NaN
            : (episodes[next].StartUnixMs - timeUnixMs) / label.LifeUnitLength!.Value.TotalMilliseconds;
    }

    private static LabelledRows OfCondition(DatasetAsset asset, LabelDefinition label, long knownUntilUnixMs)
    {
        AssetHistory history = asset.History;
        FailedPeriods Of(Func<FailedSpan, bool> which) => FailedSpan.Join(history.Asset, asset.FailedSpans.Where(which));
        FailedPeriods[] targets = label.Components.Count == 0
            ? [Of(_ => true)]
            : [.. label.Components.Select(component => Of(span => span.Component == component))];
        FailedPeriods ofUnknown = Of(span => label.Components.Count > 0 && span.Component.Length == 0);
        int[] rows = [.. Enumerable.Range(0, history.Count).Where(row =>
            history.TimesUnixMs[row] <= knownUntilUnixMs && !ofUnknown.Contains(history.TimesUnixMs[row]))];
        return new LabelledRows(rows, [.. targets.Select(target => rows.Select(row => target.Contains(history.TimesUnixMs[row]) ? 1f : 0f).ToArray())]);
    }

    private static LabelledRows OfFailure(AssetHistory history, LabelDefinition label, FailureEpisode[] episodes, long knownUntilUnixMs)
    {
        var failed = new FailedPeriods(episodes);
        long horizonMs = (long)label.Horizon.TotalMilliseconds;
        NextFailure[] targets = label.Components.Count == 0
            ? [new NextFailure(episodes)]
            : [.. label.Components.Select(component => new NextFailure([.. episodes.Where(episode => episode.Component == component)]))];
        // A failure of nobody knows which component teaches none of them anything.
        var ofUnknown = new NextFailure(label.Components.Count == 0 ? [] : [.. episodes.Where(episode => episode.Component.Length == 0)]);
        long outcomeKnownUntil = OutcomeKnownUntil(history, episodes, knownUntilUnixMs);
        var rows = new List<int>();
        var labels = targets.Select(_ => new List<float>()).ToArray();
        for (int row = 0; row < history.Count; row++)
        {
            long time = history.TimesUnixMs[row];
            // The tail, whose horizon runs past what is known, says neither yes nor no.
            if (time > outcomeKnownUntil - horizonMs || failed.Contains(time) || ofUnknown.IsIn(time, horizonMs))
            {
                continue;
            }

            rows.Add(row);
            for (int target = 0; target < targets.Length; target++)
            {
                labels[target].Add(targets[target].IsIn(time, horizonMs) ? 1 : 0);
            }
        }

        return new LabelledRows([.. rows], [.. labels.Select(column => column.ToArray())]);
    }

    private static LabelledRows OfLife(AssetHistory history, LabelDefinition label, FailureEpisode[] episodes, long knownUntilUnixMs)
    {
        var failed = new FailedPeriods(episodes);
        var rows = new List<int>();
        var lives = new List<float>();
        for (int row = 0; row < history.Count && history.TimesUnixMs[row] <= knownUntilUnixMs; row++)
        {
            double life = Life(history.TimesUnixMs[row], episodes, label);
            // The row of the failure itself is the end of a life; those of the repair behind it belong to none.
            if (!double.IsNaN(life) && (life == 0 || !failed.Contains(history.TimesUnixMs[row])))
            {
                rows.Add(row);
                lives.Add((float)Math.Min(life, label.LifeCap ?? double.PositiveInfinity));
            }
        }

        return new LabelledRows([.. rows], [[.. lives]]);
    }

    // An asset that was run until it failed has no open end: after its last failure there is nothing left to know. What is looked at is what
    // stood in the books at knownUntil: whether frames came later must not decide which rows are taught.
    private static long OutcomeKnownUntil(AssetHistory history, FailureEpisode[] episodes, long knownUntilUnixMs)
    {
        int at = Array.BinarySearch(history.TimesUnixMs, knownUntilUnixMs);
        int last = at >= 0 ? at : ~at - 1;
        if (last < 0)
        {
            return knownUntilUnixMs;
        }

        bool ranToFailure = episodes.Length > 0 && episodes[^1].EndUnixMs >= history.TimesUnixMs[last];
        return ranToFailure ? knownUntilUnixMs : history.TimesUnixMs[last];
    }

    private static int FirstAtOrAfter(IReadOnlyList<FailureEpisode> episodes, long timeUnixMs)
    {
        int low = 0;
        int high = episodes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = episodes[middle].StartUnixMs < timeUnixMs ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The next of some failures, asked for times that only grow.</summary>
    private sealed class NextFailure(FailureEpisode[] episodes)
    {
        private int _next;

        /// <summary>Does one start in (<paramref name="timeUnixMs"/>, <paramref name="timeUnixMs"/> + <paramref name="horizonMs"/>]?</summary>
        public bool IsIn(long timeUnixMs, long horizonMs)
        {
            while (_next < episodes.Length && episodes[_next].StartUnixMs <= timeUnixMs)
            {
                _next++;
            }

            return _next < episodes.Length && episodes[_next].StartUnixMs <= timeUnixMs + horizonMs;
        }
    }
}
