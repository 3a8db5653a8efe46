using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace Auspex.Server.Wiring;

/// <summary>A text that people write and read: not blank, not longer than a limit, whole characters, nothing that controls a terminal or turns the direction
/// of what is around it. Null passes; say Required too.</summary>
/// <param name="most">Most characters.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class PlainTextAttribute(int most) : ValidationAttribute
{
    /// <summary>Most characters.</summary>
    public int Most => most;

    /// <summary>Whether lines may be broken.</summary>
    public bool Lines { get; init; }

    /// <summary>Whether it may be empty, as a change that clears it says.</summary>
    public bool Clears { get; init; }

    /// <summary>What is wrong with a text; null where nothing is.</summary>
    public static string? Fault(string text, int most, bool lines = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return "is blank";
        }

        if (text.Length > most)
        {
            return $"has {text.Length} characters; at most {most} are taken";
        }

        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) && !(i > 0 && char.IsHighSurrogate(text[i - 1])))
            {
                return $"has half a character at {i}";
            }

            bool controls = char.IsControl(c) && !(lines && c is '\n' or '\r' or '\t');
            if (controls || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u2028' or '\u2029' or '\uFEFF')
            {
                return $"has the control character U+{((int)c).ToString("X4", CultureInfo.InvariantCulture)} at {i}; leave it out";
            }
        }

        return null;
    }

    /// <summary>A text as it is shown in a message: its beginning, without what controls.</summary>
    public static string Shown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shown = new StringBuilder();
        foreach (Rune rune in text.AsSpan(0, Math.Min(text.Length, 40)).EnumerateRunes())
        {
            shown.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format ? "·" : rune.ToString());
        }

        return text.Length > 40 ? $"{shown}…" : shown.ToString();
    }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        return value switch
        {
            null or "" when value is null || Clears => ValidationResult.Success,
            string text => Said(Fault(text, most, Lines), validationContext),
            IEnumerable<string> texts => Said(texts.Select(text => Fault(text, most, Lines)).FirstOrDefault(fault => fault is not null), validationContext),
            _ => throw new System.Diagnostics.UnreachableException("bug: not a text"),
        };
    }

    private static ValidationResult? Said(string? fault, ValidationContext context) =>
        fault is null ? ValidationResult.Success : new ValidationResult($"{context.DisplayName} {fault}.", context.MemberName is { } name ? [name] : []);
}
