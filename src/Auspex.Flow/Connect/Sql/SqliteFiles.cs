namespace Auspex.Flow.Connect.Sql;

/// <summary>Which files of SQLite an organization's sources may read: those below a folder of its own, and nothing that a name or a link leads to elsewhere.</summary>
public static class SqliteFiles
{
    /// <summary>Folder of all organizations' files in the data folder; one folder an organization below it, named by its id.</summary>
    public const string FolderName = "sources";

    private const int MostLength = 200;

    /// <summary>What is wrong with a path as a person wrote it; null where nothing is.</summary>
    public static string? Fault(string? file) =>
        string.IsNullOrWhiteSpace(file) ? "file is missing."
        : file.Length > MostLength ? $"file has {file.Length} characters; at most {MostLength} are taken."
        : file.Any(char.IsControl) || file.AsSpan().IndexOfAny('\\', ':', '|') >= 0 || file.StartsWith('/') || file.Split('/').Any(part => part is "" or "." or "..")
            ? "file must be a path below the organization's folder of sources, such as scada.db: no /, . or .. to begin a part with nothing behind it, no \\ and no :."
        : null;

    /// <summary>The file itself.</summary>
    /// <param name="folder">Of the organization.</param>
    /// <param name="file">As a person wrote it.</param>
    /// <exception cref="SqlSourceException">It is none that may be read.</exception>
    internal static string PathOf(string folder, string file)
    {
        if (Fault(file) is { } fault)
        {
            throw new SqlSourceException(fault, needsPerson: true);
        }

        string path = folder;
        foreach (string part in file.Split('/'))
        {
            path = Path.Combine(path, part);
            FileSystemInfo entry = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (entry.LinkTarget is not null)
            {
                throw new SqlSourceException($"file: {file} leads through a link, which is not followed; put the file itself into the organization's folder of sources.", needsPerson: true);
            }
        }

        return File.Exists(path)
            ? path
            : throw new SqlSourceException($"file: there is no {file} in the organization's folder of sources ({FolderName}/{Path.GetFileName(folder)} in the data folder).", needsPerson: false);
    }
}
