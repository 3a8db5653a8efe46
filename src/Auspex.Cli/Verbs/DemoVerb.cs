using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train;
using Auspex.Models.Package;
using Auspex.Native;
using Auspex.Simulation;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex demo</c>: a plant that fails on purpose, through the whole model line.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "Folder for the plant's files, the package and the reports; new or empty. Default demo/<date and time>.",
            HelpName = "DIR",
        };
        Option<string> kind = VerbOptions.Plant();
        Option<int> plants = VerbOptions.Plants();
        Option<int?> days = VerbOptions.PlantDays();
        Option<bool> untrained = new("--untrained") { Description = "Write the plant's files and train nothing; needs no native libraries." };
        Option<int> seed = VerbOptions.Seed();
        Option<int> threads = VerbOptions.Threads();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "demo",
            "Generate a plant that wears and fails, train on the first part of its history, and judge the predictions on the rest.",
            [output, kind, plants, days, untrained, seed, threads, json],
            ["auspex demo", "auspex demo --seed 7 --out /tmp/plant-7", "auspex demo --plant furnace-line --plants 20 --days 5 --untrained --out lines"],
            async (parsed, ct) =>
            {
                var plant = new DemoPlant(parsed.GetValue(kind)!, parsed.GetValue(seed), parsed.GetValue(plants), parsed.GetValue(days));
                plant.Check();
                string folder = Path.TrimEndingDirectorySeparator(parsed.GetValue(output)?.FullName ?? Path.GetFullPath(Path.Combine(
                    "demo", TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture))));
                ModelPackageWriter.RefuseFilled(folder);
                bool trains = !parsed.GetValue(untrained);
                if (trains)
                {
                    NativeLibraries.RequireAll();
                }

                bool quiet = parsed.GetValue(json);
                // The whole demo is there or nothing of it, however the process ends.
                string draft = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.{Guid.NewGuid():N}.tmp");
                TrainedModel? trained;
                try
                {
                    trained = await RunAsync(draft, plant, trains, parsed.GetValue(threads), quiet, ct);
                    if (trained is not null)
                    {
                        Results.Write(trained.Report, trained.Judged, new FileInfo(Path.Combine(draft, "report.json")), new FileInfo(Path.Combine(draft, "report.html")));
                    }

                    if (Directory.Exists(folder))
                    {
                        Directory.Delete(folder); // empty, or it was refused
                    }

                    Directory.Move(draft, folder);
                }
                finally
                {
                    if (Directory.Exists(draft))
                    {
                        Directory.Delete(draft, recursive: true);
                    }
                }

                var report = new FileInfo(Path.Combine(folder, "report.json"));
                var page = new FileInfo(Path.Combine(folder, "report.html"));
                if (quiet)
                {
                    Terminal.PrintJson(new { folder, report = trained is null ? default(JsonElement?) : Results.Json(trained.Report) });
                    return;
                }

                if (trained is null)
                {
                    Console.WriteLine($"plant      {Path.Combine(folder, "plant")}");
                    return;
                }

                if (plant.Kind == DemoPlant.Default)
                {
                    PrintFailures(trained.Report.Events!);
                    Console.WriteLine();
                }

                Results.Print(trained.Report);
                Console.WriteLine();
                Console.WriteLine($"plant      {Path.Combine(folder, "plant")}");
                Console.WriteLine($"package    {Path.Combine(folder, "model")}");
                Results.PrintFiles(report, page);
            });
    }

    private static Task<TrainedModel?> RunAsync(string folder, DemoPlant demo, bool trains, int threads, bool quiet, CancellationToken ct) => Terminal.RunAsync(
        quiet,
        progress =>
        {
            progress(new LearningProgress("generate plant", 0));
            SimulatedPlant plant = demo.Generate();
            string description = PlantFiles.Write(plant, Path.Combine(folder, "plant"));
            if (demo.Kind != DemoPlant.Default)
            {
                PlantFiles.WriteTruth(plant, Path.Combine(folder, "truth.csv"));
            }

            if (!trains)
            {
                return null;
            }

            Dataset dataset = DatasetInput.Read(new FileInfo(description), root: null, schema: null, progress, ct);
            TrainedModel model = new LearningPipeline(TimeProvider.System, progress).Train(
                dataset, demo.Task, horizon: null, threshold: null, new TrainingOptions { Seed = demo.Seed, Threads = threads }, ct);
            ModelPackageWriter.Write(Path.Combine(folder, "model"), model.Package, ct);
            return model;
        },
        ct);

    private static void PrintFailures(ReportedEvents events)
    {
        Console.WriteLine("Failures of the test period, and what was said of them before:");
        foreach (ReportedFailure failure in events.Failures
            .Where(failure => failure.Verdict is FailureVerdict.Caught or FailureVerdict.Missed)
            .OrderBy(failure => failure.Start))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {failure.Start:yyyy-MM-dd HH:mm}  {failure.Asset,-11} {failure.Component,-15} ")
                + (failure.Verdict == FailureVerdict.Caught ? $"predicted {Results.Hours(failure.LeadTimeSeconds)} before" : "missed"));
        }
    }
}
