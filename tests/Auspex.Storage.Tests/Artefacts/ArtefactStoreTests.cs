using System.Security.Cryptography;
using System.Text;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Organizations;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;

namespace Auspex.Storage.Tests.Artefacts;

public sealed class ArtefactStoreTests : IDisposable
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly Guid Other = new("6f1b3f2e-8b7f-4a60-9d0e-000000000002");
    private static readonly Guid Model = new("6f1b3f2e-8b7f-4a60-9d0e-00000000000a");
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("the content of a model, told nowhere");

    private readonly StorageFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Put_Version_OpensForItsOrganizationOnly(Dialect dialect)
    {
        await using World world = await World.MakeAsync(dialect, _folder);

        Artefact put = await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "user 1", Ct);
        await world.Store.PutAsync(world.Of(Plant), Model, 2, "model", "press", new byte[] { 2 }, "user 1", Ct);
        await world.Store.PutAsync(world.Of(Plant), Guid.NewGuid(), 1, "report", "press", new byte[] { 3 }, "user 1", Ct);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Content)), put.Sha256);
        Assert.Equal(Content, await world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct));
        Assert.Equal([2], await world.Store.OpenAsync(world.Of(Plant), Model, 2, Ct));
        Assert.Null(await world.Store.OpenAsync(world.Of(Plant), Model, 3, Ct));
        Assert.Null(await world.Store.OpenAsync(world.Of(Other), Model, 1, Ct));
        Assert.False(await world.Store.DeleteAsync(world.Of(Other), Model, 1, Ct));
        Assert.Empty(await ArtefactStore.ListAsync(world.Of(Other), "model", null, 10, Ct));
        IReadOnlyList<Artefact> first = await ArtefactStore.ListAsync(world.Of(Plant), "model", null, 1, Ct);
        Assert.Equal([put], first);
        Assert.Equal([2L], (await ArtefactStore.ListAsync(world.Of(Plant), "model", first[0], 10, Ct)).Select(one => one.Version));
        Assert.All(world.Files(), path => Assert.DoesNotContain("told nowhere", Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps access lists instead of modes");
        Assert.All(world.Files(), path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path)));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Put_VersionThatIsThere_IsRefusedAndKeepsTheFirst(Dialect dialect)
    {
        await using World world = await World.MakeAsync(dialect, _folder);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "user 1", Ct);

        StorageException refused = await Assert.ThrowsAsync<StorageException>(
            () => world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", new byte[] { 9 }, "user 1", Ct));

        Assert.Contains("is stored already", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Content, await world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct));
        Assert.Single(world.Files());
    }

    [Fact]
    public async Task Put_OutOfBounds_IsRefused()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);

        await Assert.ThrowsAsync<ArgumentException>(() => world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Array.Empty<byte>(), "", Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => world.Store.PutAsync(world.Of(Plant), Model, 0, "model", "press", Content, "", Ct));
        Assert.Empty(world.Files());
    }

    [Fact]
    public async Task Checklist52_FileOfAnotherOrganizationArtefactOrVersion_DoesNotOpen()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
        string own = Assert.Single(world.Files());
        byte[] ofPlant = await File.ReadAllBytesAsync(own, Ct);
        await world.Store.PutAsync(world.Of(Other), Model, 1, "model", "press", Content, "", Ct);
        await world.Store.PutAsync(world.Of(Plant), Model, 2, "model", "press", Content, "", Ct);
        await world.Store.PutAsync(world.Of(Plant), Other, 1, "model", "press", Content, "", Ct);

        foreach (string path in world.Files().Where(path => path != own))
        {
            await File.WriteAllBytesAsync(path, ofPlant, Ct);
        }

        foreach ((Guid organization, Guid id, long version) in ((Guid, Guid, long)[])[(Other, Model, 1), (Plant, Model, 2), (Plant, Other, 1)])
        {
            StorageException refused = await Assert.ThrowsAsync<StorageException>(() => world.Store.OpenAsync(world.Of(organization), id, version, Ct));
            Assert.Contains($"{id}.{version}.", refused.Message, StringComparison.Ordinal);
            Assert.Contains("does not open", refused.Message, StringComparison.Ordinal);
        }

        // Nor does the other's key, put into the row of this one.
        await world.Db.ExecuteAsync(
            "update data_key set sealed = (select k.sealed from data_key k where k.organization = @Plant) where organization = @Other", new { Plant, Other }, Ct);
        await Assert.ThrowsAsync<StorageException>(() => world.Store.OpenAsync(world.Of(Other), Model, 1, Ct));
        Assert.Equal(Content, await world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct));
    }

    [Fact]
    public async Task Checklist6_OneBitFlippedCutOrMissing_NamesTheFile()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
        string path = Assert.Single(world.Files());
        byte[] whole = await File.ReadAllBytesAsync(path, Ct);

        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, changed, Ct);
            Assert.Contains(path, (await Assert.ThrowsAsync<StorageException>(() => world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct))).Message, StringComparison.Ordinal);
        }

        await File.WriteAllBytesAsync(path, whole[..^1], Ct);
        Assert.Contains(path, (await Assert.ThrowsAsync<StorageException>(() => world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct))).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains($"{path} is missing", (await Assert.ThrowsAsync<StorageException>(() => world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Sweep_AfterStops_DeletesWhatNoRowNames(Dialect dialect)
    {
        await using World world = await World.MakeAsync(dialect, _folder);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
        string kept = Assert.Single(world.Files());
        await File.WriteAllBytesAsync(kept + ".abc.tmp", [1], Ct);
        Directory.CreateDirectory(Path.Combine(world.Folder, "artefacts", Other.ToString()));
        await File.WriteAllBytesAsync(Path.Combine(world.Folder, "artefacts", Other.ToString(), "left"), [1], Ct);

        Assert.Equal(2, await world.Store.SweepAsync(world.Db, Ct));

        Assert.Equal([kept], world.Files());
        Assert.Equal(Content, await world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct));
    }

    [Fact]
    public async Task Delete_WhileKept_LeavesTheFileUntilThen()
    {
        await using World world = await World.MakeAsync(Dialect.Sqlite, _folder);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "", Ct);

        using (world.ArtefactFiles.Keep())
        {
            Assert.True(await world.Store.DeleteAsync(world.Of(Plant), Model, 1, Ct));
            Assert.Null(await world.Store.OpenAsync(world.Of(Plant), Model, 1, Ct));
            Assert.Single(world.Files());
        }

        Assert.Empty(world.Files());
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Checklist67_OrganizationRemoved_FilesAndKeyGo(Dialect dialect)
    {
        await using World world = await World.MakeAsync(dialect, _folder);
        await SchemaUpgrade.ApplyAsync(world.Database, "telemetry", TimeProvider.System, Ct);
        await using TelemetryStore telemetry = await TelemetryStore.OpenAsync(world.Database, new TelemetryOptions(), TimeProvider.System, Ct);
        await world.Store.PutAsync(world.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
        await world.Store.PutAsync(world.Of(Other), Model, 1, "model", "press", Content, "", Ct);

        await new OrganizationRemoval(world.Db, telemetry, [], world.ArtefactFiles).RemoveAsync(Plant, "plant", "user 1", TimeProvider.System.GetUtcNow(), Ct);

        Assert.Contains(Other.ToString(), Assert.Single(world.Files()), StringComparison.Ordinal);
        Assert.Equal([Other.ToString()], await world.Db.QueryAsync<string>("select organization from data_key", null, Ct));
        Assert.Equal(Content, await world.Store.OpenAsync(world.Of(Other), Model, 1, Ct));
    }

    /// <summary>Two organizations, their database and a data folder.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TestDatabase _database;
        private readonly DataFolder _folder;

        private World(TestDatabase database, DataFolder folder)
        {
            _database = database;
            _folder = folder;
            ArtefactFiles = new ArtefactFiles(folder);
            Store = new ArtefactStore(ArtefactFiles, MasterKey.Of(folder, null), TimeProvider.System);
        }

        public string Folder => _folder.FullPath;

        public Database Database => _database.Database;

        public InstallationDb Db => new(_database.Database);

        public ArtefactFiles ArtefactFiles { get; }

        public ArtefactStore Store { get; }

        public static async Task<World> MakeAsync(Dialect dialect, StorageFolder folder)
        {
            TestDatabase database = await TestDatabase.WithSchemaAsync(dialect);
            var world = new World(database, DataFolder.Hold(folder.PathOf("data")));
            foreach (Guid id in (Guid[])[Plant, Other])
            {
                await world.Db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@id, @name, 'UTC', 'active', 0)", new { id, name = id.ToString() }, Ct);
            }

            return world;
        }

        public OrganizationDb Of(Guid organization) => Db.Of(organization);

        public string[] Files() => Directory.Exists(Path.Combine(Folder, "artefacts")) ? Directory.GetFiles(Path.Combine(Folder, "artefacts"), "*", SearchOption.AllDirectories) : [];

        public async ValueTask DisposeAsync()
        {
            await _database.DisposeAsync();
            _folder.Dispose();
        }
    }
}
