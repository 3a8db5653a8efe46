using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning;

/// <summary>Works out of a data set's description which lags and windows its features have.</summary>
internal static class FeatureChoice
{
    /// <summary>The features of a task over a data set.</summary>
    /// <exception cref="DatasetException">A lag or window is out of range, or two features would have one name.</exception>
    public static FeatureDefinition Definition(Dataset dataset, PredictionTask task)
    {
        FeatureOptions options = Of(dataset, task);
        try
        {
            return FeatureDefinition.Build(dataset.Schema, options);
        }
        catch (ArgumentException refused)
        {
            throw new DatasetException($"No features can be made of data set '{dataset.Description.Name}': {refused.Message}", refused);
        }
    }

    /// <summary>What the description says, and for what it leaves out the defaults of the sampling period. The running age is a feature of
    /// assets whose record begins with their life: those taught remaining useful life. A detector of anomalies looks at the values alone unless told
    /// otherwise: few normal rows bear few features.</summary>
    private static FeatureOptions Of(Dataset dataset, PredictionTask task)
    {
        FeatureSettings settings = dataset.Description.Features;
        if (task == PredictionTask.Anomaly)
        {
            return new FeatureOptions(Durations(settings.Lags) ?? [], Durations(settings.Windows) ?? [], settings.RunningAge ?? false);
        }

        bool runningAge = settings.RunningAge ?? task == PredictionTask.RemainingUsefulLife;
        bool complete = settings.Lags is not null && settings.Windows is not null;
        if (!complete && dataset.SamplingPeriod <= TimeSpan.Zero)
        {
            throw new DatasetException(
                $"Data set '{dataset.Description.Name}' has no asset with two frames, so no sampling period follows from it; give features.lags and features.windows.");
        }

        FeatureOptions usual = FeatureOptions.ForSamplingPeriod(complete ? TimeSpan.FromMinutes(1) : dataset.SamplingPeriod, runningAge);
        return new FeatureOptions(Durations(settings.Lags) ?? usual.Lags, Durations(settings.Windows) ?? usual.Windows, runningAge);
    }

    private static List<TimeSpan>? Durations(IReadOnlyList<string>? texts) => texts?.Select(text =>
        DurationText.TryParse(text, out TimeSpan duration)
            ? duration
            : throw new DatasetException($"'{text}' is not a duration; expected {DurationText.Expected}.")).ToList();
}
