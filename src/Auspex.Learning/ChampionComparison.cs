using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning.Deploy;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>Puts a candidate beside the champion on the rows of the test side that neither learned from, each at its own threshold.</summary>
internal static class ChampionComparison
{
    // Fewer assets than a bootstrap needs are cut into stretches of time: far apart, an asset's rows resemble each other no more than other assets'.
    private const int HorizonsOfAStretch = 10;

    /// <summary>What the gate decides on.</summary>
    /// <param name="split">The candidate's.</param>
    /// <param name="candidate">Manifest of the candidate.</param>
    /// <param name="said">What the candidate said on the test side.</param>
    /// <param name="leaks">Its features that look like leaks.</param>
    /// <param name="champion">Manifest of the champion.</param>
    /// <param name="championSaid">What the champion said there.</param>
    /// <param name="prices">What mistakes cost.</param>
    public static PromotionCase Of(
        DataSplit split, ModelManifest candidate, Judged said, IReadOnlyList<string> leaks, ModelManifest champion, Judged championSaid, AlertPrices prices)
    {
        LabelDefinition label = candidate.Label;
        string name = $"{champion.Name} {champion.Version}";
        PromotionMeasure measure = label.Task == PredictionTask.RemainingUsefulLife ? PromotionMeasure.LifeError : PromotionMeasure.Cost;
        var nothing = new PromotionCase(name, measure, []) { Leaks = leaks, KnewItsTest = KnewItsTest(split, candidate, said) };
        if (Incomparable(label, champion.Label) is { } why)
        {
            return nothing with { Incomparable = why };
        }

        long Unseen(AssetId asset) => Math.Max(split.TestFromUnixMs, Math.Max(UnseenFrom(candidate, asset, label.Horizon), UnseenFrom(champion, asset, label.Horizon)));
        return measure == PromotionMeasure.LifeError ? OfLives(nothing, said, championSaid, label, champion.Label, Unseen)
            : label.Horizon == TimeSpan.Zero ? OfConditions(nothing, candidate, said, champion, championSaid, prices, Unseen)
            : OfFailures(nothing, candidate, said, champion, championSaid, prices, Unseen);
    }

    /// <summary>The first instant that a model did not learn from of an asset: a purge gap after what it knew. No instant, where it knew all of it.</summary>
    internal static long UnseenFrom(ModelManifest model, AssetId asset, TimeSpan gap) => !model.Training.Assets.Contains(asset.Value) ? long.MinValue
        : model.Training.KnownUntil is { } known ? (known + gap).ToUnixTimeMilliseconds()
        : long.MaxValue;

    private static string? KnewItsTest(DataSplit split, ModelManifest candidate, Judged said)
    {
        AssetId[] known =
        [
            .. Times(said).Where(asset => asset.Times.Length > 0 && Math.Max(split.TestFromUnixMs, asset.Times[0]) < UnseenFrom(candidate, asset.Asset, candidate.Label.Horizon))
                .Select(asset => asset.Asset).Order(),
        ];
        return known.Length == 0 ? null : $"{known.Length} of {Times(said).Count()} assets of its test, among them '{known[0]}'.";
    }

    private static string? Incomparable(LabelDefinition candidate, LabelDefinition champion)
    {
        string Length(TimeSpan length) => DurationText.Format(length);
        return candidate.Task != champion.Task ? "one tells failures, the other remaining useful life."
            : candidate.Task == PredictionTask.RemainingUsefulLife
            ? candidate.LifeUnit == champion.LifeUnit && candidate.LifeUnitLength == champion.LifeUnitLength ? null
                : $"lives in {candidate.LifeUnit} and in {champion.LifeUnit}. Train with the same unit."
            : candidate.Horizon != champion.Horizon ? $"failures within {Length(candidate.Horizon)} and within {Length(champion.Horizon)}. Train with the same horizon."
            : candidate.Grace != champion.Grace || candidate.Recovery != champion.Recovery
            ? $"grace {Length(candidate.Grace)} and {Length(champion.Grace)}, recovery {Length(candidate.Recovery)} and {Length(champion.Recovery)}. Train with the same."
            : null;
    }

