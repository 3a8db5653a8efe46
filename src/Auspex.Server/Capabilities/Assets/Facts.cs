using System.Text.Json;
using System.Text.Json.Nodes;
using Auspex.Server.Wiring;

namespace Auspex.Server.Capabilities.Assets;

/// <summary>Facts of an asset: constants such as age, model and rated power, by name.</summary>
internal static class Facts
{
    private const int Most = 100;
    private const int NameMost = 80;
    private const int TextMost = 500;

    /// <summary>What is wrong with facts; null where nothing is.</summary>
    internal static string? Fault(IReadOnlyDictionary<string, JsonElement>? facts)
    {
        if (facts is null)
        {
            return null;
        }

        if (facts.Count > Most)
        {
            return $"facts has {facts.Count} entries; at most {Most} are taken";
        }

        foreach ((string name, JsonElement value) in facts)
        {
            string shown = PlainTextAttribute.Shown(name);
            string? fault = PlainTextAttribute.Fault(name, NameMost) is { } ofName ? $"the name {ofName}" : value.ValueKind switch
            {
                JsonValueKind.Number => value.TryGetDouble(out double number) && double.IsFinite(number) ? null : "is no number a computer can hold; at most 1.7e308",
                JsonValueKind.String => Text(value) is not { } text ? "has half a character" : text.Length == 0 ? null : PlainTextAttribute.Fault(text, TextMost),
                JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => null,
                _ => "is no number, text or boolean",
            };
            if (fault is not null)
            {
                return $"facts['{shown}']: {fault}";
            }
        }

        return null;
    }

    // A value that was not read as a text yet may not be one.
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Facts with a change put over them (RFC 7396): null takes a fact away.</summary>
    internal static string Merged(string present, IReadOnlyDictionary<string, JsonElement>? change)
    {
        if (change is null)
        {
            return present;
        }

        JsonObject facts = JsonNode.Parse(present)!.AsObject();
        foreach ((string name, JsonElement value) in change)
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                facts.Remove(name);
            }
            else
            {
                facts[name] = JsonValue.Create(value);
            }
        }

        return facts.ToJsonString();
    }
}
