[assembly: AssemblyFixture(typeof(Auspex.Cli.Tests.Models))]

namespace Auspex.Cli.Tests;

/// <summary>A model of each task, trained once for all tests.</summary>
public sealed class Models : IAsyncLifetime
{
    public Plant Plant { get; } = new();

    internal Ended FailureTrained { get; private set; } = null!;

    internal Ended LifeTrained { get; private set; } = null!;

    public string Failure => Path.Combine(Plant.Folder, "models", "failure");

    public string Life => Path.Combine(Plant.Folder, "models", "life");

    public string Report => Path.Combine(Plant.Folder, "reports", "report.json");

    public string Page => Path.Combine(Plant.Folder, "reports", "report.html");

    public string DataOf(string task) => task == "failure" ? Plant.Failures : Plant.Lives;

    public async ValueTask InitializeAsync()
    {
        FailureTrained = await AuspexProcess.RunAsync(
            "train", "--data", Plant.Failures, "--task", "failure", "--out", Failure, "--report", Report, "--html", Page, "--threads", "2");
        LifeTrained = await AuspexProcess.RunAsync("train", "--data", Plant.Lives, "--task", "rul", "--out", Life, "--json", "--threads", "2");
        Assert.Equal((ExitCode.Done, ExitCode.Done), (FailureTrained.ExitCode, LifeTrained.ExitCode));
    }

    public ValueTask DisposeAsync()
    {
        Plant.Dispose();
        return ValueTask.CompletedTask;
    }
}
