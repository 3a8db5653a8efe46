using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning.Train;

namespace Auspex.Cli;

/// <summary>Options that several verbs share: one name, one meaning.</summary>
internal static class VerbOptions
{
    public static Option<FileInfo> Data() => new("--data")
    {
        Description = "Description of the data set, a JSON file (docs/datasets.md).",
        HelpName = "D.json",
        Required = true,
    };

    public static Option<DirectoryInfo> DataFolder() => new("--data")
    {
        Description = "Folder of the installation: databases, keys, seals. The first start makes it; one server holds it at a time.",
        HelpName = "DIR",
        Required = true,
    };

    public static Option<DirectoryInfo> Root() => new("--root")
    {
        Description = "Folder that the description's file names are relative to; default the description's own folder.",
        HelpName = "DIR",
    };

    public static Option<DirectoryInfo> Model(bool required = true) => new("--model")
    {
        Description = "Folder of a model package.",
        HelpName = "DIR",
        Required = required,
    };

    public static Option<FileInfo> Report() => new("--report")
    {
        Description = "Write the evaluation as JSON (docs/schemas/evaluation.schema.json).",
        HelpName = "R.json",
    };

    public static Option<FileInfo> Html() => new("--html")
    {
        Description = "Write the evaluation as one HTML page.",
        HelpName = "R.html",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON document and no progress." };

    public static Option<int> Seed() => InRange(
        new Option<int>("--seed") { Description = "Seed of every draw.", HelpName = "N", DefaultValueFactory = _ => 1 }, 0, int.MaxValue);

    /// <summary>Which plant is simulated.</summary>
    public static Option<string> Plant()
    {
        Option<string> option = new("--plant")
        {
            Description = "Which plant: " + string.Join(", ", DemoPlant.Kinds) + ".",
            HelpName = string.Join('|', DemoPlant.Kinds),
            DefaultValueFactory = _ => DemoPlant.Default,
            CustomParser = result => DemoPlant.Kinds.Contains(Text(result))
                ? Text(result)
                : Refuse<string>(result, $"--plant must be {string.Join(", ", DemoPlant.Kinds)}; was '{Text(result)}'."),
        };
        return option;
    }

    /// <summary>Plants of seeds one apart.</summary>
    public static Option<int> Plants() => InRange(
        new Option<int>("--plants")
        {
            Description = "Plants of seeds one apart, as one data set whose assets are named by the seed.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        },
        1, 1000);

    /// <summary>Length of the history of a plant.</summary>
    public static Option<int?> PlantDays() => new("--days")
    {
        Description = "Length of the history in days, 1 to 3650; default 60 for furnace, 10 for furnace-line and machine-shop.",
        HelpName = "N",
        CustomParser = result => int.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= 1 and <= 3650
            ? days
            : Refuse<int?>(result, $"--days must be 1 to 3650, was '{Text(result)}'."),
    };

    public static Option<int> Threads() => InRange(
        new Option<int>("--threads")
        {
            Description = "Threads to use; default the number of processors.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        },
        1, 1024);

    /// <summary>The live budget; 0 where it is off.</summary>
    public static Option<int> LiveBudget() => new("--live-budget")
    {
        Description = "Most trees of the model over all its outputs and members, so that it can be scored for every frame; off for offline work.",
        HelpName = "TREES|off",
        DefaultValueFactory = _ => new TrainingOptions().LiveBudgetTrees!.Value,
        CustomParser = result => Text(result) == "off" ? 0
            : int.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out int trees) && trees is >= 10 and <= 100_000 ? trees
            : Refuse<int>(result, $"--live-budget must be 10 to 100000 trees, or off; was '{Text(result)}'."),
    };

    public static Option<double> MostFalseAlerts() => new("--false-alerts")
    {
        Description = "Most false alerts an asset and day on held-out rows; the threshold is the one of least cost within it. Off for any number that the prices are worth.",
        HelpName = "N|off",
        DefaultValueFactory = _ => new TrainingOptions().MostFalseAlertsPerAssetDay!.Value,
        CustomParser = result => Text(result) == "off" ? 0
            : double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double most) && most is > 0 and <= 1_000 ? most
            : Refuse<double>(result, $"--false-alerts must be more than 0 and at most 1000, or off; was '{Text(result)}'."),
    };

    public static Option<(string Name, string Value)[]> Set() => new("--set")
    {
        Description = "Set a hyperparameter, such as minDataInLeaf=10; may be given several times. Names: "
            + string.Join(", ", new Hyperparameters().Named().Select(one => one.Name)) + ".",
        HelpName = "NAME=VALUE",
        Arity = new ArgumentArity(0, 20),
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var pairs = new List<(string, string)>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                string[] parts = text.Split('=', 2);
                try
                {
                    pairs.Add(parts.Length == 2 ? (parts[0], parts[1]) : throw new ArgumentException($"'{text}' is not NAME=VALUE."));
                    new Hyperparameters().With(parts[0], parts[1]);
                }
                catch (ArgumentException refused)
                {
                    return Refuse<(string, string)[]>(result, $"--set: {refused.Message.Split(" (Parameter", 2)[0]}");
                }
            }

            return [.. pairs];
        },
    };

