using System.Globalization;
using Auspex.Core.Signals;
using Auspex.Core.Time;
using Auspex.Features.Definitions;

namespace Auspex.Features;

/// <summary>A feature definition worked out for running: which sample goes into which window, which window into which columns.
/// Immutable; shared by all assets.</summary>
public sealed class FeaturePlan
{
    private static readonly long LongestMs = (long)DurationText.Longest.TotalMilliseconds;

    private List<Channel> _channels = [];
    private List<(int Channel, int Column)> _values = [];
    private SortedDictionary<long, LagPlan> _lags = [];
    private SortedDictionary<long, WindowPlan> _windows = [];
    private List<(int Channel, long LengthMs, int Column)> _ewma = [];
    private List<(int Channel, long LengthMs)> _starts = [];

    private FeaturePlan(FeatureDefinition definition)
    {
        Definition = definition;
        AssetSchema schema = definition.Schema;
        var made = new Dictionary<FeatureColumn, string>();
        var errors = new List<ErrorChannel>();
        var maintenance = new List<(int Component, int Column)>();
        var facts = new List<FactColumn>();
        var calendar = new List<(FeatureKind Kind, int Column)>();
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
                    AgeColumn = i;
                    break;
                case FeatureKind.HourSin or FeatureKind.HourCos or FeatureKind.DayOfWeekSin or FeatureKind.DayOfWeekCos:
                    calendar.Add((column.Kind, i));
                    break;
                default:
                    AddOfSignal(schema, column, i);
                    break;
            }
        }

        Conditions = definition.Conditions is { } conditions ? new ConditionPlan(conditions, schema) : null;
        Channels = [.. _channels];
        Values = [.. _values];
        Windows = [.. _windows.Values];
        Lags = [.. _lags.Values];
        Ewma = [.. _ewma];
        Starts = [.. _starts];
        Errors = [.. errors];
        Maintenance = [.. maintenance];
        Facts = [.. facts];
        Calendar = [.. calendar];
        ReachMs = 2 * _windows.Keys.Concat(_lags.Keys).Concat(_ewma.Select(e => e.LengthMs)).Concat(errors.Select(e => e.LengthMs))
            .DefaultIfEmpty(0).Max();
        LetGo();
    }

    /// <summary>The definition this plan runs.</summary>
    public FeatureDefinition Definition { get; }

    /// <summary>How much older than the newest frame a frame may be and still count: twice the longest lag, window or time constant, in
    /// milliseconds.</summary>
    public long ReachMs { get; }

    /// <summary>Whether a feature remembers an asset's whole life, so that its frames of the last <see cref="ReachMs"/> do not make it again.</summary>
    public bool RemembersLife => Ewma.Length > 0 || Starts.Length > 0 || AgeColumn >= 0;

    internal Channel[] Channels { get; }

    internal ConditionPlan? Conditions { get; }

    internal (int Channel, int Column)[] Values { get; }

    internal LagPlan[] Lags { get; }

    internal WindowPlan[] Windows { get; }

    internal (int Channel, long LengthMs, int Column)[] Ewma { get; }

    /// <summary>Windows whose first one in an asset's life is remembered.</summary>
    internal (int Channel, long LengthMs)[] Starts { get; }

    internal ErrorChannel[] Errors { get; }

    internal (int Component, int Column)[] Maintenance { get; }

    internal FactColumn[] Facts { get; }

    internal (FeatureKind Kind, int Column)[] Calendar { get; }

    internal int AgeColumn { get; } = -1;

    /// <summary>Works the definition out.</summary>
    /// <exception cref="FormatException">A column or an operating condition names a signal, state, fact, component or error code that the schema
    /// does not have, or a number it does not allow.</exception>
    public static FeaturePlan Of(FeatureDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new FeaturePlan(definition);
    }

    /// <summary>Reads a definition and works it out.</summary>
    /// <param name="json">What <see cref="FeatureDefinition.ToJson"/> wrote.</param>
    /// <exception cref="FormatException">The text is not a feature definition, or a column or condition names what the schema does not have.</exception>
    public static FeaturePlan FromJson(string json) => new(FeatureDefinition.Parse(json));

    internal static void Check(FeatureDefinition definition) => Of(definition);

    // Thousands of plans may be kept; what they were put together in need not be.
    private void LetGo()
    {
        foreach (WindowPlan window in Windows)
        {
            window.Full.TrimExcess();
            window.Means.TrimExcess();
            window.Growths.TrimExcess();
        }

        (_channels, _values, _lags, _windows, _ewma, _starts) = (null!, null!, null!, null!, null!, null!);
    }

    internal static int State(SignalDefinition signal, string? state, string what)
    {
        int index = state is null ? -1 : signal.States.ToList().IndexOf(state);
        return state is null || index >= 0 ? index : throw new FormatException($"{what}: '{signal.Name}' has no state '{state}'.");
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

    private void AddOfSignal(AssetSchema schema, FeatureColumn column, int index)
    {
        int signal = Index([.. schema.Signals.Select(s => s.Name)], column, "signal");
        int state = State(schema.Signals[signal], column);
        int channel = _channels.IndexOf(new Channel(signal, state));
        if (channel < 0)
        {
            channel = _channels.Count;
            _channels.Add(new Channel(signal, state));
        }

        switch (column.Kind)
        {
            case FeatureKind.Value or FeatureKind.State:
                _values.Add((channel, index));
                break;
            case FeatureKind.Lag:
                LagPlan lag = Planned(_lags, column, length => new LagPlan(length));
                lag.Channels.Add(channel);
                lag.Columns.Add(index);
                break;
            case FeatureKind.Ewma:
                _ewma.Add((channel, Length(column), index));
                break;
            case FeatureKind.RollingGrowth:
                Planned(_windows, column, length => new WindowPlan(length)).Growths.Add(new WindowChannel(channel) { Growth = index });
                break;
            default:
                AddToWindow(Planned(_windows, column, length => new WindowPlan(length)), channel, column.Kind, index);
                break;
        }
    }

    // A window of which the mean alone is asked stays among the cheap ones.
    private void AddToWindow(WindowPlan window, int channel, FeatureKind kind, int column)
    {
        bool meanOnly = kind is FeatureKind.RollingMean or FeatureKind.RollingFromStart;
        WindowChannel? columns = window.Full.Find(c => c.Channel == channel) ?? window.Means.Find(c => c.Channel == channel);
        if (columns is null)
        {
            columns = new WindowChannel(channel);
            (meanOnly ? window.Means : window.Full).Add(columns);
        }
        else if (!meanOnly && window.Means.Remove(columns))
        {
            window.Full.Add(columns);
        }

        switch (kind)
        {
            case FeatureKind.RollingMean:
                columns.Mean = column;
                break;
            case FeatureKind.RollingStandardDeviation:
                columns.StandardDeviation = column;
                break;
            case FeatureKind.RollingMin:
                columns.Min = column;
                break;
            case FeatureKind.RollingMax:
                columns.Max = column;
                break;
            case FeatureKind.RollingSlope:
                columns.Slope = column;
                break;
            case FeatureKind.RollingFromStart:
                columns.FromStart = column;
                columns.Start = _starts.Count;
                _starts.Add((channel, window.LengthMs));
                break;
            default:
                throw new FormatException($"Feature kind {(int)kind} is not known.");
        }
    }

    private static TPlan Planned<TPlan>(SortedDictionary<long, TPlan> plans, FeatureColumn column, Func<long, TPlan> create)
    {
        long length = Length(column);
        if (!plans.TryGetValue(length, out TPlan? plan))
        {
            plan = create(length);
            plans.Add(length, plan);
        }

        return plan;
    }

    private static int State(SignalDefinition signal, FeatureColumn column) => State(signal, column.State, $"Feature '{column.Name}'");

    private static int Index(IReadOnlyList<string> names, FeatureColumn column, string what)
    {
        int index = names.ToList().IndexOf(column.Source);
        return index >= 0 ? index : throw new FormatException($"Feature '{column.Name}': the schema has no {what} '{column.Source}'.");
    }

    private static long Length(FeatureColumn column) => column.WindowMs >= 1 && column.WindowMs <= LongestMs
        ? column.WindowMs
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture,
            $"Feature '{column.Name}': length must be at least 1 ms and at most {LongestMs} ms, was {column.WindowMs} ms."));

    /// <summary>One stream of numbers: a signal, or whether it is in one state (−1 for the signal itself).</summary>
    internal readonly record struct Channel(int Signal, int State);

    internal sealed record LagPlan(long LengthMs)
    {
        public List<int> Channels { get; } = [];

        public List<int> Columns { get; } = [];
    }

    /// <summary>A window length with the channels it summarises, by how much of them is asked.</summary>
    internal sealed record WindowPlan(long LengthMs)
    {
        public List<WindowChannel> Full { get; } = [];

        public List<WindowChannel> Means { get; } = [];

        public List<WindowChannel> Growths { get; } = [];
    }

    /// <summary>The columns of one channel's window; −1 for those not asked.</summary>
    internal sealed record WindowChannel(int Channel)
    {
        public int Mean { get; set; } = -1;

        public int StandardDeviation { get; set; } = -1;

        public int Min { get; set; } = -1;

        public int Max { get; set; } = -1;

        public int Slope { get; set; } = -1;

        public int Growth { get; set; } = -1;

        public int FromStart { get; set; } = -1;

        /// <summary>Index into <see cref="Starts"/>.</summary>
        public int Start { get; set; } = -1;
    }

    internal readonly record struct ErrorChannel(int Code, long LengthMs, int Column);

    internal readonly record struct FactColumn(int Fact, int State, int Column);
}
