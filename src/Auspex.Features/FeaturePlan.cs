using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features;

/// <summary>A feature definition worked out for running: which sample goes into which window, which window into which columns.
/// Immutable; shared by all assets.</summary>
public sealed class FeaturePlan
{
    private FeaturePlan(FeatureDefinition definition, List<Channel> channels, List<ErrorChannel> errors,
        List<(int Component, int Column)> maintenance, List<FactColumn> facts, int ageColumn)
    {
        Definition = definition;
        Channels = [.. channels];
        Errors = [.. errors];
        Maintenance = [.. maintenance];
        Facts = [.. facts];
        AgeColumn = ageColumn;
    }

    /// <summary>The definition this plan runs.</summary>
    public FeatureDefinition Definition { get; }

    internal Channel[] Channels { get; }

    internal ErrorChannel[] Errors { get; }

    internal (int Component, int Column)[] Maintenance { get; }

    internal FactColumn[] Facts { get; }

    internal int AgeColumn { get; }

    /// <summary>Works the definition out.</summary>
    /// <exception cref="FormatException">A column names a signal, state, fact, component or error code that the schema does not have,
    /// or a length its kind does not allow.</exception>
    public static FeaturePlan Of(FeatureDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        AssetSchema schema = definition.Schema;
        var channels = new List<Channel>();
        var errors = new List<ErrorChannel>();
        var maintenance = new List<(int, int)>();
        var facts = new List<FactColumn>();
        var made = new Dictionary<FeatureColumn, string>();
        int age = -1;
        for (int i = 0; i < definition.Columns.Count; i++)
        {
            FeatureColumn column = definition.Columns[i];
            RequireWhole(column, made);
            switch (column.Kind)
            {
                case FeatureKind.ErrorCount:
                    errors.Add(new ErrorChannel(Index(schema.ErrorCodes, column, "error code"), Length(column), i));
                    break;
                case FeatureKind.SinceMaintenance:
                    maintenance.Add((Index(schema.Components, column, "component"), i));
                    break;
                case FeatureKind.Fact:
                case FeatureKind.FactState:
                    int fact = Index([.. schema.Facts.Select(f => f.Name)], column, "fact");
                    facts.Add(new FactColumn(fact, State(schema.Facts[fact], column), i));
                    break;
                case FeatureKind.RunningAge:
                    age = i;
                    break;
                default:
                    AddToChannel(channels, schema, column, i);
                    break;
            }
        }

        return new FeaturePlan(definition, channels, errors, maintenance, facts, age);
    }

    // A column made twice would be written once, and hold whatever the caller's array held the other time.
    private static void RequireWhole(FeatureColumn column, Dictionary<FeatureColumn, string> made)
    {
        if (!made.TryAdd(column with { Name = "" }, column.Name))
        {
            throw new FormatException($"Feature '{column.Name}' is made as '{made[column with { Name = "" }]}' is; every feature may be there once.");
        }

        if (column.Kind is FeatureKind.State or FeatureKind.FactState && column.State is null)
        {
            throw new FormatException($"Feature '{column.Name}': a state must be named.");
        }
    }

    internal static void Check(FeatureDefinition definition) => Of(definition);

    private static void AddToChannel(List<Channel> channels, AssetSchema schema, FeatureColumn column, int index)
    {
        int signal = Index([.. schema.Signals.Select(s => s.Name)], column, "signal");
        int state = State(schema.Signals[signal], column);
        Channel? channel = channels.Find(c => c.Signal == signal && c.State == state);
        if (channel is null)
        {
            channel = new Channel(signal, state);
            channels.Add(channel);
        }

        if (column.Kind is FeatureKind.Value or FeatureKind.State)
        {
            channel.ValueColumn = index;
        }
        else if (column.Kind == FeatureKind.Lag)
        {
            channel.Lags.Add((Length(column), index));
        }
        else
        {
            long length = Length(column);
            WindowColumns? window = channel.Windows.Find(w => w.LengthMs == length);
            if (window is null)
            {
                window = new WindowColumns(length);
                channel.Windows.Add(window);
            }

            window.Columns.Add((column.Kind, index));
        }
    }

    private static int State(SignalDefinition signal, FeatureColumn column)
    {
        if (column.State is null)
        {
            return -1;
        }

        for (int i = 0; i < signal.States.Count; i++)
        {
            if (signal.States[i] == column.State)
            {
                return i;
            }
        }

        throw new FormatException($"Feature '{column.Name}': '{signal.Name}' has no state '{column.State}'.");
    }

    private static int Index(IReadOnlyList<string> names, FeatureColumn column, string what)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == column.Source)
            {
                return i;
            }
        }

        throw new FormatException($"Feature '{column.Name}': the schema has no {what} '{column.Source}'.");
    }

    private static long Length(FeatureColumn column) => column.WindowMs >= 1
        ? column.WindowMs
        : throw new FormatException($"Feature '{column.Name}': length must be at least 1 ms, was {column.WindowMs} ms.");

    /// <summary>One stream of numbers: a signal, or whether it is in one state.</summary>
    internal sealed class Channel(int signal, int state)
    {
        public int Signal { get; } = signal;

        public int State { get; } = state;

        public int ValueColumn { get; set; } = -1;

        public List<(long LengthMs, int Column)> Lags { get; } = [];

        public List<WindowColumns> Windows { get; } = [];
    }

    internal sealed record WindowColumns(long LengthMs)
    {
        public List<(FeatureKind Kind, int Column)> Columns { get; } = [];
    }

    internal readonly record struct ErrorChannel(int Code, long LengthMs, int Column);

    internal readonly record struct FactColumn(int Fact, int State, int Column);
}
