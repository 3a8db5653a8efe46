using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;

namespace Auspex.Learning.Evaluate;

/// <summary>The simplest thing that could do the model's work: one signal against one limit, as an operator would set it.</summary>
/// <param name="Component">The component whose failures it is to foretell; empty when the label tells none apart.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Index">Its place in the schema.</param>
/// <param name="Above">Alerts at or above the limit; else at or below.</param>
/// <param name="Limit">The limit, in the unit of the signal; NaN for a rule that never alerts, where none is worth its false alerts.</param>
/// <param name="TrainingCost">What it would have cost on the training side.</param>
public sealed record SingleThresholdRule(string Component, string Signal, int Index, bool Above, double Limit, double TrainingCost)
{
    private const int LimitsTried = 40;

    /// <summary>Whether a value breaks the limit. A missing one never does, nor any value a missing limit.</summary>
    public bool IsBroken(double value) => Above ? value >= Limit : value <= Limit;

    /// <summary>Finds the rule of least cost for each component: every signal but states, both directions, 40 limits at the quantiles of its
    /// training values that leave at most half of the rows beyond them. Looks at the training side alone.</summary>
    /// <param name="histories">Training histories.</param>
    /// <param name="events">What training knew of each of them.</param>
    /// <param name="label">What is predicted; its horizon is more than 0.</param>
    /// <param name="signals">Signals of the histories, in the order of the schema.</param>
    /// <param name="prices">What mistakes cost.</param>
    /// <param name="threads">Signals tried side by side, at least 1; the result is the same for any number.</param>
    /// <param name="ct">Looked at between signals.</param>
    /// <returns>One rule a component, in the order of the label; one in all when it tells none apart.</returns>
    /// <exception cref="ArgumentException">Histories and events are not of the same assets.</exception>
    public static IReadOnlyList<SingleThresholdRule> Find(
        IReadOnlyList<AssetHistory> histories, IReadOnlyList<AssetEvents> events, LabelDefinition label, IReadOnlyList<SignalDefinition> signals,
        AlertPrices prices, int threads, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(signals);
        ArgumentNullException.ThrowIfNull(prices);
        prices.Check();
        AssetHistory[] ordered = [.. histories.OrderBy(history => history.Asset)];
        IReadOnlyList<JudgedAsset> joined = JudgedAsset.Join(
            [.. ordered.Select(history => new AssetPredictions(history.Asset, history.TimesUnixMs, [new double[history.Count]]))],
            events, label with { Components = [] });
        // Rows while the asset was failed are left out by the join.
        int[][] rows = [.. joined.Select((asset, i) => asset.Times.Select(time => Array.BinarySearch(ordered[i].TimesUnixMs, time)).ToArray())];
        string[] components = label.Components.Count == 0 ? [""] : [.. label.Components];
        var best = new SingleThresholdRule?[signals.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(0, signals.Count, options, signal => best[signal] = signals[signal].Kind == SignalKind.State
            ? []
            : [.. components.Select(component => BestOf(component, signal))]);

        SingleThresholdRule? BestOf(string component, int signal)
        {
            double[][] values = [.. ordered.Select((history, i) => rows[i].Select(row => history.Values[signal][row]).ToArray())];
            double[] ascending = [.. values.SelectMany(v => v).Where(double.IsFinite).Order()];
            IReadOnlyList<JudgedAsset> concerned = Concerned(joined, component);
            SingleThresholdRule? least = null;
            foreach (bool above in new[] { true, false })
            {
                foreach (double limit in Limits(ascending, above))
                {
                    var rule = new SingleThresholdRule(component, signals[signal].Name, signal, above, limit, double.NaN);
                    double cost = EventCounts.Cost(prices, rule.Count(concerned, values, label));
                    least = least is null || cost < least.TrainingCost ? rule with { TrainingCost = cost } : least;
                }
            }

            return least;
        }

        return [.. components.Select((component, i) =>
        {
            var never = new SingleThresholdRule(component, "", -1, true, double.NaN, double.NaN);
            never = never with { TrainingCost = EventCounts.Cost(prices, never.Count(Concerned(joined, component), [.. rows.Select(r => new double[r.Length])], label)) };
            return best.Where(rules => rules.Length > 0).Select(rules => rules[i]).OfType<SingleThresholdRule>()
                .Append(never).MinBy(rule => rule.TrainingCost)!;
        })];
    }

    /// <summary>Judges rules on the test side as a model is judged: a broken limit is a probability of 1.</summary>
    /// <param name="rules">One a component, as <see cref="Find"/> gives them.</param>
    /// <param name="histories">Test histories.</param>
    /// <param name="judged">The predictions of the model there: the rules are judged on the same rows.</param>
    /// <param name="events">What happened there.</param>
    /// <param name="label">What is predicted.</param>
    public static EventMeasures Judge(
        IReadOnlyList<SingleThresholdRule> rules, IReadOnlyList<AssetHistory> histories, IReadOnlyList<AssetPredictions> judged,
        IReadOnlyList<AssetEvents> events, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(judged);
        Dictionary<AssetId, AssetHistory> historyOf = histories.ToDictionary(history => history.Asset);
        AssetPredictions[] said =
        [
            .. judged.Select(asset =>
            {
                AssetHistory history = historyOf[asset.Asset];
                int[] rows = [.. asset.TimesUnixMs.Select(time => Array.BinarySearch(history.TimesUnixMs, time))];
                return asset with
                {
                    Probabilities = [.. rules.Select(rule => rows
                        .Select(row => row >= 0 && rule.Index >= 0 && rule.IsBroken(history.Values[rule.Index][row]) ? 1.0 : 0).ToArray())],
                };
            }),
        ];
        return EventMeasures.Of(said, events, label, 1);
    }

    /// <summary>The rule in words, such as <c>temperature ≥ 71.5</c>.</summary>
    public override string ToString() => double.IsNaN(Limit)
        ? "never"
        : FormattableString.Invariant($"{Signal} {(Above ? "≥" : "≤")} {Limit:G6}");

    private static IEnumerable<double> Limits(double[] ascending, bool above)
    {
        if (ascending.Length == 0 || ascending[0] == ascending[^1])
        {
            return []; // a signal that never changes tells nothing
        }

        // The share beyond the limit halves from one half down in even steps of its logarithm to one row in 2^10: rare failures need far limits.
        return Enumerable.Range(0, LimitsTried)
            .Select(i => Math.Pow(2, -1 - (9.0 * i / (LimitsTried - 1))))
            .Select(beyond => Quantile.OfSorted(ascending, above ? 1 - beyond : beyond))
            .Distinct();
    }

    /// <summary>Failures of other components are no concern of a rule.</summary>
    private static IReadOnlyList<JudgedAsset> Concerned(IReadOnlyList<JudgedAsset> assets, string component) =>
        [.. assets.Select(asset => asset with { Episodes = [.. asset.Episodes.Where(e => FailureMatch.Concerns(component, e.Component))] })];

    private EventCounts Count(IReadOnlyList<JudgedAsset> assets, double[][] values, LabelDefinition label)
    {
        LabelDefinition own = label with { Components = Component.Length == 0 ? [] : [Component] };
        List<FailureJudgement> failures = [];
        List<PredictiveAlert> alerts = [];
        for (int i = 0; i < assets.Count; i++)
        {
            JudgedAsset asset = assets[i];
            // Only rows that break the limit can raise or join an alert, and they are few.
            List<long> broken = [];
            for (int row = 0; row < values[i].Length; row++)
            {
                if (IsBroken(values[i][row]))
                {
                    broken.Add(asset.Times[row]);
                }
            }

            double[] certain = new double[broken.Count];
            Array.Fill(certain, 1);
            PredictiveAlert[] settled =
            [
                .. PredictiveAlertRule
                    .Replay(asset.Asset, broken.ToArray(), [certain], asset.Events, asset.KnownUntilUnixMs, own, 1)
                    .Select(alert => AlertSettlement.Settle(alert, asset.Episodes, asset.Events, asset.KnownUntilUnixMs, own)),
            ];
            alerts.AddRange(settled);
            failures.AddRange(AlertSettlement.Judge(asset.Episodes, settled, asset.Times, own));
        }

        return EventCounts.Of(failures, alerts, assets.Sum(asset => asset.Days), assets.Count);
    }
}
