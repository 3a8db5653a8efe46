using Auspex.Core.Signals;

namespace Auspex.Core.DataQuality;

/// <summary>Makes the hours of an asset's quality from its frames in the order of their time. It is told of frames from <see cref="LookBack"/> before the first hour on: then every hour is
/// what it would be in any longer range.</summary>
public sealed class AssetQuality
{
    /// <summary>A frame that arrives longer after it was measured is late.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(1);

    /// <summary>Longest time of a rule of freshness or flatness.</summary>
    public static readonly TimeSpan LongestRule = TimeSpan.FromDays(7);

    private const long HourMs = 3_600_000;

    // Of an hour whose rhythm no rule tells, a gap of more than so many of its usual steps is missing.
    private const double GapSteps = 3;

    private readonly QualityRule[] _rules;
    private readonly ILookup<string, QualityRule> _flat;
    private readonly ILookup<string, QualityRule> _fresh;
    private readonly FrameRules _frameRules;
    private readonly long _fromMs;
    private readonly long _untilMs;
    private readonly List<HourQuality> _hours = [];
    private readonly Dictionary<string, long> _lastMs = new(StringComparer.Ordinal);
    private readonly Dictionary<QualityRule, (long FromMs, long LastMs, double Value)> _same = new(ReferenceEqualityComparer.Instance);
    private Hour _hour;

    /// <param name="rules">Of the asset.</param>
    /// <param name="fromMs">First hour, milliseconds since 1970; a whole hour.</param>
    /// <param name="toMs">The hour behind the last.</param>
    /// <param name="nowMs">What is later has not come yet, and is missing in no hour.</param>
    public AssetQuality(IEnumerable<QualityRule> rules, long fromMs, long toMs, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(fromMs % HourMs, 0, nameof(fromMs));
        ArgumentOutOfRangeException.ThrowIfNotEqual(toMs % HourMs, 0, nameof(toMs));
        _rules = [.. rules];
        _flat = _rules.Where(rule => rule.Kind == QualityRuleKind.Flat).ToLookup(rule => rule.Signal!, StringComparer.Ordinal);
        _fresh = _rules.Where(rule => rule.Kind == QualityRuleKind.Freshness).ToLookup(rule => rule.Signal!, StringComparer.Ordinal);
        _frameRules = new FrameRules(_rules);
        (_fromMs, _untilMs) = (fromMs, Math.Min(toMs, nowMs));
        _hour = new Hour(fromMs);
        // A value is flat where it is seen to stay for so long without a gap of so long: the value it is seen from is no older than twice that.
        LookBack = TimeSpan.FromTicks(_rules.Select(rule => rule.Kind == QualityRuleKind.Flat ? 2 * rule.Longest.Ticks : rule.Longest.Ticks).Append(FrameRules.LongestStep.Ticks).Max());
    }

    /// <summary>How long before the first hour frames count for it.</summary>
    public TimeSpan LookBack { get; }

    /// <summary>Takes a frame in.</summary>
    /// <param name="timeMs">When it was measured; later than the frame before.</param>
    /// <param name="arrivedMs">When it arrived.</param>
    /// <param name="signals">n names.</param>
    /// <param name="values">n values.</param>
    /// <param name="qualities">n qualities; <see cref="Quality.Absent"/> where the frame does not hold the signal.</param>
    public void Add(long timeMs, long arrivedMs, ReadOnlySpan<string> signals, ReadOnlySpan<double> values, ReadOnlySpan<Quality> qualities)
    {
        bool counts = timeMs >= _fromMs;
        if (counts)
        {
            CloseUntil(timeMs - (timeMs % HourMs));
            _hour.Times.Add(timeMs);
            _hour.Late += arrivedMs - timeMs > LateAfter.TotalMilliseconds ? 1 : 0;
        }

        for (int i = 0; i < signals.Length; i++)
        {
            if (qualities[i] == Quality.Absent)
            {
                continue;
            }

            bool missing = double.IsNaN(values[i]);
            bool flat = false;
            if (!missing)
            {
                flat = IsFlat(signals[i], timeMs, values[i]);
                Gap(signals[i], timeMs);
                _lastMs[signals[i]] = timeMs;
            }

            if (counts)
            {
                _hour.Of(signals[i]).Add(qualities[i], missing, flat);
            }
        }

        if (counts)
        {
            var broken = new HashSet<int>();
            _frameRules.Judge(timeMs, signals, values, (rule, place) =>
            {
                _hour.Broken[rule] = _hour.Broken.GetValueOrDefault(rule) + 1;
                broken.Add(place);
            });
            _hour.BrokenSamples += broken.Count;
        }
        else
        {
            _frameRules.Remember(timeMs, signals, values);
        }
    }

    /// <summary>All hours, once all frames were taken in; hours that have not begun are left out.</summary>
    public IReadOnlyList<HourQuality> Hours()
    {
        CloseUntil(_untilMs);
        if (_hour.FromMs < _untilMs)
        {
            Close(_untilMs);
        }

        return _hours;
    }

    private void CloseUntil(long hourMs)
    {
        while (_hour.FromMs + HourMs <= hourMs)
        {
            Close(_hour.FromMs + HourMs);
        }
    }

