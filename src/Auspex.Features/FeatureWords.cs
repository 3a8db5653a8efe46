using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features;

/// <summary>Features as people say them: <c>furnace pressure, 5 min mean 12.4 bar</c> for <c>furnace_pressure_rolling_300s_mean</c>.</summary>
internal sealed class FeatureWords
{
    private static readonly (double Ms, string Unit)[] Units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    private static readonly string[] UnitsOfTime = ["ms", "s", "sec", "m", "min", "h", "d"];

    private readonly string? _lifeUnit;
    private readonly double _lifeUnitMs;

    /// <param name="label">Where lives are counted in a unit that is none of time, such as cycles, windows are told in it.</param>
    public FeatureWords(LabelDefinition label)
    {
        if (label is { LifeUnit: { } unit, LifeUnitLength: { Ticks: > 0 } length } && !UnitsOfTime.Contains(unit))
        {
            (_lifeUnit, _lifeUnitMs) = (unit, length.TotalMilliseconds);
        }
    }

    /// <summary>A name as words: underscores are blanks.</summary>
    public static string Name(string name) => name.Replace('_', ' ').Trim() is { Length: > 0 } words ? words : name;

    /// <summary>A signal as people call it: by its label, or by its name without what the sentence says anyway, its unit (<c>age_years</c> is
    /// <c>age … 12 years</c>) and the "on" of a boolean (<c>pump_on</c> is <c>pump is on</c>).</summary>
    public static string Name(SignalDefinition signal)
    {
        if (signal.Label is { } label)
        {
            return label;
        }

        string[] words = Name(signal.Name).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] said = signal.Kind == SignalKind.Boolean ? ["on"] : Letters(signal.Unit ?? "");
        // mm/s is written mm_s or mm_per_s.
        foreach (string[] tail in (string[][])[said, [.. said.SelectMany((word, i) => i == 0 ? [word] : (string[])["per", word])]])
        {
            if (tail.Length > 0 && words.Length > tail.Length && words.TakeLast(tail.Length).SequenceEqual(tail, StringComparer.OrdinalIgnoreCase))
            {
                return string.Join(' ', words[..^tail.Length]);
            }
        }

        return string.Join(' ', words) is { Length: > 0 } name ? name : signal.Name;
    }

    // The words of a unit as they can stand in a name: °C is C, % is percent.
    private static string[] Letters(string unit) => unit == "%" ? ["percent"]
        : string.Concat(unit.Select(letter => char.IsLetterOrDigit(letter) ? letter : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A length of time in the largest unit that keeps it short, or in the unit of lives: <c>90 s</c>, <c>24 h</c>, <c>5 cycles</c>.</summary>
    public string Length(long ms)
    {
        if (_lifeUnit is not null && ms % _lifeUnitMs == 0)
        {
            return Counted(ms / _lifeUnitMs, _lifeUnit);
        }

        // A day as 24 h, a week as 7 d: whole numbers of which there is more than one.
        (double size, string unit) = Units.FirstOrDefault(entry => ms % entry.Ms == 0 && ms / entry.Ms > 1, Units.First(entry => ms % entry.Ms == 0));
        return $"{Figure(ms / size)} {unit}";
    }

    /// <summary>Hours, or as many units of life.</summary>
    public (double Number, string Unit) Hours(double hours) => _lifeUnit is null ? (hours, "h") : (hours * 3_600_000 / _lifeUnitMs, Plural(_lifeUnit));

    /// <summary>A slope an hour, or a unit of life.</summary>
    public (double Number, string? Unit) Slope(double perHour, string? unit) => _lifeUnit is null
        ? (perHour, unit is null ? "per h" : $"{unit}/h")
        : (perHour * _lifeUnitMs / 3_600_000, unit is null ? $"per {_lifeUnit}" : $"{unit}/{_lifeUnit}");

    /// <summary>The life unit as it is said of several; hours where there is none.</summary>
    public static string Lives(LabelDefinition label) => Plural(label.LifeUnit ?? "h");

    /// <summary>What stands between the signal's name and its number, with a colon where two numbers would meet.</summary>
    public string What(FeatureColumn column) => column.Kind switch
    {
        FeatureKind.Lag => $"{Length(column.WindowMs)} ago ",
        FeatureKind.RollingMean when column.State is not null => $"share of {Length(column.WindowMs)} in {column.State}: ",
        FeatureKind.RollingMean => $"{Length(column.WindowMs)} mean ",
        FeatureKind.RollingStandardDeviation => $"{Length(column.WindowMs)} standard deviation ",
        FeatureKind.RollingMin => $"{Length(column.WindowMs)} minimum ",
        FeatureKind.RollingMax => $"{Length(column.WindowMs)} maximum ",
        FeatureKind.RollingSlope => $"{Length(column.WindowMs)} slope ",
        FeatureKind.RollingGrowth => $"growth in {Length(column.WindowMs)}: ",
        FeatureKind.RollingFromStart => $"{Length(column.WindowMs)} mean against that of its start: ",
        FeatureKind.Ewma => $"mean weighted over {Length(column.WindowMs)}: ",
        FeatureKind.ErrorCount => $"number in {Length(column.WindowMs)}: ",
        _ => "",
    };

    /// <summary>A number with three decimals at most, four digits at least where it has them; never rounded to what it is told apart from.</summary>
    /// <param name="value">Finite.</param>
    /// <param name="other">A number that it must not look like; NaN for none.</param>
    public static string Figure(double value, double other = double.NaN)
    {
        for (int digits = 4; digits < 17; digits++)
        {
            string text = Rounded(value, digits);
            if (double.IsNaN(other) || value == other || text != Rounded(other, digits))
            {
                return text;
            }
        }

        return value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Rounded(double value, int digits)
    {
        double size = Math.Abs(value);
        if (size is not 0 and (< 1e-4 or >= 1e9))
        {
            return value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        int decimals = Math.Clamp(digits - 1 - (size == 0 ? 0 : (int)Math.Floor(Math.Log10(size))), 0, 15);
        string text = Math.Round(value, decimals).ToString("0.###############", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }

    private static string Counted(double number, string unit) => $"{Figure(number)} {(number == 1 ? unit : Plural(unit))}";

    // "cycle" is a word and has a plural, "kWh" is a symbol and has none.
    private static string Plural(string unit) => unit.Length > 3 && unit.All(char.IsAsciiLetterLower) && unit[^1] != 's' ? unit + "s" : unit;
}
