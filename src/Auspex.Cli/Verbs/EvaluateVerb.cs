using System.CommandLine;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Evaluate;
using Auspex.Models.Package;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex evaluate</c>: a package judged on the test side of a data set.</summary>
internal static class EvaluateVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> model = VerbOptions.Model();
        Option<FileInfo> data = VerbOptions.Data();
        Option<DirectoryInfo> root = VerbOptions.Root();
        Option<double?> threshold = VerbOptions.Threshold();
        Option<double?> confidence = VerbOptions.Confidence("the package's");
        Option<int> threads = VerbOptions.Threads();
        Option<FileInfo> report = VerbOptions.Report();
        Option<FileInfo> html = VerbOptions.Html();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "evaluate",
            "Judge a package on the test side of a data set: failures caught, false alerts, lead time; errors of remaining useful life; or rows told to be anomalies.",
            [model, data, root, threshold, confidence, threads, report, html, json],
            [
                "auspex evaluate --model models/azure --data samples/datasets/azure-pdm.json --root /data --html azure.html",
                "auspex evaluate --model models/azure --data samples/datasets/azure-pdm.json --root /data --threshold 0.5 --json",
            ],
            async (parsed, ct) =>
            {
                bool quiet = parsed.GetValue(json);
                OutputFile.RequireReports(parsed.GetValue(report), parsed.GetValue(html), parsed.GetRequiredValue(model).FullName);
                (EvaluationReport evaluation, Judged judged) = await Terminal.RunAsync(
                    quiet,
                    progress =>
                    {
                        var package = ModelPackage.Load(parsed.GetRequiredValue(model).FullName);
                        if (package.Manifest.Task != PredictionTask.Failure && parsed.GetValue(confidence) is not null)
                        {
                            throw new UsageException("--confidence is for models of failures: others raise no alerts by probability.");
                        }

                        if (parsed.GetValue(confidence) is > 0 && package.Manifest.Confidence is null)
                        {
                            throw new UsageException("--confidence: the package has no Venn-Abers tables to tell a confidence by; leave it out, or train again.");
                        }

                        if (package.Manifest.Task == PredictionTask.RemainingUsefulLife && parsed.GetValue(threshold) is not null)
                        {
                            throw new UsageException("--threshold is for models of failures: a remaining useful life raises no alerts.");
                        }

                        var dataset = DatasetInput.Read(
                            parsed.GetRequiredValue(data), parsed.GetValue(root), package.Manifest.Schema, progress, ct);
                        if (package.Manifest.Task == PredictionTask.Anomaly)
                        {
                            AnomalyOptions.Require(parsed.GetValue(threshold));
                            EvaluationReport told = new DetectorPipeline(TimeProvider.System, progress).Evaluate(
                                dataset, package, parsed.GetValue(threads), out Judged flagged, ct);
                            return (told, flagged);
                        }

                        EvaluationReport found = new LearningPipeline(TimeProvider.System, progress).Evaluate(
                            dataset, package, parsed.GetValue(threshold), parsed.GetValue(confidence), parsed.GetValue(threads), out Judged said, ct);
                        return (found, said);
                    },
                    ct);
                Results.Write(evaluation, judged, parsed.GetValue(report), parsed.GetValue(html));
                if (quiet)
                {
                    Terminal.PrintJson(new { report = Results.Json(evaluation) });
                    return;
                }

                Results.Print(evaluation);
                Console.WriteLine();
                Results.PrintFiles(parsed.GetValue(report), parsed.GetValue(html));
            });
    }
}
