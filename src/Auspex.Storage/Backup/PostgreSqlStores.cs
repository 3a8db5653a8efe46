using System.Data;
using System.Data.Common;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Auspex.Storage.Backup;

/// <summary>Carries the stores of a PostgreSQL database into SQLite files and back: both have the same tables, whose columns are text, whole numbers and bytes.</summary>
internal static class PostgreSqlStores
{
    private const string TypesPostgreSql = """
        select column_name as Name, data_type as Type from information_schema.columns where table_schema = current_schema() and table_name = @table
        """;

    private const string ReferencesPostgreSql = """
        select c.relname as Name, f.relname as Type from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
        where k.contype = 'f' and c.relnamespace = current_schema()::regnamespace and c.oid <> f.oid
        """;

    private const string HasRowsPostgreSql = "select exists (select 1 from organization) or exists (select 1 from user_account) or exists (select 1 from audit_entry)";

    /// <summary>Writes both stores of one snapshot into a folder.</summary>
    internal static Task ReadAsync(Database database, string folder, TimeProvider clock, Action<long> copied, CancellationToken ct) => database.ReadAsync(
        null,
        async (connection, ct) =>
        {
            foreach (string store in StoreFile.Stores)
            {
                string path = Path.Combine(folder, $"{store}.db");
                await StoreFile.MakeAsync(path, store, clock, ct).ConfigureAwait(false);
                using (SqliteConnection file = StoreFile.Open(path))
                {
                    using SqliteTransaction transaction = file.BeginTransaction();
                    foreach (string table in StoreFile.Tables(file))
                    {
                        await CopyTableAsync(connection, file, table, copied, ct).ConfigureAwait(false);
                    }

                    transaction.Commit();
                }

                DurableFile.Settle(path);
            }

            return 0;
        },
        ct);

    /// <summary>Loads both stores into a database that has no rows yet, in one transaction.</summary>
    /// <param name="database">Its login owns the tables, or will.</param>
    /// <param name="folder">Has the files, with the present schema.</param>
    /// <exception cref="StorageException">There are rows already.</exception>
    internal static async Task WriteAsync(PostgreSqlDatabase database, string folder, TimeProvider clock, Action<long> copied, CancellationToken ct)
    {
        foreach (string store in StoreFile.Stores)
        {
            await SchemaUpgrade.ApplyAsync(database, store, clock, ct).ConfigureAwait(false);
        }

        await database.MigrateAsync(
            async (connection, ct) =>
            {
                // As the system's role: the login may be walled in by the rows' owners.
                await connection.ExecuteAsync($"set local role {PostgreSqlDatabase.SystemRole}").ConfigureAwait(false);
                if (await connection.ExecuteScalarAsync<bool>(HasRowsPostgreSql).ConfigureAwait(false))
                {
                    throw new StorageException("The database has organizations, users or an audit log already; give one that is new.");
                }

                await connection.ExecuteAsync("reset role;").ConfigureAwait(false);
                ILookup<string, string> references = (await connection.QueryAsync<Pair>(ReferencesPostgreSql).ConfigureAwait(false)).ToLookup(pair => pair.Name, pair => pair.Type);
                foreach (string store in StoreFile.Stores)
                {
                    using SqliteConnection file = StoreFile.Open(Path.Combine(folder, $"{store}.db"));
                    foreach (string table in InOrder(StoreFile.Tables(file), references))
                    {
                        // PostgreSQL refuses COPY to a table whose walls hold for the one who copies; its owner lets himself in until the end of this table.
                        await connection.ExecuteAsync($"alter table \"{table}\" no force row level security").ConfigureAwait(false);
                        await LoadTableAsync((NpgsqlConnection)connection, file, table, copied, ct).ConfigureAwait(false);
                        await connection.ExecuteAsync($"alter table \"{table}\" force row level security").ConfigureAwait(false);
                    }
                }

                return 0;
            },
            ct).ConfigureAwait(false);
    }

    private static async Task CopyTableAsync(DbConnection from, SqliteConnection to, string table, Action<long> copied, CancellationToken ct)
    {
        IReadOnlyList<string> columns = StoreFile.Columns(to, table);
        string list = string.Join(", ", columns.Select(column => $"\"{column}\""));
        using SqliteCommand insert = to.CreateCommand();
        insert.CommandText = $"insert into \"{table}\" ({list}) values ({string.Join(", ", columns.Select((_, i) => $"${i}"))})";
        SqliteParameter[] parameters = [.. columns.Select((_, i) => insert.Parameters.Add(new SqliteParameter($"${i}", null)))];
        DbCommand select = from.CreateCommand();
        await using (select.ConfigureAwait(false))
        {
            select.CommandText = $"select {list} from \"{table}\"";
            select.CommandTimeout = 0;
            DbDataReader reader = await select.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    long bytes = 0;
                    for (int i = 0; i < parameters.Length; i++)
                    {
                        parameters[i].Value = reader.GetValue(i);
                        bytes += Length(parameters[i].Value);
                    }

                    insert.ExecuteNonQuery();
                    copied(bytes);
                }
            }
        }
    }

    private static async Task LoadTableAsync(NpgsqlConnection to, SqliteConnection from, string table, Action<long> copied, CancellationToken ct)
    {
        Dictionary<string, string> types = (await to.QueryAsync<Pair>(TypesPostgreSql, new { table }).ConfigureAwait(false)).ToDictionary(pair => pair.Name, pair => pair.Type, StringComparer.Ordinal);
        IReadOnlyList<string> columns = StoreFile.Columns(from, table);
        string list = string.Join(", ", columns.Select(column => $"\"{column}\""));
        NpgsqlDbType[] kinds = [.. columns.Select(column => types.GetValueOrDefault(column) switch
        {
            "text" => NpgsqlDbType.Text,
            "bigint" => NpgsqlDbType.Bigint,
            "bytea" => NpgsqlDbType.Bytea,
            "double precision" => NpgsqlDbType.Double,
            var other => throw new System.Diagnostics.UnreachableException($"bug: column {column} of {table} has the type {other}"),
        })];
        NpgsqlBinaryImporter importer = await to.BeginBinaryImportAsync($"copy \"{table}\" ({list}) from stdin (format binary)", ct).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            using SqliteCommand select = from.CreateCommand();
            select.CommandText = $"select {list} from \"{table}\"";
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read())
            {
                await importer.StartRowAsync(ct).ConfigureAwait(false);
                long bytes = 0;
                for (int i = 0; i < kinds.Length; i++)
                {
                    object value = reader.GetValue(i);
                    bytes += Length(value);
                    await (value is DBNull ? importer.WriteNullAsync(ct) : importer.WriteAsync(value, kinds[i], ct)).ConfigureAwait(false);
                }

                copied(bytes);
            }

            await importer.CompleteAsync(ct).ConfigureAwait(false);
        }
    }

    // What a table refers to comes before it.
    private static List<string> InOrder(IReadOnlyList<string> tables, ILookup<string, string> references)
    {
        var ordered = new List<string>();
        var left = new List<string>(tables);
        while (left.Count > 0)
        {
            string[] ready = [.. left.Where(table => references[table].All(other => !left.Contains(other)))];
            if (ready.Length == 0)
            {
                throw new System.Diagnostics.UnreachableException($"bug: {string.Join(", ", left)} refer to each other");
            }

            ordered.AddRange(ready);
            left.RemoveAll(ready.Contains);
        }

        return ordered;
    }

    private static long Length(object? value) => value switch { string text => text.Length, byte[] bytes => bytes.Length, _ => 8 };

    private sealed record Pair(string Name, string Type);
}