    private void Close(long endMs)
    {
        Hour hour = _hour;
        // Gaps that are still open reach the end of the hour; the rest of them is the next hour's.
        foreach (QualityRule rule in _fresh.SelectMany(rules => rules))
        {
            Stale(rule, endMs);
        }

        var signals = hour.Signals.OrderBy(signal => signal.Key, StringComparer.Ordinal).Select(signal => signal.Value.Shown(signal.Key)).ToList();
        long samples = signals.Sum(signal => (long)signal.Samples);
        long watched = signals.Where(signal => _flat.Contains(signal.Signal)).Sum(signal => (long)signal.Samples);
        var broken = new List<BrokenRule>();
        double? completeness = null;
        foreach (QualityRule rule in _rules)
        {
            switch (rule.Kind)
            {
                case QualityRuleKind.Completeness:
                    double expected = rule.SamplesAnHour * (endMs - hour.FromMs) / HourMs;
                    int got = hour.Signals.TryGetValue(rule.Signal!, out Counts? counts) ? counts.Samples - counts.Missing : 0;
                    double share = expected < 1 ? 1 : Math.Min(1, got / Math.Floor(expected));
                    completeness = Math.Min(completeness ?? 1, share);
                    if (share < rule.Share)
                    {
                        broken.Add(new BrokenRule(rule, (int)Math.Min(int.MaxValue, Math.Floor(expected) - got), 0));
                    }

                    break;
                case QualityRuleKind.Flat:
                    if (hour.Signals.TryGetValue(rule.Signal!, out Counts? flat) && flat.Flat > 0)
                    {
                        broken.Add(new BrokenRule(rule, flat.Flat, 0));
                    }

                    break;
                case QualityRuleKind.Freshness:
                    if (hour.StaleMs.TryGetValue(rule, out long staleMs) && staleMs > 0)
                    {
                        broken.Add(new BrokenRule(rule, 0, staleMs / 1000.0));
                    }

                    break;
                default:
                    if (hour.Broken.TryGetValue(rule, out int times))
                    {
                        broken.Add(new BrokenRule(rule, times, 0));
                    }

                    break;
            }
        }

        _hours.Add(new HourQuality(
            hour.FromMs, hour.Times.Count, hour.Late, completeness ?? Covered(hour, endMs), Share(signals.Sum(signal => (long)signal.Good), samples), Share(hour.Late, hour.Times.Count),
            Share(signals.Sum(signal => (long)signal.Flat), watched), Share(hour.BrokenSamples, samples), signals, broken));
        _hour = new Hour(hour.FromMs + HourMs);
    }

    // Of the hour, the share that lies in no gap.
    private static double Covered(Hour hour, long endMs)
    {
        List<long> times = hour.Times;
        if (times.Count < 2)
        {
            return times.Count;
        }

        long[] steps = new long[times.Count - 1];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = times[i + 1] - times[i];
        }

        long[] sorted = [.. steps.Order()];
        double usual = sorted[sorted.Length / 2];
        double missing = 0;
        foreach (long step in steps.Append(times[0] - hour.FromMs).Append(endMs - times[^1]))
        {
            missing += step > GapSteps * usual ? step - usual : 0;
        }

        return Math.Clamp(1 - (missing / Math.Max(1, endMs - hour.FromMs)), 0, 1);
    }

    private bool IsFlat(string signal, long timeMs, double value)
    {
        bool flat = false;
        foreach (QualityRule rule in _flat[signal])
        {
            double longestMs = rule.Longest.TotalMilliseconds;
            bool stays = _same.TryGetValue(rule, out (long FromMs, long LastMs, double Value) same) && same.Value == value && timeMs - same.LastMs < longestMs;
            _same[rule] = (stays ? same.FromMs : timeMs, timeMs, value);
            flat |= stays && timeMs - same.FromMs >= longestMs;
        }

        return flat;
    }

    private void Gap(string signal, long timeMs)
    {
        foreach (QualityRule rule in _fresh[signal])
        {
            Stale(rule, timeMs);
        }
    }

    // The part of a gap that lies in the hour and is beyond what the rule allows.
    private void Stale(QualityRule rule, long untilMs)
    {
        long beginsMs = Math.Max(_hour.FromMs, _lastMs.TryGetValue(rule.Signal!, out long lastMs) ? lastMs + (long)rule.Longest.TotalMilliseconds : _fromMs);
        if (untilMs > beginsMs)
        {
            _hour.StaleMs[rule] = _hour.StaleMs.GetValueOrDefault(rule) + untilMs - beginsMs;
        }
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private sealed class Hour(long fromMs)
    {
        public long FromMs { get; } = fromMs;

        public List<long> Times { get; } = [];

        public int Late { get; set; }

        public long BrokenSamples { get; set; }

        public Dictionary<string, Counts> Signals { get; } = new(StringComparer.Ordinal);

        public Dictionary<QualityRule, int> Broken { get; } = new(ReferenceEqualityComparer.Instance);

        public Dictionary<QualityRule, long> StaleMs { get; } = new(ReferenceEqualityComparer.Instance);

        public Counts Of(string signal) => Signals.TryGetValue(signal, out Counts? counts) ? counts : Signals[signal] = new Counts();
    }

    private sealed class Counts
    {
        private int _good;
        private int _uncertain;
        private int _bad;

        public int Samples => _good + _uncertain + _bad;

        public int Missing { get; private set; }

        public int Flat { get; private set; }

        public void Add(Quality quality, bool missing, bool flat)
        {
            _good += quality == Quality.Good ? 1 : 0;
            _uncertain += quality == Quality.Uncertain ? 1 : 0;
            _bad += quality == Quality.Bad ? 1 : 0;
            Missing += missing ? 1 : 0;
            Flat += flat ? 1 : 0;
        }

        public SignalHour Shown(string signal) => new(signal, Samples, _good, _uncertain, _bad, Missing, Flat);
    }
}
