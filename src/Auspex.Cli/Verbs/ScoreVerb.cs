using System.CommandLine;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Models.Package;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex score</c>: predictions and alerts for every row of a data set.</summary>
internal static class ScoreVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> model = VerbOptions.Model();
        Option<FileInfo> data = VerbOptions.Data();
        Option<DirectoryInfo> root = VerbOptions.Root();
        Option<FileInfo> output = new("--out")
        {
            Description = "CSV file to write: asset, time, probability, predicted component, alert; or remaining useful life; or anomaly score and anomaly.",
            HelpName = "predictions.csv",
            Required = true,
        };
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "score",
            "Score every row of a data set, and mark the rows that raise an alert.",
            [model, data, root, output, json],
            [
                "auspex score --model models/azure --data samples/datasets/azure-pdm.json --root /data --out predictions.csv",
            ],
            async (parsed, ct) =>
            {
                bool quiet = parsed.GetValue(json);
                string path = parsed.GetRequiredValue(output).FullName;
                OutputFile.Require("--out", parsed.GetRequiredValue(output), parsed.GetRequiredValue(model).FullName);
                (long rows, Dataset dataset, int alerts) = await Terminal.RunAsync(
                    quiet,
                    progress =>
                    {
                        var package = ModelPackage.Load(parsed.GetRequiredValue(model).FullName);
                        var dataset = DatasetInput.Read(
                            parsed.GetRequiredValue(data), parsed.GetValue(root), package.Manifest.Schema, progress, ct);
                        using var file = new PredictionFile(path, package.Manifest.Label);
                        int alerts = 0;
                        IEnumerable<ScoredAsset> scored = package.Manifest.Task == PredictionTask.Anomaly
                            ? new DetectorPipeline(TimeProvider.System, progress).Score(dataset, package, ct)
                            : new LearningPipeline(TimeProvider.System, progress).Score(dataset, package, ct);
                        foreach (ScoredAsset asset in scored)
                        {
                            file.Add(asset);
                            alerts += asset.Raised.Count + Beginnings(asset.Anomalies);
                        }

                        file.Complete();
                        return (file.Rows, dataset, alerts);
                    },
                    ct);
                var reading = ReadingSummary.Of(dataset.Report);
                if (quiet)
                {
                    Terminal.PrintJson(new { file = path, rows, assets = dataset.Assets.Count, alerts, bad = reading.Bad, notes = reading.Notes });
                    return;
                }

                Console.WriteLine($"scored     {rows} rows of {dataset.Assets.Count} assets, {alerts} alerts raised");
                Console.WriteLine($"data       {reading.Good} of {reading.Rows} rows kept, {reading.Bad} bad, {reading.Skipped} of other assets");
                Results.PrintNotes(reading.Notes);
                Console.WriteLine($"file       {path}");
            });
    }

    // Anomalous rows in a run are one alert.
    private static int Beginnings(bool[] anomalies) => anomalies.Where((anomaly, row) => anomaly && (row == 0 || !anomalies[row - 1])).Count();
}
