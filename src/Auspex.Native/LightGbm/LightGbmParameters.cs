using System.Globalization;

namespace Auspex.Native.LightGbm;

/// <summary>How LightGBM trains. The number of iterations is the caller's: it calls <see cref="LightGbmBooster.Update"/> that often.</summary>
/// <remarks>
/// Always set: <c>deterministic=true</c> and <c>force_row_wise=true</c>, so that equal data, parameters and seed give equal trees; the
/// number of threads changes nothing but the line of the model text that states it. Names follow
/// https://lightgbm.readthedocs.io/en/v4.1.0/Parameters.html.
/// </remarks>
public sealed record LightGbmParameters
{
    /// <summary>What is fitted. Default binary.</summary>
    public LightGbmObjective Objective { get; init; }

    /// <summary>What <see cref="LightGbmBooster.Evaluate"/> measures; null for the objective's own: area under the ROC curve,
    /// or root mean square error.</summary>
    public LightGbmMetric? Metric { get; init; }

    /// <summary>Most leaves of a tree, 2 to 131072. Default 31.</summary>
    public int NumLeaves { get; init; } = 31;

    /// <summary>Most levels of a tree, 1 to 64, or -1 for no limit. Default 6.</summary>
    public int MaxDepth { get; init; } = 6;

    /// <summary>Shrinkage of each tree, above 0, at most 1. Default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Share of the columns drawn for each tree, above 0, at most 1. Default 0.8.</summary>
    public double FeatureFraction { get; init; } = 0.8;

    /// <summary>Share of the rows drawn at each bagging, above 0, at most 1. Default 0.8.</summary>
    public double BaggingFraction { get; init; } = 0.8;

    /// <summary>Rows are drawn again every so many iterations; 0 for no bagging. Default 5.</summary>
    public int BaggingFreq { get; init; } = 5;

    /// <summary>Fewest rows of a leaf, at least 0. Default 20.</summary>
    public int MinDataInLeaf { get; init; } = 20;

    /// <summary>L2 penalty on leaf values, at least 0. Default 0.</summary>
    public double LambdaL2 { get; init; }

    /// <summary>Weight of rows with label 1, above 0; binary only. Default 1.</summary>
    public double ScalePosWeight { get; init; } = 1;

    /// <summary>Seed of all of LightGBM's draws, at least 0. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Threads of training and prediction; 0 for one a core. Default 0.</summary>
    public int Threads { get; init; }

    /// <summary>The metric in force.</summary>
    public LightGbmMetric EffectiveMetric =>
        Metric ?? (Objective == LightGbmObjective.Binary ? LightGbmMetric.AreaUnderRoc : LightGbmMetric.RootMeanSquareError);

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range; the message names the option, the limit and the value.</exception>
    public void Validate()
    {
        Require(Enum.IsDefined(Objective), nameof(Objective), "binary or regression", Objective);
        Require(Enum.IsDefined(EffectiveMetric), nameof(Metric), "a metric of LightGbmMetric", EffectiveMetric);
        Require(Objective == LightGbmObjective.Binary || !EffectiveMetric.NeedsBinary(), nameof(Metric),
            "a metric of regression, for objective regression", EffectiveMetric);
        Require(NumLeaves is >= 2 and <= 131_072, nameof(NumLeaves), "2 to 131072", NumLeaves);
        Require(MaxDepth is -1 or (>= 1 and <= 64), nameof(MaxDepth), "1 to 64, or -1 for no limit", MaxDepth);
        Require(LearningRate is > 0 and <= 1, nameof(LearningRate), "above 0, at most 1", LearningRate);
        Require(FeatureFraction is > 0 and <= 1, nameof(FeatureFraction), "above 0, at most 1", FeatureFraction);
        Require(BaggingFraction is > 0 and <= 1, nameof(BaggingFraction), "above 0, at most 1", BaggingFraction);
        Require(BaggingFreq >= 0, nameof(BaggingFreq), "at least 0", BaggingFreq);
        Require(MinDataInLeaf >= 0, nameof(MinDataInLeaf), "at least 0", MinDataInLeaf);
        Require(LambdaL2 >= 0 && double.IsFinite(LambdaL2), nameof(LambdaL2), "at least 0 and finite", LambdaL2);
        Require(ScalePosWeight > 0 && double.IsFinite(ScalePosWeight), nameof(ScalePosWeight), "above 0 and finite", ScalePosWeight);
        Require(Objective == LightGbmObjective.Binary || ScalePosWeight == 1, nameof(ScalePosWeight), "1, for objective regression", ScalePosWeight);
        Require(Seed >= 0, nameof(Seed), "at least 0", Seed);
        Require(Threads >= 0, nameof(Threads), "at least 0", Threads);
    }

    /// <summary>LightGBM's own form, <c>key=value</c> by blanks, for data sets and training.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public string ToParameterText()
    {
        Validate();
        string binaryOnly = Objective == LightGbmObjective.Binary ? $" scale_pos_weight={Number(ScalePosWeight)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"objective={(Objective == LightGbmObjective.Binary ? "binary" : "regression")} metric={MetricName(EffectiveMetric)}"
            + $" num_leaves={NumLeaves} max_depth={MaxDepth} learning_rate={Number(LearningRate)} feature_fraction={Number(FeatureFraction)}"
            + $" bagging_fraction={Number(BaggingFraction)} bagging_freq={BaggingFreq} min_data_in_leaf={MinDataInLeaf}"
            + $" lambda_l2={Number(LambdaL2)}{binaryOnly} seed={Seed} num_threads={Threads}"
            + $" deterministic=true force_row_wise=true verbosity=-1");
    }

    /// <summary>LightGBM's own form for prediction. The check of the column count stays on.</summary>
    internal string ToPredictionText() => string.Create(CultureInfo.InvariantCulture, $"num_threads={Threads} verbosity=-1");

    private static string MetricName(LightGbmMetric metric) => metric switch
    {
        LightGbmMetric.AreaUnderRoc => "auc",
        LightGbmMetric.AveragePrecision => "average_precision",
        LightGbmMetric.LogLoss => "binary_logloss",
        LightGbmMetric.RootMeanSquareError => "rmse",
        _ => "mae",
    };

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Require(bool holds, string option, string limit, object value)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be {limit}, was {value}."), option);
        }
    }
}
