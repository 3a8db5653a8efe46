using System.Security.Cryptography;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Microsoft.Data.Sqlite;

namespace Auspex.Storage.Backup;

/// <summary>A store as a SQLite file of a backup: in one piece, without a log beside it.</summary>
internal static class StoreFile
{
    /// <summary>The stores of an installation; the file of each is named after it.</summary>
    internal static readonly string[] Stores = ["metadata", "telemetry"];

    private const string TableNamesSqlite = "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name";

    /// <summary>A connection that is closed with its file; foreign keys are not watched.</summary>
    internal static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        Execute(connection, "pragma foreign_keys = off; pragma synchronous = off; pragma journal_mode = delete");
        return connection;
    }

    /// <summary>A new file with the present schema and no row.</summary>
    internal static async Task MakeAsync(string path, string store, TimeProvider clock, CancellationToken ct)
    {
        SqliteDatabase database = SqliteDatabase.Open(path);
        await using (database.ConfigureAwait(false))
        {
            await SchemaUpgrade.ApplyAsync(database, store, clock, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Its tables, but that of schema numbers.</summary>
    internal static IReadOnlyList<string> Tables(SqliteConnection connection) => [.. Column<string>(connection, TableNamesSqlite).Where(name => name != "schema_version")];

    internal static IReadOnlyList<string> Columns(SqliteConnection connection, string table) =>
        [.. Column<string>(connection, $"select name from pragma_table_info('{table}') order by cid")];

    /// <summary>Rows of every table.</summary>
    internal static IReadOnlyList<BackupTable> Count(string path, string store)
    {
        using SqliteConnection connection = Open(path);
        return [.. Tables(connection).Select(table => new BackupTable(store, table, Column<long>(connection, $"select count(*) from \"{table}\"").Single()))];
    }

    internal static int Schema(string path)
    {
        using SqliteConnection connection = Open(path);
        return (int)Column<long>(connection, "select count(*) from schema_version").Single();
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Copies a file and says what it was.</summary>
    /// <param name="from">What to read; null hashes what stands at <paramref name="to"/>.</param>
    /// <param name="to">What to write, and sync.</param>
    /// <param name="name">Its name in a manifest.</param>
    /// <param name="copied">Told bytes as they go.</param>
    /// <param name="ct">Looked at between pieces.</param>
    internal static BackupFile Copy(string? from, string to, string name, Action<long> copied, CancellationToken ct)
    {
        using var source = new FileStream(from ?? to, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        using FileStream? target = from is null ? null : DurableFile.Create(to);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        long bytes = 0;
        int read;
        while ((read = source.Read(buffer)) > 0)
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            target?.Write(buffer, 0, read);
            bytes += read;
            copied(read);
        }

        target?.Flush(flushToDisk: true);
        return new BackupFile(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static List<T> Column<T>(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        var values = new List<T>();
        while (reader.Read())
        {
            values.Add(reader.GetFieldValue<T>(0));
        }

        return values;
    }
}
