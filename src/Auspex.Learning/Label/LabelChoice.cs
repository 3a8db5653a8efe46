using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Label;

/// <summary>Works out of a data set's description what a model is to be taught.</summary>
public static class LabelChoice
{
    /// <summary>Fewest failures of a component in the training period for it to be taught.</summary>
    public const int FewestFailures = 2;

    /// <summary>The label of a task; for failures with all components of the data set.</summary>
    /// <param name="dataset">Its description names recovery, grace, cap and the unit of life.</param>
    /// <param name="task">What is to be predicted.</param>
    /// <param name="horizon">Overrides the description's horizon.</param>
    public static LabelDefinition Of(Dataset dataset, PredictionTask task, TimeSpan? horizon)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        LabelSettings settings = dataset.Description.Labels;
        TimeColumn time = dataset.Description.Frames[0].Time;
        bool isLife = task == PredictionTask.RemainingUsefulLife;
        TimeSpan period = time.Period is { } text ? Duration(text) : TimeSpan.FromHours(1);
        var label = new LabelDefinition(
            task,
            horizon ?? Duration(settings.Horizon),
            Duration(settings.Grace),
            Duration(settings.Recovery),
            isLife || !FailuresNameComponents(dataset) ? [] : dataset.Schema.Components,
            isLife ? time.PeriodName ?? (period == TimeSpan.FromHours(1) ? "h" : "period") : null,
            isLife ? period : null,
            isLife && settings.LifeCap > 0 ? settings.LifeCap : null);
        bool isOfThePresent = label.Horizon == TimeSpan.Zero && !isLife && dataset.Description.RowLabels.Count > 0;
        return label.Horizon > TimeSpan.Zero || isOfThePresent
            ? label
            : throw new DatasetException("The horizon must be longer than 0s: a failure is predicted some time ahead. "
                + "Only with rowLabels, and for --task failure, 0s asks whether a row is failed itself.");
    }

    /// <summary>Keeps the components that failed often enough before <paramref name="knownUntilUnixMs"/> to be learned from: a failure counts
    /// when there is a row to be taught within the horizon before it, with a horizon of zero when there is one in it.</summary>
    /// <param name="label">The label with all components.</param>
    /// <param name="assets">Assets of the training side.</param>
    /// <param name="knownUntilUnixMs">What training knows.</param>
    /// <param name="notes">Receives a sentence for each component left out.</param>
    /// <exception cref="DatasetException">No component is left.</exception>
    public static LabelDefinition Taught(
        LabelDefinition label, IReadOnlyList<DatasetAsset> assets, long knownUntilUnixMs, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(notes);
        if (label.Components.Count == 0)
        {
            return label;
        }

        Dictionary<string, int> failures = assets
            .SelectMany(asset => label.Horizon > TimeSpan.Zero ? Foretold(asset, label, knownUntilUnixMs) : Shown(asset, label, knownUntilUnixMs))
            .GroupBy(component => component, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var taught = new List<string>();
        foreach (string component in label.Components)
        {
            int count = failures.GetValueOrDefault(component);
            if (count >= FewestFailures)
            {
                taught.Add(component);
            }
            else
            {
                notes.Add($"Component '{component}' is not taught: it failed {Times(count)} in the training period "
                    + $"with a row before it to learn from, at least {FewestFailures} times are needed. Its failures will be missed.");
            }
        }

        return taught.Count > 0
            ? label with { Components = taught }
            : throw new DatasetException(
                $"Nothing to learn from: no component failed at least {FewestFailures} times in the training period with a row before it to learn from. "
                + "Give more history, or a later split.");
    }

    /// <summary>The component of each failed span in which a row is taught.</summary>
    private static IEnumerable<string> Shown(DatasetAsset asset, LabelDefinition label, long knownUntilUnixMs)
    {
        long[] times = [.. LabelledRows.Of(asset, label, knownUntilUnixMs).Rows.Select(row => asset.History.TimesUnixMs[row])];
        foreach (FailedSpan span in asset.FailedSpans)
        {
            int at = Array.BinarySearch(times, span.StartUnixMs);
            int first = at >= 0 ? at : ~at;
            if (first < times.Length && span.Contains(times[first]))
            {
                yield return span.Component;
            }
        }
    }

    /// <summary>The component of each failure that has a row to be taught before it.</summary>
    private static IEnumerable<string> Foretold(DatasetAsset asset, LabelDefinition label, long knownUntilUnixMs)
    {
        AssetHistory history = asset.History;
        LabelledRows labelled = LabelledRows.Of(asset, label, knownUntilUnixMs);
        long[] times = [.. labelled.Rows.Select(row => history.TimesUnixMs[row])];
        foreach (FailureEpisode episode in FailureEpisodes.Of(history.Asset, history.Events, label))
        {
            int at = Array.BinarySearch(times, episode.StartUnixMs - (long)label.Horizon.TotalMilliseconds);
            int first = at >= 0 ? at : ~at;
            if (episode.StartUnixMs <= knownUntilUnixMs && first < times.Length && times[first] < episode.StartUnixMs)
            {
                yield return episode.Component;
            }
        }
    }

    // Where no failure names a component, maintenance may still do so: then failures are taught together.
    private static bool FailuresNameComponents(Dataset dataset)
    {
        AssetEvent[] failures = [.. dataset.Assets.SelectMany(asset => asset.History.Events).Where(happened => happened.Kind == AssetEventKind.Failure)];
        return failures.Length == 0 || failures.Any(failure => failure.Name.Length > 0);
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static TimeSpan Duration(string text) => DurationText.TryParse(text, out TimeSpan duration)
        ? duration
        : throw new DatasetException($"'{text}' is not a duration; expected {DurationText.Expected}.");
}
