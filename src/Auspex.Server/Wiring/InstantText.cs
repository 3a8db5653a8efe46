using System.Globalization;

namespace Auspex.Server.Wiring;

/// <summary>Instants as senders write them: ISO 8601 with zone, or milliseconds since 1970.</summary>
internal static class InstantText
{
    internal const string Forms = "an ISO 8601 time with zone (2026-05-01T12:00:00Z) or milliseconds since 1970";

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    internal static bool TryParse(string text, out long unixMs)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out unixMs))
        {
            return true;
        }

        // Without a zone it would be taken for the server's.
        bool zoned = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!zoned || !DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset instant))
        {
            return false;
        }

        unixMs = instant.ToUnixTimeMilliseconds();
        return true;
    }
}
