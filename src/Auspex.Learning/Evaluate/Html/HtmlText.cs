using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>Builds a page of which every inserted text is escaped: <c>Add</c> takes an interpolated string whose literal parts are markup and
/// whose holes are text. Numbers are invariant.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _page = new();

    /// <summary>Adds markup; holes of type string are escaped, numbers are written invariantly.</summary>
    internal HtmlText Add(FormattableString markup)
    {
        object?[] holes = markup.GetArguments();
        object[] safe = new object[holes.Length];
        for (int i = 0; i < holes.Length; i++)
        {
            safe[i] = holes[i] switch
            {
                null => "",
                HtmlText inner => inner.ToString(),
                IFormattable number => number,
                object text => Escape(text.ToString() ?? ""),
            };
        }

        _page.AppendFormat(CultureInfo.InvariantCulture, markup.Format, safe);
        return this;
    }

    /// <summary>Adds markup known at compile time, braces and all.</summary>
    internal HtmlText AddConstant(string markup)
    {
        _page.Append(markup);
        return this;
    }

    /// <summary>Adds a piece built before.</summary>
    internal HtmlText Add(HtmlText piece)
    {
        _page.Append(piece._page);
        return this;
    }

    /// <summary>Text for elements and quoted attributes. Direction marks are shown as their code, so that a name cannot turn the words
    /// around it.</summary>
    internal static string Escape(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            bool hidden = char.IsControl(c) || c is >= '\u200B' and <= '\u200F' or >= '\u202A' and <= '\u202E' or >= '\u2060' and <= '\u206F'
                or '\uFEFF';
            if (hidden)
            {
                plain.Append(CultureInfo.InvariantCulture, $"[U+{(int)c:X4}]");
            }
            else
            {
                plain.Append(c);
            }
        }

        return HtmlEncoder.Default.Encode(plain.ToString());
    }

    public override string ToString() => _page.ToString();
}
