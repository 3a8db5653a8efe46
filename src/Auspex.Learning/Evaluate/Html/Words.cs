using System.Globalization;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>Figures and outcomes as the page says them.</summary>
internal static class Words
{
    internal const string Nothing = "–";

    internal static string Percent(double share) => double.IsNaN(share) ? Nothing : Invariant($"{share * 100:0.#} %");

    internal static string WithInterval(Estimate share) => double.IsNaN(share.Value)
        ? "nothing to count"
        : Invariant($"{share.Value * 100:0.#} %, 95 % interval {share.Lower * 100:0.#} to {share.Upper * 100:0.#} %");

    /// <summary>Units that are words take a plural s; symbols such as h do not.</summary>
    internal static string Units(string unit) => unit.Length switch { 0 => "units of life", <= 2 => unit, _ => unit + "s" };

    /// <summary>Three significant digits, never in exponents where people read them.</summary>
    internal static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return Nothing;
        }

        double size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            >= 1e9 or < 1e-4 => Invariant($"{value:0.##e0}"),
            >= 100 => Invariant($"{value:#,0}"),
            _ => value.ToString("0." + new string('#', 2 - (int)Math.Floor(Math.Log10(size))), CultureInfo.InvariantCulture),
        };
    }

    internal static string Count(long count) => Invariant($"{count:#,0}");

    internal static string Counted(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>A duration for people: 40 s, 12 min, 5.5 h, 3.2 d.</summary>
    internal static string Duration(double seconds) => seconds switch
    {
        double.NaN => Nothing,
        < 120 => Invariant($"{seconds:0.#} s"),
        < 7_200 => Invariant($"{seconds / 60:0.#} min"),
        < 172_800 => Invariant($"{seconds / 3_600:0.#} h"),
        _ => Invariant($"{seconds / 86_400:0.#} d"),
    };

    internal static string Duration(TimeSpan duration) => Duration(duration.TotalSeconds);

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    internal static string Time(DateTimeOffset? time) => time is { } t ? Time(t) : Nothing;

    internal static string Component(string component) => component.Length == 0 ? "not named" : component;

    internal static string Outcome(PredictiveAlertOutcome outcome) => outcome switch
    {
        PredictiveAlertOutcome.Hit => "hit",
        PredictiveAlertOutcome.Late => "late",
        PredictiveAlertOutcome.Open => "open",
        PredictiveAlertOutcome.Averted => "averted",
        _ => "false",
    };

    internal static string Meaning(PredictiveAlertOutcome outcome) => outcome switch
    {
        PredictiveAlertOutcome.Hit => "A failure it concerns started within the horizon.",
        PredictiveAlertOutcome.Late => "A failure it concerns started after the horizon, within the grace. In neither side of the precision.",
        PredictiveAlertOutcome.Open => "The data ends before horizon and grace do: not known yet, not counted.",
        PredictiveAlertOutcome.Averted => "Maintenance and no failure: perhaps averted, unproven. In neither side of the precision.",
        _ => "Neither failure nor maintenance until horizon and grace had passed.",
    };

    internal static string Verdict(FailureVerdict verdict) => verdict switch
    {
        FailureVerdict.Caught => "caught",
        FailureVerdict.Missed => "missed",
        FailureVerdict.NotJudgeable => "not judgeable",
        _ => "outside the period",
    };

    /// <summary>A number for an attribute of the page: two decimals at most.</summary>
    internal static string Place(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
