using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features;

/// <summary>Says in words why a model says what it says: what each feature adds to a raw score, summed up by signal, with present values and normal
/// bands. Immutable; safe to use from many threads.</summary>
/// <remarks>Features that are told relative to an operating condition are told in the signal's units under the present condition: a value as it is or would
/// be, a spread or slope stretched by the condition's own. Where a frame is under no known condition, they are told in standard deviations.</remarks>
public sealed class FeatureReasons
{
    private readonly FeaturePlan _plan;
    private readonly FeatureWords _words;
    private readonly LabelDefinition _label;
    private readonly IReadOnlyList<NormalBand?> _bands;
    private readonly (string Name, int Signal, int[] Columns)[] _groups;

    /// <param name="plan">The features.</param>
    /// <param name="label">What the model was taught; names the unit of lives.</param>
    /// <param name="bands">Normal band of each column, as the features are given to the model; empty when none is known.</param>
    /// <exception cref="ArgumentException">There are bands, but not one for each column.</exception>
    public FeatureReasons(FeaturePlan plan, LabelDefinition label, IReadOnlyList<NormalBand?> bands)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(bands);
        IReadOnlyList<FeatureColumn> columns = plan.Definition.Columns;
        if (bands.Count != 0 && bands.Count != columns.Count)
        {
            throw new ArgumentException($"There are {bands.Count} bands for {columns.Count} columns.", nameof(bands));
        }

        _plan = plan;
        _label = label;
        _words = new FeatureWords(label);
        _bands = bands.Count == 0 ? new NormalBand?[columns.Count] : bands;
        Dictionary<string, int> signals = plan.Definition.Schema.Signals.Select((signal, i) => (signal.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i);
        _groups =
        [
            .. Enumerable.Range(0, columns.Count).GroupBy(i => (Family: Family(columns[i].Kind), Name: Source(columns[i])))
                .Select(group => (group.Key.Name, group.Key.Family == 0 ? signals[group.Key.Name] : -1, group.ToArray())),
        ];
    }

    /// <summary>The reasons of one row, largest first; signals that add nothing are left out.</summary>
    /// <param name="frame">One value for each signal of the schema, as recorded; NaN for missing.</param>
    /// <param name="row">The features made of it.</param>
    /// <param name="contributions">What each feature adds to the raw score.</param>
    /// <param name="output">What the score tells.</param>
    /// <returns>Their contributions together are those of the features, to the last digits.</returns>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public IReadOnlyList<Reason> Of(ReadOnlySpan<double> frame, ReadOnlySpan<double> row, ReadOnlySpan<double> contributions, ExplainedOutput output)
    {
        int columns = _plan.Definition.Columns.Count;
        if (frame.Length != _plan.Definition.Schema.Signals.Count || row.Length != columns || contributions.Length != columns)
        {
            throw new ArgumentException(
                $"The frame has {frame.Length} values for {_plan.Definition.Schema.Signals.Count} signals, the row {row.Length} and the contributions {contributions.Length} for {columns} features.",
                nameof(frame));
        }

        int condition = _plan.Conditions?.Of(frame) ?? -1;
        var reasons = new List<Reason>();
        foreach ((string name, int signal, int[] ofGroup) in _groups)
        {
            double sum = 0;
            var counting = new List<int>();
            foreach (int column in ofGroup)
            {
                sum += contributions[column];
                if (contributions[column] != 0)
                {
                    counting.Add(column);
                }
            }

            if (counting.Count == 0)
            {
                continue;
            }

            double[] sizes = contributions.ToArray();
            counting.Sort((a, b) => Math.Abs(sizes[b]).CompareTo(Math.Abs(sizes[a])) is not 0 and var order ? order : a.CompareTo(b));
            reasons.Add(Reason(name, signal, counting, frame, row, sizes, sum, condition, output));
        }

        reasons.Sort((a, b) => Math.Abs(b.Contribution).CompareTo(Math.Abs(a.Contribution)) is not 0 and var order
            ? order : string.CompareOrdinal(a.Signal, b.Signal));
        return reasons;
    }

