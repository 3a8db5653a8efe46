using System.CommandLine;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Learning;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train;
using Auspex.Native;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex cross-validate</c>: how good the whole line is on assets it has not seen, without a test side.</summary>
internal static class CrossValidateVerb
{
    public static Command Create()
    {
        Option<FileInfo> data = VerbOptions.Data();
        Option<DirectoryInfo> root = VerbOptions.Root();
        Option<PredictionTask> task = VerbOptions.Task();
        Option<TimeSpan?> horizon = VerbOptions.Horizon();
        Option<int> folds = VerbOptions.InRange(new Option<int>("--folds")
        {
            Description = "Folds of whole assets; 0 leaves out one asset at a time.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
        }, 0, 10_000);
        Option<int> rounds = VerbOptions.InRange(new Option<int>("--rounds")
        {
            Description = "How often the assets are dealt out anew.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        }, 1, 100);
        Option<int> liveBudget = VerbOptions.LiveBudget();
        Option<DirectoryInfo> export = VerbOptions.Export();
        Option<(string Name, string Value)[]> set = VerbOptions.Set();
        Option<(string Signal, bool Up)[]> monotone = VerbOptions.Monotone();
        Option<int> seed = VerbOptions.Seed();
        Option<int> threads = VerbOptions.Threads();
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "cross-validate",
            "Teach the whole line on all folds of assets but one and judge it on that one, in turn. Files of part test are left alone; no model is written.",
            [data, root, task, horizon, folds, rounds, liveBudget, export, set, monotone, seed, threads, json],
            [
                "auspex cross-validate --data samples/datasets/ai4i2020.json --root /data --task failure --folds 5 --rounds 5",
                "auspex cross-validate --data samples/datasets/cnc-mill.json --root /data --task failure --folds 0",
            ],
            async (parsed, ct) =>
            {
                bool quiet = parsed.GetValue(json);
                VerbOptions.RequireEmpty(parsed.GetValue(export));
                NativeLibraries.RequireAll();
                IReadOnlyList<CrossValidatedRound> done = await Terminal.RunAsync(
                    quiet,
                    progress =>
                    {
                        var dataset = DatasetInput.Read(parsed.GetRequiredValue(data), parsed.GetValue(root), schema: null, progress, ct);
                        string? folder = parsed.GetValue(export)?.FullName;
                        var options = new TrainingOptions
                        {
                            LiveBudgetTrees = parsed.GetValue(liveBudget) is > 0 and var trees ? trees : null,
                            Overrides = parsed.GetRequiredValue(set),
                            Monotone = parsed.GetRequiredValue(monotone),
                            Seed = parsed.GetValue(seed),
                            Threads = parsed.GetValue(threads),
                        };
                        return new CrossValidation(progress).Run(
                            dataset, parsed.GetRequiredValue(task), parsed.GetValue(horizon), parsed.GetValue(folds), parsed.GetValue(rounds), options, folder, ct);
                    },
                    ct);
                if (quiet)
                {
                    Terminal.PrintJson(new { rounds = done.Select(round => Results.Json(round.Report)) });
                    return;
                }

                Print(done);
            });
    }

    private static void Print(IReadOnlyList<CrossValidatedRound> done)
    {
        EvaluationReport first = done[0].Report;
        Console.WriteLine($"data       {first.Dataset}: {first.Split.TrainAssets} assets in {done[0].Folds} folds, dealt out {done.Count} times");
        foreach ((string name, Func<EvaluationMetrics, double> of) in Figures)
        {
            double[] values = [.. done.Select(round => of(round.Report.Metrics))];
            if (values.All(double.IsFinite))
            {
                double mean = values.Average();
                string spread = values.Length == 1 ? "" : string.Create(
                    CultureInfo.InvariantCulture, $" ± {Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)):0.####}");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-22} {mean:0.####}{spread}"));
            }
        }

        if (first.Condition is { Assets.Count: > 0 } condition)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"assets     {condition.Assets.Count} of one condition throughout: accuracy {condition.AssetsAccuracy.Value:0.###} (95 %: {condition.AssetsAccuracy.Lower:0.###} to {condition.AssetsAccuracy.Upper:0.###}), AUC {condition.AssetsRocAuc.Value:0.###} ({condition.AssetsRocAuc.Lower:0.###} to {condition.AssetsRocAuc.Upper:0.###})"));
        }

        Results.PrintNotes(done.SelectMany(round => round.Report.Notes).Distinct());
    }

    private static readonly (string Name, Func<EvaluationMetrics, double> Of)[] Figures =
    [
        ("recall", metrics => metrics.Recall), ("precision", metrics => metrics.Precision),
        ("falseAlertsPerAssetDay", metrics => metrics.FalseAlertsPerAssetDay), ("leadMedianSeconds", metrics => metrics.LeadMedianSeconds),
        ("accuracy", metrics => metrics.Accuracy), ("rowPrecision", metrics => metrics.RowPrecision), ("f1", metrics => metrics.F1),
        ("rocAuc", metrics => metrics.RocAuc), ("prAuc", metrics => metrics.PrAuc), ("logLoss", metrics => metrics.LogLoss),
        ("brier", metrics => metrics.Brier), ("ece", metrics => metrics.Ece), ("far", metrics => metrics.Far), ("mar", metrics => metrics.Mar),
        ("rmseCapped", metrics => metrics.RmseCapped), ("rmseRaw", metrics => metrics.RmseRaw), ("coverage90", metrics => metrics.Coverage90),
        ("meanWidth90", metrics => metrics.MeanWidth90),
    ];
}
