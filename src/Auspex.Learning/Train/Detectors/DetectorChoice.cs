using Auspex.Core.Time;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Models.Detectors;

namespace Auspex.Learning.Train.Detectors;

/// <summary>Works out of a data set's description how its detector is fitted.</summary>
public static class DetectorChoice
{
    // At about one row a second: noise of single rows goes within 20 s, drift is followed within some minutes.
    private const int SmoothingPeriods = 20;
    private const int LevelPeriods = 100;

    /// <summary>What the description says, and for what it leaves out the defaults of the sampling period.</summary>
    /// <exception cref="DatasetException">A default is called for and no sampling period follows from the data.</exception>
    public static DetectorSettings Of(Dataset dataset, int seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        FitSettings fit = dataset.Description.Fit;
        bool levelFollows = fit.Level is null && fit.PerAsset;
        if (dataset.SamplingPeriod <= TimeSpan.Zero && (fit.Smoothing is null || levelFollows))
        {
            throw new DatasetException(
                $"Data set '{dataset.Description.Name}' has no asset with two frames, so no sampling period follows from it; give fit.smoothing and fit.level.");
        }

        return new DetectorSettings
        {
            Kind = fit.Detector,
            PerAsset = fit.PerAsset,
            First = fit.First ?? 0,
            Smoothing = Duration(fit.Smoothing, SmoothingPeriods * dataset.SamplingPeriod),
            Level = Duration(fit.Level, levelFollows ? LevelPeriods * dataset.SamplingPeriod : TimeSpan.Zero),
            FalseAlarmRate = fit.FalseAlarmRate,
            Margin = fit.Margin,
            ExplainedVariance = fit.ExplainedVariance,
            Seed = seed,
        };
    }

    /// <summary>Which features a detector looks at: what was measured. Facts, age, maintenance, errors and the
    /// calendar say what an asset is and had, and when, not how it runs.</summary>
    public static bool[] Used(FeatureDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return
        [
            .. definition.Columns.Select(column => column.Kind is not (FeatureKind.Fact or FeatureKind.FactState or FeatureKind.RunningAge
                or FeatureKind.SinceMaintenance or FeatureKind.ErrorCount or FeatureKind.HourSin or FeatureKind.HourCos or FeatureKind.DayOfWeekSin
                or FeatureKind.DayOfWeekCos)),
        ];
    }

    private static TimeSpan Duration(string? text, TimeSpan otherwise) => text is null
        ? otherwise
        : DurationText.TryParse(text, out TimeSpan duration)
            ? duration
            : throw new DatasetException($"'{text}' is not a duration; expected {DurationText.Expected}.");
}
