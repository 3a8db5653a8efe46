using System.Globalization;
using System.Text;

namespace Auspex.Native.LightGbm;

/// <summary>How LightGBM trains. The number of iterations is the caller's: it calls <see cref="LightGbmBooster.Update"/> that often.</summary>
/// <remarks>
/// Always set: <c>deterministic=true</c> and <c>force_row_wise=true</c>, so that equal data, parameters and seed give equal trees; the
/// number of threads changes nothing but the line of the model text that states it. Names follow
/// https://lightgbm.readthedocs.io/en/v4.1.0/Parameters.html.
/// </remarks>
public sealed record LightGbmParameters
{
    /// <summary>Most threads that can be asked for.</summary>
    public const int MaxThreads = 1024;

    /// <summary>What is fitted. Default binary.</summary>
    public LightGbmObjective Objective { get; init; }

    /// <summary>What <see cref="LightGbmBooster.Evaluate"/> measures; null for the objective's own: area under the ROC curve,
    /// root mean square error, pinball loss, or log loss over all classes.</summary>
    public LightGbmMetric? Metric { get; init; }

    /// <summary>Boosted trees, or a random forest. Default boosted.</summary>
    public LightGbmBoosting Boosting { get; init; }

    /// <summary>Share of the labels that lie below the prediction of the quantile objective, above 0, below 1. Default 0.5.</summary>
    public double Alpha { get; init; } = 0.5;

    /// <summary>Classes of the multiclass objective, 2 to 1000; 1 for every other objective. Default 1.</summary>
    public int ClassCount { get; init; } = 1;

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

    /// <summary>Share of a tree's columns drawn again for each node, above 0, at most 1. Default 1.</summary>
    public double FeatureFractionByNode { get; init; } = 1;

    /// <summary>Least gain a split must bring, at least 0. Default 0.</summary>
    public double MinGainToSplit { get; init; }

    /// <summary>L1 penalty on leaf values, at least 0. Default 0.</summary>
    public double LambdaL1 { get; init; }

    /// <summary>L2 penalty on leaf values, at least 0. Default 0.</summary>
    public double LambdaL2 { get; init; }

    /// <summary>How far leaves of few rows are drawn to the value of their parent, at least 0; needs 2 rows a leaf. Default 0.</summary>
    public double PathSmooth { get; init; }

    /// <summary>Tries one threshold drawn at random for each column instead of all. Default false.</summary>
    public bool ExtraTrees { get; init; }

    /// <summary>Most bins of a column, 2 to 65535; up to 255 take one byte a value. Default 255.</summary>
    public int MaxBin { get; init; } = 255;

    /// <summary>One entry a column: 1 where the score must not fall when the value rises, -1 where it must not rise, 0 for no constraint;
    /// empty for none. Not with the quantile objective, whose leaves are set anew after a tree has grown.</summary>
    public IReadOnlyList<int> MonotoneConstraints { get; init; } = [];

    /// <summary>How splits are checked against the constraints. Default basic.</summary>
    public LightGbmMonotoneMethod MonotoneMethod { get; init; }

    /// <summary>Weight of rows with label 1, above 0; binary only. Default 1.</summary>
    public double ScalePosWeight { get; init; } = 1;

    /// <summary>Weighs the rarer label up until both weigh the same; binary only, instead of <see cref="ScalePosWeight"/>. Probabilities are then no
    /// longer those of the data. Default false.</summary>
    public bool IsUnbalance { get; init; }

    /// <summary>Seed of all of LightGBM's draws, at least 0. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Threads of training and prediction, at most <see cref="MaxThreads"/>; 0 for one a core. Default 0.</summary>
    public int Threads { get; init; }

