using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Evaluate.Html;

namespace Auspex.Learning.Tests.Evaluate;

public class HtmlReportTests
{
    private const string Hostile = "</style><script>alert('x')</script><img src=x onerror=\"alert(1)\">{0}{{\u202E&amp;";

    private static readonly LabelDefinition Life = new(PredictionTask.RemainingUsefulLife, TimeSpan.FromDays(1), TimeSpan.Zero,
        TimeSpan.Zero, [], "cycle", TimeSpan.FromDays(1), 125);

    private static string Page(string asset, string component, string dataset)
    {
        LabelDefinition label = Example.Label with { Components = [component, "seal"] };
        AssetPredictions predictions = Example.Predictions[0] with { Asset = new AssetId(asset) };
        AssetEvents events = new(predictions.Asset,
            [.. Example.Events[0].Events.Select(e => e with { Asset = predictions.Asset, Name = e.Name == "bearing" ? component : e.Name })],
            Example.Events[0].KnownUntilUnixMs);
        EvaluationReport report = EvaluationReport.OfFailures(
            Example.Context(label, dataset) with { Title = dataset, ModelVersion = dataset },
            EventMeasures.Of([predictions], [events], label, 0.8), RowMeasures.Of([predictions], [events], label), []);
        return HtmlReport.OfFailures(report, [predictions], [events]);
    }

    /// <summary>Parsed as XML: the page closes what it opens, and text is text. What HTML writes shorter is written out first.</summary>
    private static XElement Parse(string html) => XElement.Parse(
        Regex.Replace(html, "<meta [^>]*>", "", RegexOptions.None, TimeSpan.FromSeconds(5))
            .Replace("<!doctype html>", "", StringComparison.Ordinal).TrimStart());

    [Fact]
    public void OfFailures_HostileNames_AreTextAndNothingElse()
    {
        string html = Page(Hostile, Hostile, Hostile);
        XElement page = Parse(html);

        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img");
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain('\u202E', page.Value);
        Assert.Equal(Hostile.Replace("\u202E", "[U+202E]", StringComparison.Ordinal), page.Descendants("h1").Single().Value);
        Assert.Equal(page.Descendants("h1").Single().Value, page.Descendants("section").Single().Descendants("h3").Single().Value);
    }

    [Fact]
    public void OfLife_HostileNames_AreTextAndNothingElse()
    {
        LifeMeasures life = LifeMeasures.Of([new AssetLifePredictions(new AssetId(Hostile), [1], [50], [140])], Life);
        XElement page = Parse(HtmlReport.OfLife(EvaluationReport.OfLife(Example.Context(Life, Hostile) with { Title = null }, life), []));

        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img");
        Assert.Contains(page.Descendants("th"), th => th.Value.StartsWith("</style><script>", StringComparison.Ordinal));
    }

    [Fact]
    public void OfFailures_Page_AsksNobodyForAnything()
    {
        string html = Page("P1", "bearing", "example");

        Assert.DoesNotMatch("(?i)(src|href)=\"(?!#)|url\\(|@import|https?:|<script|<link|<iframe", html);
        Assert.Contains("default-src 'none'; style-src 'unsafe-inline'", html, StringComparison.Ordinal);
    }

