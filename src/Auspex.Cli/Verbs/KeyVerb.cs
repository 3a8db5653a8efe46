using System.CommandLine;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex key rotate</c>: another master key in the place of the present one.</summary>
internal static class KeyVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<string> database = ServeVerb.Database();
        Option<bool> json = VerbOptions.Json();
        var key = new Command("key", "Change the master key of an installation.");
        key.Subcommands.Add(CommandLine.Verb(
            "rotate",
            "Put a new master key in the place of the present one and seal everything again under it. No server may run meanwhile; a rotation that was cut off goes on when it is run again.",
            [data, database, json],
            [
                "auspex key rotate --data /var/lib/auspex",
                $"{MasterKey.Variable}=… {KeyRotation.NextVariable}=… auspex key rotate --data /var/lib/auspex",
            ],
            async (parsed, ct) =>
            {
                string? present = Environment.GetEnvironmentVariable(MasterKey.Variable);
                string? next = Environment.GetEnvironmentVariable(KeyRotation.NextVariable);
                if (string.IsNullOrEmpty(present) != string.IsNullOrEmpty(next))
                {
                    throw new UsageException(
                        $"{MasterKey.Variable} and {KeyRotation.NextVariable} go together: the present key and the next one, each base64 of 32 bytes. Where the key is in the data folder set neither.");
                }

                using DataFolderAccess access = DataFolderAccess.To(parsed.GetRequiredValue(data));
                if (access.Folder is not { } folder)
                {
                    throw new UsageException("A server runs on this folder and has the present key in memory. Stop it first, and all others on the same database; then rotate and start again.");
                }

                await using InstallationDatabases databases = await InstallationDatabases.OpenAsync(folder, ServeVerb.ConnectionOf(parsed, database), ct);
                KeyRotated rotated = await KeyRotation.RunAsync(folder, new InstallationDb(databases.Metadata), present, next, TimeProvider.System, _ => { }, ct);
                if (parsed.GetValue(json))
                {
                    Terminal.PrintJson(rotated);
                    return;
                }

                Console.WriteLine($"key          {rotated.To}, before {rotated.From}");
                Console.WriteLine(FormattableString.Invariant($"sealed again {rotated.Things} keys and documents"));
                Console.WriteLine(rotated.OldKeyFile is { } old
                    ? $"old key      {old}: backups made before need it. Keep it where their keys are kept, and delete it here."
                    : $"next         start the server with {MasterKey.Variable} set to the new key, and keep the old one for backups made before.");
            }));
        return key;
    }
}