    private static PromotionCase OfFailures(
        PromotionCase nothing, ModelManifest candidate, Judged said, ModelManifest champion, Judged championSaid, AlertPrices prices, Func<AssetId, long> unseen)
    {
        Dictionary<AssetId, HashSet<long>> shared = Shared(said, championSaid, unseen);
        EventMeasures Measured(Judged judged, ModelManifest model) => EventMeasures.Of(
            [.. judged.Predictions.Where(asset => shared.ContainsKey(asset.Asset)).OrderBy(asset => asset.Asset).Select(asset => Only(asset, shared[asset.Asset]))],
            [.. said.Events.Where(asset => shared.ContainsKey(asset.Asset)).OrderBy(asset => asset.Asset)],
            model.Label, model.Thresholds.FailureProbability ?? ThresholdChoice.Default, model.Thresholds.ConfidenceThreshold);
        if (shared.Count == 0)
        {
            return nothing;
        }

        EventMeasures ours = Measured(said, candidate);
        EventMeasures theirs = Measured(championSaid, champion);
        bool byAsset = shared.Count >= PromotionGate.FewestUnits;
        long stretchMs = HorizonsOfAStretch * (long)candidate.Label.Horizon.TotalMilliseconds;
        (string, long) Unit(string asset, long timeUnixMs) => (asset, byAsset ? 0 : (long)Math.Floor((double)timeUnixMs / stretchMs));
        Dictionary<(string, long), double> Costs(EventMeasures measures)
        {
            // Each stretch that was watched counts, also where neither made a mistake.
            Dictionary<(string, long), double> costs = shared.SelectMany(asset => asset.Value.Select(time => Unit(asset.Key.Value, time))).Distinct().ToDictionary(unit => unit, _ => 0.0);
            void Add((string, long) unit, double cost) => costs[unit] = costs.GetValueOrDefault(unit) + cost;
            foreach (FailureFinding failure in measures.Failures.Where(failure => failure.Judgement.Verdict == FailureVerdict.Missed))
            {
                Add(Unit(failure.Judgement.Failure.Asset.Value, failure.Judgement.Failure.StartUnixMs), prices.Cost(missed: 1, 0, 0));
            }

            foreach (PredictiveAlert alert in measures.Alerts.Where(alert => alert.Outcome is PredictiveAlertOutcome.False or PredictiveAlertOutcome.Averted))
            {
                Add(Unit(alert.Asset.Value, alert.RaisedAtUnixMs), prices.Cost(0, falseAlerts: 1, 0));
            }

            return costs;
        }

        (Dictionary<(string, long), double> our, Dictionary<(string, long), double> their) = (Costs(ours), Costs(theirs));
        return nothing with
        {
            Units = [.. our.Keys.Union(their.Keys).Order().Select(unit => new PromotionUnit(our.GetValueOrDefault(unit), their.GetValueOrDefault(unit)))],
            UnitName = byAsset ? "assets" : $"stretches of {DurationText.Format(HorizonsOfAStretch * candidate.Label.Horizon)}",
            Events = ours.Fleet.Failures,
            TooFewEvents = Judgeability.Of(ours.Fleet).Missing,
            NeverCost = prices.Cost(ours.Fleet.Failures, 0, 0),
        };
    }

    private static PromotionCase OfConditions(
        PromotionCase nothing, ModelManifest candidate, Judged said, ModelManifest champion, Judged championSaid, AlertPrices prices, Func<AssetId, long> unseen)
    {
        Dictionary<AssetId, HashSet<long>> shared = Shared(said, championSaid, unseen);
        // Of any component: the two may tell different ones apart.
        Dictionary<AssetId, (double Cost, int Failed)> Costs(Judged judged, double threshold) => judged.Conditions.Where(asset => shared.ContainsKey(asset.Asset)).ToDictionary(
            asset => asset.Asset,
            asset =>
            {
                int[] rows = [.. Enumerable.Range(0, asset.TimesUnixMs.Length).Where(row => shared[asset.Asset].Contains(asset.TimesUnixMs[row]))];
                bool IsFailed(int row) => asset.True.Any(component => component[row] > 0);
                bool IsSaid(int row) => asset.Probabilities.Any(component => component[row] >= threshold);
                return (prices.Cost(rows.Count(row => IsFailed(row) && !IsSaid(row)), rows.Count(row => !IsFailed(row) && IsSaid(row)), 0), rows.Count(IsFailed));
            });
        Dictionary<AssetId, (double Cost, int Failed)> our = Costs(said, candidate.Thresholds.FailureProbability ?? ThresholdChoice.Default);
        Dictionary<AssetId, (double Cost, int Failed)> their = Costs(championSaid, champion.Thresholds.FailureProbability ?? ThresholdChoice.Default);
        int failed = our.Values.Count(asset => asset.Failed > 0);
        return nothing with
        {
            Units = [.. our.OrderBy(asset => asset.Key).Select(asset => new PromotionUnit(asset.Value.Cost, their[asset.Key].Cost))],
            Events = our.Values.Sum(asset => asset.Failed),
            TooFewEvents = failed >= PromotionGate.FewestUnits / 2 ? null
                : $"Cannot judge this: {failed} assets have rows with the condition, at least {PromotionGate.FewestUnits / 2} are needed. Test on more assets that have it.",
            NeverCost = prices.Cost(our.Values.Sum(asset => asset.Failed), 0, 0),
        };
    }

