using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Auspex.Cli.Tests;

/// <summary>How a run of the executable ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of standard error that are not news of a step.</summary>
    public string[] Complaints => [.. Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !AuspexProcess.IsStep(line))];
}

/// <summary>The executable as its own process, as a shell runs it.</summary>
internal sealed class AuspexProcess : IDisposable
{
    private static readonly string[] Steps = ["generate plant", "read", "make features", "train", "package", "judge", "score"];
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _begun = new();
    private readonly TaskCompletionSource _errorEnded = new();
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _outputEnded = new();

    private AuspexProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _begun.TrySetResult();
                _errorEnded.TrySetResult();
                return;
            }

            _error.Append(line.Data).Append('\n');
            _begun.TrySetResult();
        };
        _process.BeginErrorReadLine();
        _ = ReadOutputAsync();
    }

    /// <summary>Completes with the first line on standard error: by then the process listens to signals.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Standard output until now.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "auspex.exe" : "auspex");

    public static bool IsStep(string line) => line.StartsWith("auspex: ", StringComparison.Ordinal) && Steps.Contains(line["auspex: ".Length..]);

    /// <summary>Begins a run; the caller ends it. It listens to SIGINT even when the tests themselves run in the background of a shell, which starts
    /// its children deaf to it.</summary>
    public static AuspexProcess Start(params string[] arguments) => new(OperatingSystem.IsLinux()
        ? StartInfo("env", ["--default-signal=INT", Executable, .. arguments])
        : StartInfo(Executable, arguments));

    public static Task<Ended> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <param name="environment">Set on top of the test's own; null removes a variable.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<Ended> RunAsync((string Name, string? Value)[] environment, params string[] arguments)
    {
        ProcessStartInfo start = StartInfo(Executable, arguments);
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = new AuspexProcess(start);
        return await process.EndAsync();
    }

    /// <summary>Runs it by a shell, for what only a shell can set up.</summary>
    /// <param name="script">Its <c>"$@"</c> is the executable with its arguments.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<Ended> RunInShellAsync(string script, params string[] arguments)
    {
        using var process = new AuspexProcess(StartInfo("/bin/bash", ["-c", script, "bash", Executable, .. arguments]));
        return await process.EndAsync();
    }

    /// <param name="signal">INT, TERM or KILL.</param>
    public void Signal(string signal)
    {
        if (!_process.HasExited)
        {
            using Process kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit(); // a process that ended meanwhile cannot be reached, which is as well
        }
    }

    public async Task<Ended> EndAsync()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        Task ended = Task.WhenAll(_process.WaitForExitAsync(ct), _outputEnded.Task, _errorEnded.Task);
        try
        {
            await ended.WaitAsync(LongestRun, ct);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw new TimeoutException($"Not ended after {LongestRun}; it said: {_error}");
        }

        return new Ended(_process.ExitCode, OutputSoFar, _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        var some = new char[4096];
        int read;
        while ((read = await _process.StandardOutput.ReadAsync(some)) > 0)
        {
            lock (_output)
            {
                _output.Append(some, 0, read);
            }
        }

        _outputEnded.SetResult();
    }

    private static ProcessStartInfo StartInfo(string file, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("AUSPEX_DEBUG");
        start.Environment["DOTNET_TieredPGO"] = "0"; // runs of a second are over before it pays
        return start;
    }
}
