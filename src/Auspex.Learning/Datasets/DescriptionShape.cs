using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Auspex.Learning.Datasets;

/// <summary>One error of a description.</summary>
/// <param name="Path">Where, such as <c>frames[0].time.zone</c>.</param>
/// <param name="Value">The value as written; null when there is none.</param>
/// <param name="Text">What is wrong with it and what to do.</param>
internal sealed record DescriptionProblem(string Path, string? Value, string Text);

/// <summary>Compares the keys and types of a description with the records. The serializer would do so too, but stops at the first error and
/// speaks of .NET types.</summary>
internal static class DescriptionShape
{
    internal static void Check(DescriptionNode node, JsonTypeInfo type, List<DescriptionProblem> problems)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when Is(node, JsonTokenType.StartObject, "an object { … }", problems):
                CheckMembers(node, type, problems);
                break;
            case JsonTypeInfoKind.Enumerable when Is(node, JsonTokenType.StartArray, "a list [ … ]", problems):
                foreach (DescriptionNode item in node.Items)
                {
                    Check(item, type.Options.GetTypeInfo(type.ElementType!), problems);
                }

                break;
            case JsonTypeInfoKind.None:
                CheckScalar(node, Nullable.GetUnderlyingType(type.Type) ?? type.Type, problems);
                break;
            default:
                break; // Is has reported it
        }
    }

    private static void CheckMembers(DescriptionNode node, JsonTypeInfo type, List<DescriptionProblem> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, DescriptionNode value) in node.Members)
        {
            JsonPropertyInfo? property = type.Properties.FirstOrDefault(p => p.Name == key);
            if (property is null)
            {
                string known = string.Join(", ", type.Properties.Select(p => p.Name));
                problems.Add(new DescriptionProblem(value.Path, null, $"is not known here; the keys are {known}"));
            }
            else if (!seen.Add(key))
            {
                problems.Add(new DescriptionProblem(value.Path, value.Text, "is given twice; keep one"));
            }
            else if (value.Kind == JsonTokenType.Null)
            {
                if (!property.IsSetNullable)
                {
                    problems.Add(new DescriptionProblem(value.Path, value.Text, "needs a value; leave the key out for its default"));
                }
            }
            else
            {
                Check(value, type.Options.GetTypeInfo(property.PropertyType), problems);
            }
        }

        foreach (JsonPropertyInfo property in type.Properties.Where(p => p.IsRequired && !seen.Contains(p.Name)))
        {
            string path = node.Path.Length == 0 ? property.Name : $"{node.Path}.{property.Name}";
            problems.Add(new DescriptionProblem(path, null, "is missing; it is required"));
        }
    }

    private static void CheckScalar(DescriptionNode node, Type type, List<DescriptionProblem> problems)
    {
        if (type.IsEnum)
        {
            string[] names = [.. Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)];
            if (node.Kind != JsonTokenType.String || !names.Contains(node.Text[1..^1], StringComparer.Ordinal))
            {
                problems.Add(new DescriptionProblem(node.Path, node.Text, $"is none of {string.Join(", ", names)}"));
            }
        }
        else if (type == typeof(bool))
        {
            if (node.Kind is not (JsonTokenType.True or JsonTokenType.False))
            {
                problems.Add(new DescriptionProblem(node.Path, node.Text, "must be true or false"));
            }
        }
        else if (type == typeof(int))
        {
            if (node.Kind != JsonTokenType.Number || !int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                problems.Add(new DescriptionProblem(node.Path, node.Text, "must be a whole number"));
            }
        }
        else if (type == typeof(double))
        {
            Is(node, JsonTokenType.Number, "a number", problems);
        }
        else if (type == typeof(int))
        {
            if (node.Kind != JsonTokenType.Number || !int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                problems.Add(new DescriptionProblem(node.Path, node.Text, $"must be a whole number of at most {int.MaxValue}"));
            }
        }
        else
        {
            Is(node, JsonTokenType.String, "text in quotes", problems);
        }
    }

    private static bool Is(DescriptionNode node, JsonTokenType kind, string expected, List<DescriptionProblem> problems)
    {
        if (node.Kind != kind)
        {
            problems.Add(new DescriptionProblem(node.Path, node.Text, $"must be {expected}"));
        }

        return node.Kind == kind;
    }
}
