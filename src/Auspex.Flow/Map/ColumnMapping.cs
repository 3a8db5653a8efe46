using Auspex.Core.Expressions;
using Auspex.Storage.Configuration;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Map;

/// <summary>One revision of an organization's mapping: which signal a column is, and how its unit becomes the signal's. Immutable.</summary>
public sealed class ColumnMapping
{
    private readonly Dictionary<string, Column> _columns;

    private ColumnMapping(Dictionary<string, Column> columns) => _columns = columns;

    /// <summary>Reads a mapping; null where every column is called as its signal and comes in its unit.</summary>
    public static ColumnMapping? Of(SchemaSettings schema, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(signals);
        IReadOnlyDictionary<string, string> names = schema.ColumnMapping ?? new Dictionary<string, string>();
        IReadOnlyDictionary<string, string> units = schema.ColumnUnits ?? new Dictionary<string, string>();
        var columns = new Dictionary<string, Column>(StringComparer.Ordinal);
        foreach (string column in names.Keys.Union(units.Keys, StringComparer.Ordinal))
        {
            string signal = names.GetValueOrDefault(column, column);
            string? fault = null;
            UnitConversion? conversion = !units.TryGetValue(column, out string? unit) ? null
                : signals.TryGetValue(signal, out SignalMeaning? meaning) ? ConversionOf(unit, meaning, out fault)
                : None(out fault);
            // What was a good mapping may be none any more, where its signal's unit was changed since.
            fault = fault is null ? null : $"Column '{column}' comes in {unit}, which {fault}. Set columnUnits anew: PUT /api/v1/organizations/current/schema.";
            if (signal != column || fault is not null || conversion is { IsIdentity: false })
            {
                columns.Add(column, new Column(signal, conversion, fault));
            }
        }

        return columns.Count == 0 ? null : new ColumnMapping(columns);
    }

    /// <summary>How values of a unit become a signal's.</summary>
    /// <param name="unit">As plants write it.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="fault">Why they do not; null where they do.</param>
    public static UnitConversion? ConversionOf(string unit, SignalMeaning signal, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(signal);
        fault = null;
        if (signal.Kind is not ("continuous" or "counter"))
        {
            fault = $"is no unit of a {signal.Kind} signal";
            return null;
        }

        UnitConversion? conversion = null;
        var from = Unit.Parse(unit);
        foreach (string? declared in signal.Units)
        {
            if (declared is null)
            {
                fault = "cannot be converted: the signal is declared without a unit; declare one: PATCH /api/v1/signals/{id}";
                return null;
            }

            if (from.ConversionTo(Unit.Parse(declared)) is not { } found)
            {
                fault = $"cannot be converted to {declared}, the unit of the signal; see the table of units in docs/data-quality.md";
                return null;
            }

            if (conversion is { } other && other != found)
            {
                fault = $"cannot be converted: the signal is declared in {string.Join(" and in ", signal.Units)}; declare it in one unit";
                return null;
            }

            conversion = found;
        }

        return conversion;
    }

    /// <summary>Maps the frames of a batch; rows that do not fit go to the rejected.</summary>
    internal void Map(IncomingFrames rows)
    {
        string[] last = [];
        Column?[] columns = [];
        string[] signals = [];
        string? twice = null;
        var mapped = new List<(int, Frame)>(rows.Frames.Count);
        foreach ((int index, Frame frame) in rows.Frames)
        {
            if (!ReferenceEquals(frame.Signals, last) && !frame.Signals.AsSpan().SequenceEqual(last))
            {
                last = frame.Signals;
                columns = Array.ConvertAll(last, name => _columns.GetValueOrDefault(name));
                signals = [.. last.Select((name, i) => columns[i]?.Signal ?? name)];
                twice = signals.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(names => names.Count() > 1)?.Key;
            }

            if (twice is not null)
            {
                string[] both = [.. last.Where((_, i) => signals[i] == twice)];
                rows.Rejected.Add(new RejectedRow(index, $"values.{both[1]}", null, $"Columns '{both[0]}' and '{both[1]}' are both the signal '{twice}' by columnMapping; send one, or map it elsewhere."));
                continue;
            }

            if (Values(index, frame, columns, rows) is { } values)
            {
                mapped.Add((index, frame with { Signals = signals, Values = values }));
            }
        }

        rows.Replace(mapped);
    }

    private static double[]? Values(int index, Frame frame, Column?[] columns, IncomingFrames rows)
    {
        double[] values = frame.Values;
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not { } column || (column.Conversion is null && column.Fault is null))
            {
                continue;
            }

            if (column.Fault is { } fault)
            {
                rows.Rejected.Add(new RejectedRow(index, $"values.{frame.Signals[i]}", null, fault));
                return null;
            }

            values = ReferenceEquals(values, frame.Values) ? [.. values] : values;
            values[i] = column.Conversion!.Value.Of(values[i]);
            if (double.IsInfinity(values[i]))
            {
                rows.Rejected.Add(new RejectedRow(index, $"values.{frame.Signals[i]}", null, "Too large in the unit of its signal: does the column come in the unit that columnUnits says?"));
                return null;
            }
        }

        return values;
    }

    private static UnitConversion? None(out string? fault)
    {
        fault = "cannot be converted: there is no such signal any more";
        return null;
    }

    private sealed record Column(string Signal, UnitConversion? Conversion, string? Fault);
}
