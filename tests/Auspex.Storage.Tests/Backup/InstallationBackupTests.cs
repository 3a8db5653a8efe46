using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Auspex.Core.Assets;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Backup;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;

namespace Auspex.Storage.Tests.Backup;

public sealed class InstallationBackupTests : IDisposable
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly Guid Model = new("6f1b3f2e-8b7f-4a60-9d0e-00000000000a");
    private static readonly AssetId Press = new("press 1");
    private static readonly byte[] Content = [1, 2, 3];

    private readonly StorageFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Dialect.Sqlite, Dialect.Sqlite)]
    [InlineData(Dialect.Sqlite, Dialect.PostgreSql)]
    [InlineData(Dialect.PostgreSql, Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql, Dialect.PostgreSql)]
    public async Task Checklist12_TakenUnderWrites_IsOneInstantWithAllAcknowledgedBefore(Dialect from, Dialect to)
    {
        await using World world = await World.MakeAsync(from, _folder);
        using var stop = new CancellationTokenSource();
        // Each round writes a line, then as many frames as there are lines: whatever the instant, frames are never ahead of lines.
        int acknowledged = 0;
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 1; !stop.IsCancellationRequested; i++)
                {
                    await world.LineAsync(i);
                    await world.Telemetry.AppendAsync(Plant, [At(i)], Ct);
                    if (i % 5 == 0)
                    {
                        await world.Telemetry.PackAsync(Ct);
                    }

                    Volatile.Write(ref acknowledged, i);
                }
            },
            Ct);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref acknowledged) > 12, TimeSpan.FromMinutes(1)));

        int before = Volatile.Read(ref acknowledged);
        BackupManifest manifest = await world.Backup.WriteAsync(_folder.PathOf("backup"), (_, _) => { }, Ct);
        await stop.CancelAsync();
        await writing;

        Assert.Equal(world.Master.Id, manifest.MasterKeyId);
        Assert.DoesNotContain(Directory.GetFiles(_folder.PathOf("backup"), "*", SearchOption.AllDirectories), path => Path.GetFileName(path).StartsWith("master", StringComparison.Ordinal));
        foreach (BackupFile file in manifest.Files)
        {
            byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(_folder.PathOf("backup"), file.Name), Ct);
            Assert.Equal((file.Bytes, file.Sha256), (bytes.LongLength, Convert.ToHexStringLower(SHA256.HashData(bytes))));
        }

        await using TestDatabase? server = to == Dialect.PostgreSql ? TestDatabase.Empty(to) : null;
        await InstallationRestore.RunAsync(_folder.PathOf("backup"), _folder.PathOf("restored"), server?.Where, TimeProvider.System, (_, _) => { }, Ct);

        Assert.Equal(to == Dialect.Sqlite, File.Exists(Path.Combine(_folder.PathOf("restored"), "metadata.db")));
        File.Copy(Path.Combine(world.Folder.FullPath, "master.key"), Path.Combine(_folder.PathOf("restored"), "master.key"));
        using DataFolder folder = DataFolder.HoldPresent(_folder.PathOf("restored"));
        await using Database metadata = server is null ? SqliteDatabase.Open(folder.PathOf("metadata.db")) : PostgreSqlDatabase.Open(server.Where);
        await using Database telemetryDatabase = server is null ? SqliteDatabase.Open(folder.PathOf("telemetry.db")) : PostgreSqlDatabase.Open(server.Where);
        await SchemaUpgrade.ApplyAsync(metadata, "metadata", TimeProvider.System, Ct);
        await using TelemetryStore telemetry = await TelemetryStore.OpenAsync(telemetryDatabase, new TelemetryOptions(), TimeProvider.System, Ct);
        var db = new InstallationDb(metadata);
        MasterKey master = MasterKey.Of(folder, null, make: false);
        long lines = (await db.QuerySingleOrDefaultAsync<long?>("select count(*) from audit_entry", null, Ct))!.Value;
        long frames = (await telemetry.ReadAsync(Plant, Press, 0, long.MaxValue, null, int.MaxValue, Ct)).Times.Length;
        Assert.InRange(frames, before, lines);
        Assert.InRange(lines, before, frames + 1);
        Assert.Equal(lines, manifest.Tables.Single(table => table.Table == "audit_entry").Rows);
        AuditVerdict verdict = await AuditSeal.VerifyAsync(folder, db, master, Ct);
        Assert.Equal((lines, 0), (verdict.Lines, verdict.Faults.Count));
        Assert.Equal(Content, await new ArtefactStore(new ArtefactFiles(folder), master, TimeProvider.System).OpenAsync(db.Of(Plant), Model, 1, Ct));
        // It goes on from there, behind the same walls.
        Assert.Equal([FrameOutcome.Stored], await telemetry.AppendAsync(Plant, [At(1_000_000)], Ct));
        Assert.Empty(await db.Of(Guid.NewGuid()).QueryAsync<long>("select sequence from audit_entry where organization = @organization", null, Ct));
    }

    [Fact]
    public async Task Restore_OneBitFlippedCutMissingOrLinked_NamesTheFileAndLeavesNothing()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        await world.LineAsync(1);
        string backup = _folder.PathOf("backup");
        BackupManifest manifest = await world.Backup.WriteAsync(backup, (_, _) => { }, Ct);
        Assert.Equal(4, manifest.Files.Count); // two stores, the seal, an artefact

        foreach (BackupFile file in manifest.Files)
        {
            string path = Path.Combine(backup, file.Name);
            byte[] whole = await File.ReadAllBytesAsync(path, Ct);
            byte[] flipped = [.. whole];
            flipped[whole.Length / 2] ^= 4;
            foreach (Action damage in (Action[])
            [
                () => File.WriteAllBytes(path, flipped),
                () => File.WriteAllBytes(path, whole[..^1]),
                () => File.Delete(path),
                () =>
                {
                    File.WriteAllBytes(path + ".other", whole);
                    File.CreateSymbolicLink(path, path + ".other");
                },
            ])
            {
                File.Delete(path);
                damage();
                StorageException refused = await Assert.ThrowsAsync<StorageException>(() => RestoreAsync(backup));
                Assert.Contains(path, refused.Message, StringComparison.Ordinal);
                Assert.Contains("Nothing was restored.", refused.Message, StringComparison.Ordinal);
            }

            File.Delete(path);
            await File.WriteAllBytesAsync(path, whole, Ct);
        }

        Assert.Equal(["backup", "data"], Directory.GetFileSystemEntries(_folder.FullPath).Select(path => Path.GetFileName(path)!).Where(name => name != "metadata.db" && name != "telemetry.db" && !name.Contains('-', StringComparison.Ordinal)).Order());
        await RestoreAsync(backup);
    }

    [Theory]
    [InlineData("files.0.name", "../outside", "'../outside' is no file of a backup.")]
    [InlineData("files.0.name", "/etc/passwd", "'/etc/passwd' is no file of a backup.")]
    [InlineData("files.0.name", "master.key", "'master.key' is no file of a backup.")]
    [InlineData("files.0.name", "artefacts/../../x", "is no file of a backup.")]
    [InlineData("files.0.name", "telemetry.db", "'telemetry.db' stands twice.")]
    [InlineData("files.0.bytes", "-1", "is no file of a backup.")]
    [InlineData("format", "2", "format 2 is not known to this program")]
    [InlineData("schemas.metadata", "999", "it was made by a newer Auspex")]
    [InlineData("tables.0.rows", "12345", "the manifest says 12345 rows of")]
    [InlineData("files", "null", "is no manifest of a backup")]
    public async Task Restore_ManifestChanged_IsRefused(string key, string value, string expected)
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        string backup = _folder.PathOf("backup");
        await world.Backup.WriteAsync(backup, (_, _) => { }, Ct);
        string path = Path.Combine(backup, "manifest.json");
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Ct))!;
        JsonNode at = manifest;
        string[] keys = key.Split('.');
        foreach (string one in keys[..^1])
        {
            at = int.TryParse(one, out int index) ? at[index]! : at[one]!;
        }

        at[keys[^1]] = value == "null" ? null : long.TryParse(value, out long number) ? JsonValue.Create(number) : JsonValue.Create(value);
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Ct);

        Assert.Contains(expected, (await Assert.ThrowsAsync<StorageException>(() => RestoreAsync(backup))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.PathOf("restored")));
    }

    [Fact]
    public async Task Restore_CutOffBackupOrFilledFolder_IsRefused()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        string backup = _folder.PathOf("backup");
        await world.Backup.WriteAsync(backup, (_, _) => { }, Ct);

        Assert.Contains("is not an empty folder", (await Assert.ThrowsAsync<StorageException>(() => world.Backup.WriteAsync(backup, (_, _) => { }, Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("lies in the data folder", (await Assert.ThrowsAsync<StorageException>(() => world.Backup.WriteAsync(world.Folder.PathOf("b"), (_, _) => { }, Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("is not an empty folder", (await Assert.ThrowsAsync<StorageException>(
            () => InstallationRestore.RunAsync(backup, world.Folder.FullPath, null, TimeProvider.System, (_, _) => { }, Ct))).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(backup, "manifest.json"));
        Assert.Contains("or one that was cut off", (await Assert.ThrowsAsync<StorageException>(() => RestoreAsync(backup))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_DatabaseInUse_IsRefused()
    {
        await using World world = await World.MakeAsync(Dialect.PostgreSql, _folder);
        await world.Backup.WriteAsync(_folder.PathOf("backup"), (_, _) => { }, Ct);

        Assert.Contains("has organizations, users or an audit log already", (await Assert.ThrowsAsync<StorageException>(
            () => InstallationRestore.RunAsync(_folder.PathOf("backup"), _folder.PathOf("restored"), world.Where, TimeProvider.System, (_, _) => { }, Ct))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.PathOf("restored")));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Write_Cancelled_LeavesNothing(Dialect dialect)
    {
        await using World world = await World.MakeAsync(dialect, _folder);
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Backup.WriteAsync(_folder.PathOf("backup"), (_, _) => cancelled.Cancel(), cancelled.Token));

        Assert.DoesNotContain(Directory.GetFileSystemEntries(_folder.FullPath), path => path.Contains("backup", StringComparison.Ordinal));
        await world.LineAsync(1); // the writers go on
        await world.Backup.WriteAsync(_folder.PathOf("backup"), (_, _) => { }, Ct);
    }

    [Fact]
    public async Task Write_ArtefactMissing_SaysSoAndKeepsTheRest()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        File.Delete(Directory.GetFiles(world.Folder.PathOf("artefacts"), "*", SearchOption.AllDirectories).Single());

        BackupManifest manifest = await world.Backup.WriteAsync(_folder.PathOf("backup"), (_, _) => { }, Ct);

        Assert.StartsWith($"artefacts/{Plant}/{Model}.1.", Assert.Single(manifest.Missing), StringComparison.Ordinal);
        await RestoreAsync(_folder.PathOf("backup"));
    }

    private Task<BackupManifest> RestoreAsync(string backup) => InstallationRestore.RunAsync(backup, _folder.PathOf("restored"), null, TimeProvider.System, (_, _) => { }, Ct);

    private static Frame At(int i) => new(Press, i, i, ["x"], [i]);

    /// <summary>An installation with an organization, an artefact and a seal.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TestDatabase? _server;

        private World(TestDatabase? server, DataFolder folder, Database metadata, Database telemetryDatabase, TelemetryStore telemetry)
        {
            _server = server;
            Folder = folder;
            Metadata = metadata;
            TelemetryDatabase = telemetryDatabase;
            Telemetry = telemetry;
            Master = MasterKey.Of(folder, null);
            Files = new ArtefactFiles(folder);
            Backup = new InstallationBackup(folder, metadata, telemetryDatabase, Files, Master, TimeProvider.System);
        }

        public string? Where => _server?.Where;

        public DataFolder Folder { get; }

        public Database Metadata { get; }

        public Database TelemetryDatabase { get; }

        public TelemetryStore Telemetry { get; }

        public MasterKey Master { get; }

        public ArtefactFiles Files { get; }

        public InstallationBackup Backup { get; }

        public static async Task<World> MakeAsync(Dialect dialect, StorageFolder storage)
        {
            TestDatabase? server = dialect == Dialect.PostgreSql ? TestDatabase.Empty(dialect) : null;
            DataFolder folder = DataFolder.Hold(storage.PathOf("data"));
            Database metadata = server?.Database ?? SqliteDatabase.Open(folder.PathOf("metadata.db"));
            Database telemetryDatabase = server?.Database ?? SqliteDatabase.Open(folder.PathOf("telemetry.db"));
            await SchemaUpgrade.ApplyAsync(metadata, "metadata", TimeProvider.System, Ct);
            await SchemaUpgrade.ApplyAsync(telemetryDatabase, "telemetry", TimeProvider.System, Ct);
            TelemetryStore telemetry = await TelemetryStore.OpenAsync(telemetryDatabase, new TelemetryOptions(), TimeProvider.System, Ct);
            var world = new World(server, folder, metadata, telemetryDatabase, telemetry);
            var db = new InstallationDb(metadata);
            await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@Plant, 'plant', 'UTC', 'active', 0)", new { Plant }, Ct);
            await db.ExecuteAsync(
                "insert into tree_node (organization, id, kind, name, key_name, facts, revision, created_at, updated_at) values (@Plant, 'z', 'site', 's', 'S', '{}', 1, 0, 0)", new { Plant }, Ct);
            await db.ExecuteAsync(
                "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@Plant, 'a', 'z', 'asset', 'a', 'A', '{}', 1, 0, 0)", new { Plant }, Ct);
            await new ArtefactStore(world.Files, world.Master, TimeProvider.System).PutAsync(db.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
            await AuditSeal.WriteAsync(folder, db, world.Master, TimeProvider.System.GetUtcNow(), Ct);
            return world;
        }

        public Task<int> LineAsync(int i) => new InstallationDb(Metadata).Of(Plant).WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(transaction, Plant, "user 1", "COUNTED", $"line {i}", new { i }, TimeProvider.System.GetUtcNow());
                return 0;
            },
            Ct);

        public async ValueTask DisposeAsync()
        {
            await Telemetry.DisposeAsync();
            await TelemetryDatabase.DisposeAsync();
            await Metadata.DisposeAsync();
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }

            Folder.Dispose();
        }
    }
}
