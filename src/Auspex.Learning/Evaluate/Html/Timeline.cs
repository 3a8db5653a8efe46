using System.Globalization;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>What happened to one asset and what the model said of it, one lane a component.</summary>
internal static class Timeline
{
    /// <summary>Columns of a lane: as many as a wide screen has pixels for it.</summary>
    private const int Columns = 1000;

    /// <summary>Marks of one kind that come closer than this share of the width are drawn as one that says how many.</summary>
    private const double MarkWidth = 0.008;

    /// <summary>Lanes for more components than this would bury the page: then one lane shows the highest of all.</summary>
    private const int MostLanes = 6;

    private const int PlotHeight = 46;
    private const int BarY = 53;
    private const int Height = 62;

    private static readonly TimeSpan[] Steps =
    [
        .. new[] { 1.0, 5, 15, 30, 60, 180, 360, 720 }.Select(TimeSpan.FromMinutes),
        .. new[] { 1.0, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 10950 }.Select(TimeSpan.FromDays),
    ];

    internal static HtmlText Of(
        JudgedAsset asset, int id, LabelDefinition label, double threshold, EventCounts counts, IReadOnlyList<ReportedAlert> alerts,
        IReadOnlyList<ReportedFailure> failures)
    {
        long from = asset.Times[0];
        long to = Math.Max(from + 1, Math.Max(asset.Times[^1], failures
            .Where(f => f.Verdict is FailureVerdict.Caught or FailureVerdict.Missed)
            .Select(f => f.Start.ToUnixTimeMilliseconds()).DefaultIfEmpty(from).Max()));
        var card = new HtmlText();
        card.Add($"""<section class="card asset"><div class="head"><h3>{asset.Asset.Value}</h3><span class="soft">""")
            .Add($"{counts.Caught} of {Words.Counted(counts.Failures, "failure", "failures")} caught · ")
            .Add($"{Words.Counted(counts.Alerts, "alert", "alerts")}, {counts.FalseAlerts} false</span></div>");
        bool joined = label.Components.Count > MostLanes;
        int lanes = joined ? 1 : asset.Probabilities.Length;
        for (int lane = 0; lane < lanes; lane++)
        {
            string component = label.Components.Count == 0 || joined ? "" : label.Components[lane];
            double[] values = joined ? Highest(asset.Probabilities) : asset.Probabilities[lane];
            Lane(card, $"a{id}l{lane}", asset, joined ? "highest of all components" : label.Components.Count == 0 ? "any failure" : component,
                values, threshold, from, to,
                [.. alerts.Where(a => component.Length == 0 || a.Component == component)],
                // A failure without a lane of its own is drawn in all of them, so that it is seen.
                [.. failures.Where(f => component.Length == 0 || f.Component == component || !label.Components.Contains(f.Component))],
                [.. asset.Events.Where(e => e.Kind == AssetEventKind.Maintenance
                    && (component.Length == 0 || e.Name == component || !label.Components.Contains(e.Name)))]);
        }

        Axis(card, from, to);
        return card.AddConstant("</section>\n");
    }

