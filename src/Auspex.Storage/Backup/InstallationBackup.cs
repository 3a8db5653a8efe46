using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Microsoft.Data.Sqlite;

namespace Auspex.Storage.Backup;

/// <summary>Copies an installation as it is at one instant, while it goes on: both stores as SQLite files, whatever database they are in, the files of artefacts and the audit seal.
/// The master key is never in it.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="metadata">With the present schema.</param>
/// <param name="telemetry">The same; on PostgreSQL the same database.</param>
/// <param name="files">Files of artefacts.</param>
/// <param name="master">Whose id the backup tells.</param>
/// <param name="clock">Dates it.</param>
public sealed class InstallationBackup(DataFolder folder, Database metadata, Database telemetry, ArtefactFiles files, MasterKey master, TimeProvider clock)
{
    private const string ArtefactRows = "select organization, file, size from artefact order by organization, file";

    /// <summary>Writes a backup; what was acknowledged before this is called is in it.</summary>
    /// <param name="to">A folder that is new or empty, outside the data folder. It appears whole or not at all.</param>
    /// <param name="progress">Told bytes done, and bytes in all where they are known, else 0.</param>
    /// <param name="ct">Ends it; nothing half-written is left.</param>
    /// <exception cref="StorageException">The folder cannot be used, or a disk or database fails; nothing was written.</exception>
    public async Task<BackupManifest> WriteAsync(string to, Action<long, long> progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(progress);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(to));
        if ((full + Path.DirectorySeparatorChar).StartsWith(folder.FullPath + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new StorageException($"{full} lies in the data folder; a backup belongs outside it, best on another disk.");
        }

        return await DraftFolder.FillAsync(full, async draft =>
        {
            // What is deleted from now on stays until it is copied: the snapshot may name it.
            using IDisposable kept = files.Keep();
            // Sealed before the snapshot: no head of it can be missing there.
            string seal = folder.PathOf(AuditSeal.FileName);
            bool isSealed = File.Exists(seal);
            if (isSealed)
            {
                StoreFile.Copy(seal, Path.Combine(draft, AuditSeal.FileName), AuditSeal.FileName, _ => { }, ct);
            }

            long done = 0;
            long total = 0;
            void Copied(long bytes) => progress(done += bytes, total);
            DateTimeOffset at = await CopyStoresAsync(draft, Copied, bytes => total = bytes, ct).ConfigureAwait(false);
            var listed = new List<BackupFile>();
            if (isSealed)
            {
                listed.Add(StoreFile.Copy(null, Path.Combine(draft, AuditSeal.FileName), AuditSeal.FileName, _ => { }, ct));
            }

            var missing = new List<string>();
            CopyArtefacts(draft, listed, missing, Copied, ct);
            foreach (string store in StoreFile.Stores)
            {
                listed.Add(StoreFile.Copy(null, Path.Combine(draft, $"{store}.db"), $"{store}.db", _ => { }, ct));
            }

            var manifest = new BackupManifest(
                BackupManifest.PresentFormat,
                typeof(InstallationBackup).Assembly.GetName().Version!.ToString(3),
                at,
                master.Id,
                StoreFile.Stores.ToDictionary(store => store, store => StoreFile.Schema(Path.Combine(draft, $"{store}.db"))),
                listed,
                [.. StoreFile.Stores.SelectMany(store => StoreFile.Count(Path.Combine(draft, $"{store}.db"), store))],
                missing);
            manifest.Write(draft);
            return manifest;
        }).ConfigureAwait(false);
    }

    private async Task<DateTimeOffset> CopyStoresAsync(string draft, Action<long> copied, Action<long> total, CancellationToken ct)
    {
        if (metadata is not SqliteDatabase || telemetry is not SqliteDatabase)
        {
            DateTimeOffset begun = clock.GetUtcNow();
            await PostgreSqlStores.ReadAsync(metadata, draft, clock, copied, ct).ConfigureAwait(false);
            return begun;
        }

        IReadOnlyList<SqliteSnapshot> snapshots = await SqliteSnapshot.TakeAsync([(SqliteDatabase)metadata, (SqliteDatabase)telemetry], ct).ConfigureAwait(false);
        DateTimeOffset at = clock.GetUtcNow();
        try
        {
            total(snapshots.Sum(snapshot => snapshot.Bytes()));
            foreach ((SqliteSnapshot snapshot, string store) in snapshots.Zip(StoreFile.Stores))
            {
                string path = Path.Combine(draft, $"{store}.db");
                await Task.Run(() => snapshot.CopyTo(path, copied, ct), ct).ConfigureAwait(false);
                StoreFile.Open(path).Dispose(); // into one piece
                DurableFile.Settle(path);
            }

            return at;
        }
        finally
        {
            foreach (SqliteSnapshot snapshot in snapshots)
            {
                snapshot.Dispose();
            }
        }
    }

    private void CopyArtefacts(string draft, List<BackupFile> listed, List<string> missing, Action<long> copied, CancellationToken ct)
    {
        using SqliteConnection connection = StoreFile.Open(Path.Combine(draft, "metadata.db"));
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = ArtefactRows;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            var organization = Guid.Parse(reader.GetString(0));
            string file = reader.GetString(1);
            string name = $"{ArtefactFiles.FolderName}/{organization}/{file}";
            string source = files.PathOf(organization, file);
            if (!File.Exists(source) || new FileInfo(source).Length != Seal.LengthOf(reader.GetInt64(2)))
            {
                missing.Add(name); // the rest is worth keeping all the same
                continue;
            }

            string target = Path.Combine(draft, ArtefactFiles.FolderName, organization.ToString());
            DurableFile.CreateFolder(target);
            listed.Add(StoreFile.Copy(source, Path.Combine(target, file), name, copied, ct));
        }
    }
}
