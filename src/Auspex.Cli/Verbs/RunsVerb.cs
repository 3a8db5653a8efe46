using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Auspex.Learning.Runs;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex runs</c>: the trainings that were kept, listed, shown and compared.</summary>
internal static class RunsVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> folder = VerbOptions.Runs();
        Option<string[]> compare = new("--compare")
        {
            Description = "Show where two or more runs differ: parameters, data, code and figures. The beginning of an id is enough.",
            HelpName = "ID ID",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string> dataset = new("--dataset") { Description = "List only runs on this data set.", HelpName = "NAME" };
        Option<int> last = VerbOptions.InRange(
            new Option<int>("--last") { Description = "How many runs are listed, newest first.", HelpName = "N", DefaultValueFactory = _ => 20 }, 1, 1_000_000);
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "runs",
            "List the trainings that were kept, or compare some of them.",
            [folder, compare, dataset, last, json],
            ["auspex runs", "auspex runs --dataset cmapss-fd001 --last 50", "auspex runs --compare 20260131-12 20260131-13"],
            (parsed, _) =>
            {
                var runs = new RunFolder(parsed.GetRequiredValue(folder).FullName);
                string[] ids = parsed.GetValue(compare) ?? [];
                if (ids.Length == 1)
                {
                    throw new UsageException("--compare needs two runs or more.");
                }

                var damaged = new List<string>();
                TrainingRun[] shown;
                try
                {
                    shown = ids.Length > 0
                        ? [.. ids.Select(runs.Get)]
                        : [.. runs.List(damaged).Where(run => parsed.GetValue(dataset) is not { } name || run.Dataset == name).Take(parsed.GetValue(last))];
                }
                catch (KeyNotFoundException none)
                {
                    throw new UsageException(none.Message);
                }

                if (parsed.GetValue(json))
                {
                    Terminal.PrintJson(shown);
                }
                else if (ids.Length > 0)
                {
                    Compare(shown);
                }
                else
                {
                    List(shown, runs.Path);
                }

                damaged.ForEach(sentence => Console.Error.WriteLine($"auspex: {sentence}"));
                return Task.CompletedTask;
            });
    }

    private static void List(TrainingRun[] runs, string folder)
    {
        if (runs.Length == 0)
        {
            Console.WriteLine($"no runs in {folder}; auspex train keeps them there");
            return;
        }

        Console.WriteLine($"{"run",-32} {"status",-10} {"task",-8} {"data set",-20} {"seed",5} {"time",8} {"held-out loss",14}  figures");
        foreach (TrainingRun run in runs)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run.Id,-32} {run.Status.ToString().ToLowerInvariant(),-10} {run.Task,-8} {run.Dataset,-20} {run.Seed,5} {run.Seconds,6:0.0} s {run.HeldOutLoss,14:0.#####}  {run.Error ?? Headline(run)}"));
        }
    }

    private static void Compare(TrainingRun[] runs)
    {
        var rows = new List<(string Name, string[] Values)>
        {
            ("run", [.. runs.Select(run => run.Id)]),
            ("status", [.. runs.Select(run => run.Status.ToString().ToLowerInvariant())]),
            ("data set", [.. runs.Select(run => run.Dataset)]),
            ("data hash", [.. runs.Select(run => run.DataHash?[..12] ?? "–")]),
            ("code", [.. runs.Select(run => run.CodeVersion)]),
            ("seed", [.. runs.Select(run => run.Seed.ToString(CultureInfo.InvariantCulture))]),
            ("held-out loss", [.. runs.Select(run => Number(run.HeldOutLoss))]),
        };
        foreach (string name in runs.SelectMany(run => run.Parameters.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            rows.Add((name, [.. runs.Select(run => run.Parameters.GetValueOrDefault(name) ?? "–")]));
        }

        foreach (string name in runs.SelectMany(run => Figures(run).Keys).Distinct(StringComparer.Ordinal))
        {
            rows.Add((name, [.. runs.Select(run => Figures(run).TryGetValue(name, out double value) ? Number(value) : "–")]));
        }

        int same = rows.Count(row => row.Name is not ("run" or "status") && row.Values.Distinct(StringComparer.Ordinal).Count() == 1);
        foreach ((string name, string[] values) in rows.Where(row => row.Name is "run" or "status" || row.Values.Distinct(StringComparer.Ordinal).Count() > 1))
        {
            Console.WriteLine($"{name,-24} {string.Join(' ', values.Select(value => $"{value,-32}"))}".TrimEnd());
        }

        Console.WriteLine($"{same} parameters and figures are the same");
    }

    private static string Headline(TrainingRun run) => string.Join(", ", Figures(run)
        .Where(figure => figure.Key is "recall" or "precision" or "f1" or "rmseCapped" or "nasaCapped" or "coverage90")
        .Select(figure => $"{figure.Key} {Number(figure.Value)}"));

    private static Dictionary<string, double> Figures(TrainingRun run) => run.Metrics is not { ValueKind: JsonValueKind.Object } metrics
        ? []
        : metrics.EnumerateObject().Where(figure => figure.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(figure => figure.Name, figure => figure.Value.GetDouble(), StringComparer.Ordinal);

    private static string Number(double? value) => value?.ToString("G5", CultureInfo.InvariantCulture) ?? "–";
}
