namespace Auspex.Core.DataQuality;

/// <summary>Judges the frames of one asset by its rules, one after the other. What is missing breaks no rule; a value that is behind the newest one has no change to judge.</summary>
/// <param name="rules">Those that are of frames; others are passed over.</param>
public sealed class FrameRules(IEnumerable<QualityRule> rules)
{
    /// <summary>A change is judged against a value that is no older.</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromHours(1);

    private readonly QualityRule[] _rules = [.. rules.Where(rule => rule.IsOfFrame)];
    private readonly Dictionary<string, (long TimeMs, double Value)> _before = new(StringComparer.Ordinal);
    private double[] _values = [];

    /// <summary>Whether there is nothing to judge.</summary>
    public bool IsEmpty => _rules.Length == 0;

    /// <summary>Whether the values before count.</summary>
    public bool LooksBack => Array.Exists(_rules, rule => rule.Kind == QualityRuleKind.Rate);

    /// <summary>Judges a frame, and remembers its values.</summary>
    /// <param name="timeMs">When it was measured, milliseconds since 1970.</param>
    /// <param name="signals">n names.</param>
    /// <param name="values">n values; NaN where there is none.</param>
    /// <param name="broken">Told of each rule that a value breaks, and the value's place.</param>
    public void Judge(long timeMs, ReadOnlySpan<string> signals, ReadOnlySpan<double> values, Action<QualityRule, int> broken)
    {
        ArgumentNullException.ThrowIfNull(broken);
        foreach (QualityRule rule in _rules)
        {
            if (rule.Kind == QualityRuleKind.Expression)
            {
                JudgeCondition(rule, signals, values, broken);
            }
            else if (IndexOf(signals, rule.Signal!) is >= 0 and var place && !double.IsNaN(values[place]) && IsBroken(rule, timeMs, values[place]))
            {
                broken(rule, place);
            }
        }

        Remember(timeMs, signals, values);
    }

    /// <summary>Remembers the values of a frame that is not judged.</summary>
    public void Remember(long timeMs, ReadOnlySpan<string> signals, ReadOnlySpan<double> values)
    {
        foreach (QualityRule rule in _rules)
        {
            if (rule.Kind == QualityRuleKind.Rate && IndexOf(signals, rule.Signal!) is >= 0 and var place && !double.IsNaN(values[place])
                && (!_before.TryGetValue(rule.Signal!, out (long TimeMs, double Value) before) || before.TimeMs < timeMs))
            {
                _before[rule.Signal!] = (timeMs, values[place]);
            }
        }
    }

    private bool IsBroken(QualityRule rule, long timeMs, double value) => rule.Kind switch
    {
        QualityRuleKind.Range => value < rule.Low || value > rule.High,
        QualityRuleKind.States => !rule.Allowed.Contains(value),
        QualityRuleKind.Rate => _before.TryGetValue(rule.Signal!, out (long TimeMs, double Value) before) && timeMs > before.TimeMs && timeMs - before.TimeMs <= LongestStep.TotalMilliseconds
            && Math.Abs(value - before.Value) > rule.PerSecond * (timeMs - before.TimeMs) / 1000.0,
        _ => throw new System.Diagnostics.UnreachableException($"bug: {rule.Kind} is not of one value"),
    };

    private void JudgeCondition(QualityRule rule, ReadOnlySpan<string> signals, ReadOnlySpan<double> values, Action<QualityRule, int> broken)
    {
        IReadOnlyList<string> named = rule.Condition!.Signals;
        if (_values.Length < named.Count)
        {
            _values = new double[named.Count];
        }

        for (int i = 0; i < named.Count; i++)
        {
            _values[i] = IndexOf(signals, named[i]) is >= 0 and var place ? values[place] : double.NaN;
        }

        if (rule.Condition.Evaluate(_values.AsSpan(0, named.Count)) != 0)
        {
            return;
        }

        for (int i = 0; i < signals.Length; i++)
        {
            if (!double.IsNaN(values[i]) && (rule.Signal is { } one ? signals[i] == one : named.Contains(signals[i])))
            {
                broken(rule, i);
            }
        }
    }

    private static int IndexOf(ReadOnlySpan<string> signals, string name)
    {
        for (int i = 0; i < signals.Length; i++)
        {
            if (string.Equals(signals[i], name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
