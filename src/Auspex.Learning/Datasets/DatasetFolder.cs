using System.IO.Compression;
using System.IO.Enumeration;

namespace Auspex.Learning.Datasets;

/// <summary>The folder a description's file names are relative to. No name leads out of it, not through links either.</summary>
internal sealed class DatasetFolder
{
    private const int MaxNameLength = 500;

    private readonly string _root;

    static DatasetFolder() =>
        // Without it a gzip file that was cut off reads as a shorter one, without a word.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <exception cref="DatasetException">There is no such folder.</exception>
    internal DatasetFolder(string root)
    {
        _root = RealPath(Path.GetFullPath(root), links: 0);
        if (!Directory.Exists(_root))
        {
            throw new DatasetException($"The root folder {root} does not exist; give the folder that the description's file names are relative to.");
        }
    }

    /// <summary>What is wrong with a file name of a description; null when nothing is.</summary>
    internal static string? NameProblem(string name, bool wildcard)
    {
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            return $"must be a path of 1 to {MaxNameLength} characters, no control characters";
        }

        if (name.Contains('\\', StringComparison.Ordinal))
        {
            return "must not have a backslash; folders are separated by /";
        }

        if (name.IndexOfAny([':', '?', '"', '<', '>', '|']) >= 0)
        {
            return "must not have any of : ? \" < > |";
        }

        string[] segments = name.Split('/');
        if (segments.Any(s => s.Trim().Length == 0 || s is "." or ".."))
        {
            return "must stay below the root: a relative path without . and .. segments, such as telemetry/line1.csv";
        }

        int stars = name.Count(c => c == '*');
        return (wildcard ? segments[..^1].Any(s => s.Contains('*', StringComparison.Ordinal)) : stars > 0)
            ? wildcard ? "may have * in its last segment only" : "must name one file, without *"
            : null;
    }

    /// <summary>The files a name of the description stands for, in natural order.</summary>
    /// <exception cref="DatasetException">There is none.</exception>
    internal IReadOnlyList<string> Match(string name)
    {
        if (!name.Contains('*', StringComparison.Ordinal))
        {
            return [name];
        }

        int slash = name.LastIndexOf('/');
        string folder = slash < 0 ? "" : name[..(slash + 1)];
        string pattern = name[(slash + 1)..];
        string path = Resolve(folder.TrimEnd('/'), name);
        string[] matches = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f))
                .Where(f => FileSystemName.MatchesSimpleExpression(pattern, f, ignoreCase: false))]
            : [];
        if (matches.Length == 0)
        {
            throw new DatasetException($"{name}: no file below {_root} matches; correct the name or --root.");
        }

        Array.Sort(matches, CompareNatural);
        return [.. matches.Select(m => folder + m)];
    }

    /// <summary>Opens a file for reading from start to end, through gzip when its name ends in <c>.gz</c>.</summary>
    /// <param name="name">Path below the root, without star.</param>
    /// <param name="stored">The file as stored, for its length and position; owned by the returned stream.</param>
    /// <exception cref="DatasetException">There is no such file, it leads out of the root, or it is not what its name says.</exception>
    internal Stream Open(string name, out FileStream stored)
    {
        string path = Resolve(name, name);
        if (!File.Exists(path))
        {
            throw new DatasetException($"{name}: there is no such file below {_root}; correct the name or --root.");
        }

        try
        {
            stored = new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 1 << 16 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{name}: cannot be read: {e.Message}", e);
        }

        if (!name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return stored;
        }

        Span<byte> magic = stackalloc byte[2];
        int read = stored.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        if (read > 0 && !magic.SequenceEqual<byte>([0x1F, 0x8B]))
        {
            stored.Dispose();
            throw new DatasetException($"{name}: the name ends in .gz but the file is not gzip; rename it or compress it.");
        }

        stored.Position = 0;
        return new GZipStream(stored, CompressionMode.Decompress);
    }

    /// <summary>Numbers inside names compare by value: 2.csv before 10.csv.</summary>
    internal static int CompareNatural(string left, string right)
    {
        int i = 0;
        int j = 0;
        while (i < left.Length && j < right.Length)
        {
            if (char.IsAsciiDigit(left[i]) && char.IsAsciiDigit(right[j]))
            {
                ReadOnlySpan<char> a = Number(left, ref i);
                ReadOnlySpan<char> b = Number(right, ref j);
                int order = a.Length != b.Length ? a.Length - b.Length : a.SequenceCompareTo(b);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (left[i] != right[j])
            {
                return left[i] - right[j];
            }
            else
            {
                i++;
                j++;
            }
        }

        int rest = (left.Length - i) - (right.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(left, right);
    }

    private static ReadOnlySpan<char> Number(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start).TrimStart('0');
    }

    private string Resolve(string relative, string name)
    {
        string path = RealPath(Path.Combine(_root, relative), links: 0);
        string rootWithSeparator = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        if (path != _root && !path.StartsWith(rootWithSeparator, StringComparison.Ordinal))
        {
            throw new DatasetException($"{name}: is a link that leads out of the root {_root}; copy the file below the root or give another --root.");
        }

        return path;
    }

    /// <summary>The path with every link on it followed.</summary>
    private static string RealPath(string path, int links)
    {
        string result = Path.GetPathRoot(path)!;
        foreach (string segment in path[result.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(result, segment);
            string? target = new FileInfo(next).LinkTarget;
            if (target is null)
            {
                result = next;
            }
            else if (links < 40)
            {
                result = RealPath(Path.GetFullPath(target, result), links + 1);
            }
            else
            {
                throw new DatasetException($"{path}: too many links.");
            }
        }

        return result;
    }
}
