using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auspex.Server.Tests.OpenInference;

/// <summary>The protocol's own description: every answer is held against the schema it has for that path, verb and status.</summary>
internal sealed class ProtocolDescription
{
    private readonly JsonElement _root = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "open-inference-v2.json")));

    /// <summary>Paths and verbs that were held against it.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>All it has.</summary>
    public IEnumerable<string> All => _root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(verb => $"{verb.Name.ToUpperInvariant()} {path.Name}"));

    /// <returns>The answer's body.</returns>
    public JsonElement Check(HttpMethod method, string url, HttpResponseMessage answer, string body)
    {
        JsonProperty path = _root.GetProperty("paths").EnumerateObject().Single(one => Regex.IsMatch(url, $"^{Regex.Replace(one.Name, @"\{\w+\}", "[^/]+")}$"));
        JsonElement operation = path.Value.GetProperty(method.Method.ToLowerInvariant());
        Seen.Add($"{method.Method} {path.Name}");
        JsonElement responses = operation.GetProperty("responses");
        string status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        JsonElement response = Followed(responses.TryGetProperty(status, out JsonElement exact) ? exact : responses.GetProperty("default"));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        JsonElement value = JsonElement.Parse(body);
        string[] faults = [.. Faults(response.GetProperty("content").GetProperty("application/json").GetProperty("schema"), value, "$")];
        Assert.True(faults.Length == 0, $"{method} {url} {status}: {string.Join("; ", faults)} in {body}");
        return value;
    }

    /// <summary>What is wrong with a value by a schema.</summary>
    public IEnumerable<string> Faults(JsonElement schema, JsonElement value, string at)
    {
        schema = Followed(schema);
        if (schema.TryGetProperty("type", out JsonElement type) && !(type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type]).Any(one => Is(value, one.GetString()!)))
        {
            return [$"{at} is {value.ValueKind}, not {type}"];
        }

        if (schema.TryGetProperty("enum", out JsonElement words) && !words.EnumerateArray().Any(word => word.GetString() == value.GetString()))
        {
            return [$"{at} is {value}, none of {words}"];
        }

        var faults = new List<string>();
        if (value.ValueKind == JsonValueKind.Object)
        {
            JsonElement properties = schema.TryGetProperty("properties", out JsonElement known) ? known : default;
            faults.AddRange((schema.TryGetProperty("required", out JsonElement required) ? required.EnumerateArray().ToArray() : []).Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}.{name} is missing"));
            foreach (JsonProperty property in value.EnumerateObject())
            {
                if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out JsonElement inner))
                {
                    faults.AddRange(Faults(inner, property.Value, $"{at}.{property.Name}"));
                }
                else if (schema.TryGetProperty("additionalProperties", out JsonElement more) && more.ValueKind == JsonValueKind.False)
                {
                    faults.Add($"{at}.{property.Name} is not in the protocol");
                }
            }
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            faults.AddRange(value.EnumerateArray().SelectMany((one, i) => Faults(items, one, $"{at}[{i}]")));
        }

        return faults;
    }

    private JsonElement Followed(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = reference.GetString()![2..].Split('/').Aggregate(_root, (at, name) => at.GetProperty(name));
        }

        return schema;
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new System.Diagnostics.UnreachableException($"bug: the description has the type {type}"),
    };
}
