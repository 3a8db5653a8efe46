using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Core.Time;

namespace Auspex.Simulation;

/// <summary>Writes a plant as a described data set: text files as a plant would export them, and the description that training reads.</summary>
public static class PlantFiles
{
    private const string FramesFile = "frames.csv.gz";
    private const string FactsFile = "assets.csv";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly (AssetEventKind Kind, string File, string NameColumn)[] EventFiles =
    [
        (AssetEventKind.Failure, "failures.csv", "component"),
        (AssetEventKind.Maintenance, "maintenance.csv", "component"),
        (AssetEventKind.Error, "errors.csv", "code"),
    ];

    /// <summary>Writes <c>frames.csv.gz</c>, <c>assets.csv</c> where there are facts, <c>failures.csv</c>, <c>maintenance.csv</c>, <c>errors.csv</c> and
    /// <c>NAME.json</c>. Files of these names are written over; equal plants give equal bytes.</summary>
    /// <param name="plant">The plant; its truth about sudden failures is not written.</param>
    /// <param name="folder">Made when it does not exist.</param>
    /// <returns>Path of the description.</returns>
    public static string Write(SimulatedPlant plant, string folder)
    {
        ArgumentNullException.ThrowIfNull(plant);
        Directory.CreateDirectory(folder);
        using (FileStream file = File.Create(Path.Combine(folder, FramesFile)))
        using (var zip = new GZipStream(file, CompressionLevel.Optimal))
        using (StreamWriter writer = Writer(zip))
        {
            WriteFrames(plant, writer);
        }

        if (plant.Schema.Facts.Count > 0)
        {
            using StreamWriter writer = Writer(File.Create(Path.Combine(folder, FactsFile)));
            WriteFacts(plant, writer);
        }

        foreach ((AssetEventKind kind, string name, string column) in EventFiles)
        {
            using StreamWriter writer = Writer(File.Create(Path.Combine(folder, name)));
            WriteEvents(plant, kind, column, writer);
        }

        string description = Path.Combine(folder, plant.Description.Name + ".json");
        File.WriteAllText(description, Describe(plant).ToJsonString(Indented) + "\n");
        return description;
    }

