using System.Text.Json;
using System.Text.RegularExpressions;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;

namespace Auspex.Storage.Backup;

/// <summary>What a backup holds; it stands in the backup's folder as <c>manifest.json</c>.</summary>
/// <param name="Format">1.</param>
/// <param name="Program">Version that made it.</param>
/// <param name="TakenAt">The instant it shows.</param>
/// <param name="MasterKeyId">Id of the key that opens what is sealed in it.</param>
/// <param name="Schemas">Schema number of each store.</param>
/// <param name="Files">Every file but the manifest.</param>
/// <param name="Tables">Rows of every table.</param>
/// <param name="Missing">Files of artefacts that the database names and the data folder had not.</param>
public sealed partial record BackupManifest(
    int Format, string Program, DateTimeOffset TakenAt, string MasterKeyId, IReadOnlyDictionary<string, int> Schemas, IReadOnlyList<BackupFile> Files,
    IReadOnlyList<BackupTable> Tables, IReadOnlyList<string> Missing)
{
    /// <summary>Its file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The form this program writes and reads.</summary>
    public const int PresentFormat = 1;

    // A file name and 64 hexadecimal digits for each artefact: a million of them.
    private const int MostBytes = 256 * 1024 * 1024;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>Length of all files, bytes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Bytes => Files.Sum(file => file.Bytes);

    internal void Write(string folder) => DurableFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Form));

    /// <summary>Reads the manifest of a backup's folder; what it says of files is checked when they are read.</summary>
    /// <exception cref="StorageException">There is none, or it is none that this program reads.</exception>
    public static BackupManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new StorageException($"{path} has more than {MostBytes} bytes; it is no manifest of a backup.");
            }

            BackupManifest manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Form)
                ?? throw new StorageException($"{path} is no manifest of a backup.");
            return manifest.Fault() is { } fault ? throw new StorageException($"{path}: {fault}") : manifest;
        }
        catch (JsonException e)
        {
            throw new StorageException($"{path} is no manifest of a backup: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"{path} is missing: {folder} is no backup, or one that was cut off.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private string? Fault()
    {
        if (Format != PresentFormat)
        {
            return $"format {Format} is not known to this program, which reads {PresentFormat}. Restore with the version that made it: {Program}.";
        }

        // A name is a path below the folder that is restored: nothing but what a backup writes.
        if (Files.FirstOrDefault(file => !Known().IsMatch(file.Name) || file.Bytes < 0) is { } stranger)
        {
            return $"'{stranger.Name}' is no file of a backup.";
        }

        if (Files.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            return $"'{twice.Key}' stands twice.";
        }

        return StoreFile.Stores.FirstOrDefault(store => Files.All(file => file.Name != $"{store}.db")) is { } missing ? $"'{missing}.db' is not listed." : null;
    }

    [GeneratedRegex($@"\A(?:metadata\.db|telemetry\.db|{AuditSeal.FileName}|{ArtefactFiles.FolderName}/{Id}/{Id}\.[0-9]{{1,18}}\.[0-9a-f]{{16}})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Known();

    private const string Id = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Path below the backup's folder, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of it, hexadecimal.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256);

/// <summary>A table of a backup.</summary>
/// <param name="Store">metadata or telemetry.</param>
/// <param name="Table">Its name.</param>
/// <param name="Rows">How many it has.</param>
public sealed record BackupTable(string Store, string Table, long Rows);