    /// <summary>The metric in force.</summary>
    public LightGbmMetric EffectiveMetric => Metric ?? Objective switch
    {
        LightGbmObjective.Binary => LightGbmMetric.AreaUnderRoc,
        LightGbmObjective.Quantile => LightGbmMetric.PinballLoss,
        LightGbmObjective.Multiclass => LightGbmMetric.MulticlassLogLoss,
        _ => LightGbmMetric.RootMeanSquareError,
    };

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">A value is outside its range; the message names the option, the limit and the value.</exception>
    public void Validate()
    {
        bool isBinary = Objective == LightGbmObjective.Binary;
        Require(Enum.IsDefined(Objective), nameof(Objective), "binary, regression, quantile or multiclass", Objective);
        Require(Enum.IsDefined(EffectiveMetric), nameof(Metric), "a metric of LightGbmMetric", EffectiveMetric);
        Require(EffectiveMetric.Fits(Objective), nameof(Metric), $"a metric of {Name(Objective)}, for objective {Name(Objective)}", EffectiveMetric);
        Require(Enum.IsDefined(Boosting), nameof(Boosting), "gradient or random forest", Boosting);
        Require(Alpha is > 0 and < 1, nameof(Alpha), "above 0, below 1", Alpha);
        if (Objective == LightGbmObjective.Multiclass)
        {
            Require(ClassCount is >= 2 and <= 1000, nameof(ClassCount), "2 to 1000, for objective multiclass", ClassCount);
        }
        else
        {
            Require(ClassCount == 1, nameof(ClassCount), $"1, for objective {Name(Objective)}", ClassCount);
        }

        Require(NumLeaves is >= 2 and <= 131_072, nameof(NumLeaves), "2 to 131072", NumLeaves);
        Require(MaxDepth is -1 or (>= 1 and <= 64), nameof(MaxDepth), "1 to 64, or -1 for no limit", MaxDepth);
        Require(LearningRate is > 0 and <= 1, nameof(LearningRate), "above 0, at most 1", LearningRate);
        Require(FeatureFraction is > 0 and <= 1, nameof(FeatureFraction), "above 0, at most 1", FeatureFraction);
        Require(FeatureFractionByNode is > 0 and <= 1, nameof(FeatureFractionByNode), "above 0, at most 1", FeatureFractionByNode);
        Require(BaggingFraction is > 0 and <= 1, nameof(BaggingFraction), "above 0, at most 1", BaggingFraction);
        Require(BaggingFreq >= 0, nameof(BaggingFreq), "at least 0", BaggingFreq);
        Require(Boosting != LightGbmBoosting.RandomForest || FeatureFraction < 1 || (BaggingFraction < 1 && BaggingFreq > 0), nameof(BaggingFraction),
            "below 1 with a BaggingFreq above 0, or FeatureFraction below 1, for a random forest: its trees would all be alike", BaggingFraction);
        Require(MinDataInLeaf >= 0, nameof(MinDataInLeaf), "at least 0", MinDataInLeaf);
        Require(AtLeast0(MinGainToSplit), nameof(MinGainToSplit), "at least 0 and finite", MinGainToSplit);
        Require(AtLeast0(LambdaL1), nameof(LambdaL1), "at least 0 and finite", LambdaL1);
        Require(AtLeast0(LambdaL2), nameof(LambdaL2), "at least 0 and finite", LambdaL2);
        Require(AtLeast0(PathSmooth), nameof(PathSmooth), "at least 0 and finite", PathSmooth);
        Require(PathSmooth == 0 || MinDataInLeaf >= 2, nameof(MinDataInLeaf), "at least 2, for PathSmooth above 0", MinDataInLeaf);
        Require(MaxBin is >= 2 and <= 65_535, nameof(MaxBin), "2 to 65535", MaxBin);
        Require(MonotoneConstraints is not null, nameof(MonotoneConstraints), "a list, empty for none", "null");
        for (int column = 0; column < MonotoneConstraints!.Count; column++)
        {
            Require(MonotoneConstraints[column] is >= -1 and <= 1, nameof(MonotoneConstraints),
                string.Create(CultureInfo.InvariantCulture, $"-1, 0 or 1 for column {column}"), MonotoneConstraints[column]);
        }

        Require(Objective != LightGbmObjective.Quantile || MonotoneConstraints.Count == 0, nameof(MonotoneConstraints), "empty, for objective quantile",
            $"{MonotoneConstraints.Count} entries");
        Require(Enum.IsDefined(MonotoneMethod), nameof(MonotoneMethod), "basic or advanced", MonotoneMethod);
        Require(MonotoneMethod == LightGbmMonotoneMethod.Basic || FeatureFractionByNode == 1, nameof(FeatureFractionByNode),
            "1, for monotone method advanced", FeatureFractionByNode);
        Require(ScalePosWeight > 0 && double.IsFinite(ScalePosWeight), nameof(ScalePosWeight), "above 0 and finite", ScalePosWeight);
        Require(isBinary || ScalePosWeight == 1, nameof(ScalePosWeight), $"1, for objective {Name(Objective)}", ScalePosWeight);
        Require(isBinary || !IsUnbalance, nameof(IsUnbalance), $"false, for objective {Name(Objective)}", IsUnbalance);
        Require(!IsUnbalance || ScalePosWeight == 1, nameof(ScalePosWeight), "1, for IsUnbalance true", ScalePosWeight);
        Require(Seed >= 0, nameof(Seed), "at least 0", Seed);
        Require(Threads is >= 0 and <= MaxThreads, nameof(Threads), "0 to 1024", Threads);
    }

