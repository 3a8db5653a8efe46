using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Predictions;
using Auspex.Core.Time;

namespace Auspex.Models.Package;

/// <summary>The JSON form of a manifest: camelCase, indented, every key known and there once. The same manifest gives the same bytes.</summary>
public static class ManifestJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the file is never part of a page; names stay legible
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters =
        {
            new TaskConverter(),
            new DurationConverter(),
            new UtcConverter(),
            new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    };

    /// <summary>Writes a manifest, in UTF-8 with a final line feed.</summary>
    /// <exception cref="JsonException">A duration is negative, too long or no whole number of milliseconds, or a number is not
    /// finite.</exception>
    public static byte[] Write(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in manifest.Training.Parameters)
        {
            sorted.Add(name, value);
        }

        ModelManifest ordered = manifest with { Training = manifest.Training with { Parameters = sorted } };
        return [.. JsonSerializer.SerializeToUtf8Bytes(ordered, Options), (byte)'\n'];
    }

    /// <summary>Reads a manifest. Its values are not checked here, only its form.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is no manifest: a key is unknown, missing or given twice, or a value of another kind.</exception>
    public static ModelManifest Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ModelManifest>(json, Options) ?? throw new JsonException("The manifest is null.");

    private sealed class TaskConverter : JsonConverter<PredictionTask>
    {
        public override PredictionTask Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is not { } word ? throw new JsonException("The task is null.")
            : PredictionTaskWords.Of(word) ?? throw new JsonException($"Task '{word}' is none of failure, rul and anomaly.");

        public override void Write(Utf8JsonWriter writer, PredictionTask value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Word());
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DurationText.TryParse(reader.GetString(), out TimeSpan duration)
                ? duration
                : throw new JsonException($"'{reader.GetString()}' is no duration; needed is {DurationText.Expected}.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
        {
            string text = DurationText.Format(value);
            if (!DurationText.TryParse(text, out TimeSpan back) || back != value)
            {
                throw new JsonException($"The duration {value} cannot be written: needed are whole milliseconds, 0 to {DurationText.Longest}.");
            }

            writer.WriteStringValue(text);
        }
    }

    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TryGetDateTimeOffset(out DateTimeOffset time) && time.Offset == TimeSpan.Zero
                ? time
                : throw new JsonException($"'{reader.GetString()}' is no time in UTC, such as 2026-01-31T12:00:00Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime); // ends in Z
    }
}
