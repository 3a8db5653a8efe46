using System.Globalization;
using System.Text;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>The parts of the page about anomalies.</summary>
internal static class AnomalySections
{
    /// <summary>Assets with a timeline: those of most wrong rows; the table has all.</summary>
    private const int MostTimelines = 60;

    private const int Columns = 1000;
    private const int PlotHeight = 46;
    private const int TruthY = 51;
    private const int AlarmY = 58;
    private const int Height = 62;

    internal static void Tiles(HtmlText page, AnomalyMeasures anomaly)
    {
        bool judged = Rows(anomaly.Detector) > 0;
        page.AddConstant("""<dl class="tiles">""");
        FailureSections.Tile(page, "F1 of rows", judged ? Words.Number(anomaly.Detector.F1) : Words.Nothing, null,
            judged ? $"always raising the alarm reaches {Words.Number(anomaly.AlwaysAlarm.F1)}" : "the data set labels no rows");
        FailureSections.Tile(page, "False-alarm rate (FAR)", Words.Percent(anomaly.Detector.Far), null,
            $"of normal rows; {Words.Counted(anomaly.Detector.FalsePositives, "row", "rows")}");
        FailureSections.Tile(page, "Missed-alarm rate (MAR)", Words.Percent(anomaly.Detector.Mar), null,
            $"of anomalous rows; {Words.Counted(anomaly.Detector.FalseNegatives, "row", "rows")}");
        FailureSections.Tile(page, "Rows judged", Words.Count(anomaly.Rows), null,
            $"of {Words.Counted(anomaly.Assets, "asset", "assets")}; {Words.Count(anomaly.RowsNotJudged)} not judged, {Words.Count(anomaly.Flagged)} flagged");
        page.AddConstant("</dl>");
    }

    internal static void Timelines(HtmlText page, AnomalyMeasures anomaly, IReadOnlyList<AssetAnomalies> assets)
    {
        Dictionary<string, long> wrong = anomaly.ByAsset.ToDictionary(
            asset => asset.Asset, asset => asset.Counts.FalsePositives + asset.Counts.FalseNegatives, StringComparer.Ordinal);
        AssetAnomalies[] drawn = [.. assets.Where(asset => asset.TimesUnixMs.Length > 0)
            .OrderByDescending(asset => wrong.GetValueOrDefault(asset.Asset.Value)).ThenBy(asset => asset.Asset)];
        if (drawn.Length == 0)
        {
            return;
        }

        page.AddConstant("<h2>Asset by asset</h2>")
            .Add($"<p class=\"soft\">The statistic of each row over time, and the limit from which a row is an anomaly (dashed). Below it what was labelled, and below that what ")
            .Add($"was said. Most wrong rows first{(drawn.Length > MostTimelines ? $"; {MostTimelines} of {drawn.Length} assets are drawn" : "")}.</p>")
            .AddConstant("""
                <div class="legend"><span class="tag late"><svg class="k" viewBox="0 0 26 14" aria-hidden="true"><path class="bar" d="M0 7H26"/></svg>labelled anomaly</span>
                <span class="tag hit"><svg class="k" viewBox="0 0 26 14" aria-hidden="true"><path class="bar" d="M0 7H26"/></svg>alarm inside it</span>
                <span class="tag false"><svg class="k" viewBox="0 0 26 14" aria-hidden="true"><path class="bar" d="M0 7H26"/></svg>alarm outside, or nothing labelled</span></div>
                """);
        for (int i = 0; i < Math.Min(MostTimelines, drawn.Length); i++)
        {
            page.Add(Timeline(drawn[i], i, anomaly.ByAsset.FirstOrDefault(asset => asset.Asset == drawn[i].Asset.Value)?.Counts));
        }
    }

    internal static void Assets(HtmlText page, AnomalyMeasures anomaly)
    {
        page.AddConstant("<h2>Rows</h2>");
        var sides = new PageTable(page, "The detector, and what is simpler, on the same rows", "Said by", "#F1", "#FAR", "#MAR", "#Precision", "#Recall", "#Accuracy");
        foreach ((string name, AnomalyCounts counts) in new[]
        {
            ("The detector", anomaly.Detector), ("Three standard deviations on each feature", anomaly.ThreeSigma), ("Always an alarm", anomaly.AlwaysAlarm),
        })
        {
            if (Rows(counts) > 0)
            {
                sides.Row(name, Words.Number(counts.F1), Words.Percent(counts.Far), Words.Percent(counts.Mar), Words.Percent(counts.Precision),
                    Words.Percent(counts.Recall), Words.Percent(counts.Accuracy));
            }
        }

        sides.End();
        if (double.IsFinite(anomaly.RocAuc))
        {
            page.Add($"<p>Whatever the limit: ROC AUC {Words.Number(anomaly.RocAuc)}, where 0.5 is chance; average precision {Words.Number(anomaly.PrAuc)}.</p>");
        }

        if (anomaly.ByAsset.Count == 0)
        {
            return;
        }

        var table = new PageTable(page, "Asset by asset, least F1 first" + PageTable.Cut(anomaly.ByAsset.Count),
            "Asset", "#F1", "#FAR", "#MAR", "#Anomalous rows", "#Normal rows");
        foreach (AssetAnomalyCounts asset in anomaly.ByAsset.OrderBy(asset => double.IsNaN(asset.Counts.F1) ? 2 : asset.Counts.F1).Take(PageTable.MostRows))
        {
            AnomalyCounts counts = asset.Counts;
            table.Row(asset.Asset, Words.Number(counts.F1), Words.Percent(counts.Far), Words.Percent(counts.Mar),
                Words.Count(counts.TruePositives + counts.FalseNegatives), Words.Count(counts.FalsePositives + counts.TrueNegatives));
        }

        table.End();
    }

