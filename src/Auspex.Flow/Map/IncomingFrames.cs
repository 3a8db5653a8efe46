using Auspex.Core.Assets;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>A row that was not stored.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Field">Which field, such as <c>time</c> or <c>values.temperature</c>.</param>
/// <param name="Value">What it held, as JSON, at most 100 characters; null when the field is missing.</param>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record RejectedRow(int Index, string Field, string? Value, string Reason);

/// <summary>Rows of a batch, whatever protocol they came by: the good ones as frames, the others with what is wrong with them.</summary>
/// <param name="now">When they arrived.</param>
public sealed class IncomingFrames(DateTimeOffset now)
{
    /// <summary>Most signals of a frame.</summary>
    public const int MostSignals = 1_000;

    /// <summary>Longest name of an asset or a signal, in characters.</summary>
    public const int MostNameLength = AssetId.MaxLength;

    /// <summary>No frame is older.</summary>
    public static readonly DateTimeOffset Earliest = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Clocks of devices run ahead by seconds; what is further ahead would hold up everything that waits for its time.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, string> _assets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _signals = new(StringComparer.Ordinal);

    /// <summary>When they arrived, milliseconds since 1970.</summary>
    public long NowMs { get; } = now.ToUnixTimeMilliseconds();

    /// <summary>The good ones, each with its place in the batch. Their assets are as the sender named them.</summary>
    public IList<(int Index, Frame Frame)> Frames { get; } = new List<(int, Frame)>();

    /// <summary>The others.</summary>
    public List<RejectedRow> Rejected { get; } = [];

    /// <summary>Names of assets, each once.</summary>
    public IReadOnlyCollection<string> Assets => _assets.Keys;

    /// <summary>Names of signals, each once.</summary>
    public IReadOnlyCollection<string> Signals => _signals.Keys;

    /// <summary>An asset by its name: one text, however many rows say it.</summary>
    public AssetId Asset(string name) => new(Once(_assets, name));

    /// <summary>A signal's name: one text, however many rows say it.</summary>
    public string Signal(string name) => Once(_signals, name);

    /// <summary>What is wrong with a name; null where nothing is.</summary>
    public static string? NameFault(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is < 1 or > MostNameLength ? $"A name has 1 to {MostNameLength} characters; this one has {name.Length}."
            : name.AsSpan().ContainsAnyInRange('\u0000', '\u001f') || name.AsSpan().ContainsAnyInRange('\u007f', '\u009f') ? "A name has no control characters."
            : null;
    }

    /// <summary>What is wrong with an instant; null where nothing is.</summary>
    /// <param name="unixMs">Milliseconds since 1970.</param>
    public string? TimeFault(long unixMs) =>
        unixMs < Earliest.ToUnixTimeMilliseconds() ? $"Before {Earliest:yyyy-MM-dd}: were seconds sent for milliseconds?"
        : unixMs > NowMs + (long)MostAhead.TotalMilliseconds
            ? $"More than {MostAhead.TotalMinutes:0} minutes ahead of the server's clock ({DateTimeOffset.FromUnixTimeMilliseconds(NowMs):yyyy-MM-dd'T'HH:mm:ss'Z'}): set the device's clock, or send milliseconds."
            : null;

    private static string Once(Dictionary<string, string> names, string name)
    {
        if (!names.TryGetValue(name, out string? known))
        {
            names.Add(name, known = name);
        }

        return known;
    }
}
