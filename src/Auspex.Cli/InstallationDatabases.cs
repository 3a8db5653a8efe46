using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;

namespace Auspex.Cli;

/// <summary>The databases of a folder that no server holds, brought to the schema of this program as a start of the server would.</summary>
internal sealed class InstallationDatabases : IAsyncDisposable
{
    private InstallationDatabases(Database metadata, Database telemetry)
    {
        Metadata = metadata;
        Telemetry = telemetry;
    }

    public Database Metadata { get; }

    /// <summary>On PostgreSQL the same as <see cref="Metadata"/>.</summary>
    public Database Telemetry { get; }

    /// <summary>Opens what is there; none is made.</summary>
    /// <param name="folder">Held.</param>
    /// <param name="connection">Of PostgreSQL; null for the folder's files.</param>
    /// <exception cref="StorageException">They are not there, or of a newer program.</exception>
    public static async Task<InstallationDatabases> OpenAsync(DataFolder folder, string? connection, CancellationToken ct)
    {
        string file = Require(folder, connection);
        Database metadata = connection is null ? SqliteDatabase.Open(file) : PostgreSqlDatabase.Open(connection);
        Database? telemetry = null;
        try
        {
            await SchemaUpgrade.ApplyAsync(metadata, "metadata", TimeProvider.System, ct);
            telemetry = connection is null ? SqliteDatabase.Open(folder.PathOf("telemetry.db")) : metadata;
            await SchemaUpgrade.ApplyAsync(telemetry, "telemetry", TimeProvider.System, ct);
            return new InstallationDatabases(metadata, telemetry);
        }
        catch
        {
            await (telemetry?.DisposeAsync() ?? ValueTask.CompletedTask);
            await metadata.DisposeAsync();
            throw;
        }
    }

    /// <summary>The file of the metadata, where it is in a file.</summary>
    /// <exception cref="StorageException">It is missing and no connection was given.</exception>
    public static string Require(DataFolder folder, string? connection)
    {
        string file = folder.PathOf("metadata.db");
        return connection is not null || File.Exists(file)
            ? file
            : throw new StorageException($"{file} is missing: this folder has no database of its own. Give --database as for serve.");
    }

    public async ValueTask DisposeAsync()
    {
        await Telemetry.DisposeAsync();
        if (Telemetry != Metadata)
        {
            await Metadata.DisposeAsync();
        }
    }
}
