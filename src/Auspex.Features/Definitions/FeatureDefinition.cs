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

    private static readonly (WindowStatistics Statistic, FeatureKind Kind, string Name)[] Statistics =
    [
        (WindowStatistics.Mean, FeatureKind.RollingMean, "mean"),
        (WindowStatistics.StandardDeviation, FeatureKind.RollingStandardDeviation, "std"),
        (WindowStatistics.Min, FeatureKind.RollingMin, "min"),
        (WindowStatistics.Max, FeatureKind.RollingMax, "max"),
        (WindowStatistics.Slope, FeatureKind.RollingSlope, "slope"),
        (WindowStatistics.FromStart, FeatureKind.RollingFromStart, "from_start"),
    ];

    private FeatureDefinition(AssetSchema schema, IReadOnlyList<FeatureColumn> columns, OperatingConditions? conditions)
    {
        if (conditions is not null)
        {
            // Before the hash, for JSON cannot hold every number.
            ConditionPlan.Check(conditions, schema);
        }

        Schema = schema;
        // Many columns are of few signals: each name is kept once.
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in schema.Signals.Concat(schema.Facts).SelectMany(signal => signal.States.Prepend(signal.Name)).Concat(schema.Components).Concat(schema.ErrorCodes))
        {
            words.TryAdd(word, word);
        }

        Columns = [.. columns.Select(column => column with { Source = words.GetValueOrDefault(column.Source, column.Source), State = column.State is { } state ? words.GetValueOrDefault(state, state) : null })];
        Conditions = conditions;
        Names = new ColumnNames(Columns);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json(Unlabelled(schema)))));
    }

    /// <summary>The schema whose values the features are made from.</summary>
    public AssetSchema Schema { get; }

    /// <summary>The columns, in the order of the feature vector.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }

    /// <summary>The operating conditions that readings are taken relative to; null when they are taken as they are.</summary>
    public OperatingConditions? Conditions { get; }

    /// <summary>Names of the columns, in their order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>SHA-256 of the JSON form without labels, which are for people: lower-case hexadecimal. Equal hashes make equal features.</summary>
    public string Hash { get; }

    /// <summary>All features that the schema and the options give.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or two columns would have the same name.</exception>
    /// <exception cref="FormatException">The operating conditions do not fit the schema.</exception>
    public static FeatureDefinition Build(AssetSchema schema, FeatureOptions options)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        long[] lags = Milliseconds(options.Lags, "lag");
        FeatureWindow[] asked = [.. options.Windows.Select(length => new FeatureWindow(length, WindowStatistics.Usual)), .. options.ChosenWindows];
        long[] windows = Milliseconds([.. asked.Select(window => window.Length)], "window");
        long[] constants = Milliseconds(options.Ewma, "time constant");
        WindowStatistics[] statistics = [.. asked.Select(window => window.Statistics)];
        var columns = new List<FeatureColumn>();
        foreach (SignalDefinition signal in schema.Signals.Where(signal => !options.Without.Contains(signal.Name)))
        {
            AddSignal(columns, signal, lags, [.. windows.Zip(statistics)], constants);
        }

        foreach (string code in schema.ErrorCodes)
        {
            columns.AddRange(windows.Select(window =>
                new FeatureColumn($"error_{Word(code)}_rolling_{Seconds(window)}_count", FeatureKind.ErrorCount, code, window, null)));
        }

        columns.AddRange(schema.Components.Select(component =>
            new FeatureColumn($"since_maintenance_{Word(component)}_hours", FeatureKind.SinceMaintenance, component, 0, null)));
        foreach (SignalDefinition fact in schema.Facts.Where(fact => !options.Without.Contains(fact.Name)))
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

        if (options.Calendar)
        {
            columns.Add(new FeatureColumn("hour_sin", FeatureKind.HourSin, "", 0, null));
            columns.Add(new FeatureColumn("hour_cos", FeatureKind.HourCos, "", 0, null));
            columns.Add(new FeatureColumn("day_of_week_sin", FeatureKind.DayOfWeekSin, "", 0, null));
            columns.Add(new FeatureColumn("day_of_week_cos", FeatureKind.DayOfWeekCos, "", 0, null));
        }

        return new FeatureDefinition(schema, Distinct(columns), options.Conditions);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not a feature definition, or a column or condition names what the schema does not have.</exception>
    public static FeatureDefinition FromJson(string json)
    {
        FeatureDefinition definition = Parse(json);
        FeaturePlan.Check(definition);
        return definition;
    }

    // Not worked out yet: its plan is the check.
    internal static FeatureDefinition Parse(string json)
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

        if (document.Columns.Contains(null!) || document.Schema.Signals.Contains(null!) || document.Schema.Facts.Contains(null!)
            || document.Conditions is { } conditions
                && (conditions.Settings.Contains(null!) || conditions.Conditions.Contains(null!) || conditions.Readings.Contains(null!)))
        {
            throw new FormatException("Not a feature definition: a signal, fact, column, setting, condition or reading is null.");
        }

        return new FeatureDefinition(document.Schema, document.Columns, document.Conditions);
    }

    /// <summary>The JSON form: one line, always the same bytes for the same definition.</summary>
    public string ToJson() => Json(Schema);

    private string Json(AssetSchema schema) => JsonSerializer.Serialize(new Document(schema, Columns, Conditions), JsonForm);

    private static AssetSchema Unlabelled(AssetSchema schema)
    {
        static IReadOnlyList<SignalDefinition> Without(IReadOnlyList<SignalDefinition> signals) =>
            signals.All(signal => signal.Label is null) ? signals : [.. signals.Select(signal => signal with { Label = null })];
        return schema with { Signals = Without(schema.Signals), Facts = Without(schema.Facts) };
    }

    private static void AddSignal(
        List<FeatureColumn> columns, SignalDefinition signal, long[] lags, (long Length, WindowStatistics Statistics)[] windows, long[] constants)
    {
        string name = signal.Name;
        void Window(FeatureKind kind, long window, string what, string? state = null) =>
            columns.Add(new FeatureColumn($"{name}_rolling_{Seconds(window)}_{what}", kind, name, window, state));

        if (signal.Kind == SignalKind.State)
        {
            foreach (string state in signal.States)
            {
                columns.Add(new FeatureColumn($"{name}_is_{Word(state)}", FeatureKind.State, name, 0, state));
                foreach ((long window, _) in windows.Where(window => window.Statistics.HasFlag(WindowStatistics.Mean)))
                {
                    Window(FeatureKind.RollingMean, window, $"fraction_{Word(state)}", state);
                }
            }

            return;
        }

        columns.Add(new FeatureColumn(name, FeatureKind.Value, name, 0, null));
        if (signal.Kind == SignalKind.Boolean)
        {
            foreach ((long window, _) in windows.Where(window => window.Statistics.HasFlag(WindowStatistics.Mean)))
            {
                Window(FeatureKind.RollingMean, window, "rate");
            }

            return;
        }

        columns.AddRange(lags.Select(lag => new FeatureColumn($"{name}_lag_{Seconds(lag)}", FeatureKind.Lag, name, lag, null)));
        if (signal.Kind == SignalKind.Counter)
        {
            foreach ((long window, _) in windows)
            {
                Window(FeatureKind.RollingGrowth, window, "delta");
            }

            return;
        }

        foreach ((long window, WindowStatistics statistics) in windows)
        {
            foreach ((WindowStatistics statistic, FeatureKind kind, string what) in Statistics)
            {
                if (statistics.HasFlag(statistic))
                {
                    Window(kind, window, what);
                }
            }
        }

        columns.AddRange(constants.Select(length => new FeatureColumn($"{name}_ewma_{Seconds(length)}", FeatureKind.Ewma, name, length, null)));
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

    // Thousands of definitions may be kept: the names are in the columns already.
    private sealed class ColumnNames(IReadOnlyList<FeatureColumn> columns) : IReadOnlyList<string>
    {
        public int Count => columns.Count;

        public string this[int index] => columns[index].Name;

        public IEnumerator<string> GetEnumerator() => columns.Select(column => column.Name).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    // Definitions without conditions keep the bytes, and so the hash, of those written before there were any.
    private sealed record Document(
        AssetSchema Schema, IReadOnlyList<FeatureColumn> Columns,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OperatingConditions? Conditions = null);
}
