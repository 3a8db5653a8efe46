namespace Auspex.Features.Definitions;

/// <summary>Statistics of a window that may be asked for one by one.</summary>
[Flags]
public enum WindowStatistics
{
    /// <summary>None: of counters the growth, of error events the number.</summary>
    None = 0,

    /// <summary>Mean; of booleans the rate, of states the fractions.</summary>
    Mean = 1,

    /// <summary>Standard deviation.</summary>
    StandardDeviation = 2,

    /// <summary>Smallest value.</summary>
    Min = 4,

    /// <summary>Largest value.</summary>
    Max = 8,

    /// <summary>Slope.</summary>
    Slope = 16,

    /// <summary>Mean less the mean of the first such window of the asset's life.</summary>
    FromStart = 32,

    /// <summary>What a window has when nothing is chosen: mean, standard deviation, smallest and largest value, and slope.</summary>
    Usual = Mean | StandardDeviation | Min | Max | Slope,
}

/// <summary>A window of which chosen statistics are features.</summary>
/// <param name="Length">Length; at least 1 ms.</param>
/// <param name="Statistics">The statistics.</param>
public sealed record FeatureWindow(TimeSpan Length, WindowStatistics Statistics);

/// <summary>What a feature definition is built from, beside the schema.</summary>
/// <param name="Lags">Lags of continuous signals and counters; at least 1 ms, no duplicates.</param>
/// <param name="Windows">Rolling windows with the usual statistics; at least 1 ms, no duplicates.</param>
/// <param name="RunningAge">Whether the hours since an asset's first frame are a feature. They tell wear where an asset's record begins
/// with its life, and only the date where it does not.</param>
public sealed record FeatureOptions(IReadOnlyList<TimeSpan> Lags, IReadOnlyList<TimeSpan> Windows, bool RunningAge)
{
    /// <summary>Most lags, windows or time constants of one definition.</summary>
    public const int MaxCount = 32;

    /// <summary>Windows with chosen statistics, beside <see cref="Windows"/>; no duplicates among both.</summary>
    public IReadOnlyList<FeatureWindow> ChosenWindows { get; init; } = [];

    /// <summary>Time constants of exponentially weighted means of continuous signals; at least 1 ms, no duplicates.</summary>
    public IReadOnlyList<TimeSpan> Ewma { get; init; } = [];

    /// <summary>Whether time of day and day of the week are features.</summary>
    public bool Calendar { get; init; }

    /// <summary>Names of signals and facts that make no features.</summary>
    public IReadOnlyCollection<string> Without { get; init; } = [];

    /// <summary>The operating conditions that readings are taken relative to; null when they are taken as they are.</summary>
    public OperatingConditions? Conditions { get; init; }

    /// <summary>Lags of 1, 2 and 5 and windows of 3, 5 and 10 sampling periods: at one frame a minute the 60, 120, 300 s and
    /// 180, 300, 600 s that plants know.</summary>
    public static FeatureOptions ForSamplingPeriod(TimeSpan period, bool runningAge) =>
        new([period, 2 * period, 5 * period], [3 * period, 5 * period, 10 * period], runningAge);

    /// <summary>For assets that wear from the first frame to the last: mean over 5, 15 and 30 sampling periods, spread over 15, slope and
    /// distance from the start over 30, an exponentially weighted mean of 12 (a weight of 0.08 a period), and the running age.</summary>
    public static FeatureOptions ForWear(TimeSpan period, bool runningAge) => new([], [], runningAge)
    {
        ChosenWindows =
        [
            new FeatureWindow(5 * period, WindowStatistics.Mean),
            new FeatureWindow(15 * period, WindowStatistics.Mean | WindowStatistics.StandardDeviation),
            new FeatureWindow(30 * period, WindowStatistics.Mean | WindowStatistics.Slope | WindowStatistics.FromStart),
        ],
        Ewma = [12 * period],
    };
}
