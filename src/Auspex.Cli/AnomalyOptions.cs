namespace Auspex.Cli;

/// <summary>Options that a model of anomalies has no use for.</summary>
internal static class AnomalyOptions
{
    /// <exception cref="UsageException">One of them was given.</exception>
    public static void Require(double? threshold, TimeSpan? horizon = null)
    {
        if (threshold is not null)
        {
            throw new UsageException("--threshold is for --task failure: the limit of anomalies follows from fit.falseAlarmRate and fit.margin of the description.");
        }

        if (horizon is not null)
        {
            throw new UsageException("--horizon is for --task failure: an anomaly is of the present.");
        }
    }
}
