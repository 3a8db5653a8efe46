namespace Auspex.Learning.Evaluate;

/// <summary>A file that is written beside its place and moved there whole, so that no reader ever sees half of it, however the process ends.</summary>
internal sealed class DraftFile : IDisposable
{
    // A draft is made first and held a moment later: one this young may have a writer that holds nothing yet. The file system's clock tells, on both sides.
    private static readonly TimeSpan YoungDraft = TimeSpan.FromMinutes(1);

    private readonly string _target;
    private readonly string _draft;

    /// <summary>Begins a draft, and removes drafts of the same file that runs which were killed left behind.</summary>
    /// <param name="path">Where the file will be; one that is there is replaced on completion. Its folder is made when missing.</param>
    internal DraftFile(string path)
    {
        _target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(_target)!;
        Directory.CreateDirectory(folder);
        _draft = $"{_target}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_draft, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        DateTime newest = File.GetLastWriteTimeUtc(_draft) - YoungDraft;
        foreach (string stale in Directory.EnumerateFiles(folder, $"{Path.GetFileName(_target)}.*.tmp").Where(IsDraft))
        {
            if (File.GetLastWriteTimeUtc(stale) < newest)
            {
                RemoveUnlessWritten(stale);
            }
        }
    }

    /// <summary>The draft, to be written.</summary>
    internal FileStream Stream { get; }

    /// <summary>Flushes to disk and moves the draft into its place.</summary>
    internal void Complete()
    {
        Stream.Flush(flushToDisk: true);
        // Moved while it is open: closed, it would look like the draft of a dead process to who writes the same file.
        File.Move(_draft, _target, overwrite: true);
        Stream.Dispose();
    }

    /// <summary>Removes the draft unless it was completed.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose(); // writes out what it holds, which a full disk refuses
        }
        finally
        {
            File.Delete(_draft);
        }
    }

    private bool IsDraft(string path)
    {
        ReadOnlySpan<char> name = path.AsSpan(_target.Length + 1);
        return Guid.TryParseExact(name[..^4], "N", out _);
    }

    // A process that still writes its draft holds it open; what can be opened alone is a dead one's.
    private static void RemoveUnlessWritten(string draft)
    {
        try
        {
            new FileStream(draft, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (IOException)
        {
            // Somebody writes it, or it is gone already: neither is ours to mend.
        }
        catch (UnauthorizedAccessException)
        {
            // Somebody else's file in a shared folder.
        }
    }
}
