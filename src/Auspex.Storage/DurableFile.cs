namespace Auspex.Storage;

/// <summary>Files that are there whole or not at all, whatever moment the machine stops at, and that only their owner reads.</summary>
public static class DurableFile
{
    /// <summary>Writes a file, in the place of one that may be there.</summary>
    /// <param name="path">Its folder is there.</param>
    /// <exception cref="IOException">It was not written; what was there before still is.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = Create(draft))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }

        Settle(path);
    }

    /// <summary>A new file to write, mode 0600.</summary>
    internal static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>A folder that only its owner enters.</summary>
    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // .NET opens no folder to sync it. Syncing the file once more under its new name commits the journal of ext4, XFS and btrfs with the rename in it.
    internal static void Settle(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Flush(flushToDisk: true);
    }
}
