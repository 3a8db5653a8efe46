namespace Auspex.Flow.Tests;

public class JudgeTrialsTests
{
    // A sample; ./dev bench judged kills a hundred times.
    [Fact]
    public async Task Checklist1And3_KilledAtRandomMoments_EveryAcknowledgedFrameIsJudgedOnceAndAsWithoutKills()
    {
        string folder = Directory.CreateTempSubdirectory("auspex-judge-").FullName;
        try
        {
            JudgeReport report = await JudgeTrials.RunAsync(10, seed: 3, folder, TestContext.Current.CancellationToken);
            Assert.True(report.Acknowledged > 500, $"only {report.Acknowledged} frames were acknowledged");
            Assert.True(report.Judged >= report.Acknowledged, $"{report.Judged} judged, {report.Acknowledged} acknowledged");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