    /// <summary>Signals with the direction of their risk.</summary>
    public static Option<(string Signal, bool Up)[]> Monotone() => new("--monotone")
    {
        Description = "A rise of this signal never lowers the risk (up), or never raises it (down), such as vibration=up; may be given several times.",
        HelpName = "SIGNAL=up|down",
        Arity = new ArgumentArity(0, 100),
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var signals = new List<(string, bool)>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                int equals = text.LastIndexOf('=');
                if (equals < 1 || text[(equals + 1)..] is not ("up" or "down"))
                {
                    return Refuse<(string, bool)[]>(result, $"--monotone must be SIGNAL=up or SIGNAL=down, was '{text}'.");
                }

                signals.Add((text[..equals], text.EndsWith("=up", StringComparison.Ordinal)));
            }

            return [.. signals];
        },
    };

    public static Option<DirectoryInfo> Runs() => new("--runs")
    {
        Description = "Folder in which trainings are kept for auspex runs; default runs.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("runs"),
    };

    public static Option<DirectoryInfo> Export() => new("--export")
    {
        Description = "Write rows, labels, folds and predictions as NumPy arrays, to compare other tools on the same rows; new or empty.",
        HelpName = "DIR",
    };

    /// <summary>Says before hours of training that rows cannot be exported where there are files.</summary>
    public static void RequireEmpty(DirectoryInfo? export)
    {
        if (export is not null && (File.Exists(export.FullName) || (export.Exists && export.EnumerateFileSystemInfos().Any())))
        {
            throw new UsageException($"--export: {export.FullName} is not an empty folder; give a new one.");
        }
    }

    public static Option<bool> NoTest() => new("--no-test")
    {
        Description = "Teach all rows and keep no test side; the figures are those of rows that did not teach what judges them.",
    };

    public static Option<double?> Threshold() => new("--threshold")
    {
        Description = "Probability from which an alert is raised, 0 to 1; default the one found on held-out training predictions.",
        HelpName = "P",
        CustomParser = result => double.TryParse(
            Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : Refuse<double?>(result, $"--threshold must be a number from 0 to 1, was '{Text(result)}'."),
    };

    public static Option<double?> Confidence(string usual) => new("--confidence")
    {
        Description = $"Confidence that an alert asks for beside the probability, 0 to 1; 0 asks for none. Default {usual}.",
        HelpName = "P",
        CustomParser = result => double.TryParse(
            Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : Refuse<double?>(result, $"--confidence must be a number from 0 to 1, was '{Text(result)}'."),
    };

    public static Option<TimeSpan?> Horizon() => new("--horizon")
    {
        Description = "How far ahead a failure is predicted, such as 90m, 24h or 7d, or 0s for whether a row is failed itself; default the description's labels.horizon.",
        HelpName = "TIME",
        CustomParser = result => DurationText.TryParse(Text(result), out TimeSpan value)
            ? value
            : Refuse<TimeSpan?>(result, $"--horizon must be {DurationText.Expected}, at most {DurationText.Longest.TotalDays:0}d; was '{Text(result)}'."),
    };

    public static Option<PredictionTask> Task() => new("--task")
    {
        Description = "failure: will a component fail within the horizon; rul: how long until the asset fails; anomaly: is it as it normally is, for who has no failures to learn from.",
        HelpName = "failure|rul|anomaly",
        Required = true,
        CustomParser = result => PredictionTaskWords.Of(Text(result)) ?? Refuse<PredictionTask>(result, $"--task must be failure, rul or anomaly, was '{Text(result)}'."),
    };

    /// <summary>A duration longer than 0.</summary>
    public static TimeSpan? Duration(ArgumentResult result, string name) => DurationText.TryParse(Text(result), out TimeSpan value) && value > TimeSpan.Zero
        ? value
        : Refuse<TimeSpan?>(result, $"{name} must be {DurationText.Expected}, longer than 0s; was '{Text(result)}'.");

    /// <summary>A number above 0.</summary>
    public static Option<double?> Price(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is > 0 and <= 1e6
            ? value
            : Refuse<double?>(result, $"{name} must be a number above 0, was '{Text(result)}'."),
    };

    /// <summary>An option whose number lies in a range.</summary>
    public static Option<int> InRange(Option<int> option, int least, int most)
    {
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Tokens.Count == 0)
            {
                return;
            }

            if (!int.TryParse(result.Tokens[0].Value, out int value) || value < least || value > most)
            {
                result.AddError($"{option.Name} must be {least} to {most}, was '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }

    private static string Text(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

    private static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
