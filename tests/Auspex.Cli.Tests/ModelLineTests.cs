using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auspex.Cli.Tests;

/// <summary>Train, inspect, evaluate and score, one after another as a user runs them.</summary>
public sealed partial class ModelLineTests(Models models)
{
    [Fact]
    public void Train_OfFailures_WritesPackageReportsAndFigures()
    {
        Assert.Equal(["manifest.json", "model-card.md", "model.onnx"], Directory.EnumerateFileSystemEntries(models.Failure).Select(Path.GetFileName).Order());
        Assert.EndsWith("</html>", File.ReadAllText(models.Page).TrimEnd(), StringComparison.Ordinal);
        JsonElement metrics = Metrics(JsonElement.Parse(File.ReadAllText(models.Report)));
        Assert.True(metrics.GetProperty("recall").GetDouble() is >= 0 and <= 1);

        string output = models.FailureTrained.Output;
        Assert.Matches(@"^data       furnace: (\d+) of \1 rows kept, 0 bad, 0 of other assets\n", output);
        Assert.Matches(@"\nfailures   \d+ of \d+ caught, recall \d+ % \(95 %: \d+ to \d+\)\n", output);
        Assert.Contains($"\npackage    {models.Failure}\n", output, StringComparison.Ordinal);
        Assert.Contains($"\nreport     {models.Report}\n", output, StringComparison.Ordinal);
        Assert.Contains($"\npage       {models.Page}\n", output, StringComparison.Ordinal);
        Assert.Empty(models.FailureTrained.Complaints);
    }

    [Fact]
    public void Train_OfLives_TellsErrorsInTheUnitOfTheData()
    {
        JsonElement document = JsonElement.Parse(models.LifeTrained.Output);

        Assert.Equal(models.Life, document.GetProperty("package").GetString());
        Assert.Equal("cycle", document.GetProperty("report").GetProperty("label").GetProperty("lifeUnit").GetString());
        double rmse = Metrics(document.GetProperty("report")).GetProperty("rmseCapped").GetDouble();
        Assert.InRange(rmse, 0.1, 15); // lives of 40 to 70 cycles
        Assert.Equal("", models.LifeTrained.Error); // --json has no progress either
    }

