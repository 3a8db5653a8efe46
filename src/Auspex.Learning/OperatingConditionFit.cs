using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Learning;

/// <summary>Learns from training assets under which conditions they run and what each reading usually is under each.</summary>
internal static class OperatingConditionFit
{
    /// <summary>Share of the readings' variance that the conditions must explain to be used.</summary>
    public const double LeastExplained = 0.5;

    /// <summary>Fewer frames of a condition say too little of a reading: it is missing there.</summary>
    public const int LeastFrames = 30;

    // Conditions are found on at most this many frames, evenly taken; what is usual under them on all.
    private const int MostPoints = 20_000;

    // A spread this small beside the value is rounding.
    private const double NoSpread = 1e-9;

    /// <summary>The conditions, and the readings that say nothing beside them.</summary>
    /// <param name="schema">The schema of the histories.</param>
    /// <param name="without">Signals not to be looked at.</param>
    /// <param name="training">Histories of the training assets.</param>
    /// <param name="knownUntilUnixMs">Frames after this instant are not looked at.</param>
    /// <param name="asked">True uses the conditions however little they explain, false never, null when they explain enough.</param>
    /// <param name="notes">Told how much they explain.</param>
    /// <returns>Null conditions when there are none to use.</returns>
    public static (OperatingConditions? Conditions, IReadOnlyList<string> Constant) Of(
        AssetSchema schema, IReadOnlySet<string> without, IReadOnlyList<AssetHistory> training, long knownUntilUnixMs, bool? asked,
        ICollection<string> notes)
    {
        int[] rows = UninformativeSignals.KnownRows(training, knownUntilUnixMs);
        Setting[] settings = [.. schema.Signals.SelectMany((signal, index) => without.Contains(signal.Name) ? [] : SettingsOf(signal, index, training, rows))];
        int[] readings =
        [
            .. Enumerable.Range(0, schema.Signals.Count).Where(s => !without.Contains(schema.Signals[s].Name)
                && schema.Signals[s] is { Kind: SignalKind.Continuous, Role: SignalRole.Reading }),
        ];
        if (asked == false || settings.Length == 0 || readings.Length == 0)
        {
            return (null, []);
        }

        double[][] points = Points(settings, training, rows);
        double[] deviations = [.. settings.Select((_, i) => Math.Sqrt(Spread.Of(points.Select(point => point[i])).Variance))];
        int[] varied = [.. Enumerable.Range(0, settings.Length).Where(i => double.IsFinite(deviations[i]) && deviations[i] > 0)];
        if (points.Length < LeastFrames || varied.Length == 0)
        {
            notes.Add($"Readings are taken as they are: {points.Length} training frames have all operating settings, and at least {LeastFrames} that differ are needed.");
            return (null, []);
        }

        settings = [.. varied.Select(i => settings[i])];
        double[] scales = [.. varied.Select(i => deviations[i])];
        double[][] centres = ConditionClusters.Centres([.. points.Select(point => varied.Select(i => point[i] / deviations[i]).ToArray())]);
        (Spread[][] spreads, double[] farthest) = Assign(settings, scales, centres, readings, training, rows);
        double explained = readings.Select((_, r) => Explained(spreads[r])).Where(double.IsFinite).DefaultIfEmpty(0).Average();
        string names = string.Join(", ", settings.Select(setting => setting.Signal.Name).Distinct());
        string share = string.Create(CultureInfo.InvariantCulture, $"{centres.Length} conditions of {names} explain {Math.Max(0, explained) * 100:0} % of the readings' variance");
        if (asked is null && explained < LeastExplained)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Readings are taken as they are: {share}, less than {LeastExplained * 100:0} %."));
            return (null, []);
        }

