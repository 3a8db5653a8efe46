using System.Data.Common;
using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Schema;

/// <summary>Brings a store to the schema of this program, at start. Two that start at once apply each script once; a store of a newer program is refused.</summary>
public static class SchemaUpgrade
{
    // Any number will do, as long as every node takes the same.
    private const long Lock = 0x4155_5350_4558;

    private const string Roles = """
        do $$ begin
          if not exists (select from pg_roles where rolname = 'auspex_app') then create role auspex_app nologin; end if;
          if not exists (select from pg_roles where rolname = 'auspex_system') then create role auspex_system nologin; end if;
          execute format('grant auspex_app, auspex_system to %I', current_user);
          execute format('grant usage on schema %I to auspex_app, auspex_system', current_schema());
        end $$;
        """;

    // Every table with a column "organization" is walled in, also one whose script forgot it.
    private const string Walls = """
        do $$ declare walled record; begin
          for walled in
            select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attname = 'organization' and not a.attisdropped and not c.relforcerowsecurity
          loop
            execute format('alter table %I enable row level security', walled.name);
            execute format('alter table %I force row level security', walled.name);
            execute format('create policy own on %I to auspex_app using (organization = current_setting(''auspex.organization'', true)) with check (organization = current_setting(''auspex.organization'', true))', walled.name);
            execute format('create policy installation on %I to auspex_system using (true) with check (true)', walled.name);
            execute format('grant select, insert, update, delete on %I to auspex_app, auspex_system', walled.name);
          end loop;
        end $$;
        """;

    /// <summary>Applies what is missing, in one transaction.</summary>
    /// <param name="database">The database.</param>
    /// <param name="store">Which store's scripts: <c>metadata</c> or <c>telemetry</c>.</param>
    /// <param name="clock">Stamps what was applied.</param>
    /// <param name="ct">Looked at before it begins.</param>
    /// <returns>Scripts applied now.</returns>
    /// <exception cref="StorageException">The store was written by a newer program, or a script that was applied has changed since.</exception>
    public static Task<int> ApplyAsync(Database database, string store, TimeProvider clock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(clock);
        IReadOnlyList<SchemaScript> scripts = SchemaScript.Of(store, database.Dialect);
        Task<int> Apply(DbConnection connection, CancellationToken ct) => ApplyAsync(connection, database.Dialect, store, scripts, clock);
        return database is PostgreSqlDatabase server ? server.MigrateAsync(Apply, ct) : database.WriteAsync(null, Apply, ct);
    }

    internal static async Task<int> ApplyAsync(
        DbConnection connection, Dialect dialect, string store, IReadOnlyList<SchemaScript> scripts, TimeProvider clock)
    {
        if (dialect == Dialect.PostgreSql)
        {
            await connection.ExecuteAsync("select pg_advisory_xact_lock(@Lock)", new { Lock }).ConfigureAwait(false);
            await connection.ExecuteAsync(Roles).ConfigureAwait(false);
        }

        await connection.ExecuteAsync("""
            create table if not exists schema_version (
              store text not null, number integer not null, name text not null, hash text not null, applied_at bigint not null,
              primary key (store, number)
            )
            """).ConfigureAwait(false);
        List<Applied> applied = (await connection.QueryAsync<Applied>(
            "select number, name, hash from schema_version where store = @store order by number", new { store }).ConfigureAwait(false)).AsList();
        if (applied.Count > scripts.Count)
        {
            throw new StorageException($"The {store} store has schema {applied.Count}, this program knows {scripts.Count}: it was written by a newer Auspex. "
                + "Start that version, or restore a backup made before the upgrade.");
        }

        for (int i = 0; i < applied.Count; i++)
        {
            if (!string.Equals(applied[i].Hash, scripts[i].Hash, StringComparison.Ordinal))
            {
                throw new StorageException($"Schema script {i + 1} ({applied[i].Name}) of the {store} store is not the one that was applied. "
                    + "This program and the one that made the store are not of one line of versions; nothing was changed.");
            }
        }

        foreach (SchemaScript script in scripts.Skip(applied.Count))
        {
            await connection.ExecuteAsync(script.Text).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "insert into schema_version (store, number, name, hash, applied_at) values (@store, @Number, @Name, @Hash, @now)",
                new { store, script.Number, script.Name, script.Hash, now = clock.GetUtcNow() }).ConfigureAwait(false);
        }

        if (dialect == Dialect.PostgreSql)
        {
            await connection.ExecuteAsync(Walls).ConfigureAwait(false);
        }

        return scripts.Count - applied.Count;
    }

    private sealed record Applied(long Number, string Name, string Hash)
    {
        // PostgreSQL's integer is an int.
        public Applied(int number, string name, string hash)
            : this((long)number, name, hash)
        {
        }
    }
}
