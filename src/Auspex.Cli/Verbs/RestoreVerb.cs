using System.CommandLine;
using Auspex.Server.Capabilities.Backups;
using Auspex.Storage.Backup;
using Auspex.Storage.Keys;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex restore</c>: a data folder of a backup.</summary>
internal static class RestoreVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> from = new("--from") { Description = "Folder of the backup; it is only read.", HelpName = "FOLDER", Required = true };
        Option<DirectoryInfo> data = new("--data") { Description = "Data folder to make, new or empty. It appears whole or not at all.", HelpName = "DIR", Required = true };
        Option<string> database = new("--database")
        {
            Description = $"Connection string of a PostgreSQL database without rows that is to hold the stores, better given in {ServeVerb.DatabaseVariable}; default SQLite files in the data folder.",
            HelpName = "CONNECTION",
        };
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "restore",
            "Make a data folder of a backup, after every file and table of it was found to be as it was written.",
            [from, data, database, json],
            ["auspex restore --from /mnt/backup/auspex-2026-11-25 --data /var/lib/auspex", "auspex restore --from backup --data restored --json"],
            async (parsed, ct) =>
            {
                string folder = parsed.GetRequiredValue(data).FullName;
                bool quiet = parsed.GetValue(json);
                BackupManifest manifest;
                using (var told = new ByteProgress("restore", quiet))
                {
                    manifest = await Task.Run(
                        () => InstallationRestore.RunAsync(
                            parsed.GetRequiredValue(from).FullName, folder, ServeVerb.ConnectionOf(parsed, database), TimeProvider.System, told.Tell, ct),
                        ct);
                }

                var result = BackupResult.Of(manifest);
                if (quiet)
                {
                    Terminal.PrintJson(result);
                    return;
                }

                BackupVerb.Print("restored", folder, result);
                Console.WriteLine($"{"next",-12} put that key back as {Path.Combine(folder, MasterKey.FileName)}, mode 0600, or in {MasterKey.Variable}; then start the server");
            });
    }
}
