using System.CommandLine;
using Auspex.Core.Assets;
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
        Option<FileInfo> explain = new("--explain")
        {
            Description = "CSV file to write reasons to: what each signal adds to the raw score, in words and exactly, for rows near the threshold or above, the last row of each asset for a life, or anomalous rows.",
            HelpName = "reasons.csv",
        };
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "score",
            "Score every row of a data set, and mark the rows that raise an alert.",
            [model, data, root, output, explain, json],
            [
                "auspex score --model models/azure --data samples/datasets/azure-pdm.json --root /data --out predictions.csv",
                "auspex score --model models/fd001 --data samples/datasets/cmapss-fd001.json --root /data --out lives.csv --explain reasons.csv",
            ],
            async (parsed, ct) =>
            {
                bool quiet = parsed.GetValue(json);
                string path = parsed.GetRequiredValue(output).FullName;
                OutputFile.Require("--out", parsed.GetRequiredValue(output), parsed.GetRequiredValue(model).FullName);
                if (parsed.GetValue(explain) is { } asked)
                {
                    OutputFile.Require("--explain", asked, parsed.GetRequiredValue(model).FullName);
                }

                (long rows, Dataset dataset, int alerts) = await Terminal.RunAsync(
                    quiet,
                    progress =>
                    {
                        var package = ModelPackage.Load(parsed.GetRequiredValue(model).FullName);
                        var dataset = DatasetInput.Read(
                            parsed.GetRequiredValue(data), parsed.GetValue(root), package.Manifest.Schema, progress, ct);
                        using var file = new PredictionFile(path, package.Manifest.Label);
                        using ReasonFile? reasons = parsed.GetValue(explain) is { } to ? new ReasonFile(to.FullName, package) : null;
                        Dictionary<AssetId, AssetHistory> histories = dataset.Assets.ToDictionary(asset => asset.History.Asset, asset => asset.History);
                        int alerts = 0;
                        IEnumerable<ScoredAsset> scored = package.Manifest.Task == PredictionTask.Anomaly
                            ? new DetectorPipeline(TimeProvider.System, progress).Score(dataset, package, ct)
                            : new LearningPipeline(TimeProvider.System, progress).Score(dataset, package, ct);
                        foreach (ScoredAsset asset in scored)
                        {
                            file.Add(asset);
                            reasons?.Add(asset, histories[asset.Asset]);
                            alerts += asset.Raised.Count + Beginnings(asset.Anomalies);
                        }

                        file.Complete();
                        reasons?.Complete();
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
                if (parsed.GetValue(explain) is { } written)
                {
                    Console.WriteLine($"reasons    {written.FullName}");
                }
            });
    }

    // Anomalous rows in a run are one alert.
    private static int Beginnings(bool[] anomalies) => anomalies.Where((anomaly, row) => anomaly && (row == 0 || !anomalies[row - 1])).Count();
}
