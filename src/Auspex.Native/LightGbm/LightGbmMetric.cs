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

    /// <summary>Mean pinball loss at <see cref="LightGbmParameters.Alpha"/>, in the label's unit; regression and quantile.</summary>
    PinballLoss,

    /// <summary>Mean log loss over all classes in nats; multiclass only.</summary>
    MulticlassLogLoss,
}

/// <summary>What early stopping must know of a metric.</summary>
public static class LightGbmMetrics
{
    /// <summary>True when a larger value is a better model.</summary>
    public static bool LargerIsBetter(this LightGbmMetric metric) => metric is LightGbmMetric.AreaUnderRoc or LightGbmMetric.AveragePrecision;

    /// <summary>True when the metric can be measured of scores of the objective.</summary>
    internal static bool Fits(this LightGbmMetric metric, LightGbmObjective objective) => metric switch
    {
        LightGbmMetric.AreaUnderRoc or LightGbmMetric.AveragePrecision or LightGbmMetric.LogLoss => objective == LightGbmObjective.Binary,
        LightGbmMetric.MulticlassLogLoss => objective == LightGbmObjective.Multiclass,
        LightGbmMetric.PinballLoss => objective is LightGbmObjective.Regression or LightGbmObjective.Quantile,
        _ => objective != LightGbmObjective.Multiclass,
    };
}
