namespace Auspex.Learning.Evaluate.Html;

/// <summary>One table of the page. The first cell of a row is its header. A column header that starts with <c>#</c> is of numbers, with
/// <c>@</c> of times, with <c>~</c> of sentences.</summary>
internal sealed class PageTable
{
    /// <summary>Longest table of things that may be many; the JSON has all of them.</summary>
    internal const int MostRows = 400;

    private readonly HtmlText _page;
    private readonly string[] _classes;

    internal PageTable(HtmlText page, string caption, params string[] headers)
    {
        _page = page;
        _classes = [.. headers.Select(h => h[0] switch { '#' => "n", '@' => "t", '~' => "w", _ => "" })];
        page.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>""");
        for (int column = 0; column < headers.Length; column++)
        {
            page.Add($"""<th scope="col" class="{_classes[column]}">{headers[column].TrimStart('#', '@', '~')}</th>""");
        }

        page.AddConstant("</tr></thead><tbody>\n");
    }

    /// <summary>A row.</summary>
    /// <param name="header">Text, or a piece of page.</param>
    /// <param name="cells">The same, one for each further column.</param>
    internal void Row(object header, params object[] cells)
    {
        _page.Add($"""<tr><th scope="row">{header}</th>""");
        for (int column = 1; column < _classes.Length; column++)
        {
            _page.Add($"""<td class="{_classes[column]}">{cells[column - 1]}</td>""");
        }

        _page.AddConstant("</tr>\n");
    }

    internal void End() => _page.AddConstant("</tbody></table></div>");

    /// <summary>What a caption adds when a table of <paramref name="all"/> rows is cut.</summary>
    internal static string Cut(int all) =>
        all > MostRows ? $" (the first {MostRows} of {Words.Count(all)}; evaluation.json has all)" : "";
}
