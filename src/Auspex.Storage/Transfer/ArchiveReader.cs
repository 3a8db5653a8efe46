using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Auspex.Storage.Artefacts;

namespace Auspex.Storage.Transfer;

/// <summary>Reads the files of an archive, after each was found to be as it was written.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="archive">Its manifest.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class ArchiveReader(string folder, OrganizationArchive archive, Action<TransferProgress> progress)
{
    // A thousand frames of ten thousand signals.
    private const int MostBytesOfFrames = 256 * 1024 * 1024;

    // A row that came over HTTP has 10 MiB at most, which JSON may write in six times as many.
    private const int MostBytesOfARow = 64 * 1024 * 1024;

    private readonly long _total = archive.Files.Sum(file => file.Bytes);
    private long _rows;
    private long _bytes;

    /// <summary>Compares every file with the manifest.</summary>
    /// <exception cref="StorageException">One is missing or is another; the message names it.</exception>
    internal async Task CheckAsync(CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1024 * 1024];
        long compared = 0;
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
                int read;
                while ((read = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    progress(new TransferProgress(Checks: true, 0, compared += read, _total));
                }

                if (Convert.ToHexStringLower(hash.GetHashAndReset()) != file.Sha256)
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
    /// <exception cref="StorageException">A line is none of its kind, or longer than any is; the message names file, line and limit.</exception>
    internal async IAsyncEnumerable<(T Line, string Where)> LinesAsync<T>(string name, [EnumeratorCancellation] CancellationToken ct)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, name));
        var lines = new BoundedLines(stream, name == OrganizationArchive.Frames ? MostBytesOfFrames : MostBytesOfARow);
        while (true)
        {
            T line;
            int length;
            try
            {
                if (await lines.NextAsync(ct).ConfigureAwait(false) is not { } text)
                {
                    break;
                }

                length = text.Length + 1;
                line = JsonSerializer.Deserialize<T>(text.Span, OrganizationArchive.Form) ?? throw new StorageException($"{Where()} is null. Nothing was imported.");
            }
            catch (InvalidDataException e)
            {
                throw new StorageException($"{Where()} has {e.Message}. Nothing was imported.", e);
            }
            catch (JsonException e)
            {
                throw new StorageException($"{Where()} cannot be read: {e.Message} Nothing was imported.", e);
            }

            yield return (line, Where());
            Took(1, length);
        }

        string Where() => $"{name}, line {lines.Number}";
    }

    /// <summary>A file that is one thing; null where the archive has none of that name.</summary>
    /// <exception cref="StorageException">It is larger than any that an export writes.</exception>
    internal async Task<byte[]?> WholeAsync(string name, CancellationToken ct)
    {
        if (archive.Files.FirstOrDefault(file => file.Name == name) is not { } file)
        {
            return null;
        }

        if (file.Bytes > ArtefactStore.MostBytes)
        {
            throw new StorageException($"{name} has {file.Bytes} bytes, more than {ArtefactStore.MostBytes}. Nothing was imported.");
        }

        byte[] content = await File.ReadAllBytesAsync(Path.Combine(folder, name), ct).ConfigureAwait(false);
        Took(0, content.Length);
        return content;
    }

    internal string PathOf(string name) => Path.Combine(folder, name);

    private void Took(int rows, int bytes) => progress(new TransferProgress(Checks: false, _rows += rows, _bytes += bytes, _total));
}