    [Fact]
    public void OfFailures_Page_SaysInWordsWhatItShowsInColour()
    {
        XElement page = Parse(Page("P1", "bearing", "example"));

        XElement[] pictures = [.. page.Descendants("svg").Where(s => (string?)s.Attribute("role") == "img")];
        Assert.Equal(5, pictures.Length); // two lanes, warning time, precision-recall, calibration
        Assert.All(pictures, p => Assert.True(p.Elements("title").Single().Value.Length > 0 && p.Elements("desc").Single().Value.Length > 0));
        Assert.All(page.Descendants("th"), th => Assert.Contains((string?)th.Attribute("scope"), new[] { "col", "row" }));
        Assert.All(page.Descendants("tr").Where(r => r.Elements("td").Any()), r => Assert.Single(r.Elements("th")));
        string[] ids = [.. page.Descendants().Select(e => (string?)e.Attribute("id")).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(page.Descendants("use"), u => Assert.Contains(((string)u.Attribute("href")!)[1..], ids));
        Assert.Contains("1 of 2", page.Value, StringComparison.Ordinal);
        Assert.Contains("The highest probability in the horizon before it was 0.5, the threshold is 0.8.", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void OfFailures_TwentyAssetsThirtyDaysHourly_StaysSmallAndSaysWhatItLeavesOut()
    {
        var random = new Random(1);
        LabelDefinition label = Example.Label with { Components = ["a", "b", "c", "d"] };
        AssetPredictions[] predictions = [.. Enumerable.Range(0, 20).Select(asset => new AssetPredictions(
            new AssetId($"asset {asset}"), [.. Enumerable.Range(0, 720).Select(hour => hour * Example.Hour)],
            [.. label.Components.Select(_ => Enumerable.Range(0, 720).Select(_ => random.NextDouble()).ToArray())]))];
        AssetEvents[] events = [.. predictions.Select(p => new AssetEvents(p.Asset,
            [.. Enumerable.Range(0, 20).Select(_ => new AssetEvent(p.Asset, random.Next(720) * Example.Hour, AssetEventKind.Failure, "a"))],
            719 * Example.Hour))];
        EvaluationReport report = EvaluationReport.OfFailures(Example.Context(label),
            EventMeasures.Of(predictions, events, label, 0.9), RowMeasures.Of(predictions, events, label), []);

        string html = HtmlReport.OfFailures(report, predictions, events);

        Assert.InRange(html.Length, 100_000, 3_000_000);
        Assert.Equal(12, Parse(html).Descendants("section").Count());
        Assert.Contains("8 more are left out here", html, StringComparison.Ordinal);
    }

    [Fact]
    public void OfFailures_NothingToShow_IsStillAPage()
    {
        AssetPredictions nothing = new(new AssetId("a"), [], [[], []]);
        AssetEvents events = new(nothing.Asset, [], 0);
        EvaluationReport report = EvaluationReport.OfFailures(Example.Context(),
            EventMeasures.Of([nothing], [events], Example.Label, 0.8), RowMeasures.Of([nothing], [events], Example.Label), []);

        XElement page = Parse(HtmlReport.OfFailures(report, [nothing], [events]));

        Assert.Contains("recall and lead time are unknown, not good", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Value, StringComparison.Ordinal);
        Assert.Contains("Cannot judge this", page.Descendants("p").First(p => ((string?)p.Attribute("class"))?.Contains("cannot", StringComparison.Ordinal) ?? false).Value,
            StringComparison.Ordinal);
        Assert.Equal(2, page.Value.Split("Cannot judge this").Length); // said once
    }

    [Theory]
    [InlineData(1, new double[] { 0, 1 })]
    [InlineData(2, new double[] { 0, 1, 2 })]
    [InlineData(3, new double[] { 0, 1, 2, 3 })]
    [InlineData(0, new double[] { 0, 1 })]
    [InlineData(17, new double[] { 0, 5, 10, 15, 20 })]
    public void Count_Axis_IsMarkedAtWholeNumbers(double largest, double[] ticks)
    {
        Axis axis = Axis.Count("failures", largest);

        Assert.Equal(ticks, axis.Ticks);
        Assert.Equal(ticks[^1], axis.End);
    }

    [Fact]
    public void OfLife_Page_DrawsLivesStagesAndIntervals()
    {
        AssetLifePredictions[] lives =
        [
            .. Enumerable.Range(0, 8).Select(asset => new AssetLifePredictions(new AssetId($"engine {asset}"),
                [.. Enumerable.Range(0, 150).Select(t => (long)t)],
                [.. Enumerable.Range(0, 150).Select(t => Math.Min(125, 150.0 - t) + asset)], [.. Enumerable.Range(0, 150).Select(t => 149.0 - t)],
                [.. Enumerable.Range(0, 150).Select(t => Math.Min(125, 150.0 - t) - 9)], [.. Enumerable.Range(0, 150).Select(t => Math.Min(125, 150.0 - t) + 20)])),
        ];
        EvaluationReport report = EvaluationReport.OfLife(Example.Context(Life), LifeMeasures.Of(lives, Life)) with
        {
            Importance = [new("t30_mean", 0.75), new("p30", 0.25)],
        };
        string html = HtmlReport.OfLife(report, lives);
        XElement page = Parse(html);
        Keep("life", html);

        string[] titles = [.. page.Descendants("svg").Where(s => (string?)s.Attribute("role") == "img").Select(s => s.Element("title")!.Value)];
        Assert.Equal(["Predicted against true remaining useful life", "RMSE by the life that was left",
            "engine 7", "engine 6", "engine 5", "engine 3", "engine 2", "engine 0"], titles); // worst told first, best last
        Assert.Contains("100 %, 95 % interval", page.Value, StringComparison.Ordinal);
        Assert.Contains("75 %", page.Descendants("tr").Single(r => r.Element("th")!.Value == "t30_mean").Value, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    [Fact]
    public void OfCondition_Page_JudgesAssetsAndRows()
    {
        LabelDefinition label = Example.Label with { Horizon = TimeSpan.Zero, Grace = TimeSpan.Zero, Components = [] };
        var random = new Random(5);
        AssetConditions[] conditions =
        [
            .. Enumerable.Range(0, 18).Select(asset => new AssetConditions(new AssetId($"experiment {asset}"),
                [.. Enumerable.Range(0, 50).Select(t => (long)t)],
                [[.. Enumerable.Range(0, 50).Select(_ => Math.Clamp((asset % 2 * 0.3) + 0.2 + (random.NextDouble() * 0.4), 0, 1))]],
                [[.. Enumerable.Range(0, 50).Select(_ => asset % 2 * 1.0)]])),
        ];
        EvaluationReport report = EvaluationReport.OfCondition(Example.Context(label), ConditionMeasures.Of(conditions, label, 0.5));
        string html = HtmlReport.OfCondition(report);
        XElement page = Parse(html);
        Keep("condition", html);

        Assert.Contains("18 of 18", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => HtmlReport.OfCondition(Example.Report()));
    }

    [Fact]
    public void OfFailures_WholeReport_ShowsCostsAndWhatIsSimpler()
    {
        EvaluationReport report = Example.Report() with { Importance = [new("heat_rolling_3h_mean", 1)] };
        string html = HtmlReport.OfFailures(report, Example.Predictions, Example.Events);
        XElement page = Parse(html);
        Keep("failures", html);

        // Two missed at 5, one false and one averted at 1; never an alert misses all four.
        string[] costs = [.. page.Descendants("table").Single(t => t.Element("caption")!.Value.StartsWith("The model and what", StringComparison.Ordinal))
            .Descendants("tbody").Single().Elements("tr").Select(r => r.Elements("td").Last().Value)];
        Assert.Equal(["12", "20"], costs);
        Assert.Contains(page.Descendants("title"), t => t.Value == "Cost by threshold");
    }

    /// <summary>AUSPEX_KEEP_PAGES names a folder in which the pages are kept to be looked at.</summary>
    private static void Keep(string name, string html)
    {
        if (Environment.GetEnvironmentVariable("AUSPEX_KEEP_PAGES") is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, name + ".html"), html);
        }
    }

    [Fact]
    public void OfFailures_OtherCulture_WritesTheSamePage()
    {
        string here = Page("P1", "bearing", "example");
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

            Assert.Equal(here, Page("P1", "bearing", "example"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static XElement AnomalyPage(string name, bool labelled)
    {
        long[] times = [.. Enumerable.Range(0, 10).Select(minute => minute * 60_000L)];
        double[] scores = [double.NaN, 0.2, 0.4, 1.5, 1.6, 0.3, 0.2, 1.2, 0.1, 0.2];
        bool[] truth = labelled ? [.. Enumerable.Range(0, 10).Select(minute => minute is 3 or 4 or 5)] : [];
        var asset = new AssetAnomalies(new AssetId(name), times, scores, [.. scores.Select(score => score >= 1)], [], truth) { Limit = 1 };
        var label = new LabelDefinition(PredictionTask.Anomaly, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, [], null, null, null);
        EvaluationReport report = EvaluationReport.OfAnomaly(Example.Context(label, name) with { Title = null }, AnomalyMeasures.Of([asset]));
        return Parse(HtmlReport.OfAnomaly(report, [asset]));
    }

    [Fact]
    public void OfAnomaly_Page_DrawsStatisticLimitLabelledAndAlarmedSpans()
    {
        XElement page = AnomalyPage("pump", labelled: true);

        XElement picture = page.Descendants("svg").Single(s => (string?)s.Attribute("role") == "img");
        string[] Paths(string kind) => [.. picture.Elements("path").Where(p => (string?)p.Attribute("class") == kind).Select(p => (string)p.Attribute("d")!)];
        // Nine minutes are 1,000 wide; a row reaches to the next. Top is the highest score, 1.6: the limit of 1 lies at (1 - 1 / 1.6) of 46.
        Assert.Equal(["M0 17.25H1000"], Paths("limit"));
        Assert.Equal(["M333.33 51H666.67"], Paths("bar late"));
        Assert.Equal(["M333.33 58H555.56"], Paths("bar hit"));
        Assert.Equal(["M777.78 58H888.89"], Paths("bar false"));
        Assert.Contains("2 alarms, limit 1 · 1 labelled anomaly · F1 0.667, FAR 16.7 %, MAR 33.3 %", picture.Elements("desc").Single().Value, StringComparison.Ordinal);
        Assert.Contains(page.Descendants("dt"), dt => dt.Value == "False-alarm rate (FAR)");
        string[] ids = [.. page.Descendants().Select(e => (string?)e.Attribute("id")).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void OfAnomaly_NoLabels_CallsEveryAlarmUnproven()
    {
        XElement page = AnomalyPage("pump", labelled: false);

        Assert.Contains(page.Descendants("div"), div => div.Value == "the data set labels no rows");
        Assert.Single(page.Descendants("path"), p => (string?)p.Attribute("class") == "bar late" && ((string?)p.Attribute("d"))!.Length == 0);
    }

    [Fact]
    public void OfAnomaly_HostileNames_AreTextAndNothingElse()
    {
        XElement page = AnomalyPage(Hostile, labelled: true);

        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img");
        Assert.Contains(page.Descendants("h3"), h => h.Value.StartsWith("</style><script>", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => HtmlReport.OfAnomaly(Example.Report(), []));
    }

    [Fact]
    public void OfFailures_ReportOfLife_IsRefused() => Assert.Throws<ArgumentException>(() => HtmlReport.OfFailures(
        EvaluationReport.OfLife(Example.Context(Life), LifeMeasures.Of([], Life)), [], []));

    [Fact]
    public void Of_SpikeAmongManyRows_IsKeptByItsColumn()
    {
        long[] times = [.. Enumerable.Range(0, 10_000).Select(t => (long)t)];
        double[] values = new double[10_000];
        values[1234] = 1;
        List<(int Column, double Low, double High)> columns = Envelope.Of(times, values, 0, 9_999, 100);

        Assert.Equal(100, columns.Count);
        Assert.Equal((12, 0.0, 1.0), columns.Single(c => c.High > 0));
    }

    [Fact]
    public void Path_Gap_IsNotBridged() =>
        Assert.Equal("M0 10 1 0 1 0 0 10 Z" + "M5 5 5 5 Z", Envelope.Path([(0, 0, 0), (1, 1, 1), (5, 0.5, 0.5)], 2, 10));

    [Theory]
    [InlineData(0.042553, "0.0426")]
    [InlineData(0.284, "0.284")]
    [InlineData(8.376, "8.38")]
    [InlineData(45.36, "45.4")]
    [InlineData(12229.4, "12,229")]
    [InlineData(0, "0")]
    [InlineData(1, "1")]
    [InlineData(3.1e-15, "3.1e-15")]
    [InlineData(double.NaN, "–")]
    public void Number_IsThreeDigitsForPeople(double value, string text) => Assert.Equal(text, Words.Number(value));
}
