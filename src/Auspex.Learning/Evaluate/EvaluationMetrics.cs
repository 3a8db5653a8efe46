using Auspex.Core.Predictions;
using System.ComponentModel;

namespace Auspex.Learning.Evaluate;

/// <summary>The figures of an evaluation by their names everywhere: report, package manifest, registry. NaN (null in JSON) where a figure
/// does not apply or nothing could be counted; <c>docs/measures.md</c> has the definitions.</summary>
public sealed record EvaluationMetrics
{
    [Description("Share of rows told right at the threshold. Secondary.")]
    public double Accuracy { get; init; } = double.NaN;

    [Description("Share of the rows said to be positive at the threshold that are. Secondary.")]
    public double RowPrecision { get; init; } = double.NaN;

    [Description("Share of the positive rows that were said at the threshold. Secondary.")]
    public double RowRecall { get; init; } = double.NaN;

    [Description("Where failures are foretold: caught / failures. For a present condition, which has no events: rowRecall.")]
    public double Recall { get; init; } = double.NaN;

    [Description("Harmonic mean of rowPrecision and rowRecall. Secondary.")]
    public double F1 { get; init; } = double.NaN;

    [Description("Rows by what was said at the threshold and what was true. Secondary.")]
    public ConfusionMatrix? ConfusionMatrix { get; init; }

    [Description("Area under the ROC curve over rows. Secondary.")]
    public double RocAuc { get; init; } = double.NaN;

    [Description("Average precision over rows. Secondary.")]
    public double PrAuc { get; init; } = double.NaN;

    [Description("Mean negative log likelihood over rows. Secondary.")]
    public double LogLoss { get; init; } = double.NaN;

    [Description("Mean squared error of the probability over rows. Secondary.")]
    public double Brier { get; init; } = double.NaN;

    [Description("Expected calibration error over rows: ten steps of equal width, weighed by rows. Secondary.")]
    public double Ece { get; init; } = double.NaN;

    [Description("False alarm rate: share of the negative rows that were said to be positive at the threshold. Secondary.")]
    public double Far { get; init; } = double.NaN;

    [Description("Missed alarm rate: share of the positive rows that were not said at the threshold. Secondary.")]
    public double Mar { get; init; } = double.NaN;

    [Description("Root mean squared error of remaining useful life at each asset's last row against min(true, cap), in the life unit.")]
    public double RmseCapped { get; init; } = double.NaN;

    [Description("The same against the true life.")]
    public double RmseRaw { get; init; } = double.NaN;

    [Description("NASA (PHM08) score at each asset's last row against min(true, cap), summed.")]
    public double NasaCapped { get; init; } = double.NaN;

    [Description("The same against the true life.")]
    public double NasaRaw { get; init; } = double.NaN;

    [Description("Share of last rows whose 90 % interval has min(true, cap) in it; of all rows where every asset is at its failure in its last row.")]
    public double Coverage90 { get; init; } = double.NaN;

    [Description("Mean width of the same intervals, in the life unit.")]
    public double MeanWidth90 { get; init; } = double.NaN;

    [Description("Coverage of the 90 % intervals over all rows by their prediction: lowest third, middle, highest; null where there are none.")]
    public IReadOnlyList<double>? Coverage90ByTercile { get; init; }

    [Description("Mean width of the same intervals, in the life unit.")]
    public IReadOnlyList<double>? MeanWidth90ByTercile { get; init; }

    [Description("Failures that count: caught + missed.")]
    public int? Failures { get; init; }

    [Description("Failures with an alert raised in [start - horizon, start).")]
    public int? Caught { get; init; }

    [Description("Hits / (hits + false alerts).")]
    public double Precision { get; init; } = double.NaN;

    [Description("False alerts per day and asset judged.")]
    public double FalseAlertsPerAssetDay { get; init; } = double.NaN;

    [Description("Median time from alert to failure over caught failures, seconds.")]
    public double LeadMedianSeconds { get; init; } = double.NaN;

    [Description("10 % quantile of the time from alert to failure over caught failures, seconds: the short end.")]
    public double LeadP10Seconds { get; init; } = double.NaN;

    [Description("Whether the 95 % interval of the recall is narrower than 0.3; null where no failures are foretold.")]
    public bool? CanJudge { get; init; }

    [Description("What is missing to judge the recall; null when nothing is.")]
    public string? Missing { get; init; }

    [Description("Largest difference between the scorers compared by the parity gate, on the raw score.")]
    public double ParityMaxDifference { get; init; } = double.NaN;

    [Description("The same figures of training rows, each by a model that had not seen them; null where they were not made.")]
    public EvaluationMetrics? OutOfFold { get; init; }

    /// <summary>Figures of a model that foretells failures.</summary>
    public static EvaluationMetrics Of(EventCounts fleet, RowMeasures rows)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        ArgumentNullException.ThrowIfNull(rows);
        Judgeability judgeability = Judgeability.Of(fleet);
        return OfRows(rows.Pooled) with
        {
            Recall = fleet.Recall.Value,
            Failures = fleet.Failures,
            Caught = fleet.Caught,
            Precision = fleet.Precision.Value,
            FalseAlertsPerAssetDay = fleet.FalseAlertsPerAssetDay.Value,
            LeadMedianSeconds = fleet.LeadMedianSeconds,
            LeadP10Seconds = fleet.LeadP10Seconds,
            CanJudge = judgeability.CanJudge,
            Missing = judgeability.Missing,
        };
    }

    /// <summary>Figures of a model that tells the present condition.</summary>
    public static EvaluationMetrics Of(ConditionMeasures condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return OfRows(condition.Rows.Pooled);
    }

    /// <summary>Figures of a model of remaining useful life.</summary>
    public static EvaluationMetrics Of(LifeMeasures life)
    {
        ArgumentNullException.ThrowIfNull(life);
        IntervalGroup? intervals = life.RunToFailure ? life.Intervals?.AllRows : life.Intervals?.LastRows;
        return new EvaluationMetrics
        {
            RmseCapped = life.LastRowsCapped.Rmse,
            RmseRaw = life.LastRowsRaw.Rmse,
            NasaCapped = life.LastRowsCapped.Nasa,
            NasaRaw = life.LastRowsRaw.Nasa,
            Coverage90 = intervals?.Coverage.Value ?? double.NaN,
            MeanWidth90 = intervals?.MeanWidth ?? double.NaN,
            Coverage90ByTercile = life.Intervals is { } of ? [.. of.Terciles.Select(tercile => tercile.Coverage.Value)] : null,
            MeanWidth90ByTercile = life.Intervals is { } widths ? [.. widths.Terciles.Select(tercile => tercile.MeanWidth)] : null,
        };
    }

    private static EvaluationMetrics OfRows(RowQuality rows) => new()
    {
        Accuracy = rows.Confusion.Accuracy,
        RowPrecision = rows.Confusion.Precision,
        RowRecall = rows.Confusion.Recall,
        Recall = rows.Confusion.Recall,
        F1 = rows.Confusion.F1,
        ConfusionMatrix = rows.Confusion,
        RocAuc = rows.RocAuc,
        PrAuc = rows.PrAuc,
        LogLoss = rows.LogLoss,
        Brier = rows.Brier,
        Ece = rows.Ece,
        Far = rows.Confusion.FalseAlarmRate,
        Mar = rows.Confusion.MissedAlarmRate,
    };
}
