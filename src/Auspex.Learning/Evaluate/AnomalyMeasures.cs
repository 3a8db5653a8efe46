namespace Auspex.Learning.Evaluate;

/// <summary>Rows counted by what was said and what was so, point by point: no credit for a whole stretch because one of its rows was found.</summary>
/// <param name="TruePositives">Anomalous rows that were flagged.</param>
/// <param name="TrueNegatives">Normal rows that were not.</param>
/// <param name="FalsePositives">Normal rows that were flagged.</param>
/// <param name="FalseNegatives">Anomalous rows that were not.</param>
/// <param name="F1">TP / (TP + (FP + FN) / 2).</param>
/// <param name="Far">False-alarm rate, FP / (FP + TN).</param>
/// <param name="Mar">Missed-alarm rate, FN / (FN + TP).</param>
/// <param name="Precision">TP / (TP + FP).</param>
/// <param name="Recall">TP / (TP + FN).</param>
/// <param name="Accuracy">(TP + TN) / all.</param>
public sealed record AnomalyCounts(
    long TruePositives, long TrueNegatives, long FalsePositives, long FalseNegatives, double F1, double Far, double Mar, double Precision, double Recall, double Accuracy)
{
    /// <summary>Works the rates out; NaN where there is nothing to divide by.</summary>
    public static AnomalyCounts Of(long truePositives, long trueNegatives, long falsePositives, long falseNegatives) => new(
        truePositives, trueNegatives, falsePositives, falseNegatives,
        Share(2 * truePositives, (2 * truePositives) + falsePositives + falseNegatives),
        Share(falsePositives, falsePositives + trueNegatives),
        Share(falseNegatives, falseNegatives + truePositives),
        Share(truePositives, truePositives + falsePositives),
        Share(truePositives, truePositives + falseNegatives),
        Share(truePositives + trueNegatives, truePositives + trueNegatives + falsePositives + falseNegatives));

    private static double Share(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}

/// <summary>The counts of one asset.</summary>
/// <param name="Asset">Its name.</param>
/// <param name="Counts">Its rows.</param>
public sealed record AssetAnomalyCounts(string Asset, AnomalyCounts Counts);

/// <summary>How well a detector told anomalous rows from normal ones: the protocol of the Skoltech Anomaly Benchmark (I. Katser, V. Kozitsin, 2020), counts
/// summed over all assets.</summary>
/// <param name="Assets">Assets given.</param>
/// <param name="Rows">Rows judged.</param>
/// <param name="RowsNotJudged">Rows without a score: those a detector was fitted on, and those without any value.</param>
/// <param name="Flagged">Rows told to be anomalies.</param>
/// <param name="Detector">The detector; all 0 where the data set has no row labels.</param>
/// <param name="AlwaysAlarm">What always raising the alarm would reach.</param>
/// <param name="ThreeSigma">What a limit of three standard deviations on each feature, from the same rows, would reach; all 0 where
/// those are not at hand.</param>
/// <param name="RocAuc">Area under the ROC curve of the score over rows, ties counted half; NaN with one class only.</param>
/// <param name="PrAuc">Average precision of the score over rows; NaN without anomalous rows.</param>
/// <param name="ByAsset">The detector asset by asset, in ordinal order of the assets; empty without row labels.</param>
/// <param name="Notes">What a reader must know about these figures, in sentences.</param>
public sealed record AnomalyMeasures(
    int Assets,
    long Rows,
    long RowsNotJudged,
    long Flagged,
    AnomalyCounts Detector,
    AnomalyCounts AlwaysAlarm,
    AnomalyCounts ThreeSigma,
    double RocAuc,
    double PrAuc,
    IReadOnlyList<AssetAnomalyCounts> ByAsset,
    IReadOnlyList<string> Notes)
{
    /// <summary>Compares what was said with what was so.</summary>
    /// <param name="assets">One entry an asset; either all with row labels or none.</param>
    /// <exception cref="ArgumentException">Arrays of an asset differ in length, an asset is given twice, or only some have row labels
    /// or the plain rule.</exception>
    public static AnomalyMeasures Of(IReadOnlyList<AssetAnomalies> assets)
    {
        ArgumentNullException.ThrowIfNull(assets);
        AssetAnomalies[] ordered = [.. assets.OrderBy(asset => asset.Asset)];
        bool labelled = ordered.Any(asset => asset.Truth.Length > 0);
        bool threeSigma = ordered.Any(asset => asset.ThreeSigma.Length > 0);
        for (int i = 0; i < ordered.Length; i++)
        {
            AssetAnomalies asset = ordered[i];
            int rows = asset.TimesUnixMs.Length;
            if (asset.Scores.Length != rows || asset.Flagged.Length != rows || asset.ThreeSigma.Length != (threeSigma ? rows : 0)
                || asset.Truth.Length != (labelled ? rows : 0) || (i > 0 && ordered[i - 1].Asset == asset.Asset))
            {
                throw new ArgumentException($"Asset '{asset.Asset}' is given twice, or its arrays do not fit each other.", nameof(assets));
            }
        }

        (AssetAnomalies Asset, int Row)[] judged =
        [
            .. ordered.SelectMany(asset => Enumerable.Range(0, asset.Scores.Length).Where(row => !double.IsNaN(asset.Scores[row])).Select(row => (asset, row))),
        ];
        var measures = new AnomalyMeasures(
            ordered.Length, judged.LongLength, ordered.Sum(asset => asset.Scores.LongLength) - judged.LongLength, judged.LongCount(at => at.Asset.Flagged[at.Row]),
            Count([], _ => false), Count([], _ => false), Count([], _ => false), double.NaN, double.NaN, [], []);
        if (!labelled)
        {
            return measures with { Notes = ["The data set labels no rows, so what was flagged is counted and not judged."] };
        }

        (double Score, bool Anomalous)[] scored = [.. judged.Select(at => (at.Asset.Scores[at.Row], at.Asset.Truth[at.Row])).OrderByDescending(pair => pair.Item1)];
        (double roc, double average, _) = RowQuality.Curves(scored, scored.LongCount(pair => pair.Anomalous));
        AnomalyCounts always = Count(judged, _ => true);
        return measures with
        {
            Detector = Count(judged, at => at.Asset.Flagged[at.Row]),
            AlwaysAlarm = always,
            ThreeSigma = threeSigma ? Count(judged, at => at.Asset.ThreeSigma[at.Row]) : measures.ThreeSigma,
            RocAuc = roc,
            PrAuc = average,
            ByAsset =
            [
                .. judged.GroupBy(at => at.Asset).Select(group =>
                    new AssetAnomalyCounts(group.Key.Asset.Value, Count([.. group], at => at.Asset.Flagged[at.Row]))),
            ],
            Notes = NotesOf(ordered, always),
        };
    }

    private static AnomalyCounts Count((AssetAnomalies Asset, int Row)[] judged, Func<(AssetAnomalies Asset, int Row), bool> says)
    {
        var counts = new long[4];
        foreach ((AssetAnomalies Asset, int Row) at in judged)
        {
            counts[(says(at) ? 2 : 0) + (at.Asset.Truth[at.Row] ? 1 : 0)]++;
        }

        return AnomalyCounts.Of(truePositives: counts[3], trueNegatives: counts[0], falsePositives: counts[2], falseNegatives: counts[1]);
    }

    private static List<string> NotesOf(AssetAnomalies[] assets, AnomalyCounts always)
    {
        List<string> notes = [];
        if (always.F1 >= 0.5)
        {
            notes.Add(FormattableString.Invariant(
                $"Always raising the alarm reaches F1 {always.F1:0.00} here, for {always.Precision:0 %} of the judged rows are anomalous: read F1 beside the false-alarm rate."));
        }

        long taught = assets.Sum(asset => asset.Truth.Where((truth, row) => truth && double.IsNaN(asset.Scores[row])).LongCount());
        if (taught > 0)
        {
            notes.Add($"Of the rows that were not judged, {taught} are labelled anomalies: detectors fitted on them take them for normal.");
        }

        return notes;
    }
}
