using System.Globalization;

namespace Auspex.Core.Expressions;

/// <summary>Cuts the text of a unit into named units and their exponents.</summary>
internal static class UnitText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>Names with exponents, each name once; null when the text is no product of names.</summary>
    internal static List<(UnitSymbol Symbol, double Exponent)>? Read(string text)
    {
        var factors = new List<(UnitSymbol Symbol, double Exponent)>();
        int at = 0;
        bool divides = false;
        bool isDue = text.Length > 0; // a name, after a slash or a dot
        while (at < text.Length)
        {
            if (text[at] is ' ' or '·' or '*' or '/')
            {
                if (text[at] != ' ' && isDue)
                {
                    return null;
                }

                isDue |= text[at] != ' ';
                divides |= text[at] == '/';
                at++;
                continue;
            }

            int start = at;
            while (at < text.Length && (char.IsLetter(text[at]) || text[at] is '°' or '%' or '_'))
            {
                at++;
            }

            string name = text[start..at];
            bool isOne = name.Length == 0 && text[at] == '1' && (at + 1 == text.Length || text[at + 1] is ' ' or '/' or '·' or '*');
            if (isOne)
            {
                at++;
            }
            else if (name.Length == 0 || !ReadExponent(text, ref at, out int exponent))
            {
                return null;
            }
            else
            {
                Add(factors, UnitSymbols.Of(name), divides ? -exponent : exponent);
            }

            divides = false;
            isDue = false;
        }

        return isDue ? null : factors;
    }

    private static void Add(List<(UnitSymbol Symbol, double Exponent)> factors, UnitSymbol symbol, int exponent)
    {
        int same = factors.FindIndex(f => f.Symbol.Name == symbol.Name);
        if (same < 0)
        {
            factors.Add((symbol, exponent));
        }
        else
        {
            factors[same] = (symbol, factors[same].Exponent + exponent);
        }
    }

    /// <summary>Reads <c>2</c>, <c>-1</c>, <c>^2</c>, <c>²</c> or nothing behind a name; false when the exponent is no digit.</summary>
    private static bool ReadExponent(string text, ref int at, out int exponent)
    {
        exponent = 1;
        int from = at;
        bool isWritten = at < text.Length && text[at] == '^';
        at += isWritten ? 1 : 0;
        bool isNegative = at < text.Length && text[at] is '-' or '⁻';
        at += isNegative ? 1 : 0;
        if (at < text.Length && (char.IsAsciiDigit(text[at]) || Superscripts.Contains(text[at], StringComparison.Ordinal)))
        {
            int superscript = Superscripts.IndexOf(text[at], StringComparison.Ordinal);
            exponent = superscript >= 0 ? superscript : int.Parse(text.AsSpan(at, 1), CultureInfo.InvariantCulture);
            at++;
        }
        else if (at > from)
        {
            return false;
        }

        exponent = isNegative ? -exponent : exponent;
        return at == text.Length || text[at] is ' ' or '/' or '·' or '*';
    }
}
