using System.CommandLine;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Runs;
using Auspex.Learning.Train;
using Auspex.Models.Package;
using Auspex.Native;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex train</c>: a described data set in, an evaluated package out.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        Option<FileInfo> data = VerbOptions.Data();
        Option<DirectoryInfo> root = VerbOptions.Root();
        Option<PredictionTask> task = VerbOptions.Task();
        Option<TimeSpan?> horizon = VerbOptions.Horizon();
        Option<double?> threshold = VerbOptions.Threshold();
        Option<double?> confidence = VerbOptions.Confidence("0.7");
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "Folder to write the package to; new or empty. Default models/<data set>-<task>.",
            HelpName = "DIR",
        };
        Option<int> liveBudget = VerbOptions.LiveBudget();
        Option<bool> noTest = VerbOptions.NoTest();
        Option<DirectoryInfo> export = VerbOptions.Export();
        Option<(string Name, string Value)[]> set = VerbOptions.Set();
        Option<(string Signal, bool Up)[]> monotone = VerbOptions.Monotone();
        Option<bool> tune = new("--tune") { Description = "First look for better hyperparameters on the folds of the training side, by successive halving." };
        Option<int> trials = VerbOptions.InRange(
            new Option<int>("--trials") { Description = "Settings that --tune tries.", HelpName = "N", DefaultValueFactory = _ => 27 }, 2, 1_000);
        Option<TimeSpan?> time = new("--time")
        {
            Description = "--tune begins no new trial after this, such as 30m.",
            HelpName = "TIME",
            CustomParser = result => VerbOptions.Duration(result, "--time"),
        };
        Option<double?> missedCost = VerbOptions.Price("--missed-cost", "What a missed failure costs, in false alerts; the threshold is the one of least cost on held-out rows. Default 5.");
        Option<double> mostFalse = VerbOptions.MostFalseAlerts();
        Option<double?> leastPrecision = VerbOptions.Price("--precision", "Instead of by cost: the threshold that catches most where at least this share of alerts is right on held-out rows, 0 to 1.");
        Option<DirectoryInfo> champion = new("--champion")
        {
            Description = "Package of the present model: say whether the new one should take its place, judged on rows that neither learned from.",
            HelpName = "DIR",
        };
        Option<DirectoryInfo> runs = VerbOptions.Runs();
        Option<int> seed = VerbOptions.Seed();
        Option<int> threads = VerbOptions.Threads();
        Option<FileInfo> report = VerbOptions.Report();
        Option<FileInfo> html = VerbOptions.Html();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "train",
            "Train a model on the training side of a data set, judge it on the test side, and write it as a package.",
            [data, root, task, horizon, threshold, confidence, missedCost, mostFalse, leastPrecision, liveBudget, tune, trials, time, noTest, champion, output, export, set, monotone, runs, seed, threads, report, html, json],
            [
                "auspex train --data samples/datasets/azure-pdm.json --root /data --task failure --horizon 24h --out models/azure",
                "auspex train --data samples/datasets/cmapss-fd001.json --root /data --task rul --html fd001.html",
                "auspex train --data samples/datasets/skab.json --root /data --task anomaly --out models/skab",
                "auspex train --data plant.json --task failure --tune --trials 30 --time 1h",
                "auspex train --data plant.json --task failure --champion models/plant-failure --out models/plant-next",
                "auspex train --data plant.json --task failure --json --report plant-report.json",
            ],
            async (parsed, ct) =>
            {
                FileInfo description = parsed.GetRequiredValue(data);
                PredictionTask asked = parsed.GetRequiredValue(task);
                string name = asked.Word();
                bool quiet = parsed.GetValue(json);
                if (asked == PredictionTask.RemainingUsefulLife && parsed.GetValue(threshold) is not null)
                {
                    throw new UsageException("--threshold is for --task failure: a remaining useful life raises no alerts.");
                }

                if (asked != PredictionTask.Failure && parsed.GetValue(confidence) is not null)
                {
                    throw new UsageException("--confidence is for --task failure: other tasks raise no alerts by probability.");
                }

                if (asked == PredictionTask.Anomaly)
                {
                    AnomalyOptions.Require(parsed.GetValue(threshold), parsed.GetValue(horizon));
                    if (parsed.GetResult(liveBudget) is { Implicit: false })
                    {
                        throw new UsageException("--live-budget is for --task failure and rul: a detector of anomalies has a fixed number of trees, or none.");
                    }

                    if (parsed.GetRequiredValue(set).Length + parsed.GetRequiredValue(monotone).Length > 0)
                    {
                        throw new UsageException("--set and --monotone are for --task failure and rul: a detector of anomalies is not boosted.");
                    }
                }

                if (parsed.GetValue(leastPrecision) is > 1)
                {
                    throw new UsageException("--precision is a share, above 0 and at most 1.");
                }

                if (parsed.GetValue(champion) is not null && (asked == PredictionTask.Anomaly || parsed.GetValue(noTest)))
                {
                    throw new UsageException("--champion is for --task failure and rul, and needs the test side: leave --no-test out.");
                }

                var record = new RunRecord(new RunFolder(parsed.GetRequiredValue(runs).FullName), TimeProvider.System, name, parsed.GetValue(seed));

                // What cannot end well is said before hours of training, not after.
                OutputFile.RequireReports(parsed.GetValue(report), parsed.GetValue(html), parsed.GetValue(output)?.FullName);
                VerbOptions.RequireEmpty(parsed.GetValue(export));
                NativeLibraries.RequireAll();
                ModelPackage? present = parsed.GetValue(champion) is { } package ? ModelPackage.Load(package.FullName) : null;
                if (present is not null && present.Manifest.Task != asked)
                {
                    throw new UsageException($"--champion is a model of {present.Manifest.Task}, --task asks for {asked}; give the present model of the same task.");
                }

                (string Folder, TrainedModel Trained) Train(Action<LearningProgress> progress)
                {
                    var dataset = DatasetInput.Read(description, parsed.GetValue(root), schema: null, progress, ct);
                    record.Reads(dataset);
                    string folder = parsed.GetValue(output)?.FullName
                        ?? Path.GetFullPath(Path.Combine("models", $"{dataset.Description.Name}-{name}"));
                    ModelPackageWriter.RefuseFilled(folder);
                    var options = new TrainingOptions
                    {
                        LiveBudgetTrees = parsed.GetValue(liveBudget) is > 0 and var trees ? trees : null,
                        KeepTest = !parsed.GetValue(noTest),
                        ExportFolder = parsed.GetValue(export)?.FullName,
                        Overrides = parsed.GetRequiredValue(set),
                        Monotone = parsed.GetRequiredValue(monotone),
                        Prices = AlertPrices.Default with { MissedFailure = parsed.GetValue(missedCost) ?? AlertPrices.Default.MissedFailure },
                        ConfidenceThreshold = parsed.GetValue(confidence) is { } least ? least == 0 ? null : least : ThresholdChoice.DefaultConfidence,
                        MostFalseAlertsPerAssetDay = parsed.GetValue(mostFalse) is > 0 and var most ? most : null,
                        LeastPrecision = parsed.GetValue(leastPrecision),
                        Search = parsed.GetValue(tune) ? new SearchLimits(parsed.GetValue(trials), parsed.GetValue(time)) : null,
                        Tried = record.Tried,
                        Seed = parsed.GetValue(seed),
                        Threads = parsed.GetValue(threads),
                    };
                    TrainedModel trained = asked == PredictionTask.Anomaly
                        ? new DetectorPipeline(TimeProvider.System, progress).Train(dataset, options, ct)
                        : new LearningPipeline(TimeProvider.System, progress).Train(
                            dataset, asked, parsed.GetValue(horizon), parsed.GetValue(threshold), options, ct);
                    if (present is not null)
                    {
                        var known = DatasetInput.Read(description, parsed.GetValue(root), present.Manifest.Schema, progress, ct);
                        PromotionVerdict verdict = new LearningPipeline(TimeProvider.System, progress).Compare(dataset, trained, known, present, options, ct);
                        trained = trained with { Report = trained.Report with { Promotion = verdict } };
                    }

                    ModelPackageWriter.Write(folder, trained.Package, ct);
                    record.Completed(trained, folder);
                    return (folder, trained);
                }

                (string folder, TrainedModel trained) = await Terminal.RunAsync(
                    quiet,
                    progress =>
                    {
                        try
                        {
                            return Train(progress);
                        }
                        catch (Exception cause)
                        {
                            record.Ended(cause);
                            throw;
                        }
                    },
                    ct);
                Results.Write(trained.Report, trained.Judged, parsed.GetValue(report), parsed.GetValue(html));
                if (quiet)
                {
                    Terminal.PrintJson(new { package = folder, manifest = Results.Summary(trained.Package.Manifest), report = Results.Json(trained.Report) });
                    return;
                }

                Results.Print(trained.Report);
                Console.WriteLine();
                Console.WriteLine($"package    {folder}");
                Results.PrintFiles(parsed.GetValue(report), parsed.GetValue(html));
            });
    }
}
