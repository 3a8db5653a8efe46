using System.ComponentModel;

namespace Auspex.Learning.Evaluate;

/// <summary>The figures of an evaluation by their names everywhere: report, package manifest, registry. NaN (null in JSON) where a figure
/// does not apply or nothing could be counted; <c>docs/measures.md</c> has the definitions.</summary>
public sealed record EvaluationMetrics
{
    [Description("Failures that count: caught + missed.")]
    public int? Failures { get; init; }

    [Description("Failures with an alert raised in [start - horizon, start).")]
    public int? Caught { get; init; }

    [Description("Hits / (hits + false alerts).")]
    public double Precision { get; init; } = double.NaN;

    [Description("Caught / failures.")]
    public double Recall { get; init; } = double.NaN;

    [Description("False alerts per day and asset judged.")]
    public double FalseAlertsPerAssetDay { get; init; } = double.NaN;

    [Description("Median time from alert to failure over caught failures, seconds.")]
    public double LeadMedianSeconds { get; init; } = double.NaN;

    [Description("10 % quantile of the time from alert to failure over caught failures, seconds: the short end.")]
    public double LeadP10Seconds { get; init; } = double.NaN;

    [Description("Area under the ROC curve over rows. Secondary.")]
    public double RocAuc { get; init; } = double.NaN;

    [Description("Average precision over rows. Secondary.")]
    public double PrAuc { get; init; } = double.NaN;

    [Description("Mean negative log likelihood over rows. Secondary.")]
    public double LogLoss { get; init; } = double.NaN;

    [Description("Mean squared error of the probability over rows. Secondary.")]
    public double Brier { get; init; } = double.NaN;

    [Description("Root mean squared error of remaining useful life at each asset's last row against min(true, cap), in the life unit.")]
    public double RmseCapped { get; init; } = double.NaN;

    [Description("The same against the true life.")]
    public double RmseRaw { get; init; } = double.NaN;

    [Description("NASA (PHM08) score at each asset's last row against min(true, cap), summed.")]
    public double NasaCapped { get; init; } = double.NaN;

    [Description("The same against the true life.")]
    public double NasaRaw { get; init; } = double.NaN;

    [Description("Largest difference between the scorers compared by the parity gate, on the raw score.")]
    public double ParityMaxDifference { get; init; } = double.NaN;

    [Description("The same figures over training rows, each predicted by models that had not seen it; null inside itself and where nothing was held out.")]
    public EvaluationMetrics? OutOfFold { get; init; }
}
