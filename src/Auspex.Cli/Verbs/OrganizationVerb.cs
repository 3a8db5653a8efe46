using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Auspex.Storage;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Organizations;
using Auspex.Storage.Telemetry;
using Auspex.Storage.Transfer;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex organization</c>: everything one organization owns, written to open files, and an organization made of them.</summary>
internal static class OrganizationVerb
{
    // As audit lines name who works on a folder that no server holds.
    private const string By = "local administrator";

    public static Command Create()
    {
        var organization = new Command("organization", "Write everything an organization owns to a folder, or make an organization of such a folder.");
        organization.Subcommands.Add(Export());
        organization.Subcommands.Add(Import());
        return organization;
    }

    private static Command Export()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<string> whose = new("--organization") { Description = "The organization's name, or its id.", HelpName = "NAME", Required = true };
        Option<DirectoryInfo> to = new("--to") { Description = "Folder of the archive, new or empty. It appears whole or not at all.", HelpName = "FOLDER", Required = true };
        Option<string> database = ServeVerb.Database();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "export",
            "Write tree, signals, configuration, events, documents, people, audit log, models and frames of one organization to a folder of JSON lines and plain files. Secrets are not in it.",
            [data, whose, to, database, json],
            ["auspex organization export --data /var/lib/auspex --organization \"North plant\" --to north-plant", "auspex organization export --data data --organization plant --to plant --json"],
            async (parsed, ct) =>
            {
                string name = parsed.GetRequiredValue(whose);
                string folder = parsed.GetRequiredValue(to).FullName;
                bool quiet = parsed.GetValue(json);
                using DataFolderAccess access = DataFolderAccess.To(parsed.GetRequiredValue(data));
                OrganizationArchive archive;
                if (access.Folder is { } held)
                {
                    await using Opened opened = await Opened.OfAsync(held, ServeVerb.ConnectionOf(parsed, database), ct);
                    Guid id = await OrganizationExport.FindAsync(new InstallationDb(opened.Databases.Metadata), name, ct)
                        ?? throw new UsageException($"There is no organization '{name}'.");
                    using var told = new ByteProgress("export", quiet);
                    var export = new OrganizationExport(opened.Databases.Metadata, opened.Telemetry, opened.Artefacts, opened.Master, TimeProvider.System);
                    archive = await Task.Run(() => export.WriteAsync(id, folder, told.Tell, ct), ct);
                }
                else
                {
                    TellServer("export", quiet);
                    JsonElement answer = await access.AskAsync(HttpMethod.Post, "/api/v1/installation/exports", new { organization = name, folder }, ct);
                    archive = answer.Deserialize<OrganizationArchive>(JsonSerializerOptions.Web)!;
                }

                if (quiet)
                {
                    Terminal.PrintJson(archive);
                    return;
                }

                Console.WriteLine($"{"archive",-12} {folder}");
                Console.WriteLine($"{"of",-12} {archive.Organization.Name} ({archive.Organization.Id})");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"holds",-12} {archive.Rows} lines, {archive.Files.Count} files, {archive.Files.Sum(file => file.Bytes)} bytes"));
            });
    }

    private static Command Import()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<DirectoryInfo> from = new("--from") { Description = "Folder of the archive; it is only read.", HelpName = "FOLDER", Required = true };
        Option<string> name = new("--name") { Description = "Name of the new organization; default the archive's.", HelpName = "NAME" };
        Option<string> database = ServeVerb.Database();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "import",
            "Make a new organization of an archive, after every file of it was found to be as it was written. Whoever has an account here by the same address is a member again.",
            [data, from, name, database, json],
            ["auspex organization import --data /var/lib/auspex --from north-plant", "auspex organization import --data data --from plant --name \"Plant, a copy\" --json"],
            async (parsed, ct) =>
            {
                string folder = parsed.GetRequiredValue(from).FullName;
                string? given = parsed.GetValue(name);
                bool quiet = parsed.GetValue(json);
                using DataFolderAccess access = DataFolderAccess.To(parsed.GetRequiredValue(data));
                ImportedOrganization made;
                if (access.Folder is { } held)
                {
                    await using Opened opened = await Opened.OfAsync(held, ServeVerb.ConnectionOf(parsed, database), ct);
                    using var told = new ByteProgress("import", quiet);
                    var import = new OrganizationImport(opened.Databases.Metadata, opened.Telemetry, opened.Artefacts, opened.Master, opened.Removal, TimeProvider.System);
                    made = await Task.Run(() => import.RunAsync(folder, given, By, told.Tell, ct), ct);
                }
                else
                {
                    TellServer("import", quiet);
                    made = (await access.AskAsync(HttpMethod.Post, "/api/v1/installation/imports", new { folder, name = given }, ct)).Deserialize<ImportedOrganization>(JsonSerializerOptions.Web)!;
                }

                if (quiet)
                {
                    Terminal.PrintJson(made);
                    return;
                }

                Console.WriteLine($"{"organization",-12} {made.Name} ({made.Id})");
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{"taken",-12} {made.Rows.Values.Sum()} rows, {made.Documents} documents, {made.Artefacts} artefacts, {made.Frames} frames, {made.Members} members"));
                if (made.NotMembers.Count > 0)
                {
                    Console.WriteLine($"{"invite",-12} {string.Join(", ", made.NotMembers)}: they have no account here");
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"left out",-12} {made.LeftOut} views, settings and places in operator positions of theirs"));
                }
            });
    }

    // Its answer comes when all is done.
    private static void TellServer(string step, bool quiet)
    {
        if (!quiet)
        {
            Console.Error.WriteLine($"auspex: {step}, done by the server that holds the folder");
        }
    }

    // What both verbs need of a folder that no server holds.
    private sealed class Opened : IAsyncDisposable
    {
        private Opened(InstallationDatabases databases, TelemetryStore telemetry, ArtefactStore artefacts, MasterKey master, OrganizationRemoval removal)
        {
            (Databases, Telemetry, Artefacts, Master, Removal) = (databases, telemetry, artefacts, master, removal);
        }

        public InstallationDatabases Databases { get; }

        public TelemetryStore Telemetry { get; }

        public ArtefactStore Artefacts { get; }

        public MasterKey Master { get; }

        public OrganizationRemoval Removal { get; }

        public static async Task<Opened> OfAsync(DataFolder folder, string? connection, CancellationToken ct)
        {
            MasterKey master = MasterKey.Of(folder, Environment.GetEnvironmentVariable(MasterKey.Variable), make: false);
            InstallationDatabases databases = await InstallationDatabases.OpenAsync(folder, connection, ct);
            try
            {
                TelemetryStore telemetry = await TelemetryStore.OpenAsync(databases.Telemetry, new TelemetryOptions(), TimeProvider.System, ct);
                var files = new ArtefactFiles(folder);
                var removal = new OrganizationRemoval(
                    new InstallationDb(databases.Metadata), telemetry, databases.Telemetry == databases.Metadata ? [] : [new InstallationDb(databases.Telemetry)], files);
                return new Opened(databases, telemetry, new ArtefactStore(files, master, TimeProvider.System), master, removal);
            }
            catch
            {
                await databases.DisposeAsync();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Telemetry.DisposeAsync();
            await Databases.DisposeAsync();
        }
    }
}