    [Fact]
    public async Task Train_BesideAChampion_SaysAndKeepsWhatTheGateSays()
    {
        string folder = models.Plant.NewFolder();
        string[] arguments =
        [
            "train", "--data", models.Plant.Lives, "--task", "rul", "--champion", models.Life, "--threads", "2",
            "--out", Path.Combine(folder, "next"), "--runs", Path.Combine(folder, "runs"), "--report", Path.Combine(folder, "r.json"),
        ];
        Ended ended = await AuspexProcess.RunAsync(arguments);

        Assert.Equal(ExitCode.Done, ended.ExitCode);
        // The same data, options and seed give the same model.
        Assert.Matches(@"\npromote    no, (POOR: It is no better: root mean square error ([0-9.]+) against \2 of|CANNOT_DETERMINE: There is too little)", ended.Output);
        JsonElement report = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "r.json"))).GetProperty("promotion");
        JsonElement run = JsonElement.Parse(File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(folder, "runs"))))).GetProperty("promotion");
        Assert.True(JsonElement.DeepEquals(report, run), run.GetRawText());
        Assert.False(report.GetProperty("promote").GetBoolean());
        Assert.Contains(report.GetProperty("quality").GetString(), (string[])["POOR", "CANNOT_DETERMINE"]);
        Assert.Contains(report.GetProperty("reason").GetString()!, ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_ForeignFile_ShowsWhatIsInItAndItsParity()
    {
        string file = Path.Combine(models.Plant.NewFolder(), "forest.onnx");
        File.WriteAllBytes(file, ForeignTree.File());

        Ended shown = await AuspexProcess.RunAsync("inspect", "--foreign", file);
        Ended json = await AuspexProcess.RunAsync("inspect", "--foreign", file, "--json");

        Assert.Equal((ExitCode.Done, ExitCode.Done, ""), (shown.ExitCode, json.ExitCode, shown.Error));
        Assert.StartsWith(
            "input        x: rows of 2 numbers in single precision\noutputs      y\noperators    ai.onnx.ml.TreeEnsembleRegressor, Identity\n"
            + "trees        1 trees, 2 leaves, 1 score\ntransform    none\nparity       largest difference 0.0e+0 of a raw score to ONNX Runtime over ",
            shown.Output, StringComparison.Ordinal);
        JsonElement document = JsonElement.Parse(json.Output);
        Assert.Equal(2, document.GetProperty("input").GetProperty("features").GetInt32());
        Assert.Equal(0, document.GetProperty("parity").GetProperty("maxDifference").GetDouble());
    }

    [Theory]
    [InlineData("failure")]
    [InlineData("rul")]
    public async Task Evaluate_OnTheSameSplit_GivesTheMetricsOfTraining(string task)
    {
        string package = task == "failure" ? models.Failure : models.Life;
        JsonElement trained = task == "failure"
            ? JsonElement.Parse(File.ReadAllText(models.Report))
            : JsonElement.Parse(models.LifeTrained.Output).GetProperty("report");

        Ended evaluated = await AuspexProcess.RunAsync("evaluate", "--model", package, "--data", models.DataOf(task), "--json");

        Assert.Equal(ExitCode.Done, evaluated.ExitCode);
        Assert.Equal("", evaluated.Error);
        JsonElement metrics = Metrics(JsonElement.Parse(evaluated.Output).GetProperty("report"));
        Assert.True(JsonElement.DeepEquals(Metrics(trained), metrics), metrics.GetRawText());
        JsonElement manifest = JsonElement.Parse(File.ReadAllText(Path.Combine(package, "manifest.json")));
        Assert.True(JsonElement.DeepEquals(Metrics(manifest), metrics));
    }

    [Fact]
    public async Task Evaluate_AtAnotherThreshold_RaisesOtherAlerts()
    {
        Ended low = await AuspexProcess.RunAsync("evaluate", "--model", models.Failure, "--data", models.Plant.Failures, "--threshold", "0.01");
        Ended high = await AuspexProcess.RunAsync("evaluate", "--model", models.Failure, "--data", models.Plant.Failures, "--threshold", "1");

        Assert.Contains("raised at 0.01 with a confidence of 0.7: ", low.Output, StringComparison.Ordinal);
        Assert.Contains("\nalerts     0 raised at 1 with a confidence of 0.7: ", high.Output, StringComparison.Ordinal);
        Assert.Contains("caught, recall 0 %", high.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failure", "tells        probability of a failure within 12h")]
    [InlineData("rul", "tells        remaining useful life in cycle (each 1h), taught up to 125")]
    public async Task Inspect_OfATrainedModel_SaysWhatItTells(string task, string expected)
    {
        Ended inspected = await AuspexProcess.RunAsync("inspect", "--model", task == "failure" ? models.Failure : models.Life);

        Assert.Equal(ExitCode.Done, inspected.ExitCode);
        Assert.Contains(expected, inspected.Output, StringComparison.Ordinal);
        Assert.Contains("checked      hashes, features, model and golden rows agree", inspected.Output, StringComparison.Ordinal);
        // One column of names, one of values.
        Assert.All(inspected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^.{12} \S", line));
    }

    [Fact]
    public async Task Inspect_AsJson_IsTheManifest()
    {
        Ended inspected = await AuspexProcess.RunAsync("inspect", "--model", models.Failure, "--json");

        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse(File.ReadAllText(Path.Combine(models.Failure, "manifest.json"))), JsonElement.Parse(inspected.Output)));
        Assert.Equal("", inspected.Error);
    }

    [Fact]
    public async Task Score_OfFailures_HasARowAFrameAndProbabilities()
    {
        string file = Path.Combine(models.Plant.NewFolder(), "new", "predictions.csv");

        Ended scored = await AuspexProcess.RunAsync("score", "--model", models.Failure, "--data", models.Plant.Failures, "--out", file, "--json");

        Assert.Equal(ExitCode.Done, scored.ExitCode);
        JsonElement document = JsonElement.Parse(scored.Output);
        Assert.Equal(models.Plant.Rows, document.GetProperty("rows").GetInt32());
        string[] lines = File.ReadAllLines(file);
        string[] components = JsonElement.Parse(File.ReadAllText(Path.Combine(models.Failure, "manifest.json")))
            .GetProperty("label").GetProperty("components").EnumerateArray().Select(name => name.GetString()!).ToArray();
        Assert.Equal(
            $"asset,time,probability,confidence,predictedComponent,{string.Join(',', components.Select(name => $"probability {name},confidence {name}"))},alert", lines[0]);
        Assert.Equal(models.Plant.Rows, lines.Length - 1);
        int alerts = 0;
        foreach (string[] cells in lines[1..].Select(line => line.Split(',')))
        {
            double[] probabilities = [.. cells[5..^1].Where((_, i) => i % 2 == 0).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            double[] confidences = [.. cells[5..^1].Where((_, i) => i % 2 == 1).Append(cells[3]).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            Assert.All(confidences, confidence => Assert.InRange(confidence, 0, 1));
            Assert.All(cells[^1].Split(';', StringSplitOptions.RemoveEmptyEntries), alert => Assert.True(confidences[Array.IndexOf(components, alert)] >= 0.7));
            Assert.Equal(1 - probabilities.Aggregate(1.0, (none, p) => none * (1 - p)), double.Parse(cells[2], CultureInfo.InvariantCulture), 1e-12);
            Assert.Equal(components[Array.IndexOf(probabilities, probabilities.Max())], cells[4]);
            alerts += cells[^1].Length == 0 ? 0 : cells[^1].Split(';').Length;
        }

        Assert.Equal(alerts, document.GetProperty("alerts").GetInt32());
        Assert.True(alerts > 0);
        Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task Score_OfLives_HasTheColumnOfRemainingUsefulLife()
    {
        string file = Path.Combine(models.Plant.NewFolder(), "lives.csv");

        Ended scored = await AuspexProcess.RunAsync("score", "--model", models.Life, "--data", models.Plant.Lives, "--out", file);

        Assert.Equal(ExitCode.Done, scored.ExitCode);
        Assert.Matches(@"^scored     \d+ rows of 12 assets, 0 alerts raised\n", scored.Output);
        string[] lines = File.ReadAllLines(file);
        Assert.Equal("asset,time,remainingUsefulLife,confidence", lines[0]);
        Assert.All(lines[1..], line => Assert.InRange(double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture), 0, 125));
    }

    [Fact]
    public async Task Score_AssetNamedLikeAFormula_IsInertInTheFile()
    {
        const string Formula = "=cmd|' /C calc'!A0";
        string plant = models.Plant.Copy(Path.GetDirectoryName(models.Plant.Lives)!);
        string description = Path.Combine(plant, "engines.json");
        string test = File.ReadAllText(Path.Combine(plant, "test.txt"));
        File.WriteAllText(Path.Combine(plant, "test.txt"), test.Replace(' ', ';').Replace("1;1;", Formula + ";1;", StringComparison.Ordinal));
        File.WriteAllText(description, File.ReadAllText(description)
            .Replace("\"test.txt\", \"separator\": \" \"", "\"test.txt\", \"separator\": \";\"", StringComparison.Ordinal)
            .Replace("\"prefix\": \"test-\"", "\"prefix\": \"\"", StringComparison.Ordinal)
            .Replace("\"remainingUsefulLife\": [{ \"file\": \"lives.txt\", \"frames\": \"test.txt\" }],", "", StringComparison.Ordinal));
        string file = Path.Combine(plant, "out.csv");

        Ended scored = await AuspexProcess.RunAsync("score", "--model", models.Life, "--data", description, "--out", file);

        Assert.Equal((ExitCode.Done, ""), (scored.ExitCode, string.Join('\n', scored.Complaints)));
        string[] named = [.. File.ReadAllLines(file).Where(line => line.Contains("cmd", StringComparison.Ordinal))];
        Assert.NotEmpty(named);
        Assert.All(named, line => Assert.StartsWith("'=cmd", line.TrimStart('"'), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("score")]
    [InlineData("evaluate")]
    public async Task Notes_ColumnOfTheModelIsMissing_AreTold(string verb)
    {
        string plant = models.Plant.Copy(Path.GetDirectoryName(models.Plant.Lives)!);
        string description = Path.Combine(plant, "engines.json");
        File.WriteAllText(description, File.ReadAllText(description)
            .Replace("[{ \"name\": \"t24\", \"unit\": \"°R\" }, ", "[", StringComparison.Ordinal));
        string[] output = verb == "score" ? ["--out", Path.Combine(plant, "p.csv")] : [];

        Ended ended = await AuspexProcess.RunAsync([verb, "--model", models.Life, "--data", description, .. output]);

        Assert.Equal(ExitCode.Done, ended.ExitCode);
        Assert.Contains(
            "\nnote       The data set does not describe t24, which the model uses: its values are missing throughout.\n", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_TwiceWithOneSeed_GivesTheSameModel()
    {
        string folder = Path.Combine(models.Plant.NewFolder(), "again");

        await AuspexProcess.RunAsync("train", "--data", models.Plant.Lives, "--task", "rul", "--out", folder, "--threads", "1", "--json");

        Assert.Equal(File.ReadAllBytes(Path.Combine(models.Life, "model.onnx")), File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
    }

    // One outside quotes: a cell that holds a comma is quoted, and none here holds a quote.
    [GeneratedRegex(""",(?=(?:[^"]*"[^"]*")*[^"]*$)""")]
    private static partial Regex Comma();

    private static JsonElement Metrics(JsonElement document) => document.GetProperty("metrics");

    [Fact]
    public async Task Score_Explain_WritesReasonsThatAddUpToTheScore()
    {
        string folder = Directory.CreateTempSubdirectory("auspex-reasons-").FullName;
        try
        {
            string reasons = Path.Combine(folder, "reasons.csv");
            Ended run = await AuspexProcess.RunAsync(
                "score", "--model", models.Life, "--data", models.Plant.Lives, "--out", Path.Combine(folder, "p.csv"), "--explain", reasons);

            Assert.Equal(0, run.ExitCode);
            Assert.Contains($"reasons    {reasons}", run.Output, StringComparison.Ordinal);
            string[] written = File.ReadAllLines(reasons);
            Assert.Equal("asset,time,output,score,base,signal,reason,value,unit,normalLow,normalHigh,contribution,features", written[0]);
            string[][] lines = [.. written.Skip(1).Select(line => Comma().Split(line).Select(cell => cell.Trim('"')).ToArray())];
            Assert.NotEmpty(lines);
            Assert.All(lines, line => Assert.Equal(13, line.Length));
            Assert.All(lines.GroupBy(line => (line[0], line[1], line[2])), row =>
            {
                static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
                Assert.Equal(Number(row.First()[3]), Number(row.First()[4]) + row.Sum(line => Number(line[11])), 6);
                string[][] named = [.. row.Where(line => line[5] != "(all other signals)")];
                double[] sizes = [.. named.Select(line => Math.Abs(Number(line[11])))];
                Assert.Equal(sizes.OrderDescending(), sizes);
                Assert.All(named, line => Assert.Equal(Number(line[11]), line[12].Split(';').Sum(feature => Number(feature.Split('=')[1])), 6));
                Assert.All(named, line => Assert.Matches("(raises|lowers) the life by [0-9.]+ cycles$", line[6]));
            });
            Assert.Contains(lines, line => line[5] == "t24" && line[6].Contains(" its normal ", StringComparison.Ordinal) && line[8] == "°R" && line[9].Length > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
