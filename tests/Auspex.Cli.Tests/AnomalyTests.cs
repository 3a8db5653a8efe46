using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Auspex.Cli.Tests;

/// <summary>A plant without a failure yet, from its files to the rows that are not normal.</summary>
public sealed class AnomalyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-anomaly-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Train_Inspect_Evaluate_Score_OfAnomalies()
    {
        string data = WritePumps();
        string model = Path.Combine(_folder, "model");

        Ended trained = await AuspexProcess.RunAsync("train", "--data", data, "--task", "anomaly", "--out", model, "--report", Path.Combine(_folder, "r.json"), "--html", Path.Combine(_folder, "r.html"));
        Ended inspected = await AuspexProcess.RunAsync("inspect", "--model", model);
        Ended evaluated = await AuspexProcess.RunAsync("evaluate", "--model", model, "--data", data, "--html", Path.Combine(_folder, "e.html"), "--json");
        Ended refused = await AuspexProcess.RunAsync("evaluate", "--model", model, "--data", data, "--threshold", "0.5");
        string predictions = Path.Combine(_folder, "p.csv");
        Ended scored = await AuspexProcess.RunAsync("score", "--model", model, "--data", data, "--out", predictions, "--explain", Path.Combine(_folder, "reasons.csv"));

        Assert.Equal((ExitCode.Done, ExitCode.Done, ExitCode.Done, ExitCode.Done), (trained.ExitCode, inspected.ExitCode, evaluated.ExitCode, scored.ExitCode));
        Assert.Matches(@"\ndetector   F1 (0\.9\d\d|1\.000), false-alarm rate", trained.Output);
        Assert.Contains("\n3 sigma    F1 ", trained.Output, StringComparison.Ordinal);
        Assert.Contains("tells        whether a row is as normal rows are: principal components", inspected.Output, StringComparison.Ordinal);
        Assert.Contains("fitted       on the first 100 rows of each asset", inspected.Output, StringComparison.Ordinal);
        Assert.All(inspected.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^.{12} \S", line));
        JsonElement written = JsonElement.Parse(File.ReadAllText(Path.Combine(_folder, "r.json")));
        Assert.True(JsonElement.DeepEquals(written, JsonElement.Parse(evaluated.Output).GetProperty("report")));
        Assert.Equal(100, written.GetProperty("anomaly").GetProperty("rowsNotJudged").GetInt64());
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("--threshold is for --task failure", refused.Error, StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(predictions);
        Assert.Equal(["asset,time,anomalyScore,anomaly", "pump-1,2026-01-01T00:00:00Z,NaN,"], lines[..2]);
        Assert.InRange(lines.Count(line => line.EndsWith(",yes", StringComparison.Ordinal)), 40, 50);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder, "r.html")), File.ReadAllText(Path.Combine(_folder, "e.html")));
        string reasons = File.ReadAllText(Path.Combine(_folder, "reasons.csv"));
        Assert.Contains("flow ", reasons, StringComparison.Ordinal);
        Assert.Contains(" l/min, below its normal ", reasons, StringComparison.Ordinal);
        Assert.Contains("raises the anomaly score (+", reasons, StringComparison.Ordinal);
        Assert.Contains(", 1 alerts raised", scored.Output, StringComparison.Ordinal);
    }

    // Two pumps of 300 minutes; from minute 200 of the second its flow no longer follows its speed, for 45 minutes.
    private string WritePumps()
    {
        var rows = new StringBuilder("pump,at,speed,flow,bad\n");
        for (int pump = 1; pump <= 2; pump++)
        {
            for (int minute = 0; minute < 300; minute++)
            {
                bool bad = pump == 2 && minute is >= 200 and < 245;
                double speed = 1_500 + (100 * Math.Sin(minute * 0.9));
                double flow = (speed / 50) + (0.2 * Math.Cos(minute * 2.3)) - (bad ? 8 : 0);
                rows.Append(CultureInfo.InvariantCulture, $"pump-{pump},{new DateTime(2026, 1, 1).AddMinutes(minute):yyyy-MM-ddTHH:mm:ss}Z,{speed:0.###},{flow:0.###},{(bad ? 1 : 0)}\n");
            }
        }

        File.WriteAllText(Path.Combine(_folder, "pumps.csv"), rows.ToString());
        string description = Path.Combine(_folder, "pumps.json");
        File.WriteAllText(description, """
            {
              "name": "pumps",
              "frames": [{ "file": "pumps.csv", "asset": { "column": "pump" }, "time": { "column": "at" } }],
              "signals": [{ "name": "speed", "unit": "rpm" }, { "name": "flow", "unit": "l/min" }],
              "rowLabels": [{ "column": "bad" }],
              "split": { "testAssets": ["pump-2"] },
              "fit": { "perAsset": true, "first": 100, "smoothing": "0s" }
            }
            """);
        return description;
    }
}
