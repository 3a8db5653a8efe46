using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Auspex.Core.Time;

namespace Auspex.Learning.Evaluate;

/// <summary>The JSON form of evaluation reports: camelCase, durations such as <c>24h</c>, times as ISO 8601 in UTC, null for NaN and for
/// infinite numbers.</summary>
public static class EvaluationJson
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    /// <summary>Writes a report; equal reports give equal text.</summary>
    public static string Write(EvaluationReport report) => JsonSerializer.Serialize(report, Options) + "\n";

    /// <summary>Writes a report to a file: whole or not at all.</summary>
    public static void WriteFile(EvaluationReport report, string path) => ReportFile.Write(path, Write(report));

    /// <summary>Reads a report.</summary>
    /// <exception cref="JsonException">The text is not a report of this form; the message names the place.</exception>
    public static EvaluationReport Read(string json)
    {
        EvaluationReport report = JsonSerializer.Deserialize<EvaluationReport>(json, Options)
            ?? throw new JsonException("An evaluation report is an object, not null.");
        return report.FormatVersion == EvaluationReport.CurrentFormatVersion
            ? report
            : throw new JsonException($"Evaluation form {report.FormatVersion} is not form {EvaluationReport.CurrentFormatVersion}.");
    }

    /// <summary>Reads the figures alone, as a package's manifest holds them.</summary>
    /// <exception cref="JsonException">They are not of this form.</exception>
    public static EvaluationMetrics ReadMetrics(JsonElement metrics) =>
        metrics.Deserialize<EvaluationMetrics>(Options) ?? throw new JsonException("The figures of an evaluation are an object, not null.");

    /// <summary>The JSON Schema of reports, as published in <c>docs/schemas/evaluation.schema.json</c>.</summary>
    public static string Schema()
    {
        var exporter = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, node) =>
            {
                JsonObject schema = node as JsonObject ?? [];
                Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
                if (type == typeof(double))
                {
                    schema["type"] = new JsonArray("number", "null");
                }
                else if (type == typeof(TimeSpan))
                {
                    bool optional = context.TypeInfo.Type != typeof(TimeSpan);
                    schema["type"] = optional ? new JsonArray("string", "null") : "string";
                    schema["pattern"] = "^[0-9]+(ms|s|m|h|d)$";
                }

                if (context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false)
                    .OfType<DescriptionAttribute>().FirstOrDefault() is { } description)
                {
                    schema.Insert(0, "description", description.Description);
                }

                return schema;
            },
        };
        JsonObject exported = Options.GetJsonSchemaAsNode(typeof(EvaluationReport), exporter).AsObject();
        exported.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        exported.Insert(1, "title", "Auspex evaluation report");
        exported.Insert(2, "description", "How well a model foretold what happened; docs/measures.md defines every figure.");
        return exported.ToJsonString(Options) + "\n";
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            NewLine = "\n",
            NumberHandling = JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters =
            {
                new FiniteConverter(),
                new DurationConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DurationText.TryParse(reader.GetString(), out TimeSpan duration)
                ? duration
                : throw new JsonException($"A duration is {DurationText.Expected}.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(DurationText.Format(value));
    }
}
