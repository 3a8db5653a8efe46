namespace Auspex.Server.Wiring;

/// <summary>A half-open range of time as callers write it.</summary>
internal static class InstantRange
{
    /// <summary>What is wrong with a range; null where nothing is.</summary>
    /// <param name="from">First instant, as <see cref="InstantText"/> takes them.</param>
    /// <param name="to">The instant behind the last.</param>
    /// <param name="field">Name of the field that <paramref name="from"/> stands in.</param>
    /// <param name="fromMs">The first, milliseconds since 1970.</param>
    /// <param name="toMs">The one behind the last.</param>
    internal static string? Fault(string from, string to, string field, out long fromMs, out long toMs)
    {
        toMs = 0;
        // Dates of a chart may lie anywhere in the years that a date can have.
        return !InstantText.TryParse(from, out fromMs) ? $"{field}: '{from}' is not {InstantText.Forms}."
            : !InstantText.TryParse(to, out toMs) ? $"to: '{to}' is not {InstantText.Forms}."
            : Math.Min(fromMs, toMs) < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || Math.Max(fromMs, toMs) > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? "from and to lie between the years 1 and 9999."
            : toMs <= fromMs ? $"to ({toMs}) must be later than {field} ({fromMs})."
            : null;
    }
}
