using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Auspex.Server.Capabilities.Backups;
using Auspex.Storage;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Backup;
using Auspex.Storage.Keys;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex backup</c>: the installation at one instant, copied to a folder; by the server where one runs.</summary>
internal static class BackupVerb
{
    private const string Route = "/api/v1/installation/backups";

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<DirectoryInfo> to = new("--to")
        {
            Description = "Folder of the backup, new or empty, outside the data folder and best on another disk. It appears whole or not at all.",
            HelpName = "FOLDER",
            Required = true,
        };
        Option<string> database = ServeVerb.Database();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "backup",
            "Copy an installation as it is at one instant: both stores, artefacts, the audit seal; never the master key. A server goes on meanwhile and makes the backup itself.",
            [data, to, database, json],
            ["auspex backup --data /var/lib/auspex --to /mnt/backup/auspex-2026-11-25", "auspex backup --data data --to backup --json"],
            async (parsed, ct) =>
            {
                string folder = parsed.GetRequiredValue(to).FullName;
                bool quiet = parsed.GetValue(json);
                using DataFolderAccess access = DataFolderAccess.To(parsed.GetRequiredValue(data));
                BackupResult result = access.Folder is { } held
                    ? await WriteAsync(held, ServeVerb.ConnectionOf(parsed, database), folder, quiet, ct)
                    : await AskAsync(access, folder, quiet, ct);
                if (quiet)
                {
                    Terminal.PrintJson(result);
                    return;
                }

                Print("backup", folder, result);
            });
    }

    /// <summary>What a backup holds, in lines.</summary>
    internal static void Print(string name, string folder, BackupResult result)
    {
        Console.WriteLine($"{name,-12} {folder}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"shows",-12} {result.TakenAt:u}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"holds",-12} {result.Rows} rows, {result.Files} files, {result.Bytes} bytes"));
        Console.WriteLine($"{"needs",-12} the master key {result.MasterKeyId}, which is not in it");
        foreach (string missing in result.Missing)
        {
            Console.WriteLine($"{"missing",-12} {missing}: the data folder had it no more");
        }
    }

    private static async Task<BackupResult> WriteAsync(DataFolder folder, string? connection, string to, bool quiet, CancellationToken ct)
    {
        MasterKey master = MasterKey.Of(folder, Environment.GetEnvironmentVariable(MasterKey.Variable), make: false);
        await using InstallationDatabases databases = await InstallationDatabases.OpenAsync(folder, connection, ct);
        var backup = new InstallationBackup(folder, databases.Metadata, databases.Telemetry, new ArtefactFiles(folder), master, TimeProvider.System);
        using var told = new ByteProgress("backup", quiet);
        return BackupResult.Of(await Task.Run(() => backup.WriteAsync(to, told.Tell, ct), ct));
    }

    private static async Task<BackupResult> AskAsync(DataFolderAccess access, string to, bool quiet, CancellationToken ct)
    {
        using var told = new ByteProgress("backup", quiet);
        JsonElement run = await access.AskAsync(HttpMethod.Post, Route, new { folder = to }, ct);
        string path = $"{Route}/{run.GetProperty("id").GetString()}";
        while (run.GetProperty("state").GetString() == "running")
        {
            await Task.Delay(Between, TimeProvider.System, ct);
            run = await access.AskAsync(HttpMethod.Get, path, null, ct);
            told.Tell(run.GetProperty("bytesDone").GetInt64(), run.GetProperty("bytesTotal").GetInt64());
        }

        return run.GetProperty("state").GetString() == "done"
            ? run.GetProperty("result").Deserialize<BackupResult>(JsonSerializerOptions.Web)!
            : throw new StorageException(run.GetProperty("error").GetString()!);
    }
}
