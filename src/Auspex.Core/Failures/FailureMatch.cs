namespace Auspex.Core.Failures;

/// <summary>Which events concern which alert.</summary>
public static class FailureMatch
{
    /// <summary>Does a failure or maintenance of <paramref name="eventComponent"/> concern an alert about
    /// <paramref name="alertComponent"/>? Names are compared ordinally. An alert that names no component (empty: the label tells none apart)
    /// is concerned by every event of its asset, and an event that names none concerns every alert of its asset: what is not known is not
    /// held against either.</summary>
    public static bool Concerns(string alertComponent, string eventComponent)
    {
        ArgumentNullException.ThrowIfNull(alertComponent);
        ArgumentNullException.ThrowIfNull(eventComponent);
        return alertComponent.Length == 0
            || eventComponent.Length == 0
            || string.Equals(alertComponent, eventComponent, StringComparison.Ordinal);
    }
}
