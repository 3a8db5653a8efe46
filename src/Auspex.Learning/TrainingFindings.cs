using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Leakage;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>What a reader of a training's report is told beside its figures: what something simpler does, which features count, which may leak.</summary>
internal static class TrainingFindings
{
    // The rule tries 80 limits of every signal for every component, and replays the alerts of each.
    private const long MostValues = 60_000_000;

    /// <summary>A sentence for each feature that looks as if it knew the answer.</summary>
    /// <returns>[feature, sentence], one a feature.</returns>
    public static IReadOnlyList<(string Feature, string Text)> Leaks(Taught taught) => [.. Enumerable.Range(0, taught.Table.Labels.Length)
        .SelectMany(target => LeakageDetector.Find(taught.Table, target, taught.Plan.Definition.Columns))
        .DistinctBy(finding => finding.Feature)
        .Select(finding => (finding.Feature, $"{finding.Feature} looks like a leak ({Words(finding.Form)}): {finding.Evidence} Leave it out unless it is known before the failure."))];

    /// <summary>Mean absolute contribution of each feature over some training rows, summed over the outputs, as a share of the whole.</summary>
    /// <param name="ensemble">The model.</param>
    /// <param name="names">Names of its features.</param>
    /// <param name="rows">Rows, row-major.</param>
    public static IReadOnlyList<FeatureShare> Importance(TreeEnsemble ensemble, IReadOnlyList<string> names, double[] rows)
    {
        int columns = ensemble.FeatureCount;
        var shap = new TreeShap(ensemble);
        var contributions = new double[columns * ensemble.TargetCount];
        // Outputs differ in unit and size (log odds, minutes): each counts alike.
        var sizes = new double[ensemble.TargetCount][];
        for (int target = 0; target < sizes.Length; target++)
        {
            sizes[target] = new double[columns];
        }

        for (int first = 0; first < rows.Length; first += columns)
        {
            shap.Explain(rows.AsSpan(first, columns), contributions);
            for (int i = 0; i < contributions.Length; i++)
            {
                sizes[i / columns][i % columns] += Math.Abs(contributions[i]);
            }
        }

        double[][] counted = [.. sizes.Where(of => of.Sum() > 0)];
        return
        [
            .. Enumerable.Range(0, columns)
                .Select(feature => new FeatureShare(names[feature], counted.Sum(of => of[feature] / of.Sum()) / Math.Max(1, counted.Length)))
                .Where(feature => feature.Share > 0)
                .OrderByDescending(feature => feature.Share).ThenBy(feature => feature.Feature, StringComparer.Ordinal),
        ];
    }

    /// <summary>The best single limits, found on what training knew and judged where the model was.</summary>
    /// <param name="dataset">For the histories.</param>
    /// <param name="taught">What was known to training.</param>
    /// <param name="judged">What the model said on the test side.</param>
    /// <param name="options">Prices and threads.</param>
    /// <param name="notes">Told why there is none.</param>
    /// <param name="ct">Looked at between signals.</param>
    public static ReportedBaseline? BestLimit(
        Dataset dataset, Taught taught, Judged judged, Train.TrainingOptions options, ICollection<string> notes, CancellationToken ct)
    {
        Dictionary<AssetId, long> known = taught.HeldOut.Events.ToDictionary(asset => asset.Asset, asset => asset.KnownUntilUnixMs);
        DatasetAsset[] assets = [.. dataset.Assets.Where(asset => known.ContainsKey(asset.History.Asset))];
        // Counted before any is copied: a long record is not to be in memory twice.
        long rows = assets.Sum(asset => KnownRows(asset, known[asset.History.Asset]).LongCount());
        long values = rows * dataset.Schema.Signals.Count * Math.Max(1, taught.Label.Components.Count);
        if (values > MostValues)
        {
            notes.Add($"No single limit was looked for beside the model: {values} values to try are more than {MostValues}.");
            return null;
        }

        AssetHistory[] training = [.. assets.Select(asset => Known(asset, known[asset.History.Asset]))];
        IReadOnlyList<SingleThresholdRule> rules = SingleThresholdRule.Find(
            training, taught.HeldOut.Events, taught.Label, dataset.Schema.Signals, options.Prices, options.Threads, ct);
        HashSet<AssetId> there = [.. judged.Predictions.Select(asset => asset.Asset)];
        EventMeasures said = SingleThresholdRule.Judge(
            rules, [.. dataset.Assets.Select(asset => asset.History).Where(history => there.Contains(history.Asset))], judged.Predictions, judged.Events, taught.Label);
        return ReportedBaseline.Of(rules, said, options.Prices);
    }

    // Rows that training did not know, or in which the asset is failed, set no limit.
    private static IEnumerable<int> KnownRows(DatasetAsset asset, long untilUnixMs)
    {
        long[] times = asset.History.TimesUnixMs;
        FailedPeriods failed = FailedSpan.Join(asset.History.Asset, asset.FailedSpans);
        return Enumerable.Range(0, times.Length).Where(row => times[row] <= untilUnixMs && !failed.Contains(times[row]));
    }

    private static AssetHistory Known(DatasetAsset asset, long untilUnixMs)
    {
        AssetHistory history = asset.History;
        int[] rows = [.. KnownRows(asset, untilUnixMs)];
        return new AssetHistory(
            history.Asset, [.. rows.Select(row => history.TimesUnixMs[row])], [.. history.Values.Select(signal => rows.Select(row => signal[row]).ToArray())],
            history.Facts, history.Events);
    }

    private static string Words(LeakageForm form) => form switch
    {
        LeakageForm.ShiftedLabel => "the label itself, moved or not",
        LeakageForm.FutureValue => "a value from the future",
        LeakageForm.CauseColumn => "written down because of the failure",
        LeakageForm.Identifier => "a name of the asset",
        _ => "a mean of the label",
    };
}
