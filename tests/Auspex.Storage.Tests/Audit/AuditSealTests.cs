using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Storage.Tests.Audit;

/// <summary>What somebody with the database alone can do to the audit log, and what shows of it; number 81 of the checklist of faults.</summary>
public class AuditSealTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task N81_VerifyAsync_TailCutOrChainRewritten_NamesTheLog(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        using var files = new StorageFolder();
        using DataFolder folder = DataFolder.Hold(files.PathOf("data"));
        MasterKey master = MasterKey.Of(folder, null);
        var db = new InstallationDb(store.Database);
        OrganizationDb plant = db.Of(Guid.NewGuid()), other = db.Of(Guid.NewGuid());
        for (int i = 1; i <= 5; i++)
        {
            await AppendAsync(plant, $"ACTION_{i}");
            await AppendAsync(other, $"ACTION_{i}");
        }

        await AuditSeal.WriteAsync(folder, db, master, DateTimeOffset.UnixEpoch, Ct);
        await AppendAsync(plant, "AFTER"); // younger than the seal
        Assert.Equal([], (await AuditSeal.VerifyAsync(folder, db, master, Ct)).Faults);

        await db.ExecuteAsync("delete from audit_entry where organization = @id and sequence >= 4", new { id = plant.Organization }, Ct);
        Assert.Null(await AuditLog.FaultAsync(plant, Ct)); // the chain alone does not see it
        AuditVerdict cut = await AuditSeal.VerifyAsync(folder, db, master, Ct);
        Assert.Equal(
            [$"organization {plant.Organization}: the tail was cut: the log ends at line 3, at 1970-01-01 00:00:00Z or before it ended at line 5"], cut.Faults);

        // The server seals on each minute, and must not seal over it.
        await AppendAsync(other, "LATER");
        await AuditSeal.WriteAsync(folder, db, master, DateTimeOffset.UnixEpoch, Ct);
        Assert.Equal(cut.Faults, (await AuditSeal.VerifyAsync(folder, db, master, Ct)).Faults);

        // Cut, then written on as if nothing had been: a chain without a fault.
        await AppendAsync(plant, "FORGED");
        await AppendAsync(plant, "FORGED");
        Assert.Null(await AuditLog.FaultAsync(plant, Ct));
        AuditVerdict forged = await AuditSeal.VerifyAsync(folder, db, master, Ct);
        Assert.Contains("line 5 is not the one that was sealed", Assert.Single(forged.Faults), StringComparison.Ordinal);
        Assert.Equal(2, forged.Logs);
    }

    [Fact]
    public async Task VerifyAsync_SealOfAnotherKeyOrGone_IsRefused()
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);
        using var files = new StorageFolder();
        using DataFolder folder = DataFolder.Hold(files.PathOf("data"));
        MasterKey master = MasterKey.Of(folder, null);
        var db = new InstallationDb(store.Database);

        Assert.Contains("audit.seal is missing", (await Assert.ThrowsAsync<StorageException>(() => AuditSeal.VerifyAsync(folder, db, master, Ct))).Message, StringComparison.Ordinal);
        await AuditSeal.WriteAsync(folder, db, MasterKey.Of(Convert.ToBase64String(new byte[32]), "another"), DateTimeOffset.UnixEpoch, Ct);
        Assert.Contains("does not open", (await Assert.ThrowsAsync<StorageException>(() => AuditSeal.VerifyAsync(folder, db, master, Ct))).Message, StringComparison.Ordinal);
    }

    private static Task<int> AppendAsync(OrganizationDb db, string action) => db.WriteAsync(
        async transaction =>
        {
            await AuditLog.AppendAsync(transaction, db.Organization, "anna", action, "asset 1", new { }, DateTimeOffset.UnixEpoch);
            return 0;
        },
        Ct);
}
