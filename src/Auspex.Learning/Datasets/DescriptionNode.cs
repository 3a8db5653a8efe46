using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Auspex.Learning.Datasets;

/// <summary>One value of a description with the line it stands on, which the serializer does not keep.</summary>
/// <param name="Path">Such as <c>frames[0].time.zone</c>; empty for the whole description.</param>
/// <param name="Line">Line of its first character, the first being 1.</param>
/// <param name="Text">As written; objects and lists as <c>{…}</c> and <c>[…]</c>.</param>
/// <param name="Members">Members of an object in file order; a key given twice is there twice.</param>
internal sealed record DescriptionNode(
    string Path, int Line, JsonTokenType Kind, string Text, IReadOnlyList<(string Key, DescriptionNode Value)> Members,
    IReadOnlyList<DescriptionNode> Items)
{
    /// <summary>Reads a whole description.</summary>
    /// <exception cref="JsonException">The text is not JSON; the line is in <see cref="JsonException.LineNumber"/>, the first being 0.</exception>
    internal static DescriptionNode Parse(byte[] json)
    {
        var walk = new Walk(json);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Disallow, MaxDepth = 32 });
        reader.Read();
        DescriptionNode root = walk.Value(ref reader, "");
        reader.Read(); // anything after the description is refused here
        return root;
    }

    /// <summary>The node at a path, or the nearest one above it: where a missing key would have to be written.</summary>
    internal DescriptionNode Nearest(string path)
    {
        DescriptionNode nearest = this;
        for (bool deeper = true; deeper;)
        {
            deeper = false;
            foreach (DescriptionNode child in nearest.Items.Concat(nearest.Members.Select(m => m.Value)))
            {
                if (child.Path == path || path.StartsWith(child.Path + ".", StringComparison.Ordinal)
                    || path.StartsWith(child.Path + "[", StringComparison.Ordinal))
                {
                    nearest = child;
                    deeper = true;
                    break;
                }
            }
        }

        return nearest;
    }

    private sealed class Walk(byte[] json)
    {
        private int _counted;
        private int _line = 1;

        internal DescriptionNode Value(ref Utf8JsonReader reader, string path)
        {
            int line = LineAt((int)reader.TokenStartIndex);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    var members = new List<(string, DescriptionNode)>();
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        string key = reader.GetString()!;
                        reader.Read();
                        members.Add((key, Value(ref reader, path.Length == 0 ? key : $"{path}.{key}")));
                    }

                    return new DescriptionNode(path, line, JsonTokenType.StartObject, "{…}", members, []);
                case JsonTokenType.StartArray:
                    var items = new List<DescriptionNode>();
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        items.Add(Value(ref reader, string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]")));
                    }

                    return new DescriptionNode(path, line, JsonTokenType.StartArray, "[…]", [], items);
                default:
                    string text = Encoding.UTF8.GetString(reader.ValueSpan);
                    return new DescriptionNode(
                        path, line, reader.TokenType, reader.TokenType == JsonTokenType.String ? $"\"{text}\"" : text, [], []);
            }
        }

        private int LineAt(int offset)
        {
            _line += json.AsSpan(_counted, offset - _counted).Count((byte)'\n');
            _counted = offset;
            return _line;
        }
    }
}
