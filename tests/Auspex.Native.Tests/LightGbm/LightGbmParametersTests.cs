using System.Globalization;
using Auspex.Native.LightGbm;

namespace Auspex.Native.Tests.LightGbm;

public sealed class LightGbmParametersTests
{
    [Fact]
    public void ToParameterText_Defaults_AreTheDocumentedOnes() =>
        Assert.Equal(
            "objective=binary metric=auc num_leaves=31 max_depth=6 learning_rate=0.1 feature_fraction=0.8 bagging_fraction=0.8 bagging_freq=5"
            + " min_data_in_leaf=20 lambda_l2=0 scale_pos_weight=1 seed=0 num_threads=0 deterministic=true force_row_wise=true verbosity=-1",
            new LightGbmParameters().ToParameterText());

    [Fact]
    public void ToParameterText_CommaCulture_WritesPoints()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Contains("learning_rate=0.05 ", new LightGbmParameters { LearningRate = 0.05 }.ToParameterText(), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    public static TheoryData<LightGbmParameters, string> Refused => new()
    {
        { new() { NumLeaves = 1 }, "NumLeaves must be 2 to 131072, was 1." },
        { new() { MaxDepth = 0 }, "MaxDepth must be 1 to 64, or -1 for no limit, was 0." },
        { new() { LearningRate = 0 }, "LearningRate must be above 0, at most 1, was 0." },
        { new() { LearningRate = double.NaN }, "LearningRate must be above 0, at most 1, was NaN." },
        { new() { FeatureFraction = 1.5 }, "FeatureFraction must be above 0, at most 1, was 1.5." },
        { new() { BaggingFraction = -0.1 }, "BaggingFraction must be above 0, at most 1, was -0.1." },
        { new() { BaggingFreq = -1 }, "BaggingFreq must be at least 0, was -1." },
        { new() { MinDataInLeaf = -1 }, "MinDataInLeaf must be at least 0, was -1." },
        { new() { LambdaL2 = double.PositiveInfinity }, "LambdaL2 must be at least 0 and finite, was Infinity." },
        { new() { ScalePosWeight = 0 }, "ScalePosWeight must be above 0 and finite, was 0." },
        { new() { Seed = -1 }, "Seed must be at least 0, was -1." },
        { new() { Threads = -1 }, "Threads must be 0 to 1024, was -1." },
        { new() { Objective = LightGbmObjective.Regression, Metric = LightGbmMetric.AreaUnderRoc }, "Metric must be a metric of regression" },
        { new() { Objective = (LightGbmObjective)9 }, "Objective must be binary, regression, quantile or multiclass, was 9." },
        { new() { Threads = 1025 }, "Threads must be 0 to 1024, was 1025." },
        { new() { Boosting = (LightGbmBoosting)9 }, "Boosting must be gradient or random forest, was 9." },
        { new() { Boosting = LightGbmBoosting.RandomForest, FeatureFraction = 1, BaggingFreq = 0 }, "BaggingFraction must be below 1 with a BaggingFreq above 0" },
        { new() { Objective = LightGbmObjective.Quantile, Alpha = 1 }, "Alpha must be above 0, below 1, was 1." },
        { new() { Objective = LightGbmObjective.Multiclass }, "ClassCount must be 2 to 1000, for objective multiclass, was 1." },
        { new() { ClassCount = 3 }, "ClassCount must be 1, for objective binary, was 3." },
        { new() { Objective = LightGbmObjective.Multiclass, ClassCount = 3, Metric = LightGbmMetric.LogLoss }, "Metric must be a metric of multiclass, for objective multiclass, was LogLoss." },
        { new() { FeatureFractionByNode = 0 }, "FeatureFractionByNode must be above 0, at most 1, was 0." },
        { new() { MinGainToSplit = -1 }, "MinGainToSplit must be at least 0 and finite, was -1." },
        { new() { LambdaL1 = double.NaN }, "LambdaL1 must be at least 0 and finite, was NaN." },
        { new() { PathSmooth = -0.5 }, "PathSmooth must be at least 0 and finite, was -0.5." },
        { new() { PathSmooth = 1, MinDataInLeaf = 1 }, "MinDataInLeaf must be at least 2, for PathSmooth above 0, was 1." },
        { new() { MaxBin = 1 }, "MaxBin must be 2 to 65535, was 1." },
        { new() { MaxBin = 65_536 }, "MaxBin must be 2 to 65535, was 65536." },
        { new() { MonotoneConstraints = null! }, "MonotoneConstraints must be a list, empty for none, was null." },
        { new() { MonotoneConstraints = [0, 2] }, "MonotoneConstraints must be -1, 0 or 1 for column 1, was 2." },
        { new() { Objective = LightGbmObjective.Quantile, MonotoneConstraints = [1] }, "MonotoneConstraints must be empty, for objective quantile, was 1 entries." },
        { new() { MonotoneMethod = LightGbmMonotoneMethod.Advanced, FeatureFractionByNode = 0.5 }, "FeatureFractionByNode must be 1, for monotone method advanced, was 0.5." },
        { new() { Objective = LightGbmObjective.Regression, IsUnbalance = true }, "IsUnbalance must be false, for objective regression, was True." },
        { new() { IsUnbalance = true, ScalePosWeight = 2 }, "ScalePosWeight must be 1, for IsUnbalance true, was 2." },
    };

    [Fact]
    public void ToParameterText_OptionsBeyondARequest_AreNamedWhereTheyAreSet() => Assert.Equal(
        "objective=quantile metric=quantile num_leaves=31 max_depth=6 learning_rate=0.1 feature_fraction=0.8 bagging_fraction=0.8 bagging_freq=5"
        + " min_data_in_leaf=20 lambda_l2=0 alpha=0.9 boosting=rf feature_fraction_bynode=0.5 min_gain_to_split=0.01 lambda_l1=1.5 path_smooth=2"
        + " extra_trees=true max_bin=63 seed=3 num_threads=2 deterministic=true force_row_wise=true verbosity=-1",
        new LightGbmParameters
        {
            Objective = LightGbmObjective.Quantile,
            Alpha = 0.9,
            Boosting = LightGbmBoosting.RandomForest,
            FeatureFractionByNode = 0.5,
            MinGainToSplit = 0.01,
            LambdaL1 = 1.5,
            PathSmooth = 2,
            ExtraTrees = true,
            MaxBin = 63,
            Seed = 3,
            Threads = 2,
        }.ToParameterText());

    [Fact]
    public void ToParameterText_UnbalanceClassesAndConstraints_AreNamed()
    {
        string unbalanced = new LightGbmParameters
        {
            IsUnbalance = true,
            MonotoneConstraints = [1, -1, 0],
            MonotoneMethod = LightGbmMonotoneMethod.Advanced,
        }.ToParameterText();

        Assert.Contains(" is_unbalance=true monotone_constraints=1,-1,0 monotone_constraints_method=advanced ", unbalanced, StringComparison.Ordinal);
        Assert.DoesNotContain("scale_pos_weight", unbalanced, StringComparison.Ordinal);
        Assert.Contains(" num_class=4 ",
            new LightGbmParameters { Objective = LightGbmObjective.Multiclass, ClassCount = 4 }.ToParameterText(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Validate_OutsideRange_NamesOptionLimitAndValue(LightGbmParameters parameters, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<ArgumentException>(parameters.Validate).Message, StringComparison.Ordinal);
}
