using Auspex.Storage.Audit;
using Auspex.Storage.Db;

namespace Auspex.Storage.Tests.Audit;

public class AuditLogTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task AppendAsync_ManyAtOnce_MakesOneChain(Dialect dialect)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(dialect);
        OrganizationDb db = new InstallationDb(store.Database).Of(Guid.NewGuid());

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => AppendAsync(db, $"ACTION_{i}")));

        Assert.Equal(Enumerable.Range(1, 30).Select(i => (long)i), (await AuditLog.PageAsync(db, 0, 100, Ct)).Select(entry => entry.Sequence));
        Assert.Null(await AuditLog.FaultAsync(db, Ct));
    }

    [Theory]
    [InlineData("update audit_entry set user_id = 'ben' where sequence = 3", "line 3 (")]
    [InlineData("delete from audit_entry where sequence = 2", "line 2 is missing")]
    [InlineData("update audit_entry set metadata = '{}' where sequence = 1", "line 1 (")]
    public async Task FaultAsync_LineChangedOrGone_NamesIt(string sql, string expected)
    {
        await using TestDatabase store = await TestDatabase.WithSchemaAsync(Dialect.Sqlite);
        var installation = new InstallationDb(store.Database);
        OrganizationDb db = installation.Of(Guid.NewGuid());
        for (int i = 0; i < 5; i++)
        {
            await AppendAsync(db, "ACTION");
        }

        await installation.ExecuteAsync(sql, null, Ct);

        Assert.StartsWith(expected, await AuditLog.FaultAsync(db, Ct), StringComparison.Ordinal);
    }

    private static Task<int> AppendAsync(OrganizationDb db, string action) => db.WriteAsync(
        async transaction =>
        {
            await AuditLog.AppendAsync(transaction, db.Organization, "anna", action, "asset 1", new { Before = "a" }, DateTimeOffset.UnixEpoch);
            return 0;
        },
        Ct);
}
