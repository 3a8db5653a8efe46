using System.Text.Json;
using System.Text.Json.Nodes;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public class EvaluationJsonTests
{
    private static readonly string[] MetricNames =
    [
        "accuracy", "rowPrecision", "rowRecall", "recall", "f1", "confusionMatrix", "rocAuc", "prAuc", "logLoss", "brier", "ece", "far", "mar",
        "rmseCapped", "rmseRaw", "nasaCapped", "nasaRaw", "coverage90", "meanWidth90", "coverage90ByTercile",
        "meanWidth90ByTercile", "failures", "caught", "precision", "falseAlertsPerAssetDay",
        "leadMedianSeconds", "leadP10Seconds", "canJudge", "missing", "parityMaxDifference", "outOfFold",
    ];

    [Fact]
    public void Write_FailureReport_HasTheMetricsByTheirNames()
    {
        JsonNode metrics = JsonNode.Parse(EvaluationJson.Write(Example.Report()))!["metrics"]!;

        Assert.Equal(MetricNames, metrics.AsObject().Select(m => m.Key));
        Assert.Equal((4, 2, 9000.0), ((int)metrics["failures"]!, (int)metrics["caught"]!, (double)metrics["leadMedianSeconds"]!));
        Assert.Null(metrics["rmseRaw"]);
        Assert.False((bool)metrics["canJudge"]!);
        Assert.Equal(0.5, (double)metrics["recall"]!); // of failures; of rows it is rowRecall
        Assert.Equal(
            ((long)metrics["confusionMatrix"]!["truePositives"]!) / 16.0, (double)metrics["rowRecall"]!, 1e-12);
    }

    [Fact]
    public void Read_ReportWithOutOfFoldFigures_KeepsThem()
    {
        EvaluationReport report = Example.Report();
        report = report with { Metrics = report.Metrics with { OutOfFold = report.Metrics with { Recall = 0.25 } } };

        EvaluationMetrics read = EvaluationJson.Read(EvaluationJson.Write(report)).Metrics;

        Assert.Equal((0.5, 0.25), (read.Recall, read.OutOfFold!.Recall));
        Assert.Null(read.OutOfFold.OutOfFold);
        Assert.Equal(report.Metrics.ConfusionMatrix, read.ConfusionMatrix);
    }

    [Fact]
    public void Write_Outcomes_UsesTheWordsUsersKnow() => Assert.Equal(
        ["averted", "false", "hit", "late", "open"],
        JsonNode.Parse(EvaluationJson.Write(Example.Report()))!["events"]!["alerts"]!.AsArray()
            .Select(a => (string)a!["outcome"]!).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Write_SameInputInAnyOrder_GivesTheSameBytes()
    {
        EvaluationReport backwards = EvaluationReport.OfFailures(
            Example.Context(),
            EventMeasures.Of([.. Example.Predictions.Reverse()], [.. Example.Events.Reverse()], Example.Label, 0.8),
            RowMeasures.Of([.. Example.Predictions.Reverse()], Example.Events, Example.Label),
            EventMeasures.Sweep(Example.Predictions, Example.Events, Example.Label, [0.5, 0.8], null, 1, TestContext.Current.CancellationToken));

        Assert.Equal(EvaluationJson.Write(Example.Report()), EvaluationJson.Write(backwards));
    }

    [Fact]
    public void Read_WrittenReport_WritesTheSameAgain()
    {
        string json = EvaluationJson.Write(Example.Report());

        Assert.Equal(json, EvaluationJson.Write(EvaluationJson.Read(json)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public void Read_SomethingElse_IsRefused(string json) => Assert.Throws<JsonException>(() => EvaluationJson.Read(json));

    [Fact]
    public void Read_LaterForm_IsRefused() => Assert.Throws<JsonException>(() => EvaluationJson.Read(
        EvaluationJson.Write(Example.Report() with { FormatVersion = 2 })));

    [Fact]
    public void Schema_Published_IsTheExportedOne()
    {
        string file = Path.Combine(Example.Root, "docs", "schemas", "evaluation.schema.json");

        // When the form changed on purpose: AUSPEX_WRITE_SCHEMAS=1 dotnet test --project tests/Auspex.Learning.Tests
        if (Environment.GetEnvironmentVariable("AUSPEX_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(file, EvaluationJson.Schema());
        }

        Assert.Equal(EvaluationJson.Schema(), File.ReadAllText(file));
    }

    [Fact]
    public void Schema_EveryNumberThatMayBeUnknown_AllowsNull()
    {
        JsonNode metrics = JsonNode.Parse(EvaluationJson.Schema())!["properties"]!["metrics"]!["properties"]!;

        Assert.All(MetricNames.Where(name => name != "outOfFold"),
            name => Assert.Contains("null", metrics[name]!["type"]!.AsArray().Select(t => (string)t!)));
    }

    [Fact]
    public void WriteFile_OverAnOldReport_ReplacesItAndLeavesNothingBeside()
    {
        string folder = Directory.CreateTempSubdirectory("auspex-test-").FullName;
        try
        {
            string file = Path.Combine(folder, "runs", "evaluation.json");
            EvaluationJson.WriteFile(Example.Report() with { Dataset = "old and much longer name" }, file);
            EvaluationJson.WriteFile(Example.Report(), file);

            Assert.Equal(EvaluationJson.Write(Example.Report()), File.ReadAllText(file));
            Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Of_ReadingReport_SumsFilesAndReasons()
    {
        var report = new DatasetReadReport(
            [
                new("a.csv", 10, 7, 1, new Dictionary<BadRowReason, long> { [BadRowReason.NaN] = 1, [BadRowReason.BadTime] = 1 }, []),
                new("b.csv", 5, 5, 0, new Dictionary<BadRowReason, long>(), []),
            ], ["note"]);
        ReadingSummary reading = ReadingSummary.Of(report);

        Assert.Equal((15L, 12L, 1L, 2L), (reading.Rows, reading.Good, reading.Skipped, reading.Bad));
        Assert.Equal(["BadTime", "NaN"], reading.Files[0].BadByReason.Keys);
    }
}
