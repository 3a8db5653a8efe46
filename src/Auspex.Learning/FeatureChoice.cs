using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning;

/// <summary>Works out which features a task has over a data set: what its description says, defaults for what it leaves out, and nothing
/// of signals that tell nothing.</summary>
internal static class FeatureChoice
{
    /// <summary>The features of a task over a data set.</summary>
    /// <param name="dataset">The data set; of its assets only the sampling period is used.</param>
    /// <param name="task">What the model tells.</param>
    /// <param name="training">Histories of the training assets.</param>
    /// <param name="knownUntilUnixMs">Frames after this instant are not known to training.</param>
    /// <param name="notes">Told what was left out and why, and how operating conditions are met.</param>
    /// <param name="windowScale">What the lengths of all lags and windows are multiplied with.</param>
    /// <exception cref="DatasetException">A lag or window is out of range, two features would have one name, or no signal tells anything.</exception>
    public static FeatureDefinition Definition(
        Dataset dataset, PredictionTask task, IReadOnlyList<AssetHistory> training, long knownUntilUnixMs, ICollection<string> notes,
        double windowScale = 1)
    {
        IReadOnlyList<(string Name, string Reason)> useless = UninformativeSignals.Of(dataset.Schema, training, knownUntilUnixMs);
        HashSet<string> without = [.. useless.Select(signal => signal.Name)];
        bool events = training.Any(asset => asset.Events.Any(happened =>
            happened.Kind is AssetEventKind.Error or AssetEventKind.Maintenance && happened.TimeUnixMs <= knownUntilUnixMs));
        if (!events && dataset.Schema.Signals.All(signal => without.Contains(signal.Name)))
        {
            throw new DatasetException(
                $"Nothing to learn from: no signal of data set '{dataset.Description.Name}' varies on the training side, and no error or maintenance is known: "
                + string.Join("; ", useless.Take(5).Select(signal => $"{signal.Name}: {signal.Reason}")) + ". Describe signals that do.");
        }

        foreach ((string name, string reason) in useless)
        {
            notes.Add($"{name} makes no features: {reason}.");
        }

        // The first rows of an asset, or a short normal period, need not show every condition: detectors are told to use them, or do not.
        bool? perCondition = dataset.Description.Features.PerOperatingCondition ?? (task == PredictionTask.Anomaly ? false : null);
        (OperatingConditions? conditions, IReadOnlyList<string> constant) = OperatingConditionFit.Of(
            dataset.Schema, without, training, knownUntilUnixMs, perCondition, notes);
        foreach (string name in constant)
        {
            without.Add(name);
            notes.Add($"{name} makes no features: it does not vary under any one operating condition.");
        }

        FeatureOptions options = Scaled(Of(dataset, task), windowScale) with { Without = without, Conditions = conditions };
        try
        {
            return FeatureDefinition.Build(dataset.Schema, options);
        }
        catch (ArgumentException refused)
        {
            throw new DatasetException($"No features can be made of data set '{dataset.Description.Name}': {refused.Message}", refused);
        }
    }

    /// <summary>What the description says, and for what it leaves out the defaults of the task in sampling periods. The running age is a
    /// feature of assets whose record begins with their life: those taught remaining useful life. A detector of anomalies looks at the values alone
    /// unless told otherwise: few normal rows bear few features.</summary>
    private static FeatureOptions Of(Dataset dataset, PredictionTask task)
    {
        FeatureSettings settings = dataset.Description.Features;
        bool wear = task == PredictionTask.RemainingUsefulLife;
        bool runningAge = settings.RunningAge ?? wear;
        bool windows = settings.Windows is not null || settings.Statistics is not null;
        bool complete = task == PredictionTask.Anomaly || (windows && (settings.Lags is not null || wear));
        if (!complete && dataset.SamplingPeriod <= TimeSpan.Zero)
        {
            throw new DatasetException(
                $"Data set '{dataset.Description.Name}' has no asset with two frames, so no sampling period follows from it; give features.lags and features.windows.");
        }

        TimeSpan period = complete ? TimeSpan.FromMinutes(1) : dataset.SamplingPeriod;
        FeatureOptions usual = task switch
        {
            PredictionTask.Anomaly => new FeatureOptions([], [], runningAge),
            PredictionTask.RemainingUsefulLife => FeatureOptions.ForWear(period, runningAge),
            _ => FeatureOptions.ForSamplingPeriod(period, runningAge),
        };
        FeatureOptions options = windows ? usual with { Windows = [], ChosenWindows = Windows(settings), Ewma = [] } : usual;
        return options with
        {
            Lags = settings.Lags is { } lags ? Durations(lags) : options.Lags,
            Ewma = settings.Ewma is { } ewma ? Durations(ewma) : options.Ewma,
            Calendar = settings.Calendar,
        };
    }

    private static FeatureOptions Scaled(FeatureOptions options, double by)
    {
        TimeSpan Length(TimeSpan length) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(length.TotalMilliseconds * by)));
        return by == 1 ? options : options with
        {
            Lags = [.. options.Lags.Select(Length)],
            Windows = [.. options.Windows.Select(Length)],
            ChosenWindows = [.. options.ChosenWindows.Select(window => new FeatureWindow(Length(window.Length), window.Statistics))],
            Ewma = [.. options.Ewma.Select(Length)],
        };
    }

    // A window may stand in both lists: its statistics are those of all its places.
    private static List<FeatureWindow> Windows(FeatureSettings settings)
    {
        StatisticSettings chosen = settings.Statistics ?? new StatisticSettings();
        (IReadOnlyList<string> Windows, WindowStatistics Statistics)[] lists =
        [
            (settings.Windows ?? [], WindowStatistics.Usual),
            (chosen.Mean, WindowStatistics.Mean),
            (chosen.Std, WindowStatistics.StandardDeviation),
            (chosen.Min, WindowStatistics.Min),
            (chosen.Max, WindowStatistics.Max),
            (chosen.Slope, WindowStatistics.Slope),
            (chosen.FromStart, WindowStatistics.FromStart),
        ];
        return
        [
            .. lists.SelectMany(list => Durations(list.Windows).Select(length => new FeatureWindow(length, list.Statistics)))
                .GroupBy(window => window.Length)
                .Select(same => new FeatureWindow(same.Key, same.Aggregate(WindowStatistics.None, (all, window) => all | window.Statistics))),
        ];
    }

    private static List<TimeSpan> Durations(IReadOnlyList<string> texts) =>
    [
        .. texts.Select(text => DurationText.TryParse(text, out TimeSpan duration)
            ? duration
            : throw new DatasetException($"'{text}' is not a duration; expected {DurationText.Expected}.")),
    ];
}
