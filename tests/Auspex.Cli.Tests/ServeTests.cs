using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Auspex.Cli.Tests;

/// <summary>The server as a process: its first start, its end, and who else may have its folder.</summary>
public sealed partial class ServeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-serve-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Serve_Signalled_EndsCleanlyAndTellsThePasswordUntilItIsChanged(string signal)
    {
        using (AuspexProcess first = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            Uri address = await AddressAsync(first);
            string password = Password().Match(first.OutputSoFar).Groups[1].Value;
            Assert.Contains("super admin  admin@localhost\n", first.OutputSoFar, StringComparison.Ordinal);
            using var client = new HttpClient { BaseAddress = address };
            Assert.Equal(HttpStatusCode.OK, (await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password }, Ct)).StatusCode);

            // The connection of this client stays open meanwhile.
            Ended ended = await EndAsync(first, signal);
            Assert.Equal(ExitCode.Done, ended.ExitCode);
            string[] log = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(log, line => Assert.StartsWith("{", line, StringComparison.Ordinal));
            string request = Assert.Single(log, line => line.Contains("/api/v1/auth/sign-in", StringComparison.Ordinal));
            Assert.Contains("correlationId", request, StringComparison.Ordinal);
            Assert.Contains("TraceId", request, StringComparison.Ordinal);
            Assert.DoesNotContain(password, ended.Error, StringComparison.Ordinal);
        }

        using (AuspexProcess second = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(second) };
            string current = Password().Match(second.OutputSoFar).Groups[1].Value;
            HttpResponseMessage signedIn = await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = current }, Ct);
            string token = (await signedIn.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Ct)).GetProperty("accessToken").GetString()!;
            client.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
            (await client.PostAsJsonAsync("/api/v1/auth/password", new { current, @new = "a good long password" }, Ct)).EnsureSuccessStatusCode();
            await EndAsync(second, signal);
        }

        using AuspexProcess third = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        await AddressAsync(third);
        Ended again = await EndAsync(third, signal);
        Assert.DoesNotContain("password", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_FolderOfAnotherServer_IsRefused()
    {
        using AuspexProcess first = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        await AddressAsync(first);

        Ended second = await AuspexProcess.RunAsync("serve", "--data", Data, "--urls", "http://127.0.0.1:0");

        Assert.Equal((ExitCode.StorageRefused, ""), (second.ExitCode, second.Output));
        Assert.Equal([$"auspex: {Data} is in use by another process. One process writes a data folder: stop it, or give this one a folder of its own."], second.Complaints);
        await EndAsync(first, "TERM");
    }

    [Theory]
    [InlineData("--urls", "https://127.0.0.1:8443", ExitCode.Usage, "--urls must be http://HOST:PORT, such as http://127.0.0.1:8080, was 'https://127.0.0.1:8443'.")]
    [InlineData("--origins", "*", ExitCode.Usage, "--origins must be SCHEME://HOST[:PORT] without a path or *, such as https://plant.example, was '*'.")]
    [InlineData("--database", "nonsense", ExitCode.StorageRefused, "The connection string of PostgreSQL cannot be read: ")]
    [InlineData("--database", "Host=127.0.0.1;Port=1;Username=x;Database=x", ExitCode.StorageRefused, "PostgreSQL cannot be reached: ")]
    public async Task Serve_OptionThatCannotBe_IsRefused(string option, string value, int exitCode, string expected)
    {
        Ended ended = await AuspexProcess.RunAsync("serve", "--data", Data, option, value);

        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Output));
    }

    [Fact]
    public async Task Serve_PortTaken_IsOneLine()
    {
        using AuspexProcess first = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        Uri address = await AddressAsync(first);

        Ended second = await AuspexProcess.RunAsync("serve", "--data", Path.Combine(_folder, "other"), "--urls", address.ToString().TrimEnd('/'));

        Assert.Equal(ExitCode.Failed, second.ExitCode);
        Assert.Contains("address already in use", Assert.Single(second.Complaints), StringComparison.Ordinal);
        await EndAsync(first, "TERM");
    }

    [Fact]
    public async Task Serve_KeyOthersCanRead_IsRefused()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no such modes here");
            return;
        }

        using (AuspexProcess first = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            await AddressAsync(first);
            await EndAsync(first, "TERM");
        }

        string key = Path.Combine(Data, "master.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        Ended refused = await AuspexProcess.RunAsync("serve", "--data", Data, "--urls", "http://127.0.0.1:0");

        Assert.Equal(ExitCode.StorageRefused, refused.ExitCode);
        Assert.Equal([$"auspex: {key} can be read by others than its owner. Run: chmod 600 {key}"], refused.Complaints);
    }

    [Fact]
    public async Task AuditVerify_BesideTheServerAndAfterATamperedLine_TellsIt()
    {
        using AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = await AddressAsync(server) };
        string first = Password().Match(server.OutputSoFar).Groups[1].Value;
        await SignInAsync(client, first);
        (await client.PostAsJsonAsync("/api/v1/auth/password", new { current = first, @new = "a good long password" }, Ct)).EnsureSuccessStatusCode();
        await SignInAsync(client, "a good long password");
        (await client.PostAsJsonAsync("/api/v1/installation/organizations", new { name = "plant" }, Ct)).EnsureSuccessStatusCode();

        Ended beside = await AuspexProcess.RunAsync("audit", "verify", "--data", Data);
        Assert.Equal((ExitCode.Done, ""), (beside.ExitCode, beside.Error));
        await EndAsync(server, "TERM");
        Ended after = await AuspexProcess.RunAsync("audit", "verify", "--data", Data);
        Assert.StartsWith("1 lines of 1 logs follow each other and agree with the seal of ", after.Output, StringComparison.Ordinal);

        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Data, "metadata.db")};Pooling=False"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "delete from audit_entry";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        Ended cut = await AuspexProcess.RunAsync("audit", "verify", "--data", Data);
        Assert.Equal((ExitCode.StorageRefused, ""), (cut.ExitCode, cut.Output));
        Assert.Contains("the tail was cut: the log ends at line 0, at ", Assert.Single(cut.Complaints), StringComparison.Ordinal);
    }

    private static async Task SignInAsync(HttpClient client, string password)
    {
        HttpResponseMessage answer = await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password }, Ct);
        client.DefaultRequestHeaders.Authorization = new(
            "Bearer", (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Ct)).GetProperty("accessToken").GetString());
    }

    internal static async Task<Uri> AddressAsync(AuspexProcess process)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Match line = Listening().Match(process.OutputSoFar);
            // The line of the password, where there is one, follows at once.
            if (line.Success && process.OutputSoFar.EndsWith('\n'))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
                return new Uri(line.Groups[1].Value);
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "the server does not listen");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Ct);
        }
    }

    internal static async Task<Ended> EndAsync(AuspexProcess process, string signal)
    {
        long start = Stopwatch.GetTimestamp();
        process.Signal(signal);
        Ended ended = await process.EndAsync();
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), $"ended after {Stopwatch.GetElapsedTime(start)}");
        return ended;
    }

    [GeneratedRegex(@"^listening    (http://\S+)$", RegexOptions.Multiline)]
    private static partial Regex Listening();

    [GeneratedRegex(@"^password     (\S+)  \(", RegexOptions.Multiline)]
    private static partial Regex Password();
}
