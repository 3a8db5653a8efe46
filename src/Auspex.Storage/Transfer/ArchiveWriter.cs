using System.Security.Cryptography;
using System.Text.Json;

namespace Auspex.Storage.Transfer;

/// <summary>Writes the files of an archive and notes what they are.</summary>
/// <param name="folder">Where to.</param>
/// <param name="progress">Told how far it is.</param>
internal sealed class ArchiveWriter(string folder, Action<TransferProgress> progress)
{
    private long _rows;
    private long _bytes;

    internal List<ArchiveFile> Files { get; } = [];

    /// <summary>Writes a file of lines.</summary>
    internal async Task LinesAsync<T>(string name, IAsyncEnumerable<T> lines, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream file = DurableFile.Create(Path.Combine(folder, name));
        long bytes = 0;
        long rows = 0;
        await foreach (T line in lines.WithCancellation(ct).ConfigureAwait(false))
        {
            byte[] text = [.. JsonSerializer.SerializeToUtf8Bytes(line, OrganizationArchive.Form), (byte)'\n'];
            hash.AppendData(text);
            await file.WriteAsync(text, ct).ConfigureAwait(false);
            bytes += text.Length;
            rows++;
            Wrote(1, text.Length);
        }

        file.Flush(flushToDisk: true);
        Files.Add(new ArchiveFile(name, bytes, rows, Convert.ToHexStringLower(hash.GetHashAndReset())));
    }

    /// <summary>Writes a file that is one thing.</summary>
    internal void Whole(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(folder, name);
        DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, content);
        Files.Add(new ArchiveFile(name, content.Length, 0, Convert.ToHexStringLower(SHA256.HashData(content))));
        Wrote(0, content.Length);
    }

    private void Wrote(int rows, int bytes) => progress(new TransferProgress(Checks: false, _rows += rows, _bytes += bytes, 0));
}