    // Each asset counts alike, however long it was watched. Both are compared with lives up to the smaller cap, and may say no more than that: a higher
    // cap is no merit of either.
    private static PromotionCase OfLives(
        PromotionCase nothing, Judged said, Judged championSaid, LabelDefinition label, LabelDefinition championLabel, Func<AssetId, long> unseen)
    {
        Dictionary<AssetId, HashSet<long>> shared = Shared(said, championSaid, unseen);
        double cap = Math.Min(label.LifeCap ?? double.PositiveInfinity, championLabel.LifeCap ?? double.PositiveInfinity);
        Dictionary<AssetId, double[]> Errors(Judged judged) => judged.Lives.Where(asset => shared.ContainsKey(asset.Asset)).ToDictionary(
            asset => asset.Asset,
            asset => Enumerable.Range(0, asset.TimesUnixMs.Length)
                .Where(row => shared[asset.Asset].Contains(asset.TimesUnixMs[row]) && double.IsFinite(asset.True[row]) && double.IsFinite(asset.Predicted[row]))
                .Select(row => Math.Min(asset.Predicted[row], cap) - Math.Min(asset.True[row], cap)).ToArray());
        (Dictionary<AssetId, double[]> our, Dictionary<AssetId, double[]> their) = (Errors(said), Errors(championSaid));
        AssetId[] assets = [.. our.Where(asset => asset.Value.Length > 0 && their[asset.Key].Length == asset.Value.Length).Select(asset => asset.Key).Order()];
        return nothing with
        {
            Units =
            [
                .. assets.Select(asset => new PromotionUnit(
                    our[asset].Average(error => error * error), their[asset].Average(error => error * error),
                    our[asset].Average(LifeErrors.NasaScore), their[asset].Average(LifeErrors.NasaScore))),
            ],
            Events = assets.Length,
        };
    }

    // Instants of rows that both said something of and neither learned from. Not every row of one reading need be a row of the other: a cell that is bad in a
    // signal of one model sets its row aside.
    private static Dictionary<AssetId, HashSet<long>> Shared(Judged one, Judged other, Func<AssetId, long> unseen)
    {
        Dictionary<AssetId, long[]> others = Times(other).ToDictionary(asset => asset.Asset, asset => asset.Times);
        return Times(one).Where(asset => others.ContainsKey(asset.Asset))
            .Select(asset => (asset.Asset, Times: asset.Times.Intersect(others[asset.Asset]).Where(time => time >= unseen(asset.Asset)).ToHashSet()))
            .Where(asset => asset.Times.Count > 0)
            .ToDictionary(asset => asset.Asset, asset => asset.Times);
    }

    private static IEnumerable<(AssetId Asset, long[] Times)> Times(Judged judged) => judged.Predictions.Select(asset => (asset.Asset, asset.TimesUnixMs))
        .Concat(judged.Lives.Select(asset => (asset.Asset, asset.TimesUnixMs)))
        .Concat(judged.Conditions.Select(asset => (asset.Asset, asset.TimesUnixMs)));

    private static AssetPredictions Only(AssetPredictions asset, HashSet<long> times)
    {
        int[] rows = [.. Enumerable.Range(0, asset.TimesUnixMs.Length).Where(row => times.Contains(asset.TimesUnixMs[row]))];
        T[] Of<T>(T[] values) => [.. rows.Select(row => values[row])];
        return asset with
        {
            TimesUnixMs = Of(asset.TimesUnixMs),
            Probabilities = [.. asset.Probabilities.Select(Of)],
            Confidences = [.. asset.Confidences.Select(Of)],
            ConfidenceOfAny = asset.ConfidenceOfAny.Length == 0 ? [] : Of(asset.ConfidenceOfAny),
        };
    }
}
