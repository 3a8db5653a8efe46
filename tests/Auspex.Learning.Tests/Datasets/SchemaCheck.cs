using System.Text.Json;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>As much of JSON schema as the published one uses: type, required, properties, additionalProperties false, enum, items and references
/// into the same file. It knows no other keyword, and says so when it meets one.</summary>
internal static class SchemaCheck
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default"];

    internal static List<string> Errors(JsonElement schema, JsonElement value)
    {
        var errors = new List<string>();
        Check(schema, schema, value, "", errors);
        return errors;
    }

    private static void Check(JsonElement root, JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject().Where(k => !Annotations.Contains(k.Name)))
        {
            switch (keyword.Name)
            {
                case "$ref":
                    Check(root, Resolve(root, keyword.Value.GetString()!), value, path, errors);
                    break;
                case "type":
                    string[] types = keyword.Value.ValueKind == JsonValueKind.Array
                        ? [.. keyword.Value.EnumerateArray().Select(t => t.GetString()!)] : [keyword.Value.GetString()!];
                    bool isWhole = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _);
                    if (!types.Contains(TypeOf(value)) && !(isWhole && types.Contains("integer")))
                    {
                        errors.Add($"{path}: {TypeOf(value)} is none of {string.Join(", ", types)}");
                    }

                    break;
                case "enum":
                    if (!keyword.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)))
                    {
                        errors.Add($"{path}: {value} is not in the list");
                    }

                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    errors.AddRange(keyword.Value.EnumerateArray().Select(k => k.GetString()!).Where(k => !value.TryGetProperty(k, out _))
                        .Select(k => $"{path}: {k} is missing"));
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    foreach (JsonProperty member in value.EnumerateObject())
                    {
                        if (keyword.Value.TryGetProperty(member.Name, out JsonElement of))
                        {
                            Check(root, of, member.Value, $"{path}/{member.Name}", errors);
                        }
                        else
                        {
                            errors.Add($"{path}: {member.Name} is unknown");
                        }
                    }

                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    foreach (JsonElement item in value.EnumerateArray())
                    {
                        Check(root, keyword.Value, item, $"{path}/*", errors);
                    }

                    break;
                case "required" or "properties" or "items":
                    break; // "type" says that the value is of another type
                case "additionalProperties" when keyword.Value.ValueKind == JsonValueKind.False:
                    break; // "properties" looks for unknown ones
                default:
                    throw new NotSupportedException($"this check does not know the keyword {keyword.Name}");
            }
        }
    }

    private static JsonElement Resolve(JsonElement root, string reference) =>
        reference.Split('/').Skip(1).Aggregate(root, (at, key) => at.GetProperty(key));

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
