using System.Data.Common;

namespace Auspex.Storage.Backup;

/// <summary>Folders that appear whole or not at all: filled beside their place, then renamed into it.</summary>
internal static class DraftFolder
{
    /// <summary>Fills a folder that is new or empty.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="fill">Gets the folder to fill, of the owner alone.</param>
    /// <exception cref="StorageException">Something is there already, or a disk or database fails; nothing is left behind.</exception>
    internal static async Task<T> FillAsync<T>(string folder, Func<string, Task<T>> fill)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new StorageException($"{folder} is not an empty folder; give a new one.");
        }

        string draft = Path.Combine(Path.GetDirectoryName(folder) ?? folder, $".{Path.GetFileName(folder)}.{Guid.NewGuid():N}.tmp");
        try
        {
            DurableFile.CreateFolder(draft);
            T result = await fill(draft).ConfigureAwait(false);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder); // fails, as it should, when something came into it meanwhile
            }

            Directory.Move(draft, folder);
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException)
        {
            throw new StorageException($"{folder} cannot be written: {e.Message} Nothing of it was left.", e);
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }
}
