namespace Auspex.Cli.Tests;

/// <summary>A verb that talks to the server which holds the folder.</summary>
public sealed class LogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-log-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Log_BesideAServer_ListsAndChangesItsLevels()
    {
        using AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        await ServeTests.AddressAsync(server);
        string secret = System.Text.Json.JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "serve.json"), Ct)).GetProperty("secret").GetString()!;

        Ended list = await AuspexProcess.RunAsync([("http_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")], "log", "--data", Data);
        Assert.Equal((ExitCode.Done, ""), (list.ExitCode, list.Error));
        Assert.Contains("storage      information\n", list.Output, StringComparison.Ordinal);
        Assert.Contains("framework    warning\n", list.Output, StringComparison.Ordinal);

        Ended changed = await AuspexProcess.RunAsync("log", "--data", Data, "--room", "Storage", "--level", "Debug", "--for", "5m");
        Assert.Matches(@"storage      debug        until 20\d\d-", changed.Output);

        Ended refused = await AuspexProcess.RunAsync("log", "--data", Data, "--room", "kitchen", "--level", "Debug");
        Assert.Equal((ExitCode.Usage, ""), (refused.ExitCode, refused.Output));
        Assert.Equal(["auspex: --room must be one of server, storage, flow, insight, framework, was 'kitchen'."], refused.Complaints);

        Ended ended = await ServeTests.EndAsync(server, "TERM");
        Assert.DoesNotContain(secret, ended.Error + ended.Output, StringComparison.Ordinal);
        Assert.Contains("local administrator", ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "serve.json")));
        Ended none = await AuspexProcess.RunAsync("log", "--data", Data);
        Assert.Equal(ExitCode.StorageRefused, none.ExitCode);
        Assert.Equal([$"auspex: No server runs on {Data}: log levels are those of a running server."], none.Complaints);
    }

    [Fact]
    public async Task Log_AfterAServerThatWasKilled_SaysThatNoneRuns()
    {
        using AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        await ServeTests.AddressAsync(server);
        server.Signal("KILL");
        await server.EndAsync();

        Ended ended = await AuspexProcess.RunAsync("log", "--data", Data);

        Assert.Equal([$"auspex: No server runs on {Data}: log levels are those of a running server."], ended.Complaints);
    }

    [Theory]
    [InlineData("--room and --level go together", "--room", "storage")]
    [InlineData("--room and --level go together", "--for", "10m")]
    [InlineData("--level must be trace, debug, information, warning, error, was 'loud'.", "--room", "storage", "--level", "loud")]
    [InlineData("--for must be whole minutes, at most 24h, was '90s'.", "--room", "storage", "--level", "debug", "--for", "90s")]
    [InlineData("--for must be whole minutes, at most 24h, was '2d'.", "--room", "storage", "--level", "debug", "--for", "2d")]
    public async Task Log_OptionsThatCannotBe_AreRefused(string expected, params string[] options)
    {
        Ended ended = await AuspexProcess.RunAsync(["log", "--data", Data, .. options]);

        Assert.Equal(ExitCode.Usage, ended.ExitCode);
        Assert.Contains(expected, Assert.Single(ended.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_FolderOfNoServer_IsRefusedAndLeftAlone()
    {
        Ended missing = await AuspexProcess.RunAsync("log", "--data", Data);
        Assert.Contains("does not exist", Assert.Single(missing.Complaints), StringComparison.Ordinal);

        Ended empty = await AuspexProcess.RunAsync("log", "--data", _folder);
        Assert.Contains("is no data folder: no server ever ran on it.", Assert.Single(empty.Complaints), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }
}