        notes.Add($"Readings are taken relative to their operating condition: {share}.");
        int[] constant = [.. Enumerable.Range(0, readings.Length).Where(r => spreads[r].All(spread => spread.Count < LeastFrames || spread.IsConstant))];
        var conditions = new OperatingConditions(
            [.. settings.Select((setting, i) => new ConditionSetting(setting.Signal.Name, setting.StateName, scales[i]))],
            [.. centres.Select((centre, k) => new OperatingCondition([.. centre.Select((value, i) => value * scales[i])], Reach(centres, k, farthest[k])))],
            [.. Enumerable.Range(0, readings.Length).Except(constant).Select(r => Reading(schema.Signals[readings[r]].Name, spreads[r]))]);
        return (conditions, [.. constant.Select(r => schema.Signals[readings[r]].Name)]);
    }

    // A number is one measure; a state is one for each of its states that occurs. More states than conditions could be told apart are no condition.
    private static IEnumerable<Setting> SettingsOf(SignalDefinition signal, int index, IReadOnlyList<AssetHistory> training, int[] rows)
    {
        if (signal.Role != SignalRole.OperatingSetting || signal.Kind == SignalKind.Counter)
        {
            return [];
        }

        if (signal.Kind != SignalKind.State)
        {
            return [new Setting(signal, index, -1)];
        }

        int[] states =
        [
            .. training.SelectMany((asset, a) => asset.Values[index].Take(rows[a])).Where(double.IsFinite).Select(value => (int)value).Distinct().Order(),
        ];
        return states.Length > ConditionClusters.Most ? [] : states.Select(state => new Setting(signal, index, state));
    }

    private static double[][] Points(Setting[] settings, IReadOnlyList<AssetHistory> training, int[] rows)
    {
        long step = Math.Max(1, (rows.Sum(count => (long)count) + MostPoints - 1) / MostPoints);
        var points = new List<double[]>();
        long at = 0;
        for (int asset = 0; asset < training.Count; asset++)
        {
            for (int row = 0; row < rows[asset]; row++, at++)
            {
                double[]? point = at % step == 0 ? [.. settings.Select(setting => setting.Of(training[asset], row))] : null;
                if (point is not null && point.All(double.IsFinite))
                {
                    points.Add(point);
                }
            }
        }

        return [.. points];
    }

    private static (Spread[][] Spreads, double[] Farthest) Assign(
        Setting[] settings, double[] scales, double[][] centres, int[] readings, IReadOnlyList<AssetHistory> training, int[] rows)
    {
        Spread[][] spreads = [.. readings.Select(_ => new Spread[centres.Length])];
        var farthest = new double[centres.Length];
        var point = new double[settings.Length];
        for (int asset = 0; asset < training.Count; asset++)
        {
            for (int row = 0; row < rows[asset]; row++)
            {
                for (int i = 0; i < settings.Length; i++)
                {
                    point[i] = settings[i].Of(training[asset], row) / scales[i];
                }

                (int condition, double squared) = ConditionClusters.Nearest(point, centres);
                if (!double.IsFinite(squared))
                {
                    continue;
                }

                farthest[condition] = Math.Max(farthest[condition], Math.Sqrt(squared));
                for (int r = 0; r < readings.Length; r++)
                {
                    spreads[r][condition].Add(training[asset].Values[readings[r]][row]);
                }
            }
        }

        return (spreads, farthest);
    }

    // Twice as far as any training frame went, or half way to the next condition if that is more: beyond, nothing is known.
    private static double Reach(double[][] centres, int condition, double farthest)
    {
        double next = centres.Where((_, k) => k != condition)
            .Select(centre => Math.Sqrt(ConditionClusters.SquaredDistance(centre, centres[condition]))).DefaultIfEmpty(2).Min();
        return Math.Max(2 * farthest, next / 2);
    }

    // Adjusted R²: what k conditions explain by chance is not counted. NaN where the reading does not vary at all.
    private static double Explained(Spread[] conditions)
    {
        Spread all = conditions.Aggregate(default(Spread), Spread.Merge);
        int used = conditions.Count(spread => spread.Count > 0);
        double within = conditions.Sum(spread => spread.Squares) / (all.Count - used);
        return 1 - (within / all.Variance);
    }

    private static ConditionReading Reading(string name, Spread[] spreads) => new(
        name,
        [.. spreads.Select(spread => spread.Count < LeastFrames ? (double?)null : spread.Mean)],
        [.. spreads.Select(spread => spread.Count < LeastFrames || spread.IsConstant ? 1 : Math.Sqrt(spread.Variance))]);

    private readonly record struct Setting(SignalDefinition Signal, int Index, int State)
    {
        public string? StateName => State < 0 ? null : Signal.States[State];

        public double Of(AssetHistory history, int row)
        {
            double value = history.Values[Index][row];
            return State < 0 || !double.IsFinite(value) ? value : value == State ? 1 : 0;
        }
    }

    private struct Spread
    {
        public long Count { get; private set; }

        public double Mean { get; private set; }

        public double Squares { get; private set; }

        public readonly double Variance => Squares / (Count - 1);

        public readonly bool IsConstant => Math.Sqrt(Variance) <= NoSpread * Math.Abs(Mean);

        public static Spread Of(IEnumerable<double> values)
        {
            Spread spread = default;
            foreach (double value in values)
            {
                spread.Add(value);
            }

            return spread;
        }

        public void Add(double value)
        {
            if (!double.IsFinite(value))
            {
                return;
            }

            Count++;
            double step = value - Mean;
            Mean += step / Count;
            Squares += step * (value - Mean);
        }

        public static Spread Merge(Spread one, Spread other)
        {
            if (one.Count == 0 || other.Count == 0)
            {
                return one.Count == 0 ? other : one;
            }

            long count = one.Count + other.Count;
            double step = other.Mean - one.Mean;
            return new Spread
            {
                Count = count,
                Mean = one.Mean + (step * other.Count / count),
                Squares = one.Squares + other.Squares + (step * step * ((double)one.Count * other.Count / count)),
            };
        }
    }
}
