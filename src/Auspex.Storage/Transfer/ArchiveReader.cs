using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Auspex.Storage.Transfer;

/// <summary>Reads the files of an archive, after each was found to be as it was written.</summary>
internal sealed class ArchiveReader(string folder, OrganizationArchive archive)
{
    // A thousand frames of ten thousand signals.
    private const int MostBytesALine = 256 * 1024 * 1024;

    /// <summary>Compares every file with the manifest.</summary>
    /// <exception cref="StorageException">One is missing or is another; the message names it.</exception>
    internal async Task CheckAsync(CancellationToken ct)
    {
        foreach (ArchiveFile file in archive.Files)
        {
            string path = Path.Combine(folder, file.Name);
            try
            {
                var found = new FileInfo(path);
                if (!found.Exists || found.LinkTarget is not null || found.Length != file.Bytes)
                {
                    throw new StorageException($"{path} is {(found.Exists && found.LinkTarget is null ? $"{found.Length} bytes long" : "missing")}, the manifest says {file.Bytes} bytes. Nothing was imported.");
                }

                using FileStream stream = File.OpenRead(path);
                if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct).ConfigureAwait(false)) != file.Sha256)
                {
                    throw new StorageException($"{path} is damaged: its SHA-256 is not that of the manifest. Nothing was imported.");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"{path} cannot be read: {e.Message} Nothing was imported.", e);
            }
        }
    }

    /// <summary>Lines of a file, with their numbers.</summary>
    /// <exception cref="StorageException">A line is none of its kind; the message names file and line.</exception>
    internal async IAsyncEnumerable<(T Line, string Where)> LinesAsync<T>(string name, [EnumeratorCancellation] CancellationToken ct)
    {
        using var reader = new StreamReader(Path.Combine(folder, name), new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
        for (int number = 1; await reader.ReadLineAsync(ct).ConfigureAwait(false) is { } text; number++)
        {
            string where = $"{name}, line {number}";
            if (text.Length > MostBytesALine)
            {
                throw new StorageException($"{where} has more than {MostBytesALine} characters. Nothing was imported.");
            }

            T line;
            try
            {
                line = JsonSerializer.Deserialize<T>(text, OrganizationArchive.Form) ?? throw new StorageException($"{where} is null. Nothing was imported.");
            }
            catch (JsonException e)
            {
                throw new StorageException($"{where} cannot be read: {e.Message} Nothing was imported.", e);
            }

            yield return (line, where);
        }
    }

    /// <summary>A file that is one thing; null where the archive has none of that name.</summary>
    internal async Task<byte[]?> WholeAsync(string name, CancellationToken ct) =>
        archive.Files.Any(file => file.Name == name) ? await File.ReadAllBytesAsync(Path.Combine(folder, name), ct).ConfigureAwait(false) : null;

    internal string PathOf(string name) => Path.Combine(folder, name);
}
