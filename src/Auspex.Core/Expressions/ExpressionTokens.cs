using System.Globalization;

namespace Auspex.Core.Expressions;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    Number,
    Name,
    Sign,
    End,
}

/// <summary>One word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; empty at the end.</param>
/// <param name="Column">Where it begins, the first character being 1.</param>
/// <param name="Number">Value of a number.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Column, double Number)
{
    internal bool Is(string text) => Kind != TokenKind.Number && Text == text;

    internal string Shown => Kind == TokenKind.End ? "the end" : $"'{Text}'";
}

/// <summary>Cuts an expression into tokens.</summary>
internal static class ExpressionTokens
{
    private const string Signs = "+-*/^(),<>";

    /// <exception cref="ExpressionException">A character belongs to nothing, or a number is too large.</exception>
    internal static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (c is ' ' or '\t')
            {
                at++;
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                tokens.Add(Number(text, ref at));
            }
            else if (char.IsAsciiLetter(c) || c == '_')
            {
                int start = at;
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
                {
                    at++;
                }

                tokens.Add(new Token(TokenKind.Name, text[start..at], start + 1, double.NaN));
            }
            else
            {
                string sign = Sign(text, at);
                tokens.Add(new Token(TokenKind.Sign, sign, at + 1, double.NaN));
                at += sign.Length;
            }
        }

        tokens.Add(new Token(TokenKind.End, "", text.Length + 1, double.NaN));
        return tokens;
    }

    private static Token Number(string text, ref int at)
    {
        int start = at;
        Digits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            Digits(text, ref at);
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            int exponent = at + 1 < text.Length && text[at + 1] is '+' or '-' ? at + 2 : at + 1;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                at = exponent;
                Digits(text, ref at);
            }
        }

        string number = text[start..at];
        double value = double.Parse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        return double.IsFinite(value)
            ? new Token(TokenKind.Number, number, start + 1, value)
            : throw new ExpressionException(start + 1, "the number is too large; the largest is about 1.8e308");
    }

    private static void Digits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
    }

    private static string Sign(string text, int at)
    {
        string two = text.Substring(at, Math.Min(2, text.Length - at));
        if (two is "<=" or ">=" or "==" or "!=")
        {
            return two;
        }

        char c = text[at];
        if (Signs.Contains(c, StringComparison.Ordinal))
        {
            return two[..1];
        }

        string advice = c switch
        {
            '=' => "'=' compares nothing; write '=='",
            '!' => "'!' is not known; write 'not', or '!='",
            '&' => "'&' is not known; write 'and'",
            '|' => "'|' is not known; write 'or'",
            '.' => "'.' begins no number; write a digit behind it",
            _ when char.IsControl(c) || char.IsSurrogate(c) => string.Create(CultureInfo.InvariantCulture, $"character U+{(int)c:X4} is not known here"),
            _ => $"'{c}' is not known here; signals are named in letters, digits and underscores",
        };
        throw new ExpressionException(at + 1, advice);
    }
}
