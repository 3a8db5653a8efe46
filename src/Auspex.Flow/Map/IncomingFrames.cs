using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>A row that was not stored.</summary>
/// <param name="Index">Its place in the batch, as its protocol counts: rows of JSON from 0, lines from 1.</param>
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
    private readonly Dictionary<int, List<int>> _further = [];

    /// <summary>When they arrived, milliseconds since 1970.</summary>
    public long NowMs { get; } = now.ToUnixTimeMilliseconds();

    /// <summary>The good ones, each with its place in the batch. Their assets are as the sender named them.</summary>
    public IList<(int Index, Frame Frame)> Frames { get; } = new List<(int, Frame)>();

    /// <summary>Values of the good ones.</summary>
    public long Values
    {
        get
        {
            long values = 0;
            foreach ((_, Frame frame) in Frames)
            {
                values += frame.Values.Length;
            }

            return values;
        }
    }

    /// <summary>The others.</summary>
    public List<RejectedRow> Rejected { get; } = [];

    /// <summary>Names of assets, each once.</summary>
    public IReadOnlyCollection<string> Assets => _assets.Keys;

    /// <summary>Names of signals, each once.</summary>
    public IReadOnlyCollection<string> Signals => _signals.Keys;

    /// <summary>Puts mapped frames in the place of those that came.</summary>
    internal void Replace(IReadOnlyList<(int Index, Frame Frame)> mapped)
    {
        Frames.Clear();
        _signals.Clear();
        string[] last = [];
        foreach ((int index, Frame frame) in mapped)
        {
            Frames.Add((index, frame));
            if (!ReferenceEquals(last, frame.Signals))
            {
                last = frame.Signals;
                foreach (string signal in last)
                {
                    Signal(signal);
                }
            }
        }
    }

    /// <summary>All rows of the batch that are in the frame which begins with one.</summary>
    public IEnumerable<int> RowsOf(int index) => _further.TryGetValue(index, out List<int>? further) ? further.Prepend(index) : [index];

    /// <summary>Takes readings in: those of one asset and instant are one frame; of one signal twice the last counts.</summary>
    /// <param name="readings">In the order they were received. What is wrong with one keeps the rest of its row out.</param>
    public void Add(IEnumerable<RawReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        var frames = new Dictionary<(AssetId Asset, long TimeMs), (int Row, Dictionary<string, double> Values)>();
        int rejected = -1;
        foreach (RawReading reading in readings)
        {
            long timeMs = reading.TimeUnixMs ?? NowMs;
            if (reading.Row == rejected || Fault(reading, timeMs) is { } fault && Reject(reading.Row, fault.Field, fault.Reason))
            {
                rejected = reading.Row;
                continue;
            }

            (AssetId, long) key = (Asset(reading.Asset), timeMs);
            if (!frames.TryGetValue(key, out (int Row, Dictionary<string, double> Values) frame))
            {
                frames.Add(key, frame = (reading.Row, new Dictionary<string, double>(StringComparer.Ordinal)));
            }

            if (frame.Values.Count >= MostSignals && !frame.Values.ContainsKey(reading.Signal))
            {
                rejected = Reject(reading.Row, "values", $"A frame has {MostSignals} signals at most; what is said of one asset and instant is one frame.") ? reading.Row : rejected;
                continue;
            }

            frame.Values[Signal(reading.Signal)] = reading.Value;
            if (frame.Row != reading.Row)
            {
                Further(frame.Row, reading.Row);
            }
        }

        // One set of names for frames that say the same signals.
        string[] last = [];
        foreach (((AssetId asset, long timeMs), (int row, Dictionary<string, double> values)) in frames)
        {
            last = values.Keys.SequenceEqual(last, StringComparer.Ordinal) ? last : [.. values.Keys];
            double[] numbers = [.. values.Values];
            Frames.Add((row, new Frame(asset, timeMs, NowMs, last, numbers, Array.Exists(numbers, double.IsNaN) ? Array.ConvertAll(numbers, value => double.IsNaN(value) ? Quality.Bad : Quality.Good) : null)));
        }
    }

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

    private (string Field, string Reason)? Fault(RawReading reading, long timeMs) =>
        NameFault(reading.Asset) is { } ofAsset ? ("asset", ofAsset)
        : TimeFault(timeMs) is { } ofTime ? ("time", ofTime)
        : NameFault(reading.Signal) is { } ofSignal ? ("signal", ofSignal)
        : null;

    private void Further(int first, int row)
    {
        if (!_further.TryGetValue(first, out List<int>? rows))
        {
            _further.Add(first, rows = []);
        }

        // The readings of a row come one behind the other.
        if (rows.Count == 0 || rows[^1] != row)
        {
            rows.Add(row);
        }
    }

    private bool Reject(int row, string field, string reason)
    {
        Rejected.Add(new RejectedRow(row, field, null, reason));
        return true;
    }

    private static string Once(Dictionary<string, string> names, string name)
    {
        if (!names.TryGetValue(name, out string? known))
        {
            names.Add(name, known = name);
        }

        return known;
    }
}
