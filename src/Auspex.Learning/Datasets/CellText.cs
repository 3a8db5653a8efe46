using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>Cells as text for people, and what a name may be.</summary>
internal static class CellText
{
    /// <summary>Longest text of a cell in a message or report, in characters.</summary>
    internal const int MaxShown = 80;

    /// <summary>At most <see cref="MaxShown"/> characters of a text, control characters written as <c>\u0000</c>.</summary>
    internal static string Shown(string text)
    {
        string cut = text.Length > MaxShown ? text[..(MaxShown - 1)] + "…" : text;
        if (!cut.Any(char.IsControl))
        {
            return cut;
        }

        var shown = new StringBuilder();
        foreach (char c in cut)
        {
            shown.Append(char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString());
        }

        return shown.Length > MaxShown ? shown.ToString(0, MaxShown - 1) + "…" : shown.ToString();
    }

    /// <summary>At most <see cref="MaxShown"/> characters of a UTF-8 cell.</summary>
    internal static string Shown(ReadOnlySpan<byte> cell) =>
        Shown(Encoding.UTF8.GetString(cell[..Math.Min(cell.Length, 4 * MaxShown)]));

    /// <summary>True when a text can be a name: 1 to <paramref name="maxLength"/> characters, none of them a control character.</summary>
    internal static bool IsName(ReadOnlySpan<char> text, int maxLength)
    {
        if (text.IsEmpty || text.Length > maxLength)
        {
            return false;
        }

        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A list for a message: the first names and how many more there are.</summary>
    internal static string List(IReadOnlyCollection<string> names, int most = 10)
    {
        string text = string.Join(", ", names.Take(most).Select(Shown));
        return names.Count > most ? $"{text} and {names.Count - most} more" : text;
    }
}
