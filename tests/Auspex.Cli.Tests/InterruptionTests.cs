using System.Diagnostics;
using System.Text.Json;

namespace Auspex.Cli.Tests;

/// <summary>Interrupted at any moment, a run leaves each of its outputs whole or absent.</summary>
public sealed class InterruptionTests(Models models)
{
    private static TimeSpan? _wholeRun; // measured once: the tests of a class run one after another

    [Theory]
    [InlineData("INT", 0.1, 0.3, 0.5, 0.7, 0.9, 0.97)]
    [InlineData("TERM", 0.2, 0.6, 0.95)]
    [InlineData("INT INT", 0.8)]
    public async Task Train_Stopped_LeavesWholeFilesOnly(string signals, params double[] shares)
    {
        TimeSpan whole = await WholeRunAsync();
        foreach (double share in shares)
        {
            string folder = models.Plant.NewFolder();
            using AuspexProcess run = Train(folder);
            await WaitAsync(run, whole * share);
            foreach (string signal in signals.Split(' '))
            {
                run.Signal(signal);
            }

            Ended ended = await run.EndAsync();

            bool isFinished = await RequireWholeAsync(folder);
            Assert.Equal([], Leftovers(folder));
            if (isFinished)
            {
                // It had only its reports to write, or was done: the runtime itself answers a signal between the last line and the end.
                Assert.Contains("\npage       ", ended.Output, StringComparison.Ordinal);
                Assert.True(File.Exists(Path.Combine(folder, "r.html")));
                continue;
            }

            Assert.Equal((ExitCode.Interrupted, ""), (ended.ExitCode, ended.Output));
            Assert.Equal(["auspex: interrupted; nothing half-written was left"], ended.Complaints);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
    }

    [Fact]
    public async Task Demo_Stopped_LeavesNothing()
    {
        string folder = models.Plant.NewFolder();
        using AuspexProcess run = AuspexProcess.Start("demo", "--out", Path.Combine(folder, "d"));
        await run.Begun;
        while (!Directory.EnumerateFiles(folder, "frames.csv.gz", SearchOption.AllDirectories).Any())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        run.Signal("INT");

        Assert.Equal(ExitCode.Interrupted, (await run.EndAsync()).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public async Task Train_Killed_LeavesWholeFilesAndTheNextRunClearsUp()
    {
        TimeSpan whole = await WholeRunAsync();
        string folder = models.Plant.NewFolder();
        foreach (double share in (double[])[0.3, 0.8, 0.95, 0.99])
        {
            using AuspexProcess run = Train(folder);
            await WaitAsync(run, whole * share);
            run.Signal("KILL");
            await run.EndAsync();

            if (await RequireWholeAsync(folder))
            {
                Directory.Delete(Path.Combine(folder, "m"), recursive: true);
            }
        }

        // What a kill in the middle of the writing leaves.
        Directory.CreateDirectory(Path.Combine(folder, $".m.{Guid.NewGuid():N}.tmp"));
        using AuspexProcess last = Train(folder);
        Ended ended = await last.EndAsync();

        Assert.Equal(ExitCode.Done, ended.ExitCode);
        Assert.True(await RequireWholeAsync(folder));
        Assert.DoesNotContain(Leftovers(folder), name => name.StartsWith(".m", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT", 0.0, 0.5)]
    [InlineData("KILL", 0.7)]
    public async Task Score_Stopped_LeavesTheOldFileOrAWholeOne(string signal, params double[] shares)
    {
        long from = Stopwatch.GetTimestamp();
        string complete = Path.Combine(models.Plant.NewFolder(), "p.csv");
        using (AuspexProcess run = Score(complete))
        {
            await run.EndAsync();
        }

        TimeSpan whole = Stopwatch.GetElapsedTime(from);
        foreach (double share in shares)
        {
            string folder = models.Plant.NewFolder();
            string file = Path.Combine(folder, "p.csv");
            File.WriteAllText(file, "old");
            using AuspexProcess run = Score(file);
            await WaitAsync(run, whole * share);
            run.Signal(signal);
            Ended ended = await run.EndAsync();

            string found = File.ReadAllText(file);
            Assert.True(found == "old" || found == File.ReadAllText(complete), $"{found.Length} characters after {signal} at {share}");
            if (signal == "INT")
            {
                Assert.Equal(["p.csv"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
                Assert.Equal(found == "old" ? ExitCode.Interrupted : ExitCode.Done, ended.ExitCode);
            }
        }
    }

    private AuspexProcess Train(string folder) => AuspexProcess.Start(
        "train", "--data", models.Plant.Lives, "--task", "rul", "--threads", "1",
        "--out", Path.Combine(folder, "m"), "--report", Path.Combine(folder, "r.json"), "--html", Path.Combine(folder, "r.html"));

    private AuspexProcess Score(string file) =>
        AuspexProcess.Start("score", "--model", models.Failure, "--data", models.Plant.Failures, "--out", file);

    /// <summary>From the first line, when a run listens to signals, to its end.</summary>
    private async Task<TimeSpan> WholeRunAsync()
    {
        if (_wholeRun is { } known)
        {
            return known;
        }

        using AuspexProcess run = Train(models.Plant.NewFolder());
        await run.Begun;
        long from = Stopwatch.GetTimestamp();
        await run.EndAsync();
        _wholeRun = Stopwatch.GetElapsedTime(from);
        return _wholeRun.Value;
    }

    private static async Task WaitAsync(AuspexProcess run, TimeSpan time)
    {
        await run.Begun;
        await Task.Delay(time, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Package and reports are absent or whole.</summary>
    /// <returns>True when the package is there.</returns>
    private static async Task<bool> RequireWholeAsync(string folder)
    {
        if (File.Exists(Path.Combine(folder, "r.json")))
        {
            using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "r.json")));
        }

        if (File.Exists(Path.Combine(folder, "r.html")))
        {
            Assert.EndsWith("</html>", File.ReadAllText(Path.Combine(folder, "r.html")).TrimEnd(), StringComparison.Ordinal);
        }

        string package = Path.Combine(folder, "m");
        if (!Directory.Exists(package))
        {
            return false;
        }

        Ended inspected = await AuspexProcess.RunAsync("inspect", "--model", package);
        Assert.Equal((ExitCode.Done, ""), (inspected.ExitCode, inspected.Error));
        return true;
    }

    private static string[] Leftovers(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Except(["m", "r.json", "r.html"])];
}
