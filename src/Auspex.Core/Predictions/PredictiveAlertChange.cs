namespace Auspex.Core.Predictions;

/// <summary>What happened to a predictive alert.</summary>
public enum PredictiveAlertChangeKind
{
    /// <summary>It was raised.</summary>
    Raised,

    /// <summary>A row joined it with a probability higher than all before.</summary>
    Heightened,

    /// <summary>A failure it concerns started; it is closed.</summary>
    ClosedByFailure,

    /// <summary>Maintenance it concerns was done; it is closed. What became of it is known when horizon and grace have passed.</summary>
    ClosedByMaintenance,

    /// <summary>Horizon and grace passed; it is closed.</summary>
    Expired,
}

/// <summary>A change of a predictive alert, and the alert after it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Alert">The alert as it now is; not settled.</param>
public readonly record struct PredictiveAlertChange(PredictiveAlertChangeKind Kind, PredictiveAlert Alert);