    private static void Lane(
        HtmlText card, string id, JudgedAsset asset, string name, double[] values, double threshold, long from, long to,
        IReadOnlyList<ReportedAlert> alerts, IReadOnlyList<ReportedFailure> failures, IReadOnlyList<AssetEvent> maintenance)
    {
        double X(long time) => Math.Clamp((double)(time - from) / (to - from), 0, 1) * Columns;
        ReportedFailure[] shown = [.. failures.Where(f => f.Start.ToUnixTimeMilliseconds() >= from && f.Start.ToUnixTimeMilliseconds() <= to)];
        AssetEvent[] maintained = [.. maintenance.Where(e => e.TimeUnixMs >= from && e.TimeUnixMs <= to)];
        double columnsPerRow = asset.Times.Length < 2 ? 1 : asset.Days * 86_400_000 / asset.Times.Length / (to - from) * Columns;
        int widestStep = (int)Math.Ceiling(Math.Max(2, columnsPerRow * 2.5));
        List<(int Column, double Low, double High)> envelope = Envelope.Of(asset.Times, values, from, to, Columns);

        card.Add($"""<div class="lane"><div class="name">{name}</div><div class="plot"><svg viewBox="0 0 {Columns} {Height}" """)
            .Add($"""preserveAspectRatio="none" role="img" aria-labelledby="{id}t {id}d"><title id="{id}t">{asset.Asset.Value}, {name}: """)
            .Add($"""probability of failure over time</title><desc id="{id}d">{Counted(alerts, shown, maintained)}</desc>""")
            .Add($"""<path class="grid" d="M0 0H{Columns}M0 {PlotHeight}H{Columns}"/><path class="area" d="{Envelope.Area(envelope, widestStep, PlotHeight)}"/>""")
            .Add($"""<path class="curve" d="{Envelope.Path(envelope, widestStep, PlotHeight)}"/>""")
            .Add($"""<path class="limit" d="M0 {Words.Place((1 - threshold) * PlotHeight)}H{Columns}"/>""");
        foreach (IGrouping<PredictiveAlertOutcome, ReportedAlert> outcome in alerts.GroupBy(a => a.Outcome).OrderBy(g => g.Key))
        {
            var bars = new StringBuilder();
            foreach (ReportedAlert alert in outcome)
            {
                double end = alert.ClosedAt is { } closed ? X(closed.ToUnixTimeMilliseconds()) : Columns;
                bars.Append(CultureInfo.InvariantCulture, $"M{X(alert.RaisedAt.ToUnixTimeMilliseconds()):0.#} {BarY}H{end:0.#}");
            }

            card.Add($"""<path class="bar {Words.Outcome(outcome.Key)}" d="{bars.ToString()}"/>""");
        }

        foreach (IGrouping<string, ReportedFailure> verdict in shown.GroupBy(Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string stems = string.Concat(verdict.Select(f => $"M{Words.Place(X(f.Start.ToUnixTimeMilliseconds()))} 0V{Height}"));
            card.Add($"""<path class="stem {verdict.Key}" d="{stems}"/>""");
        }

        if (maintained.Length > 0)
        {
            string ticks = string.Concat(maintained.Select(e => $"M{Words.Place(X(e.TimeUnixMs))} {PlotHeight - 10}V{PlotHeight}"));
            card.Add($"""<path class="tick" d="{ticks}"/>""");
        }

        card.AddConstant("</svg>");
        Marks(card, "f", shown.Select(f => (Kind(f), X(f.Start.ToUnixTimeMilliseconds()) / Columns,
            $"{Words.Verdict(f.Verdict)} failure of {Words.Component(f.Component)}, {Words.Time(f.Start)}")));
        Marks(card, "a", alerts.Select(a => (Words.Outcome(a.Outcome), X(a.RaisedAt.ToUnixTimeMilliseconds()) / Columns,
            $"{Words.Outcome(a.Outcome)} alert, raised {Words.Time(a.RaisedAt)}")));
        card.AddConstant("</div></div>");
    }

    private static void Marks(HtmlText card, string row, IEnumerable<(string Kind, double At, string Text)> marks)
    {
        foreach (var place in marks.GroupBy(m => (m.Kind, Place: (int)(m.At / MarkWidth))).OrderBy(g => g.Key.Place))
        {
            string text = place.Count() == 1 ? place.First().Text : $"{place.Count()} marks from here: {place.First().Text}";
            card.Add($"""<span class="m {row} {place.Key.Kind}" style="left:{Words.Place(place.First().At * 100)}%" title="{text}">""")
                .Add($"""<svg class="g" aria-hidden="true"><use href="#{place.Key.Kind}"/></svg></span>""");
        }
    }

    internal static void Axis(HtmlText card, long from, long to)
    {
        TimeSpan span = TimeSpan.FromMilliseconds(to - from);
        TimeSpan step = Steps.FirstOrDefault(s => span / s <= 7, Steps[^1]);
        long stepMs = (long)step.TotalMilliseconds;
        card.AddConstant("""<div class="lane"><div></div><div class="axis" aria-hidden="true">""");
        for (long tick = (long)Math.Ceiling((double)from / stepMs) * stepMs; tick <= to; tick += stepMs)
        {
            double at = (double)(tick - from) / (to - from);
            DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(tick);
            string side = at < 0.05 ? "first" : at > 0.95 ? "last" : "";
            card.Add($"""<span class="{side}" style="left:{Words.Place(at * 100)}%">""")
                .Add($"{time.ToString(step.TotalDays >= 1 ? "yyyy-MM-dd" : "MM-dd HH:mm", CultureInfo.InvariantCulture)}</span>");
        }

        card.AddConstant("</div></div>");
    }

    private static string Kind(ReportedFailure failure) => failure.Verdict switch
    {
        FailureVerdict.Caught => "caught",
        FailureVerdict.Missed => "missed",
        _ => "aside",
    };

    private static string Counted(
        IReadOnlyList<ReportedAlert> alerts, ReportedFailure[] failures, AssetEvent[] maintenance) =>
        $"{Words.Counted(failures.Length, "failure", "failures")}, of which {failures.Count(f => f.Verdict == FailureVerdict.Caught)} caught; "
        + $"{Words.Counted(alerts.Count, "alert", "alerts")}: "
        + string.Join(", ", Enum.GetValues<PredictiveAlertOutcome>().Select(o => $"{alerts.Count(a => a.Outcome == o)} {Words.Outcome(o)}"))
        + $"; {maintenance.Length} times maintained.";

    private static double[] Highest(double[][] probabilities) =>
        [.. Enumerable.Range(0, probabilities[0].Length).Select(row => probabilities
            .Select(p => p[row]).Where(p => !double.IsNaN(p)).DefaultIfEmpty(double.NaN).Max())];
}