    private static HtmlText Timeline(AssetAnomalies asset, int id, AnomalyCounts? counts)
    {
        long from = asset.TimesUnixMs[0];
        long to = Math.Max(from + 1, asset.TimesUnixMs[^1]);
        // As high as the highest score, but no higher than three limits: one wild row must not flatten the rest.
        double highest = asset.Scores.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double top = double.IsFinite(asset.Limit) ? Math.Clamp(highest, 1.25 * asset.Limit, 3 * asset.Limit) : Math.Max(1, highest);
        List<(int Column, double Low, double High)> envelope = Envelope.Of(
            asset.TimesUnixMs, [.. asset.Scores.Select(score => double.IsNaN(score) ? score : Math.Min(1, score / top))], from, to, Columns);
        double period = (double)(to - from) / Math.Max(1, asset.TimesUnixMs.Length - 1);
        int widestStep = (int)Math.Ceiling(Math.Max(2, period / (to - from) * Columns * 2.5));
        bool[] inside = [.. asset.Flagged.Select((flagged, row) => flagged && asset.Truth.Length > 0 && asset.Truth[row])];
        bool[] outside = [.. asset.Flagged.Select((flagged, row) => flagged && !inside[row])];

        var card = new HtmlText();
        card.Add($"""<section class="card asset"><div class="head"><h3>{asset.Asset.Value}</h3><span class="soft">{Said(asset, counts)}</span></div>""")
            .Add($"""<div class="lane"><div class="name">anomaly score</div><div class="plot"><svg viewBox="0 0 {Columns} {Height}" preserveAspectRatio="none" role="img" """)
            .Add($"""aria-labelledby="n{id}t n{id}d"><title id="n{id}t">{asset.Asset.Value}: anomaly score over time</title><desc id="n{id}d">{Said(asset, counts)}</desc>""")
            .Add($"""<path class="grid" d="M0 0H{Columns}M0 {PlotHeight}H{Columns}"/><path class="area" d="{Envelope.Area(envelope, widestStep, PlotHeight)}"/>""")
            .Add($"""<path class="curve" d="{Envelope.Path(envelope, widestStep, PlotHeight)}"/>""");
        if (double.IsFinite(asset.Limit))
        {
            card.Add($"""<path class="limit" d="M0 {Words.Place((1 - (asset.Limit / top)) * PlotHeight)}H{Columns}"/>""");
        }

        card.Add($"""<path class="bar late" d="{Spans(asset.TimesUnixMs, asset.Truth, from, to, period, TruthY)}"/>""")
            .Add($"""<path class="bar hit" d="{Spans(asset.TimesUnixMs, inside, from, to, period, AlarmY)}"/>""")
            .Add($"""<path class="bar false" d="{Spans(asset.TimesUnixMs, outside, from, to, period, AlarmY)}"/></svg></div></div>""");
        Html.Timeline.Axis(card, from, to);
        return card.AddConstant("</section>\n");
    }

    // One stroke for each run of rows; a row reaches to the next.
    private static string Spans(long[] times, bool[] on, long from, long to, double period, int y)
    {
        var path = new StringBuilder();
        for (int row = 0; row < on.Length; row++)
        {
            if (!on[row])
            {
                continue;
            }

            int last = row;
            while (last + 1 < on.Length && on[last + 1])
            {
                last++;
            }

            double end = Math.Min(to, times[last] + period);
            path.Append(CultureInfo.InvariantCulture, $"M{Words.Place((double)(times[row] - from) / (to - from) * Columns)} {y}H{Words.Place((end - from) / (to - from) * Columns)}");
            row = last;
        }

        return path.ToString();
    }

    private static string Said(AssetAnomalies asset, AnomalyCounts? counts)
    {
        int alarms = Runs(asset.Flagged);
        string said = double.IsNaN(asset.Limit) ? "not judged" : $"{Words.Counted(alarms, "alarm", "alarms")}, limit {Words.Number(asset.Limit)}";
        return counts is null ? said
            : $"{said} · {Words.Counted(Runs(asset.Truth), "labelled anomaly", "labelled anomalies")} · F1 {Words.Number(counts.F1)}, FAR {Words.Percent(counts.Far)}, MAR {Words.Percent(counts.Mar)}";
    }

    private static int Runs(bool[] rows) => rows.Where((on, row) => on && (row == 0 || !rows[row - 1])).Count();

    private static long Rows(AnomalyCounts counts) => counts.TruePositives + counts.TrueNegatives + counts.FalsePositives + counts.FalseNegatives;
}
