using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Auspex.Core.Csv;

/// <summary>Rows of comma-separated values (RFC 4180: lines end in CR LF) in UTF-8 that a spreadsheet opens without running any of it.</summary>
/// <remarks>A text that begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, one of their full-width forms, a tab or a line break, with or without blanks before it, is taken
/// for a formula by one spreadsheet or another (OWASP, CSV Injection); one that holds NUL is cut there by some. Such a text, and one that begins with an apostrophe, is
/// written with an apostrophe before it. Whoever reads takes one apostrophe off the beginning of a text and has what was written. Numbers and times are never marked.</remarks>
/// <param name="output">Where the bytes go; nothing else is held.</param>
/// <param name="separator">Stands between cells: <c>,</c> or <c>;</c>. A text that holds either is quoted, however the file is opened.</param>
public sealed class CsvWriter(IBufferWriter<byte> output, char separator = ',')
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // No number or time is longer.
    private const int MostBytes = 32;

    private static readonly SearchValues<char> Formulas = SearchValues.Create("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20");
    private static readonly SearchValues<char> Special = SearchValues.Create("\",;\t\r\n\0");

    private bool _isInRow;

    /// <summary>A cell of text; nothing at all for null and for an empty text. Half a surrogate pair becomes U+FFFD.</summary>
    public void Text(string? text)
    {
        Begin();
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        bool marked = IsMarked(text);
        if (!text.AsSpan().ContainsAny(Special) && text[0] != ' ' && text[^1] != ' ')
        {
            Write(marked ? $"'{text}" : text);
            return;
        }

        string inner = text.Replace("\"", "\"\"", StringComparison.Ordinal);
        Write(marked ? $"\"'{inner}\"" : $"\"{inner}\"");
    }

    /// <summary>A number with all its digits and a decimal point; nothing where it is not finite.</summary>
    public void Number(double value)
    {
        Begin();
        if (double.IsFinite(value))
        {
            Write(value, default);
        }
    }

    /// <summary>An instant as RFC 3339 in UTC, with milliseconds; nothing for null.</summary>
    public void Time(DateTimeOffset? instant)
    {
        Begin();
        if (instant is { } time)
        {
            Write(time.UtcDateTime, TimeFormat);
        }
    }

    /// <summary>Ends a row.</summary>
    public void EndRow()
    {
        output.Write("\r\n"u8);
        _isInRow = false;
    }

    private static bool IsMarked(string text)
    {
        ReadOnlySpan<char> start = text.AsSpan().TrimStart(' ');
        return text[0] == '\'' || (start.Length > 0 && Formulas.Contains(start[0])) || text.Contains('\0', StringComparison.Ordinal);
    }

    private void Begin()
    {
        if (_isInRow)
        {
            output.GetSpan(1)[0] = (byte)separator;
            output.Advance(1);
        }

        _isInRow = true;
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    private void Write<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        if (!value.TryFormat(output.GetSpan(MostBytes), out int written, format, CultureInfo.InvariantCulture))
        {
            throw new UnreachableException($"bug: {value} is longer than {MostBytes} bytes");
        }

        output.Advance(written);
    }
}
