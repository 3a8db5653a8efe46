using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Storage.Tests.Keys;

public sealed class KeyRotationTests : IDisposable
{
    private static readonly Guid Plant = new("6f1b3f2e-8b7f-4a60-9d0e-000000000001");
    private static readonly Guid Model = new("6f1b3f2e-8b7f-4a60-9d0e-00000000000a");
    private static readonly byte[] Content = [1, 2, 3];
    private static readonly string First = Convert.ToBase64String(new byte[32]);
    private static readonly string Second = Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]);

    private readonly StorageFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Dialect.Sqlite, false)]
    [InlineData(Dialect.Sqlite, true)]
    [InlineData(Dialect.PostgreSql, false)]
    [InlineData(Dialect.PostgreSql, true)]
    public async Task Run_CutOffBehindEachStep_GoesOnWhenAskedAgain(Dialect dialect, bool ofEnvironment)
    {
        (string? present, string? next) = ofEnvironment ? (First, Second) : ((string?)null, (string?)null);
        int steps = await StepsAsync(dialect, present, next);
        Assert.True(steps >= 8, $"{steps} steps"); // key made, three kinds of rows in several pages, seal, ids, key in place

        for (int stop = 1; stop <= steps; stop++)
        {
            using DataFolder folder = DataFolder.Hold(_folder.PathOf($"data {dialect} {ofEnvironment} {stop}"));
            await using TestDatabase database = await FilledAsync(dialect, folder, present);
            var db = new InstallationDb(database.Database);
            MasterKey before = MasterKey.Of(folder, present);
            int step = 0;
            // Nothing tidies up behind what throws here, as nothing would behind kill -9.
            await Assert.ThrowsAsync<TimeoutException>(() => KeyRotation.RunAsync(
                folder, db, present, next, TimeProvider.System, _ => step = step + 1 == stop ? throw new TimeoutException() : step + 1, Ct));

            bool underWay = File.Exists(folder.PathOf(KeyRotation.NextFileName));
            if (underWay)
            {
                Assert.Contains("auspex key rotate", Assert.Throws<StorageException>(() => MasterKey.Of(folder, present)).Message, StringComparison.Ordinal);
                KeyRotated done = await KeyRotation.RunAsync(folder, db, present, next, TimeProvider.System, _ => { }, Ct);
                Assert.Equal((before.Id, 27), (done.From, done.Things));
            }

            Assert.False(File.Exists(folder.PathOf(KeyRotation.NextFileName)));
            MasterKey after = MasterKey.Of(folder, next, make: false);
            Assert.NotEqual(before.Id, after.Id);
            await OpensAsync(folder, db, after, before);
        }
    }

    [Fact]
    public async Task Run_ToTheEnd_KeepsTheOldKeyAndTellsTheAudit()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        await using TestDatabase database = await FilledAsync(Dialect.Sqlite, folder, null);
        string old = await File.ReadAllTextAsync(folder.PathOf("master.key"), Ct);

        KeyRotated rotated = await KeyRotation.RunAsync(folder, new InstallationDb(database.Database), null, null, TimeProvider.System, _ => { }, Ct);

        Assert.Equal(folder.PathOf($"master.key.{rotated.From}"), rotated.OldKeyFile);
        Assert.Equal(old, await File.ReadAllTextAsync(rotated.OldKeyFile!, Ct));
        Assert.NotEqual(old, await File.ReadAllTextAsync(folder.PathOf("master.key"), Ct));
        Assert.Equal([rotated.To], await File.ReadAllLinesAsync(folder.PathOf("master.key.id"), Ct));
        AuditEntry line = Assert.Single(await AuditLog.PageAsync(new InstallationDb(database.Database).Of(AuditLog.Installation), 0, 10, Ct));
        Assert.Equal(("MASTER_KEY_ROTATED", "local administrator"), (line.Action, line.UserId));
        if (!OperatingSystem.IsWindows())
        {
            foreach (string path in Directory.GetFiles(folder.FullPath, "master.key*"))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
    }

    [Fact]
    public async Task Run_SomethingDoesNotOpen_NamesItAndChangesNothing()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        await using TestDatabase database = await FilledAsync(Dialect.Sqlite, folder, null);
        var db = new InstallationDb(database.Database);
        MasterKey before = MasterKey.Of(folder, null);
        await db.ExecuteAsync("update document set content = @content where id = 'd5'", new { content = Convert.ToBase64String(new byte[40]) }, Ct);

        StorageException refused = await Assert.ThrowsAsync<StorageException>(() => KeyRotation.RunAsync(folder, db, null, null, TimeProvider.System, _ => { }, Ct));

        Assert.Contains($"document d5 of {Plant}", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before.Id, MasterKey.Of(folder, null, make: false).Id);
        Assert.Equal("document", System.Text.Encoding.ASCII.GetString(before.Open(
            Convert.FromBase64String((await db.QuerySingleOrDefaultAsync<string>("select content from document where id = 'd6'", null, Ct))!), $"document d6 of {Plant}")));
    }

    [Fact]
    public async Task Run_KeysThatCannotBe_AreRefused()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        await using TestDatabase database = await FilledAsync(Dialect.Sqlite, folder, First);
        var db = new InstallationDb(database.Database);
        Task<KeyRotated> Rotate(string? present, string? next, Action<string>? step = null) => KeyRotation.RunAsync(folder, db, present, next, TimeProvider.System, step ?? (_ => { }), Ct);

        Assert.Contains("AUSPEX_NEXT_MASTER_KEY holds no master key", (await Assert.ThrowsAsync<StorageException>(() => Rotate(First, "AAAA"))).Message, StringComparison.Ordinal);
        Assert.Contains("holds the present key", (await Assert.ThrowsAsync<StorageException>(() => Rotate(First, First))).Message, StringComparison.Ordinal);
        Assert.Contains("master.key is missing", (await Assert.ThrowsAsync<StorageException>(() => Rotate(null, null))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => Rotate(First, Second, _ => throw new TimeoutException()));
        Assert.Contains(
            "the rotation that was cut off goes to", (await Assert.ThrowsAsync<StorageException>(() => Rotate(First, Convert.ToBase64String([.. Enumerable.Repeat((byte)9, 32)])))).Message, StringComparison.Ordinal);
        await Rotate(First, Second);
        Assert.Contains("needs the key", Assert.Throws<StorageException>(() => MasterKey.Of(folder, First)).Message, StringComparison.Ordinal);
    }

    private async Task<int> StepsAsync(Dialect dialect, string? present, string? next)
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf($"data {dialect} {present is null}"));
        await using TestDatabase database = await FilledAsync(dialect, folder, present);
        int steps = 0;
        await KeyRotation.RunAsync(folder, new InstallationDb(database.Database), present, next, TimeProvider.System, _ => steps++, Ct);
        return steps;
    }

    // 17 signing keys, one data key, 9 documents: more than a page of each but the data keys.
    private static async Task<TestDatabase> FilledAsync(Dialect dialect, DataFolder folder, string? present)
    {
        TestDatabase database = await TestDatabase.WithSchemaAsync(dialect);
        var db = new InstallationDb(database.Database);
        MasterKey master = MasterKey.Of(folder, present);
        await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@Plant, 'plant', 'UTC', 'active', 0)", new { Plant }, Ct);
        await db.ExecuteAsync(
            "insert into tree_node (organization, id, kind, name, key_name, facts, revision, created_at, updated_at) values (@Plant, 'a', 'site', 'a', 'A', '{}', 1, 0, 0)", new { Plant }, Ct);
        for (int i = 0; i < 17; i++)
        {
            await db.ExecuteAsync(
                "insert into signing_key (id, sealed, created_at) values (@id, @closed, 0)",
                new { id = $"s{i}", closed = Convert.ToBase64String(master.Close("signing"u8, $"signing key s{i}")) }, Ct);
        }

        for (int i = 0; i < 9; i++)
        {
            await db.ExecuteAsync(
                "insert into document (organization, id, asset, name, media_type, size, hash, content, created_at, created_by) values (@Plant, @id, 'a', '', '', 8, '', @closed, 0, '')",
                new { Plant, id = $"d{i}", closed = Convert.ToBase64String(master.Close("document"u8, $"document d{i} of {Plant}")) }, Ct);
        }

        await new ArtefactStore(new ArtefactFiles(folder), master, TimeProvider.System).PutAsync(db.Of(Plant), Model, 1, "model", "press", Content, "", Ct);
        await AuditSeal.WriteAsync(folder, db, master, TimeProvider.System.GetUtcNow(), Ct);
        return database;
    }

    private static async Task OpensAsync(DataFolder folder, InstallationDb db, MasterKey after, MasterKey before)
    {
        foreach (string id in await db.QueryAsync<string>("select id from signing_key", null, Ct))
        {
            byte[] closed = Convert.FromBase64String((await db.QuerySingleOrDefaultAsync<string>("select sealed from signing_key where id = @id", new { id }, Ct))!);
            Assert.Equal("signing"u8.ToArray(), after.Open(closed, $"signing key {id}"));
            Assert.Throws<StorageException>(() => before.Open(closed, $"signing key {id}"));
        }

        foreach (string id in await db.QueryAsync<string>("select id from document", null, Ct))
        {
            byte[] closed = Convert.FromBase64String((await db.QuerySingleOrDefaultAsync<string>("select content from document where id = @id", new { id }, Ct))!);
            Assert.Equal("document"u8.ToArray(), after.Open(closed, $"document {id} of {Plant}"));
        }

        Assert.Equal(Content, await new ArtefactStore(new ArtefactFiles(folder), after, TimeProvider.System).OpenAsync(db.Of(Plant), Model, 1, Ct));
        Assert.Empty((await AuditSeal.VerifyAsync(folder, db, after, Ct)).Faults);
    }
}
