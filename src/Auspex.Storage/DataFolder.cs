using System.Globalization;

namespace Auspex.Storage;

/// <summary>The folder in which one installation keeps its files. One process at a time holds it.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream? _lock;

    private DataFolder(string path, FileStream? held)
    {
        FullPath = path;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>Takes the folder, making it where it is missing: readable by its owner only.</summary>
    /// <exception cref="StorageException">Another process holds it, or it cannot be written.</exception>
    public static DataFolder Hold(string path)
    {
        string full = Path.GetFullPath(path);
        string file = Path.Combine(full, "lock");
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(full);
            }
            else
            {
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            // The lock is the open file, not its presence: it ends with the process, however that ends.
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            held.Flush();
            return new DataFolder(full, held);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new StorageException($"{full} is in use by another process. One process writes a data folder: stop it, or give this one a folder of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{full} cannot be used as a data folder: {e.Message}", e);
        }
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
