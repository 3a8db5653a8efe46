namespace Auspex.Flow;

/// <summary>Whether a source is tried: closed, it is, at its pace; open, it is left alone for a while that grows; half open, one attempt decides.</summary>
/// <param name="State"><c>CLOSED</c>, <c>OPEN</c> or <c>HALF_OPEN</c>.</param>
/// <param name="FailureCount">Failures in a row.</param>
/// <param name="LastFailureTime">When the last of them was; null where there is none.</param>
public sealed record SourceCircuit(string State, int FailureCount, DateTimeOffset? LastFailureTime)
{
    /// <summary>Failures in a row that open it.</summary>
    public const int FailuresToOpen = 3;

    /// <summary>Of a source that nothing is known of.</summary>
    public static readonly SourceCircuit Closed = new("CLOSED", 0, null);

    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <summary>The attempt that is being made.</summary>
    internal SourceCircuit Attempt() => State == "OPEN" ? this with { State = "HALF_OPEN" } : this;

    /// <summary>The attempt failed.</summary>
    internal SourceCircuit Failed(DateTimeOffset now) => new(FailureCount + 1 >= FailuresToOpen ? "OPEN" : "CLOSED", FailureCount + 1, now);

    /// <summary>Until the next attempt: the pace, doubled with each failure of an open circuit, ten minutes at most; a pace that is slower stays.</summary>
    /// <param name="pace">From one reading to the next.</param>
    /// <param name="jitter">0 to 1, so that sources that failed together are not tried together.</param>
    internal TimeSpan Wait(TimeSpan pace, double jitter)
    {
        double doubled = Math.Min(pace.TotalSeconds * Math.Pow(2, Math.Clamp(FailureCount - FailuresToOpen + 1, 0, 20)), Math.Max(Most.TotalSeconds, pace.TotalSeconds));
        return TimeSpan.FromSeconds(doubled * (0.9 + (0.2 * jitter)));
    }
}
