namespace Auspex.Features.Definitions;

/// <summary>What a feature definition is built from, beside the schema.</summary>
/// <param name="Lags">Lags of continuous signals and counters; above 0, no duplicates.</param>
/// <param name="Windows">Rolling windows of signals and error counts; above 0, no duplicates.</param>
/// <param name="RunningAge">Whether the hours since an asset's first frame are a feature. They tell wear where an asset's record begins
/// with its life, and only the date where it does not.</param>
public sealed record FeatureOptions(IReadOnlyList<TimeSpan> Lags, IReadOnlyList<TimeSpan> Windows, bool RunningAge)
{
    /// <summary>Most lags or windows of one definition.</summary>
    public const int MaxCount = 32;

    /// <summary>Lags of 1, 2 and 5 and windows of 3, 5 and 10 sampling periods: at one frame a minute the 60, 120, 300 s and
    /// 180, 300, 600 s that plants know.</summary>
    public static FeatureOptions ForSamplingPeriod(TimeSpan period, bool runningAge) =>
        new([period, 2 * period, 5 * period], [3 * period, 5 * period, 10 * period], runningAge);
}
