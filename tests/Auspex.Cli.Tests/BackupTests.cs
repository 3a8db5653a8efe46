using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auspex.Cli.Tests;

/// <summary>Backup, restore and another master key, as an operator runs them.</summary>
public sealed partial class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-backup-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Backup_BesideAServerAndWithout_RestoresToOneThatServes()
    {
        string first;
        using (AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            using HttpClient client = await SignedInAsync(server, Password().Match(await OutputAsync(server)).Groups[1].Value);
            first = Password().Match(server.OutputSoFar).Groups[1].Value;
            (await client.PostAsJsonAsync("/api/v1/auth/password", new { current = first, @new = "a good long password" }, Ct)).EnsureSuccessStatusCode();
            using HttpClient root = await SignedInAsync(server, "a good long password");
            (await root.PostAsJsonAsync("/api/v1/installation/organizations", new { name = "plant" }, Ct)).EnsureSuccessStatusCode();

            Ended beside = await AuspexProcess.RunAsync("backup", "--data", Data, "--to", Path.Combine(_folder, "beside"));
            Assert.Equal((ExitCode.Done, "auspex: backup\n"), (beside.ExitCode, beside.Error));
            Assert.Contains($"backup       {Path.Combine(_folder, "beside")}\n", beside.Output, StringComparison.Ordinal);
            Ended again = await AuspexProcess.RunAsync("backup", "--data", Data, "--to", Path.Combine(_folder, "beside"));
            Assert.Equal(ExitCode.StorageRefused, again.ExitCode);
            Assert.Contains("is not an empty folder; give a new one.", again.Error, StringComparison.Ordinal);
            Ended rotate = await AuspexProcess.RunAsync("key", "rotate", "--data", Data);
            Assert.Equal(ExitCode.Usage, rotate.ExitCode);
            Assert.Contains("Stop it first", Assert.Single(rotate.Complaints), StringComparison.Ordinal);
            await ServeTests.EndAsync(server, "TERM");
        }

        Ended without = await AuspexProcess.RunAsync("backup", "--data", Data, "--to", Path.Combine(_folder, "without"), "--json");
        Assert.Equal((ExitCode.Done, ""), (without.ExitCode, without.Error));
        JsonElement figures = JsonElement.Parse(without.Output);
        Assert.True(figures.GetProperty("rows").GetInt64() >= 4); // a user, an organization, a signing key, a line of the audit

        foreach (string backup in (string[])["beside", "without"])
        {
            string restored = Path.Combine(_folder, $"restored {backup}");
            Ended done = await AuspexProcess.RunAsync("restore", "--from", Path.Combine(_folder, backup), "--data", restored);
            Assert.Equal((ExitCode.Done, "auspex: restore\n"), (done.ExitCode, done.Error));
            string id = figures.GetProperty("masterKeyId").GetString()!;
            Assert.Contains($"needs        the master key {id}, which is not in it", done.Output, StringComparison.Ordinal);

            Ended keyless = await AuspexProcess.RunAsync("serve", "--data", restored, "--urls", "http://127.0.0.1:0");
            Assert.Equal(ExitCode.StorageRefused, keyless.ExitCode);
            Assert.Contains($"needs the key {id}", keyless.Error, StringComparison.Ordinal);
            File.Copy(Path.Combine(Data, "master.key"), Path.Combine(restored, "master.key"));

            Ended verified = await AuspexProcess.RunAsync("audit", "verify", "--data", restored);
            Assert.Equal((ExitCode.Done, ""), (verified.ExitCode, verified.Error));
            await ServesAsync(restored);
        }
    }

    [Fact]
    public async Task Organization_ExportedByAServer_IsImportedWithoutOne()
    {
        string archive = Path.Combine(_folder, "archive");
        using (AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            string first = Password().Match(await OutputAsync(server)).Groups[1].Value;
            using HttpClient client = await SignedInAsync(server, first);
            (await client.PostAsJsonAsync("/api/v1/auth/password", new { current = first, @new = "a good long password" }, Ct)).EnsureSuccessStatusCode();
            using HttpClient root = await SignedInAsync(server, "a good long password");
            (await root.PostAsJsonAsync("/api/v1/installation/organizations", new { name = "plant", timeZone = "Europe/Berlin" }, Ct)).EnsureSuccessStatusCode();

            Ended unknown = await AuspexProcess.RunAsync("organization", "export", "--data", Data, "--organization", "nobody", "--to", archive);
            Assert.Equal(ExitCode.StorageRefused, unknown.ExitCode);
            Assert.False(Directory.Exists(archive));
            Ended exported = await AuspexProcess.RunAsync("organization", "export", "--data", Data, "--organization", "plant", "--to", archive);
            Assert.Equal((ExitCode.Done, "auspex: export, done by the server that holds the folder\n"), (exported.ExitCode, exported.Error));
            Assert.Contains($"archive      {archive}\nof           plant (", exported.Output, StringComparison.Ordinal);
            Ended taken = await AuspexProcess.RunAsync("organization", "import", "--data", Data, "--from", archive);
            Assert.Equal(ExitCode.StorageRefused, taken.ExitCode);
            Assert.Contains("There is an organization 'plant' already.", taken.Error, StringComparison.Ordinal);
            await ServeTests.EndAsync(server, "TERM");
        }

        Ended imported = await AuspexProcess.RunAsync("organization", "import", "--data", Data, "--from", archive, "--name", "plant, a copy", "--json");

        Assert.Equal((ExitCode.Done, ""), (imported.ExitCode, imported.Error));
        Assert.Equal("plant, a copy", JsonElement.Parse(imported.Output).GetProperty("name").GetString());
        Ended again = await AuspexProcess.RunAsync("organization", "export", "--data", Data, "--organization", "plant, a copy", "--to", Path.Combine(_folder, "second"), "--json");
        Assert.Equal("Europe/Berlin", JsonElement.Parse(again.Output).GetProperty("organization").GetProperty("timeZone").GetString());
        Ended told = await AuspexProcess.RunAsync("organization", "import", "--data", Data, "--from", archive, "--name", "third");
        Assert.Equal((ExitCode.Done, "auspex: import\n"), (told.ExitCode, told.Error));
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("audit", "verify", "--data", Data)).ExitCode);
    }

    [Fact]
    public async Task KeyRotate_NewKey_ServesAndOpensOldBackupsWithTheOldKey()
    {
        using (AuspexProcess server = AuspexProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0"))
        {
            string first = Password().Match(await OutputAsync(server)).Groups[1].Value;
            using HttpClient client = await SignedInAsync(server, first);
            (await client.PostAsJsonAsync("/api/v1/auth/password", new { current = first, @new = "a good long password" }, Ct)).EnsureSuccessStatusCode();
            using HttpClient root = await SignedInAsync(server, "a good long password");
            (await root.PostAsJsonAsync("/api/v1/installation/organizations", new { name = "plant" }, Ct)).EnsureSuccessStatusCode();
            await ServeTests.EndAsync(server, "TERM");
        }

        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("backup", "--data", Data, "--to", Path.Combine(_folder, "backup"))).ExitCode);
        string before = await File.ReadAllTextAsync(Path.Combine(Data, "master.key"), Ct);

        Ended rotated = await AuspexProcess.RunAsync("key", "rotate", "--data", Data, "--json");

        Assert.Equal((ExitCode.Done, ""), (rotated.ExitCode, rotated.Error));
        string old = JsonElement.Parse(rotated.Output).GetProperty("oldKeyFile").GetString()!;
        Assert.Equal(before, await File.ReadAllTextAsync(old, Ct));
        Assert.NotEqual(before, await File.ReadAllTextAsync(Path.Combine(Data, "master.key"), Ct));
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("audit", "verify", "--data", Data)).ExitCode);
        await ServesAsync(Data);

        // From the folder's new key to the backup with the old one, then on with keys of the environment.
        string restored = Path.Combine(_folder, "restored");
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("restore", "--from", Path.Combine(_folder, "backup"), "--data", restored)).ExitCode);
        string next = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        Ended wrong = await AuspexProcess.RunAsync([("AUSPEX_MASTER_KEY", next)], "audit", "verify", "--data", restored);
        Assert.Contains("needs the key", wrong.Error, StringComparison.Ordinal);
        Ended alone = await AuspexProcess.RunAsync([("AUSPEX_MASTER_KEY", before.Trim())], "key", "rotate", "--data", restored);
        Assert.Equal(ExitCode.Usage, alone.ExitCode);
        Ended environment = await AuspexProcess.RunAsync([("AUSPEX_MASTER_KEY", before.Trim()), ("AUSPEX_NEXT_MASTER_KEY", next)], "key", "rotate", "--data", restored);
        Assert.Equal((ExitCode.Done, ""), (environment.ExitCode, environment.Error));
        Assert.Contains("start the server with AUSPEX_MASTER_KEY set to the new key", environment.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync([("AUSPEX_MASTER_KEY", next)], "audit", "verify", "--data", restored)).ExitCode);
    }

    // It answers, and knows who was there.
    private static async Task ServesAsync(string data)
    {
        using AuspexProcess server = AuspexProcess.Start("serve", "--data", data, "--urls", "http://127.0.0.1:0");
        using HttpClient root = await SignedInAsync(server, "a good long password");
        Assert.Contains("\"name\":\"plant\"", await root.GetStringAsync("/api/v1/installation/organizations", Ct), StringComparison.Ordinal);
        await ServeTests.EndAsync(server, "TERM");
    }

    private static async Task<string> OutputAsync(AuspexProcess server)
    {
        await ServeTests.AddressAsync(server);
        return server.OutputSoFar;
    }

    private static async Task<HttpClient> SignedInAsync(AuspexProcess server, string password)
    {
        var client = new HttpClient { BaseAddress = await ServeTests.AddressAsync(server) };
        HttpResponseMessage answer = await client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password }, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("accessToken").GetString());
        return client;
    }

    [GeneratedRegex(@"^password     (\S+)  \(", RegexOptions.Multiline)]
    private static partial Regex Password();
}
