using System.Globalization;

namespace Auspex.Storage;

/// <summary>The folder in which one installation keeps its files. One process at a time holds it.</summary>
public sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";

    private readonly FileStream? _lock;

    private DataFolder(string path, FileStream? held)
    {
        FullPath = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>Takes the folder, making it where it is missing: readable by its owner only.</summary>
    /// <exception cref="FolderInUseException">Another process holds it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static DataFolder Hold(string path)
    {
        string full = Path.GetFullPath(path);
        string file = Path.Combine(full, LockName);
        try
        {
            DurableFile.CreateFolder(full);
            // The lock is the open file, not its presence: it ends with the process, however that ends.
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return new DataFolder(full, held);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new FolderInUseException($"{full} is in use by another process. One process writes a data folder: stop it, or give this one a folder of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{full} cannot be used as a data folder: {e.Message}", e);
        }
    }

    /// <summary>Takes a folder that an installation has used before; none is made.</summary>
    /// <exception cref="FolderInUseException">Another process holds it.</exception>
    /// <exception cref="StorageException">There is none, or it is no data folder.</exception>
    public static DataFolder HoldPresent(string path)
    {
        using DataFolder folder = LookInto(path);
        return File.Exists(folder.PathOf(LockName))
            ? Hold(path)
            : throw new StorageException($"{folder.FullPath} is no data folder: no server ever ran on it. Give the folder that serve was given as --data.");
    }

    /// <summary>A folder that is there, to read in only: a server may hold it meanwhile.</summary>
    /// <exception cref="StorageException">There is none.</exception>
    public static DataFolder LookInto(string path)
    {
        string full = Path.GetFullPath(path);
        return Directory.Exists(full) ? new DataFolder(full, null) : throw new StorageException($"{full} does not exist; give the data folder of a server.");
    }

    /// <summary>Path of one of its files.</summary>
    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock?.Dispose();
}
