using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Trees;

public sealed class ModelOutputsTests
{
    // 1/(1 + e^-x) to 17 digits, computed with 50-digit arithmetic (Python decimal).
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(-1, 0.26894142136999512)]
    [InlineData(-20, 2.0611536181902037e-9)]
    [InlineData(-40, 4.2483542552915890e-18)]
    [InlineData(-700, 9.8596765437597708e-305)]
    [InlineData(5, 0.99330714907571514)]
    [InlineData(40, 1)]
    public void Probability_Score_IsTheLogisticFunctionToFullPrecision(double score, double expected) =>
        Assert.Equal(1, ModelOutputs.Probability(score) / expected, 1e-15);

    [Theory]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(-1e6, 0)]
    [InlineData(1e6, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    public void Probability_ExtremeScore_IsCertain(double score, double expected) => Assert.Equal(expected, ModelOutputs.Probability(score));

    [Fact]
    public void AnyProbability_SeveralComponents_IsOneMinusTheChanceOfNone()
    {
        // Odds 1:1, 1:3 and 4:1 are 1/2, 1/4 and 4/5: none with 1/2 * 3/4 * 1/5 = 0.075.
        double any = ModelOutputs.AnyProbability([0, -Math.Log(3), Math.Log(4)]);

        Assert.Equal(0.925, any, 1e-15);
    }

    [Fact]
    public void AnyProbability_OneComponent_IsItsProbability() =>
        Assert.Equal(ModelOutputs.Probability(-33), ModelOutputs.AnyProbability([-33]));

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(-1000, 0)]
    public void AnyProbability_CertainComponents_IsCertain(double score, double expected) =>
        Assert.Equal(expected, ModelOutputs.AnyProbability([score, score, -1000]));

    [Theory]
    [InlineData(12.5, 12.5)]
    [InlineData(-0.1, 0)]
    public void RemainingUsefulLife_Score_IsNeverNegative(double score, double expected) =>
        Assert.Equal(expected, ModelOutputs.RemainingUsefulLife(score));
}
