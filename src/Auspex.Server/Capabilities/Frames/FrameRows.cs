using System.Globalization;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Server.Wiring;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>A row that was not stored.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Field">Which field, such as <c>time</c> or <c>values.temperature</c>.</param>
/// <param name="Value">What it held, as JSON, at most 100 characters; null when the field is missing.</param>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record RejectedRow(int Index, string Field, string? Value, string Reason);

/// <summary>Rows of a batch, read one by one: a bad one keeps no good one out.</summary>
internal sealed class FrameRows
{
    internal const int MostSignals = 1_000;
    internal const int MostNameLength = 200;
    internal static readonly DateTimeOffset Earliest = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Clocks of devices run ahead by seconds; what is further ahead would hold up everything that waits for its time.
    internal static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(10);

    private readonly long _now;
    private readonly Dictionary<string, string> _assets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _signals = new(StringComparer.Ordinal);

    private FrameRows(DateTimeOffset now) => _now = now.ToUnixTimeMilliseconds();

    /// <summary>The good ones, each with its place in the batch. Their assets are as the sender named them.</summary>
    internal List<(int Index, Frame Frame)> Frames { get; } = [];

    /// <summary>Names of assets, each once.</summary>
    internal IReadOnlyCollection<string> Assets => _assets.Keys;

    /// <summary>Names of signals, each once.</summary>
    internal IReadOnlyCollection<string> Signals => _signals.Keys;

    internal List<RejectedRow> Rejected { get; } = [];

    internal static FrameRows Read(IReadOnlyList<JsonElement> rows, DateTimeOffset now)
    {
        var read = new FrameRows(now);
        for (int i = 0; i < rows.Count; i++)
        {
            (Frame? frame, RejectedRow? rejected) = read.Row(i, rows[i]);
            if (frame is not null)
            {
                read.Frames.Add((i, frame));
            }
            else
            {
                read.Rejected.Add(rejected!);
            }
        }

        return read;
    }

    private (Frame? Frame, RejectedRow? Rejected) Row(int index, JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            return Bad(index, "", row, "A row is an object with asset, time and values.");
        }

        foreach (JsonProperty property in row.EnumerateObject())
        {
            if (property.Name is not ("asset" or "time" or "values" or "quality"))
            {
                return Bad(index, Short(property.Name), property.Value, "Unknown field; a row has asset, time, values and quality.");
            }
        }

        JsonElement asset = Field(row, "asset");
        if (asset.ValueKind != JsonValueKind.String || NameFault(asset.GetString()!) is not null)
        {
            return Bad(index, "asset", asset, asset.ValueKind == JsonValueKind.String ? NameFault(asset.GetString()!)! : "asset must be text.");
        }

        JsonElement time = Field(row, "time");
        if (TimeFault(time, out long unixMs) is { } fault)
        {
            return Bad(index, "time", time, fault);
        }

