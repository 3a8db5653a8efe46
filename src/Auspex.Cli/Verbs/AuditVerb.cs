using System.CommandLine;
using System.Globalization;
using Auspex.Storage;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex audit verify</c>: whether the audit logs are as they were written.</summary>
internal static class AuditVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<string> database = ServeVerb.Database();
        Option<bool> json = VerbOptions.Json();
        var audit = new Command("audit", "Check the audit logs of an installation.");
        audit.Subcommands.Add(CommandLine.Verb(
            "verify",
            "Check every line of the audit logs against its chain, and every chain against the seal outside the database. A server may run meanwhile.",
            [data, database, json],
            ["auspex audit verify --data /var/lib/auspex", "auspex audit verify --data data --json"],
            async (parsed, ct) =>
            {
                using DataFolder folder = DataFolder.LookInto(parsed.GetRequiredValue(data).FullName);
                MasterKey master = MasterKey.Of(folder, Environment.GetEnvironmentVariable(MasterKey.Variable), make: false);
                AuditVerdict verdict = await VerifyAsync(folder, ServeVerb.ConnectionOf(parsed, database), master, ct);
                if (parsed.GetValue(json))
                {
                    Terminal.PrintJson(verdict);
                }

                if (verdict.Faults.Count > 0)
                {
                    throw new StorageException(string.Join('\n', verdict.Faults));
                }

                if (!parsed.GetValue(json))
                {
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{verdict.Lines} lines of {verdict.Logs} logs follow each other and agree with the seal of {verdict.SealedAt:u}"));
                }
            }));
        return audit;
    }

    private static async Task<AuditVerdict> VerifyAsync(DataFolder folder, string? connection, MasterKey master, CancellationToken ct)
    {
        string file = InstallationDatabases.Require(folder, connection);
        await using Database metadata = connection is null ? SqliteDatabase.Open(file) : PostgreSqlDatabase.Open(connection);
        return await AuditSeal.VerifyAsync(folder, new InstallationDb(metadata), master, ct);
    }
}
