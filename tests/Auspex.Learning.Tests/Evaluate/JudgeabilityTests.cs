using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class JudgeabilityTests
{
    private static Judgeability Of(int caught, int failures) => Judgeability.Of(
        EventCounts.Of([], [], 1, 1) with { Failures = failures, Caught = caught, Recall = Estimate.Share(caught, failures) });

    // Widths by the closed form of Wilson, counted up in Python: below 0.3 from 39 failures on when half are caught, from 9 on when all are.
    [Fact]
    public void Of_TwoOfFour_SaysHowManyMoreAreNeeded()
    {
        Judgeability judged = Of(2, 4);

        Assert.False(judged.CanJudge);
        Assert.Equal("Cannot judge this: 2 of 4 failures caught is a recall anywhere from 15 to 85 %. "
            + "About 35 more failures at this recall would narrow it to less than 30 points.", judged.Missing);
    }

    [Fact]
    public void Of_NoFailure_AsksForTheMost() => Assert.Equal(
        "Cannot judge this: no failure could be judged. About 39 more failures at any recall would narrow it to less than 30 points.",
        Of(0, 0).Missing);

    [Theory]
    [InlineData(9, 9, true)]
    [InlineData(8, 8, false)]
    [InlineData(100, 200, true)]
    public void Of_WidthOfTheInterval_Decides(int caught, int failures, bool can)
    {
        Judgeability judged = Of(caught, failures);

        Assert.Equal((can, can), (judged.CanJudge, judged.Missing is null));
    }
}
