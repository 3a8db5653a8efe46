using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;
using Auspex.Models.Detectors;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>The published JSON schema of descriptions, made from the records and their XML docs.</summary>
internal static partial class DescriptionSchema
{
    internal static string FilePath => Path.Combine(Repository.Root, "docs", "schemas", "dataset.schema.json");

    internal static string Generate()
    {
        var members = new[] { typeof(DatasetDescription), typeof(SignalKind), typeof(DetectorKind) }
            .SelectMany(t => XDocument.Load(Path.ChangeExtension(t.Assembly.Location, ".xml")).Descendants("member"))
            .Where(m => !m.Attribute("name")!.Value.Contains(".Generated.", StringComparison.Ordinal)) // the same helper in each assembly
            .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary"));
        var exporter = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Describe(context, node, members),
        };
        JsonObject schema = DatasetDescriptionReader.JsonOptions.GetJsonSchemaAsNode(typeof(DatasetDescription), exporter).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Auspex data set description");
        var written = new JsonSerializerOptions(JsonSerializerOptions.Default) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        return schema.ToJsonString(written) + "\n";
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node, Dictionary<string, XElement?> members)
    {
        MemberInfo member = context.PropertyInfo?.AttributeProvider is PropertyInfo property ? property : context.TypeInfo.Type;
        string key = member is PropertyInfo p ? $"P:{p.DeclaringType!.FullName}.{p.Name}" : $"T:{((Type)member).FullName}";
        if (node is not JsonObject schema || !members.TryGetValue(key, out XElement? summary) || summary is null)
        {
            return node;
        }

        string text = Text(summary);
        Type value = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (value.IsEnum)
        {
            text += " " + string.Join(" ", Enum.GetNames(value).Select(n => $"{JsonNamingPolicy.CamelCase.ConvertName(n)}: {Text(members[$"F:{value.FullName}.{n}"]!)}"));
        }

        schema.Remove("description");
        schema.Insert(0, "description", text);
        return schema;
    }

    /// <summary>Summary as plain text; references to properties as the keys they are in JSON.</summary>
    private static string Text(XElement summary)
    {
        string text = string.Concat(summary.Nodes().Select(n => n switch
        {
            XElement { Name.LocalName: "see" } see => JsonNamingPolicy.CamelCase.ConvertName(see.Attribute("cref")!.Value.Split('.')[^1]),
            XElement element => element.Value,
            _ => n.ToString(),
        }));
        return Blanks().Replace(System.Net.WebUtility.HtmlDecode(text), " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
