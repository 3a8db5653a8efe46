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

    // Frames of an asset mostly say the same signals: where each rule finds its own is looked up once a shape.
    private string[] _shape = [];
    private Places[] _places = [];

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
        Look(signals);
        for (int i = 0; i < _rules.Length; i++)
        {
            QualityRule rule = _rules[i];
            if (rule.Kind == QualityRuleKind.Expression)
            {
                JudgeCondition(rule, _places[i], values, broken);
            }
            else if (_places[i].Signal is >= 0 and var place && !double.IsNaN(values[place]) && IsBroken(rule, timeMs, values[place]))
            {
                broken(rule, place);
            }
        }

        Keep(timeMs, values);
    }

    /// <summary>Remembers the values of a frame that is not judged.</summary>
    public void Remember(long timeMs, ReadOnlySpan<string> signals, ReadOnlySpan<double> values)
    {
        Look(signals);
        Keep(timeMs, values);
    }

    private void Keep(long timeMs, ReadOnlySpan<double> values)
    {
        for (int i = 0; i < _rules.Length; i++)
        {
            QualityRule rule = _rules[i];
            if (rule.Kind == QualityRuleKind.Rate && _places[i].Signal is >= 0 and var place && !double.IsNaN(values[place])
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

    private void JudgeCondition(QualityRule rule, Places places, ReadOnlySpan<double> values, Action<QualityRule, int> broken)
    {
        int[] named = places.Named;
        if (_values.Length < named.Length)
        {
            _values = new double[named.Length];
        }

        for (int i = 0; i < named.Length; i++)
        {
            _values[i] = named[i] < 0 ? double.NaN : values[named[i]];
        }

        if (rule.Condition!.Evaluate(_values.AsSpan(0, named.Length)) != 0)
        {
            return;
        }

        foreach (int place in named)
        {
            if (place >= 0 && !double.IsNaN(values[place]) && (rule.Signal is null || place == places.Signal))
            {
                broken(rule, place);
            }
        }
    }

    private void Look(ReadOnlySpan<string> signals)
    {
        if (_places.Length == _rules.Length && signals.SequenceEqual(_shape))
        {
            return;
        }

        _shape = signals.ToArray();
        var at = new Dictionary<string, int>(_shape.Length, StringComparer.Ordinal);
        for (int i = 0; i < _shape.Length; i++)
        {
            at.TryAdd(_shape[i], i);
        }

        _places = Array.ConvertAll(_rules, rule => new Places(
            rule.Signal is { } signal ? at.GetValueOrDefault(signal, -1) : -1, [.. (rule.Condition?.Signals ?? []).Select(name => at.GetValueOrDefault(name, -1))]));
    }

    // Where a frame of the present shape holds what a rule looks at; -1 where it does not.
    private readonly record struct Places(int Signal, int[] Named);
}
