using System.CommandLine;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train;
using Auspex.Models.Package;
using Auspex.Native;
using Auspex.Simulation;
using Auspex.Simulation.Furnace;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex demo</c>: a plant that fails on purpose, through the whole model line.</summary>
internal static class DemoVerb
{
    // Enough failures to learn from in two months, few enough to train on in half a minute.
    private const int Furnaces = 16;

    public static Command Create()
    {
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "Folder for the plant's files, the package and the reports; new or empty. Default demo/<date and time>.",
            HelpName = "DIR",
        };
        Option<int> seed = VerbOptions.Seed();
        Option<int> threads = VerbOptions.Threads();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "demo",
            "Generate a plant of furnaces that wear and fail, train on the first two thirds of its time, and judge the predictions on the rest.",
            [output, seed, threads, json],
            ["auspex demo", "auspex demo --seed 7 --out /tmp/plant-7"],
            async (parsed, ct) =>
            {
                string folder = Path.TrimEndingDirectorySeparator(parsed.GetValue(output)?.FullName ?? Path.GetFullPath(Path.Combine(
                    "demo", TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture))));
                ModelPackageWriter.RefuseFilled(folder);
                NativeLibraries.RequireAll();
                bool quiet = parsed.GetValue(json);
                // The whole demo is there or nothing of it, however the process ends.
                string draft = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.{Guid.NewGuid():N}.tmp");
                TrainedModel trained;
                try
                {
                    trained = await RunAsync(draft, parsed.GetValue(seed), parsed.GetValue(threads), quiet, ct);
                    Results.Write(trained.Report, trained.Judged, new FileInfo(Path.Combine(draft, "report.json")), new FileInfo(Path.Combine(draft, "report.html")));
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
                    Terminal.PrintJson(new { folder, report = Results.Json(trained.Report) });
                    return;
                }

                PrintFailures(trained.Report.Events!);
                Console.WriteLine();
                Results.Print(trained.Report);
                Console.WriteLine();
                Console.WriteLine($"plant      {Path.Combine(folder, "plant")}");
                Console.WriteLine($"package    {Path.Combine(folder, "model")}");
                Results.PrintFiles(report, page);
            });
    }

    private static Task<TrainedModel> RunAsync(string folder, int seed, int threads, bool quiet, CancellationToken ct) => Terminal.RunAsync(
        quiet,
        progress =>
        {
            progress(new LearningProgress("generate plant", 0));
            SimulatedPlant plant = FurnacePlant.Generate(new FurnacePlantOptions { Seed = seed, Furnaces = Furnaces });
            string description = PlantFiles.Write(plant, Path.Combine(folder, "plant"));
            Dataset dataset = DatasetInput.Read(new FileInfo(description), root: null, schema: null, progress, ct);
            TrainedModel model = new LearningPipeline(TimeProvider.System, progress).Train(
                dataset, PredictionTask.Failure, horizon: null, threshold: null, new TrainingOptions { Seed = seed, Threads = threads }, ct);
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
