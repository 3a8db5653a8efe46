namespace Auspex.Cli.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("score")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("log")]
    [InlineData("key rotate")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("organization export")]
    [InlineData("organization import")]
    public async Task Help_OfEachVerb_EndsWithExamples(string verb)
    {
        Ended help = await AuspexProcess.RunAsync([.. verb.Split(' '), "--help"]);

        Assert.Equal((ExitCode.Done, ""), (help.ExitCode, help.Error));
        Assert.Contains($"Usage:\n  auspex {verb} [options]", help.Output, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  auspex {verb}", help.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', help.Output);
    }

    [Fact]
    public async Task Help_OfAuspex_NamesTheVerbs()
    {
        Ended help = await AuspexProcess.RunAsync("--help");

        Assert.Equal(ExitCode.Done, help.ExitCode);
        Assert.All(["train", "evaluate", "score", "inspect", "demo"], verb => Assert.Contains($"\n  {verb} ", help.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_IsANumber()
    {
        Ended version = await AuspexProcess.RunAsync("--version");

        Assert.Equal(ExitCode.Done, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+(\+[0-9a-f]+)?\n$", version.Output);
    }
}