    /// <summary>What a contribution does, in words: <c>raises the risk (+0.83)</c>.</summary>
    public string Effect(double contribution, ExplainedOutput output)
    {
        bool more = contribution >= 0;
        string size = FeatureWords.Figure(Math.Abs(contribution));
        return output switch
        {
            ExplainedOutput.Risk => $"{(more ? "raises" : "lowers")} the risk ({(more ? "+" : "-")}{Math.Abs(contribution).ToString("0.00##", CultureInfo.InvariantCulture)})",
            ExplainedOutput.Life => $"{(more ? "raises" : "lowers")} the life by {size} {FeatureWords.Lives(_label)}",
            ExplainedOutput.TimeToFailure => $"{(more ? "raises" : "lowers")} the time to failure by {size} min",
            _ => $"{(more ? "raises" : "lowers")} the anomaly score ({(more ? "+" : "-")}{size})",
        };
    }

    private Reason Reason(
        string name, int signal, List<int> counting, ReadOnlySpan<double> frame, ReadOnlySpan<double> row, double[] contributions, double sum, int condition,
        ExplainedOutput output)
    {
        // The feature that pulls the way the signal does: one that pulls the other way is not why.
        int leading = counting[Math.Max(0, counting.FindIndex(column => Math.Sign(contributions[column]) == Math.Sign(sum)))];
        FeatureColumn column = _plan.Definition.Columns[leading];
        SignalDefinition? definition = signal < 0 ? null : _plan.Definition.Schema.Signals[signal];
        double present = signal < 0 ? double.NaN : frame[signal];
        string said = Said(column, row[leading], _bands[leading], condition, row);
        // A value that is not the present one was smoothed before it was judged.
        bool isPresent = column.Kind is FeatureKind.Value or FeatureKind.State
            && (_plan.Conditions is not null || !double.IsFinite(row[leading]) || column.Kind == FeatureKind.State || row[leading] == present);
        if (definition is not null && !isPresent)
        {
            said += $", now {Present(definition, present)}";
        }

        var features = new FeatureContribution[counting.Count];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = new FeatureContribution(_plan.Definition.Columns[counting[i]].Name, row[counting[i]], contributions[counting[i]]);
        }

