using System.Data.Common;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Organizations;

/// <summary>Removes an organization with everything of it, from every store. Every table with a column <c>organization</c> is emptied of it, also one that a
/// later script adds; who was a member of no other organization, and is no super admin, goes too.</summary>
/// <param name="metadata">The metadata; cleared last, so that a removal that was cut off can be asked for again.</param>
/// <param name="telemetry">Forgets what it holds in memory before its rows go; else it would pack them again.</param>
/// <param name="others">Databases beside the metadata's, such as that of telemetry.</param>
/// <param name="files">Files of artefacts; they go last, when their key is gone and nothing opens them any more.</param>
public sealed class OrganizationRemoval(InstallationDb metadata, TelemetryStore telemetry, IReadOnlyList<InstallationDb> others, ArtefactFiles files)
{
    private const string TablesOfSqlite = """
        select t.name from sqlite_master t join pragma_table_info(t.name) c on c.name = 'organization' where t.type = 'table' order by t.name
        """;

    private const string TablesOfPostgreSql = """
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization' and not a.attisdropped
        where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname
        """;

    private const string RemoveUsers = """
        delete from user_account where super_admin = 0
          and exists (select 1 from membership m where m.user_id = user_account.id and m.organization = @id)
          and not exists (select 1 from membership m where m.user_id = user_account.id and m.organization <> @id)
        """;

    /// <summary>Removes it, and says so in the installation's own audit log.</summary>
    /// <param name="organization">Which; nobody may be let into it any more.</param>
    /// <param name="name">Its name, for the log.</param>
    /// <param name="by">Who, as audit lines name them.</param>
    /// <param name="now">When.</param>
    /// <param name="ct">Looked at between the stores; what was removed stays removed.</param>
    public async Task RemoveAsync(Guid organization, string name, string by, DateTimeOffset now, CancellationToken ct)
    {
        await telemetry.ForgetAsync(organization).ConfigureAwait(false);
        foreach (InstallationDb store in others)
        {
            await store.WriteAsync((connection, _) => ClearAsync(connection, store.Dialect, organization), ct).ConfigureAwait(false);
        }

        await metadata.WriteAsync(
            async (connection, ct) =>
            {
                await connection.ExecuteAsync(RemoveUsers, new { id = organization }).ConfigureAwait(false);
                await connection.ExecuteAsync("delete from organization where id = @id", new { id = organization }).ConfigureAwait(false);
                await ClearAsync(connection, metadata.Dialect, organization).ConfigureAwait(false);
                await AuditLog.AppendAsync(
                    metadata.InTransaction(connection, AuditLog.Installation, ct), AuditLog.Installation, by, AuditLog.OrganizationRemoved, $"organization {organization}", new { name }, now)
                    .ConfigureAwait(false);
                return 0;
            },
            ct).ConfigureAwait(false);
        files.Delete(organization, null);
    }

    private static async Task<int> ClearAsync(DbConnection connection, Dialect dialect, Guid organization)
    {
        int rows = 0;
        foreach (string table in await connection.QueryAsync<string>(dialect == Dialect.Sqlite ? TablesOfSqlite : TablesOfPostgreSql).ConfigureAwait(false))
        {
            rows += await connection.ExecuteAsync($"delete from \"{table}\" where organization = @organization", new { organization }).ConfigureAwait(false);
        }

        return rows;
    }
}
