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
        var label = new LabelDefinition(
            task,
            horizon ?? Duration(settings.Horizon),
            Duration(settings.Grace),
            Duration(settings.Recovery),
            isLife ? [] : dataset.Schema.Components,
            isLife ? time.PeriodName ?? "h" : null,
            isLife ? time.Period is { } period ? Duration(period) : TimeSpan.FromHours(1) : null,
            isLife && settings.LifeCap > 0 ? settings.LifeCap : null);
        return label.Horizon > TimeSpan.Zero
            ? label
            : throw new DatasetException("labels.horizon must be longer than 0s: a failure is predicted some time ahead.");
    }

    /// <summary>Keeps the components that failed often enough before <paramref name="knownUntilUnixMs"/> to be learned from.</summary>
    /// <param name="label">The label with all components.</param>
    /// <param name="assets">Assets of the training side.</param>
    /// <param name="knownUntilUnixMs">What training knows.</param>
    /// <param name="notes">Receives a sentence for each component left out.</param>
    public static LabelDefinition Taught(
        LabelDefinition label, IReadOnlyList<AssetHistory> assets, long knownUntilUnixMs, ICollection<string> notes)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(notes);
        Dictionary<string, int> failures = assets
            .Where(asset => asset.Count > 0)
            .SelectMany(asset => FailureEpisodes.Of(asset.Asset, asset.Events, label)
                .Where(episode => episode.StartUnixMs > asset.TimesUnixMs[0] && episode.StartUnixMs <= knownUntilUnixMs))
            .GroupBy(episode => episode.Component, StringComparer.Ordinal)
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
                notes.Add($"Component '{component}' is not taught: it failed {count} times in the training period, at least {FewestFailures} are needed. Its failures will be missed.");
            }
        }

        return taught.Count > 0 || label.Components.Count == 0
            ? label with { Components = taught }
            : throw new DatasetException(
                $"Nothing to learn from: no component failed at least {FewestFailures} times in the training period. "
                + "Give more history, or a later split.");
    }

    private static TimeSpan Duration(string text) => DurationText.TryParse(text, out TimeSpan duration)
        ? duration
        : throw new DatasetException($"'{text}' is not a duration; expected {DurationText.Expected}.");
}