    /// <summary>LightGBM's own form, <c>key=value</c> by blanks, for data sets and training. Options beyond those of a training request are named where
    /// they are not LightGBM's default.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public string ToParameterText()
    {
        Validate();
        var more = new StringBuilder();
        void Add(bool isSet, string name, FormattableString value) =>
            more.Append(isSet ? $" {name}={FormattableString.Invariant(value)}" : "");
        Add(Objective == LightGbmObjective.Binary && !IsUnbalance, "scale_pos_weight", $"{ScalePosWeight:R}");
        Add(IsUnbalance, "is_unbalance", $"true");
        Add(Objective == LightGbmObjective.Quantile || EffectiveMetric == LightGbmMetric.PinballLoss, "alpha", $"{Alpha:R}");
        Add(Objective == LightGbmObjective.Multiclass, "num_class", $"{ClassCount}");
        Add(Boosting == LightGbmBoosting.RandomForest, "boosting", $"rf");
        Add(FeatureFractionByNode < 1, "feature_fraction_bynode", $"{FeatureFractionByNode:R}");
        Add(MinGainToSplit > 0, "min_gain_to_split", $"{MinGainToSplit:R}");
        Add(LambdaL1 > 0, "lambda_l1", $"{LambdaL1:R}");
        Add(PathSmooth > 0, "path_smooth", $"{PathSmooth:R}");
        Add(ExtraTrees, "extra_trees", $"true");
        Add(MaxBin != 255, "max_bin", $"{MaxBin}");
        Add(MonotoneConstraints.Count > 0, "monotone_constraints", $"{string.Join(',', MonotoneConstraints)}");
        Add(MonotoneConstraints.Count > 0 && MonotoneMethod == LightGbmMonotoneMethod.Advanced, "monotone_constraints_method", $"advanced");
        return string.Create(CultureInfo.InvariantCulture,
            $"objective={Name(Objective)} metric={MetricName(EffectiveMetric)}"
            + $" num_leaves={NumLeaves} max_depth={MaxDepth} learning_rate={LearningRate:R} feature_fraction={FeatureFraction:R}"
            + $" bagging_fraction={BaggingFraction:R} bagging_freq={BaggingFreq} min_data_in_leaf={MinDataInLeaf}"
            + $" lambda_l2={LambdaL2:R}{more} seed={Seed} num_threads={Threads}"
            + $" deterministic=true force_row_wise=true verbosity=-1");
    }

    /// <summary>LightGBM's own form for prediction. The check of the column count stays on.</summary>
    internal string ToPredictionText() => string.Create(CultureInfo.InvariantCulture, $"num_threads={Threads} verbosity=-1");

    private static string Name(LightGbmObjective objective) => objective switch
    {
        LightGbmObjective.Binary => "binary",
        LightGbmObjective.Quantile => "quantile",
        LightGbmObjective.Multiclass => "multiclass",
        _ => "regression",
    };

    private static string MetricName(LightGbmMetric metric) => metric switch
    {
        LightGbmMetric.AreaUnderRoc => "auc",
        LightGbmMetric.AveragePrecision => "average_precision",
        LightGbmMetric.LogLoss => "binary_logloss",
        LightGbmMetric.RootMeanSquareError => "rmse",
        LightGbmMetric.PinballLoss => "quantile",
        LightGbmMetric.MulticlassLogLoss => "multi_logloss",
        _ => "mae",
    };

    private static bool AtLeast0(double value) => value >= 0 && double.IsFinite(value);

    private static void Require(bool holds, string option, string limit, object value)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be {limit}, was {value}."), option);
        }
    }
}
