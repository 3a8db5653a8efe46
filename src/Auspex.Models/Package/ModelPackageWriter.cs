using System.Text;

namespace Auspex.Models.Package;

/// <summary>Writes a package so that its folder is there whole or not at all, however the process ends.</summary>
public static class ModelPackageWriter
{
    /// <summary>Writes into a hidden folder beside the target, flushes the files to disk, and renames it. What an earlier run that was
    /// killed left there is removed.</summary>
    /// <param name="folder">The package's folder: new, or empty.</param>
    /// <param name="package">What to write.</param>
    /// <param name="ct">Cancels until the rename; nothing is left then.</param>
    /// <exception cref="ModelPackageException">The folder holds something, or another process writes this package.</exception>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public static void Write(string folder, ModelPackage package, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(package);
        byte[] manifest = ManifestJson.Write(package.Manifest);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(folder)
            ?? throw new ModelPackageException(folder, null, "It is the root of a disk. Name a folder for the package.");
        string name = Path.GetFileName(folder);
        Directory.CreateDirectory(parent);
        using FileStream onlyWriter = Lock(folder, Path.Combine(parent, $".{name}.lock"));
        RemoveStale(parent, name);
        RefuseFilled(folder);
        string draft = Path.Combine(parent, DraftName(name));
        try
        {
            Directory.CreateDirectory(draft);
            WriteFile(Path.Combine(draft, ModelPackage.ModelFileName), package.Model.Span, ct);
            if (package.Card is { } card)
            {
                WriteFile(Path.Combine(draft, ModelPackage.CardFileName), Encoding.UTF8.GetBytes(card), ct);
            }

            WriteFile(Path.Combine(draft, ModelPackage.ManifestFileName), manifest, ct);
            ct.ThrowIfCancellationRequested();
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder); // fails, as it should, when something came into it meanwhile
            }

            Directory.Move(draft, folder);
        }
        catch
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }

            throw;
        }
    }

    // While it is held, no other process writes this package, so every draft found is a dead one's. It ends with the process that holds it.
    private static FileStream Lock(string folder, string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException held) when (File.Exists(path))
        {
            throw new ModelPackageException(folder, null,
                "Another process is writing this package. Wait until it has ended, or choose another folder.", held);
        }
    }

    private static void RemoveStale(string parent, string name)
    {
        foreach (string path in Directory.EnumerateDirectories(parent))
        {
            if (IsDraft(Path.GetFileName(path), name))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private static string DraftName(string name) => $".{name}.{Guid.NewGuid():N}.tmp";

    // Exactly what DraftName gives: the drafts of "press.v2" are not those of "press".
    private static bool IsDraft(string candidate, string name) =>
        candidate.StartsWith($".{name}.", StringComparison.Ordinal)
        && candidate.EndsWith(".tmp", StringComparison.Ordinal)
        && Guid.TryParseExact(candidate.AsSpan(name.Length + 2, Math.Max(0, candidate.Length - name.Length - 6)), "N", out _);

    /// <summary>Refuses a folder that holds something, so that a long training can say so before it begins.</summary>
    /// <exception cref="ModelPackageException">The folder is not empty, or is a file.</exception>
    public static void RefuseFilled(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new ModelPackageException(folder, null,
                "There is something already. Choose a folder that is new or empty: a package is never overwritten.");
        }
    }

    private static void WriteFile(string path, ReadOnlySpan<byte> content, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        try
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            // What .NET makes of EFBIG, the answer of a file system or a limit that takes no file of this size.
            throw new IOException($"File too large for its disk or limit: {path}, {content.Length} bytes.", tooLarge);
        }
    }
}
