using System.Text.Json.Nodes;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Organizations;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Auspex.Storage.Transfer;
using Dapper;

namespace Auspex.Storage.Tests.Transfer;

public sealed class OrganizationTransferTests : IDisposable
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly Guid Press = new("6f1b3f2e-8b7f-4a60-9d0e-0000000000a1");
    private static readonly Guid Paper = new("6f1b3f2e-8b7f-4a60-9d0e-0000000000d1");
    private static readonly Guid Model = new("6f1b3f2e-8b7f-4a60-9d0e-0000000000b1");
    private const string Anna = "6f1b3f2e-8b7f-4a60-9d0e-0000000000e1";
    private const string AnnaThere = "6f1b3f2e-8b7f-4a60-9d0e-0000000000e3";
    private static readonly AssetId LongName = new(new string('x', AssetId.MaxLength));
    private static readonly string[] Signals = ["temperature", "pressure"];

    private readonly StorageFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Archive => _folder.PathOf("archive");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Dialect.Sqlite, Dialect.Sqlite)]
    [InlineData(Dialect.Sqlite, Dialect.PostgreSql)]
    [InlineData(Dialect.PostgreSql, Dialect.Sqlite)]
    public async Task Import_OfAnExport_HasEverythingUnderANewOrganization(Dialect from, Dialect to)
    {
        await using World here = await World.MakeAsync(from, _folder.PathOf("here"));
        await here.FillAsync();
        OrganizationArchive archive = await here.Export.WriteAsync(Plant, Archive, _ => { }, Ct);
        Assert.Equal((Plant, "plant"), (archive.Organization.Id, archive.Organization.Name));
        foreach (string file in Directory.GetFiles(Archive, "*", SearchOption.AllDirectories))
        {
            string text = await File.ReadAllTextAsync(file, Ct);
            Assert.DoesNotContain("password-hash", text, StringComparison.Ordinal);
            Assert.DoesNotContain("stranger", text, StringComparison.Ordinal);
        }

        await using World there = await World.MakeAsync(to, _folder.PathOf("there"));
        await there.SqlAsync("insert into user_account (id, email, name, password_hash, created_at) values ('6f1b3f2e-8b7f-4a60-9d0e-0000000000e3', 'anna@plant.example', 'Anna', 'x', 0)");
        ImportedOrganization made = await there.Import.RunAsync(Archive, null, "tester", _ => { }, Ct);

        Assert.NotEqual(Plant, made.Id);
        Assert.Equal((1, 1, 2, 1L, 2L), (made.Documents, made.NotMembers.Count, made.Artefacts, made.Members, made.LeftOut));
        Assert.Equal("ben@plant.example", made.NotMembers[0]);
        foreach (CarriedTable table in OrganizationArchive.Tables)
        {
            // Row for row but for whose they are, and what belonged to somebody who is not here.
            Assert.Equal(Rows(await here.RowsAsync(table.Name, Plant), table, Anna, AnnaThere), Rows(await there.RowsAsync(table.Name, made.Id), table, AnnaThere, AnnaThere));
        }

        InstallationDb db = new(there.Metadata);
        Assert.Equal("active", await db.QuerySingleOrDefaultAsync<string>("select state from organization where id = @id", new { id = made.Id }, Ct));
        FrameColumns frames = await there.Telemetry.ReadAsync(made.Id, new AssetId(Press.ToString()), 0, long.MaxValue, Signals, 10_000, Ct);
        Assert.Equal(Enumerable.Range(0, 2_500).Select(i => 1_000L * i), frames.Times);
        Assert.Equal(2_500 + 3, made.Frames);
        Assert.Equal(0.5, (await there.Telemetry.NewestAsync(made.Id, Series.PredictionsOf(LongName, PredictionTask.Failure), Ct))!.Values[0]);
        Assert.Equal(0.1, frames.Values[0][1]);
        Assert.Equal(Quality.Absent, frames.Qualities[1]![7]);
        Assert.Equal(Quality.Bad, frames.Qualities[0]![9]);
        Assert.Equal(double.PositiveInfinity, frames.Values[0][11]);
        Assert.Equal([4, 5, 6], await new ArtefactStore(there.Files, there.Master, TimeProvider.System).OpenAsync(db.Of(made.Id), Model, 3, Ct));
        string content = (await db.QuerySingleOrDefaultAsync<string>("select content from document where organization = @id", new { id = made.Id }, Ct))!;
        Assert.Equal([1, 2, 3], there.Master.Open(Convert.FromBase64String(content), DocumentBound.Of(made.Id, Paper)));
        Artefact before = Assert.Single(await ArtefactStore.ListAsync(db.Of(made.Id), "audit", null, 10, Ct));
        Assert.Contains("plant", before.Name, StringComparison.Ordinal);
        Assert.Null(await AuditLog.FaultAsync(db.Of(made.Id), Ct));

        // A second one of the same name is refused, and beside the first under another name it is a third organization.
        Assert.Contains("--name", (await Assert.ThrowsAsync<StorageException>(() => there.Import.RunAsync(Archive, null, "tester", _ => { }, Ct))).Message, StringComparison.Ordinal);
        Assert.NotEqual(made.Id, (await there.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct)).Id);
    }

    [Theory]
    [InlineData("tree_node.jsonl", "\"kind\":\"site\"", "\"kind\":\"moon\"", "tree_node.jsonl, line 1")]
    [InlineData("tree_node.jsonl", "\"facts\":", "\"organization\":", "'organization' is no column")]
    [InlineData("tree_node.jsonl", "\"facts\":", "\"facts); drop table tree_node; --\":", "is no column")]
    [InlineData("tree_node.jsonl", "\"revision\":1", "\"revision\":1.5", "'revision' is neither")]
    [InlineData("judged_day.jsonl", "\"judged_ms\":60000.5", "\"judged_ms\":1e999", "'judged_ms' is no finite number")]
    [InlineData("predictive_alert.jsonl", "\"raised_at\":1", "\"raised_at\":1.5", "'raised_at' is neither")]
    [InlineData("tree_node.jsonl", "\"parent\":\"6f1b3f2e-8b7f-4a60-9d0e-0000000000c1\"", "\"parent\":\"6f1b3f2e-8b7f-4a60-9d0e-0000000000ff\"", "Nothing was imported")]
    [InlineData("signal.jsonl", "{", "[", "signal.jsonl, line 1 cannot be read")]
    [InlineData("frames.jsonl", "\"times\":[", "\"times\":[5,", "not of one length")]
    [InlineData("frames.jsonl", "\"qualities\":[", "\"qualities\":[99,", "not of one length")]
    [InlineData("artefacts.jsonl", "\"version\":3", "\"version\":4", "is not in the archive")]
    [InlineData("documents.jsonl", "\"asset\":\"6f", "\"asset\":\"7f", "Nothing was imported")]
    public async Task Import_ArchiveThatWasMadeUp_IsRefusedAndLeavesNothing(string file, string good, string bad, string expected)
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        await here.Export.WriteAsync(Plant, Archive, _ => { }, Ct);
        string path = Path.Combine(Archive, file);
        string text = await File.ReadAllTextAsync(path, Ct);
        Assert.Contains(good, text, StringComparison.Ordinal);
        byte[] made = System.Text.Encoding.UTF8.GetBytes(text.Replace(good, bad, StringComparison.Ordinal));
        await File.WriteAllBytesAsync(path, made, Ct);

        // As it is the manifest tells; with a manifest to match the line itself must.
        StorageException changed = await Assert.ThrowsAsync<StorageException>(() => here.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct));
        Assert.Contains(path, changed.Message, StringComparison.Ordinal);
        await SealAsync(file, made);
        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => here.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);

        Assert.Equal(["plant", "stranger"], await new InstallationDb(here.Metadata).QueryAsync<string>("select name from organization order by name", null, Ct));
        Assert.Equal(0, await new InstallationDb(here.Metadata).QuerySingleOrDefaultAsync<long>(
            "select count(*) from tree_node where organization not in (select id from organization)", null, Ct));
        Assert.Single(Directory.GetDirectories(here.Folder.PathOf("artefacts")));
    }

    [Fact]
    public async Task Import_LineLongerThanAnyIs_IsRefusedWithFileLineAndLimit()
    {
        const int Most = 64 * 1024 * 1024;
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        await here.Export.WriteAsync(Plant, Archive, _ => { }, Ct);
        string path = Path.Combine(Archive, "signal.jsonl");
        byte[] made = [.. await File.ReadAllBytesAsync(path, Ct), .. new byte[Most + 1]];
        await File.WriteAllBytesAsync(path, made, Ct);
        await SealAsync("signal.jsonl", made);

        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => here.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct));

        Assert.Equal($"signal.jsonl, line 2 has more than {Most} bytes. Nothing was imported.", refused.Message);
        Assert.Null(await OrganizationExport.FindAsync(new InstallationDb(here.Metadata), "copy", Ct));
    }

    [Fact]
    public async Task Progress_OfExportAndImport_EndsAtAllOfIt()
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        var told = new List<TransferProgress>();

        OrganizationArchive archive = await here.Export.WriteAsync(Plant, Archive, told.Add, Ct);

        long bytes = archive.Files.Sum(file => file.Bytes);
        Assert.Equal(new TransferProgress(false, archive.Rows, bytes, 0), told[^1]);
        Assert.Equal(told.OrderBy(one => one.Bytes), told);
        told.Clear();
        await here.Import.RunAsync(Archive, "copy", "tester", told.Add, Ct);
        Assert.Equal(new TransferProgress(true, 0, bytes, bytes), told.Last(one => one.Checks));
        TransferProgress last = told[^1];
        // The audit log of before is kept as it is, not read line by line.
        ArchiveFile audit = archive.Files.Single(file => file.Name == OrganizationArchive.Audit);
        Assert.Equal(new TransferProgress(false, archive.Rows - audit.Rows, bytes - audit.Bytes, bytes), last);
    }

    [Fact]
    public async Task Import_ArchiveFromBeforeThereWereModels_IsTaken()
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        await here.Export.WriteAsync(Plant, Archive, _ => { }, Ct);
        File.Delete(Path.Combine(Archive, "model_version.jsonl"));
        string path = Path.Combine(Archive, OrganizationArchive.FileName);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Ct))!;
        JsonArray files = manifest["files"]!.AsArray();
        files.Remove(files.Single(file => (string?)file!["name"] == "model_version.jsonl"));
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Ct);

        ImportedOrganization made = await here.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct);

        Assert.False(made.Rows.ContainsKey("model_version"));
        Assert.True(made.Rows["tree_node"] > 0);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("documents/../../x")]
    [InlineData("artefacts/6f1b3f2e-8b7f-4a60-9d0e-0000000000b1")]
    public async Task Import_ManifestWithStrangePaths_IsRefused(string name)
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        await here.Export.WriteAsync(Plant, Archive, _ => { }, Ct);
        string path = Path.Combine(Archive, OrganizationArchive.FileName);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Ct))!;
        manifest["files"]!.AsArray().Add(new JsonObject { ["name"] = name, ["bytes"] = 1, ["rows"] = 0, ["sha256"] = "00" });
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Ct);

        Assert.Contains("is no file of an archive", (await Assert.ThrowsAsync<StorageException>(() => here.Import.RunAsync(Archive, "copy", "tester", _ => { }, Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_OfTheSchema_AreAllCarriedOrLeftOutForAReason()
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        const string Tables = "select t.name from sqlite_master t join pragma_table_info(t.name) c on c.name = 'organization' where t.type = 'table'";
        IEnumerable<string> present = (await new InstallationDb(here.Metadata).QueryAsync<string>(Tables, null, Ct)).Concat(await new InstallationDb(here.TelemetryDatabase).QueryAsync<string>(Tables, null, Ct));

        Assert.Equal(present.Order(StringComparer.Ordinal), OrganizationArchive.Tables.Select(table => table.Name).Concat(OrganizationArchive.Others.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Export_FolderThatIsNotEmpty_OrOrganizationThatIsNot_IsRefused()
    {
        await using World here = await World.MakeAsync(Dialect.Sqlite, _folder.PathOf("here"));
        await here.FillAsync();
        Directory.CreateDirectory(Archive);
        await File.WriteAllTextAsync(Path.Combine(Archive, "mine"), "x", Ct);

        await Assert.ThrowsAsync<StorageException>(() => here.Export.WriteAsync(Plant, Archive, _ => { }, Ct));
        await Assert.ThrowsAsync<StorageException>(() => here.Export.WriteAsync(Guid.NewGuid(), _folder.PathOf("other"), _ => { }, Ct));

        Assert.Equal(["mine"], Directory.GetFileSystemEntries(Archive).Select(Path.GetFileName));
        Assert.False(Directory.Exists(_folder.PathOf("other")));
        Assert.Null(await OrganizationExport.FindAsync(new InstallationDb(here.Metadata), "nobody", Ct));
        Assert.Equal(Plant, await OrganizationExport.FindAsync(new InstallationDb(here.Metadata), "plant", Ct));
    }

    private static IEnumerable<string> Rows(IEnumerable<IDictionary<string, object?>> rows, CarriedTable table, string user, string shown) => rows
        .Where(row => table.UserColumn is not { } column || (string)row[column]! == user)
        .Select(row => string.Join('|', row.Where(cell => cell.Key != "organization").OrderBy(cell => cell.Key, StringComparer.Ordinal)
            .Select(cell => $"{cell.Key}={(cell.Key == table.UserColumn ? shown : cell.Value)}")))
        .Order(StringComparer.Ordinal);

    private async Task SealAsync(string file, byte[] content)
    {
        string path = Path.Combine(Archive, OrganizationArchive.FileName);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Ct))!;
        JsonNode entry = manifest["files"]!.AsArray().Single(one => one!["name"]!.GetValue<string>() == file)!;
        entry["bytes"] = content.Length;
        entry["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Ct);
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly TestDatabase? _server;

        private World(TestDatabase? server, DataFolder folder, Database metadata, Database telemetryDatabase, TelemetryStore telemetry)
        {
            _server = server;
            Folder = folder;
            Master = MasterKey.Of(folder, null);
            Files = new ArtefactFiles(folder);
            (Metadata, TelemetryDatabase, Telemetry) = (metadata, telemetryDatabase, telemetry);
            var artefacts = new ArtefactStore(Files, Master, TimeProvider.System);
            Export = new OrganizationExport(metadata, telemetry, artefacts, Master, TimeProvider.System);
            Import = new OrganizationImport(
                metadata, telemetry, artefacts, Master,
                new OrganizationRemoval(new InstallationDb(metadata), telemetry, telemetryDatabase == metadata ? [] : [new InstallationDb(telemetryDatabase)], Files), TimeProvider.System);
        }

        public DataFolder Folder { get; }

        public MasterKey Master { get; }

        public ArtefactFiles Files { get; }

        public Database Metadata { get; }

        public Database TelemetryDatabase { get; }

        public TelemetryStore Telemetry { get; }

        public OrganizationExport Export { get; }

        public OrganizationImport Import { get; }

        public static async Task<World> MakeAsync(Dialect dialect, string path)
        {
            var folder = DataFolder.Hold(path);
            TestDatabase? server = dialect == Dialect.PostgreSql ? TestDatabase.Empty(dialect) : null;
            Database metadata = server?.Database ?? SqliteDatabase.Open(folder.PathOf("metadata.db"));
            Database telemetryDatabase = server?.Database ?? SqliteDatabase.Open(folder.PathOf("telemetry.db"));
            await SchemaUpgrade.ApplyAsync(metadata, "metadata", TimeProvider.System, Ct);
            await SchemaUpgrade.ApplyAsync(telemetryDatabase, "telemetry", TimeProvider.System, Ct);
            return new World(server, folder, metadata, telemetryDatabase, await TelemetryStore.OpenAsync(telemetryDatabase, new TelemetryOptions(), TimeProvider.System, Ct));
        }

        public Task<int> SqlAsync(string sql) => new InstallationDb(Metadata).ExecuteAsync(sql, new { plant = Plant }, Ct);

        public Task<List<IDictionary<string, object?>>> RowsAsync(string table, Guid organization) => Metadata.ReadAsync(
            null,
            async (connection, _) => (await connection.QueryAsync($"select * from {table} where organization = @organization", new { organization = organization.ToString() }))
                .Select(row => (IDictionary<string, object?>)row).ToList(),
            Ct);

        public async Task FillAsync()
        {
            foreach (string sql in (string[])
            [
                "insert into organization (id, name, time_zone, state, created_at) values (@plant, 'plant', 'Europe/Berlin', 'active', 1)",
                "insert into organization (id, name, time_zone, state, created_at) values ('6f1b3f2e-8b7f-4a60-9d0e-000000000002', 'stranger', 'UTC', 'active', 1)",
                "insert into user_account (id, email, name, password_hash, created_at) values ('6f1b3f2e-8b7f-4a60-9d0e-0000000000e1', 'anna@plant.example', 'Anna', 'password-hash', 0), ('6f1b3f2e-8b7f-4a60-9d0e-0000000000e2', 'ben@plant.example', 'Ben', 'password-hash', 0)",
                "insert into membership (organization, user_id, role, created_at) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1', 'admin', 0), (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e2', 'viewer', 0)",
                "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000c1', null, 'site', 'Süd \"1\"', 'SÜD', '{}', 1, 9, 9)",
                "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', '6f1b3f2e-8b7f-4a60-9d0e-0000000000c1', 'asset', 'press', 'PRESS', '{\"age\":3}', 1, 2, 2)",
                "insert into tree_move (organization, node, id, from_parent, from_path, to_parent, to_path, moved_at, moved_by) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 'm', 'a', 'b', 'c', 'd', 3, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1')",
                "insert into signal (organization, id, name, label, unit, kind, role, states, revision, created_at, updated_at) values (@plant, 's', 'temperature', 'Oil', 'degC', 'continuous', 'reading', '[]', 1, 0, 0)",
                "insert into configuration (organization, section, revision, body, changed_at, changed_by) values (@plant, 'prediction', 1, '{}', 0, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1'), (@plant, 'prediction', 2, '{\"predictionEnabled\":true}', 1, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1')",
                "insert into plant_event (organization, id, asset, kind, started_at, component, revision, created_at, created_by, updated_at) values (@plant, 'e', '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 'failure', 5, 'pump', 1, 5, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1', 5)",
                "insert into operator_position (organization, id, site, name, key_name, revision, created_at, updated_at) values (@plant, 'p', '6f1b3f2e-8b7f-4a60-9d0e-0000000000c1', 'desk', 'DESK', 1, 0, 0)",
                "insert into operator_position_node (organization, position, node) values (@plant, 'p', '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1')",
                "insert into operator_position_person (organization, position, user_id) values (@plant, 'p', '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1'), (@plant, 'p', '6f1b3f2e-8b7f-4a60-9d0e-0000000000e2')",
                "insert into saved_view (organization, id, user_id, screen, name, key_name, body, shared, revision, created_at, updated_at) values (@plant, 'v', '6f1b3f2e-8b7f-4a60-9d0e-0000000000e2', 'now', 'mine', 'MINE', '{}', 1, 1, 0, 0)",
                "insert into notification_setting (organization, user_id, body, revision, updated_at) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1', '{}', 1, 0)",
                "insert into frame_name (organization, name, asset, kind) values (@plant, 'old press', '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 'copied')",
                "insert into frame_signal (organization, name, first_seen_at) values (@plant, 'temperature', 0)",
                "insert into model_version (organization, version, number, task, stage, name, artefact, features, label, created_at, created_by) values (@plant, 'v1.0.0', 1, 'failure', 'active', 'press', 'a', 'f', 'l', 0, 'anna')",
                "insert into predictive_alert (organization, id, asset, component, model_version, raised_at, probability, highest_probability, confidence, closed_at, outcome, failure_at, settled_at, is_accurate, feedback_at, feedback_by) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000f1', '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 'pump', 'v1.0.0', 1, 0.9, 0.95, null, 5, 'hit', 5, 6, 1, 7, 'anna')",
                "insert into failure_outcome (organization, asset, component, started_at, verdict, model_version, alert_raised_at, settled_at) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 'pump', 5, 'caught', 'v1.0.0', 1, 6)",
                "insert into settle_cursor (organization, asset, first_at, seen_until, period_ms) values (@plant, '6f1b3f2e-8b7f-4a60-9d0e-0000000000a1', 0, 6, 30000.5)",
                "insert into judged_day (organization, model_version, day, judged_ms) values (@plant, 'v1.0.0', 0, 60000.5)",
            ])
            {
                await SqlAsync(sql);
            }

            string closed = Convert.ToBase64String(Master.Close([1, 2, 3], DocumentBound.Of(Plant, Paper)));
            await new InstallationDb(Metadata).ExecuteAsync(
                "insert into document (organization, id, asset, name, media_type, size, hash, content, created_at, created_by) values (@plant, @Paper, @Press, 'a.pdf', 'application/pdf', 3, '', @closed, 0, '6f1b3f2e-8b7f-4a60-9d0e-0000000000e1')",
                new { plant = Plant, Paper, Press, closed }, Ct);
            OrganizationDb db = new(Metadata, Plant);
            await new ArtefactStore(Files, Master, TimeProvider.System).PutAsync(db, Model, 3, "model", "press", new byte[] { 4, 5, 6 }, "anna", Ct);
            await db.WriteAsync(
                async transaction =>
                {
                    await AuditLog.AppendAsync(transaction, Plant, "anna", "THING_DONE", "thing", new { }, DateTimeOffset.UnixEpoch);
                    return 0;
                },
                Ct);
            await Telemetry.AppendAsync(Plant, [.. Enumerable.Range(0, 2_500).Select(FrameOf), new Frame(new AssetId("old press"), 5, 5, Signals, [1, 2])], Ct);
            await Telemetry.AppendAsync(Plant, [new Frame(LongName, 5, 5, Signals, [1, 2]), new Frame(Series.PredictionsOf(LongName, PredictionTask.Failure), 5, 6, ["probability"], [0.5])], Ct);
            await Telemetry.AppendAsync(new Guid("6f1b3f2e-8b7f-4a60-9d0e-000000000002"), [new Frame(new AssetId("stranger's"), 5, 5, Signals, [1, 2])], Ct);
        }

        public async ValueTask DisposeAsync()
        {
            await Telemetry.DisposeAsync();
            if (_server is null)
            {
                await TelemetryDatabase.DisposeAsync();
                await Metadata.DisposeAsync();
            }
            else
            {
                await _server.DisposeAsync();
            }

            Folder.Dispose();
        }

        private static Frame FrameOf(int i) => i % 10 == 7
            ? new Frame(new AssetId(Press.ToString()), 1_000L * i, (1_000L * i) + 3, ["temperature"], [i / 10.0])
            : new Frame(
                new AssetId(Press.ToString()), 1_000L * i, (1_000L * i) + 3, Signals, [i == 11 ? double.PositiveInfinity : i / 10.0, double.NaN], i % 10 == 9 ? [Quality.Bad, Quality.Good] : null);
    }
}
