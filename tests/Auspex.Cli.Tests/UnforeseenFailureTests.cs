using System.CommandLine;

namespace Auspex.Cli.Tests;

/// <summary>What nobody foresaw. Runs in this process, with a verb that fails on purpose; the collection keeps others from its console.</summary>
[Collection(nameof(UnforeseenFailureTests))]
[CollectionDefinition(nameof(UnforeseenFailureTests), DisableParallelization = true)]
public class UnforeseenFailureTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    public async Task Run_VerbThrowsSomethingUnforeseen_IsOneAndNamesTheBug(string? debug)
    {
        Ended ended = await RunAsync(() => throw new InvalidOperationException("two\nlines"), debug);

        Assert.Equal((ExitCode.Failed, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("auspex: this is a bug in Auspex: InvalidOperationException: two lines\n", ended.Error, StringComparison.Ordinal);
        Assert.Equal(debug == "1", ended.Error.Contains("   at Auspex.", StringComparison.Ordinal));
        Assert.Equal(debug != "1", ended.Error.Contains("please report it with the output of the same command run with AUSPEX_DEBUG=1", StringComparison.Ordinal));
        Assert.All(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("auspex: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_MemoryEnds_SaysSo()
    {
        Ended ended = await RunAsync(() => throw new InsufficientMemoryException(), debug: null);

        Assert.Equal(ExitCode.Failed, ended.ExitCode);
        Assert.StartsWith("auspex: not enough memory for this data set", ended.Error, StringComparison.Ordinal);
    }

    private static async Task<Ended> RunAsync(Func<Task> run, string? debug)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using var writtenOutput = new StringWriter { NewLine = "\n" };
        using var writtenError = new StringWriter { NewLine = "\n" };
        Environment.SetEnvironmentVariable("AUSPEX_DEBUG", debug);
        Console.SetOut(writtenOutput);
        Console.SetError(writtenError);
        try
        {
            var root = new RootCommand { CommandLine.Verb("fail", "Fails.", [], [], (_, _) => run()) };
            return new Ended(await CommandLine.RunAsync(root, ["fail"]), writtenOutput.ToString(), writtenError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            Environment.SetEnvironmentVariable("AUSPEX_DEBUG", null);
        }
    }
}
