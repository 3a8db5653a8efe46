using System.Diagnostics;

namespace Auspex.Cli.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("score")]
    [InlineData("inspect")]
    [InlineData("demo")]
    public void Help_OfEachVerb_EndsWithExamples(string verb)
    {
        string executable = Path.Combine(AppContext.BaseDirectory, "auspex.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet") { ArgumentList = { executable, verb, "--help" }, RedirectStandardOutput = true })!;
        string help = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"Examples:\n  auspex {verb}", help, StringComparison.Ordinal);
    }
}
