using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Signals;

namespace Auspex.Features.Definitions;

/// <summary>Exactly which features are made, from which schema: what a model was trained on and must be fed with.</summary>
public sealed class FeatureDefinition
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private FeatureDefinition(AssetSchema schema, IReadOnlyList<FeatureColumn> columns)
    {
        Schema = schema;
        Columns = columns;
        Names = [.. columns.Select(column => column.Name)];
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())));
    }

    /// <summary>The schema whose values the features are made from.</summary>
    public AssetSchema Schema { get; }

    /// <summary>The columns, in the order of the feature vector.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }

    /// <summary>Names of the columns, in their order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>SHA-256 of the JSON form, lower-case hexadecimal: equal hashes make equal features.</summary>
    public string Hash { get; }

    /// <summary>All features that the schema and the options give.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or two columns would have the same name.</exception>
    public static FeatureDefinition Build(AssetSchema schema, FeatureOptions options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        long[] lags = Milliseconds(options.Lags, "lag");
        long[] windows = Milliseconds(options.Windows, "window");
        var columns = new List<FeatureColumn>();
        foreach (SignalDefinition signal in schema.Signals)
        {
            AddSignal(columns, signal, lags, windows);
        }

        foreach (string code in schema.ErrorCodes)
        {
            columns.AddRange(windows.Select(window =>
                new FeatureColumn($"error_{Word(code)}_rolling_{Seconds(window)}_count", FeatureKind.ErrorCount, code, window, null)));
        }

        columns.AddRange(schema.Components.Select(component =>
            new FeatureColumn($"since_maintenance_{Word(component)}_hours", FeatureKind.SinceMaintenance, component, 0, null)));
        foreach (SignalDefinition fact in schema.Facts)
        {
            if (fact.Kind == SignalKind.State)
            {
                columns.AddRange(fact.States.Select(state =>
                    new FeatureColumn($"{fact.Name}_is_{Word(state)}", FeatureKind.FactState, fact.Name, 0, state)));
            }
            else
            {
                columns.Add(new FeatureColumn(fact.Name, FeatureKind.Fact, fact.Name, 0, null));
            }
        }

        if (options.RunningAge)
        {
            columns.Add(new FeatureColumn("running_age_hours", FeatureKind.RunningAge, "", 0, null));
        }

        return new FeatureDefinition(schema, Distinct(columns));
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not a feature definition, or a column names what the schema does not have.</exception>
    public static FeatureDefinition FromJson(string json)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(json, JsonForm) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new FormatException($"Not a feature definition: {e.Message}", e);
        }

        if (document.Columns.Contains(null!) || document.Schema.Signals.Contains(null!) || document.Schema.Facts.Contains(null!))
        {
            throw new FormatException("Not a feature definition: a signal, fact or column is null.");
        }

        var definition = new FeatureDefinition(document.Schema, document.Columns);
        FeaturePlan.Check(definition);
        return definition;
    }

    /// <summary>The JSON form: one line, always the same bytes for the same definition.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Document(Schema, Columns), JsonForm);

    private static void AddSignal(List<FeatureColumn> columns, SignalDefinition signal, long[] lags, long[] windows)
    {
        string name = signal.Name;
        if (signal.Kind == SignalKind.State)
        {
            foreach (string state in signal.States)
            {
                columns.Add(new FeatureColumn($"{name}_is_{Word(state)}", FeatureKind.State, name, 0, state));
                columns.AddRange(windows.Select(window => new FeatureColumn(
                    $"{name}_rolling_{Seconds(window)}_fraction_{Word(state)}", FeatureKind.RollingMean, name, window, state)));
            }

            return;
        }

        columns.Add(new FeatureColumn(name, FeatureKind.Value, name, 0, null));
        if (signal.Kind == SignalKind.Boolean)
        {
            columns.AddRange(windows.Select(window =>
                new FeatureColumn($"{name}_rolling_{Seconds(window)}_rate", FeatureKind.RollingMean, name, window, null)));
            return;
        }

        columns.AddRange(lags.Select(lag => new FeatureColumn($"{name}_lag_{Seconds(lag)}", FeatureKind.Lag, name, lag, null)));
        if (signal.Kind == SignalKind.Counter)
        {
            return;
        }

        foreach (long window in windows)
        {
            string prefix = $"{name}_rolling_{Seconds(window)}";
            columns.Add(new FeatureColumn($"{prefix}_mean", FeatureKind.RollingMean, name, window, null));
            columns.Add(new FeatureColumn($"{prefix}_std", FeatureKind.RollingStandardDeviation, name, window, null));
            columns.Add(new FeatureColumn($"{prefix}_min", FeatureKind.RollingMin, name, window, null));
            columns.Add(new FeatureColumn($"{prefix}_max", FeatureKind.RollingMax, name, window, null));
            columns.Add(new FeatureColumn($"{prefix}_slope", FeatureKind.RollingSlope, name, window, null));
        }
    }

    private static long[] Milliseconds(IReadOnlyList<TimeSpan> durations, string what)
    {
        if (durations.Count > FeatureOptions.MaxCount)
        {
            throw new ArgumentException($"At most {FeatureOptions.MaxCount} {what}s, was {durations.Count}.");
        }

        long[] lengths = [.. durations.Select(duration => (long)duration.TotalMilliseconds)];
        foreach (long length in lengths)
        {
            if (length < 1)
            {
                throw new ArgumentException($"A {what} must be at least 1 ms, was {length} ms.");
            }
        }

        return lengths.Distinct().Count() == lengths.Length
            ? lengths
            : throw new ArgumentException($"Every {what} may be given once: {string.Join(", ", lengths.Select(Seconds))}.");
    }

    private static List<FeatureColumn> Distinct(List<FeatureColumn> columns)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (FeatureColumn column in columns)
        {
            if (!names.Add(column.Name))
            {
                throw new ArgumentException(
                    $"Two features would be named '{column.Name}'; rename signal, state, component or error code '{column.State ?? column.Source}'.");
            }
        }

        return columns;
    }

    private static string Seconds(long ms) => (ms / 1000.0).ToString("0.###", CultureInfo.InvariantCulture) + "s";

    private static string Word(string text)
    {
        var word = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            word.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_');
        }

        return word.ToString();
    }

    private sealed record Document(AssetSchema Schema, IReadOnlyList<FeatureColumn> Columns);
}
