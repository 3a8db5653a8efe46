using System.Data.Common;
using Auspex.Flow.Connect.Sql;
using Dapper;
using Microsoft.Data.Sqlite;
using MySql.Data.MySqlClient;
using Npgsql;

namespace Auspex.Flow.Tests.Connect.Sql;

/// <summary>A plant's own database for one test, in one of the dialects, and a connection that writes to it.</summary>
internal sealed class PlantDatabase : IDisposable
{
    private readonly Action _remove;

    private PlantDatabase(string kind, SqlConnectionSettings settings, DbConnection connection, string folder, Action remove)
    {
        (Kind, Settings, Connection, Folder, _remove) = (kind, settings, connection, folder, remove);
        connection.Open();
        if (kind == SqlConnectionSettings.MySql)
        {
            connection.Execute("set character_set_results = utf8mb4, time_zone = '+00:00'");
        }
    }

    public string Kind { get; }

    public SqlConnectionSettings Settings { get; }

    public DbConnection Connection { get; }

    /// <summary>Of files of SQLite.</summary>
    public string Folder { get; }

    public static PlantDatabase Make(string kind, MariaDbServer mariaDb)
    {
        string folder = Directory.CreateTempSubdirectory("auspex-plant-").FullName;
        string name = $"plant_{Guid.NewGuid():N}";
        switch (kind)
        {
            case SqlConnectionSettings.Sqlite:
                return new PlantDatabase(
                    kind, new SqlConnectionSettings(kind, null, null, null, null, null, null, "scada.db"), new SqliteConnection($"Data Source={Path.Combine(folder, "scada.db")};Pooling=false"), folder,
                    () => { });
            case SqlConnectionSettings.PostgreSql:
                string? server = Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL");
                Assert.SkipWhen(string.IsNullOrEmpty(server), "no PostgreSQL: AUSPEX_TEST_POSTGRESQL is not set; ./dev test starts one");
                var own = new NpgsqlConnectionStringBuilder(server) { Pooling = false };
                Run(new NpgsqlConnection(own.ConnectionString), $"create database {name}");
                return new PlantDatabase(
                    kind, new SqlConnectionSettings(kind, own.Host, own.Port, name, own.Username, own.Password, null, null),
                    new NpgsqlConnection(new NpgsqlConnectionStringBuilder(own.ConnectionString) { Database = name }.ConnectionString), folder,
                    () => Run(new NpgsqlConnection(own.ConnectionString), $"drop database {name} with (force)"));
            default:
                string root = $"Server=127.0.0.1;Port={mariaDb.Port};User ID=root;SslMode=None;Pooling=false;CharSet=utf8mb4;Allow User Variables=true";
                Run(new MySqlConnection(root), $"create database {name}");
                return new PlantDatabase(
                    kind, new SqlConnectionSettings(kind, "127.0.0.1", mariaDb.Port, name, "root", null, "disable", null), new MySqlConnection($"{root};Database={name}"), folder,
                    () => Run(new MySqlConnection(root), $"drop database {name}"));
        }
    }

    public int Execute(string sql, object? parameters = null) => Connection.Execute(sql, parameters);

    /// <summary>One text a dialect.</summary>
    public string Sql(string sqlite, string postgreSql, string mySql) =>
        Kind switch { SqlConnectionSettings.Sqlite => sqlite, SqlConnectionSettings.PostgreSql => postgreSql, _ => mySql };

    public SqlSession Open(SqlLimits? limits = null) => SqlSession.Open(Settings, Folder, limits ?? new SqlLimits());

    public void Dispose()
    {
        Connection.Dispose();
        _remove();
        Directory.Delete(Folder, recursive: true);
    }

    private static void Run(DbConnection connection, string sql)
    {
        using (connection)
        {
            connection.Open();
            connection.Execute(sql);
        }
    }
}
