namespace Auspex.Learning.Evaluate.Html;

/// <summary>The parts of the page about remaining useful life.</summary>
internal static class LifeSections
{
    private const int MostDots = 3000;
    private const int Left = 60;
    private const int Side = 420;

    internal static void Tiles(HtmlText page, LifeMeasures life)
    {
        page.AddConstant("""<dl class="tiles">""");
        string n = $"{Words.Counted(life.LastRowsCapped.Count, "asset", "assets")}, last row of each";
        FailureSections.Tile(page, "RMSE, capped", Unit(life.LastRowsCapped.Rmse, life), null,
            $"against the true life{(life.Cap is { } cap ? $", at most {Unit(cap, life)}" : ", without a cap")}; {n}");
        FailureSections.Tile(page, "NASA score, capped", Words.Number(life.LastRowsCapped.Nasa), null, $"lower is better, late costs more; {n}");
        FailureSections.Tile(page, "RMSE, raw", Unit(life.LastRowsRaw.Rmse, life), null, $"against the true life; {n}");
        FailureSections.Tile(page, "Bias", Unit(life.LastRowsCapped.Bias, life), null,
            "mean of predicted − true, capped; above 0 the model promises life that is not there");
        page.AddConstant("</dl>");
    }

    internal static void Sections(HtmlText page, LifeMeasures life)
    {
        Scatter(page, life);
        page.AddConstant("<h2>Errors</h2>");
        var table = new PageTable(page, $"Errors in {Words.Units(life.Unit)}",
            "Judged", "#Predictions", "#RMSE", "#NASA score", "#Mean absolute error", "#Bias");
        foreach ((string name, LifeErrors errors) in new[]
        {
            ("Last row of each asset, capped", life.LastRowsCapped), ("Last row of each asset, raw", life.LastRowsRaw),
            ("All rows, capped", life.AllRowsCapped), ("All rows, raw", life.AllRowsRaw),
        })
        {
            table.Row(name, Words.Count(errors.Count), Words.Number(errors.Rmse), Words.Number(errors.Nasa),
                Words.Number(errors.MeanAbsoluteError), Words.Number(errors.Bias));
        }

        table.End();
        LastLifePrediction[] worst = [.. life.LastRows.OrderByDescending(r => double.IsNaN(Error(r, life)) ? -1 : Math.Abs(Error(r, life)))];
        var assets = new PageTable(page, "Last row of each asset, largest capped error first" + PageTable.Cut(worst.Length),
            "Asset", "#Predicted", "#True", "#Error, capped", "#NASA score", "Side");
        foreach (LastLifePrediction row in worst.Take(PageTable.MostRows))
        {
            double error = Error(row, life);
            assets.Row(row.Asset, Words.Number(row.Predicted), Words.Number(row.True), Words.Number(error),
                Words.Number(LifeErrors.NasaScore(error)), double.IsNaN(error) ? "not judged" : error > 0 ? "late" : "early");
        }

        assets.End();
    }

    private static void Scatter(HtmlText page, LifeMeasures life)
    {
        LastLifePrediction[] dots = [.. life.LastRows
            .Where(r => double.IsFinite(r.Predicted) && double.IsFinite(r.True))
            .OrderByDescending(r => Math.Abs(Error(r, life)))
            .Take(MostDots)];
        if (dots.Length == 0)
        {
            return;
        }

        double most = Math.Max(1, dots.Max(d => Math.Max(d.True, Math.Min(d.Predicted, 1e6))));
        double step = Math.Pow(10, Math.Floor(Math.Log10(most)));
        step = most / step < 2.5 ? step / 2 : step;
        double end = Math.Ceiling(most / step) * step;
        string X(double value) => Words.Place(Left + Math.Clamp(value / end, 0, 1) * Side);
        string Y(double value) => Words.Place(10 + (1 - Math.Clamp(value / end, 0, 1)) * Side);
        string beyond = life.Cap is null ? "" : ", and beyond the cap the cap; dashed, the true life there";
        page.AddConstant("""<h2>Predicted against true</h2><p class="soft">""")
            .Add($"Each mark is the last row of an asset. The line is what was taught: the true life{beyond}. ")
            .Add($"Squares above the line are late, the dangerous side; circles on or below it are early.</p>")
            .Add($"""<div class="card chartcard"><svg class="chart" viewBox="0 0 {Left + Side + 20} {Side + 60}" role="img" """)
            .Add($"""aria-labelledby="st sd"><title id="st">Predicted against true remaining useful life</title>""")
            .Add($"""<desc id="sd">{Words.Counted(dots.Length, "asset", "assets")}; {dots.Count(d => Error(d, life) > 0)} late, """)
            .Add($"""{dots.Count(d => Error(d, life) <= 0)} early or exact against the capped life.</desc>""");
        for (double at = 0; at <= end * 1.0001; at += step)
        {
            page.Add($"""<path class="grid" d="M{X(at)} {Y(0)}V{Y(end)}M{X(0)} {Y(at)}H{X(end)}"/>""")
                .Add($"""<text x="{X(at)}" y="{Side + 28}" text-anchor="middle">{Words.Number(at)}</text>""")
                .Add($"""<text x="{Left - 8}" y="{Y(at)}" dy="5" text-anchor="end">{Words.Number(at)}</text>""");
        }

        double taught = Math.Min(end, life.Cap ?? end);
        page.Add($"""<path class="stem" d="M{X(0)} {Y(0)}L{X(taught)} {Y(taught)}H{X(end)}"/>""");
        if (taught < end)
        {
            page.Add($"""<path class="limit" d="M{X(taught)} {Y(0)}V{Y(taught)}L{X(end)} {Y(end)}"/>""")
                .Add($"""<text x="{X(taught)}" y="{Y(0)}" dx="-6" dy="-8" text-anchor="end">cap {Words.Number(taught)}</text>""");
        }

        foreach (LastLifePrediction dot in dots)
        {
            bool late = Error(dot, life) > 0;
            string text = $"{dot.Asset}: predicted {Words.Number(dot.Predicted)}, true {Words.Number(dot.True)}";
            page.Add(late
                ? $"""<rect class="dot late" x="{X(dot.True)}" y="{Y(dot.Predicted)}" width="8" height="8" transform="translate(-4 -4)">"""
                : (FormattableString)$"""<circle class="dot" cx="{X(dot.True)}" cy="{Y(dot.Predicted)}" r="4.5">""")
                .Add($"<title>{text}</title>")
                .AddConstant(late ? "</rect>" : "</circle>");
        }

        page.Add($"""<text x="{Left + Side / 2}" y="{Side + 52}" text-anchor="middle">true, {Words.Units(life.Unit)}</text>""")
            .Add($"""<text x="16" y="{10 + Side / 2}" text-anchor="middle" transform="rotate(-90 16 {10 + Side / 2})">""")
            .Add($"predicted, {Words.Units(life.Unit)}</text></svg></div>");
    }

    private static double Error(LastLifePrediction row, LifeMeasures life) =>
        row.Predicted - Math.Min(row.True, life.Cap ?? double.PositiveInfinity);

    private static string Unit(double value, LifeMeasures life) =>
        Words.Number(value) + (life.Unit.Length == 0 || !double.IsFinite(value) ? "" : $" {Words.Units(life.Unit)}");
}
