using System.Text;

namespace Auspex.Server.Capabilities.Documents;

/// <summary>Types of files that are taken, and whether a content is one: nothing that a browser would run.</summary>
internal static class MediaTypes
{
    internal static readonly IReadOnlyDictionary<string, string> OfEnding = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".pdf"] = "application/pdf",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".txt"] = "text/plain",
        [".csv"] = "text/csv",
    };

    /// <summary>Whether a content begins, or is, as its type says.</summary>
    internal static bool Fits(string mediaType, ReadOnlySpan<byte> content) => mediaType switch
    {
        "application/pdf" => content.StartsWith("%PDF-"u8),
        "image/png" => content.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]),
        "image/jpeg" => content.StartsWith<byte>([0xFF, 0xD8, 0xFF]),
        _ => IsText(content),
    };

    private static bool IsText(ReadOnlySpan<byte> content) => content.IndexOf((byte)0) < 0 && System.Text.Unicode.Utf8.IsValid(content)
        && !StartsLikeMarkup(content);

    // A text that begins with a tag is taken for a page by what guesses.
    private static bool StartsLikeMarkup(ReadOnlySpan<byte> content) =>
        Encoding.UTF8.GetString(content[..Math.Min(content.Length, 1024)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('<');
}
