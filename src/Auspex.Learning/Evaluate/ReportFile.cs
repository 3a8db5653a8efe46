using System.Text;

namespace Auspex.Learning.Evaluate;

/// <summary>Writes reports so that a reader never sees half of one.</summary>
internal static class ReportFile
{
    /// <summary>Writes beside the target, flushes to disk and moves into place, replacing what is there.</summary>
    internal static void Write(string path, string text)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string temporary = $"{full}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