        (double? value, string? unit) = definition is null ? OfAsset(column, row[leading]) : (Known(present), definition.Unit);
        return new Reason(
            name, sum, $"{said}, {Effect(sum, output)}", value, unit, definition is null ? _bands[leading] : PresentBand(signal, condition), features);
    }

    private string Said(FeatureColumn column, double value, NormalBand? band, int condition, ReadOnlySpan<double> row)
    {
        SignalDefinition? definition = DefinitionOf(column);
        string name = definition is null ? FeatureWords.Name(Source(column)) : FeatureWords.Name(definition);
        switch (column.Kind)
        {
            case FeatureKind.HourSin or FeatureKind.HourCos:
                return $"{name} {Hour(row)}";
            case FeatureKind.DayOfWeekSin or FeatureKind.DayOfWeekCos:
                return $"{name} {Day(row)}";
            case FeatureKind.State or FeatureKind.FactState:
                return $"{name} {(double.IsNaN(value) ? "missing" : value > 0 ? $"is {column.State}" : $"is not {column.State}")}{Usually(value, band, $"{column.State}", $"not {column.State}")}";
        }

        string? unit = definition?.Unit;
        if (definition is { Kind: SignalKind.Boolean } && column.Kind is FeatureKind.Value or FeatureKind.Fact)
        {
            return $"{name} {(double.IsFinite(value) ? "is " : "")}{Present(definition, value)}{Usually(value, band, "on", "off")}";
        }

        string what = _words.What(column);
        if (column.Kind == FeatureKind.RollingMean && (column.State is not null || definition is { Kind: SignalKind.Boolean }))
        {
            what = column.State is null ? $"share of {_words.Length(column.WindowMs)} on: " : what;
            return $"{name}, {what}{Number(100 * value, Scaled(band, 0, 100), "%")}";
        }

        (double middle, double scale, string suffix) = InUnits(column, condition);
        string? shown = suffix.Length == 0 ? unit : null;
        double told = middle + (scale * value);
        NormalBand? normal = Scaled(band, middle, scale);
        switch (column.Kind)
        {
            case FeatureKind.RollingSlope:
                (double perUnit, string? slopeUnit) = _words.Slope(1, shown);
                (told, normal, shown) = (told * perUnit, Scaled(normal, 0, perUnit), slopeUnit);
                break;
            case FeatureKind.SinceMaintenance or FeatureKind.RunningAge:
                (double perHour, string ageUnit) = _words.Hours(1);
                (told, normal, shown) = (told * perHour, Scaled(normal, 0, perHour), ageUnit);
                break;
        }

        string subject = column.Kind switch
        {
            FeatureKind.ErrorCount => $"error {name}, ",
            FeatureKind.SinceMaintenance => $"time since maintenance of {name} ",
            _ => what.Length == 0 ? $"{name} " : $"{name}, ",
        };
        // A signal that is called what it is counted in: "rpm 1500".
        shown = string.Equals(shown, name, StringComparison.OrdinalIgnoreCase) ? null : shown;
        return $"{subject}{what}{Number(told, normal, shown, suffix)}";
    }

    // Value, unit and where it stands to its band.
    private static string Number(double value, NormalBand? band, string? unit, string suffix = "")
    {
        string tail = (unit is null ? "" : $" {unit}") + suffix;
        if (!double.IsFinite(value))
        {
            return "missing";
        }

        if (band is not { } normal)
        {
            return FeatureWords.Figure(value) + tail;
        }

        string range = normal.Low == normal.High
            ? FeatureWords.Figure(normal.Low, value) + tail
            : $"{FeatureWords.Figure(normal.Low, value < normal.Low ? value : double.NaN)} to {FeatureWords.Figure(normal.High, value > normal.High ? value : double.NaN)}{tail}";
        return value > normal.High ? $"{FeatureWords.Figure(value, normal.High)}{tail}, above its normal {range}"
            : value < normal.Low ? $"{FeatureWords.Figure(value, normal.Low)}{tail}, below its normal {range}"
            : $"{FeatureWords.Figure(value)}{tail}, within its normal {range}";
    }

    private static string Usually(double indicator, NormalBand? band, string on, string off) => band is not { } normal || double.IsNaN(indicator) ? ""
        : indicator > 0 && normal.High == 0 ? $", normally {off}"
        : indicator == 0 && normal.Low == 1 ? $", normally {on}"
        : "";

    // value in the signal's unit = Middle + Scale · value of the feature.
    private (double Middle, double Scale, string Suffix) InUnits(FeatureColumn column, int condition)
    {
        if (Family(column.Kind) != 0 || column.State is not null || _plan.Conditions?.Scale(IndexOf(column.Source), condition) is not { } scale)
        {
            return (0, 1, "");
        }

        bool isDistance = column.Kind is FeatureKind.RollingStandardDeviation or FeatureKind.RollingSlope or FeatureKind.RollingFromStart or FeatureKind.RollingGrowth;
        return double.IsNaN(scale.Mean)
            ? (0, 1, " standard deviations of its condition")
            : (isDistance ? 0 : scale.Mean, scale.Deviation, "");
    }

    private NormalBand? PresentBand(int signal, int condition)
    {
        string name = _plan.Definition.Schema.Signals[signal].Name;
        for (int i = 0; i < _plan.Definition.Columns.Count; i++)
        {
            FeatureColumn column = _plan.Definition.Columns[i];
            if (column.Kind == FeatureKind.Value && column.Source == name)
            {
                (double middle, double scale, string suffix) = InUnits(column, condition);
                return suffix.Length == 0 ? Scaled(_bands[i], middle, scale) : null;
            }
        }

        return null;
    }

    private string Hour(ReadOnlySpan<double> row)
    {
        double hours = Angle(row, FeatureKind.HourSin, FeatureKind.HourCos) * 24;
        return double.IsNaN(hours) ? "" : TimeSpan.FromMinutes(Math.Round(hours * 60) % 1440).ToString(@"hh\:mm", CultureInfo.InvariantCulture) + " UTC";
    }

    private string Day(ReadOnlySpan<double> row)
    {
        double days = Angle(row, FeatureKind.DayOfWeekSin, FeatureKind.DayOfWeekCos) * 7;
        // Sevenths of a turn from Monday, which .NET numbers 1.
        return double.IsNaN(days) ? "" : ((DayOfWeek)(((int)Math.Round(days) + 1) % 7)).ToString();
    }

    private double Angle(ReadOnlySpan<double> row, FeatureKind sine, FeatureKind cosine)
    {
        (double s, double c) = (double.NaN, double.NaN);
        foreach ((FeatureKind kind, int column) in _plan.Calendar)
        {
            s = kind == sine ? row[column] : s;
            c = kind == cosine ? row[column] : c;
        }

        double turn = Math.Atan2(s, c) / Math.Tau;
        return turn < 0 ? turn + 1 : turn;
    }

    private (double? Value, string? Unit) OfAsset(FeatureColumn column, double value) => column.Kind switch
    {
        FeatureKind.SinceMaintenance or FeatureKind.RunningAge => (Known(value), "h"),
        FeatureKind.Fact => (Known(value), DefinitionOf(column)?.Unit),
        FeatureKind.ErrorCount => (Known(value), null),
        _ => (null, null),
    };

    private static string Present(SignalDefinition signal, double value) => !double.IsFinite(value) ? "missing" : signal.Kind switch
    {
        SignalKind.Boolean => value > 0 ? "on" : "off",
        SignalKind.State => value >= 0 && value < signal.States.Count ? signal.States[(int)value] : "in a state not known",
        _ => FeatureWords.Figure(value) + (signal.Unit is null ? "" : $" {signal.Unit}"),
    };

    private SignalDefinition? DefinitionOf(FeatureColumn column) => Family(column.Kind) switch
    {
        0 => _plan.Definition.Schema.Signals[IndexOf(column.Source)],
        3 => _plan.Definition.Schema.Facts.First(fact => fact.Name == column.Source),
        _ => null,
    };

    private int IndexOf(string signal) => Array.Find(_groups, group => group.Signal >= 0 && group.Name == signal).Signal;

    // Signal, fact, error code and component may have the same name.
    private static int Family(FeatureKind kind) => kind switch
    {
        FeatureKind.ErrorCount => 1,
        FeatureKind.SinceMaintenance => 2,
        FeatureKind.Fact or FeatureKind.FactState => 3,
        FeatureKind.RunningAge or FeatureKind.HourSin or FeatureKind.HourCos or FeatureKind.DayOfWeekSin or FeatureKind.DayOfWeekCos => 4,
        _ => 0,
    };

    private static string Source(FeatureColumn column) => column.Kind switch
    {
        FeatureKind.RunningAge => "running age",
        FeatureKind.HourSin or FeatureKind.HourCos => "time of day",
        FeatureKind.DayOfWeekSin or FeatureKind.DayOfWeekCos => "day of week",
        _ => column.Source,
    };

    private static NormalBand? Scaled(NormalBand? band, double middle, double scale) =>
        band is { } normal ? new NormalBand(middle + (scale * normal.Low), middle + (scale * normal.High)) : null;

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
