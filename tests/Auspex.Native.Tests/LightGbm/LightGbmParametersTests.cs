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
        { new() { Threads = -1 }, "Threads must be at least 0, was -1." },
        { new() { Objective = LightGbmObjective.Regression, Metric = LightGbmMetric.AreaUnderRoc }, "Metric must be a metric of regression" },
        { new() { Objective = (LightGbmObjective)9 }, "Objective must be binary or regression, was 9." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Validate_OutsideRange_NamesOptionLimitAndValue(LightGbmParameters parameters, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<ArgumentException>(parameters.Validate).Message, StringComparison.Ordinal);
}
