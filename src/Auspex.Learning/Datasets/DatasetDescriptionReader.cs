using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Auspex.Learning.Datasets;

/// <summary>Reads the JSON form of a <see cref="DatasetDescription"/>, strictly: unknown and doubled keys, comments and trailing commas are
/// errors. All errors of a kind are told together.</summary>
public static class DatasetDescriptionReader
{
    /// <summary>Largest accepted description, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Most errors told at once.</summary>
    public const int MaxErrors = 10;

    /// <summary>How descriptions are written in JSON.</summary>
    public static JsonSerializerOptions JsonOptions { get; } = CreateOptions();

    /// <summary>Reads a description file.</summary>
    /// <param name="path">The file; messages name it without its folder.</param>
    /// <exception cref="DatasetException">The file cannot be read, or has errors.</exception>
    public static DatasetDescription Read(string path)
    {
        string source = Path.GetFileName(path);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxLength } large)
            {
                throw new DatasetException(
                    $"{source}: {large.Length} bytes are too long for a description; the limit is {MaxLength}. Is it a data file?");
            }

            return Parse(File.ReadAllBytes(path), source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{source}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a description from its text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What messages call it, such as its file name.</param>
    /// <exception cref="DatasetException">The text has errors.</exception>
    public static DatasetDescription Parse(string json, string source) => Parse(Encoding.UTF8.GetBytes(json), source);

    private static DatasetDescription Parse(byte[] json, string source)
    {
        if (json.AsSpan().StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        DescriptionNode root;
        var problems = new List<DescriptionProblem>();
        try
        {
            root = DescriptionNode.Parse(json);
            DescriptionShape.Check(root, JsonOptions.GetTypeInfo(typeof(DatasetDescription)), problems);
            Throw(source, root, problems);
            DatasetDescription description = JsonSerializer.Deserialize<DatasetDescription>(json, JsonOptions)!;
            problems.AddRange(DescriptionRules.Check(description));
            Throw(source, root, problems);
            return description;
        }
        catch (JsonException e)
        {
            // The serializer ends its message with its own zero-based position.
            string reason = e.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];
            throw new DatasetException($"{source}, line {e.LineNumber + 1 ?? 1}: not JSON as descriptions are written: {reason}", e);
        }
    }

    /// <summary>Throws the problems as one message, if there are any.</summary>
    /// <param name="root">Gives the lines; null when the description did not come from text.</param>
    internal static void Throw(string source, DescriptionNode? root, IReadOnlyCollection<DescriptionProblem> problems)
    {
        if (problems.Count == 0)
        {
            return;
        }

        var text = new StringBuilder();
        foreach (DescriptionProblem problem in problems.Take(MaxErrors))
        {
            DescriptionNode? node = root?.Nearest(problem.Path);
            string line = node is null ? "" : $", line {node.Line}";
            string value = problem.Value is null ? "" : $" {CellText.Shown(problem.Value)}";
            string path = problem.Path.Length == 0 ? "the description" : problem.Path;
            text.Append(text.Length == 0 ? "" : "\n").Append(CultureInfo.InvariantCulture, $"{source}{line}: {path}{value} {problem.Text}");
        }

        if (problems.Count > MaxErrors)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{source}: and {problems.Count - MaxErrors} more errors");
        }

        throw new DatasetException(text.ToString());
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            ReadCommentHandling = JsonCommentHandling.Disallow,
            RespectNullableAnnotations = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            MaxDepth = 32,
            WriteIndented = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
