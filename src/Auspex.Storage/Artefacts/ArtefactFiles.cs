namespace Auspex.Storage.Artefacts;

/// <summary>The sealed files of artefacts: <c>artefacts/ORGANIZATION/ID.VERSION.RANDOM</c> in the data folder. A file counts once a row names it.</summary>
/// <param name="folder">The data folder.</param>
public sealed class ArtefactFiles(DataFolder folder)
{
    /// <summary>Folder of all of them in the data folder.</summary>
    public const string FolderName = "artefacts";

    private readonly Lock _lock = new();
    private readonly List<string> _deleteLater = [];
    private int _keeping;

    /// <summary>Until it is disposed, files that are deleted stay: a copy of an earlier state may name them.</summary>
    public IDisposable Keep()
    {
        lock (_lock)
        {
            _keeping++;
        }

        return new Kept(this);
    }

    /// <summary>Path of an organization's file.</summary>
    internal string PathOf(Guid organization, string file) => Path.Combine(FolderOf(organization), file);

    /// <summary>Names of an organization's files.</summary>
    internal IEnumerable<string> Of(Guid organization) => Directory.Exists(FolderOf(organization)) ? Directory.EnumerateFiles(FolderOf(organization)).Select(path => Path.GetFileName(path)!) : [];

    /// <summary>Organizations that have a folder.</summary>
    internal IEnumerable<Guid> Organizations() => Directory.Exists(folder.PathOf(FolderName))
        ? Directory.EnumerateDirectories(folder.PathOf(FolderName)).Where(path => Guid.TryParseExact(Path.GetFileName(path), "D", out _)).Select(path => Guid.Parse(Path.GetFileName(path)))
        : [];

    /// <summary>Writes a file; it is on the disk when this ends.</summary>
    internal void Write(Guid organization, string file, ReadOnlySpan<byte> content)
    {
        DurableFile.CreateFolder(FolderOf(organization));
        DurableFile.Write(PathOf(organization, file), content);
    }

    /// <summary>Deletes a file, or the whole folder of an organization.</summary>
    internal void Delete(Guid organization, string? file)
    {
        string path = file is null ? FolderOf(organization) : PathOf(organization, file);
        lock (_lock)
        {
            if (_keeping > 0)
            {
                _deleteLater.Add(path);
                return;
            }
        }

        DeleteNow(path);
    }

    private string FolderOf(Guid organization) => Path.Combine(folder.PathOf(FolderName), organization.ToString());

    private static void DeleteNow(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No row names it and its key may be gone: the next start sweeps it.
        }
    }

    private void Release()
    {
        string[] paths;
        lock (_lock)
        {
            if (--_keeping > 0)
            {
                return;
            }

            paths = [.. _deleteLater];
            _deleteLater.Clear();
        }

        Array.ForEach(paths, DeleteNow);
    }

    private sealed class Kept(ArtefactFiles files) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                files.Release();
            }
        }
    }
}
