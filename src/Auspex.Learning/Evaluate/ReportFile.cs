using System.Text;

namespace Auspex.Learning.Evaluate;

/// <summary>Writes reports so that a reader never sees half of one.</summary>
internal static class ReportFile
{
    /// <summary>Writes beside the target, flushes to disk and moves into place, replacing what is there.</summary>
    internal static void Write(string path, string text)
    {
        using var draft = new DraftFile(path);
        draft.Stream.Write(Encoding.UTF8.GetBytes(text));
        draft.Complete();
    }
}