    /// <summary>Writes what only the maker of the plant knows, for judging: <c>asset, component, onset, end, outcome</c>, the outcome being
    /// <c>failed</c>, <c>healed</c> or <c>maintained</c>, and <c>sudden</c> for a failure without an onset.</summary>
    /// <param name="plant">The plant.</param>
    /// <param name="path">Outside the folder of the data set, so that nobody learns from it. Written over.</param>
    public static void WriteTruth(SimulatedPlant plant, string path)
    {
        ArgumentNullException.ThrowIfNull(plant);
        using StreamWriter writer = Writer(File.Create(path));
        writer.WriteLine("asset,component,onset,end,outcome");
        IEnumerable<(AssetId Asset, string Component, long? Onset, long End, string Outcome)> told = plant.Precursors
            .Select(one => (one.Asset, one.Component, (long?)one.OnsetUnixMs, one.EndUnixMs, CamelCase(one.End.ToString())));
        IEnumerable<(AssetId Asset, string Component, long? Onset, long End, string Outcome)> untold = plant.Failures.Where(failure => failure.Sudden)
            .Select(failure => (failure.Asset, failure.Component, (long?)null, failure.TimeUnixMs, "sudden"));
        foreach ((AssetId asset, string component, long? onset, long end, string outcome) in told.Concat(untold).OrderBy(one => one.End).ThenBy(one => one.Asset))
        {
            writer.WriteLine($"{asset},{component},{(onset is { } began ? Time(began) : "")},{Time(end)},{outcome}");
        }
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    private static void WriteFrames(SimulatedPlant plant, StreamWriter writer)
    {
        writer.WriteLine("asset,time," + string.Join(',', plant.Schema.Signals.Select(signal => signal.Name)));
        foreach (AssetHistory history in plant.Assets)
        {
            for (int row = 0; row < history.Count; row++)
            {
                writer.Write($"{history.Asset},{Time(history.TimesUnixMs[row])}");
                for (int signal = 0; signal < history.Values.Length; signal++)
                {
                    writer.Write(',');
                    writer.Write(Cell(plant.Schema.Signals[signal], history.Values[signal][row]));
                }

                writer.WriteLine();
            }
        }
    }

    private static void WriteFacts(SimulatedPlant plant, StreamWriter writer)
    {
        writer.WriteLine("asset," + string.Join(',', plant.Schema.Facts.Select(fact => fact.Name)));
        foreach (AssetHistory history in plant.Assets)
        {
            writer.WriteLine($"{history.Asset},{string.Join(',', plant.Schema.Facts.Select((fact, i) => Cell(fact, history.Facts[i])))}");
        }
    }

    private static void WriteEvents(SimulatedPlant plant, AssetEventKind kind, string column, StreamWriter writer)
    {
        writer.WriteLine($"asset,time,{column}");
        foreach (AssetEvent happened in plant.Assets.SelectMany(history => history.Events).Where(happened => happened.Kind == kind))
        {
            writer.WriteLine($"{happened.Asset},{Time(happened.TimeUnixMs)},{happened.Name}");
        }
    }

    private static string Cell(SignalDefinition signal, double value) =>
        double.IsNaN(value) ? ""
        : signal.Kind == SignalKind.State ? signal.States[(int)value]
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Time(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Describe(SimulatedPlant plant)
    {
        PlantDescription description = plant.Description;
        var signals = new JsonArray();
        foreach (SignalDefinition signal in plant.Schema.Signals.Concat(plant.Schema.Facts))
        {
            signals.Add(Describe(signal));
        }

        var events = new JsonArray();
        foreach ((AssetEventKind kind, string file, string column) in EventFiles)
        {
            events.Add(new JsonObject
            {
                ["file"] = file,
                ["kind"] = CamelCase(kind.ToString()),
                ["asset"] = Column("asset"),
                ["time"] = Column("time"),
                ["nameColumn"] = column,
            });
        }

        return new JsonObject
        {
            ["name"] = description.Name,
            ["title"] = description.Title,
            ["frames"] = new JsonArray(new JsonObject { ["file"] = FramesFile, ["asset"] = Column("asset"), ["time"] = FrameTime(description) }),
            ["signals"] = signals,
            ["assetFacts"] = plant.Schema.Facts.Count == 0
                ? new JsonArray()
                : new JsonArray(new JsonObject { ["file"] = FactsFile, ["asset"] = Column("asset") }),
            ["events"] = events,
            ["labels"] = Labels(description),
            ["split"] = description.Life is { } life
                ? new JsonObject { ["testShare"] = life.TestShare }
                : new JsonObject { ["at"] = Time(description.SplitAt.ToUnixTimeMilliseconds()) },
            ["features"] = Features(description),
        };
    }

    private static JsonObject FrameTime(PlantDescription description)
    {
        JsonObject time = Column("time");
        if (description.Life is { } life)
        {
            time["period"] = DurationText.Format(life.Period);
            time["periodName"] = life.PeriodName;
        }

        return time;
    }

    private static JsonObject Labels(PlantDescription description)
    {
        var labels = new JsonObject
        {
            ["horizon"] = DurationText.Format(description.Horizon),
            ["recovery"] = DurationText.Format(description.Recovery),
        };
        if (description.Life is { } life)
        {
            labels["lifeCap"] = life.Cap;
        }

        return labels;
    }

    /// <summary>Lags and windows; a plant that names neither leaves the features to the task.</summary>
    private static JsonObject Features(PlantDescription description) => description is { Lags.Count: 0, Windows.Count: 0 }
        ? []
        : new JsonObject { ["lags"] = Durations(description.Lags), ["windows"] = Durations(description.Windows) };

    private static JsonObject Describe(SignalDefinition signal)
    {
        var column = new JsonObject
        {
            ["name"] = signal.Name,
            ["kind"] = CamelCase(signal.Kind.ToString()),
            ["role"] = CamelCase(signal.Role.ToString()),
        };
        if (signal.Unit is { } unit)
        {
            column["unit"] = unit;
        }

        if (signal.States.Count > 0)
        {
            column["states"] = new JsonArray([.. signal.States.Select(state => (JsonNode)state)]);
        }

        return column;
    }

    private static JsonObject Column(string name) => new() { ["column"] = name };

    private static JsonArray Durations(IEnumerable<TimeSpan> durations) =>
        new([.. durations.Select(duration => (JsonNode)DurationText.Format(duration))]);

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
