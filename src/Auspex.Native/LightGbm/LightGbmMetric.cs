namespace Auspex.Native.LightGbm;

/// <summary>What <see cref="LightGbmBooster.Evaluate"/> measures.</summary>
public enum LightGbmMetric
{
    /// <summary>Area under the ROC curve; binary only.</summary>
    AreaUnderRoc,

    /// <summary>Average precision, the area under the precision-recall curve; binary only.</summary>
    AveragePrecision,

    /// <summary>Mean log loss in nats; binary only.</summary>
    LogLoss,

    /// <summary>Root mean square error, in the label's unit.</summary>
    RootMeanSquareError,

    /// <summary>Mean absolute error, in the label's unit.</summary>
    MeanAbsoluteError,
}

/// <summary>What early stopping must know of a metric.</summary>
public static class LightGbmMetrics
{
    /// <summary>True when a larger value is a better model.</summary>
    public static bool LargerIsBetter(this LightGbmMetric metric) => metric is LightGbmMetric.AreaUnderRoc or LightGbmMetric.AveragePrecision;

    /// <summary>True when the metric needs labels 0 and 1.</summary>
    internal static bool NeedsBinary(this LightGbmMetric metric) =>
        metric is LightGbmMetric.AreaUnderRoc or LightGbmMetric.AveragePrecision or LightGbmMetric.LogLoss;
}
