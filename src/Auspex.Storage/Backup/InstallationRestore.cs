using System.Text;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Schema;

namespace Auspex.Storage.Backup;

/// <summary>Makes a data folder of a backup, after every file and every table was found to be as it was written.</summary>
public static class InstallationRestore
{
    /// <summary>Restores.</summary>
    /// <param name="from">The backup's folder; only read.</param>
    /// <param name="to">The data folder to make; new or empty. It appears whole or not at all.</param>
    /// <param name="connection">Connection string of a PostgreSQL database without rows, to hold the stores; null keeps them in files of the folder.</param>
    /// <param name="clock">Stamps schema scripts.</param>
    /// <param name="progress">Told bytes done, and bytes in all.</param>
    /// <param name="ct">Ends it; nothing half-restored is left.</param>
    /// <returns>What the backup holds. The folder needs the master key it names.</returns>
    /// <exception cref="StorageException">The backup is damaged, which names the file, of a newer program, or the folder or database is in use; nothing was restored.</exception>
    public static async Task<BackupManifest> RunAsync(string from, string to, string? connection, TimeProvider clock, Action<long, long> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(progress);
        BackupManifest manifest = BackupManifest.Read(Path.GetFullPath(from));
        foreach (string store in StoreFile.Stores)
        {
            int known = SchemaScript.Of(store, Dialect.Sqlite).Count;
            if (manifest.Schemas.GetValueOrDefault(store) is var schema && schema > known)
            {
                throw new StorageException($"The backup's {store} store has schema {schema}, this program knows {known}: it was made by a newer Auspex ({manifest.Program}). Restore it with that version.");
            }
        }

        return await DraftFolder.FillAsync(Path.TrimEndingDirectorySeparator(Path.GetFullPath(to)), async draft =>
        {
            long done = 0;
            long total = manifest.Bytes;
            void Copied(long bytes) => progress(done += bytes, total);
            foreach (BackupFile file in manifest.Files)
            {
                Copy(Path.GetFullPath(from), draft, file, Copied, ct);
            }

            foreach (string store in StoreFile.Stores)
            {
                Compare(Path.Combine(draft, $"{store}.db"), store, manifest);
            }

            if (connection is not null)
            {
                await LoadAsync(draft, connection, clock, ct).ConfigureAwait(false);
            }

            DurableFile.Write(Path.Combine(draft, MasterKey.IdFileName), Encoding.ASCII.GetBytes(manifest.MasterKeyId + "\n"));
            using (DataFolder.Hold(draft))
            {
                // Its lock makes it a data folder.
            }

            return manifest;
        }).ConfigureAwait(false);
    }

    private static void Copy(string from, string draft, BackupFile file, Action<long> copied, CancellationToken ct)
    {
        string source = Path.Combine(from, file.Name);
        string target = Path.Combine(draft, file.Name);
        if (!File.Exists(source))
        {
            throw new StorageException($"{source} is missing; the manifest lists it. Nothing was restored.");
        }

        // A file of the right length is read to its end, and no other one is: a link could lead anywhere.
        if (new FileInfo(source) is var info && (info.LinkTarget is not null || info.Length != file.Bytes))
        {
            throw new StorageException($"{source} is damaged: it has {info.Length} bytes{(info.LinkTarget is null ? "" : " and is a link")}, the manifest says {file.Bytes}. Nothing was restored.");
        }

        DurableFile.CreateFolder(Path.GetDirectoryName(target)!);
        BackupFile copy = StoreFile.Copy(source, target, file.Name, copied, ct);
        if (!string.Equals(copy.Sha256, file.Sha256, StringComparison.Ordinal))
        {
            throw new StorageException($"{source} is damaged: its SHA-256 is not that of the manifest. Nothing was restored.");
        }
    }

    private static void Compare(string path, string store, BackupManifest manifest)
    {
        IReadOnlyList<BackupTable> present = StoreFile.Count(path, store);
        BackupTable[] listed = [.. manifest.Tables.Where(table => table.Store == store)];
        if (listed.Except(present).FirstOrDefault() is { } table)
        {
            throw new StorageException(
                $"{store}.db: the manifest says {table.Rows} rows of {table.Table}, there are {present.FirstOrDefault(one => one.Table == table.Table)?.Rows ?? 0}. Nothing was restored.");
        }
    }

    private static async Task LoadAsync(string draft, string connection, TimeProvider clock, CancellationToken ct)
    {
        foreach (string store in StoreFile.Stores)
        {
            // A backup of an older program gets the present schema first.
            await StoreFile.MakeAsync(Path.Combine(draft, $"{store}.db"), store, clock, ct).ConfigureAwait(false);
        }

        PostgreSqlDatabase database = PostgreSqlDatabase.Open(connection);
        await using (database.ConfigureAwait(false))
        {
            await PostgreSqlStores.WriteAsync(database, draft, clock, _ => { }, ct).ConfigureAwait(false);
        }

        foreach (string store in StoreFile.Stores)
        {
            foreach (string file in Directory.GetFiles(draft, $"{store}.db*"))
            {
                File.Delete(file);
            }
        }
    }
}
