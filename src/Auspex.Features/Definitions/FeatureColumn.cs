namespace Auspex.Features.Definitions;

/// <summary>How one feature is made.</summary>
public enum FeatureKind
{
    /// <summary>The signal's value in the frame; NaN when missing.</summary>
    Value,

    /// <summary>1 when the state signal is in <see cref="FeatureColumn.State"/>, else 0; NaN when missing.</summary>
    State,

    /// <summary>The value one lag ago.</summary>
    Lag,

    /// <summary>Mean of the window; for booleans and states the share of samples that were on, or in the state.</summary>
    RollingMean,

    /// <summary>Sample standard deviation (n − 1) of the window; NaN below two samples.</summary>
    RollingStandardDeviation,

    /// <summary>Smallest value of the window.</summary>
    RollingMin,

    /// <summary>Largest value of the window.</summary>
    RollingMax,

    /// <summary>Least-squares slope over the window, in signal units an hour; NaN below two samples.</summary>
    RollingSlope,

    /// <summary>Growth of a counter over the window, from its first sample to its last. A fall means the count started again from 0.
    /// NaN below two samples.</summary>
    RollingGrowth,

    /// <summary>Mean of the window less the mean of the first window of the asset's life, [first sample, first sample + length); 0 while
    /// that one lasts. NaN when the window is empty.</summary>
    RollingFromStart,

    /// <summary>Mean in which a sample's weight falls with its age, by a factor of e in <see cref="FeatureColumn.WindowMs"/>. Each sample moves
    /// it by 1 − exp(−gap / length) of the way; the first one, and one after a gap of more than five lengths, is its new start. NaN before the
    /// first sample and while the newest one is older than five lengths.</summary>
    Ewma,

    /// <summary>Number of error events of one code in the window.</summary>
    ErrorCount,

    /// <summary>Hours since the last maintenance of one component; NaN when none is known.</summary>
    SinceMaintenance,

    /// <summary>A fact of the asset.</summary>
    Fact,

    /// <summary>1 when the fact is <see cref="FeatureColumn.State"/>, else 0; NaN when not known.</summary>
    FactState,

    /// <summary>Hours since the asset's first frame.</summary>
    RunningAge,

    /// <summary>Sine of the time of day, UTC: 0 at midnight, 1 at 6 h.</summary>
    HourSin,

    /// <summary>Cosine of the time of day, UTC: 1 at midnight, 0 at 6 h.</summary>
    HourCos,

    /// <summary>Sine of the day of the week, UTC: sevenths of a turn from Monday.</summary>
    DayOfWeekSin,

    /// <summary>Cosine of the day of the week, UTC: sevenths of a turn from Monday.</summary>
    DayOfWeekCos,
}

/// <summary>One column of the feature vector.</summary>
/// <param name="Name">Name in reports, reasons and the package: <c>hz1pv</c>, <c>hz1pv_lag_60s</c>, <c>hz1pv_rolling_300s_mean</c>.</param>
/// <param name="Kind">How it is made.</param>
/// <param name="Source">Signal, fact, error code or component it is made from; empty for the running age and the calendar.</param>
/// <param name="WindowMs">Length of the lag, window or time constant in milliseconds; 0 for kinds without one.</param>
/// <param name="State">The state told apart; null for kinds without one.</param>
public sealed record FeatureColumn(string Name, FeatureKind Kind, string Source, long WindowMs, string? State);
