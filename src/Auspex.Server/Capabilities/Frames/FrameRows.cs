using System.Globalization;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Flow.Map;
using Auspex.Server.Wiring;
using Auspex.Storage.Quarantine;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>Reads rows of a JSON batch one by one: a bad one keeps no good one out.</summary>
internal readonly struct FrameRows
{
    private readonly IncomingFrames _incoming;

    private FrameRows(IncomingFrames incoming) => _incoming = incoming;

    internal static IncomingFrames Read(IReadOnlyList<JsonElement> rows, DateTimeOffset now)
    {
        var incoming = new IncomingFrames(now);
        var read = new FrameRows(incoming);
        for (int i = 0; i < rows.Count; i++)
        {
            (Frame? frame, RejectedRow? rejected) = read.Row(i, rows[i]);
            if (frame is not null)
            {
                incoming.Frames.Add((i, frame));
            }
            else
            {
                incoming.Rejected.Add(rejected!);
            }
        }

        return incoming;
    }

    /// <summary>A row that was rejected, as it is kept.</summary>
    internal static RefusedRow Refused(JsonElement row, RejectedRow rejected)
    {
        JsonElement asset = row.ValueKind == JsonValueKind.Object ? Field(row, "asset") : default;
        return new RefusedRow(
            "json", null, asset.ValueKind == JsonValueKind.String && IncomingFrames.NameFault(asset.GetString()!) is null ? asset.GetString() : null,
            rejected.Field, rejected.Reason, row.GetRawText(), IsTimed: true);
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
        if (asset.ValueKind != JsonValueKind.String || IncomingFrames.NameFault(asset.GetString()!) is not null)
        {
            return Bad(index, "asset", asset, asset.ValueKind == JsonValueKind.String ? IncomingFrames.NameFault(asset.GetString()!)! : "asset must be text.");
        }

        JsonElement time = Field(row, "time");
        if (TimeFault(time, out long unixMs) is { } fault)
        {
            return Bad(index, "time", time, fault);
        }

        JsonElement values = Field(row, "values");
        int count = values.ValueKind == JsonValueKind.Object ? values.GetPropertyCount() : 0;
        return count is < 1 or > IncomingFrames.MostSignals
            ? Bad(index, "values", values, $"values must be an object of 1 to {IncomingFrames.MostSignals} signals with their numbers.")
            : Values(index, _incoming.Asset(asset.GetString()!), unixMs, values, Field(row, "quality"));
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
            if (IncomingFrames.NameFault(property.Name) is { } fault)
            {
                return Bad(index, $"values.{Short(property.Name)}", property.Value, fault);
            }

            signals[i] = _incoming.Signal(property.Name);
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
            ? (new Frame(asset, unixMs, _incoming.NowMs, signals, numbers, qualities), null)
            : Qualities(index, new Frame(asset, unixMs, _incoming.NowMs, signals, numbers, qualities), quality);
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

        return _incoming.TimeFault(unixMs);
    }

    private static JsonElement Field(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement field) ? field : default;

    private static (Frame? Frame, RejectedRow? Rejected) Bad(int index, string field, JsonElement value, string reason) =>
        (null, new RejectedRow(index, field, value.ValueKind == JsonValueKind.Undefined ? null : Short(value.GetRawText()), reason));

    private static string Short(string text) => text.Length <= 100 ? text : text[..100];
}