        JsonElement values = Field(row, "values");
        int count = values.ValueKind == JsonValueKind.Object ? values.GetPropertyCount() : 0;
        return count is < 1 or > MostSignals
            ? Bad(index, "values", values, $"values must be an object of 1 to {MostSignals} signals with their numbers.")
            : Values(index, new AssetId(Once(_assets, asset.GetString()!)), unixMs, values, Field(row, "quality"));
    }

    private (Frame? Frame, RejectedRow? Rejected) Values(int index, AssetId asset, long unixMs, JsonElement values, JsonElement quality)
    {
        int count = values.GetPropertyCount();
        string[] signals = new string[count];
        double[] numbers = new double[count];
        Quality[]? qualities = null;
        int i = 0;
        foreach (JsonProperty property in values.EnumerateObject())
        {
            if (NameFault(property.Name) is { } fault)
            {
                return Bad(index, $"values.{Short(property.Name)}", property.Value, fault);
            }

            signals[i] = Once(_signals, property.Name);
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Number when property.Value.TryGetDouble(out numbers[i]) && double.IsFinite(numbers[i]):
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    numbers[i] = property.Value.GetBoolean() ? 1 : 0;
                    break;
                case JsonValueKind.Null:
                    numbers[i] = double.NaN;
                    (qualities ??= new Quality[count])[i] = Quality.Bad;
                    break;
                case JsonValueKind.Number:
                    return Bad(index, $"values.{signals[i]}", property.Value, $"Too large: a value lies within ±{double.MaxValue.ToString("R", CultureInfo.InvariantCulture)}.");
                default:
                    return Bad(index, $"values.{signals[i]}", property.Value, "Must be a number with a decimal point, true, false, or null for no value; not text.");
            }

            i++;
        }

        return quality.ValueKind == JsonValueKind.Undefined
            ? (new Frame(asset, unixMs, _now, signals, numbers, qualities), null)
            : Qualities(index, new Frame(asset, unixMs, _now, signals, numbers, qualities), quality);
    }

    private static (Frame? Frame, RejectedRow? Rejected) Qualities(int index, Frame frame, JsonElement quality)
    {
        if (quality.ValueKind != JsonValueKind.Object)
        {
            return Bad(index, "quality", quality, "quality must be an object of signals with good, uncertain or bad.");
        }

        Quality[] qualities = frame.Qualities ?? new Quality[frame.Signals.Length];
        foreach (JsonProperty property in quality.EnumerateObject())
        {
            int signal = Array.IndexOf(frame.Signals, property.Name);
            Quality? said = property.Value.ValueKind != JsonValueKind.String ? null : property.Value.GetString() switch
            {
                "good" => Quality.Good,
                "uncertain" => Quality.Uncertain,
                "bad" => Quality.Bad,
                _ => null,
            };
            if (signal < 0 || said is null)
            {
                return Bad(
                    index, $"quality.{Short(property.Name)}", property.Value, signal < 0 ? "No signal of this name is among the values." : "Must be good, uncertain or bad.");
            }

            // What has no value is bad, whatever is said of it.
            qualities[signal] = double.IsNaN(frame.Values[signal]) ? Quality.Bad : said.Value;
        }

        return (frame with { Qualities = qualities.AsSpan().ContainsAnyExcept(Quality.Good) ? qualities : null }, null);
    }

    private string? TimeFault(JsonElement time, out long unixMs)
    {
        unixMs = 0;
        bool read = time.ValueKind switch
        {
            JsonValueKind.Number => time.TryGetInt64(out unixMs),
            JsonValueKind.String => InstantText.TryParse(time.GetString()!, out unixMs),
            _ => false,
        };
        if (!read)
        {
            return $"time must be {InstantText.Forms}.";
        }

        if (unixMs < Earliest.ToUnixTimeMilliseconds())
        {
            return $"Before {Earliest:yyyy-MM-dd}: were seconds sent for milliseconds?";
        }

        return unixMs > _now + (long)MostAhead.TotalMilliseconds
            ? $"More than {MostAhead.TotalMinutes:0} minutes ahead of the server's clock ({DateTimeOffset.FromUnixTimeMilliseconds(_now):yyyy-MM-dd'T'HH:mm:ss'Z'}): set the device's clock, or send milliseconds."
            : null;
    }

    private static string? NameFault(string name) =>
        name.Length is < 1 or > MostNameLength ? $"A name has 1 to {MostNameLength} characters; this one has {name.Length}."
        : name.AsSpan().ContainsAnyInRange('\u0000', '\u001f') || name.AsSpan().ContainsAnyInRange('\u007f', '\u009f') ? "A name has no control characters."
        : null;

    // One text for a name, however many rows say it.
    private static string Once(Dictionary<string, string> names, string name)
    {
        if (!names.TryGetValue(name, out string? known))
        {
            names.Add(name, known = name);
        }

        return known;
    }

    private static JsonElement Field(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement field) ? field : default;

    private static (Frame? Frame, RejectedRow? Rejected) Bad(int index, string field, JsonElement value, string reason) =>
        (null, new RejectedRow(index, field, value.ValueKind == JsonValueKind.Undefined ? null : Short(value.GetRawText()), reason));

    /// <summary>A name as a rejected row shows it.</summary>
    internal static string Quoted(string name) => Short(JsonSerializer.Serialize(name));

    private static string Short(string text) => text.Length <= 100 ? text : text[..100];
}
